"""Pages of PDFs, drawn in a worker process of their own; the last pictures are kept, up to a size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from rag.corpus.pages import PageImage, Quote
from rag.corpus.sandbox.process import Sandbox
from rag.library import Original

PIXELS = 1400
"""Width of a picture."""
KEPT_BYTES = 48_000_000
"""Size of all pictures that are kept."""
SECONDS = 20.0
"""Most processor time that drawing one page may take: less than reading a whole file may."""

_Key = tuple[Original, int]


class Pages:
    """Draws pages. Threads may share one; one page is drawn at a time, beside whatever a build is reading."""

    def __init__(self, sandbox: Sandbox | None = None, kept_bytes: int = KEPT_BYTES) -> None:
        self._sandbox = sandbox or Sandbox(seconds=SECONDS)
        self._most = kept_bytes
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, original: Original, number: int, quotes: Sequence[Quote] = ()) -> PageImage:
        """A page of a PDF with its picture, and where on it the quotes stand.

        Args:
            number: of the page, from 1; the last one for a larger number.

        Raises:
            OriginalError: if the file is not the one that was read.
            DocumentError: if the page cannot be drawn.
        """
        with original.open() as file:
            data = file.read()
        known = self._known((original, number))
        page = self._sandbox.page(data, number, quotes, 0 if known else PIXELS)
        if known:
            return replace(page, png=known)
        self._keep((original, page.number), page.png)
        return page

    def picture(self, original: Original, number: int) -> bytes:
        """A page as PNG. Raises as ``page`` does; the file is looked at even if the picture is kept."""
        known = self._known((original, number))
        if known:
            original.open().close()
            return known
        return self.page(original, number).png

    def _known(self, key: _Key) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: _Key, png: bytes) -> None:
        with self._lock:
            self._kept[key] = png
            self._kept.move_to_end(key)
            while sum(map(len, self._kept.values())) > self._most:
                self._kept.popitem(last=False)
