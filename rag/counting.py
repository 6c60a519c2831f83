"""Counts in English sentences: one file, two files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any


def counted(count: int, one: str, many: str = "") -> str:
    """So many of something; ``many`` is ``one`` with an s if it is not given."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


class _Counting(Formatter):
    """As ``str.format``, but that ``{count|file}`` or ``{count|entry|entries}`` says how many there are of what."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        name, *words = field_name.split("|")
        found = super().get_field(name, args, kwargs)
        return (counted(found[0], *words), found[1]) if words else found


class Counted(str):
    """A text with counts: in it, ``{count|file}`` says how many files there are."""

    __slots__ = ()

    def format(self, *args: object, **values: object) -> str:
        """The text with its values."""
        return _Counting().format(str(self), *args, **values)
