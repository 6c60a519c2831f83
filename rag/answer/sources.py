"""Where an answer's units come from, and what they are judged with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.answer.coverage import Weigh
from rag.answer.evidence import BlocksOf, TextOf
from rag.reader.model import PassageReading

Likeness = Callable[[str, Sequence[str], str], Sequence[float]]
"""From a question, texts, and their language to cosines."""
ReadUnits = Callable[[str, Sequence[str]], Sequence[PassageReading]]


@dataclass(frozen=True)
class Sources:
    """Where units come from, and what they are judged with.

    Attributes:
        blocks_of, text_of: of the documents of the index.
        read: the reader, over short texts.
        weigh: terms to their inverse document frequency.
        date_of: the date of a document (by its id), empty if it has none.
        is_known: whether a word stands anywhere.
        likeness: how like a question texts in another language are, by their vectors; ``None`` where there are none.
    """

    blocks_of: BlocksOf
    text_of: TextOf
    read: ReadUnits
    weigh: Weigh
    date_of: Callable[[str], str]
    is_known: Callable[[str], bool]
    likeness: Likeness | None
