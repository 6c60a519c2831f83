"""Answers as one page to read: HTML that needs no other file and runs nothing, or Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from rag.batch.questions import Question, QuestionFile
from rag.batch.result import Result
from rag.batch.writing import Rows, Totals
from rag.batch.writing.plain import plain_cell
from rag.batch.writing.texts import Texts, texts_for

_MARKER = re.compile(r"\[(\d+)\]")
_BIDI_CONTROL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>&~|$#!@])")
_LINE_START = re.compile(r"^(\d+(?=[.)])|(?=[-+=]))", re.MULTILINE)
_SAMPLED_QUESTIONS = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One question as the page shows it.

    Attributes:
        number: its place in the page, from 1.
        question: as asked; empty if there was none.
        others: the row's other columns, name and text.
        parts: the answer in pieces, each with the number of the citation that it marks, or 0.
        why_not: why there is no answer; empty if there is one.
        not_found: what is said of each thing asked that was not found.
        result: all of the outcome.
    """

    number: int
    question: str
    others: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, int], ...]
    why_not: str
    not_found: tuple[str, ...]
    result: Result


def write_page(path: Path, kind: Literal["html", "md"], questions: QuestionFile, totals: Totals, rows: Rows) -> None:
    """Writes the page piece by piece, in the language of the questions."""
    texts = _texts(questions)
    environment = Environment(
        loader=PackageLoader("rag.batch"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"shown": shown, "md": markdown}
    page = environment.get_template(f"answers.{kind}").stream(
        texts=texts,
        title=texts.title.format(name=Path(questions.name).name),
        summary=texts.summary.format(
            questions=totals.questions,
            **{status: totals.statuses.get(status, 0) for status in ("answered", "abstained", "failed")},
        ),
        entries=_entries(questions, texts, rows),
    )
    page.enable_buffering(50)
    page.dump(str(path), encoding="utf-8", errors="replace")


def shown(text: str) -> Markup:
    """Text as HTML that shows it and does nothing else; direction controls stand in boxes, as they could mislead."""
    escaped = str(escape(_UNSHOWABLE.sub("\ufffd", text)))
    return Markup(_BIDI_CONTROL.sub(_boxed, escaped))  # noqa: S704 (escaped above)


def markdown(text: str, one_line: bool = False, breaks: bool = False) -> str:
    """Text as Markdown that shows it and marks nothing up.

    Args:
        text: anything.
        one_line: runs of spaces and line breaks become one space; else lines stay, without the spaces around them.
        breaks: line breaks are shown as such.
    """
    lines = [" ".join(line.split()) for line in _UNSHOWABLE.sub("\ufffd", text).split("\n")]
    plain = " ".join(" ".join(lines).split()) if one_line else "\n".join(line for line in lines if line)
    escaped = _MARKDOWN.sub(r"\\\1", plain)
    lined = _LINE_START.sub(lambda start: f"{start[0]}\\", escaped)
    return lined.replace("\n", "\\\n") if breaks else lined


def _boxed(control: re.Match[str]) -> str:
    return f'<bdi class="control" title="U+{ord(control[0]):04X}">{control[0]}</bdi>'


def _texts(questions: QuestionFile) -> Texts:
    sample = "\n".join(question.text for question in questions.questions[:_SAMPLED_QUESTIONS])
    return texts_for(sample)


def _entries(questions: QuestionFile, texts: Texts, rows: Rows) -> Iterator[Entry]:
    others = [name for name in questions.columns if name != questions.question_column]
    for number, (question, result) in enumerate(rows, start=1):
        yield Entry(
            number=number,
            question=question.text.strip(),
            others=_filled(question, others),
            parts=tuple(_parts(result)),
            why_not=_why_not(result, texts),
            not_found=tuple(texts.answer.part_refusal(*part) for part in result.not_found),
            result=result,
        )


def _filled(question: Question, names: list[str]) -> tuple[tuple[str, str], ...]:
    cells = ((name, plain_cell(question.columns.get(name))) for name in names)
    return tuple((name, text) for name, text in cells if text.strip())


def _parts(result: Result) -> Iterator[tuple[str, int]]:
    """The answer cut at its markers; what looks like one inside a quote is the document's own."""
    numbers = {citation.number for citation in result.citations}
    quotes = list(_quoted(result))
    position = 0
    for marker in _MARKER.finditer(result.answer):
        if int(marker[1]) in numbers and not any(a <= marker.start() < b for a, b in quotes):
            yield result.answer[position : marker.start()], 0
            yield marker[0], int(marker[1])
            position = marker.end()
    yield result.answer[position:], 0


def _quoted(result: Result) -> Iterator[tuple[int, int]]:
    """Where the answer repeats its citations' quotes."""
    for citation in result.citations:
        quote = " ".join(citation.quote.split())
        start = result.answer.find(quote)
        if start >= 0:
            yield start, start + len(quote)


def _why_not(result: Result, texts: Texts) -> str:
    if result.status == "failed":
        return f"{texts.failed} {result.error}"
    return texts.answer.refusal(result.reason, result.missing) if result.status == "abstained" else ""
