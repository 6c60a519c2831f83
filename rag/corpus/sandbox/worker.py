"""The parser process: parses files that can do harm to their parser, one after the other, within limits.

:mod:`rag.corpus.sandbox.process` starts it. A request is the length of a header (4 bytes, big endian), the header
(JSON) and as many bytes as it says; a reply is its length (8 bytes) and itself (JSON). Nothing is pickled.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from rag.corpus.formats import parser
from rag.corpus.formats.archive import unpack
from rag.errors import DocumentError

if sys.platform != "win32":  # which has no such limits: there the other side alone keeps the limit of time
    import resource

MAX_TEXT_CHARS = 20_000_000
"""A document with more text is refused, in characters."""
_LARGEST_FILE = 1_000_000_000
_NEARLY_ALL = 0.7  # of the limit, which counts memory that is set aside too
_SPLIT = "Split it, or save its text as a .txt file."


def main() -> None:
    """Serve requests until the other side closes the pipe, or until so much memory is in use that a new start helps."""
    requests, replies = _own_pipes()
    warnings.simplefilter("ignore")
    while len(length := requests.read(4)) == 4:
        header = json.loads(requests.read(int.from_bytes(length, "big")))
        _limit_memory(header["memory_mb"])
        data = requests.read(header["bytes"])
        _limit_time(header["seconds"])
        reply = _reply(header, data)
        del data
        gc.collect()
        reply["last"] = _is_swollen(header["memory_mb"])
        body = json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace")
        replies.write(len(body).to_bytes(8, "big") + body)
        replies.flush()
        if reply["last"]:
            return


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes, out of the way of libraries that print."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return sys.stdin.buffer, replies


def _reply(header: dict[str, Any], data: bytes) -> dict[str, Any]:
    try:
        if header["format"] == "zip":
            return {"members": unpack(data, header["folder"], header["endings"], header["largest"])}
        if header["format"] == "sheets":
            from rag.corpus.formats import sheets  # openpyxl takes a third of a second to import

            return {"sheets": sheets.read(data, header["rows"], header["columns"])}
        parsed = parser(header["format"])(data)
        if len(parsed.text) > MAX_TEXT_CHARS:
            raise DocumentError(
                f"It holds {len(parsed.text):,} characters, and at most {MAX_TEXT_CHARS:,} are read.",
                code="too-many-characters",
                hint=_SPLIT,
                facts={"count": len(parsed.text), "limit": MAX_TEXT_CHARS},
            )
        return {"parsed": parsed.to_dict()}
    except Exception as error:  # whatever trips a library over one file, the next is read
        if _is_out_of_memory(error, header["memory_mb"]):
            error = _too_large(header["memory_mb"])
        if isinstance(error, DocumentError):
            return {"error": error.to_dict()}
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
        _limit(resource.RLIMIT_FSIZE, _LARGEST_FILE, _LARGEST_FILE)


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
