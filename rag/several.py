"""Named libraries opened: one of them, or several that are asked as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.address import IndexPlace, placed
from rag.engine import Engine
from rag.errors import QuestionError
from rag.index.joined import JoinedSnapshot, Part, parted
from rag.language.finding import exact_places_of
from rag.library import Libraries, NamedLibrary
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.library import MarkedQuestion


class JoinedEngine(Engine):
    """Searches and answers from several libraries, with one ranking over all; every result names its library.

    Ids of documents begin with that of their library (``rag.index.joined``).

    Attributes:
        engines: of each library, by its id.

    Args:
        engines: of each library; whoever opened them goes on holding them.

    Raises:
        SnapshotError: if they were not built with one model.
    """

    def __init__(self, engines: Mapping[NamedLibrary, Engine]) -> None:
        parts = [Part(library.id, library.name, engine.snapshot) for library, engine in engines.items()]
        super().__init__(JoinedSnapshot(parts), next(iter(engines.values())).settings)
        self.engines = {library.id: engine for library, engine in engines.items()}

    def engine_of(self, document_id: str) -> tuple[Engine, str]:
        """The Engine of the library that a document is in, and its id there.

        Raises:
            QuestionError: if it is in none of these.
        """
        key, own = parted(document_id)
        if key not in self.engines:
            raise QuestionError(f"No library that is asked has a document {document_id!r}.", argument="library")
        return self.engines[key], own

    def mark(
        self, question: str, evidence: Iterable[tuple[str, str]] = (), answers: Sequence[str] = ()
    ) -> MarkedQuestion:
        """As ``Engine.mark``: each library keeps what its own documents hold; without evidence, the first one."""
        places = list(evidence)
        own = {key: [place for place in places if _holds(engine, *place)] for key, engine in self.engines.items()}
        unheld = [place for place in places if not any(place in held for held in own.values())]
        holding = [key for key, held in own.items() if held] or [next(iter(self.engines))]
        marked = [self.engines[key].mark(question, own[key] or unheld, answers) for key in holding]
        kept = (one for each in marked for one in each.evidence)
        return replace(marked[0], evidence=tuple(dict.fromkeys(kept)))


def _holds(engine: Engine, source: str, quote: str) -> bool:
    found = [document.id for document in engine.documents() if document.source == source]
    return any(next(exact_places_of(quote, engine.document(each).text), None) is not None for each in found)


def open_libraries(
    names: str | Sequence[str] = (), index: str | IndexPlace | None = None, settings: Settings | None = None
) -> Engine:
    """Open libraries by name: one as it is, several to be asked as one.

    Args:
        names: of the libraries (``rag.Libraries`` lists them); the default one if none is named.
        index: index folder of the default library; ``settings.index`` if not given.
        settings: as for ``Engine.open``.

    Raises:
        UnknownLibraryError: if there is no library of a name.
        SnapshotError: if one has no documents yet, is damaged, or was built with another model than the others.
    """
    settings = settings or Settings.load()
    libraries = Libraries(placed(index) if index is not None else settings.index)
    wanted = [names] if isinstance(names, str) else list(names)
    chosen = list({library.id: library for library in map(libraries.named, wanted or ["default"])}.values())
    if len(chosen) == 1:
        return Engine.open(libraries.index_of(chosen[0]), settings)
    return JoinedEngine({library: Engine.open(libraries.index_of(library), settings) for library in chosen})
