"""Documents into an index, and an index brought up to date."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.address import Address, IndexPlace, placed
from rag.errors import BusyError, SettingsError
from rag.extras import require
from rag.index.builder import Progress, build_snapshot
from rag.index.opening import FEATURE
from rag.index.report import BuildReport, Item
from rag.index.vector_cache import VectorCache
from rag.library import Library, Reading, Watch
from rag.models import Embedder
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.index.postgres import Crew

log = logging.getLogger(__name__)


def build(
    paths: Sequence[str | Path] | str | Path,
    index: str | IndexPlace | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    workers: int = 0,
) -> BuildReport:
    """Read documents from files and folders and index them, or bring an index up to date.

    Documents added through the page stay in the index, and so do those of folders watched there; those taken out there
    stay out, unless their file is named here.

    Args:
        paths: files and folders; folders are searched through.
        index: the index folder, or the address of a database; ``settings.index`` if not given.
        settings: chunking, model, term weights.
        progress: told the stage, what is done and the total.
        workers: processes that read and embed, of an index in a database. Whoever builds the same there with workers,
            on this machine or another that has the documents under the same paths, works with them rather than being
            told to wait, and takes the lead where it is lost. Without, this process does all.

    Raises:
        SettingsError: if there are to be workers, and the index is in a folder.
        NoDocumentsError: if no file could be read; those refused are in its message.
        ModelError, BusyError, StorageError: the index before stays in use.
    """
    chosen = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    settings = settings or Settings.load()
    library = Library(placed(index or settings.index))
    library.take_back_files(chosen)
    library.watched.take_back(chosen)
    if workers:
        return _build_together(library, chosen, settings, progress, workers)
    reading = Reading(library, chosen, settings.max_file_mb, follow_links=settings.follow_links)
    return _build_library(library, reading, settings, progress)


def _build_together(
    library: Library, paths: Sequence[Path], settings: Settings, progress: Progress | None, workers: int
) -> BuildReport:
    """Build with others: lead, or help who leads, as long as that one does."""
    if not isinstance(library.place, Address):
        raise SettingsError(
            "Several processes build only an index that is in a database.",
            path=str(library.place),
            hint="Leave out --workers, or give the address of a database.",
        )
    require("postgres", FEATURE)
    from rag.index.postgres import Crew

    command = {"paths": [str(path.absolute()) for path in paths], "follow_links": settings.follow_links}
    while True:
        crew = Crew(library.place, settings, command, workers, progress)
        reading = Reading(library, paths, settings.max_file_mb, follow_links=settings.follow_links, read=crew.read)
        try:
            return _build_library(library, reading, settings, progress, crew)
        except BusyError:
            report = crew.help()
        if report is not None:
            return report


def update(
    index: str | IndexPlace | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> BuildReport:
    """Bring an index up to date with the paths it was built from, what was added to it, and what was taken out.

    Args:
        index, settings, progress: as for ``build``.
        watch: told of each document and refusal.

    Raises:
        LibraryError: if it is not known what the index was built from, or one of the paths is gone.
        NoDocumentsError, ModelError, BusyError, StorageError: the index before stays in use.
    """
    settings = settings or Settings.load()
    library = Library(placed(index or settings.index))
    record = library.record()
    paths = record.paths if record else ()
    follow_links = settings.follow_links or (record is not None and record.follow_links)
    reading = Reading(library, paths, settings.max_file_mb, all_needed=True, follow_links=follow_links, watch=watch)
    return _build_library(library, reading, settings, progress)


def _build_library(
    library: Library, reading: Reading, settings: Settings, progress: Progress | None, crew: Crew | None = None
) -> BuildReport:
    report = build_documents(
        reading.documents(), library.place, settings, progress=progress, record=reading.write_record, crew=crew
    )
    try:
        library.settle()
    except OSError as error:
        # The index is there; what was to be deleted is hidden, and deleted after the next build.
        log.warning("Files that were taken out could not be deleted: %s", error)
    return report


def build_documents(
    documents: Iterable[Item],
    index: IndexPlace,
    settings: Settings,
    *,
    whole: bool = False,
    progress: Progress | None = None,
    cache: bool = False,
    record: Callable[[Path], None] | None = None,
    crew: Crew | None = None,
) -> BuildReport:
    """Index documents that are already read.

    Args:
        documents: what to index.
        index: the index folder, or the address of a database.
        settings: chunking, model, term weights.
        whole: each document is one passage, as given.
        progress: told the stage, what is done and the total.
        cache: keep vectors in ``settings.cache_dir`` for other indexes over the same texts.
        record: writes further files into the Snapshot's folder, to be part of it.
        crew: the processes that have written documents of an index in a database.
    """
    embedder = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
    vectors = (
        VectorCache(settings.cache_dir / "vectors.sqlite", f"{embedder.fingerprint}-{embedder.precision}")
        if cache
        else None
    )
    try:
        helped = {} if crew is None else {"crew": crew}
        return builder_for(index)(
            documents,
            index,
            settings,
            embedder,
            as_given=whole,
            cache=vectors,
            progress=progress,
            record=record,
            **helped,
        )
    finally:
        if vectors:
            vectors.close()


def builder_for(index: IndexPlace) -> Callable[..., BuildReport]:
    """What builds an index of this kind."""
    if isinstance(index, Address):
        require("postgres", FEATURE)
        from rag.index.postgres import build_database

        return build_database
    return build_snapshot
