"""What is asked of one document is read of that document alone, and not kept for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.chunking import Passage
from rag.corpus.blocks import Block, Cell, Table
from rag.corpus.document import Document, Place
from rag.index import store as store_module
from rag.index.sqlite_store import SqliteStore
from rag.index.store import Store
from rag.index.store_writer import StoreWriter

COUNT = 12


@pytest.fixture
def store(tmp_path: Path) -> Store:
    writer = StoreWriter(tmp_path)
    for n in range(COUNT):
        places = (Place(0, "page", "1"), Place(4, "page", "2"))
        document = Document(f"{n}.pdf", f"第{n}号", "一ページ二ページ", "ja", places=places)
        passages = [
            Passage(document.id, start, start + 4, document.text[start : start + 4], (), "ja") for start in (0, 4)
        ]
        writer.add(document, f"{n:064}", passages, [b""] * len(passages))
    writer.close()
    return SqliteStore(tmp_path)


def test_the_passages_of_a_document_are_found_without_those_of_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    query = store._query
    monkeypatch.setattr(store, "_query", lambda sql, values=(): asked.append(sql) or query(sql, values))
    document = store.documents()[3]
    assert store.extents_of(document.id) == [(0, 4), (4, 8)]
    assert store.extents_of("no such document") == []
    assert all("d.id=?" in sql for sql in asked[1:]) and "extents" not in vars(store)
    plan = query(f"EXPLAIN QUERY PLAN {asked[-1]}", ["x"])
    assert not any("SCAN" in str(step) for step in plan)


def test_places_of_documents_looked_at_long_ago_are_let_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_MOST_PLACES", 5)
    for _ in range(2):
        for document in store.documents():
            assert [place.label for place in store.document(document.id).places] == ["1", "2"]
            assert len(store._places) <= 5


def test_the_text_and_the_blocks_of_a_document_are_read_once_however_often_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "項目\t値\n潮位\t二メートル\n"
    block = Block(0, len(text) - 1, "table", table=Table((Cell(0, 2, 0, 0), Cell(3, 4, 0, 1)), 1))
    document = Document("表.xlsx", "表", text, "ja", blocks=(block,))
    writer = StoreWriter(tmp_path)
    writer.add(document, "0" * 64, [Passage(document.id, 0, len(text), text, (), "ja")], [b""])
    writer.close()
    store, asked = SqliteStore(tmp_path), list[str]()
    query = store._query
    monkeypatch.setattr(store, "_query", lambda sql, values=(): asked.append(sql) or query(sql, values))

    for _ in range(3):
        assert [store.text(document.id, start, start + 2) for start in range(4)] == ["項目", "目\t", "\t値", "値\n"]
        assert store.blocks(document.id, 0, 5) == (block,)
    assert store.blocks(document.id, 0, 5)[0] is store.blocks(document.id, 1, 2)[0]
    assert sum("SELECT text" in sql for sql in asked) == sum("data FROM blocks" in sql for sql in asked) == 1
