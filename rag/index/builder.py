"""Documents -> a new Snapshot, carrying over the vectors of passages that did not change."""

from __future__ import annotations

import errno
import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from filelock import FileLock, Timeout

from rag.arrays import Floats, Rows
from rag.chunking import HEADER_CHARS, Chunker, Passage, embedded_text, whole
from rag.clock import now
from rag.corpus import Document, Refusal
from rag.corpus.kinds import by_kind
from rag.errors import BusyError, NoDocumentsError, SnapshotError, StorageError
from rag.index.folder import TEMPORARY, FolderSnapshot, clean_up, clear_broken_off, publish, withdraw
from rag.index.integrity import note_checked
from rag.index.lexical import keys_of
from rag.index.lexical_writer import LexicalWriter
from rag.index.manifest import Manifest, described, new_id
from rag.index.report import BuildReport, compared, nothing, undecoded
from rag.index.reuse import Carried, MadeWith, TermsWriter
from rag.index.store_writer import StoreWriter
from rag.index.vector_cache import digest
from rag.index.vectors import write_vectors
from rag.language.terms import terms
from rag.models import Embedder
from rag.settings import Settings

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with the stage (``reading``, ``embedding``, ``writing``), what is done, and the total (0 if unknown)."""

INDEX_SETTINGS = ("chunk_tokens", "overlap_sentences", "embed_with", "bm25_k1", "bm25_b")
"""The settings that shape an index; changing one means building again."""

_EMBEDDED_AT_ONCE = 1024
"""Passages. Where there is a cache, no more are embedded in vain when the process is killed."""
_TERMS_AT_ONCE = 8192
_FULL = "The disk is full: make room and build again. The index before this build is untouched."


class KnowsVectors(Protocol):
    """An index before this build."""

    def vectors(self, digests: Sequence[bytes]) -> tuple[Rows, Floats]:
        """Vectors of texts that are known: their places among the digests, and the vectors, ``(known, dimension)``."""
        ...


class KeepsVectors(Protocol):
    """A cache of vectors."""

    def get(self, digests: Sequence[bytes]) -> Mapping[bytes, Floats]:
        """Those of the vectors that are known, by digest."""
        ...

    def put(self, digests: Sequence[bytes], vectors: Floats) -> None:
        """Remember vectors, shape ``(len(digests), dimension)``."""
        ...


def build_snapshot(
    documents: Iterable[Document | Refusal],
    index: Path,
    settings: Settings,
    embedder: Embedder,
    *,
    as_given: bool = False,
    cache: KeepsVectors | None = None,
    progress: Progress | None = None,
    record: Callable[[Path], None] | None = None,
) -> BuildReport:
    """Build a Snapshot and make it the current one; until then the one before stays in use.

    Args:
        documents: what to index; refusals are passed on to the report.
        index: the index folder; made if it is not there.
        settings: chunking and term weights.
        embedder: the model; also counts tokens for chunking.
        as_given: each document is one passage, whatever its length.
        cache: where vectors may be found beside the Snapshot before.
        progress: told what is going on.
        record: writes further files into the Snapshot's folder, to be part of it.

    Raises:
        NoDocumentsError: if there is nothing to index.
        BusyError: if another process is writing this index.
        StorageError: if the disk is full or the folder cannot be written. The Snapshot before is untouched.
    """
    started = time.perf_counter()
    notify = progress or (lambda stage, done, total: None)
    with writing(index):
        previous = _previous(index)
        kept, refused = _collect(documents, notify)
        if not kept:
            raise nothing(refused)
        chunker = Chunker(settings.chunk_tokens, settings.overlap_sentences, limit(embedder), embedder.count_tokens)
        made = MadeWith.now(chunker, embedder.fingerprint, as_given=as_given)
        carried = Carried(previous, embedder.fingerprint, made)
        hashes = {document.source: digest(document.text).hex() for document in kept}
        passages = [
            whole(document)
            if as_given
            else carried.passages(document, hashes[document.source]) or chunker.passages(document)
            for document in kept
        ]
        contents = [
            [embedded_text(passage, document.title, settings.embed_with) for passage in found]
            for document, found in zip(kept, passages, strict=True)
        ]
        flat = [text for texts in contents for text in texts]
        if not flat:
            raise NoDocumentsError(
                "The documents hold no text that could be indexed.", hint="See `rag info --excluded`."
            )
        digests = [digest(text) for text in flat]
        vectors, embedded = embed(flat, digests, embedder, carried, cache, notify)
        notify("writing", 0, len(flat))
        name = new_id()
        building = index / f"{TEMPORARY}{name}"
        try:
            building.mkdir()
            _write_documents(building, kept, hashes, passages, digests)
            vector_index = write_vectors(building, vectors)
            languages = [passage.language for found in passages for passage in found]
            _write_terms(building, flat, digests, languages, carried, settings, notify)
            if record:
                record(building)
            manifest = Manifest(
                id=name,
                created=now(),
                model=embedder.name,
                fingerprint=embedder.fingerprint,
                dimension=embedder.dimension,
                documents=len(kept),
                passages=len(flat),
                settings={setting: getattr(settings, setting) for setting in INDEX_SETTINGS},
                vector_index=vector_index,
                made_with=str(made),
                files=described(building),
            )
            manifest.write(building)
            note_checked(building, manifest.files)
            publish(index, building, name)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        before = previous.store.digests() if previous else {}
        if previous:
            previous.close()
        clean_up(index)
        notify("writing", len(flat), len(flat))
        return BuildReport(
            index=index,
            snapshot=name,
            documents=len(kept),
            passages=len(flat),
            embedded=embedded,
            **compared(hashes, before),
            refused=tuple(refusal for refusal in refused if not refusal.is_passed_over),
            passed_over=by_kind(refusal.source for refusal in refused if refusal.is_passed_over),
            seconds=time.perf_counter() - started,
            mended=tuple((document.source, gaps) for document in kept if (gaps := undecoded(document))),
        )


def empty_index(index: Path) -> None:
    """Have a folder hold no index any more.

    Raises:
        BusyError: if another process is writing it.
        StorageError: if the folder cannot be written.
    """
    with writing(index):
        withdraw(index)


@contextmanager
def writing(index: Path) -> Iterator[None]:
    """The writer's lock; errors of the disk become errors a user can act on."""
    if not _is_utf8(index):
        raise StorageError("The folder's name is not in UTF-8.", path=index, hint="Choose another with --index.")
    try:
        index.mkdir(parents=True, exist_ok=True)
        with FileLock(index / ".lock", timeout=0):
            # Now, since this build may need the space.
            clear_broken_off(index)
            yield
    except Timeout:
        raise BusyError("Another process is building this index.", path=index, hint="Wait until it is done.") from None
    except OSError as error:
        if isinstance(error, FileExistsError | NotADirectoryError):
            hint = "Choose another folder with --index."
        elif error.errno in (errno.ENOSPC, None):  # NumPy's short writes carry no errno
            hint = _FULL
        else:
            hint = "Check that the folder can be written. The index before this build is untouched."
        where = error.filename or index
        raise StorageError(
            f"The index could not be written ({error.strerror or error}).", path=where, hint=hint
        ) from error
    except sqlite3.Error as error:
        raise StorageError(f"The documents could not be written ({error}).", path=index, hint=_FULL) from error
    except RuntimeError as error:
        # FAISS reports failing writes as RuntimeError.
        if "faiss" not in str(error):
            raise
        raise StorageError("The vectors could not be written.", path=index, hint=_FULL) from error


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _previous(index: Path) -> FolderSnapshot | None:
    try:
        return FolderSnapshot.open(index)
    except SnapshotError as error:
        log.info("Building from scratch: %s", error)
        return None


def _collect(documents: Iterable[Document | Refusal], notify: Progress) -> tuple[list[Document], list[Refusal]]:
    kept: list[Document] = []
    refused: list[Refusal] = []
    for number, item in enumerate(documents, 1):
        if isinstance(item, Refusal):
            refused.append(item)
        else:
            kept.append(item)
        notify("reading", number, 0)
    return kept, refused


def limit(embedder: Embedder) -> int:
    """Tokens left for a passage behind the longest header."""
    return max(16, embedder.max_tokens - min(HEADER_CHARS, embedder.max_tokens // 3))


def embed(
    texts: Sequence[str],
    digests: Sequence[bytes],
    embedder: Embedder,
    carried: KnowsVectors,
    cache: KeepsVectors | None,
    notify: Progress,
) -> tuple[Floats, int]:
    """Vectors of all texts, shape ``(texts, dimension)``, and how many of them had to be computed."""
    numbers = {key: number for number, key in enumerate(dict.fromkeys(digests))}
    distinct = list(numbers)
    text_of = dict(zip(digests, texts, strict=True))
    vectors = np.empty((len(distinct), embedder.dimension), dtype=np.float32)
    places, known = carried.vectors(distinct)
    missing = np.ones(len(distinct), dtype=bool)
    if len(places):
        vectors[places] = known
        missing[places] = False
    if cache:
        for key, vector in cache.get([distinct[number] for number in np.flatnonzero(missing)]).items():
            vectors[numbers[key]] = vector
            missing[numbers[key]] = False
    ordered = sorted(np.flatnonzero(missing).tolist(), key=lambda number: len(text_of[distinct[number]]))
    done = 0
    notify("embedding", 0, len(ordered))

    def embedded(passages: int) -> None:
        nonlocal done
        done += passages
        notify("embedding", done, len(ordered))

    for first in range(0, len(ordered), _EMBEDDED_AT_ONCE):
        part = ordered[first : first + _EMBEDDED_AT_ONCE]
        vectors[part] = embedder.embed_passages([text_of[distinct[number]] for number in part], progress=embedded)
        if cache:
            cache.put([distinct[number] for number in part], vectors[part])
    if len(distinct) == len(digests):
        return vectors, len(ordered)
    return vectors[[numbers[key] for key in digests]], len(ordered)


def _write_terms(
    building: Path,
    texts: Sequence[str],
    digests: Sequence[bytes],
    languages: Sequence[str],
    carried: Carried,
    settings: Settings,
    notify: Progress,
) -> None:
    """Write the inverted indexes, and the terms for the next build."""
    known = carried.terms(set(digests))
    writer = LexicalWriter(building, settings.bm25_k1, settings.bm25_b)
    with TermsWriter(building) as kept:
        for first in range(0, len(texts), _TERMS_AT_ONCE):
            part = slice(first, first + _TERMS_AT_ONCE)
            words = [
                found if (found := known.get((key, language))) is not None else keys_of(terms(text, language))
                for text, key, language in zip(texts[part], digests[part], languages[part], strict=True)
            ]
            kept.add(words)
            writer.add(words, texts[part])
            notify("writing", min(part.stop, len(texts)), len(texts))
    writer.finish()


def _write_documents(
    building: Path,
    documents: Sequence[Document],
    hashes: Mapping[str, str],
    passages: Sequence[Sequence[Passage]],
    digests: Sequence[bytes],
) -> None:
    """Write documents and passages.

    Args:
        building: the Snapshot's folder.
        documents: what to write.
        hashes: SHA-256 of each document's text, by source.
        passages: of each document.
        digests: of the text embedded for each passage, one after the other.
    """
    store = StoreWriter(building)
    rest = iter(digests)
    try:
        for document, found in zip(documents, passages, strict=True):
            store.add(document, hashes[document.source], found, list(islice(rest, len(found))))
    finally:
        store.close()
