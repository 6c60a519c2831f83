"""What people at a server ask and add, drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rag import Engine
from rag.batch import read_questions

FIRST: Final = 10
"""Questions after which memory is what all later memory is compared with."""
BATCH_QUESTIONS: Final = 60
"""Questions of a file that is answered as a batch."""
_LEAST_CHARS: Final = 20
_PARAGRAPHS: Final = 12


class Work:
    """Questions and files, as many as are wanted.

    Args:
        questions: as they are asked.
        lines: of documents; the files are made of them.
        seed: draws which.
    """

    def __init__(self, questions: Iterable[str], lines: Iterable[str], seed: int) -> None:
        asked = [each for each in questions if each.strip()]
        self._questions = random.Random(seed).sample(asked, len(asked))
        self._lines = [each.strip() for each in lines if len(each.strip()) >= _LEAST_CHARS]
        self._seed = seed

    @classmethod
    def over(cls, questions: Path, index: Path, seed: int) -> Work:
        """Questions of a file as ``rag batch`` takes it, and files of the lines of an index's documents."""
        engine = Engine.open(index)
        lines = [line for each in engine.documents() for line in engine.document(each.id).text.splitlines()]
        return cls((each.text for each in read_questions(questions).questions), lines, seed)

    def question(self, number: int) -> str:
        """One of the questions; numbers beyond the last make another of it, which the server has not been asked."""
        more, which = divmod(number, len(self._questions))
        return self._questions[which] + (f"（{more}）" if more else "")

    def file(self, number: int) -> tuple[str, bytes]:
        """Name and content of a file of a page or two that the server has not seen."""
        draw = random.Random(f"{self._seed} {number}")
        drawn = draw.sample(self._lines, min(_PARAGRAPHS, len(self._lines)))
        text = "\n\n".join([f"# 追加の資料 {number}", *(f"{each}（第{number}号）" for each in drawn)])
        return f"added-{number:04d}.md", text.encode()
