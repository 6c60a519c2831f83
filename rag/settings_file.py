"""Changing some values of ``rag.toml``: what stands beside them stays as it was written, comments too."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from rag.errors import SettingsError, StorageError
from rag.files import replacing


def change_settings_file(path: Path, changes: Mapping[str, str | int | float | None]) -> None:
    """Write these values into the file, for the next start; ``None`` takes one out. It is made if there is none.

    Raises:
        SettingsError: if it cannot be read as TOML.
        StorageError: if it cannot be written.
    """
    try:
        before = path.read_text(encoding="utf-8")
        document = tomlkit.parse(before)
    except FileNotFoundError:
        before, document = "", tomlkit.document()
    except OSError as error:
        raise SettingsError(f"The settings cannot be read: {error.strerror}.", path=path) from None
    except (UnicodeDecodeError, TOMLKitError) as error:
        raise SettingsError(f"The settings cannot be read: {error}.", path=path) from None
    for name, value in changes.items():
        if value is None:
            document.pop(name, None)
        else:
            document[name] = value
    after = tomlkit.dumps(document)
    if after != before:
        replace_text(path, after)


def replace_text(path: Path, text: str) -> None:
    """Replace a file that somebody may have made by hand: links to it, and who may read it, stay as they are.

    Raises:
        StorageError: if it cannot be written.
    """
    try:
        real = path.resolve()
        with replacing(real) as partial:
            partial.touch()
            if real.exists():  # before the words are in it: the file may hold a key
                partial.chmod(stat.S_IMODE(real.stat().st_mode))
            partial.write_bytes(text.encode())
    except OSError as error:
        raise StorageError(f"The file cannot be written: {error.strerror or error}.", path=path) from None
