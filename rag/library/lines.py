"""Files of a library with a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rag.files import write_durably
from rag.library.errors import LibraryError

MOST_BYTES = 100_000_000
"""Length of such a file: it is written as a whole with each change, and whoever may ask makes it grow."""


def read_lines(path: Path, called: str) -> list[dict[str, Any]]:
    """The objects of a file; none where there is no file. Only a line feed ends a line, as JSON Lines has it.

    Args:
        path: the file.
        called: what it is called, in messages: "The file of {called} …".

    Raises:
        LibraryError: if it is damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
        records = [json.loads(line) for line in lines if line.strip()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as error:
        raise damaged(path, called, error) from None
    if not all(isinstance(record, dict) for record in records):
        raise damaged(path, called, "a line is no object")
    return records


def write_lines(path: Path, called: str, lines: Iterable[str]) -> None:
    """Replace a file by these lines, durably.

    Raises:
        LibraryError: if it would be longer than ``MOST_BYTES``, and longer than it is.
    """
    content = "".join(lines).encode("utf-8")
    if len(content) > MOST_BYTES and not (path.exists() and len(content) < path.stat().st_size):
        raise LibraryError(
            f"The file of {called} would be longer than {MOST_BYTES // 10**6} MB.", path=path, hint="Remove some."
        )
    write_durably(path, content)


def damaged(path: Path, called: str, why: object) -> LibraryError:
    """The error for a file that cannot be used."""
    return LibraryError(f"The file of {called} is damaged ({why}).", path=path, hint="Mend it, or remove it.")
