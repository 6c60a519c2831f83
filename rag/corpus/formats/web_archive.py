"""MHTML: a page that a browser or Word saved with all that belongs to it, as one file (RFC 2557)."""

from __future__ import annotations

import email

from rag.corpus.formats import html
from rag.corpus.formats.mail_parts import parts_of, text_of
from rag.corpus.formats.parsed import Parsed
from rag.errors import DocumentError


def read(data: bytes) -> Parsed:
    """The page, without its frames and pictures.

    Raises:
        DocumentError: if there is no page in it.
    """
    for part in parts_of(email.message_from_bytes(data)):
        if part.get_content_type() in ("text/html", "application/xhtml+xml") and (source := text_of(part)).strip():
            return html.parse(source)
    raise DocumentError(
        "There is no page in the file.", code="damaged", hint="Save it from the browser again, or as HTML."
    )
