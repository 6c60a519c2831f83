"""Documents -> the next version of a library: only what is new or changed is cut, embedded, counted and written."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from rag.address import Address
from rag.clock import now
from rag.corpus import Document, Refusal
from rag.corpus.document import id_of
from rag.corpus.kinds import by_kind
from rag.errors import NoDocumentsError
from rag.index.builder import INDEX_SETTINGS, KeepsVectors, Progress
from rag.index.manifest import Manifest, new_id
from rag.index.postgres.connections import told
from rag.index.postgres.crew import Crew
from rag.index.postgres.prepared import content_digest
from rag.index.postgres.preparing import Cut, Preparer
from rag.index.postgres.shards import shard_of
from rag.index.postgres.vectors import COMPARED, GRAPH
from rag.index.postgres.writer import PostgresWriter
from rag.index.report import BuildReport, Item, WrittenDocument, compared, nothing, undecoded
from rag.index.vector_cache import digest
from rag.models import Embedder
from rag.settings import Settings

_PASSAGES_AT_ONCE: Final = 32_768
"""Written together, at most; with the rest of their document."""
_EMBEDDED_AT_ONCE: Final = 2_048
"""No more are embedded in vain when the process is killed."""


def build_database(
    documents: Iterable[Item],
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
    notify = progress or (lambda stage, done, total: None)
    with ExitStack() as open_, told(address):
        preparer = Preparer(settings, embedder, as_given=as_given, cache=cache, progress=progress)
        writers = [open_.enter_context(PostgresWriter.open(part)) for part in address.parts]
        build = _Build([_Part(writer, preparer, notify, at_once) for writer in writers], preparer, notify)
        if crew:
            crew.lead(preparer)
        build.take(documents)
        report = build.published(address, record)
        return replace(report, embedded=report.embedded + crew.embedded) if crew else report


class _Part:
    """What a build writes into one database: documents are gathered until there are enough passages to be written.

    Attributes:
        order: numbers of its documents, in their order.
        hashes: SHA-256 of the text of each, by source.
    """

    def __init__(self, writer: PostgresWriter, preparer: Preparer, notify: Progress, at_once: int) -> None:
        self.writer = writer
        self._preparer, self._notify, self._at_once = preparer, notify, at_once
        self._known = writer.begin(preparer.made, is_same=preparer.made_alike(writer.previous))
        self.order: list[int] = []
        self.hashes: dict[str, str] = {}
        self._waiting: list[Cut] = []
        self._waiting_passages = 0
        self._written_places: dict[int, float] = {}

    def note(self, document: WrittenDocument) -> None:
        """A document that somebody else has written."""
        self.hashes[document.source] = document.sha256
        self._written_places[document.number] = document.place
        self.order.append(document.number)

    def take(self, document: Document) -> None:
        """Write a document, unless it is known."""
        self.hashes[document.source] = digest(document.text).hex()
        known = self._known.get(document.source)
        if known is not None and known.content == content_digest(document):
            self.order.append(known.number)
            return
        cut = self._preparer.cut(document, len(self.order))
        self._waiting.append(cut)
        self.order.append(-1)  # told when it is written
        self._waiting_passages += len(cut.passages)
        if self._waiting_passages >= self._at_once:
            self.write()

    def write(self) -> None:
        """Embed, count and write what was gathered."""
        if not self._waiting:
            return
        known = self.writer.vectors_of(self._preparer.embedder.fingerprint)
        batch = self._preparer.prepared(self._waiting, known)
        total = len(self.hashes)
        self._notify("writing", total - len(self._waiting), total)
        for cut, number in zip(self._waiting, self.writer.add(batch), strict=True):
            self.order[int(cut.place)] = number
        self._notify("writing", total, total)
        self._waiting, self._waiting_passages = [], 0

    def count_passages(self) -> int:
        """How many there are in all documents."""
        return self.writer.count_passages(self.order)

    def publish(self, manifest: Manifest, files: Path) -> None:
        """Make it the current version."""
        places = {known.number: known.place for known in self._known.values()} or self._written_places
        self.writer.publish(manifest, self.order, places, files)


class _Build:
    """One build, of one database or of several that share the documents."""

    def __init__(self, parts: Sequence[_Part], preparer: Preparer, notify: Progress) -> None:
        self._began = time.perf_counter()
        self._parts, self._preparer, self._notify = parts, preparer, notify
        self._refused: list[Refusal] = []
        self._mended: list[tuple[str, int]] = []

    def take(self, documents: Iterable[Item]) -> None:
        """Write those that are not known, each where it belongs."""
        for number, item in enumerate(documents, 1):
            if isinstance(item, Refusal):
                self._refused.append(item)
            else:
                self._take(item, self._parts[shard_of(id_of(item.source), len(self._parts))])
            self._notify("reading", number, 0)
        for part in self._parts:
            part.write()

    def _take(self, item: Document | WrittenDocument, part: _Part) -> None:
        if isinstance(item, WrittenDocument):
            part.note(item)
            gaps = item.undecoded
        else:
            part.take(item)
            gaps = undecoded(item)
        if gaps:
            self._mended.append((item.source, gaps))

    def _counted(self) -> list[int]:
        """Passages of each part.

        Raises:
            NoDocumentsError: if a part would have none.
        """
        if not any(part.order for part in self._parts):
            raise nothing(self._refused)
        passages = [part.count_passages() for part in self._parts]
        if not any(passages):
            raise NoDocumentsError(
                "The documents hold no text that could be indexed.", hint="See `rag info --excluded`."
            )
        if not all(passages):
            raise NoDocumentsError(
                f"{sum(len(part.order) for part in self._parts)} documents are too few for {len(passages)} shards: "
                "one would have none.",
                hint="Build one index in one database.",
            )
        return passages

    def published(self, address: Address, record: Callable[[Path], None] | None) -> BuildReport:
        """Make it the current version; gives the report. Each database goes over to it by itself."""
        passages = self._counted()
        before = {source: sha for part in self._parts for source, sha in part.writer.digests().items()}
        embedder, settings = self._preparer.embedder, self._preparer.settings
        manifest = Manifest(
            id=new_id(),
            created=now(),
            model=embedder.name,
            fingerprint=embedder.fingerprint,
            dimension=embedder.dimension,
            documents=0,
            passages=0,
            settings={setting: getattr(settings, setting) for setting in INDEX_SETTINGS},
            vector_index=GRAPH if settings.vector_graph else COMPARED,
            made_with=self._preparer.made_with,
            files={},
        )
        with tempfile.TemporaryDirectory(prefix="shiori-") as folder:
            if record:
                record(Path(folder))
            for part, count in zip(self._parts, passages, strict=True):
                part.publish(replace(manifest, documents=len(part.order), passages=count), Path(folder))
        return BuildReport(
            index=address,
            snapshot=manifest.id,
            documents=sum(len(part.order) for part in self._parts),
            passages=sum(passages),
            embedded=self._preparer.embedded,
            **compared({source: sha for part in self._parts for source, sha in part.hashes.items()}, before),
            refused=tuple(refusal for refusal in self._refused if not refusal.is_passed_over),
            passed_over=by_kind(refusal.source for refusal in self._refused if refusal.is_passed_over),
            seconds=time.perf_counter() - self._began,
            mended=tuple(self._mended),
        )
