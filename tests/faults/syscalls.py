"""What a process asks of the kernel to change files, seen one by one before it is done, and decided on.

By seccomp's user notification: a filter in the process hands the calls to this one, which lets them pass, fails them,
shortens them or kills the process. SQLite, FAISS and NumPy write below Python, and are seen all the same. Linux on
x86-64 alone.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import select
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

IS_SUPPORTED = sys.platform == "linux" and platform.machine() == "x86_64"

_SECCOMP, _PIDFD_OPEN, _PIDFD_GETFD = 317, 434, 438
_NEW_LISTENER, _SET_MODE_FILTER = 1 << 3, 1
_NO_NEW_PRIVS = 38
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_CONTINUE = 1
_NOTIFY, _ALLOW = 0x7FC00000, 0x7FFF0000
_X86_64 = 0xC000003E
_AT_FDCWD, _AT_REMOVEDIR = -100, 0x200
_POLL_MILLISECONDS = 60_000

_CALLS = {
    1: "write", 18: "pwrite", 20: "writev", 296: "pwritev", 328: "pwritev", 40: "copy", 326: "copy", 285: "copy",
    74: "fsync", 75: "fsync", 82: "rename", 264: "renameat", 316: "renameat", 83: "mkdir", 258: "mkdirat",
    84: "rmdir", 87: "unlink", 263: "unlinkat", 86: "link", 265: "linkat", 76: "truncate", 77: "ftruncate",
}  # fmt: skip
_OPENS = {2: ("open", 1), 257: ("openat", 2)}
_MAKING = os.O_CREAT | os.O_TRUNC


class Fate(Enum):
    """What becomes of a call."""

    PASS = "pass"
    SHORT = "short"
    KILL = "kill"
    NO_SPACE = "ENOSPC"
    IO_ERROR = "EIO"


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changes a file below the folder watched, or a file's durability.

    Attributes:
        kind: ``write``, ``truncate``, ``fsync``, ``create``, ``mkdir``, ``unlink``, ``rename`` or ``link``;
            ``told`` for what was written into the file of tellings.
        path: what it is done to.
        to: the new name.
        offset: where it writes, or the new length, in bytes.
        data: what it writes.
        empties: whether a file that is opened loses what it holds.
    """

    kind: str
    path: str
    to: str = ""
    offset: int = 0
    data: bytes = b""
    empties: bool = False


def watch_this_process() -> int:
    """Have this process and its children be watched from now on; gives the descriptor that ``Watcher`` needs."""
    program = [(0x20, 0, 0, 4), (0x15, 1, 0, _X86_64), (0x06, 0, 0, _ALLOW), (0x20, 0, 0, 0)]
    for number in _CALLS:
        program += [(0x15, 0, 1, number), (0x06, 0, 0, _NOTIFY)]
    for number, (_, argument) in _OPENS.items():
        program += [
            (0x15, 0, 4, number), (0x20, 0, 0, 16 + 8 * argument), (0x45, 0, 1, _MAKING), (0x06, 0, 0, _NOTIFY),
            (0x06, 0, 0, _ALLOW),
        ]  # fmt: skip
    program.append((0x06, 0, 0, _ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in program))
    head = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    listener = libc.syscall(_SECCOMP, _SET_MODE_FILTER, _NEW_LISTENER, ctypes.create_string_buffer(head))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return int(listener)


class Watcher:
    """Sees the calls of a watched process until it and all its children have ended.

    Args:
        listener: what ``watch_this_process`` gave in that process.
        process: its id.
        folder: calls on files below it are decided on; others pass.
        telling: a file beside it, whose writes are seen as ``told``.
        decide: what becomes of each call.
    """

    def __init__(
        self, listener: int, process: int, folder: Path, telling: Path, decide: Callable[[Call], Fate]
    ) -> None:
        self._listener = listener
        self._process = process
        self._folder = f"{folder}/"
        self._telling = str(telling)
        self._decide = decide
        self._libc = ctypes.CDLL(None, use_errno=True)

    def run(self) -> None:
        """Decide on all calls.

        Raises:
            TimeoutError: if nothing is asked and nothing ends for a minute.
        """
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        while True:
            ready = poll.poll(_POLL_MILLISECONDS)
            if not ready:
                raise TimeoutError("The watched process hangs.")
            if ready[0][1] & select.POLLIN:
                self._answer()
            elif ready[0][1] & (select.POLLHUP | select.POLLERR):
                return

    def _answer(self) -> None:
        notification = bytearray(80)
        try:
            fcntl.ioctl(self._listener, _RECEIVE, notification)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR):  # who asked has been killed
                return
            raise
        cookie, thread, _, number, _, _, *arguments = struct.unpack("QIIiIQ6Q", notification)
        value, failure, flags = 0, 0, _CONTINUE
        with suppress(FileNotFoundError, ProcessLookupError):
            value, failure, flags = self._decided(thread, number, arguments)
        with suppress(OSError):
            fcntl.ioctl(self._listener, _SEND, struct.pack("QqiI", cookie, value, -failure, flags))

    def _decided(self, thread: int, number: int, arguments: list[int]) -> tuple[int, int, int]:
        """Value, error and flags of the answer."""
        call = self._understood(thread, number, arguments)
        if call is None:
            return 0, 0, _CONTINUE
        if call.kind == "copy":  # not modelled: there is another way, which whoever copies then takes
            return 0, errno.EOPNOTSUPP, 0
        fate = self._decide(call)
        if fate is Fate.KILL:
            os.kill(self._process, signal.SIGKILL)
            return 0, errno.EIO, 0
        if fate is Fate.SHORT and call.kind == "write" and len(call.data) > 1:
            return self._write_half(thread, arguments[0], call), 0, 0
        if fate in (Fate.NO_SPACE, Fate.IO_ERROR):
            return 0, errno.ENOSPC if fate is Fate.NO_SPACE else errno.EIO, 0
        return 0, 0, _CONTINUE

    def _write_half(self, thread: int, descriptor: int, call: Call) -> int:
        owner = _owner(thread)
        handle = self._libc.syscall(_PIDFD_OPEN, owner, 0)
        file = self._libc.syscall(_PIDFD_GETFD, handle, descriptor, 0)
        half = call.data[: len(call.data) // 2]
        try:
            # The descriptor shares its position, and whether it appends, with the process's.
            is_at_position = self._position(thread, descriptor) == call.offset
            return os.write(file, half) if is_at_position else os.pwrite(file, half, call.offset)
        finally:
            os.close(file)
            os.close(handle)

    def _understood(self, thread: int, number: int, arguments: list[int]) -> Call | None:
        kind = _OPENS[number][0] if number in _OPENS else _CALLS[number]
        if kind in ("write", "pwrite", "writev", "pwritev", "fsync", "ftruncate", "copy"):
            return self._on_descriptor(thread, kind, arguments)
        return self._on_names(thread, kind, arguments)

    def _on_descriptor(self, thread: int, kind: str, arguments: list[int]) -> Call | None:
        path = str(Path(f"/proc/{thread}/fd/{arguments[0]}").readlink()).removesuffix(" (deleted)")
        if path == self._telling and kind == "write":
            return Call("told", path, data=_memory(thread, arguments[1], arguments[2]))
        if not self._is_inside(path):
            return None
        if kind == "fsync":
            return Call("fsync", path)
        if kind == "ftruncate":
            return Call("truncate", path, offset=arguments[1])
        if kind == "copy":
            return Call("copy", path)
        if kind in ("write", "pwrite"):
            data = _memory(thread, arguments[1], arguments[2])
        else:
            data = _gathered(thread, arguments[1], arguments[2])
        at = arguments[3] if kind.startswith("p") else self._position(thread, arguments[0])
        return Call("write", path, offset=at, data=data)

    def _position(self, thread: int, descriptor: int) -> int:
        told = Path(f"/proc/{thread}/fdinfo/{descriptor}").read_text(encoding="ascii")
        position, flags = (line.split()[1] for line in told.splitlines()[:2])
        appends = int(flags, 8) & os.O_APPEND
        return Path(f"/proc/{thread}/fd/{descriptor}").stat().st_size if appends else int(position)

    def _on_names(self, thread: int, kind: str, a: list[int]) -> Call | None:
        name = lambda folder, text: self._named(thread, folder, text)  # noqa: E731
        match kind:
            case "open":
                call = self._opening(name(_AT_FDCWD, a[0]), a[1])
            case "openat":
                call = self._opening(name(a[0], a[1]), a[2])
            case "rename" | "link":
                call = Call(kind, name(_AT_FDCWD, a[0]), name(_AT_FDCWD, a[1]))
            case "renameat" | "linkat":
                call = Call(kind.removesuffix("at"), name(a[0], a[1]), name(a[2], a[3]))
            case "mkdir" | "rmdir" | "unlink":
                call = Call(kind, name(_AT_FDCWD, a[0]))
            case "mkdirat":
                call = Call("mkdir", name(a[0], a[1]))
            case "unlinkat":
                call = Call("rmdir" if a[2] & _AT_REMOVEDIR else "unlink", name(a[0], a[1]))
            case _:
                call = Call("truncate", name(_AT_FDCWD, a[0]), offset=a[1])
        return call if self._is_inside(call.path) or self._is_inside(call.to) else None

    @staticmethod
    def _opening(path: str, flags: int) -> Call:
        return Call("create", path, empties=bool(flags & os.O_TRUNC))

    def _named(self, thread: int, folder: int, text: int) -> str:
        path = _memory(thread, text, 4096).split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
        at = ctypes.c_int(folder & 0xFFFFFFFF).value
        place = "cwd" if at == _AT_FDCWD else f"fd/{at}"
        return path if path.startswith("/") else os.path.normpath(Path(f"/proc/{thread}/{place}").readlink() / path)

    def _is_inside(self, path: str) -> bool:
        return path.startswith(self._folder) or f"{path}/" == self._folder


def _owner(thread: int) -> int:
    (line,) = (line for line in Path(f"/proc/{thread}/status").read_text().splitlines() if line.startswith("Tgid:"))
    return int(line.split()[1])


def _memory(thread: int, address: int, length: int) -> bytes:
    with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
        try:
            return os.pread(memory.fileno(), length, address)
        except OSError:  # a text that ends at the end of a page
            return os.pread(memory.fileno(), 4096 - address % 4096, address)


def _gathered(thread: int, vectors: int, count: int) -> bytes:
    described = struct.iter_unpack("QQ", _memory(thread, vectors, 16 * count))
    return b"".join(_memory(thread, base, length) for base, length in described)
