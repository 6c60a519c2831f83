"""What Word, PowerPoint and Excel files have in common: parts of a zip file that name each other (ECMA-376 Part 2)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import ZIP_STORED, ZipFile

from lxml import etree

from rag.corpus.formats.authors import person
from rag.corpus.formats.zipped import open_zip, unpacked

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_STRICT_MARK = b"http://purl.oclc.org/ooxml/"
_XML_ENDINGS = (".xml", ".rels", ".vml")
_TYPES = "[Content_Types].xml"
# A file with macros, a template or a show differs from a document in the type of its main part alone.
_MAIN_TYPES: Mapping[bytes, bytes] = {
    b"application/vnd.ms-word.document.macroEnabled.main+xml": b"wordprocessingml.document",
    b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml": b"wordprocessingml.document",
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml": b"wordprocessingml.document",
    b"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml": b"presentationml.presentation",
    b"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml": b"presentationml.presentation",
    b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml": b"presentationml.presentation",
}
# When the templates of python-docx, python-pptx and XlsxWriter were made, which their files say of themselves.
_TEMPLATE_DAYS = ("2013-12-23", "2013-01-27")


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part names: the name it uses, what kind of part it is (the last word of its type), and which."""

    name: str
    kind: str
    target: str


class Package:
    """The parts of an Office file, by their names in the archive; both kinds of the format, transitional and strict."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def data(self, name: str) -> bytes:
        """The contents of a part; empty if it is missing."""
        own = self._names.get(name.lower())
        return b"" if own is None else unpacked(self._archive, self._archive.getinfo(own))

    def tree(self, name: str) -> etree._Element | None:
        """A part that is XML; ``None`` if it is missing or broken."""
        data = self.data(name)
        try:
            return etree.fromstring(data, _parser()) if data else None
        except etree.XMLSyntaxError:
            return None

    def relations(self, name: str) -> list[Relation]:
        """What a part names, apart from addresses outside the file."""
        folder, file = posixpath.split(name)
        tree = self.tree(posixpath.join(folder, "_rels", f"{file}.rels"))
        return [] if tree is None else list(_relations(tree, folder))

    def related(self, name: str, kind: str) -> list[str]:
        """Names of the parts of one kind that a part names."""
        return [each.target for each in self.relations(name) if each.kind == kind]

    def facts(self) -> dict[str, str]:
        """Title, author and date of the file's core properties."""
        found = next(iter(self.related("", "core-properties")), "docProps/core.xml")
        tree = self.tree(found)
        properties = {etree.QName(each).localname: each.text or "" for each in (() if tree is None else tree)}
        return _facts(
            properties.get("title", ""),
            properties.get("creator", ""),
            (properties.get("modified", "") or properties.get("created", ""))[:10],
        )


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _relations(tree: etree._Element, folder: str) -> Iterator[Relation]:
    for each in tree.iterchildren("{*}Relationship"):
        target, kind = each.get("Target", ""), each.get("Type", "").rpartition("/")[2]
        if each.get("TargetMode") != "External" and target:
            inside = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            yield Relation(each.get("Id", ""), kind, posixpath.normpath(unquote(inside)))


def ordinary(data: bytes, kind: str) -> bytes:
    """The same file as its library reads it: strict parts as transitional ones, a file with macros as one without.

    Args:
        kind: what the file is, as an error calls it.

    Raises:
        DocumentError: if it is no zip file, damaged, encrypted, or a bomb.
    """
    with open_zip(data, kind) as archive:
        names = set(archive.namelist())
        types = archive.read(_TYPES) if _TYPES in names else b""
        is_strict = "_rels/.rels" in names and _STRICT_MARK in archive.read("_rels/.rels")
        if not is_strict and not any(each in types for each in _MAIN_TYPES):
            return data
        buffer = BytesIO()
        with ZipFile(buffer, "w", ZIP_STORED) as written:
            for info in archive.infolist():
                part = unpacked(archive, info)
                if info.filename == _TYPES:
                    part = _ordinary_types(part)
                if is_strict and info.filename.lower().endswith(_XML_ENDINGS):
                    part = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", part)
                written.writestr(info.filename, part)
        return buffer.getvalue()


def _ordinary_types(types: bytes) -> bytes:
    for each, main in _MAIN_TYPES.items():
        types = types.replace(each, b"application/vnd.openxmlformats-officedocument." + main + b".main+xml")
    return types


def facts_of(properties: Any) -> dict[str, str]:
    """Title, author and date that a file names.

    Args:
        properties: the file's core properties, as python-docx and python-pptx give them.
    """
    when = _value(properties, "modified") or _value(properties, "created")
    return _facts(_value(properties, "title"), _value(properties, "author"), when)


def _facts(title: str, author: str, when: str) -> dict[str, str]:
    """Without what a program wrote there: "PowerPoint Presentation", "Windows User", the day its template was made."""
    if title.startswith(("PowerPoint ", "プレゼンテーション", "Microsoft ", "スライド", "Untitled", "無題")):
        title = ""
    facts = {"title": title, "author": person(author), "date": "" if when in _TEMPLATE_DAYS else when}
    return {name: value for name, value in facts.items() if value.strip()}


def _value(properties: Any, name: str) -> str:
    try:
        value = getattr(properties, name, None)
    except (ValueError, TypeError, AttributeError, OverflowError):  # a date that is none
        return ""
    return value.date().isoformat() if isinstance(value, datetime) else str(value or "")
