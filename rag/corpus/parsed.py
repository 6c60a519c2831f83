"""What a format's reader finds in a file before the cleaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.corpus.document import Exclusion, Heading
from rag.corpus.lines import Span


@dataclass(frozen=True)
class Parsed:
    """A file's text and what its format says about it.

    Attributes:
        text: becomes ``Document.text``.
        title: empty if the format does not tell.
        headings: ``None`` if the format has none, so that they have to be found by how the lines look.
        excluded: what the format says is not content.
        protected: what the cleaning must not touch, such as code.
        metadata: ``date``, ``author``.
    """

    text: str
    title: str = ""
    headings: Sequence[Heading] | None = None
    excluded: Sequence[Exclusion] = ()
    protected: Sequence[Span] = ()
    metadata: dict[str, str] = field(default_factory=dict)
