"""A page of a PDF as a picture, with the places of quotes on it. Runs in the worker process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from rag.corpus.formats.pdf import glyphs_of, opened
from rag.corpus.formats.pdf_frames import Framing, Way
from rag.corpus.formats.pdf_lines import Glyph
from rag.corpus.formats.pdf_rules import grids_of
from rag.corpus.formats.pdf_turns import Turn, lines_on
from rag.corpus.pages import Box, PageImage, Quote
from rag.errors import DocumentError

_MOST_PIXELS = 6_000_000
_PRECISION = 5  # digits of a share: a hundredth of a pixel


def read(data: bytes, number: int, quotes: Sequence[Quote], pixels: int) -> PageImage:
    """A page, and where on it the quotes stand.

    Args:
        number: of the page, from 1; the last page for a larger one.
        quotes: to be framed.
        pixels: width of the picture; less for pages that are very high. 0 for no picture.

    Raises:
        DocumentError: if the file or the page is damaged, or encrypted.
    """
    document = opened(data)
    try:
        if document.get_formtype() != raw.FORMTYPE_NONE:
            document.init_forms()
        pages = len(document)
        number = min(max(number, 1), pages)
        try:
            page = document[number - 1]
        except (pdfium.PdfiumError, IndexError) as error:
            raise DocumentError("The page is damaged.", code="damaged") from error
        try:
            width, height = page.get_size()
            if not (0 < width < math.inf and 0 < height < math.inf):
                raise DocumentError("The page has no size.", code="damaged")
            png = _png(page, width, height, pixels) if pixels else b""
        finally:
            page.close()
        frames = _frames(document, number - 1, quotes, width, height) if quotes else ()
        return PageImage(number, pages, width, height, frames, png)
    finally:
        document.close()


def _frames(
    document: pdfium.PdfDocument, index: int, quotes: Sequence[Quote], width: float, height: float
) -> tuple[tuple[Box, ...], ...]:
    found = glyphs_of(document, index)
    framing = Framing(lines_on(found.glyphs, *found.size), grids_of(found.rules))
    return tuple(_boxes(framing.way(quote), found.shown, width, height) for quote in quotes)


def _boxes(way: Way, shown: Turn, width: float, height: float) -> tuple[Box, ...]:
    return tuple(_box([shown.glyph(glyph) for glyph in glyphs], width, height) for glyphs in way if glyphs)


def _box(glyphs: Sequence[Glyph], width: float, height: float) -> Box:
    lefts, bottoms, rights, tops = zip(*(glyph[1:5] for glyph in glyphs), strict=True)
    left, right = _share(min(lefts) / width), _share(max(rights) / width)
    return left, _share(1 - max(tops) / height), right, _share(1 - min(bottoms) / height)


def _share(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), _PRECISION)


def _png(page: pdfium.PdfPage, width: float, height: float, pixels: int) -> bytes:
    scale = min(pixels / width, math.sqrt(_MOST_PIXELS / (width * height)))
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
    try:
        return png_of(bitmap.to_numpy()[:, :, :3])
    finally:
        bitmap.close()


def png_of(colours: npt.NDArray[np.uint8]) -> bytes:
    """A picture as PNG, shape ``(height, width, 3)``: red, green and blue; in greys if it has nothing else."""
    is_grey = bool((colours[:, :, :1] == colours[:, :, 1:]).all())
    written = BytesIO()
    # Pages are mostly white, which is packed well soon.
    Image.fromarray(colours[:, :, 0] if is_grey else colours).save(written, "PNG", compress_level=4)
    return written.getvalue()
