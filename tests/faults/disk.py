"""A disk that forgets: what calls have changed, and what of that is left when the power goes.

Names are kept in the order in which they changed, as journals of file systems do: when a folder is synced, all changes
of names up to the last in that folder last. Content lasts when its file is synced, and no sooner.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tests.faults.syscalls import Call


class Loss(Enum):
    """What a power cut leaves."""

    ALL_UNSYNCED = "nothing that was not synced"
    CONTENT = "all names, no content that was not synced"
    HALF_CONTENT = "all names, half of what was not synced"
    NAMES = "all content, no names that were not synced"


@dataclass(eq=False, slots=True)
class _File:
    live: bytes = b""
    synced: bytes = b""


Tree = dict[str, "_File | None"]
"""Files and folders (``None``) by their path."""


@dataclass
class Disk:
    """The files below a folder, as they are in memory and as they are on the disk."""

    folder: Path
    _before: Tree = field(default_factory=dict)
    _names: list[Call] = field(default_factory=list)
    _files: list[_File | None] = field(default_factory=list)
    _lasting: int = 0
    _tree: Tree = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Disk:
        """All that is there, synced."""
        found: Tree = {}
        for path in folder.rglob("*"):
            content = b"" if path.is_dir() else path.read_bytes()
            found[str(path)] = None if path.is_dir() else _File(content, content)
        return cls(folder, dict(found), _tree=found)

    def apply(self, call: Call) -> None:
        """Do what a call does, if it succeeds."""
        match call.kind:
            case "create" | "mkdir" | "unlink" | "rmdir" | "rename" | "link":
                self._rename(call)
            case "write":
                file = self._file(call.path)
                head = file.live[: call.offset].ljust(call.offset, b"\0")
                file.live = head + call.data + file.live[call.offset + len(call.data) :]
            case "truncate":
                file = self._file(call.path)
                file.live = file.live[: call.offset].ljust(call.offset, b"\0")
            case "fsync":
                self._sync(call.path)

    def write(self, loss: Loss, folder: Path) -> None:
        """Write what is left after a power cut into an empty folder."""
        names_last = loss in (Loss.CONTENT, Loss.HALF_CONTENT)
        tree = self._tree if names_last else self._replayed(self._lasting)
        for path, file in sorted(tree.items(), key=lambda each: each[0]):
            target = folder / os.path.relpath(path, self.folder)
            if file is None:
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.touch(mode=0o600)
                target.write_bytes(_left(file, loss))

    def content(self) -> Mapping[str, bytes | None]:
        """Files and folders as the process sees them."""
        return {path: None if file is None else file.live for path, file in self._tree.items()}

    def _rename(self, call: Call) -> None:
        known = self._tree.get(call.path)
        if call.kind == "create" and known is not None:
            if call.empties:
                known.live = b""
            return
        file = _File() if call.kind == "create" else known
        if _changed(self._tree, call, file):
            self._names.append(call)
            self._files.append(file)

    def _sync(self, path: str) -> None:
        file = self._tree.get(path)
        if file is not None:
            file.synced = file.live
            return
        for number in range(len(self._names), self._lasting, -1):
            call = self._names[number - 1]
            if path in (os.path.dirname(call.path), os.path.dirname(call.to)):  # noqa: PTH120
                self._lasting = number
                return

    def _file(self, path: str) -> _File:
        file = self._tree.get(path)
        # A file that was opened and then removed or replaced is nobody's.
        return file if file is not None else _File()

    def _replayed(self, until: int) -> Tree:
        tree = dict(self._before)
        for call, file in zip(self._names[:until], self._files[:until], strict=True):
            _changed(tree, call, file)
        return tree


def _changed(tree: Tree, call: Call, file: _File | None) -> bool:
    """Change names as the call does; False if it cannot."""
    if call.kind in ("create", "mkdir"):
        if call.path in tree:
            return False
        tree[call.path] = file if call.kind == "create" else None
        return True
    if call.path not in tree:
        return False
    if call.kind == "link":
        tree[call.to] = tree[call.path]
    elif call.kind == "rename":
        moved = [path for path in tree if path == call.path or path.startswith(f"{call.path}/")]
        for path in moved:
            tree[call.to + path.removeprefix(call.path)] = tree.pop(path)
    elif call.kind == "rmdir":
        if any(path.startswith(f"{call.path}/") for path in tree):
            return False
        del tree[call.path]
    elif tree[call.path] is None:
        return False
    else:
        del tree[call.path]
    return True


def _left(file: _File, loss: Loss) -> bytes:
    if loss is Loss.NAMES:
        return file.live
    if loss is not Loss.HALF_CONTENT or file.live == file.synced:
        return file.synced
    return file.live[: len(file.live) // 2] + file.synced[len(file.live) // 2 : len(file.live)]
