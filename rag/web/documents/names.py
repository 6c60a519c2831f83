"""Names that browsers give to files -> names that are safe on every disk."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

_MOST_FOLDERS = 12
_MOST_BYTES = 160
"""Longest name of a file or folder, in bytes of UTF-8."""
_UNSAFE = re.compile(r'[<>:"|?*]')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_LEFT_BEHIND = ("node_modules", "__pycache__", "__MACOSX")


def safe_name(name: str) -> str:
    """A relative path with ``/`` between folders that stays where it is put, whatever ``name`` is.

    Characters are composed (NFC), so that one name typed on two systems is one file. What no disk or no reader can show
    is replaced, and the name then carries a digest of what it was, so that two names never become one.

    Returns:
        The name; empty if nothing is left of it.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part.strip(" .")]
    return "/".join(_safe_part(part) for part in parts[-_MOST_FOLDERS:])


def is_left_behind(name: str) -> bool:
    """Whether a name is that of a file that programs leave behind, hidden or temporary."""
    parts = name.replace("\\", "/").split("/")
    return any((part.startswith((".", "~$")) and part.strip(".")) or part in _LEFT_BEHIND for part in parts)


def _safe_part(part: str) -> str:
    composed = unicodedata.normalize("NFC", part)
    shown = "".join("_" if unicodedata.category(c) in _INVISIBLE else c for c in composed)
    shown = _UNSAFE.sub("_", shown).strip(" ").rstrip(". ")
    if shown.startswith((".", "~$")) or _RESERVED.fullmatch(shown) or shown in _LEFT_BEHIND:
        shown = f"_{shown}"
    if shown == composed and len(shown.encode()) <= _MOST_BYTES:
        return shown
    mark = f"-{sha256(composed.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    stem, dot, ending = shown.rpartition(".")
    if not stem or len(ending.encode()) > 12:
        stem, dot, ending = shown, "", ""
    room = _MOST_BYTES - len(f"{mark}{dot}{ending}".encode())
    return stem.encode()[:room].decode(errors="ignore") + mark + dot + ending
