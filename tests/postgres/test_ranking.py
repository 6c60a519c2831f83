"""An index in PostgreSQL ranks as one in a folder does: the same passages, the same scores."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from rag import Engine, Settings
from rag.address import Address
from rag.building import build_documents
from rag.corpus import Document
from rag.index.filters import Filter
from rag.index.postgres.connections import connected
from rag.index.postgres.vectors import _GRAPH, PostgresVectors, written
from rag.migrating import migrate

SETTINGS = {"reader": "none"}
QUESTIONS = (
    "主権AIとは何ですか？",
    "What is sovereign AI?",
    "DeepSeek-R1はいつリリースされましたか？",
    "FLUX.1を開発した会社は？",
    "リスク管理の方法",
    "半導体の輸出規制",
    "存在しない言葉の意味",
    "米",
)
WORDS = ("有給", "休暇", "申請", "期限", "会議", "室", "予約", "部長", "承認", "経費", "精算", "出張", "旅費", "規程")
ENGLISH = ("leave", "request", "deadline", "meeting", "room", "booking", "approval", "expense", "travel", "policy")


@pytest.fixture(scope="module")
def both(seed_index: Path, new_address: Callable[[], Address]) -> Iterator[tuple[Engine, Engine]]:
    """Engines over the seed documents: in a folder, and moved from there into a database."""
    address = new_address()
    assert migrate(seed_index, address).embedded == 0
    engines = Engine.open(seed_index, Settings.load(**SETTINGS)), Engine.open(address, Settings.load(**SETTINGS))
    yield engines
    engines[1].snapshot.close()


def generated(count: int, seed: int = 0) -> list[Document]:
    """Documents of random words in two languages, some of them copies, in folders with dates."""
    draw = random.Random(seed)
    documents = []
    for number in range(count):
        japanese = draw.random() < 0.7
        sentences = [
            "".join(draw.choices(WORDS, k=8)) + "。" if japanese else " ".join(draw.choices(ENGLISH, k=9)) + "."
            for _ in range(draw.randint(1, 12))
        ]
        date = {"date": f"20{draw.randint(10, 24)}-0{draw.randint(1, 9)}-01"}
        text = ("" if japanese else " ").join(sentences)
        title = f"{'規程' if japanese else 'Rule'} {number % 7}"
        documents.append(Document(f"{number % 5}/{number}.txt", title, text, "ja" if japanese else "en", metadata=date))
    return documents


def same(one: Engine, other: Engine, question: str, **options: object) -> None:
    """Both find the same passages with the same scores."""
    mine, theirs = (engine.search(question, **options).hits for engine in (one, other))  # type: ignore[arg-type]
    assert [(h.document.source, h.start) for h in mine] == [(h.document.source, h.start) for h in theirs]
    assert [h.passage_id for h in mine] == [h.passage_id for h in theirs]
    np.testing.assert_allclose([h.score for h in mine], [h.score for h in theirs], atol=1e-4)
    for hit, copy in zip(mine, theirs, strict=True):
        assert hit.retrievers.keys() == copy.retrievers.keys()
        assert [also.source for also in hit.also] == [also.source for also in copy.also]
        if "lexical" in hit.retrievers:
            assert hit.retrievers["lexical"] == copy.retrievers["lexical"]  # to the last bit


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_first_ten_over_the_seeds_are_the_same(both: tuple[Engine, Engine], question: str, mode: str) -> None:
    same(*both, question, mode=mode)
    same(*both, question, mode=mode, languages=["en"])
    same(*both, question, mode=mode, k=60)


def test_operators_and_answers_over_the_seeds_are_the_same(both: tuple[Engine, Engine]) -> None:
    same(*both, '"主権AI" -米国')
    same(*both, "title:AI 規制 OR 法律")
    for question in QUESTIONS:
        mine, theirs = (engine.ask(question) for engine in both)
        assert (mine.answer, mine.abstained) == (theirs.answer, theirs.abstained)
        assert mine.confidence == pytest.approx(theirs.confidence, abs=1e-4)
        for citation in theirs.citations:
            document = both[1].document(citation.document.id)
            assert document.text[citation.start : citation.end] == citation.quote


def test_documents_passages_and_vectors_are_the_same(both: tuple[Engine, Engine]) -> None:
    mine, theirs = (engine.snapshot for engine in both)
    assert mine.store.documents() == theirs.store.documents()
    assert list(mine.store.all_passages()) == list(theirs.store.all_passages())
    assert mine.store.extents == theirs.store.extents
    assert mine.store.digests() == theirs.store.digests() and mine.store.names() == theirs.store.names()
    assert sorted(mine.store.embedded()) == sorted(theirs.store.embedded())
    for listed in mine.store.documents():
        assert mine.store.document(listed.id) == theirs.store.document(listed.id)
        assert mine.store.extents_of(listed.id) == theirs.store.extents_of(listed.id)
        assert mine.store.neighbours(listed.id, 50, 60) == theirs.store.neighbours(listed.id, 50, 60)
        assert mine.store.passage_at(listed.id, 100) == theirs.store.passage_at(listed.id, 100)
        assert mine.store.blocks(listed.id, 0, 900) == theirs.store.blocks(listed.id, 0, 900)
    rows = np.arange(mine.vectors.count)
    np.testing.assert_array_equal(mine.vectors.at(rows), theirs.vectors.at(rows))
    assert theirs.verify() == []


def test_generated_documents_are_ranked_alike_before_and_after_changes(
    tmp_path: Path, new_address: Callable[[], Address]
) -> None:
    address, settings = new_address(), Settings.load(**SETTINGS)
    documents = generated(50)
    others = generated(60, seed=1)
    changed = [*others[:9], *documents[9:30], *others[30:34], *documents[34:48], *others[50:], *documents[48:50]]
    for held in (documents, changed, documents[::-1]):
        for place in (tmp_path / "index", address):
            build_documents(held, place, settings)
        one, other = Engine.open(tmp_path / "index", settings), Engine.open(address, settings)
        draw = random.Random(2)
        assert one.snapshot.store.documents() == other.snapshot.store.documents()
        for _ in range(12):
            question = (
                "".join(draw.sample(WORDS, 3)) + "は" if draw.random() < 0.7 else " ".join(draw.sample(ENGLISH, 3))
            )
            same(one, other, question)
            same(one, other, question, sources=["1/", "3/*4.txt"], since="2014")
            same(one, other, f'{question} -"部長"', mode="lexical")
        filter_ = Filter(frozenset({"2/"}), frozenset({"ja"}))
        np.testing.assert_array_equal(one.snapshot.store.mask(filter_), other.snapshot.store.mask(filter_))
        assert other.snapshot.verify() == []
        other.snapshot.close()


def test_an_index_comes_back_from_the_database_as_it_went(both: tuple[Engine, Engine], tmp_path: Path) -> None:
    report = migrate(both[1].settings.index, tmp_path / "back")
    assert report.embedded == 0
    back = Engine.open(tmp_path / "back", Settings.load(**SETTINGS))
    assert back.snapshot.verify() == []
    for question in QUESTIONS:
        same(both[0], back, question)
    names = ("manifest.json", "checked.json")
    for path in both[0].snapshot.folder.rglob("*"):
        if path.is_file() and path.name not in names and path.suffix != ".sqlite":
            copy = back.snapshot.folder / path.relative_to(both[0].snapshot.folder)
            assert copy.read_bytes() == path.read_bytes(), path.name


def test_a_graph_finds_nearly_all_of_the_nearest_also_within_a_filter(new_address: Callable[[], Address]) -> None:
    address = new_address()
    settings = Settings.load(**SETTINGS)
    build_documents(generated(150), address, settings.updated(vector_graph=True))
    engine = Engine.open(address, settings)
    vectors = engine.snapshot.vectors
    assert engine.snapshot.manifest.vector_index == "pgvector HNSW"
    queries = engine.embedder.embed_queries([" ".join(words) for words in zip(WORDS, ENGLISH, strict=False)])
    exact = PostgresVectors(vectors._connections, vectors._layout, vectors.dimension)  # type: ignore[attr-defined]
    mask = engine.snapshot.store.mask(Filter(languages=frozenset({"ja"})))
    for within in (None, mask):
        (rows, cosines), (nearest, same) = vectors.search(queries, 20, within), exact.search(queries, 20, within)
        shared = [len(set(a) & set(b)) for a, b in zip(rows.tolist(), nearest.tolist(), strict=True)]
        assert sum(shared) >= 0.95 * nearest.size
        np.testing.assert_allclose(cosines[:, 0], same[:, 0], atol=1e-3)
        assert within is None or within[rows[rows >= 0]].all()
    connection = connected(address)
    connection.execute("SET enable_seqscan = off")
    sql = _GRAPH.format(condition="pid >= 0", dimension=384).replace("%(k)s", "20")
    plan = connection.execute(f"EXPLAIN {sql.replace('%(vector)s', repr(written(queries[0])))}").fetchall()
    assert any("vectors_graph_384" in line for (line,) in plan)
    connection.close()
    engine.snapshot.close()
