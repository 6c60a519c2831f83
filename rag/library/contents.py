"""What a build reads of a library, and the record of it that is kept with the Snapshot."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

from rag.clock import now
from rag.corpus import Document, Refusal, find_files
from rag.corpus.files import FoundFile
from rag.corpus.kinds import by_kind
from rag.corpus.reading import read_files
from rag.errors import RagError
from rag.files import Stamp
from rag.index.opening import open_snapshot
from rag.index.report import Item, WrittenDocument
from rag.index.vector_cache import digest
from rag.library.errors import MissingPathError
from rag.library.library import Library
from rag.library.looking import is_gone
from rag.library.record import RECORD_FILE, Entry, Record, RefusedFile, Removals, added_key, is_under

log = logging.getLogger(__name__)

Watch = Callable[[str, Document | Refusal, int, int], None]
"""Told of each document or refusal as it is read: its file, itself, number of the file, files in all."""


class ReadsFiles(Protocol):
    """Reads files as ``read_files`` does; documents may come as they have been written by others."""

    def __call__(
        self, files: Iterable[FoundFile | Refusal], *, max_file_mb: float
    ) -> Iterator[tuple[FoundFile | Refusal, Item]]: ...


class Reading:
    """One reading of a library: its documents, and the record to keep with the Snapshot made of them.

    Args:
        library: what was added to it is read too.
        paths: files and folders.
        max_file_mb: larger files are refused, in megabytes (10^6 bytes).
        all_needed: whether nobody has named the paths just now. One that is gone then ends it, rather than its
            documents; and watched folders that pause or are gone keep theirs as they are in the Snapshot before.
        follow_links: whether links out of the paths are followed.
        watch: told of each document and refusal.
        read: reads the files.
    """

    def __init__(
        self,
        library: Library,
        paths: Sequence[str | Path],
        max_file_mb: float,
        *,
        all_needed: bool = False,
        follow_links: bool = False,
        watch: Watch | None = None,
        read: ReadsFiles = read_files,
    ) -> None:
        self._library = library
        self._given = tuple(str(Path(path).absolute()) for path in paths)
        self._max_file_mb = max_file_mb
        self._all_needed = all_needed
        self._follow_links = follow_links
        self._watch = watch
        self._read = read
        self._record = Record(self._given, {}, {}, (), frozenset(), follow_links)

    def documents(self) -> Iterator[Item]:
        """Documents and refusals, one after the other, without what was taken out.

        Raises:
            MissingPathError: if all paths are needed and one is gone, or a watched folder goes on the way.
        """
        before, removals = self._before(), self._library.removals()
        paths, held, watched = self._paths(before)
        real = frozenset(map(os.path.realpath, held))
        kept = self._kept(before, real, removals)
        found = self._found([path for path in paths if path not in held], held, kept)
        if self._all_needed:
            self._check_paths([path for path in paths if path not in watched], before)
        discarded = {added_key(name) for name in removals.discarded}
        keys = {f: key for f, key in found if (key, "") not in removals.keys and key not in discarded}
        wanted = dict.fromkeys(key for file, key in keys.items() if not _is_passed_over(file))
        numbers = {key: number for number, key in enumerate(wanted, 1)}
        stamps = _stamps(keys)
        entries: dict[str, Entry] = {}
        refused: list[RefusedFile] = []
        passed: list[str] = []
        for file, item in self._read(keys, max_file_mb=self._max_file_mb):
            key = keys[file]
            entry = _entry(item, Entry(key, file.source, "", now()), before)
            if (key, entry.member(item.source)) in removals.keys:
                continue
            if isinstance(item, Refusal) and item.is_passed_over:
                passed.append(item.source)
                yield item
                continue
            if isinstance(item, Refusal):
                refused.append(RefusedFile.of(item.source, key, item.error))
            else:
                entries[item.source] = entry
            if self._watch and not isinstance(item, WrittenDocument):
                self._watch(key, item, numbers[key], len(numbers))
            yield item
        self._check_paths([path for path in watched if path not in held], before)
        refused += (RefusedFile.of(kind.shown, "", kind.problem) for kind in by_kind(passed))
        kept = {source: entry for source, entry in kept.items() if entry.file not in numbers}
        yield from self._carried(kept)
        if before is not None and held:
            stamps |= {file: s for file, s in before.files.items() if file not in stamps and _is_in(file, real)}
            refused += (r for r in before.refused if r.file not in numbers and _is_in(r.file, real))
        self._record = Record(tuple(paths), entries | kept, stamps, tuple(refused), removals.keys, self._follow_links)

    def write_record(self, folder: Path) -> None:
        """Write what was read into a Snapshot's folder."""
        self._record.write(folder / RECORD_FILE)

    def _before(self) -> Record | None:
        try:
            return self._library.record()
        except RagError as error:
            log.info("%s", error)
            return None

    def _paths(self, before: Record | None) -> tuple[list[str], frozenset[str], frozenset[str]]:
        """All paths of the library; those whose documents stay as they are; those that are watched."""
        watched = self._library.watched.read()
        real = {path: os.path.realpath(path) for path in self._given}
        given = [path for path in self._given if not (self._all_needed and real[path] in watched.left)]
        paths = given + [folder.path for folder in watched.folders if folder.path not in real.values()]
        following = {
            folder.path: folder.is_paused or is_gone(folder.path, self._library, before) for folder in watched.folders
        }
        # Whoever names a path to be built has it read.
        mine = [path for path in paths if real.get(path, path) in following and (self._all_needed or path not in real)]
        return paths, frozenset(path for path in mine if following[real.get(path, path)]), frozenset(mine)

    def _kept(self, before: Record | None, held: frozenset[str], removals: Removals) -> dict[str, Entry]:
        """The documents of folders that are not read, by their sources."""
        if before is None or not held:
            return {}
        return {
            source: entry
            for source, entry in before.entries.items()
            if _is_in(entry.file, held) and not {(entry.file, ""), (entry.file, entry.member(source))} & removals.keys
        }

    def _carried(self, entries: Collection[str]) -> Iterator[Document]:
        """Documents as they are in the Snapshot before."""
        if entries:
            with closing(open_snapshot(self._library.place)) as snapshot:
                ids = {document.source: document.id for document in snapshot.store.documents()}
                for source in entries:
                    yield snapshot.store.document(ids[source])

    def _found(
        self, paths: Sequence[str], apart_from: Collection[str], taken: Collection[str]
    ) -> list[tuple[FoundFile | Refusal, str]]:
        """All files and refusals, each with its key."""
        # Added files come last, so that they never change what the user's own are called.
        added = [str(self._library.added)] if self._library.added.is_dir() else []
        apart: list[str | Path] = [self._library.index, *apart_from]
        files = find_files([*paths, *added], apart_from=apart, follow_links=self._follow_links, taken=taken)
        return [(file, self._library.key(file.path)) for file in files]

    def _check_paths(self, paths: Iterable[str], before: Record | None) -> None:
        for path in paths:
            if is_gone(path, self._library, before):
                raise MissingPathError(
                    "The documents of this path are gone, and the index would lose them.",
                    path=path,
                    hint="Make it available again, or run `rag build` with the paths that remain.",
                )


def _is_in(file: str, paths: Collection[str]) -> bool:
    return any(is_under(file, path) for path in paths)


def _entry(item: Item, entry: Entry, before: Record | None) -> Entry:
    """The entry of a document, as old as its text is in the index."""
    if isinstance(item, Refusal):
        return entry
    sha256 = item.sha256 if isinstance(item, WrittenDocument) else digest(item.text).hex()
    known = before.entries.get(item.source) if before else None
    indexed = known.indexed if known is not None and known.sha256 == sha256 else entry.indexed
    return Entry(entry.file, entry.file_source, sha256, indexed)


def _is_passed_over(item: FoundFile | Refusal) -> bool:
    return isinstance(item, Refusal) and item.is_passed_over


def _stamps(keys: Mapping[FoundFile | Refusal, str]) -> dict[str, Stamp]:
    stamps = {}
    for file, key in keys.items():
        with suppress(OSError):
            if isinstance(file, FoundFile):
                stamps[key] = Stamp.of(file.path)
    return stamps
