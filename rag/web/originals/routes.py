"""Addresses of files and pages, by the id of their document: no path comes from a browser."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import BinaryIO, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from rag.corpus.document import Document
from rag.corpus.pages import page_number
from rag.errors import BusyError, DocumentError, RagError, SnapshotError
from rag.library import Original, OriginalError, UnknownLibraryError, original_of
from rag.web.html.finding import found_in
from rag.web.html.places import Target
from rag.web.libraries import OpenLibraries
from rag.web.originals.pages import Pages
from rag.web.originals.views import Shown, file_html, framed_on, page_html, wrong_html
from rag.web.texts import chosen_language
from rag.web.texts.originals import ORIGINAL_TEXTS, OriginalTexts
from rag.web.turns import Turns

log = logging.getLogger(__name__)

FILE_TYPE: Final = "application/octet-stream"
"""What files are sent as, whatever they are: for a browser to save, never to run."""
_PATH = "/originals"
_MOST_FRAMED = 60
_LONG_ENOUGH = 8  # characters that hardly stand on another page by chance
_PIECE_BYTES = 1 << 16
_MOST_PAGE = 10**6
_OWN = {"cross-origin-resource-policy": "same-origin"}
_ONCE, _FOR_A_WHILE = {**_OWN, "cache-control": "no-store"}, {**_OWN, "cache-control": "private, max-age=600"}


class _Originals:
    """Answers of all addresses; they are found anew for each request, so that nothing outlives the index."""

    def __init__(self, libraries: OpenLibraries, pages: Pages) -> None:
        self._libraries, self._pages = libraries, pages

    def find(self, document_id: str) -> tuple[Document, Original | None]:
        """A document of the index, and its file if it is known.

        Raises:
            SnapshotError: if the index has no such document.
            UnknownLibraryError: if its library is not there, or not for whoever asks.
        """
        engine, own = self._libraries.engine_of(document_id)
        document = engine.document(own)
        return document, original_of(engine.snapshot.folder, document.source)

    def file(self, document_id: str) -> Response:
        """The file as it was added, for a browser to save."""
        _, original = self.find(document_id)
        if original is None:
            return _refused(404, "There is no file of this document.")
        file = original.open()
        length = os.fstat(file.fileno()).st_size
        headers = {"content-disposition": _attachment(original.path.name), "content-length": str(length), **_ONCE}
        return StreamingResponse(_pieces(file, length), media_type=FILE_TYPE, headers=headers)

    def picture(self, document_id: str, number: int) -> Response:
        """A page of a PDF as it looks."""
        document, original = self.find(document_id)
        if original is None or not _is_pdf(document):
            return _refused(404, "There are no pages of this document.")
        return Response(self._pages.picture(original, number), media_type="image/png", headers=_FOR_A_WHILE)

    def view(self, document_id: str, place: Target | None, number: int, texts: OriginalTexts) -> str:
        """What the page shows of a document's file.

        Args:
            place: what is open of the document; ``None`` where only its file is wanted.
            number: of the page to be shown; 0 for that of the place, -1 for none.
        """
        try:
            document, original = self.find(document_id)
        except (SnapshotError, UnknownLibraryError):
            return wrong_html(texts.unknown)
        if original is None:
            return ""
        name = original.path.name
        try:
            if place is None or number < 0 or not _is_pdf(document):
                original.open().close()
                return file_html(_address(document_id), name, texts, folded=place is not None and _is_pdf(document))
            shown = self._shown(document, original, replace(place, document=document_id), number)
            return page_html(document, shown, _address(document_id), name, texts)
        except OriginalError as error:
            return wrong_html(texts.states[error.state].format(name=name))
        except DocumentError as error:
            log.info("%s: %s", document.source, error)
            return file_html(_address(document_id), name, texts) + wrong_html(texts.not_drawn)

    def _shown(self, document: Document, original: Original, place: Target, number: int) -> Shown:
        _, place = found_in(document.text, place)
        focus = place.focus()
        at = document.place(focus[0]) if focus else None
        is_turned = number > 0
        number = number or (page_number(at) if at else 0) or 1
        marks, quotes = framed_on(document, number, place.marks, _MOST_FRAMED)
        page = self._pages.page(original, number, quotes)
        if number > 1 and not is_turned and quotes and not page.frames[0] and len(quotes[0].words) >= _LONG_ENOUGH:
            # The text has footnotes of a page behind the paragraph that goes on over it.
            before = self._pages.page(original, number - 1, quotes[:1])
            if before.frames[0]:
                page, marks = before, marks[:1]
        version = f"{original.stamp.modified:x}-{original.stamp.size:x}"
        return Shown(page, marks, f"{_address(place.document)}/{page.number}.png?v={version}")


def routes(libraries: OpenLibraries, pages: Pages | None = None) -> APIRouter:
    """``/originals/ID``: the file; ``…/view``: what the page shows of it; ``…/N.png``: its page number N."""
    router = APIRouter(prefix=_PATH)
    originals, turns = _Originals(libraries, pages or Pages()), Turns()

    async def file(document_id: str) -> Response:
        return await _answered(turns, partial(originals.file, document_id))

    async def picture(document_id: str, number: int) -> Response:
        return await _answered(turns, partial(originals.picture, document_id, min(number, _MOST_PAGE)))

    async def view(document_id: str, request: Request) -> Response:
        asked = request.query_params
        texts = ORIGINAL_TEXTS[chosen_language(request.headers.get("accept-language"), asked.get("lang"))]
        try:
            place = Target.from_event(json.loads(asked["place"])) if asked.get("place") else None
            number = min(int(asked.get("page", "0")), _MOST_PAGE)
        except (ValueError, TypeError, AttributeError):
            return _refused(422, "This is no place in a document.")
        try:
            html = await turns.run(partial(originals.view, document_id, place, number, texts))
        except BusyError:
            html = wrong_html(texts.busy)
        except RagError as error:
            return _refused(503, str(error))
        return HTMLResponse(html, headers=_ONCE)

    for path, route in (
        ("/{document_id}", file),
        ("/{document_id}/view", view),
        ("/{document_id}/{number}.png", picture),
    ):
        router.add_api_route(path, route, methods=["GET", "HEAD"])
    return router


async def _answered(turns: Turns, call: Callable[[], Response]) -> Response:
    try:
        return await turns.run(call)
    except OriginalError as error:
        return _refused(410, f"{error.message} {error.hint}")  # without its path
    except (SnapshotError, UnknownLibraryError):
        return _refused(404, "The index has no such document.")
    except DocumentError as error:
        return _refused(422, error.message)
    except RagError as error:
        return _refused(503, error.message)


def _refused(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status)


def _is_pdf(document: Document) -> bool:
    return document.metadata.get("format") == "pdf"


def _address(document_id: str) -> str:
    """Relative to the page, which a proxy may serve under another path."""
    return f"{_PATH[1:]}/{document_id}"


def _attachment(name: str) -> str:
    """To be saved under this name, whatever its characters (RFC 6266 and 8187), and by what knows ASCII alone."""
    ascii_name = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


def _pieces(file: BinaryIO, length: int) -> Iterator[bytes]:
    with file:
        while length > 0 and (piece := file.read(min(_PIECE_BYTES, length))):
            length -= len(piece)
            yield piece
