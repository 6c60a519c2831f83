"""A small stand-in for Engine that answers at once, and needs no model or index."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rag.answer.citation import Citation, Context
from rag.answer.result import Answer
from rag.batch import Question, QuestionFile, read_questions
from rag.corpus.document import Document
from rag.errors import QuestionError, RagError
from rag.ranking import RetrieverScore
from rag.search import DocumentRef, Hit
from rag.settings import Settings

TEA = Document(
    source="notes/茶.txt",
    title="茶の淹れ方 <b>",
    text="茶の淹れ方\n\n煎茶は七十度の湯で一分待つ。\n玉露はさらに低い五十度で、二分ほど待つ。\n\n"
    "=1+1 と <script>alert(1)</script> & \u202e逆 は文書の言葉[1]。\nほうじ茶は沸きたての湯で淹れる。\n",
    language="ja",
)
SENTENCES = ("七十度の湯で一分", "=1+1 と <script>alert(1)</script> & \u202e逆 は文書の言葉[1]。")


class FakeEngine:
    """Answers with a quote of ``TEA``, or two that conflict; abstains from questions with 無, fails on empty ones.

    Args:
        asked: each question drawn is appended to this file, a line each, at once.
        block: how many questions are drawn before the first of them is answered.
        snapshot: its id.
        when_asked: called with each question drawn.
    """

    def __init__(
        self,
        asked: Path | None = None,
        block: int = 4,
        snapshot: str = "snapshot-1",
        when_asked: Callable[[str], object] = lambda question: None,
        **settings: Any,
    ) -> None:
        self.settings = Settings(**settings)
        self.snapshot: Any = SimpleNamespace(manifest=SimpleNamespace(id=snapshot))
        self.questions: list[str] = []
        self._asked = asked
        self._block = block
        self._when_asked = when_asked

    def batch(
        self,
        questions: Iterable[str],
        *,
        k: int | None = None,
        mode: object = None,
        sources: Collection[str] = (),
        languages: Collection[str] = (),
        since: str = "",
        until: str = "",
        llm: bool = False,
    ) -> Iterator[Answer | RagError]:
        waiting = iter(questions)
        while block := list(islice(waiting, self._block)):
            for question in block:
                self._note(question)
            yield from map(answer_to, block)

    def document(self, document_id: str) -> Document:
        assert document_id == TEA.id
        return TEA

    def _note(self, question: str) -> None:
        self._when_asked(question)
        self.questions.append(question)
        if self._asked is not None:
            descriptor = os.open(self._asked, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.write(descriptor, question.encode("utf-8", "replace") + b"\n")
            os.close(descriptor)


def answer_to(question: str) -> Answer | RagError:
    """What every FakeEngine answers."""
    if not question.strip():
        return QuestionError("The question is empty.", hint="Write what you would like to know.")
    if "無" in question:
        return Answer(question, "", True, "low-confidence", 0.125, (), (_hit(),))
    quoted = SENTENCES[: 1 + len(question) % 2]
    citations = tuple(_citation(number, quote) for number, quote in enumerate(quoted, 1))
    text = " ".join(f"{c.quote}[{c.number}]" for c in citations)
    return Answer(question, text, False, None, 0.875, citations, (_hit(),), conflict=len(citations) > 1)


def _citation(number: int, quote: str) -> Citation:
    start = TEA.text.index(quote)
    end = start + len(quote)
    first, last = TEA.text.rindex("\n", 0, start) + 1, TEA.text.index("\n", end)
    context = Context(first, last, TEA.text[first:last])
    return Citation(number, _reference(), start, end, TEA.line(start), quote, 0.5, 1, context)


def _hit() -> Hit:
    return Hit(1, 1.0, {"dense": RetrieverScore(1, 0.5)}, _reference(), 0, 5, TEA.text[:5], (), "ja", 1, 0)


def _reference() -> DocumentRef:
    return DocumentRef(TEA.id, TEA.title, TEA.source)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, name: str, content: str | bytes, **options: Any) -> QuestionFile:
    """A file with this content, read."""
    return read_questions(written(folder, name, content), **options)


def texts(questions: Iterable[Question]) -> list[str]:
    return [question.text for question in questions]
