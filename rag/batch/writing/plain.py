"""Answers as JSON Lines and as CSV."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from rag.batch.neutral import neutralised
from rag.batch.questions import Question, QuestionFile, cell_text
from rag.batch.result import Result
from rag.batch.writing import Rows
from rag.batch.writing.columns import all_columns, citation_lines, plain_cell, prose_cell

CSV_COLUMNS = ("status", "answer", "confidence", "citations", "conflict", "reason", "error")

_EMPTY = {"answer": "", "abstained": False, "reason": None, "confidence": None, "citations": [], "hits": []}


def write_jsonl(path: Path, rows: Rows) -> None:
    """An object a line: ``id``, ``question``, ``status``, the answer's fields, ``error``, and the row as ``input``."""
    with path.open("wb") as out:
        for question, result in rows:
            line = json.dumps(_record(question, result), ensure_ascii=False, default=cell_text)
            out.write(line.encode("utf-8", "replace") + b"\n")


def _record(question: Question, result: Result) -> dict[str, object]:
    head = {"id": question.id, "question": question.text, "status": result.status}
    answer = _EMPTY | {name: value for name, value in result.body.items() if name not in head}
    return head | answer | {"error": result.error, "input": dict(question.columns)}


def write_csv(path: Path, questions: QuestionFile, prose: bool, rows: Rows) -> None:
    """A row for each question, as Excel opens it: UTF-8 with a byte order mark, CRLF, nothing taken for a formula."""
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as out:
        table = csv.writer(out)
        ours = (*CSV_COLUMNS, "prose") if prose else CSV_COLUMNS
        table.writerow([neutralised(name) for name in all_columns(questions.columns, ours)])
        for question, result in rows:
            given = [plain_cell(question.columns.get(name)) for name in questions.columns]
            written = [prose_cell(question.text, result)] if prose else []
            table.writerow([neutralised(cell) for cell in [*given, *_cells(result), *written]])


def _cells(result: Result) -> list[str]:
    confidence = "" if result.confidence is None else f"{result.confidence:.4f}"
    citations = citation_lines(result)
    return [
        result.status,
        result.answer,
        confidence,
        citations,
        cell_text(result.conflict or None),
        result.reason,
        result.error or "",
    ]
