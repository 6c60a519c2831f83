"""Parsers of file formats. All run in a process of their own (:mod:`rag.corpus.sandbox.worker`)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from rag.corpus.formats.parsed import Parsed

PARSERS = {
    "pdf": "pdf",
    "word": "word",
    "slides": "slides",
    "spreadsheet": "spreadsheet",
    "epub": "epub",
    "email": "mail",
    "notebook": "notebook",
    "outlook": "outlook",
    "mhtml": "web_archive",
    "rtf": "rtf",
    "opendocument": "opendocument",
}
"""The module of each format, imported when the first file of the format comes."""


def parser(file_format: str) -> Callable[[bytes], Parsed]:
    """The function that reads a file of this format; it raises ``DocumentError`` or whatever its library does."""
    read: Callable[[bytes], Parsed] = import_module(f"rag.corpus.formats.{PARSERS[file_format]}").read
    return read
