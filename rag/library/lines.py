"""Files of a library with a JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rag.library.errors import LibraryError


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


def damaged(path: Path, called: str, why: object) -> LibraryError:
    """The error for a file that cannot be used."""
    return LibraryError(f"The file of {called} is damaged ({why}).", path=path, hint="Mend it, or remove it.")
