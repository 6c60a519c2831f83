"""What a mail message is made of: headers and parts decoded, flowed text joined, what is attached (RFC 2045, 3676)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from rag.corpus.charset.declared import declared_encoding
from rag.corpus.charset.encoding import decode
from rag.errors import DocumentError

_MAX_PARTS = 1_000
_QUOTED = re.compile(r">+")
_SIGNATURE = "-- "


def parts_of(message: Message) -> Iterator[Message]:
    """The parts of a message that are not made of parts, and messages inside it as they are."""
    stack, count = [message], 0
    while stack and count < _MAX_PARTS:
        part = stack.pop()
        count += 1
        if part is not message and part.get_content_type() == "message/rfc822":
            yield part
        elif part.is_multipart():
            inside = part.get_payload()
            stack += [
                each for each in reversed(inside if isinstance(inside, list) else []) if isinstance(each, Message)
            ]
        else:
            yield part


def inner_message(part: Message) -> Message | None:
    """The message that a part of the type message/rfc822 holds."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    return inner if isinstance(inner, Message) else None


def is_attached(part: Message) -> bool:
    """Whether a part is a file rather than words of the message."""
    return part.get_content_disposition() == "attachment" or bool(file_name(part))


def file_name(part: Message) -> str:
    """What an attached file is called; empty if it has no name."""
    try:
        name = part.get_filename() or ""
    except (ValueError, TypeError, LookupError):
        return ""
    return _decoded_header(name)


def body_lines(part: Message) -> list[str]:
    """The lines of a part that is plain text, flowed ones joined (RFC 3676)."""
    lines = text_of(part).split("\n")
    if str(part.get_param("format", "")).lower() != "flowed":
        return lines
    return list(_unflowed(lines, deletes_space=str(part.get_param("delsp", "")).lower() == "yes"))


def _unflowed(lines: list[str], *, deletes_space: bool) -> Iterator[str]:
    pending, depth = "", -1
    for raw in lines:
        mark = _QUOTED.match(raw)
        own, line = (len(mark[0]), raw[mark.end() :]) if mark else (0, raw)
        line = line.removeprefix(" ")
        if pending and (own != depth or line == _SIGNATURE):
            yield _with_mark(pending, depth)
            pending = ""
        pending, depth = pending + line, own
        if line.endswith(" ") and line != _SIGNATURE:
            pending = pending[:-1] if deletes_space else pending
        else:
            yield _with_mark(pending, depth)
            pending = ""
    if pending:
        yield _with_mark(pending, depth)


def _with_mark(line: str, depth: int) -> str:
    return f"{'>' * depth} {line}".rstrip() if depth > 0 else line.rstrip()


def text_of(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or not payload.strip():
        return ""
    declared = part.get_content_charset()
    if part.get_content_type() == "text/html":
        declared = declared or declared_encoding(payload)
    return decode(payload, declared)[0]


def header_of(message: Message, name: str) -> str:
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


def day_of(value: str) -> str:
    try:
        return parsedate_to_datetime(value).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
