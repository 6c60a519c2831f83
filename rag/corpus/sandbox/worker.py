"""The worker process: reads, cleans and cuts files, which can do harm to their reader, one after the other, in limits.

:mod:`rag.corpus.sandbox.process` starts it. A request is the length of a header (4 bytes, big endian), the header
(JSON) and as many bytes as it says; a reply is its length (8 bytes) and itself (JSON). Each file of an archive, and a
page, is a reply of its own, with its bytes behind it, before the last one. Nothing is pickled.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import warnings
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from pathlib import Path
from traceback import format_exc
from typing import Any, BinaryIO

from rag.corpus.assembly import document_from
from rag.corpus.formats import FORMATS
from rag.corpus.pages import Quote
from rag.corpus.sandbox.lockdown import lock_down
from rag.corpus.sandbox.wire import reply_of_document
from rag.errors import DocumentError

if sys.platform != "win32":  # which has no such limits: there the other side alone keeps the limit of time
    import resource

_TIDY_ABOVE_MB = 300.0
_NEARLY_ALL = 0.7  # of the limit, which counts memory that is set aside too
_SPLIT = "Split it, or save its text as a .txt file."


def main() -> None:
    """Serve requests until the other side closes the pipe, or until so much memory is in use that a new start helps."""
    requests, replies = _own_pipes()
    warnings.simplefilter("ignore")
    tempfile.TemporaryFile = _in_memory  # type: ignore[assignment]
    locked = False
    while len(length := requests.read(4)) == 4:
        header = json.loads(requests.read(int.from_bytes(length, "big")))
        _limit_memory(header["memory_mb"])
        if not locked:
            _import(header["purpose"], header["format"])  # now, since what Python compiles is kept for the next start
            lock_down()
            locked = True
        data = requests.read(header["bytes"])
        _limit_time(header["seconds"])
        reply = _reply(header, data, replies)
        del data
        if _peak_mb() > _TIDY_ABOVE_MB:
            gc.collect()
        reply["last"] = _is_swollen(header["memory_mb"])
        _write(replies, reply)
        replies.flush()
        if reply["last"]:
            return


def _in_memory(*_: object, **__: object) -> BytesIO:
    """What libraries get for a temporary file: this process writes none."""
    return BytesIO()


def _import(purpose: str, file_format: str) -> None:
    with suppress(Exception):  # the file will tell
        if purpose == "document":
            file_format = FORMATS[file_format].read or FORMATS[file_format].parse
        module = "containers" if purpose == "members" else file_format
        if module:
            import_module(f"rag.corpus.formats.{module}")


def _write(replies: BinaryIO, reply: dict[str, Any], body: bytes = b"") -> None:
    head = json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    replies.write(len(head).to_bytes(8, "big") + head)
    replies.write(body)


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes, out of the way of libraries that print."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return sys.stdin.buffer, replies


def _reply(header: dict[str, Any], data: bytes, replies: BinaryIO) -> dict[str, Any]:
    try:
        if header["purpose"] == "members":
            members = import_module("rag.corpus.formats.containers").members
            for member in members(header["format"], data, header["endings"], header["largest"]):
                told: dict[str, Any] = {}
                if member.data is None:
                    error = member.error or DocumentError("It cannot be unpacked.", code="unreadable")
                    told = {"problem": error.to_dict(), "passed": member.is_passed_over}
                body = member.data or b""
                _write(replies, {"name": member.name, "bytes": len(body), **told}, body)
            return {}
        if header["purpose"] == "sheets":
            return {"sheets": import_module("rag.corpus.formats.sheets").read(data, header["rows"], header["columns"])}
        if header["purpose"] == "page":
            quotes = [Quote(**quote) for quote in header["quotes"]]
            page = import_module("rag.corpus.formats.pdf_page").read(data, header["page"], quotes, header["pixels"])
            _write(replies, {**page.to_dict(), "bytes": len(page.png)}, page.png)
            return {}
        return reply_of_document(document_from(header["format"], header["source"], data, header["facts"]))
    except Exception as error:  # whatever trips a library over one file, the next is read
        if _is_out_of_memory(error, header["memory_mb"]):
            error = _too_large(header["memory_mb"])
        if isinstance(error, DocumentError):
            return {"error": error.to_dict()} | ({"trace": format_exc()} if error.code == "internal" else {})
        return {"error": None, "detail": f"{type(error).__name__}: {error}"[:300]}


def _too_large(megabytes: float) -> DocumentError:
    return DocumentError(
        f"Reading it takes more memory than it may ({megabytes:,.0f} MB).",
        code="too-much-memory",
        hint=_SPLIT,
        facts={"limit": megabytes},
    )


def _is_out_of_memory(error: BaseException | None, megabytes: float) -> bool:
    """Whether this, or what caused it, is a lack of memory; libxml2 calls it unknown, so what was in use counts too."""
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None or _peak_mb() > _NEARLY_ALL * megabytes


def _limit_memory(megabytes: float) -> None:
    if sys.platform != "win32":
        limit = int(megabytes * 1e6)
        _limit(resource.RLIMIT_AS, limit, limit)
        _limit(resource.RLIMIT_CORE, 0, 0)


def _limit_time(seconds: float) -> None:
    """The processor time from now on; the process ends when it is spent."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime + seconds) + 1
        _limit(resource.RLIMIT_CPU, limit, resource.RLIM_INFINITY)


def _limit(kind: int, soft: int, hard: int) -> None:
    """Set a limit where the system lets us: macOS has none of memory, and a stricter one that is set already stays."""
    if sys.platform != "win32":
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (soft, hard))


def _is_swollen(megabytes: float) -> bool:
    """Whether so much memory was in use that the next file had better start with none."""
    return _peak_mb() > megabytes / 4


def _peak_mb() -> float:
    """The most memory that was in use at once, in megabytes (10^6 bytes); 0 where that is not known."""
    try:
        # Linux counts into ru_maxrss what the process that started this one had in use (getrusage(2)); not here.
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return float(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    except (OSError, IndexError, ValueError):
        if sys.platform != "win32":
            unit = 1 if sys.platform == "darwin" else 1024
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
        return 0.0


if __name__ == "__main__":
    main()
