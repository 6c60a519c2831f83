"""Several processes build one version together: those that die lose no document, and none is there twice."""

from __future__ import annotations

import json
import multiprocessing
import time
import zipfile
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Queue
from typing import Any, cast

import numpy as np
import pytest

from rag import Engine, Settings, build
from rag.address import Address
from rag.building import build_documents
from rag.corpus import Document
from rag.errors import BusyError, RagError, SettingsError, StorageError
from rag.index.postgres import crew, working
from rag.index.postgres.connections import connected
from rag.index.postgres.writer import PostgresWriter
from rag.models import Embedder
from tests.faults.worker import HashEmbedder
from tests.library_worker import use_no_model
from tests.postgres.builders import DEATHS, GATE, build_with_workers, serve_without_model

SETTINGS = Settings.load(reader="none")
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_model(monkeypatch.setattr)
    monkeypatch.setattr(crew, "serve", serve_without_model)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve texts, a file that is refused, one of a kind that is not read, and archives that hold the same names."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(12):
        lines = "".join(f"棚{line}の係は{number}課である。" for line in range(12 * number))
        text = f"第{number}倉庫の鍵は守衛室の{number}番の箱にある。\n\n{lines}"
        (folder / f"{number:02}.txt").write_text(text, encoding="utf-8")
    (folder / "empty.txt").touch()
    (folder / "picture.png").write_bytes(b"\x89PNG")
    for name in ("a.zip", "z.zip"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("note.txt", f"{name}の覚え書きである。")
    return folder


def query(address: Address, sql: str) -> list[tuple[Any, ...]]:
    connection = connected(address)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def same_as_of_one_process(address: Address, folder: Path, new_address: Callable[[], Address]) -> None:
    """The library holds what one process makes of the folder, and nothing else."""
    alone = new_address()
    report = build(folder, index=alone, settings=SETTINGS)
    one, other = Engine.open(alone, SETTINGS), Engine.open(address, SETTINGS)
    assert one.documents() == other.documents()
    assert list(one.snapshot.store.all_passages()) == list(other.snapshot.store.all_passages())
    assert other.snapshot.verify() == []
    mine, theirs = (engine.search("第7倉庫の鍵", mode="lexical", k=20).hits for engine in (one, other))
    assert [(hit.score, hit.text) for hit in mine] == [(hit.score, hit.text) for hit in theirs]
    every = np.arange(report.passages)
    np.testing.assert_array_equal(one.snapshot.vectors.at(every), other.snapshot.vectors.at(every))
    assert one.snapshot.vectors.search(one.snapshot.vectors.at(every[:1]), 5)[1].tolist() == (
        other.snapshot.vectors.search(other.snapshot.vectors.at(every[:1]), 5)[1].tolist()
    )
    entries = [json.loads((engine.snapshot.folder / "sources.json").read_text()) for engine in (one, other)]
    for name in ("files", "refused", "left_out"):
        assert entries[0][name] == entries[1][name]
    assert [*entries[0]["entries"]] == [*entries[1]["entries"]]
    for table, count in (("documents", report.documents), ("passages", report.passages), ("work", 0), ("crew", 0)):
        assert query(address, f"SELECT count(*) FROM {table}") == [(count,)]
    one.snapshot.close()
    other.snapshot.close()


def test_workers_build_what_one_process_builds(
    address: Address, folder: Path, new_address: Callable[[], Address]
) -> None:
    report = build(folder, index=address, settings=SETTINGS, workers=2)
    assert (report.documents, report.added, report.embedded) == (14, 14, report.passages)
    assert [refusal.source for refusal in report.refused] == ["empty.txt"]
    assert [each.sources for each in report.passed_over] == [("picture.png",)]
    same_as_of_one_process(address, folder, new_address)
    (folder / "03.txt").write_text("第3倉庫は閉じた。", encoding="utf-8")
    (folder / "05.txt").unlink()
    (folder / "045.txt").write_text("第45倉庫は開いた。", encoding="utf-8")
    report = build(folder, index=address, settings=SETTINGS, workers=2)
    assert (report.added, report.changed, report.removed, report.kept, report.embedded) == (1, 1, 1, 12, 2)
    same_as_of_one_process(address, folder, new_address)


def test_workers_that_die_lose_no_document_and_write_none_twice(
    address: Address,
    folder: Path,
    tmp_path: Path,
    new_address: Callable[[], Address],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    for where in ("before-1", "after-1", "after-2"):
        (deaths / where).touch()
    monkeypatch.setenv(DEATHS, str(deaths))
    report = build(folder, index=address, settings=SETTINGS, workers=2)
    assert list(deaths.iterdir()) == [] and report.documents == 14
    same_as_of_one_process(address, folder, new_address)


def test_workers_that_die_again_and_again_end_the_build(
    address: Address, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        (tmp_path / f"before-{number}").touch()
    monkeypatch.setenv(DEATHS, str(tmp_path))
    with pytest.raises(StorageError, match="again and again"):
        build(folder, index=address, settings=SETTINGS, workers=1)


class Builders:
    """Commands that build, each in a process of its own."""

    def __init__(self) -> None:
        self.said: Queue[Any] = cast("Queue[Any]", SPAWN.Queue())
        self.started: list[BaseProcess] = []

    def start(self, folder: Path, address: Address) -> BaseProcess:
        process = SPAWN.Process(target=build_with_workers, args=(folder, address, 1, self.said))
        process.start()
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.join()


@pytest.fixture
def builders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Builders]:
    """Of whose lots two are embedded, and the others once the gate is open."""
    gate = tmp_path / "gate"
    gate.mkdir()
    for number in range(2):
        (gate / f"token{number}").touch()
    monkeypatch.setenv(GATE, str(gate))
    found = Builders()
    yield found
    found.end()


def wait_for(address: Address, sql: str) -> None:
    """Wait until a statement gives rows."""
    connection = connected(address)
    ends = time.monotonic() + 300
    while not connection.execute(sql).rowcount:
        assert time.monotonic() < ends
        time.sleep(0.1)
    connection.close()


def started(builders: Builders, folder: Path, address: Address) -> BaseProcess:
    """Two commands at work at once, each on a lot of its own; gives the one that leads."""
    with PostgresWriter.open(address):
        pass
    leader = builders.start(folder, address)
    wait_for(address, "SELECT FROM work WHERE outcome IS NOT NULL OFFSET 1")
    builders.start(folder, address)
    wait_for(address, "SELECT FROM pg_locks WHERE relation = 'work'::regclass AND mode = 'RowShareLock' OFFSET 1")
    return leader


def test_the_same_command_leads_on_where_the_leader_is_killed(
    address: Address, folder: Path, tmp_path: Path, builders: Builders, new_address: Callable[[], Address]
) -> None:
    started(builders, folder, address).kill()
    (tmp_path / "gate" / "open").touch()
    report = builders.said.get(timeout=300)
    assert not isinstance(report, RagError), report
    assert report.documents == 14 and report.embedded < report.passages
    same_as_of_one_process(address, folder, new_address)


def test_who_helped_tells_the_version_that_the_leader_has_published(
    address: Address, folder: Path, tmp_path: Path, builders: Builders
) -> None:
    started(builders, folder, address)
    (tmp_path / "gate" / "open").touch()
    reports = [builders.said.get(timeout=300) for _ in range(2)]
    assert not any(isinstance(report, RagError) for report in reports), reports
    one, other = sorted(reports, key=lambda report: int(report.embedded))
    assert one.snapshot == other.snapshot and (one.added, one.documents) == (other.added, other.documents) == (14, 14)
    assert query(address, "SELECT version FROM current") == [(1,)]
    assert one.embedded <= other.embedded == one.passages  # who came late had nothing left to do


def test_who_builds_other_files_is_told_to_wait(address: Address, folder: Path, tmp_path: Path) -> None:
    with PostgresWriter.open(address):
        connection = connected(address)
        connection.execute("INSERT INTO crew VALUES (gen_random_uuid(), 'another command')")
        with pytest.raises(BusyError, match="other files"):
            build(folder, index=address, settings=SETTINGS, workers=1)
        connection.close()


def test_a_machine_that_does_not_see_the_files_says_so_and_takes_none(address: Address, folder: Path) -> None:
    ours, theirs = SPAWN.Pipe(duplex=False)
    with PostgresWriter.open(address) as writer:
        writer.begin("", is_same=False)
        lots = [(0, [[str(folder / "00.txt"), "00.txt", 5]]), (1, [[str(folder / "gone.txt"), "gone.txt", 9]])]
        connection = connected(address)
        connection.execute("INSERT INTO crew VALUES ('1da6f0e4-9a3e-4b6a-8d3e-000000000001', '')")
        for number, files in lots:
            connection.execute("INSERT INTO work VALUES (%s, %s)", [number, json.dumps(files)])
            with pytest.raises(StorageError, match="does not see"):
                working.work(address, SETTINGS, "1da6f0e4-9a3e-4b6a-8d3e-000000000001", is_home=False, pipe=theirs)
            connection.execute("DELETE FROM work")
        assert not ours.poll() and connection.execute("SELECT FROM documents").fetchall() == []
        connection.close()


def test_a_folder_is_built_by_one_process(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(SettingsError, match="in a database"):
        build(folder, index=tmp_path / "index", settings=SETTINGS, workers=2)


def test_vectors_of_another_model_are_not_taken_over(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [Document("a.txt", "a", "第1倉庫の鍵は守衛室にある。", "ja")]
    build_documents(documents, address, SETTINGS)

    class Other(HashEmbedder):
        fingerprint = "hash-2"

    monkeypatch.setattr(Embedder, "shared", classmethod(lambda cls, *args, **options: Other()))
    assert build_documents(documents, address, SETTINGS).embedded == 1
