"""What is done with the documents of one library: its updates, what is taken in, and the list of what it holds."""

from __future__ import annotations

import threading
import weakref
from collections.abc import MutableSet
from typing import TYPE_CHECKING

from rag.library import Library, NamedLibrary
from rag.settings import Settings
from rag.web.current import CurrentIndex
from rag.web.documents.catalogue import Catalogue, catalogue_of
from rag.web.documents.intake import Intake
from rag.web.documents.updates import Updates
from rag.web.documents.watcher import Watcher
from rag.web.libraries import OpenLibraries
from rag.web.principal import Role
from rag.web.roots import NOWHERE, WatchRoots

if TYPE_CHECKING:
    from rag.engine import Engine


_END_SECONDS = 20.0
"""For how long an update that has been stopped is waited for."""


class Desk:
    """One library, as the tab works on it.

    Args:
        current: its index.
        uploaded: paths of the files that browsers have sent to this server.
        roots: which folders of the server may be watched.

    Attributes:
        settings: the limits for files.
        updates: brings it up to date; ``None`` if it cannot be changed here.
        intake: takes files into it; likewise.
        watcher: watches its folders; likewise.
    """

    def __init__(self, current: CurrentIndex, uploaded: MutableSet[str], roots: WatchRoots = NOWHERE) -> None:
        self.current = current
        self.settings = current.settings or Settings.load()
        self.updates = Updates(current, current.index) if current.index is not None else None
        self.intake = Intake(self.updates.library, self.settings, uploaded) if self.updates else None
        follow_links = self.settings.follow_links
        self.watcher = Watcher(self.updates, roots, follow_links=follow_links) if self.updates else None
        self._known: tuple[weakref.ref[Engine], object, Catalogue] | None = None
        if self.updates is not None and self.watcher is not None:
            self.updates.resume()
            self.watcher.start()

    @property
    def library(self) -> Library | None:
        """What its index is made of, if that can be changed here."""
        return self.updates.library if self.updates is not None else None

    def catalogue(self) -> Catalogue:
        """All documents, read again when the index or what was taken out of it has changed.

        Raises:
            RagError: if there is no index.
        """
        engine, changed = self.current.engine(), self.library.changed() if self.library else None
        known = self._known
        if known is None or known[0]() is not engine or known[1] != changed:
            known = self._known = weakref.ref(engine), changed, catalogue_of(engine, self.library)
        return known[2]


class Desks:
    """A desk for each library, made when it is first needed. Threads may share one.

    Args:
        libraries: those served.
        uploaded, roots: as of ``Desk``.
    """

    def __init__(self, libraries: OpenLibraries, uploaded: MutableSet[str], roots: WatchRoots = NOWHERE) -> None:
        self.libraries = libraries
        self.roots = roots
        self._uploaded = uploaded
        self._desks: dict[str, Desk] = {}
        self._making = threading.Lock()

    def of(self, name: str, role: Role = "reader") -> Desk:
        """The desk of a library, for somebody who has this role in it.

        Raises:
            UnknownLibraryError: if there is no such library, or none that they may know of.
            RightError: if they may know of it, and not do this.
        """
        return self._at(self.libraries.get(name, role))

    def resume(self) -> None:
        """Go on with what an earlier server has left undone, in all libraries."""
        registry = self.libraries.registry
        for library in registry.all() if registry is not None else ():
            self._at(library)

    def close(self, library: NamedLibrary) -> None:
        """Have nothing to do with a library any more: it is about to be emptied or removed."""
        with self._making:
            desk = self._desks.pop(library.id, None)
        if desk is not None and desk.watcher is not None:
            desk.watcher.close()
        if desk is not None and desk.updates is not None:
            desk.updates.stop()
            desk.updates.wait(_END_SECONDS)

    def _at(self, library: NamedLibrary) -> Desk:
        with self._making:
            if library.id not in self._desks:
                self._desks[library.id] = Desk(self.libraries.index(library), self._uploaded, self.roots)
            return self._desks[library.id]
