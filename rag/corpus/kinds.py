"""Kinds of files that are not read: what they are called, and how their words can be read all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from rag.errors import DocumentError

_HOW: Mapping[str, str] = {
    ".png .jpg .jpeg .gif .bmp .tif .tiff .webp .heic .svg .ico": (
        "If there are words in the pictures, recognise them (OCR) and save them as PDF with text."
    ),
    ".xdw .xbd": "Print them from DocuWorks to PDF with text.",
    ".jtd .jtt .jtdc": "Save them from Ichitaro as .docx or PDF.",
    ".pages .numbers .key": "Export them as .docx, .xlsx, .pptx or PDF.",
    ".one .onepkg .pub .vsd .vsdx .mpp .accdb .mdb .dwg .dxf": "Export them from their program as PDF.",
    ".xlsb": "Save them from Excel as .xlsx.",
    ".pst .ost .dbx": "Export the messages as .eml or .msg.",
    ".rar .7z .lzh .tar .gz .tgz .bz2 .xz .cab .iso": "Unpack them, and give the folder.",
    ".mp3 .wav .m4a .mp4 .mov .avi .mkv .wmv .webm": "Transcribe them to .srt, .vtt or .txt.",
    ".exe .dll .so .msi .dmg .app .bin .class .pyc .o": "There is nothing in them to read.",
    ".rst .adoc .org .tex .log .text": "Rename or convert them to .txt or .md.",
    ".ai .eps .psd .indd": "Export them as PDF with text.",
}
_HOW_BY_ENDING = {ending: how for endings, how in _HOW.items() for ending in endings.split()}
_OTHERWISE = "Save them as .txt, .docx, .xlsx, .pptx, PDF or HTML."
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Files of one kind that were found and not read.

    Attributes:
        kind: the end of their names; empty if these have none.
        sources: what each is called.
        hint: how to read them.
    """

    kind: str
    sources: tuple[str, ...]
    hint: str

    def __str__(self) -> str:
        what = f"ending in {self.kind}" if self.kind else "without an ending"
        files = "1 file" if len(self.sources) == 1 else f"{len(self.sources):,} files"
        return f"{files} {what}: {self._names}. {self.hint}"

    @property
    def shown(self) -> str:
        """What a list of files calls them."""
        return self._names if len(self.sources) == 1 else f"{self.kind or '-'} × {len(self.sources):,}: {self._names}"

    @property
    def problem(self) -> DocumentError:
        """What is wrong with them, and what to do."""
        return DocumentError(f"{of_kind(self.sources[0])} cannot be read.", code="unsupported", hint=self.hint)

    @property
    def _names(self) -> str:
        more = len(self.sources) - _MOST_NAMES
        return ", ".join(self.sources[:_MOST_NAMES]) + (f" … (+{more:,})" if more > 0 else "")


def ending_of(source: str) -> str:
    """The end of a file's name, in lower case."""
    return PurePosixPath(source).suffix.lower()


def of_kind(source: str) -> str:
    """What files like this one are called in a sentence."""
    ending = ending_of(source)
    return f"Files ending in {ending!r}" if ending else "Files without an ending"


def how_to_read(source: str) -> str:
    """What to do so that the words of such a file are read."""
    return _HOW_BY_ENDING.get(ending_of(source), _OTHERWISE)


def by_kind(sources: Iterable[str]) -> tuple[PassedOver, ...]:
    """Files that were not read, those of one kind together; the most frequent kind first."""
    kinds: dict[str, list[str]] = {}
    for source in sources:
        kinds.setdefault(ending_of(source), []).append(source)
    found = (PassedOver(kind, tuple(names), how_to_read(names[0])) for kind, names in kinds.items())
    return tuple(sorted(found, key=lambda each: (-len(each.sources), each.kind)))
