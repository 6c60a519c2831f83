"""The two files of a library: what a Snapshot was made of, and what the user has taken out."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from rag.errors import DocumentError, Facts, RagError, SnapshotError
from rag.files import Stamp, write_durably

RECORD_FILE = "sources.json"
"""Name of the record in a Snapshot's folder."""

LIBRARY_FILE = "library.json"
"""Name of the list of what was taken out, beside the Snapshots."""

QUESTIONS_FILE = "questions.jsonl"
"""Name of the marked questions, beside the Snapshots."""

SAVED_FILE = "saved.jsonl"
"""Name of the answers that were kept, beside the Snapshots."""

WATCHED_FILE = "watched.json"
"""Name of the list of folders that are watched, beside the Snapshots."""

KEPT_FILES = (QUESTIONS_FILE, SAVED_FILE, WATCHED_FILE)
"""What was made of a library beside its documents, next to the Snapshots."""

Key = tuple[str, str]
"""A document by its file and, in an archive, its name there."""


_ADDED = "added:"


def added_key(name: str) -> str:
    """The key of an added file."""
    return f"{_ADDED}{name}"


def added_name(key: str) -> str | None:
    """The name of an added file, by its key; ``None`` for one of the user's own."""
    return key.removeprefix(_ADDED) if key.startswith(_ADDED) else None


def is_under(file: str, path: str) -> bool:
    """Whether a file, by its key, is a path or somewhere in it. No added file is."""
    return file == path or file.startswith(path.rstrip(os.sep) + os.sep)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a document comes from.

    Attributes:
        file: its file, as ``Library.key`` has it.
        file_source: source of the file, which in an archive is not that of the document.
        sha256: of its text, in hexadecimal.
        indexed: since when the index holds this text of it, ISO 8601 in UTC.
    """

    file: str
    file_source: str
    sha256: str
    indexed: str

    def member(self, source: str) -> str:
        """Which document of its file ``source`` is: its name in the archive, or nothing."""
        return source.removeprefix(self.file_source).removeprefix("/")


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that could not be read: its source and file, what is wrong with it, and how to mend that.

    ``code`` and ``facts`` are those of the DocumentError; records of older versions have none.
    """

    source: str
    file: str
    message: str
    hint: str
    code: str = "unreadable"
    facts: Facts = field(default_factory=dict)

    @classmethod
    def of(cls, source: str, file: str, error: RagError) -> RefusedFile:
        """With what an error says."""
        if isinstance(error, DocumentError):
            return cls(source, file, **error.to_dict())
        return cls(source, file, error.message, error.hint)


@dataclass(frozen=True, slots=True)
class Record:
    """What a Snapshot was made of.

    Attributes:
        paths: absolute paths of the folders and files given.
        entries: where each document comes from, by its source.
        files: each file found, as it was just before it was read.
        refused: files that could not be read.
        left_out: documents that the user had taken out.
        follow_links: whether links out of the folders were followed; in records of older versions they were.
    """

    paths: tuple[str, ...]
    entries: Mapping[str, Entry]
    files: Mapping[str, Stamp]
    refused: tuple[RefusedFile, ...]
    left_out: frozenset[Key]
    follow_links: bool = False

    def documents_under(self, path: str) -> dict[Key, str]:
        """The documents of a folder, by its real path, with the SHA-256 of the text of each."""
        return {
            (entry.file, entry.member(source)): entry.sha256
            for source, entry in self.entries.items()
            if is_under(entry.file, path)
        }

    def write(self, path: Path) -> None:
        """Write it; whoever publishes the Snapshot makes it durable."""
        body = asdict(self) | {"left_out": sorted(self.left_out)}
        path.write_text(_json(body), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record.

        Raises:
            FileNotFoundError: if there is none.
            SnapshotError: if it cannot be used.
        """
        return cls.parsed(path.read_bytes(), str(path))

    @classmethod
    def parsed(cls, content: bytes, name: str) -> Record:
        """A record from a file's content; ``name`` is what the file is called in messages.

        Raises:
            SnapshotError: if it cannot be used.
        """
        try:
            body = json.loads(content)
            return cls(
                tuple(map(str, body["paths"])),
                {source: Entry(**entry) for source, entry in body["entries"].items()},
                {file: Stamp(**stamp) for file, stamp in body["files"].items()},
                tuple(RefusedFile(**refused) for refused in body["refused"]),
                frozenset((str(file), str(member)) for file, member in body["left_out"]),
                bool(body.get("follow_links", True)),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SnapshotError(
                f"The list of what the index was made of is damaged ({error!r}).",
                path=name,
                hint="Build it again with `rag build FOLDER`.",
            ) from None


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A document that stays out though its file is there: that file, and its name in an archive."""

    source: str
    title: str
    file: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Removals:
    """What the user has taken out.

    Attributes:
        removed: documents whose files are not to be touched.
        discarded: names of added files to be deleted as soon as no current Snapshot holds them.
    """

    removed: tuple[TakenOut, ...] = ()
    discarded: frozenset[str] = frozenset()

    @property
    def keys(self) -> frozenset[Key]:
        """The removed documents."""
        return frozenset((out.file, out.member) for out in self.removed)

    def with_removed(self, out: TakenOut) -> Removals:
        """With one more document removed."""
        others = (o for o in self.removed if (o.file, o.member) != (out.file, out.member))
        return replace(self, removed=(*others, out))

    def with_discarded(self, name: str) -> Removals:
        """With one more added file to be deleted."""
        return replace(self, discarded=self.discarded | {name})

    def with_added(self, name: str, file: str) -> Removals:
        """With an added file wanted, and all that is in it."""
        return replace(self.without_files({file}), discarded=self.discarded - {name})

    def without(self, source: str) -> Removals:
        """With the document of this source wanted again."""
        return replace(self, removed=tuple(out for out in self.removed if out.source != source))

    def without_files(self, files: Collection[str]) -> Removals:
        """With all documents of these files wanted again."""
        return replace(self, removed=tuple(out for out in self.removed if out.file not in files))

    def without_discarded(self, names: Collection[str]) -> Removals:
        """With these files deleted."""
        return replace(self, discarded=self.discarded - frozenset(names))

    def write(self, path: Path) -> None:
        """Write them so that they last."""
        body: dict[str, Any] = asdict(self) | {"discarded": sorted(self.discarded)}
        write_durably(path, _json(body).encode("utf-8"))

    @classmethod
    def read(cls, path: Path) -> Removals:
        """Read them; where there is no file, nothing was taken out.

        Raises:
            SnapshotError: if the file cannot be used: what it says is not to be guessed.
        """
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            removed = tuple(TakenOut(**out) for out in body["removed"])
            return cls(removed, frozenset(map(str, body["discarded"])))
        except (FileNotFoundError, NotADirectoryError):
            return cls()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SnapshotError(
                f"The list of documents taken out is damaged ({error!r}).",
                path=path,
                hint="Mend it, or remove it to have all documents again.",
            ) from None


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=True, indent=1) + "\n"
