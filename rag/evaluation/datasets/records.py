"""Reading records so that every complaint names its file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, TypeVar

from rag.errors import DatasetError, RagError

T = TypeVar("T")
JsonPath = Sequence[str | int]

_DECODER = JSONDecoder()
_KINDS = {str: "text", int: "a whole number", list: "a list", dict: "an object", bool: "true or false"}


class Refusals(list[RagError]):
    """Records and files left out so far, each with its file and line."""

    def add(self, path: Path, line: int | None, reason: str) -> None:
        """Notes that the record on this line (from 1) is left out."""
        self.append(DatasetError(reason, path=path if line is None else f"{path}:{line}"))


class RecordError(ValueError):
    """One record cannot be used; the message says why."""


def read_text(path: Path) -> str:
    """A UTF-8 file, with or without a byte order mark.

    Raises:
        DatasetError: if it cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DatasetError(f"The file cannot be read: {error.strerror or error}.", path=path) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DatasetError("The file is not UTF-8.", path=f"{path}:{line}", hint="Save it as UTF-8.") from None


def text_lines(path: Path, refusals: Refusals) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line that is not blank; lines that are not UTF-8 are refused.

    Raises:
        DatasetError: if the file cannot be read.
    """
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise DatasetError(f"The file cannot be read: {error.strerror or error}.", path=path) from None
    for number, line in enumerate(content.split(b"\n"), start=1):
        try:
            text = line.decode("utf-8").rstrip("\r")
        except UnicodeDecodeError:
            refusals.add(path, number, "The line is not UTF-8.")
            continue
        if text.strip():
            yield number, text


def json_lines(path: Path, refusals: Refusals) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of each line of a JSON Lines file; other lines are refused.

    Raises:
        DatasetError: if the file cannot be read.
    """
    for number, line in text_lines(path, refusals):
        try:
            record = json.loads(line)
        except (JSONDecodeError, RecursionError) as error:
            refusals.add(path, number, f"The line is not JSON: {error}.")
            continue
        if isinstance(record, dict):
            yield number, record
        else:
            refusals.add(path, number, "The line is not a JSON object.")


def field(record: Any, name: str, kind: type[T], default: T | None = None) -> T:
    """``record[name]``, if it is of this kind.

    Raises:
        RecordError: if the record is no object, the field is missing and has no default, or it is of another kind.
    """
    if not isinstance(record, dict):
        raise RecordError("The record is not an object.")
    if name not in record:
        if default is not None:
            return default
        raise RecordError(f"The record has no {name!r}.")
    value = record[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise RecordError(f"{name!r} is not {_KINDS.get(kind, kind.__name__)}.")
    return value


def identifier(record: Any, name: str) -> str:
    """An id: text or a whole number, as text.

    Raises:
        RecordError: if it is missing, blank or something else.
    """
    value = record.get(name) if isinstance(record, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = field(record, name, str).strip()
    if not text:
        raise RecordError(f"{name!r} is blank.")
    return text


def filled(record: Any, name: str) -> str:
    """A text field that is not blank, as given.

    Raises:
        RecordError: if it is missing, blank or not text.
    """
    text = field(record, name, str)
    if not text.strip():
        raise RecordError(f"{name!r} is blank.")
    return text


def json_line(text: str, path: JsonPath) -> int:
    """The line, from 1, on which the value at ``path`` (keys and places) starts in well-formed JSON ``text``.

    A path that leaves the document stops at the last value that exists.
    """
    position = _skip_space(text, 0)
    for step in path:
        found = _member(text, position, step) if isinstance(step, str) else _element(text, position, step)
        if found is None:
            break
        position = found
    return text.count("\n", 0, position) + 1


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _after(text: str, position: int) -> int:
    """Where the next token after the value at ``position`` starts."""
    return _skip_space(text, _DECODER.raw_decode(text, position)[1])


def _member(text: str, position: int, key: str) -> int | None:
    """Where the value of ``key`` starts in the object at ``position``."""
    if text[position] != "{":
        return None
    position = _skip_space(text, position + 1)
    while text[position] == '"':
        name, position = _DECODER.raw_decode(text, position)
        position = _skip_space(text, _skip_space(text, position) + 1)
        if name == key:
            return position
        position = _after(text, position)
        if text[position] != ",":
            return None
        position = _skip_space(text, position + 1)
    return None


def _element(text: str, position: int, place: int) -> int | None:
    """Where element ``place`` starts in the list at ``position``."""
    if text[position] != "[":
        return None
    position = _skip_space(text, position + 1)
    while text[position] != "]":
        if place == 0:
            return position
        place -= 1
        position = _after(text, position)
        if text[position] != ",":
            return None
        position = _skip_space(text, position + 1)
    return None
