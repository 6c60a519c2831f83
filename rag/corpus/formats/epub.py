"""EPUB books: chapters in reading order (EPUB 3.3, 4.1 and 5.7), each a place; by zipfile and lxml."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from rag.corpus.charset.declared import declared_encoding
from rag.corpus.charset.encoding import decode
from rag.corpus.formats.draft import Draft
from rag.corpus.formats.html import page_of
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.zipped import damaged, member, open_zip
from rag.errors import DocumentError

_KIND = "an EPUB book"
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_METHODS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def read(data: bytes) -> Parsed:
    """The chapters in the order of the spine.

    Raises:
        DocumentError: if it is encrypted (DRM), damaged, or no EPUB book.
    """
    with open_zip(data, _KIND) as book:
        _check_encryption(book)
        package_path, package = _package(book)
        draft = Draft()
        for number, path in enumerate(_spine(package, package_path), 1):
            page = _chapter(book, path)
            if page is None or not page.text.strip():
                continue
            heading = next((page.text[each.start : each.end] for each in page.headings or ()), "")
            draft.blank()
            draft.place("chapter", heading or str(number))
            draft.parsed_block(page)
    facts = {"author": _fact(package, "creator"), "date": _fact(package, "date")[:10]}
    return draft.parsed(_fact(package, "title"), facts, plain=True)


def _check_encryption(book: ZipFile) -> None:
    """Fonts may be obfuscated; a chapter that is encrypted is a book with DRM."""
    if _ENCRYPTION not in book.namelist():
        return
    methods = re.findall(rb"Algorithm\s*=\s*[\"']([^\"']+)", member(book, _ENCRYPTION, _KIND))
    if any(not method.decode("ascii", "replace").startswith(_FONT_METHODS) for method in methods):
        raise DocumentError("The book is protected (DRM).", code="drm", hint="Use a copy without protection.")


def _package(book: ZipFile) -> tuple[str, etree._Element]:
    container = _xml(member(book, _CONTAINER, _KIND))
    paths = container.xpath("//*[local-name()='rootfile']/@full-path")
    if not paths:
        raise damaged(_KIND)
    path = str(paths[0])
    return path, _xml(member(book, path, _KIND))


def _xml(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    tree = etree.fromstring(data, parser)
    if tree is None:
        raise damaged(_KIND)
    return tree


def _spine(package: etree._Element, package_path: str) -> list[str]:
    """Paths of the chapters inside the archive, in reading order, each once."""
    folder = posixpath.dirname(package_path)
    items = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in package.xpath("//*[local-name()='manifest']/*[local-name()='item']")
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    }
    wanted = package.xpath("//*[local-name()='spine']/*[local-name()='itemref']/@idref")
    return list(dict.fromkeys(items[each] for each in wanted if each in items))


def _chapter(book: ZipFile, path: str) -> Parsed | None:
    if path not in book.namelist():
        return None  # a book with a chapter missing is read without it
    data = member(book, path, _KIND)
    text, _ = decode(data, declared_encoding(data))
    tree = _page(text.replace("\0", ""))
    return None if tree is None else page_of(tree)


def _page(text: str) -> etree._Element | None:
    """The tree of a chapter: as XHTML if it is well-formed, else as a browser reads HTML."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    data = text.encode("utf-8", "replace")
    if not data.strip():
        return None
    try:
        tree = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        if any(isinstance(node, etree._Entity) for node in tree.iter()):
            raise etree.XMLSyntaxError("entities", 0, 0, 0)
        for element in tree.iter(etree.Element):
            element.tag = etree.QName(element).localname.lower()
    except (etree.XMLSyntaxError, ValueError):
        return etree.fromstring(data, etree.HTMLParser(encoding="utf-8"))
    return tree


def _fact(package: etree._Element, name: str) -> str:
    found = package.xpath(f"//*[local-name()='metadata']/*[local-name()='{name}']//text()")
    return str(found[0]) if found else ""
