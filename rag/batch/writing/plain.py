"""Answers as JSON Lines and as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.batch.neutral import neutralised
from rag.batch.questions import Question, QuestionFile, cell_text, free_name
from rag.batch.result import Result
from rag.batch.writing import Rows
from rag.batch.writing.texts import texts_for

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
            table.writerow([neutralised(cell) for cell in [*given, *_cells(question.text, result), *written]])


def _cells(question: str, result: Result) -> list[str]:
    confidence = "" if result.confidence is None else f"{result.confidence:.4f}"
    citations = citation_lines(result)
    return [
        result.status,
        answer_cell(question, result),
        confidence,
        citations,
        cell_text(result.conflict or None),
        reason_cell(result),
        result.error or "",
    ]


def answer_cell(question: str, result: Result) -> str:
    """The answer, and below it what of the question was not found."""
    words = texts_for(question).answer
    return "\n".join([result.answer, *(words.part_refusal(*part).strip() for part in result.not_found)])


def reason_cell(result: Result) -> str:
    """Why there is no answer, and what is missing: ``missing: INV-2025-0099``."""
    return f"{result.reason}: {', '.join(result.missing)}" if result.missing and result.reason else result.reason


def all_columns(given: Sequence[str], ours: Sequence[str]) -> tuple[str, ...]:
    """The given names as they are, then ours; where a name is taken, ours is numbered."""
    names = list(given)
    for name in ours:
        names.append(free_name(name, names))
    return tuple(names)


def plain_cell(value: Any) -> str:
    """An input cell as text; lists and objects as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else cell_text(value)


def citation_lines(result: Result) -> str:
    """``[1] source:line 「sentence」``, a citation a line."""
    return "\n".join(f"[{c.number}] {c.place} 「{' '.join(c.sentence.split())}」" for c in result.citations)


def prose_cell(question: str, result: Result) -> str:
    """What an LLM wrote; behind each sentence that could not be verified it says so."""
    texts = texts_for(question)
    return "".join(f"{text}{texts.unverified}" if unverified else text for text, unverified in result.prose)
