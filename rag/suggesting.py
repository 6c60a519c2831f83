"""Synonyms that questions call for: words of refused ones that stand in no document, and what may mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.answer.result import Answer
from rag.engine import Engine


@dataclass(frozen=True, slots=True)
class SuggestedSynonyms:
    """A word that stands in no document.

    Attributes:
        word: as it was asked.
        others: words of the documents that may mean the same, the likeliest first.
        questions: those that were refused and have the word.
    """

    word: str
    others: tuple[str, ...]
    questions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"word": self.word, "others": list(self.others), "questions": list(self.questions)}


def suggested(engine: Engine, questions: Sequence[str]) -> list[SuggestedSynonyms]:
    """What the refused ones of these questions call for, the word asked most often first."""
    found: dict[str, dict[str, list[str]]] = {}
    for answer in engine.batch(questions):
        if isinstance(answer, Answer):
            for each in answer.suggestions:
                for other in each.others:
                    found.setdefault(each.word, {}).setdefault(other, []).append(answer.question)
    words = [
        SuggestedSynonyms(
            word,
            tuple(sorted(others, key=lambda other: -len(others[other]))),
            tuple(dict.fromkeys(question for asked in others.values() for question in asked)),
        )
        for word, others in found.items()
    ]
    return sorted(words, key=lambda each: -len(each.questions))


def lines_of(found: Sequence[SuggestedSynonyms]) -> Iterator[str]:
    """The same as lines of a file of synonyms (``rag.language.synonyms``), each below the questions it is from."""
    for each in found:
        yield from (f"# {' '.join(question.split())}" for question in each.questions)
        yield ", ".join(word.replace("\\", "\\\\").replace(",", "\\,") for word in (each.word, *each.others))
