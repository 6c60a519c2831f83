"""Readers of formats that are not text: bytes -> Parsed. They run in the reader process (:mod:`rag.corpus.worker`)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from rag.corpus.parsed import Parsed

READERS = {
    "pdf": "pdf",
    "word": "word",
    "slides": "slides",
    "spreadsheet": "spreadsheet",
    "epub": "epub",
    "email": "mail",
    "notebook": "notebook",
}
"""The module of each format, imported when the first file of the format comes."""


def reader(file_format: str) -> Callable[[bytes], Parsed]:
    """The function that reads a file of this format; it raises ``DocumentError`` or whatever its library does."""
    read: Callable[[bytes], Parsed] = import_module(f"rag.corpus.formats.{READERS[file_format]}").read
    return read
