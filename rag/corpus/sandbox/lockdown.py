"""Takes from this process what reading a document does not need: network, writing, other programs, most files.

On Linux by Landlock and seccomp, as far as the kernel has them; elsewhere only by what limits of resources can do. Both
are called by number through ctypes: the numbers are part of the kernel's interface and never change.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_ALL_OF_FILES = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}  # by version of Landlock; from 5 on 0xFFFF
_TCP, _SOCKETS_AND_SIGNALS = 0b11, 0b11
_O_PATH, _O_CLOEXEC = 0o10000000, 0o2000000
_OPENED_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/etc", "/nix/store", "/proc/self", "/sys/devices/system/cpu")
_DEVICES = ("/dev/null", "/dev/urandom", "/dev/random", "/dev/zero")

# asm/unistd_64.h and asm-generic/unistd.h
_ARCHITECTURES = {
    "x86_64": (
        0xC000003E,
        {"open": (2, 1), "openat": (257, 2)},
        "41 42 43 49 50 53 288 425 426 427 437 59 322 101 310 311 62 82 264 316 83 258 84 263 87 85 86 265 88 "
        "266 90 268 91 92 93 94 260 132 235 261 280 76 133 259 165 166 155 161 272 308 175 313 176 246 320 321 298 "
        "323 304 248 249 250 44 46 307",
    ),
    "aarch64": (
        0xC00000B7,
        {"openat": (56, 2)},
        "198 199 200 201 202 203 242 206 211 269 425 426 427 437 221 281 117 270 271 129 38 276 34 35 36 37 52 "
        "53 54 55 45 33 88 40 39 51 41 97 268 105 273 106 104 294 280 241 282 265 217 218 219",
    ),
}
"""Mark of the architecture, the calls that open files (number, argument with the flags), and the calls refused:
sockets, io_uring, openat2, other programs, other processes, names and modes of files, mounts, modules, keys, bpf."""


def lock_down() -> None:
    """From now on this process can compute, read what Python is made of, and answer; where it cannot be, no word."""
    if sys.platform == "win32":
        return
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # of files, not of pipes; Python ignores the signal
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError, ValueError):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            _restrict_files(libc)
            _restrict_calls(libc)


def _restrict_files(libc: ctypes.CDLL) -> None:
    """Landlock: nothing is written or listened to, and only what Python and the system are made of is read."""
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return
    handled = _ALL_OF_FILES.get(version, 0xFFFF)
    attributes = struct.pack("QQQ", handled, _TCP, _SOCKETS_AND_SIGNALS)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    if rules < 0:
        return
    try:
        for path in _readable():
            with suppress(OSError):
                _allow(libc, rules, path)
        libc.syscall(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _readable() -> list[str]:
    """Folders and files that the libraries may still have to load from."""
    root = Path(__file__).parents[3]
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)}
    return [str(root / "rag"), *sorted(prefixes), *_SYSTEM_FOLDERS, *_DEVICES]


def _allow(libc: ctypes.CDLL, rules: int, path: str) -> None:
    place = os.open(path, _O_PATH | _O_CLOEXEC)
    try:
        access = _READ_FILE | (_READ_DIR if Path(path).is_dir() else 0)
        libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", access, place), 0)
    finally:
        os.close(place)


def _restrict_calls(libc: ctypes.CDLL) -> None:
    """seccomp: calls for which reading has no use fail with EPERM, and so does opening a file to write."""
    known = _ARCHITECTURES.get(platform.machine())
    if known is None or sys.maxsize < 2**32:
        return
    program = _filter(*known)
    buffer = ctypes.create_string_buffer(program, len(program))
    whole = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    libc.prctl(_PR_SET_SECCOMP, 2, whole, 0, 0)


_LOAD, _IF_EQUAL, _IF_ANY, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001


def _filter(mark: int, opening: dict[str, tuple[int, int]], refused: str) -> bytes:
    """The program in Berkeley packet filter: of (code, jump if true, jump if false, operand)."""
    steps = [
        (_LOAD, 0, 0, 4),
        (_IF_EQUAL, 1, 0, mark),
        (_RETURN, 0, 0, _REFUSE),  # another architecture's calls have other numbers
        (_LOAD, 0, 0, 0),
        (_IF_AT_LEAST, 0, 1, 0x40000000),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for number in map(int, refused.split()):
        steps += [(_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    for number, argument in opening.values():
        steps += [
            (_IF_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, 16 + 8 * argument),
            (_IF_ANY, 0, 1, _OPENED_TO_WRITE),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        ]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *step) for step in steps)
