"""Documents -> the next version of a library: only what is new or changed is cut, embedded, counted and written."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from rag.address import Address
from rag.clock import now
from rag.corpus import Document, Refusal
from rag.corpus.kinds import by_kind
from rag.errors import NoDocumentsError
from rag.index.builder import INDEX_SETTINGS, KeepsVectors, Progress
from rag.index.manifest import Manifest, new_id
from rag.index.postgres.connections import told
from rag.index.postgres.crew import Crew
from rag.index.postgres.prepared import content_digest
from rag.index.postgres.preparing import Cut, Preparer
from rag.index.postgres.vectors import COMPARED, GRAPH
from rag.index.postgres.writer import PostgresWriter
from rag.index.report import BuildReport, WrittenDocument, compared, nothing, undecoded
from rag.index.vector_cache import digest
from rag.models import Embedder
from rag.settings import Settings

_PASSAGES_AT_ONCE: Final = 32_768
"""Written together, at most; with the rest of their document."""
_EMBEDDED_AT_ONCE: Final = 2_048
"""No more are embedded in vain when the process is killed."""


def build_database(
    documents: Iterable[Document | Refusal | WrittenDocument],
    address: Address,
    settings: Settings,
    embedder: Embedder,
    *,
    as_given: bool = False,
    cache: KeepsVectors | None = None,
    progress: Progress | None = None,
    record: Callable[[Path], None] | None = None,
    crew: Crew | None = None,
) -> BuildReport:
    """Bring a library up to date with documents, as ``build_snapshot`` does with a folder.

    Documents are written while others are still being read, so that their texts need not fit in memory together; what a
    build that was killed has written is there for the next one. Readers see nothing of it until all are there.

    Args:
        documents: all that the library is to hold; refusals are passed on to the report.
        address: of the library, which is made if it is not there.
        settings, embedder, as_given, cache, progress, record: as for ``build_snapshot``.
        crew: processes that read and write documents for this one, which gets what they have written.

    Raises:
        NoDocumentsError: if there is nothing to index.
        BusyError: if another process is writing the library.
        StorageError: if it cannot be written. The version before is untouched.
        SnapshotError: if the database cannot be reached.
    """
    at_once = _PASSAGES_AT_ONCE if cache or as_given else _EMBEDDED_AT_ONCE
    with PostgresWriter.open(address) as writer, told(address):
        preparer = Preparer(settings, embedder, as_given=as_given, cache=cache, progress=progress)
        build = _Build(writer, preparer, progress or (lambda stage, done, total: None), at_once)
        if crew:
            crew.lead(preparer)
        build.take(documents)
        report = build.published(address, record)
        return replace(report, embedded=report.embedded + crew.embedded) if crew else report


class _Build:
    """One build: documents are gathered until there are enough passages to be written together."""

    def __init__(self, writer: PostgresWriter, preparer: Preparer, notify: Progress, at_once: int) -> None:
        self._began = time.perf_counter()
        self._writer, self._preparer, self._notify, self._at_once = writer, preparer, notify, at_once
        self._known = writer.begin(preparer.made, is_same=preparer.made_alike(writer.previous))
        self._order: list[int] = []
        self._waiting: list[Cut] = []
        self._waiting_passages = 0
        self._hashes: dict[str, str] = {}
        self._written_places: dict[int, float] = {}
        self._refused: list[Refusal] = []
        self._mended: list[tuple[str, int]] = []

    def take(self, documents: Iterable[Document | Refusal | WrittenDocument]) -> None:
        """Write those that are not known."""
        for number, item in enumerate(documents, 1):
            if isinstance(item, Refusal):
                self._refused.append(item)
            elif isinstance(item, WrittenDocument):
                self._note(item.source, item.sha256, item.undecoded)
                self._written_places[item.number] = item.place
                self._order.append(item.number)
            else:
                self._take(item)
            self._notify("reading", number, 0)
        self._write()
        if not self._order:
            raise nothing(self._refused)
        if not self._writer.count_passages(self._order):
            raise NoDocumentsError(
                "The documents hold no text that could be indexed.", hint="See `rag info --excluded`."
            )

    def _note(self, source: str, sha256: str, undecoded: int) -> None:
        self._hashes[source] = sha256
        if undecoded:
            self._mended.append((source, undecoded))

    def _take(self, document: Document) -> None:
        self._note(document.source, digest(document.text).hex(), undecoded(document))
        known = self._known.get(document.source)
        if known is not None and known.content == content_digest(document):
            self._order.append(known.number)
            return
        cut = self._preparer.cut(document, len(self._order))
        self._waiting.append(cut)
        self._order.append(-1)  # told when it is written
        self._waiting_passages += len(cut.passages)
        if self._waiting_passages >= self._at_once:
            self._write()

    def _write(self) -> None:
        """Embed, count and write what was gathered."""
        if not self._waiting:
            return
        known = self._writer.vectors_of(self._preparer.embedder.fingerprint)
        batch = self._preparer.prepared(self._waiting, known)
        total = len(self._hashes)
        self._notify("writing", total - len(self._waiting), total)
        for cut, number in zip(self._waiting, self._writer.add(batch), strict=True):
            self._order[int(cut.place)] = number
        self._notify("writing", total, total)
        self._waiting, self._waiting_passages = [], 0

    def published(self, address: Address, record: Callable[[Path], None] | None) -> BuildReport:
        """Make it the current version; gives the report."""
        before, settings = self._writer.digests(), self._preparer.settings
        name = new_id()
        passages = self._writer.count_passages(self._order)
        manifest = Manifest(
            id=name,
            created=now(),
            model=self._preparer.embedder.name,
            fingerprint=self._preparer.embedder.fingerprint,
            dimension=self._preparer.embedder.dimension,
            documents=len(self._order),
            passages=passages,
            settings={setting: getattr(settings, setting) for setting in INDEX_SETTINGS},
            vector_index=GRAPH if settings.vector_graph else COMPARED,
            made_with=self._preparer.made_with,
            files={},
        )
        with tempfile.TemporaryDirectory(prefix="shiori-") as folder:
            if record:
                record(Path(folder))
            places = {known.number: known.place for known in self._known.values()} or self._written_places
            self._writer.publish(manifest, self._order, places, Path(folder))
        return BuildReport(
            index=address,
            snapshot=name,
            documents=len(self._order),
            passages=passages,
            embedded=self._preparer.embedded,
            **compared(self._hashes, before),
            refused=tuple(refusal for refusal in self._refused if not refusal.is_passed_over),
            passed_over=by_kind(refusal.source for refusal in self._refused if refusal.is_passed_over),
            seconds=time.perf_counter() - self._began,
            mended=tuple(self._mended),
        )
