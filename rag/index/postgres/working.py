"""A process that works on a build: takes lot after lot of its files, reads them, and writes their documents."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Collection, Sequence
from contextlib import ExitStack, closing, suppress
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
from rag.index.postgres.prepared import Prepared, content_digest
from rag.index.postgres.preparing import Preparer
from rag.index.postgres.rows import RowWriter
from rag.index.postgres.shards import shard_of
from rag.index.report import undecoded
from rag.index.vector_cache import digest
from rag.models import Embedder
from rag.settings import Settings

Pipe = Any
"""An end of a pipe between two processes: of one class on Windows and of another elsewhere."""
_IDLE_SECONDS: Final = 0.3
_NEXT: Final = """
SELECT number, files FROM work
WHERE outcome IS NULL AND EXISTS (SELECT FROM crew WHERE id = %s)
ORDER BY number LIMIT 1 FOR UPDATE OF work SKIP LOCKED
"""


def serve(address: Address, settings: Settings, crew: str, is_home: bool, cpus: Collection[int], pipe: Pipe) -> None:
    """The process that ``Workers`` starts: it works until it is ended, and tells what it did, or why it cannot."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    if cpus and sys.platform == "linux":
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
    with told(address), ExitStack() as open_:
        connections = [open_.enter_context(closing(connected(part, seconds=WRITE_SECONDS))) for part in address.parts]
        # A worker that hangs does not keep its lot.
        idle = "SELECT set_config('idle_in_transaction_session_timeout', %s, false)"
        connections[0].execute(idle, [f"{WRITE_SECONDS:.0f}s"])
        writers = [RowWriter(part, connection) for part, connection in zip(address.parts, connections, strict=True)]
        worker = _Worker(writers, connections[0], preparer, is_home=is_home)
        try:
            while connections[0].execute("SELECT FROM crew WHERE id = %s", [crew]).rowcount:
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
    """Does lots. What it writes into other shards than the first lasts as soon as it is written: if it dies then,
    whoever does the lot finds it there.
    """

    def __init__(
        self, writers: Sequence[RowWriter], connection: Connection, preparer: Preparer, *, is_home: bool
    ) -> None:
        self._writers, self._connection, self._preparer, self._is_home = writers, connection, preparer, is_home

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
        places = {document.id: first + n / len(documents) for n, document in enumerate(documents)}
        numbers: dict[str, int] = {}
        new: list[tuple[RowWriter, list[Prepared]]] = []
        for shard, writer in enumerate(self._writers):
            mine = [document for document in documents if shard_of(document.id, len(self._writers)) == shard]
            known = self._known(writer, mine)
            numbers |= known
            cuts = [self._preparer.cut(each, places[each.id]) for each in mine if each.id not in known]
            if cuts:
                vectors = writer.vectors_of(self._preparer.embedder.fingerprint)
                new.append((writer, self._preparer.prepared(cuts, vectors)))
        # The first shard comes last: others wait from there to the end of the transaction.
        for writer, batch in reversed(new):
            written = writer.add(batch)
            numbers |= {one.document.id: number for one, number in zip(batch, written, strict=True)}
        outcomes: dict[str, list[dict[str, Any]]] = {file.source: [] for file in files}
        for file, item in read:
            outcomes[file.source].append(
                _refused(item) if isinstance(item, Refusal) else _written(item, numbers[item.id], places[item.id])
            )
        return [outcomes[file.source] for file in files]

    def _known(self, writer: RowWriter, documents: Sequence[Document]) -> dict[str, int]:
        """The numbers of documents that need not be written, by id."""
        is_same = self._preparer.made_alike(writer.previous)
        known = writer.known(is_same=is_same, ids=[document.id for document in documents])
        there = ((document.id, known.get(document.source), content_digest(document)) for document in documents)
        return {id_: found.number for id_, found, content in there if found is not None and found.content == content}


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
    defaults: dict[str, Any] = {"code": "unreadable", "facts": {}, "path": str(refusal.path), "at": error.path}
    return {**defaults, **told_, "source": refusal.source, "passed_over": refusal.is_passed_over}
