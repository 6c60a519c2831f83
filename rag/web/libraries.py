"""The libraries behind the page: who may do what with each, and their indexes, opened when first asked.

Models are shared by all Engines of a process. An index that nobody has asked for long is closed; the next question
opens it again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag.address import IndexPlace
from rag.errors import RagError
from rag.index.joined import parted
from rag.library import DEFAULT_ID, DEFAULT_LIBRARY, Libraries, LibraryError, NamedLibrary, UnknownLibraryError
from rag.web.current import CurrentIndex
from rag.web.html.scope import Scope
from rag.web.principal import ROLES, Principal, Role, covers, current_principal

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.settings import Settings

IDLE_SECONDS = 900.0
"""After this time without a question the index of a named library is closed."""
_MOST_JOINED = 8
"""Choices of libraries that are kept joined."""


class Served(Protocol):
    """What is asked: one index, or several as one."""

    @property
    def index(self) -> Path | None:
        """Its folder, where it has one to be built in."""

    def engine(self) -> Engine:
        """It, open. Raises ``SnapshotError`` where there is none."""

    @property
    def model_is_ready(self) -> bool:
        """False as long as the next question would have to wait for the model."""

    def warm_up(self) -> None:
        """Load the model, or wait until another thread has."""

    def scope(self) -> Scope:
        """What there is to ask about."""


class RightError(LibraryError):
    """Somebody may not do this with a library.

    Attributes:
        needed: the role that it needs.
    """

    def __init__(self, library: NamedLibrary, needed: Role) -> None:
        self.needed: Role = needed
        super().__init__(f"This needs the role of {needed} in the library {library.name}.")


def role_in(library: NamedLibrary, principal: Principal) -> Role | None:
    """What somebody may do with a library; ``None``: it is not there for them.

    In the default one that is what their role says, and so it is for administrators of the server in all of them.
    """
    if library.is_default or covers(principal.role, "administrator"):
        return principal.role
    own = library.rights.get(principal.account) if principal.account else None
    if own is not None:
        return next((role for role in ROLES if role == own), None)
    return principal.role if library.is_open else None


class OpenLibraries:
    """The libraries that a server serves. Threads may share one.

    Args:
        current: the index of the default library.

    Attributes:
        default: that index.
        registry: all libraries, whoever asks; ``None`` where there is only the default one, with no folder to change.
    """

    def __init__(self, current: CurrentIndex) -> None:
        self.default = current
        self.registry = Libraries(current.index) if current.index is not None else None
        self._open: dict[str, CurrentIndex] = {}
        self._used: dict[str, float] = {}
        self._joined: dict[tuple[NamedLibrary, ...], tuple[tuple[Engine, ...], Engine]] = {}
        self._changing = threading.Lock()

    @property
    def settings(self) -> Settings:
        """Those of the server.

        Raises:
            SnapshotError: if only the default index knows them, and there is none.
        """
        return self.default.settings or self.default.engine().settings

    def serve_with(self, settings: Settings) -> None:
        """Serve all libraries with these settings from the next question on.

        Raises:
            SettingsError: if the file of synonyms cannot be understood.
        """
        self.default.serve_with(settings)
        with self._changing:
            opened = list(self._open.values())
        for index in opened:
            index.serve_with(settings)

    def readable(self) -> tuple[NamedLibrary, ...]:
        """The libraries that whoever asks may know of."""
        there = self.registry.all() if self.registry is not None else (DEFAULT_LIBRARY,)
        principal = current_principal()
        return tuple(library for library in there if role_in(library, principal) is not None)

    def get(self, name: str, role: Role = "reader") -> NamedLibrary:
        """A library by name or id, for somebody who has this role in it.

        Raises:
            UnknownLibraryError: if there is none, or none that they may know of.
            RightError: if they may know of it, and not do this.
        """
        if name in ("", DEFAULT_ID) or self.registry is None:
            library = DEFAULT_LIBRARY
            if name not in ("", DEFAULT_ID):
                raise UnknownLibraryError(name)
        else:
            library = self.registry.named(name)
        held = role_in(library, current_principal())
        if held is None:
            raise UnknownLibraryError(name)
        if not covers(held, role):
            raise RightError(library, role)
        return library

    def index(self, library: NamedLibrary) -> CurrentIndex:
        """The index of one library; whose right it is has been looked at."""
        self._close_idle()
        if library.is_default or self.registry is None:
            return self.default
        with self._changing:
            self._used[library.id] = time.monotonic()
            if library.id not in self._open:
                self._open[library.id] = _index_in(self.registry.index_of(library), self.default)
            return self._open[library.id]

    def named(self, names: Sequence[str] = ()) -> tuple[NamedLibrary, ...]:
        """These libraries, by name or id; the default one where none is named.

        Raises:
            UnknownLibraryError: if one is not there, or not for whoever asks.
        """
        return tuple({library.id: library for library in map(self.get, names or (DEFAULT_ID,))}.values())

    def chosen(self, names: Sequence[str] = ()) -> Served:
        """What is asked where these libraries are chosen. Names and errors are as of ``named``."""
        libraries = self.named(names)
        if libraries == (DEFAULT_LIBRARY,):
            self._close_idle()
            return self.default
        return _Several(self, libraries)

    def holding(self, document_id: str) -> Served:
        """What is asked for a document, by its id: the library that this begins with, or the default one.

        Raises:
            UnknownLibraryError: if that is not there, or not for whoever asks.
        """
        key, _ = parted(document_id)
        return _Several(self, (self.get(key),)) if key else self.default

    def engine_of(self, document_id: str) -> tuple[Engine, str]:
        """The Engine of the one index that a document is in, and its id there.

        Raises:
            UnknownLibraryError: if its library is not there, or not for whoever asks.
            SnapshotError: if that has no index.
        """
        key, own = parted(document_id)
        return self.index(self.get(key)).engine(), own

    def joined(self, libraries: tuple[NamedLibrary, ...]) -> Engine:
        """These libraries as one Engine, made anew when one of them has changed."""
        from rag.several import JoinedEngine

        engines = {library: self.index(library).engine() for library in libraries}
        parts = tuple(engines.values())
        with self._changing:
            known = self._joined.pop(libraries, None)
            if known is None or any(a is not b for a, b in zip(known[0], parts, strict=True)):
                known = parts, JoinedEngine(engines)
            self._joined[libraries] = known
            while len(self._joined) > _MOST_JOINED:
                del self._joined[next(iter(self._joined))]
            return known[1]

    def documents(self, library: NamedLibrary) -> int:
        """How many documents a library holds; nothing is opened that is not open."""
        if self.registry is not None:
            return self.registry.size(library)[0]
        try:
            return len(self.default.engine().documents())
        except RagError:
            return 0

    def forget(self, library: NamedLibrary) -> None:
        """Close a library that was emptied or removed; it is opened again if it is asked again."""
        self.index(library).close()
        with self._changing:
            self._drop_joined(library.id)

    def _close_idle(self) -> None:
        now = time.monotonic()
        with self._changing:
            for key in [key for key, used in self._used.items() if now - used > IDLE_SECONDS]:
                self._open[key].close()
                del self._used[key]
                self._drop_joined(key)

    def _drop_joined(self, key: str) -> None:
        self._joined = {some: kept for some, kept in self._joined.items() if key not in [each.id for each in some]}


def _index_in(folder: IndexPlace, default: CurrentIndex) -> CurrentIndex:
    def opened() -> Engine:
        from rag.engine import Engine

        return Engine.open(folder, default.settings)

    return CurrentIndex(opened, folder, default.settings)


class _Several:
    """Some libraries, served as one."""

    def __init__(self, libraries: OpenLibraries, chosen: tuple[NamedLibrary, ...]) -> None:
        self._libraries, self._chosen = libraries, chosen

    @property
    def index(self) -> Path | None:
        return self._libraries.index(self._chosen[0]).index

    def engine(self) -> Engine:
        return self._libraries.joined(self._chosen)

    @property
    def _indexes(self) -> list[CurrentIndex]:
        return [self._libraries.index(library) for library in self._chosen]

    @property
    def model_is_ready(self) -> bool:
        return all(index.model_is_ready for index in self._indexes)

    def warm_up(self) -> None:
        for index in self._indexes:
            index.warm_up()

    def scope(self) -> Scope:
        return Scope.of(self.engine())
