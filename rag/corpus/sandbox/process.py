"""Reads files in a process of its own; what kills that process is a refusal of one file, no more."""

from __future__ import annotations

import atexit
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from rag.corpus.document import Document
from rag.corpus.formats.cells import value
from rag.corpus.pages import PageImage, Quote
from rag.corpus.sandbox.wire import document_of_reply
from rag.errors import DocumentError

logger = logging.getLogger(__name__)

MAX_SECONDS = 120.0
"""Most processor time that reading one file may take, in seconds; where others compute too it may wait for as long."""
MAX_MEMORY_MB = 2048.0
"""Most memory that the reader process may take, in megabytes (10^6 bytes)."""
_MAX_REPLY_BYTES = 1_000_000_000
_ROOT = Path(__file__).parents[3]
# The reader needs no more of the environment, which may hold keys.
_PASSED_ON = "PATH LANG LC_ALL LC_CTYPE TMPDIR TEMP TMP SYSTEMROOT LD_LIBRARY_PATH PYTHONHOME"


Keep = Callable[[Mapping[str, Any], bytes], None]
"""Takes a part of a reply and the bytes behind it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive.

    Attributes:
        name: its path inside the archive, with ``/`` between its parts.
        path: where it was unpacked to; ``None`` if it was not.
        error: why not.
        is_passed_over: whether it is only of a kind that is not read.
    """

    name: str
    path: Path | None
    error: DocumentError | None = None
    is_passed_over: bool = False


class Sandbox:
    """A reader process that is started when first needed, used for many files, and started again when it dies.

    Safe to share between threads: one file is read at a time.

    Args:
        seconds: most processor time for one file; twice as long by the clock.
        memory_mb: most memory for the process, in megabytes (10^6 bytes).
    """

    def __init__(self, *, seconds: float = MAX_SECONDS, memory_mb: float = MAX_MEMORY_MB) -> None:
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def read(self, file_format: str, data: bytes, source: str = "", facts: Mapping[str, str] | None = None) -> Document:
        """Read a file of one of the formats that :mod:`rag.corpus.files` names.

        Args:
            source: name of the document in the index.
            facts: what is known of the file besides, for ``Document.metadata``.

        Raises:
            DocumentError: if it cannot be read, or not within the limits of time and memory.
        """
        header = {"purpose": "document", "format": file_format, "source": source, "facts": dict(facts or {})}
        reply = self._ask(header, data)
        try:
            return document_of_reply(source, reply)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise _broken(f"what its reader says makes no sense: {error}") from error

    def sheets(self, data: bytes, *, rows: int, columns: int) -> list[tuple[str, list[tuple[int, list[Any]]]]]:
        """Title of each sheet of a workbook that holds anything, and its rows: number and values of the cells.

        Args:
            rows, columns: workbooks with more are refused.

        Raises:
            DocumentError: if it cannot be read, or not within the limits of time and memory; ``facts["sheet"]`` tells
                where there are too many rows or columns.
        """
        reply = self._ask({"purpose": "sheets", "format": "sheets", "rows": rows, "columns": columns}, data)
        try:
            return [
                (str(title), [(int(number), [value(cell) for cell in cells]) for number, cells in found])
                for title, found in reply["sheets"]
            ]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _broken(f"what its reader says makes no sense: {error}") from error

    def unpack(
        self, data: bytes, folder: Path, endings: Collection[str], largest: int, file_format: str = "zip"
    ) -> list[Member]:
        """Unpack the files of a zip file that can be read, or those attached to a mail, or the messages of a mailbox.

        Args:
            folder: an empty one to put them into, under names made here.
            endings: which files to unpack, by the ends of their names; others are only named.
            largest: larger files are refused, in bytes.
            file_format: one of :mod:`rag.corpus.formats.containers`.

        Raises:
            DocumentError: if nothing of it can be read, or it is a bomb.
        """
        header = {"purpose": "members", "format": file_format, "endings": sorted(endings), "largest": largest}
        members: list[Member] = []

        def keep(reply: Mapping[str, Any], body: bytes) -> None:
            name = str(reply["name"])
            if "problem" in reply:
                members.append(Member(name, None, _told(reply["problem"]), bool(reply.get("passed"))))
                return
            ending = PurePosixPath(name).suffix.lower()
            members.append(_unpacked(name, folder / f"{len(members):05}{ending if ending in endings else ''}", body))

        self._ask(header, data, keep)
        return members

    def page(self, data: bytes, number: int, quotes: Sequence[Quote], pixels: int) -> PageImage:
        """A page of a PDF as it looks, and where on it quotes stand.

        Args:
            number: of the page, from 1; the last one for a larger number.
            quotes: to be framed.
            pixels: width of the picture; 0 for none.

        Raises:
            DocumentError: if it cannot be read, or not within the limits of time and memory.
        """
        header = {"purpose": "page", "format": "pdf_page", "page": number, "pixels": pixels}
        pages: list[PageImage] = []
        self._ask(
            header | {"quotes": [quote.to_dict() for quote in quotes]},
            data,
            lambda reply, png: pages.append(PageImage.from_reply(reply, png)),
        )
        if len(pages) != 1 or len(pages[0].frames) != len(quotes):
            raise _broken("what its reader says makes no sense")
        return pages[0]

    def close(self) -> None:
        """End the process; the next file starts a new one."""
        with self._lock:
            self._end()

    def _ask(self, header: dict[str, Any], data: bytes, keep: Keep | None = None) -> dict[str, Any]:
        """The reply to a request; what comes before it, each with its bytes, goes to ``keep``."""
        with self._lock:
            process = self._running()
            limits = {"bytes": len(data), "seconds": self._seconds, "memory_mb": self._memory_mb}
            with _deadline(process, 2 * self._seconds) as is_over:
                try:
                    _send(process, header | limits, data)
                    reply = _receive(process)
                    while keep is not None and "bytes" in reply:
                        keep(reply, _exactly(process, min(int(reply["bytes"]), _MAX_REPLY_BYTES)))
                        reply = _receive(process)
                except (OSError, ValueError, TypeError, KeyError) as error:
                    raise self._death(process, is_over(), error) from error
                except BaseException:
                    self._end()  # its reply would be taken for that to the next file
                    raise
            if reply.get("last"):
                self._end()
        if "error" not in reply:
            return reply
        if reply.get("detail"):
            logger.info("reading failed: %s", reply["detail"])
            raise _broken(str(reply["detail"]))
        if "trace" in reply:
            logger.error("reading failed: %s", reply["trace"])
        raise _told(reply["error"])

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            self._process = None  # it belongs to the process that this one was forked from
        if self._process is None or self._process.poll() is not None:
            self._end()
            try:
                self._process = _start()
            except OSError as error:
                raise DocumentError(
                    f"The process that reads such files cannot be started: {error.strerror or error}.",
                    code="no-process",
                    hint="Close other programs, and try again.",
                ) from error
            self._owner = os.getpid()
        return self._process

    def _death(self, process: subprocess.Popen[bytes], out_of_time: bool, error: Exception) -> DocumentError:
        self._end()
        code = process.returncode
        logger.info("the reader process ended with %s: %s", code, error)
        if out_of_time or code == -24:  # SIGXCPU, whose name Windows does not know
            return DocumentError(
                f"Reading it takes longer than it may ({self._seconds:g} s).",
                code="too-slow",
                hint="Split it, or save its text as a .txt file.",
                facts={"limit": self._seconds},
            )
        return _broken(f"its reader died (exit code {code})")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    logger.debug("closing a pipe to a reader that is gone")
        process.wait()


def _start() -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _PASSED_ON.split() if name in os.environ}
    environment |= {"PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, sys.path)]), "PYTHONUTF8": "1"}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each thread takes of the memory it may have
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "rag.corpus.sandbox.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


@contextmanager
def _deadline(process: subprocess.Popen[bytes], seconds: float) -> Iterator[Any]:
    """Kill the process unless the block ends in time; gives a function that tells whether that happened."""
    over = threading.Event()

    def end() -> None:
        over.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield over.is_set
    finally:
        timer.cancel()


def _send(process: subprocess.Popen[bytes], header: dict[str, Any], data: bytes) -> None:
    assert process.stdin is not None
    head = json.dumps(header).encode()
    process.stdin.write(len(head).to_bytes(4, "big") + head)
    process.stdin.write(data)
    process.stdin.flush()


def _receive(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None
    length = int.from_bytes(_exactly(process, 8), "big")
    if length > _MAX_REPLY_BYTES:
        raise ValueError(f"a reply of {length} bytes")
    reply = json.loads(_exactly(process, length))
    if not isinstance(reply, dict):
        raise TypeError("not a reply")
    return reply


def _exactly(process: subprocess.Popen[bytes], count: int) -> bytes:
    assert process.stdout is not None
    data = process.stdout.read(count)
    if len(data) < count:
        raise OSError("the reader is gone")
    return data


def _told(error: Any) -> DocumentError:
    """What the process says is wrong."""
    try:
        return DocumentError.from_dict(error)
    except (TypeError, KeyError, AttributeError):
        return _broken("what its reader says makes no sense")


def _unpacked(name: str, path: Path, body: bytes) -> Member:
    try:
        path.write_bytes(body)
    except OSError as error:
        reason = error.strerror or str(error)
        failed = DocumentError(f"It cannot be unpacked: {reason}.", code="unreadable", hint="Make room on the disk.")
        return Member(name, None, failed)
    return Member(name, path)


def _broken(detail: str) -> DocumentError:
    return DocumentError(
        f"The file is damaged, or made so that it cannot be read ({detail}).",
        code="damaged",
        hint="Open it in its program and save it again, or save its text as a .txt file.",
    )


SHARED = Sandbox()
"""The one that all readers of this process share."""
atexit.register(SHARED.close)
