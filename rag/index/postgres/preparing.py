"""Documents cut, embedded and counted, before they are written into a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.chunking import Chunker, Passage, embedded_text, whole
from rag.corpus import Document
from rag.index.builder import KeepsVectors, KnowsVectors, Progress, embed, limit
from rag.index.lexical import bigram_keys, keys_of
from rag.index.manifest import Manifest
from rag.index.postgres.prepared import Prepared, content_digest
from rag.index.reuse import MadeWith
from rag.index.vector_cache import digest
from rag.language.terms import terms
from rag.models import Embedder
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Cut:
    """A document cut into passages: its place in the order, SHA-256 of its text, digest of all of it."""

    place: float
    document: Document
    sha256: str
    content: bytes
    passages: Sequence[Passage]


class Preparer:
    """Prepares documents, always alike.

    Attributes:
        made: what this depends on beside the documents.
        made_with: the same, as a manifest has it.
        embedded: passages whose vectors had to be computed.

    Args:
        settings, embedder, as_given, cache, progress: as for ``build_database``.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder,
        *,
        as_given: bool = False,
        cache: KeepsVectors | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.settings, self.embedder, self.as_given = settings, embedder, as_given
        self._cache, self._notify = cache, progress or (lambda stage, done, total: None)
        self._chunker = Chunker(
            settings.chunk_tokens, settings.overlap_sentences, limit(embedder), embedder.count_tokens
        )
        self.made_with = str(MadeWith.now(self._chunker, embedder.fingerprint, as_given=as_given))
        self.made = f"{embedder.fingerprint} {self.made_with} {settings.embed_with}"
        self.embedded = 0

    def made_alike(self, manifest: Manifest | None) -> bool:
        """Whether a version's passages, vectors and terms are as they would be made now."""
        if manifest is None:
            return False
        return self.made == f"{manifest.fingerprint} {manifest.made_with} {manifest.settings.get('embed_with')}"

    def cut(self, document: Document, place: float) -> Cut:
        """A document cut into passages."""
        passages = whole(document) if self.as_given else self._chunker.passages(document)
        return Cut(place, document, digest(document.text).hex(), content_digest(document), [*passages])

    def prepared(self, cuts: Sequence[Cut], known: KnowsVectors) -> list[Prepared]:
        """Documents ready to be written; vectors that are known are not computed."""
        texts = [
            embedded_text(passage, cut.document.title, self.settings.embed_with)
            for cut in cuts
            for passage in cut.passages
        ]
        languages = [passage.language for cut in cuts for passage in cut.passages]
        digests = [digest(text) for text in texts]
        vectors, embedded = embed(texts, digests, self.embedder, known, self._cache, self._notify)
        self.embedded += embedded
        words = [keys_of(terms(text, language)) for text, language in zip(texts, languages, strict=True)]
        bigrams = [bigram_keys(text) for text in texts]
        batch, first = [], 0
        for cut in cuts:
            some = slice(first, first + len(cut.passages))
            parts = digests[some], vectors[some], words[some], bigrams[some]
            batch.append(Prepared(cut.document, cut.sha256, cut.content, cut.place, cut.passages, *parts))
            first = some.stop
        return batch
