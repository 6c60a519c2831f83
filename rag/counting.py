"""Counts in English sentences: one file, two files."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """So many of something; ``many`` is ``one`` with an s if it is not given."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
