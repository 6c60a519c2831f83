"""Mail: headers, words and the names of what is attached, of the message and of those it holds; files come apart."""

from __future__ import annotations

import email
from collections.abc import Iterator, Sequence
from email.message import Message

from lxml import etree

from rag.corpus.formats.calendars import write_events
from rag.corpus.formats.draft import Draft
from rag.corpus.formats.html import mail_of
from rag.corpus.formats.mail_parts import (
    body_lines,
    day_of,
    file_name,
    header_of,
    inner_message,
    is_attached,
    parts_of,
    text_of,
)
from rag.corpus.formats.mail_quotes import forwards, write_lines
from rag.corpus.formats.parsed import Parsed
from rag.errors import DocumentError

_SHOWN = ("From", "To", "Cc", "Date")
_DEEPEST = 10  # messages within messages
_STUB_CHARS = 400
_STUB_SHARE = 0.5


def read(data: bytes) -> Parsed:
    """Subject, sender, receivers, date, text and attachments' names of one message, and of those inside it.

    Raises:
        DocumentError: if it is no message, or holds no text.
    """
    message = email.message_from_bytes(data)  # the older policy: it leaves broken headers alone instead of failing
    if not any(name in message for name in ("From", "Subject", "Date", "Received", "Message-ID")):
        raise DocumentError("This is not a mail message.", code="wrong-kind", hint="Rename it if it is plain text.")
    subject = header_of(message, "Subject")
    draft = Draft()
    if not _write_message(draft, message) and not subject:
        raise DocumentError("The message holds no text.", code="no-text", hint="Leave it out.")
    facts = {"author": header_of(message, "From"), "date": day_of(header_of(message, "Date"))}
    return draft.parsed(subject, facts)


def attached(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and contents of each file attached to a message, or to one inside it."""
    yield from _attached(email.message_from_bytes(data), 0)


def _attached(message: Message, depth: int) -> Iterator[tuple[str, bytes]]:
    for part in parts_of(message):
        inner = inner_message(part) if part.get_content_type() == "message/rfc822" else None
        if inner is not None:
            if depth < _DEEPEST:
                yield from _attached(inner, depth + 1)
        elif is_attached(part):
            payload = part.get_payload(decode=True)
            name = file_name(part)
            if isinstance(payload, bytes) and payload and name:
                yield name, payload


def _write_message(draft: Draft, message: Message, depth: int = 0) -> bool:
    """Write one message; whether it holds words or files."""
    draft.line(header_of(message, "Subject"), level=min(1 + depth, 9))
    for name in _SHOWN:
        value = header_of(message, name)
        if value:
            draft.line(f"{name}: {value}")
    draft.blank()
    before = draft.length
    parts = list(parts_of(message))
    _write_body(draft, [part for part in parts if not is_attached(part)], header_of(message, "Subject"))
    names = [name for part in parts if (name := file_name(part))]
    if names:
        draft.blank()
        draft.line(f"Attachments: {', '.join(names)}")
    for part in parts:
        inner = inner_message(part) if part.get_content_type() == "message/rfc822" else None
        if inner is not None and depth < _DEEPEST:
            draft.blank()
            _write_message(draft, inner, depth + 1)
    return draft.length > before


def _write_body(draft: Draft, parts: Sequence[Message], subject: str) -> None:
    """Plain text is preferred to HTML, unless it only says that there is more; the events of an invitation follow."""
    _write_words(draft, parts, subject)
    for part in parts:
        if part.get_content_type() == "text/calendar":
            write_events(draft, text_of(part), level=0)


def _write_words(draft: Draft, parts: Sequence[Message], subject: str) -> None:
    plain = [body_lines(part) for part in parts if part.get_content_type() == "text/plain"]
    shown = [_page(part, subject) for part in parts if part.get_content_type() == "text/html"]
    pages = [page for page in shown if page is not None]
    length = sum(len(line.strip()) for lines in plain for line in lines)
    longest = _STUB_SHARE * sum(len(page.text) for page in pages)
    if pages and (not length or (length < _STUB_CHARS and length < longest)):
        for page in pages:
            draft.parsed_block(page)
        return
    for lines in plain:
        write_lines(draft, lines, is_forward=forwards(subject))


def _page(part: Message, subject: str) -> Parsed | None:
    source = text_of(part).replace("\0", "").encode("utf-8", "replace")
    tree = etree.fromstring(source or b"<html/>", etree.HTMLParser(encoding="utf-8"))
    page = None if tree is None else mail_of(tree, subject)
    return page if page is not None and page.text.strip() else None
