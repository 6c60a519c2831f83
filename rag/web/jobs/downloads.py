"""Files for the browser to fetch: copies under addresses that nobody can guess, made when there is something new."""

from __future__ import annotations

import secrets
import shutil
import threading
from pathlib import Path

from gradio.utils import get_upload_folder

from rag.files import Stamp


class Downloads:
    """Copies of files where Gradio serves files from. Threads may share one."""

    def __init__(self) -> None:
        self._copies: dict[Path, tuple[Stamp, Path]] = {}
        self._lock = threading.Lock()

    def copy(self, file: Path) -> str | None:
        """The path to give to a ``gr.DownloadButton``; ``None`` if there is no such file."""
        with self._lock:
            try:
                now = Stamp.of(file)
            except OSError:
                return None
            known, copy = self._copies.get(file, (None, file))
            if known != now or not copy.exists():
                self._drop(file)
                copy = Path(get_upload_folder(), secrets.token_hex(20), file.name)
                copy.parent.mkdir(parents=True, mode=0o700)
                shutil.copyfile(file, copy)
                self._copies[file] = now, copy
            return str(copy)

    def forget(self, folder: Path) -> None:
        """Delete the copies of what is in this folder."""
        with self._lock:
            for file in [each for each in self._copies if each.is_relative_to(folder)]:
                self._drop(file)

    def _drop(self, file: Path) -> None:
        if (known := self._copies.pop(file, None)) is not None:
            shutil.rmtree(known[1].parent, ignore_errors=True)
