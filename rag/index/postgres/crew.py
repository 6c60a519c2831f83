"""Several processes, here and on other machines, that build one version of a library together.

One of them leads: it has the writer's lock, lists the files and publishes. Files lie in lots, a row each of the table
``work``; whoever works takes the next lot that nobody has, by locking its row, and writes the lot's documents and what
came of its files in one transaction. Of a worker that dies nothing is left, and its lot is free for another; where the
leader dies, one of those that help takes its place, and finds the documents that are written.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Final
from uuid import uuid4

from rag.address import Address
from rag.corpus import Refusal
from rag.corpus.files import FoundFile
from rag.corpus.reading import read_on
from rag.errors import BusyError, DocumentError, RagError, StorageError
from rag.index.builder import INDEX_SETTINGS, Progress
from rag.index.joined import JoinedSnapshot
from rag.index.manifest import Manifest
from rag.index.postgres.connections import Connection, connected, told
from rag.index.postgres.preparing import Preparer
from rag.index.postgres.schema import create
from rag.index.postgres.shards import open_database
from rag.index.postgres.snapshot import current_versions
from rag.index.postgres.working import Pipe, serve
from rag.index.postgres.writer import is_led
from rag.index.report import BuildReport, Item, WrittenDocument, compared
from rag.models import Embedder
from rag.settings import Settings

_POLL_SECONDS: Final = 0.2
_MOST_FILES: Final = 512
_MOST_BYTES: Final = 2_000_000
_LEAST_LOTS: Final = 64
"""Files are divided among this many lots at least, so that all workers have some to the end."""
_DEATHS: Final = 3
"""So often may each worker die for no reason it can tell, as where memory runs out."""


class Crew:
    """The processes of this machine that work on a build, and what all have done of it.

    Attributes:
        embedded: passages whose vectors were computed, by the workers of all machines or, of those that only help, by
            their own.

    Args:
        address: of the library.
        settings: of the build, which all must have alike.
        command: what is built; only who builds the same helps.
        workers: how many processes to start here.
        progress: told how many files are done.
    """

    def __init__(
        self,
        address: Address,
        settings: Settings,
        command: Mapping[str, Any],
        workers: int,
        progress: Progress | None = None,
    ) -> None:
        self._address, self._settings, self._command, self._workers = address, settings, command, workers
        self._notify = progress or (lambda stage, done, total: None)
        self._id = str(uuid4())
        self.embedded = 0

    def lead(self, preparer: Preparer) -> None:
        """Tell others what is built. Whoever calls this has the writer's lock."""
        with self._connected() as connection:
            connection.execute("INSERT INTO crew VALUES (%s, %s)", [self._id, self._digest(preparer)])

    def _digest(self, preparer: Preparer) -> str:
        settings = {name: getattr(self._settings, name) for name in (*INDEX_SETTINGS, "max_file_mb")}
        written = json.dumps({**self._command, **settings, "made": preparer.made}, sort_keys=True, default=str)
        return sha256(written.encode()).hexdigest()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with told(self._address), closing(connected(self._address.parts[0])) as connection:
            yield connection

    def read(
        self, files: Iterable[FoundFile | Refusal], *, max_file_mb: float
    ) -> Iterator[tuple[FoundFile | Refusal, Item]]:
        """As ``read_files``, but that documents come written. They come in the order of the files."""
        listed = list(files)
        found = [file for file in listed if isinstance(file, FoundFile)]
        with self._connected() as connection:
            _plan(connection, found)
            with Workers(self._address, self._settings, self._id, self._workers, is_home=True) as workers:
                outcomes = self._outcomes(connection, workers, len(found))
                yield from _with_own_sources(listed, outcomes, max_file_mb)

    def _outcomes(self, connection: Connection, workers: Workers, total: int) -> Iterator[Sequence[Item]]:
        """What came of each file, in their order."""
        number = 0
        self._notify("embedding", 0, total)
        while number < total:
            row = connection.execute(
                "SELECT outcome FROM work WHERE number = %s AND outcome IS NOT NULL", [number]
            ).fetchone()
            if row is None:
                workers.look()
                sleep(_POLL_SECONDS)
                continue
            outcome = json.loads(row[0])
            self.embedded += outcome["embedded"]
            for items in outcome["files"]:
                yield [_item(item) for item in items]
                number += 1
            self._notify("embedding", number, total)

    def help(self) -> BuildReport | None:
        """Work on what another process builds.

        Returns:
            What the version is that it has published; ``None`` if nobody leads any more.

        Raises:
            BusyError: if it builds something else.
            RagError: what kept this machine's workers from their work.
        """
        began, settings = perf_counter(), self._settings
        embedder = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
        mine = self._digest(Preparer(settings, embedder))
        self.embedded = 0
        first = self._address.parts[0]
        with self._connected() as connection:
            create(connection, first)
            before = self._manifests()
            digests = self._digests() if before else {}
            crew = self._joined(connection, mine)
            if crew is not None:
                with Workers(self._address, settings, crew, self._workers, is_home=False) as workers:
                    while _crew(connection) == (crew, mine) and is_led(connection, first):
                        workers.look()
                        sleep(_POLL_SECONDS)
                    self.embedded = workers.embedded
        manifests = self._manifests()
        if crew is None or not manifests or manifests == before:
            return None
        return BuildReport(
            index=self._address,
            snapshot=manifests[0].id,
            documents=sum(manifest.documents for manifest in manifests),
            passages=sum(manifest.passages for manifest in manifests),
            embedded=self.embedded,
            refused=(),
            seconds=perf_counter() - began,
            passed_over=(),
            mended=(),
            **compared(self._digests(), digests),
        )

    def _manifests(self) -> list[Manifest]:
        """Those of the current version in all shards; none, as long as one has none."""
        if current_versions(self._address) is None:
            return []
        with closing(open_database(self._address)) as snapshot:
            parts = snapshot.parts if isinstance(snapshot, JoinedSnapshot) else ()
            return [part.snapshot.manifest for part in parts] or [snapshot.manifest]

    def _digests(self) -> dict[str, str]:
        """SHA-256 of the texts of the current version's documents, by source."""
        with closing(open_database(self._address)) as snapshot:
            return snapshot.store.digests()

    def _joined(self, connection: Connection, mine: str) -> str | None:
        """The crew that builds the same; ``None`` if nobody leads."""
        while is_led(connection, self._address.parts[0]):
            found = _crew(connection)
            if found is not None and found[1] == mine:
                return found[0]
            if found is not None:
                raise BusyError(
                    "Another process is building this index, of other files or with other settings.",
                    path=str(self._address),
                    hint="Wait until it is done, or give the same command.",
                )
            sleep(_POLL_SECONDS)
        return None


def _crew(connection: Connection) -> tuple[str, str] | None:
    row = connection.execute("SELECT id::text, command FROM crew").fetchone()
    return (row[0], row[1]) if row else None


def _plan(connection: Connection, files: Sequence[FoundFile]) -> None:
    """Divide files into lots, each a row whose number is that of its first file."""
    most = min(_MOST_FILES, max(1, len(files) // _LEAST_LOTS))
    lots: list[tuple[int, str]] = []
    lot: list[tuple[str, str, int]] = []
    for number, file in enumerate(files):
        size = _size(file.path)
        if lot and (len(lot) >= most or sum(each[2] for each in lot) + size > _MOST_BYTES):
            lots.append((number - len(lot), json.dumps(lot)))
            lot = []
        lot.append((str(file.path), file.source, size))
    if lot:
        lots.append((len(files) - len(lot), json.dumps(lot)))
    with connection.transaction(), connection.cursor().copy("COPY work (number, files) FROM STDIN") as copy:
        for row in lots:
            copy.write_row(row)


def _with_own_sources(
    listed: Sequence[FoundFile | Refusal], outcomes: Iterator[Sequence[Item]], max_file_mb: float
) -> Iterator[tuple[FoundFile | Refusal, Item]]:
    """What came of each file. One whose sources others have, as archives may hold, is read here once more."""
    taken: set[str] = set()
    for file in listed:
        items = next(outcomes) if isinstance(file, FoundFile) else ()
        sources = {item.source for item in items}
        if isinstance(file, Refusal) or sources & taken:
            yield from read_on([file], taken, max_file_mb=max_file_mb)
            continue
        taken |= sources
        for item in items:
            yield file, item


def _item(stored: dict[str, Any]) -> Item:
    if "number" in stored:
        return WrittenDocument(**stored)
    error = DocumentError.from_dict(stored).at(stored["at"])
    return Refusal(stored["source"], Path(stored["path"]), error, stored["passed_over"])


class Workers:
    """Processes of this machine that work for a crew; a context manager, at whose end they end.

    Attributes:
        embedded: passages whose vectors they have computed.
    """

    def __init__(self, address: Address, settings: Settings, crew: str, count: int, *, is_home: bool) -> None:
        self.embedded = 0
        self._address, self._settings, self._crew, self._is_home = address, settings, crew, is_home
        self._cpus = _divided(count)
        self._deaths = 0
        self._running: list[tuple[BaseProcess, Pipe]] = []

    def __enter__(self) -> Workers:
        self._running = [self._started(number) for number in range(len(self._cpus))]
        return self

    def _started(self, number: int) -> tuple[BaseProcess, Pipe]:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        arguments = (self._address, self._settings, self._crew, self._is_home, self._cpus[number], theirs)
        process = context.Process(target=serve, args=arguments, name=f"shiori-worker-{number}", daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def look(self) -> None:
        """Hear what they have done, and start those anew that have died.

        Raises:
            RagError: what one of them could not go on after.
        """
        for number, (process, pipe) in enumerate(self._running):
            died = not process.is_alive()
            self._hear(pipe)
            if died:
                self._deaths += 1
                if self._deaths > _DEATHS * len(self._running):
                    raise StorageError(
                        f"The processes that read and embed die again and again (the last with {process.exitcode}).",
                        path=str(self._address),
                        hint="Take fewer --workers, if memory is short.",
                    )
                pipe.close()
                self._running[number] = self._started(number)

    def _hear(self, pipe: Pipe) -> None:
        with suppress(EOFError):
            while pipe.poll():
                said = pipe.recv()
                if isinstance(said, RagError):
                    raise said
                self.embedded += said

    def __exit__(self, *_: object) -> None:
        for process, _pipe in self._running:
            process.terminate()
        for process, pipe in self._running:
            process.join()
            with suppress(RagError):
                self._hear(pipe)
            pipe.close()


def _divided(workers: int) -> list[frozenset[int]]:
    """Which processors each worker has; none where it has them all."""
    if not hasattr(os, "sched_getaffinity"):
        return [frozenset()] * workers
    cpus = sorted(os.sched_getaffinity(0))
    return [frozenset(cpus[number % len(cpus) :: workers]) for number in range(workers)]


def _size(path: Path) -> int:
    """A file's length in bytes; -1 of one that is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return -1
