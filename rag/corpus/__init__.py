"""Files -> Documents: decode, read the format, mark boilerplate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag.corpus.document import Document, Exclusion, Heading, Place
from rag.corpus.files import Refusal, find_files

if TYPE_CHECKING:
    from rag.corpus.reading import read_document, read_documents

__all__ = ["Document", "Exclusion", "Heading", "Place", "Refusal", "find_files", "read_document", "read_documents"]


def __getattr__(name: str) -> Any:
    """What reads files is imported when it is first used: who only asks need not wait for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rag.corpus import reading

    return getattr(reading, name)
