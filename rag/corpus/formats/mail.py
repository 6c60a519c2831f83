"""Mail: headers, body and the names of what is attached; by the standard library, decoded as other files are."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from lxml import etree

from rag.corpus.charset.encoding import decode
from rag.corpus.formats.draft import Draft
from rag.corpus.formats.html import declared_encoding
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.rendering import render
from rag.errors import DocumentError

_SHOWN = ("From", "To", "Cc", "Date")
_MAX_PARTS = 1_000


def read(data: bytes) -> Parsed:
    """Subject, sender, receivers, date, text and attachments' names of one message. Plain text is preferred to HTML.

    Raises:
        DocumentError: if it is no message, or holds no text.
    """
    message = email.message_from_bytes(data)  # the older policy: it leaves broken headers alone instead of failing
    if not any(name in message for name in ("From", "Subject", "Date", "Received", "Message-ID")):
        raise DocumentError("This is not a mail message.", code="wrong-kind", hint="Rename it if it is plain text.")
    subject = _header(message, "Subject")
    draft = Draft()
    draft.line(subject, level=1)
    for name in _SHOWN:
        value = _header(message, name)
        if value:
            draft.line(f"{name}: {value}")
    draft.blank()
    parts = list(_parts(message))
    before = draft.length
    _write_body(draft, [part for part in parts if not _is_attached(part)])
    attached = [name for part in parts if (name := _file_name(part))]
    if draft.length == before and not attached and not subject:
        raise DocumentError("The message holds no text.", code="no-text", hint="Leave it out.")
    if attached:
        draft.blank()
        draft.line(f"Attachments: {', '.join(attached)}")
    facts = {"author": _header(message, "From"), "date": _day(_header(message, "Date"))}
    return draft.parsed(subject, facts)


def _parts(message: Message) -> Iterator[Message]:
    """Parts that are not made of parts; those of messages forwarded as attachments too."""
    for number, part in enumerate(message.walk()):
        if number > _MAX_PARTS:
            return
        if not part.is_multipart():
            yield part


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_file_name(part))


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, TypeError, LookupError):
        return ""
    return _decoded_header(name)


def _write_body(draft: Draft, parts: list[Message]) -> None:
    texts = [part for part in parts if part.get_content_type() == "text/plain"]
    pages = [part for part in parts if part.get_content_type() == "text/html"]
    written = draft.length
    for part in texts:
        for line in _text(part).split("\n"):
            if line.strip():
                draft.line(line)
            else:
                draft.blank()
    if draft.length > written:
        return
    for part in pages:
        _write_page(draft, _text(part))


def _write_page(draft: Draft, page: str) -> None:
    tree = etree.fromstring(
        page.replace("\0", "").encode("utf-8", "replace") or b"<html/>", etree.HTMLParser(encoding="utf-8")
    )
    if tree is not None:
        for block in render(tree):
            draft.line(block.text)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or not payload.strip():
        return ""
    declared = part.get_content_charset()
    if part.get_content_type() == "text/html":
        declared = declared or declared_encoding(payload)
    return decode(payload, declared)[0]


def _header(message: Message, name: str) -> str:
    # As it stands in the file: ``get`` has already lost bytes that are not ASCII.
    raw = (str(value) for key, value in message.raw_items() if key.lower() == name.lower())
    return _decoded_header(next(raw, ""))


def _decoded_header(value: str) -> str:
    """A header's words: encoded ones (RFC 2047) decoded, raw bytes of old programs too."""
    value = re.sub(r"[\r\n]+[ \t]*", " ", value)
    try:
        pieces = decode_header(value)
    except Exception:  # a broken encoded word: what it says is shown as it is
        pieces = [(value, None)]
    return " ".join("".join(_piece(*piece) for piece in pieces).split())


def _piece(words: bytes | str, charset: str | None) -> str:
    data = words.encode("ascii", "surrogateescape") if isinstance(words, str) and words.isascii() else words
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    try:
        return decode(data, charset)[0] if data.strip() else " "
    except DocumentError:
        return data.decode("utf-8", "replace")


def _day(value: str) -> str:
    try:
        return parsedate_to_datetime(value).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
