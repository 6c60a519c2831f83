"""A process that works on a build: takes lot after lot of its files, reads them, and writes their documents."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from time import sleep
from typing import Any, Final

from rag.address import Address
from rag.corpus import Document, Refusal
from rag.corpus.files import FoundFile
from rag.corpus.reading import read_on
from rag.corpus.sandbox.process import SHARED
from rag.errors import DocumentError, RagError, StorageError
from rag.index.postgres.connections import WRITE_SECONDS, Connection, connected, told
from rag.index.postgres.prepared import content_digest
from rag.index.postgres.preparing import Cut, Preparer
from rag.index.postgres.rows import RowWriter
from rag.index.report import undecoded
from rag.index.vector_cache import digest
from rag.models import Embedder
from rag.settings import Settings

_IDLE_SECONDS: Final = 0.3
_NEXT: Final = """
SELECT number, files FROM work
WHERE outcome IS NULL AND EXISTS (SELECT FROM crew WHERE id = %s)
ORDER BY number LIMIT 1 FOR UPDATE OF work SKIP LOCKED
"""


def serve(address: Address, settings: Settings, crew: str, is_home: bool, cpus: Collection[int], pipe: Pipe) -> None:
    """The process that ``Workers`` starts: it works until it is ended, and tells what it did, or why it cannot."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    if cpus:
        os.sched_setaffinity(0, cpus)
    with suppress(BrokenPipeError):  # there is no parent any more
        try:
            work(address, settings, crew, is_home=is_home, pipe=pipe)
        except RagError as error:
            pipe.send(error)


def work(address: Address, settings: Settings, crew: str, *, is_home: bool, pipe: Pipe) -> None:
    """Work for a crew until it is no more, or this process's parent.

    Args:
        address: of the library.
        settings: as those who lead have them.
        crew: its id.
        is_home: whether this is the machine that has listed the files.
        pipe: told after each lot for how many passages vectors were computed.
    """
    embedder = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
    preparer = Preparer(settings, embedder)
    parent = multiprocessing.parent_process()
    with told(address), closing(connected(address, seconds=WRITE_SECONDS)) as connection:
        # A worker that hangs does not keep its lot.
        idle = "SELECT set_config('idle_in_transaction_session_timeout', %s, false)"
        connection.execute(idle, [f"{WRITE_SECONDS:.0f}s"])
        worker = _Worker(RowWriter(address, connection), connection, preparer, is_home=is_home)
        try:
            while connection.execute("SELECT FROM crew WHERE id = %s", [crew]).rowcount:
                before = preparer.embedded
                if worker.do_next(crew):
                    pipe.send(preparer.embedded - before)
                elif parent is not None and not parent.is_alive():
                    return
                else:
                    sleep(_IDLE_SECONDS)
        finally:
            SHARED.close()


class _Worker:
    def __init__(self, writer: RowWriter, connection: Connection, preparer: Preparer, *, is_home: bool) -> None:
        self._writer, self._connection, self._preparer, self._is_home = writer, connection, preparer, is_home
        self._is_same = preparer.made_alike(writer.previous)

    def do_next(self, crew: str) -> bool:
        """Do the next lot, all of it or nothing; gives whether there was one."""
        with self._connection.transaction():
            row = self._connection.execute(_NEXT, [crew]).fetchone()
            if row is None:
                return False
            number, listed = row[0], json.loads(row[1])
            before = self._preparer.embedded
            files = self._outcomes(number, [self._file(*each) for each in listed])
            outcome = {"files": files, "embedded": self._preparer.embedded - before}
            self._connection.execute("UPDATE work SET outcome = %s WHERE number = %s", [json.dumps(outcome), number])
        return True

    def _file(self, path: str, source: str, size: int) -> FoundFile:
        """A file of the lot. Where others have listed it, it must be there and as long.

        Raises:
            StorageError: if it is not: this machine sees other files.
        """
        if not self._is_home:
            try:
                seen = Path(path).stat().st_size
            except OSError:
                seen = -1
            if seen != size:
                raise StorageError(
                    "This machine does not see the file as the one does that leads the build.",
                    path=path,
                    hint="Have the documents under the same paths on all machines, such as by a network drive.",
                )
        return FoundFile(Path(path), source)

    def _outcomes(self, first: int, files: Sequence[FoundFile]) -> list[list[dict[str, Any]]]:
        """What came of each file, as the table of work has it; documents that are new are written."""
        read = list(read_on(files, set(), max_file_mb=self._preparer.settings.max_file_mb))
        documents = [item for _, item in read if isinstance(item, Document)]
        known = self._writer.known(is_same=self._is_same, ids=[document.id for document in documents])
        places = {id(document): first + n / len(documents) for n, document in enumerate(documents)}
        numbers: dict[int, int] = {}
        cuts: list[Cut] = []
        for document in documents:
            there = known.get(document.source)
            if there is not None and there.content == content_digest(document):
                numbers[id(document)] = there.number
            else:
                cuts.append(self._preparer.cut(document, places[id(document)]))
        if cuts:
            batch = self._preparer.prepared(cuts, self._writer.vectors_of(self._preparer.embedder.fingerprint))
            numbers |= {id(cut.document): n for cut, n in zip(cuts, self._writer.add(batch), strict=True)}
        outcomes: dict[str, list[dict[str, Any]]] = {file.source: [] for file in files}
        for file, item in read:
            outcomes[file.source].append(
                _refused(item) if isinstance(item, Refusal) else _written(item, numbers[id(item)], places[id(item)])
            )
        return [outcomes[file.source] for file in files]


def _written(document: Document, number: int, place: float) -> dict[str, Any]:
    return {
        "source": document.source,
        "sha256": digest(document.text).hex(),
        "number": number,
        "place": place,
        "undecoded": undecoded(document),
    }


def _refused(refusal: Refusal) -> dict[str, Any]:
    error = refusal.error
    told_ = error.to_dict() if isinstance(error, DocumentError) else {"message": error.message, "hint": error.hint}
    defaults = {"code": "unreadable", "facts": {}, "path": str(refusal.path), "at": error.path}
    return {**defaults, **told_, "source": refusal.source, "passed_over": refusal.is_passed_over}
