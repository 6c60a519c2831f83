"""One index in several databases: it ranks as one in one database, whichever server a document is on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag import Engine, Settings, build
from rag.address import Address
from rag.building import build_documents
from rag.errors import NoDocumentsError, SettingsError, SnapshotError
from rag.index.filters import Filter
from rag.index.opening import pointer_of
from rag.index.postgres import crew
from rag.index.postgres.shards import ShardedSnapshot, shard_of
from rag.library import Library
from rag.search import Searcher
from tests.library_worker import use_no_model
from tests.postgres.builders import serve_without_model
from tests.postgres.server import Server
from tests.postgres.test_ranking import WORDS, generated

SETTINGS = Settings.load(reader="none")


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_model(monkeypatch.setattr)
    monkeypatch.setattr(crew, "serve", serve_without_model)


@pytest.fixture(scope="module")
def servers(server: Server) -> Iterator[tuple[Server, Server]]:
    """Two servers."""
    other = Server.made()
    yield server, other
    other.remove()


@pytest.fixture
def shards(servers: tuple[Server, Server], request: pytest.FixtureRequest) -> Address:
    """The address of a library that two servers share."""
    name = f"shard{abs(hash(request.node.name)) % 10**8}"
    return Address.parsed(" ".join(server.create(name) for server in servers))


def test_two_shards_rank_as_one(shards: Address, address: Address) -> None:
    documents = generated(60)
    for held in (documents, [*generated(9, seed=1), *documents[12:]]):
        for place in (shards, address):
            assert build_documents(held, place, SETTINGS).documents == len(held)
        one, other = Engine.open(address, SETTINGS), Engine.open(shards, SETTINGS)
        assert isinstance(other.snapshot, ShardedSnapshot) and other.snapshot.manifest.documents == len(held)
        assert all(part.snapshot.manifest.documents > 10 for part in other.snapshot.parts)
        assert {d.id: d for d in one.documents()} == {d.id: d for d in other.documents()}
        searchers = [Searcher(engine.snapshot, SETTINGS) for engine in (one, other)]
        draw = random.Random(3)
        for number in range(12):
            question = "".join(draw.sample(WORDS, 3)) + "は"
            vector = one.snapshot.vectors.at(np.array([number]))[0]
            for mode in ("hybrid", "dense", "lexical"):
                for within in (Filter(), Filter(frozenset({"1/", "3/*4.txt"})), Filter(languages=frozenset({"ja"}))):
                    _same(searchers, question, vector, mode=mode, k=500, within=within)
        assert other.snapshot.verify() == []
        first = one.documents()[0]
        assert other.document(first.id) == one.document(first.id)
        mine, theirs = (engine.snapshot.store for engine in (one, other))
        assert mine.extents_of(first.id) == theirs.extents_of(first.id)
        assert mine.neighbours(first.id, 5, 9) == theirs.neighbours(first.id, 5, 9)
        assert mine.digests() == theirs.digests()
        with pytest.raises(SnapshotError, match="no document"):
            other.document("0" * 16)
        with pytest.raises(SnapshotError, match="no document"):
            other.document("not an id")
        one.snapshot.close()
        other.snapshot.close()


def _same(searchers: list[Searcher], question: str, vector: object, **options: object) -> None:
    """All passages have the same scores from both; where two tie, either may come first."""
    found = [searcher.search(question, vector, **options) for searcher in searchers]  # type: ignore[arg-type]
    mine, theirs = ({(h.document.id, h.start): h for h in result.hits} for result in found)
    assert mine.keys() == theirs.keys()
    for key, hit in mine.items():
        assert hit.score == pytest.approx(theirs[key].score, abs=1e-4)
        assert (hit.text, hit.document, hit.line, hit.language) == (
            theirs[key].text,
            theirs[key].document,
            theirs[key].line,
            theirs[key].language,
        )
        for name, place in hit.retrievers.items():
            assert place.score == pytest.approx(theirs[key].retrievers[name].score, abs=1e-6)


def test_a_document_is_in_the_shard_of_its_id_and_in_no_other(shards: Address) -> None:
    build_documents(generated(20), shards, SETTINGS)
    for number, shard in enumerate(shards.shards):
        engine = Engine.open(shard, SETTINGS)
        assert {shard_of(document.id, 2) for document in engine.documents()} == {number}
        engine.snapshot.close()
    with pytest.raises(NoDocumentsError, match="too few for 2 shards"):
        build_documents(generated(1), shards, SETTINGS)


def test_workers_fill_shards_and_commands_know_what_they_hold(shards: Address, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.txt").write_text(f"第{number}倉庫の鍵は守衛室にある。", encoding="utf-8")
    assert pointer_of(shards) is None
    report = build(tmp_path, index=shards, settings=SETTINGS, workers=2)
    assert (report.documents, report.added, report.embedded) == (12, 12, 12)
    assert pointer_of(shards) == (1, 1)
    record = Library(shards).record()
    assert record is not None and len(record.entries) == 12
    (tmp_path / "03.txt").write_text("第3倉庫は閉じた。", encoding="utf-8")
    report = build(tmp_path, index=shards, settings=SETTINGS, workers=2)
    assert (report.changed, report.kept, report.embedded) == (1, 11, 1)
    engine = Engine.open(shards, SETTINGS)
    assert engine.search("第3倉庫", mode="lexical").hits[0].text == "第3倉庫は閉じた。"
    assert len(engine.search("倉庫", mode="lexical", k=20).hits) == 12 and engine.snapshot.verify() == []
    engine.snapshot.close()


def test_a_shard_that_is_gone_is_named(shards: Address) -> None:
    gone = Address.parsed(f"postgresql://shiori:secret@127.0.0.1:1/x {shards.shards[0].conninfo}")
    with pytest.raises(SnapshotError) as failure:
        Engine.open(gone, SETTINGS)
    assert "127.0.0.1:1/x" in str(failure.value) and "secret" not in f"{failure.value} {gone} {gone!r}"


def test_a_shard_is_named_once() -> None:
    with pytest.raises(SettingsError, match="twice"):
        Address.parsed("postgresql://a@h/x postgresql://a:p@h/x")
