"""What is shown of a document's file: a link to it, its page with frames, or why neither is there. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rag.corpus.document import Document
from rag.corpus.pages import Box, PageImage, Quote, quote_on
from rag.web.html.markup import Mark
from rag.web.html.templates import Template, attributes
from rag.web.texts.originals import OriginalTexts

_html = Template("originals/views.html")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page to be shown.

    Attributes:
        page: as it was drawn.
        marks: of the words that its frames are of, one a frame.
        address: of its picture.
    """

    page: PageImage
    marks: Sequence[Mark]
    address: str


def file_html(address: str, name: str, texts: OriginalTexts, *, folded: bool = False) -> Markup:
    """The link to a file; with a button that shows its pages if they are ``folded`` away."""
    return _html.file(address, name, folded, texts)


def wrong_html(words: str) -> Markup:
    """Why there is nothing to be shown."""
    return _html.wrong(words)


def page_html(document: Document, shown: Shown, address: str, name: str, texts: OriginalTexts) -> Markup:
    """A page with frames, the way to the other pages, and the link to the file."""
    page = shown.page
    frames = [_frame(box, mark) for mark, boxes in zip(shown.marks, page.frames, strict=True) for box in boxes]
    missing = [not boxes for boxes in page.frames]
    note = texts.not_framed if missing and all(missing) else texts.part_framed if any(missing) else ""
    words = texts.picture.format(title=document.title, number=page.number)
    picture = attributes(
        {"src": shown.address, "alt": words, "width": round(page.width * 2), "height": round(page.height * 2)}
    )
    return _html.page(page, words, picture, frames, note, address, name, texts)


def _frame(box: Box, mark: Mark) -> tuple[str, str]:
    """Classes and place of a frame."""
    left, top, width, height = (f"{share * 100:.3f}%" for share in (box[0], box[1], box[2] - box[0], box[3] - box[1]))
    place = f"left:{left};top:{top};width:{width};height:{height}"
    return f"{mark.kind} current" if mark.current else mark.kind, place


def framed_on(
    document: Document, number: int, marks: Sequence[Mark], most: int
) -> tuple[Sequence[Mark], Sequence[Quote]]:
    """The marks that stand on a page of a document, the current one first, at most so many; and what stands there."""
    found = [(mark, quote_on(document, number, mark.start, mark.end)) for mark in marks]
    there = [(mark, quote) for mark, quote in found if quote is not None]
    there = sorted(there, key=lambda each: not each[0].current)[:most]
    return [mark for mark, _ in there], [quote for _, quote in there]
