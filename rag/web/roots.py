"""Which folders of the server may be named in the page to be watched."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WatchRoots:
    """Which folders of the server may be named to be watched.

    Attributes:
        folders: those in which they must lie.
        is_anywhere: whether any folder will do where none are named: the server runs on the desk of who uses it.
    """

    folders: tuple[Path, ...] = ()
    is_anywhere: bool = False

    @property
    def are_there(self) -> bool:
        """Whether any folder may be watched at all."""
        return self.is_anywhere or bool(self.folders)

    def cover(self, path: str) -> bool:
        """Whether this folder may be watched, whatever links lead to it."""
        if not self.folders:
            return self.is_anywhere
        real = Path(os.path.realpath(path))
        return any(real.is_relative_to(os.path.realpath(folder)) for folder in self.folders)


NOWHERE = WatchRoots()
"""No folder may be watched."""
