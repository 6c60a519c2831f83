"""Files that hold files: zip archives, mail with attachments, mailboxes. Each file inside is a document of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import PurePosixPath

from rag.corpus.formats import mail
from rag.corpus.formats.archive import Unpacked, too_large, unpack, unreadable
from rag.errors import DocumentError

_MOST_MESSAGES = 10_000
_BEGINS = re.compile(rb"(?:\A|\n\r?\n)From [^\n]{1,300}\n")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


def members(file_format: str, data: bytes, endings: Collection[str], largest: int) -> Iterator[Unpacked]:
    """The files inside, one after the other; those that cannot be read by name alone.

    Args:
        file_format: one of ``rag.corpus.files.CONTAINERS``.
        endings: which can be read, by the ends of their names.
        largest: larger files are refused, in bytes.

    Raises:
        DocumentError: if it is damaged, or a bomb, or an archive with nothing in it.
    """
    if file_format == "zip":
        yield from unpack(data, endings, largest)
        return
    for name, contents in _INSIDE[file_format](data):
        name = _file_name(name)
        if PurePosixPath(name).suffix.lower() not in endings:
            yield unreadable(name)
        elif len(contents) > largest:
            yield Unpacked(name, None, too_large(len(contents), largest))
        else:
            yield Unpacked(name, contents)


def _messages(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The messages of a mailbox, by their number (RFC 4155)."""
    begins = list(_BEGINS.finditer(data))
    if not begins or data[: begins[0].start()].strip():
        raise DocumentError(
            "The file is damaged, or not a mailbox.", code="damaged", hint="Export it from its program again."
        )
    if len(begins) > _MOST_MESSAGES:
        raise DocumentError(
            f"There are {len(begins):,} messages in it, and at most {_MOST_MESSAGES:,} are read.",
            code="too-many-messages",
            hint="Split it.",
            facts={"count": len(begins), "limit": _MOST_MESSAGES},
        )
    ends = [*(match.start() for match in begins[1:]), len(data)]
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True), 1):
        yield f"{number}.eml", _ESCAPED.sub(rb"\1", data[begin.end() : end])


def _outlook(data: bytes) -> Iterator[tuple[str, bytes]]:
    from rag.corpus.formats.outlook import attached

    yield from attached(data)


_INSIDE: Mapping[str, Callable[[bytes], Iterator[tuple[str, bytes]]]] = {
    "email": mail.attached,
    "outlook": _outlook,
    "mailbox": _messages,
}


def _file_name(name: str) -> str:
    """A name without folders, which a sender can write as they like."""
    return re.sub(r"[/\\\x00-\x1f]+", "_", name).strip(" .") or "_"
