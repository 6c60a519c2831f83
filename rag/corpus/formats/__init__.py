"""Parsers of file formats. All run in a process of their own (:mod:`rag.corpus.sandbox.worker`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from rag.corpus.formats.parsed import Parsed

_CODE = """
.py .pyi .js .mjs .cjs .jsx .ts .tsx .java .kt .c .h .cc .cpp .hpp .cs .go .rs .rb .php .swift .scala .lua .pl .r .sh
.bash .ps1 .bat .sql .css .scss
"""
_DATA = ".json .jsonl .yaml .yml .toml .ini .xml .csv .tsv"


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files.

    Attributes:
        endings: of its files' names, in lower case with their dots, and spaces between.
        read: the module of this package whose ``read(data)`` makes a ``Parsed`` of a file's bytes.
        parse: that whose ``parse(text)`` makes one of a file's text, once it is decoded; of a format that has neither,
            the text is taken as it is.
    """

    endings: str
    read: str = ""
    parse: str = ""


FORMATS: Mapping[str, Format] = {
    "text": Format(".txt"),
    "markdown": Format(".md .markdown", parse="markdown"),
    "html": Format(".html .htm .xhtml", parse="html"),
    "pdf": Format(".pdf", read="pdf"),
    "word": Format(".docx .docm .dotx .dotm", read="word"),
    "slides": Format(".pptx .pptm .ppsx .ppsm .potx", read="slides"),
    "spreadsheet": Format(".xlsx .xlsm .xltx .xltm", read="spreadsheet"),
    "legacy": Format(".doc .xls .ppt"),
    "opendocument": Format(".odt .ods .odp .ott .ots .otp", read="opendocument"),
    "rtf": Format(".rtf", read="rtf"),
    "epub": Format(".epub", read="epub"),
    "email": Format(".eml", read="mail"),
    "outlook": Format(".msg", read="outlook"),
    "mailbox": Format(".mbox"),
    "mhtml": Format(".mht .mhtml", read="web_archive"),
    "notebook": Format(".ipynb", read="notebook"),
    "subtitles": Format(".srt .vtt", parse="subtitles"),
    "calendar": Format(".ics", parse="calendars"),
    "zip": Format(".zip"),
    "code": Format(_CODE, parse="code"),
    "data": Format(_DATA, parse="code"),
}
"""The formats by name. A module is imported when the first file of its format comes."""


def parser(file_format: str) -> Callable[[bytes], Parsed]:
    """The function that reads a file of this format; it raises ``DocumentError`` or whatever its library does."""
    read: Callable[[bytes], Parsed] = import_module(f"{__name__}.{FORMATS[file_format].read}").read
    return read


def parsed_text(text: str, file_format: str, name: str) -> Parsed:
    """What a file's text holds, by its format and its name.

    Raises:
        DocumentError: if it is none that people read.
    """
    module = FORMATS[file_format].parse
    if not module:
        return Parsed(text)
    parse: Callable[..., Parsed] = import_module(f"{__name__}.{module}").parse
    return parse(text, name, is_data=file_format == "data") if module == "code" else parse(text)
