"""Outlook's messages (.msg): what a mail message has, read by python-oxmsg."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from oxmsg import Message

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.html import mail_of
from rag.corpus.formats.mail_quotes import forwards, write_lines
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.zipped import damaged
from rag.errors import DocumentError

_KIND = "a message of Outlook"


def read(data: bytes) -> Parsed:
    """Subject, sender, receivers, date, text and attachments' names.

    Raises:
        DocumentError: if it is damaged, no message, or holds no text.
    """
    message = _message(data)
    draft = Draft()
    subject, sender = _said(message, "subject"), _said(message, "sender")
    draft.line(subject, level=1)
    headers = {"From": sender, "To": ", ".join(filter(None, map(_receiver, _all(message, "recipients"))))}
    sent = _said(message, "sent_date")
    for name, value in (headers | {"Date": sent}).items():
        if value:
            draft.line(f"{name}: {value}")
    draft.blank()
    before = draft.length
    _write_body(draft, subject, _said(message, "body"), _said(message, "html_body"))
    names = [name for name, _ in attached(data)]
    if names:
        draft.blank()
        draft.line(f"Attachments: {', '.join(names)}")
    if draft.length == before and not subject:
        raise DocumentError("The message holds no text.", code="no-text", hint="Leave it out.")
    return draft.parsed(subject, {"author": sender, "date": sent[:10]})


def attached(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and contents of each attached file."""
    for each in _all(_message(data), "attachments"):
        name, contents = _said(each, "file_name"), getattr(each, "file_bytes", None)
        if name and contents:
            yield name, contents


def _message(data: bytes) -> Any:
    try:
        return Message.load(data)
    except Exception as error:  # olefile raises whatever a broken file leads it to
        raise damaged(_KIND) from error


def _write_body(draft: Draft, subject: str, plain: str, page: str) -> None:
    if plain.strip() or not page.strip():
        write_lines(draft, plain.replace("\r\n", "\n").split("\n"), is_forward=forwards(subject))
        return
    tree = etree.fromstring(page.replace("\0", "").encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8"))
    if tree is not None:
        draft.parsed_block(mail_of(tree, subject))


def _receiver(recipient: Any) -> str:
    name, address = _said(recipient, "name"), _said(recipient, "email_address")
    return f"{name} <{address}>" if name and address and name != address else name or address


def _all(source: Any, name: str) -> tuple[Any, ...]:
    try:
        return tuple(getattr(source, name))
    except Exception:  # a part that is missing or broken: the rest is read
        return ()


def _said(source: Any, name: str) -> str:
    try:
        return str(getattr(source, name) or "")
    except Exception:
        return ""
