"""A Document as what goes through the pipe between the two processes, and back; what comes back is not trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rag.corpus.document import Document
from rag.corpus.formats.parsed import Parsed


def reply_of_document(document: Document) -> dict[str, Any]:
    """What JSON can hold, for :func:`document_of_reply`; its source the other side knows."""
    parsed = Parsed(
        document.text,
        document.title,
        document.headings,
        document.excluded,
        (),
        dict(document.metadata),
        document.places,
        document.blocks,
    )
    return parsed.to_dict() | {"language": document.language}


def document_of_reply(source: str, reply: Mapping[str, Any]) -> Document:
    """The Document that :func:`reply_of_document` wrote.

    Raises:
        ValueError, TypeError, KeyError: if it is anything else.
    """
    parsed, language = Parsed.from_dict(reply), str(reply["language"])
    if not re.fullmatch(r"[a-z]{2,3}", language):
        raise ValueError(f"no language: {language!r}")
    return Document(
        source=source,
        title=parsed.title,
        text=parsed.text,
        language=language,
        headings=tuple(parsed.headings or ()),
        excluded=tuple(parsed.excluded),
        metadata=parsed.metadata,
        places=tuple(parsed.places),
        blocks=tuple(parsed.blocks),
    )
