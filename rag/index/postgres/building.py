"""Documents -> the next version of a library: only what is new or changed is cut, embedded, counted and written."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from rag.address import Address
from rag.chunking import Chunker, Passage, embedded_text, whole
from rag.clock import now
from rag.corpus import Document, Refusal
from rag.corpus.kinds import by_kind
from rag.errors import NoDocumentsError
from rag.index.builder import INDEX_SETTINGS, BuildReport, KeepsVectors, Progress, compared, embed, limit, nothing
from rag.index.lexical import bigram_keys, keys_of
from rag.index.manifest import Manifest, new_id
from rag.index.postgres.connections import told
from rag.index.postgres.prepared import Known, Prepared, content_digest
from rag.index.postgres.vectors import COMPARED, GRAPH
from rag.index.postgres.writer import PostgresWriter
from rag.index.reuse import MadeWith
from rag.index.vector_cache import digest
from rag.language.terms import terms
from rag.models import Embedder
from rag.settings import Settings

_PASSAGES_AT_ONCE: Final = 32_768
"""Written together, at most; with the rest of their document."""
_EMBEDDED_AT_ONCE: Final = 2_048
"""No more are embedded in vain when the process is killed."""


def build_database(
    documents: Iterable[Document | Refusal],
    address: Address,
    settings: Settings,
    embedder: Embedder,
    *,
    as_given: bool = False,
    cache: KeepsVectors | None = None,
    progress: Progress | None = None,
    record: Callable[[Path], None] | None = None,
) -> BuildReport:
    """Bring a library up to date with documents, as ``build_snapshot`` does with a folder.

    Documents are written while others are still being read, so that their texts need not fit in memory together; what a
    build that was killed has written is there for the next one. Readers see nothing of it until all are there.

    Args:
        documents: all that the library is to hold; refusals are passed on to the report.
        address: of the library, which is made if it is not there.
        settings, embedder, as_given, cache, progress, record: as for ``build_snapshot``.

    Raises:
        NoDocumentsError: if there is nothing to index.
        BusyError: if another process is writing the library.
        StorageError: if it cannot be written. The version before is untouched.
        SnapshotError: if the database cannot be reached.
    """
    with PostgresWriter.open(address) as writer, told(address):
        build = _Build(writer, settings, embedder, as_given, cache, progress or (lambda stage, done, total: None))
        build.take(documents)
        return build.published(address, record)


class _Build:
    """One build: documents are gathered until there are enough to be written together."""

    def __init__(
        self,
        writer: PostgresWriter,
        settings: Settings,
        embedder: Embedder,
        as_given: bool,
        cache: KeepsVectors | None,
        notify: Progress,
    ) -> None:
        self._began = time.perf_counter()
        self._writer, self._settings, self._embedder = writer, settings, embedder
        self._as_given, self._cache, self._notify = as_given, cache, notify
        self._chunker = Chunker(
            settings.chunk_tokens, settings.overlap_sentences, limit(embedder), embedder.count_tokens
        )
        self._made = MadeWith.now(self._chunker, embedder.fingerprint, as_given=as_given)
        self._known = self._known_documents()
        self._order: list[int] = []
        self._waiting: list[tuple[int, Document, str, bytes, list[Passage]]] = []
        self._waiting_passages = 0
        self._hashes: dict[str, str] = {}
        self._embedded = 0
        self._refused: list[Refusal] = []
        self._mended: list[tuple[str, int]] = []

    def _known_documents(self) -> Mapping[str, Known]:
        previous, settings = self._writer.previous, self._settings
        made = f"{self._embedder.fingerprint} {self._made} {settings.embed_with}"
        before = previous and f"{previous.fingerprint} {previous.made_with} {previous.settings.get('embed_with')}"
        return self._writer.begin(made, is_same=made == before)

    def take(self, documents: Iterable[Document | Refusal]) -> None:
        """Write those that are not known."""
        for number, item in enumerate(documents, 1):
            if isinstance(item, Refusal):
                self._refused.append(item)
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

    def _take(self, document: Document) -> None:
        sha256, content = digest(document.text).hex(), content_digest(document)
        self._hashes[document.source] = sha256
        if (gaps := document.metadata.get("undecoded", "")).isdigit():
            self._mended.append((document.source, int(gaps)))
        known = self._known.get(document.source)
        if known is not None and known.content == content:
            self._order.append(known.number)
            return
        passages = [*(whole(document) if self._as_given else self._chunker.passages(document))]
        self._waiting.append((len(self._order), document, sha256, content, passages))
        self._order.append(-1)  # told when it is written
        self._waiting_passages += len(passages)
        if self._waiting_passages >= (_PASSAGES_AT_ONCE if self._cache or self._as_given else _EMBEDDED_AT_ONCE):
            self._write()

    def _write(self) -> None:
        """Embed, count and write what was gathered."""
        if not self._waiting:
            return
        batch = self._prepared()
        total = len(self._hashes)
        self._notify("writing", total - len(self._waiting), total)
        for one, number in zip(batch, self._writer.add(batch), strict=True):
            self._order[one.place] = number
        self._notify("writing", total, total)
        self._waiting, self._waiting_passages = [], 0

    def _prepared(self) -> list[Prepared]:
        texts = [
            embedded_text(passage, document.title, self._settings.embed_with)
            for _, document, _, _, passages in self._waiting
            for passage in passages
        ]
        languages = [passage.language for *_, passages in self._waiting for passage in passages]
        digests = [digest(text) for text in texts]
        vectors, embedded = embed(texts, digests, self._embedder, self._writer, self._cache, self._notify)
        self._embedded += embedded
        words = [keys_of(terms(text, language)) for text, language in zip(texts, languages, strict=True)]
        bigrams = [bigram_keys(text) for text in texts]
        batch, first = [], 0
        for place, document, sha256, content, passages in self._waiting:
            some = slice(first, first + len(passages))
            parts = digests[some], vectors[some], words[some], bigrams[some]
            batch.append(Prepared(document, sha256, content, place, passages, *parts))
            first = some.stop
        return batch

    def published(self, address: Address, record: Callable[[Path], None] | None) -> BuildReport:
        """Make it the current version; gives the report."""
        before = self._writer.digests()
        name = new_id()
        passages = self._writer.count_passages(self._order)
        manifest = Manifest(
            id=name,
            created=now(),
            model=self._embedder.name,
            fingerprint=self._embedder.fingerprint,
            dimension=self._embedder.dimension,
            documents=len(self._order),
            passages=passages,
            settings={setting: getattr(self._settings, setting) for setting in INDEX_SETTINGS},
            vector_index=GRAPH if self._settings.vector_graph else COMPARED,
            made_with=str(self._made),
            files={},
        )
        with tempfile.TemporaryDirectory(prefix="shiori-") as folder:
            if record:
                record(Path(folder))
            places = {known.number: known.place for known in self._known.values()}
            self._writer.publish(manifest, self._order, places, Path(folder))
        return BuildReport(
            index=address,
            snapshot=name,
            documents=len(self._order),
            passages=passages,
            embedded=self._embedded,
            **compared(self._hashes, before),
            refused=tuple(refusal for refusal in self._refused if not refusal.is_passed_over),
            passed_over=by_kind(refusal.source for refusal in self._refused if refusal.is_passed_over),
            seconds=time.perf_counter() - self._began,
            mended=tuple(self._mended),
        )
