"""The last step of a restore, which whoever comes next can do again from wherever it was broken off.

A restore writes everything into a folder of the index and checks it. The folder is then renamed to ``.restored``: from
there on the library is the restored one, whole, and what lies there only has to be moved to its place. ``CURRENT`` goes
last, so that whoever opens the index meanwhile finds the Snapshot before.
"""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from typing import Final

from rag.files import sync, take_place
from rag.index.folder import ADDED_FOLDER, CURRENT_FILE, REMOVING
from rag.library.record import KEPT_FILES, LIBRARY_FILE

RESTORED: Final = ".restored"
SNAPSHOTS: Final = "snapshots"
"""The folder in it that holds the Snapshot, under its id."""
SYNONYMS_FILE: Final = "synonyms.txt"
SETTINGS_FILE: Final = "restored.toml"
_FILES = (LIBRARY_FILE, *KEPT_FILES, SYNONYMS_FILE, SETTINGS_FILE, CURRENT_FILE)


def is_placed(index: Path) -> bool:
    """Whether all of the library is where it belongs."""
    return not (index / RESTORED).exists()


def place(index: Path) -> None:
    """Move what was restored to its place, if there is something. Call with the library's lock held.

    Raises:
        OSError: if it cannot be moved; calling again goes on from there.
    """
    restored = index / RESTORED
    if not restored.is_dir():
        return
    for snapshot in (restored / SNAPSHOTS).iterdir():
        snapshot.rename(index / snapshot.name)
    _place_added(index, restored)
    for name in _FILES:
        if (restored / name).exists():
            # What was moved first must not be lost while what is moved later lasts.
            sync(index)
            take_place(restored / name, index / name)
    sync(index)
    removing = index / f"{REMOVING}{RESTORED}"
    shutil.rmtree(removing, ignore_errors=True)
    restored.rename(removing)
    sync(index)
    shutil.rmtree(removing, ignore_errors=True)


def _place_added(index: Path, restored: Path) -> None:
    """Exchange the added files. An upload may make the folder anew between the two steps."""
    new, old = restored / ADDED_FOLDER, index / ADDED_FOLDER
    while new.exists():
        if old.exists():
            old.rename(next(path for n in count() if not (path := restored / f"before-{n}").exists()))
        try:
            new.rename(old)
        except OSError:
            if not old.exists():
                raise
