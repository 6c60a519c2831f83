"""Engine: open a Snapshot once, ask many times. Everything above calls this and nothing below it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from rag.answer.extract import answer, candidates
from rag.answer.result import Answer
from rag.corpus import Document, Refusal, read_documents
from rag.errors import QuestionError, SnapshotError
from rag.index.builder import BuildReport, Progress, build_snapshot
from rag.index.manifest import Manifest
from rag.index.snapshot import Snapshot
from rag.index.store import DocumentInfo
from rag.index.vector_cache import VectorCache
from rag.models import Embedder, fingerprint
from rag.search import Searcher, SearchResult
from rag.settings import Mode, Settings
from rag.text import compose


class Engine:
    """Searches and answers from one Snapshot. Safe to share between threads.

    The Snapshot that was current when the Engine was opened stays in use; the model is loaded when first needed.

    Attributes:
        snapshot: what is searched.
        settings: what was chosen, with the model that the Snapshot was built with.
    """

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        self.snapshot = snapshot
        self.settings = settings
        self._searcher = Searcher(snapshot, settings)
        self._embedder: Embedder | None = None
        self._loading = threading.Lock()

    @classmethod
    def open(cls, index: str | Path | None = None, settings: Settings | None = None) -> Engine:
        """Open the current Snapshot of an index folder.

        Raises:
            SnapshotError: if there is no index, or it is damaged, of another format, or of another model.
        """
        settings = settings or Settings.load()
        folder = Path(index) if index is not None else settings.index
        snapshot = Snapshot.open(folder)
        manifest = snapshot.manifest
        if "model" in settings.model_fields_set and settings.model != manifest.model:
            raise SnapshotError(
                f"The index was built with the model {manifest.model}, not {settings.model}.",
                path=folder,
                hint="Leave out --model, or build it again with that model.",
            )
        snapshot.load()
        return cls(snapshot, settings.updated(index=folder, model=manifest.model))

    @property
    def embedder(self) -> Embedder:
        """The model, loaded at the first use.

        Raises:
            ModelError: if it cannot be loaded.
            SnapshotError: if it is not the one the index was built with.
        """
        with self._loading:
            if self._embedder is None:
                self._embedder = self._load()
            return self._embedder

    def _load(self) -> Embedder:
        settings, manifest = self.settings, self.snapshot.manifest
        if fingerprint(settings.model, settings.cache_dir) != manifest.fingerprint:
            raise SnapshotError(
                f"The model {settings.model} is not the one the index was built with: its files have changed since.",
                path=self.snapshot.folder.parent,
                hint="Build the index again with `rag build`.",
            )
        return Embedder.load(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)

    def warm_up(self) -> None:
        """Load the model and the dictionary now, so that the first question need not wait."""
        self.ask("準備", k=1)

    def search(
        self,
        query: str,
        *,
        k: int | None = None,
        mode: Mode | None = None,
        sources: Collection[str] = (),
        languages: Collection[str] = (),
    ) -> SearchResult:
        """The best passages for a query.

        Args:
            query: a question or some words.
            k: how many hits at most; ``settings.k`` if not given.
            mode: ``hybrid``, ``dense`` or ``lexical``; ``settings.mode`` if not given.
            sources: search only these: exact sources, folders ending in ``/``, or patterns with ``*`` and ``?``.
            languages: search only passages in these languages, as ISO 639-1 codes.

        Raises:
            QuestionError: if the query is empty or too long.
        """
        (result,) = self.search_many([query], k=k, mode=mode, sources=sources, languages=languages)
        return result

    def search_many(
        self,
        queries: Sequence[str],
        *,
        k: int | None = None,
        mode: Mode | None = None,
        sources: Collection[str] = (),
        languages: Collection[str] = (),
    ) -> list[SearchResult]:
        """As ``search``, for many queries at once: their vectors are computed together."""
        mode = mode or self.settings.mode
        cleaned = [self._checked(query) for query in queries]
        vectors = [None] * len(cleaned) if mode == "lexical" else self.embedder.embed_queries(cleaned)
        return [
            self._searcher.search(
                query, vector, k=k or self.settings.k, mode=mode, sources=sources, languages=languages
            )
            for query, vector in zip(cleaned, vectors, strict=True)
        ]

    def ask(
        self,
        question: str,
        *,
        k: int | None = None,
        mode: Mode | None = None,
        sources: Collection[str] = (),
        languages: Collection[str] = (),
    ) -> Answer:
        """Answer a question with quotes from the documents, or abstain. Arguments and errors as for ``search``."""
        asked = self._checked(question)
        vector = self.embedder.embed_queries([asked])[0]
        result = self._searcher.search(
            asked, vector, k=k or self.settings.k, mode=mode or self.settings.mode, sources=sources, languages=languages
        )
        weigh = self.snapshot.lexical.weights
        found = candidates(asked, vector, result.hits, self.embedder.embed_passages, weigh)
        return answer(asked, found, result.hits, self.settings.min_confidence)

    def document(self, document_id: str) -> Document:
        """The whole document with this id.

        Raises:
            SnapshotError: if the index has none.
        """
        return self.snapshot.store.document(document_id)

    def documents(self) -> list[DocumentInfo]:
        """All documents of the index."""
        return self.snapshot.store.documents()

    def info(self) -> Manifest:
        """What the index was made with."""
        return self.snapshot.manifest

    def _checked(self, question: str) -> str:
        question = compose(question.strip())
        if not question:
            raise QuestionError("The question is empty.", hint="Write what you would like to know.")
        if len(question) > self.settings.max_question_chars:
            raise QuestionError(
                f"The question has {len(question):,} characters, more than {self.settings.max_question_chars:,}.",
                hint="Ask about one thing, or raise max_question_chars.",
            )
        return question


def build(
    paths: Sequence[str | Path] | str | Path,
    index: str | Path | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Read documents from files and folders and index them, or bring an index up to date.

    Args:
        paths: files and folders; folders are searched through.
        index: the index folder; ``settings.index`` if not given.
        settings: chunking, model, term weights.
        progress: told the stage, what is done and the total.

    Raises:
        NoDocumentsError: if no file could be read; those refused are in its message.
        ModelError, BusyError, StorageError: the index before stays in use.
    """
    chosen = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    settings = settings or Settings.load()
    documents = read_documents(chosen, max_file_mb=settings.max_file_mb)
    return build_documents(documents, Path(index or settings.index), settings, progress=progress)


def build_documents(
    documents: Iterable[Document | Refusal],
    index: Path,
    settings: Settings,
    *,
    whole: bool = False,
    progress: Progress | None = None,
    cache: bool = False,
) -> BuildReport:
    """Index documents that are already read.

    Args:
        documents: what to index.
        index: the index folder.
        settings: chunking, model, term weights.
        whole: each document is one passage, as given.
        progress: told the stage, what is done and the total.
        cache: keep vectors in ``settings.cache_dir`` for other indexes over the same texts.
    """
    embedder = Embedder.load(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
    vectors = (
        VectorCache(settings.cache_dir / "vectors.sqlite", f"{embedder.fingerprint}-{embedder.precision}")
        if cache
        else None
    )
    try:
        return build_snapshot(documents, index, settings, embedder, as_given=whole, cache=vectors, progress=progress)
    finally:
        if vectors:
            vectors.close()
