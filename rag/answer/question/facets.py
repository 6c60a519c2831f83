"""The things that one question asks: 「担当者と締切は？」 asks two, and each is searched for and answered by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.question.values import Wanted, WantedType


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing asked.

    Attributes:
        text: the question for it alone, which can be searched with.
        subject: what it is of (PX-300); the whole topic where no part of it is the subject.
        asked: what of the subject is asked (騒音値), if that is a noun.
        wanted: type of the value wanted.
        unit: unit or counter asked for.
        read_as: the words to read with, where they are others: passages do not say of which edition they are.
    """

    text: str
    subject: str
    asked: str = ""
    wanted: WantedType = ""
    unit: str = ""
    read_as: str = ""


def first_of(asked: Sequence[Wanted]) -> tuple[WantedType, str]:
    """Type and unit of the first interrogative; empty if there is none."""
    return (asked[0].type, asked[0].unit) if asked else ("", "")
