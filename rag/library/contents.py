"""What a build reads of a library, and the record of it that is kept with the Snapshot."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rag.corpus import Document, Refusal, find_files
from rag.corpus.files import FoundFile
from rag.corpus.kinds import by_kind
from rag.corpus.reading import read_files
from rag.errors import RagError
from rag.files import Stamp
from rag.index.vector_cache import digest
from rag.library.errors import MissingPathError
from rag.library.library import Library
from rag.library.record import RECORD_FILE, Entry, Record, RefusedFile, added_key

log = logging.getLogger(__name__)

Watch = Callable[[str, Document | Refusal, int, int], None]
"""Told of each document or refusal as it is read: its file, itself, number of the file, files in all."""


class Reading:
    """One reading of a library: its documents, and the record to keep with the Snapshot made of them.

    Args:
        library: what was added to it is read too.
        paths: files and folders.
        max_file_mb: larger files are refused, in megabytes (10^6 bytes).
        all_needed: whether a path that is gone ends it, rather than its documents.
        follow_links: whether links out of the paths are followed.
        watch: told of each document and refusal.
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
    ) -> None:
        self._library = library
        self._paths = tuple(str(Path(path).absolute()) for path in paths)
        self._max_file_mb = max_file_mb
        self._all_needed = all_needed
        self._follow_links = follow_links
        self._watch = watch
        self._record = Record(self._paths, {}, {}, (), frozenset(), follow_links)

    def documents(self) -> Iterator[Document | Refusal]:
        """Documents and refusals, one after the other, without what was taken out.

        Raises:
            MissingPathError: if all paths are needed and one is gone.
        """
        before, removals = self._before(), self._library.removals()
        found = self._found(before)
        discarded = {added_key(name) for name in removals.discarded}
        keys = {f: key for f, key in found if (key, "") not in removals.keys and key not in discarded}
        wanted = dict.fromkeys(key for file, key in keys.items() if not _is_passed_over(file))
        numbers = {key: number for number, key in enumerate(wanted, 1)}
        stamps = _stamps(keys)
        entries: dict[str, Entry] = {}
        refused: list[RefusedFile] = []
        passed: list[str] = []
        for file, item in read_files(keys, max_file_mb=self._max_file_mb):
            key = keys[file]
            entry = _entry(item, Entry(key, file.source, "", _now()), before)
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
            if self._watch:
                self._watch(key, item, numbers[key], len(numbers))
            yield item
        refused += (RefusedFile.of(kind.shown, "", kind.problem) for kind in by_kind(passed))
        self._record = Record(self._paths, entries, stamps, tuple(refused), removals.keys, self._follow_links)

    def write_record(self, folder: Path) -> None:
        """Write what was read into a Snapshot's folder."""
        self._record.write(folder / RECORD_FILE)

    def _before(self) -> Record | None:
        try:
            return self._library.record()
        except RagError as error:
            log.info("%s", error)
            return None

    def _found(self, before: Record | None) -> list[tuple[FoundFile | Refusal, str]]:
        """All files and refusals, each with its key."""
        # Added files come last, so that they never change what the user's own are called.
        added = [str(self._library.added)] if self._library.added.is_dir() else []
        files = find_files([*self._paths, *added], apart_from=[self._library.index], follow_links=self._follow_links)
        found = [(file, self._library.key(file.path)) for file in files]
        if self._all_needed:
            self._check_paths([key for file, key in found if isinstance(file, FoundFile)], before)
        return found

    def _check_paths(self, files: Sequence[str], before: Record | None) -> None:
        """A path that shows nothing where there were documents is more likely unplugged than emptied."""
        held = [entry.file for entry in before.entries.values()] if before else []
        for path in self._paths:
            real = os.path.realpath(path)
            is_empty = not any(_is_under(file, real) for file in files)
            if not Path(path).exists() or (is_empty and any(_is_under(file, real) for file in held)):
                raise MissingPathError(
                    "The documents of this path are gone, and the index would lose them.",
                    path=path,
                    hint="Make it available again, or run `rag build` with the paths that remain.",
                )


def _entry(item: Document | Refusal, entry: Entry, before: Record | None) -> Entry:
    """The entry of a document, as old as its text is in the index."""
    if isinstance(item, Refusal):
        return entry
    sha256 = digest(item.text).hex()
    known = before.entries.get(item.source) if before else None
    indexed = known.indexed if known is not None and known.sha256 == sha256 else entry.indexed
    return Entry(entry.file, entry.file_source, sha256, indexed)


def _is_passed_over(item: FoundFile | Refusal) -> bool:
    return isinstance(item, Refusal) and item.is_passed_over


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _stamps(keys: Mapping[FoundFile | Refusal, str]) -> dict[str, Stamp]:
    stamps = {}
    for file, key in keys.items():
        with suppress(OSError):
            if isinstance(file, FoundFile):
                stamps[key] = Stamp.of(file.path)
    return stamps


def _is_under(file: str, path: str) -> bool:
    return Path(file).is_relative_to(path)
