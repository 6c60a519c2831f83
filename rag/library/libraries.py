"""Named libraries beside the default one: each an index folder of its own, with all that belongs to one.

They lie in ``<index>/libraries/``, where ``<index>`` is the folder of the default library: a folder for each, named by
its id, and ``libraries.json``, which tells what they are called and who may do what with them. So a library is made,
renamed and removed by replacing that file in one step, whatever a file system thinks of its name, and what has the id
(an address, a saved answer) outlasts another name.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from rag.address import Address, IndexPlace, folder_of
from rag.clock import now
from rag.errors import RagError
from rag.files import write_durably
from rag.index.folder import ADDED_FOLDER, REMOVING, current_id
from rag.index.manifest import Manifest
from rag.index.opening import local_folder, open_snapshot
from rag.library.changing import changing
from rag.library.errors import LibraryError, LibraryNameError, UnknownLibraryError
from rag.library.record import LIBRARY_FILE, WATCHED_FILE

LIBRARIES_FOLDER = "libraries"
LIBRARIES_FILE = "libraries.json"
MOST_LIBRARIES = 200
MOST_NAME_CHARS = 60
DEFAULT_ID = "default"
_NAMED_BY_ADDRESS = "Libraries of a database are named in its address: --index postgresql://…?library=name."
_ID = re.compile(r"[0-9a-f]{8}")
_DEFAULT_NAMES = ("default", "既定")
_NOT_IN_NAMES = frozenset('/\\:*?"<>|')
"""What parts paths on some system, or means several files."""


@dataclass(frozen=True, slots=True)
class NamedLibrary:
    """A library among others.

    Attributes:
        id: 8 hexadecimal digits that no other has and that a new name does not change; ``default`` for the default one.
        name: what it is called.
        created: since when there is one, ISO 8601 in UTC; empty for the default one.
        is_open: whether accounts without a right of their own may do with it what their role says.
        rights: the role in it of accounts that have one of their own, by their name; ``none``: it does not show for
            them.
        is_leaving: whether it has been removed, and its folder may not be gone yet.
    """

    id: str
    name: str
    created: str = ""
    is_open: bool = True
    rights: Mapping[str, str] = field(default_factory=dict, hash=False)
    is_leaving: bool = False

    @property
    def is_default(self) -> bool:
        return self.id == DEFAULT_ID


DEFAULT_LIBRARY = NamedLibrary(DEFAULT_ID, _DEFAULT_NAMES[0])


class Libraries:
    """The libraries that belong to one index folder, which is the default one's. Threads and processes may share it.

    Attributes:
        index: the index folder of the default library.
        folder: where the others are.
    """

    def __init__(self, index: IndexPlace) -> None:
        self.index = index
        self.folder = local_folder(index) / LIBRARIES_FOLDER

    def all(self) -> tuple[NamedLibrary, ...]:
        """The default one, then the others by name.

        Raises:
            LibraryError: if their file is damaged.
        """
        there = (library for library in self._read() if not library.is_leaving)
        return (DEFAULT_LIBRARY, *sorted(there, key=lambda library: _key(library.name)))

    def named(self, name: str) -> NamedLibrary:
        """The library of this name, whatever its case and width, or of this id.

        Raises:
            UnknownLibraryError: if there is none.
        """
        key = _key(name)
        if key in map(_key, _DEFAULT_NAMES):
            return DEFAULT_LIBRARY
        found = [library for library in self.all() if key == _key(library.name) or name == library.id]
        if not found:
            raise UnknownLibraryError(name)
        return found[0]

    def index_of(self, library: NamedLibrary) -> IndexPlace:
        """Where the index of a library is."""
        return self.index if library.is_default else self.folder / library.id

    def size(self, library: NamedLibrary) -> tuple[int, int]:
        """How many documents and passages a library holds; none where it has no index that can be used."""
        index = self.index_of(library)
        try:
            if isinstance(index, Address):
                with closing(open_snapshot(index)) as snapshot:
                    return snapshot.manifest.documents, snapshot.manifest.passages
            manifest = Manifest.read(index / current_id(index))
        except (RagError, OSError):
            return 0, 0
        return manifest.documents, manifest.passages

    def add(self, name: str, *, is_open: bool = True) -> NamedLibrary:
        """Make a library without documents.

        Raises:
            LibraryNameError: if it cannot be called so.
            LibraryError: if there are too many.
            BusyError: if they stay locked.
        """
        name = _checked(name)
        folder_of(self.index, "A named library", _NAMED_BY_ADDRESS)
        with changing(self.folder):
            libraries = self._settled()
            _check_free(name, libraries)
            if len(libraries) >= MOST_LIBRARIES:
                raise LibraryError(f"There are {MOST_LIBRARIES} libraries.", path=self.folder, hint="Remove one.")
            created = now()
            made = NamedLibrary(secrets.token_hex(4), name, created, is_open)
            (self.folder / made.id).mkdir()
            self._write([*libraries, made])
        return made

    def rename(self, name: str, new: str) -> NamedLibrary:
        """Call a library otherwise. Raises as ``add``, and UnknownLibraryError."""
        new = _checked(new)

        def renamed(library: NamedLibrary, libraries: Sequence[NamedLibrary]) -> NamedLibrary:
            _check_free(new, [other for other in libraries if other.id != library.id])
            return replace(library, name=new)

        return self._changed(name, renamed)

    def grant(self, name: str, account: str, role: str | None) -> NamedLibrary:
        """Give an account a role in a library, or ``none``; ``None`` takes its own right away.

        Raises:
            UnknownLibraryError: if there is no such library.
            LibraryError: if it is the default one, in which each account has its role.
        """

        def granted(library: NamedLibrary, _: Sequence[NamedLibrary]) -> NamedLibrary:
            others = {who: held for who, held in library.rights.items() if who != account}
            return replace(library, rights=others | ({account: role} if role else {}))

        return self._changed(name, granted)

    def set_open(self, name: str, *, is_open: bool) -> NamedLibrary:
        """Say whether accounts without a right of their own may do what their role says. Raises as ``grant``."""
        return self._changed(name, lambda library, _: replace(library, is_open=is_open))

    def empty(self, name: str) -> None:
        """Take all documents out of a library; the files of the user's own folders stay, and so does what was saved.

        Folders are watched no more: their documents would come back.

        A kill on the way leaves the documents in, or out but for the files added, which are indexed again then.

        Raises:
            UnknownLibraryError: if there is no such library.
            BusyError: if it is being built or stays locked.
            StorageError: if it cannot be written.
        """
        from rag.index.builder import empty_index

        index = folder_of(self.index_of(self.named(name)), "Emptying a library", "Drop its schema.")
        empty_index(index)
        with changing(index):
            gone = index / f"{REMOVING}{ADDED_FOLDER}-{secrets.token_hex(3)}"
            if (index / ADDED_FOLDER).is_dir():
                (index / ADDED_FOLDER).rename(gone)
            for name in (LIBRARY_FILE, WATCHED_FILE):
                (index / name).unlink(missing_ok=True)
            shutil.rmtree(gone, ignore_errors=True)

    def remove(self, name: str) -> None:
        """Remove a library with all that is in it; the files of the user's own folders stay.

        It is gone in one step; a kill after that leaves files that the next change of the libraries deletes.

        Raises:
            UnknownLibraryError: if there is no such library.
            LibraryError: if it is the default one.
            BusyError: if they stay locked.
        """
        self._changed(name, lambda library, _: replace(library, is_leaving=True))
        with changing(self.folder):
            self._settled()

    def _changed(
        self, name: str, change: Callable[[NamedLibrary, Sequence[NamedLibrary]], NamedLibrary]
    ) -> NamedLibrary:
        with changing(self.folder):
            library = self.named(name)
            if library.is_default:
                raise LibraryError(
                    "The default library is neither renamed nor removed, and has no rights of its own.",
                    path=str(self.index),
                    hint="It can be emptied.",
                )
            libraries = self._settled()
            changed = change(library, libraries)
            self._write([changed if other.id == library.id else other for other in libraries])
        return changed

    def _settled(self) -> list[NamedLibrary]:
        """The libraries, after the folders of those that were removed are gone. Call with the lock held."""
        libraries = self._read()
        leaving = [library for library in libraries if library.is_leaving]
        for library in leaving:
            shutil.rmtree(self.folder / library.id, ignore_errors=True)
        gone = {library.id for library in leaving if not (self.folder / library.id).exists()}
        if gone:
            libraries = [library for library in libraries if library.id not in gone]
            self._write(libraries)
        return libraries

    def _read(self) -> list[NamedLibrary]:
        path = self.folder / LIBRARIES_FILE
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            return [_from_dict(each) for each in body["libraries"]]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise LibraryError(
                f"The list of libraries is damaged ({error!r}).",
                path=path,
                hint="Mend it; its libraries lie beside it.",
            ) from None

    def _write(self, libraries: Sequence[NamedLibrary]) -> None:
        body = {"libraries": [asdict(library) for library in libraries]}
        written = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
        write_durably(self.folder / LIBRARIES_FILE, written.encode("utf-8"))


def is_library_id(value: str) -> bool:
    """Whether a library may have this id."""
    return value == DEFAULT_ID or _ID.fullmatch(value) is not None


def _from_dict(each: Mapping[str, Any]) -> NamedLibrary:
    identity = str(each["id"])
    if not _ID.fullmatch(identity):
        raise ValueError(f"{identity!r} is no id")
    rights = {str(who): str(role) for who, role in dict(each["rights"]).items()}
    facts = bool(each["is_open"]), rights, bool(each["is_leaving"])
    return NamedLibrary(identity, str(each["name"]), str(each["created"]), *facts)


def _key(name: str) -> str:
    """The same for names that differ only in case, width, composition and blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _checked(name: str) -> str:
    """A name as it is kept.

    Raises:
        LibraryNameError: if nothing can be called so.
    """
    kept = unicodedata.normalize("NFC", " ".join(name.split()))
    if not _key(kept):
        raise LibraryNameError(name, "empty", "Take one with a letter or a figure.")
    if len(kept) > MOST_NAME_CHARS:
        raise LibraryNameError(f"{kept[:20]}…", "long", f"Take {MOST_NAME_CHARS} characters at most.")
    folded = unicodedata.normalize("NFKC", kept)
    if not kept.isprintable() or _NOT_IN_NAMES & {*folded} or folded.startswith((".", "-")):
        raise LibraryNameError(name, "characters", 'Take one without / \\ : * ? " < > | and with no . or - in front.')
    if _key(kept) in map(_key, _DEFAULT_NAMES):
        raise LibraryNameError(name, "reserved", "The default library is called so.")
    return kept


def _check_free(name: str, libraries: Sequence[NamedLibrary]) -> None:
    if any(_key(name) == _key(other.name) for other in libraries if not other.is_leaving):
        raise LibraryNameError(name, "taken", "Another is called so, or so but for case or width.")
