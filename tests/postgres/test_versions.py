"""Readers keep the version they opened, writers change what is new, and the cleaner removes what nobody reads."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rag import Engine, Settings, build
from rag.address import Address
from rag.building import build_documents
from rag.corpus import Document
from rag.errors import BusyError, NoDocumentsError, SnapshotError, StorageError
from rag.index.opening import open_snapshot
from rag.index.postgres import building, leases
from rag.index.postgres.connections import Connections, connected
from rag.index.postgres.prepared import places_for
from rag.index.postgres.segments import to_merge
from rag.index.postgres.snapshot import current_version
from rag.index.postgres.writer import PostgresWriter
from rag.library import Library
from tests.library_worker import use_no_model
from tests.postgres.server import Server

SETTINGS = Settings.load(reader="none", mode="lexical")


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_model(monkeypatch.setattr)


def document(name: str, text: str) -> Document:
    return Document(name, name, text, "ja")


def shelf(*changed: tuple[str, str], count: int = 6) -> list[Document]:
    texts = {f"{number}.txt": f"第{number}倉庫の鍵は守衛室の{number}番の箱にある。" for number in range(count)}
    return [document(name, text) for name, text in (texts | dict(changed)).items()]


def rows(address: Address, sql: str) -> list[tuple[Any, ...]]:
    connections = Connections(address)
    try:
        return connections.query(sql)
    finally:
        connections.close()


def count(address: Address, table: str) -> int:
    return int(rows(address, f"SELECT count(*) FROM {table}")[0][0])


def test_a_reader_keeps_its_version_and_what_nobody_reads_goes(address: Address) -> None:
    build_documents(shelf(), address, SETTINGS)
    before = Engine.open(address, SETTINGS)
    build_documents([document("other.txt", "別の文書である。")], address, SETTINGS)
    build_documents([document("third.txt", "三つ目の文書である。")], address, SETTINGS)
    assert {hit.document.source for hit in before.search("守衛室の鍵").hits} == {f"{n}.txt" for n in range(6)}
    assert before.snapshot.verify() == []
    after = Engine.open(address, SETTINGS)
    assert [d.source for d in after.documents()] == ["third.txt"]
    # The version between them went when the third was published; that of the first reader stays until it is closed.
    assert count(address, "versions") == 2 and count(address, "documents") == 8 - 1
    before.snapshot.close()
    after.snapshot.close()
    build_documents(shelf(count=2), address, SETTINGS)
    assert count(address, "versions") == 1 and count(address, "documents") == count(address, "passages") == 2
    assert count(address, "vectors") == 2 and count(address, "segments") == 1 and count(address, "leases") == 0


def test_a_lease_that_has_ended_is_taken_anew_or_the_reader_is_told(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_documents(shelf(), address, SETTINGS)
    reader = Engine.open(address, SETTINGS)
    assert reader.search("守衛室の鍵").hits
    rows(address, "UPDATE leases SET expires = now() - interval '1 second' RETURNING id")
    monkeypatch.setattr(leases, "_RENEWED_SECONDS", -1.0)
    assert reader.search("倉庫の箱").hits
    assert rows(address, "SELECT expires > now() FROM leases") == [(True,)]
    monkeypatch.setattr(leases, "_RENEWED_SECONDS", 60.0)
    rows(address, "UPDATE leases SET expires = now() - interval '1 second' RETURNING id")
    build_documents(shelf(count=2), address, SETTINGS)
    monkeypatch.setattr(leases, "_RENEWED_SECONDS", -1.0)
    with pytest.raises(SnapshotError, match="replaced and removed"):
        reader.search("番の箱")
    reader.snapshot.close()


def test_a_change_of_one_document_writes_one_document(address: Address) -> None:
    build_documents(shelf(), address, SETTINGS)
    numbers = dict(rows(address, "SELECT id, number FROM documents"))
    report = build_documents(shelf(("3.txt", "第三倉庫は取り壊された。")), address, SETTINGS)
    assert (report.changed, report.kept, report.embedded) == (1, 5, 1)
    after = dict(rows(address, "SELECT id, number FROM documents"))
    assert sum(numbers[id_] != number for id_, number in after.items()) == 1
    assert rows(address, "SELECT span FROM segments ORDER BY first") == [(6,), (1,)]
    engine = Engine.open(address, SETTINGS)
    assert [d.source for d in engine.documents()] == [f"{n}.txt" for n in range(6)]
    assert engine.search("取り壊された倉庫").hits[0].document.source == "3.txt"
    assert not any(hit.document.source == "3.txt" for hit in engine.search('"守衛室"').hits)
    engine.snapshot.close()


def test_the_order_of_documents_is_that_in_which_they_were_given(address: Address) -> None:
    for held in (
        shelf(),
        shelf()[::-1],
        [document("a.txt", "先頭の文書。"), *shelf()[2:], document("z.txt", "末尾の文書。")],
    ):
        build_documents(held, address, SETTINGS)
        snapshot = open_snapshot(address)
        assert [d.source for d in snapshot.store.documents()] == [d.source for d in held]
        assert [s.source for s in snapshot.store.all_passages()] == [d.source for d in held]
        snapshot.close()


@pytest.mark.parametrize(
    ("order", "known"),
    [([7, 1, 8, 9, 2], {1: 3.0, 2: 4.0}), ([1, 2, 3], {}), ([2, 1], {1: 0.0, 2: 1.0}), ([5, 1], {1: 0.0})],
)
def test_places_ascend_and_known_ones_keep_theirs_where_they_can(order: Sequence[int], known: dict[int, float]) -> None:
    places = places_for(order, known)
    assert places == sorted(set(places))
    if [n for n in order if n in known] == sorted(known, key=known.__getitem__):
        assert all(place == known[n] for n, place in zip(order, places, strict=True) if n in known)


def test_segments_of_one_size_become_one_and_none_is_too_large() -> None:
    live: list[tuple[int, int, int]] = []
    for number in range(3000):
        live.append((number, number, 1))
        while merged := to_merge(live):
            gone = {segment for segment, _, _ in merged}
            span = merged[-1][1] + merged[-1][2] - merged[0][1]
            live = [*(each for each in live if each[0] not in gone), (10_000 + number, merged[0][1], span)]
    assert len(live) < 40 and sum(span for _, _, span in live) == 3000
    large = [(number, 40_000 * number, 40_000) for number in range(9)]
    assert to_merge(large) == ()


def test_many_small_changes_leave_few_segments_and_rank_as_one_build(address: Address, tmp_path: Path) -> None:
    held = shelf(count=12)
    build_documents(held[:1], address, SETTINGS)
    for number in range(1, 12):
        build_documents(held[: number + 1], address, SETTINGS)
    assert count(address, "segments") < 8
    build_documents(held, tmp_path, SETTINGS)
    one, other = Engine.open(address, SETTINGS), Engine.open(tmp_path, SETTINGS)
    for question in ("第三倉庫の鍵", "守衛室の7番の箱", "倉庫"):
        mine, theirs = (engine.search(question, k=12).hits for engine in (one, other))
        assert [(h.document.source, h.score) for h in mine] == [(h.document.source, h.score) for h in theirs]
    assert one.snapshot.verify() == []
    one.snapshot.close()


def test_a_second_writer_is_told_at_once(address: Address) -> None:
    with PostgresWriter.open(address), pytest.raises(BusyError, match="Another process"):
        build_documents(shelf(), address, SETTINGS)
    assert build_documents(shelf(), address, SETTINGS).added == 6


def test_what_a_broken_off_build_has_written_is_seen_by_nobody_and_not_embedded_again(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "_EMBEDDED_AT_ONCE", 2)
    build_documents(shelf(count=1), address, SETTINGS)

    def broken() -> Iterator[Document]:
        yield from shelf(("0.txt", "第零倉庫は新しい。"))[:5]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_documents(broken(), address, SETTINGS)
    engine = Engine.open(address, SETTINGS)
    assert [d.source for d in engine.documents()] == ["0.txt"]
    assert {hit.document.source for hit in engine.search("倉庫の鍵").hits} == {"0.txt"}
    assert "守衛室" in engine.search("倉庫").hits[0].text
    report = build_documents(shelf(("0.txt", "第零倉庫は新しい。")), address, SETTINGS)
    assert (report.embedded, report.added, report.changed) == (2, 5, 1)
    assert count(address, "broken_off") == 0
    with pytest.raises(KeyboardInterrupt):
        build_documents(broken(), address, SETTINGS)
    other = SETTINGS.updated(chunk_tokens=100)
    assert build_documents(shelf(), address, other).documents == 6
    engine.snapshot.close()
    again = Engine.open(address, SETTINGS)
    assert again.snapshot.verify() == [] and len(again.documents()) == 6
    again.snapshot.close()


def test_readers_see_one_version_each_while_many_are_published_and_cleaned(address: Address) -> None:
    build_documents([document(f"{n}.txt", f"版0の文書{n}である。") for n in range(3)], address, SETTINGS)
    ended, seen, wrong = threading.Event(), set[str](), list[object]()

    def read() -> None:
        while not ended.is_set():
            try:
                engine = Engine.open(address, SETTINGS)
                texts = {hit.text.partition("の")[0] for hit in engine.search("文書", k=20).hits}
                if len(texts) != 1 or len(engine.documents()) != 3:
                    wrong.append(texts)
                seen.update(texts)
                engine.snapshot.close()
            except Exception as error:
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for version in range(1, 12):
        build_documents([document(f"{n}.txt", f"版{version}の文書{n}である。") for n in range(3)], address, SETTINGS)
    ended.set()
    for reader in readers:
        reader.join()
    assert wrong == [] and len(seen) > 2
    assert current_version(address) == 12


def test_commands_of_the_library_know_what_it_was_made_of(address: Address, tmp_path: Path) -> None:
    from rag import update

    for each in shelf():
        (tmp_path / each.source).write_text(each.text, encoding="utf-8")
    build(tmp_path, index=str(address).replace("@", f":{address.conninfo.split(':')[2].split('@')[0]}@"))
    record = Library(address).record()
    assert record is not None and record.paths == (str(tmp_path),) and len(record.entries) == 6
    (tmp_path / "2.txt").unlink()
    assert update(index=address).removed == 1
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(NoDocumentsError):
        build(tmp_path, index=address)
    assert len(Engine.open(address, SETTINGS).documents()) == 5


def test_two_libraries_of_a_database_are_two_indexes(address: Address) -> None:
    other = Address.parsed(address.conninfo + "?library=other")
    build_documents(shelf(), address, SETTINGS)
    with pytest.raises(SnapshotError, match="no index here"):
        Engine.open(other)
    build_documents(shelf(count=1), other, SETTINGS)
    assert [len(Engine.open(each, SETTINGS).documents()) for each in (address, other)] == [6, 1]


def test_who_may_only_read_reads_and_does_not_write(server: Server) -> None:
    address = Address.parsed(server.create("shared"))
    build_documents(shelf(), address, SETTINGS)
    connection = connected(address)
    for statement in (
        "CREATE ROLE reader LOGIN PASSWORD 'seeing'",
        "GRANT USAGE ON SCHEMA shiori_default TO reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA shiori_default TO reader",
        "GRANT INSERT, UPDATE, DELETE ON leases TO reader",
    ):
        connection.execute(statement)
    connection.close()
    readers = Address.parsed(f"postgresql://reader:seeing@127.0.0.1:{server.port}/shared")
    engine = Engine.open(readers, SETTINGS)
    assert engine.search("守衛室の鍵").hits and engine.snapshot.verify() == []
    with pytest.raises(StorageError, match="does not allow"):
        build_documents(shelf(count=1), readers, SETTINGS)
    engine.snapshot.close()


def test_who_may_read_one_library_reads_nothing_of_another(server: Server) -> None:
    address = Address.parsed(server.create("departments"))
    personnel = Address.parsed(f"{address.conninfo}?library=personnel")
    for each in (address, personnel):
        build_documents(shelf(), each, SETTINGS)
    connection = connected(address)
    for statement in (
        "CREATE ROLE clerk LOGIN PASSWORD 'seeing'",
        "GRANT USAGE ON SCHEMA shiori_default TO clerk",
        "GRANT SELECT ON ALL TABLES IN SCHEMA shiori_default TO clerk",
        "GRANT INSERT, UPDATE, DELETE ON leases TO clerk",
    ):
        connection.execute(statement)
    connection.close()
    mine = f"postgresql://clerk:seeing@127.0.0.1:{server.port}/departments"
    engine = Engine.open(Address.parsed(mine), SETTINGS)
    assert engine.search("守衛室の鍵").hits
    engine.snapshot.close()
    theirs = Address.parsed(f"{mine}?library=personnel")
    with pytest.raises(SnapshotError):
        Engine.open(theirs, SETTINGS)
    connection = connected(theirs)
    for table in ("documents", "passages", "versions"):
        with pytest.raises(psycopg.Error, match="permission denied"):
            connection.execute(f"SELECT count(*) FROM shiori_personnel.{table}")
    connection.close()
