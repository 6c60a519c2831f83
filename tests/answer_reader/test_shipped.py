"""The weights that ship, on a small set of passages and questions of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from rag import Engine, Settings
from rag.evaluation.answers import character_f1, exact_match
from rag.reader.model import SHIPPED, Reader

MOST_MEGABYTES = 25


class Item(NamedTuple):
    """A question about one of the passages, and its answer."""

    passage: int
    text: str
    question: str
    answer: str


FIXTURES = Path(__file__).parents[1] / "fixtures"
ITEMS, ENGLISH = (
    [Item(**json.loads(line)) for line in (FIXTURES / name).read_text(encoding="utf-8").splitlines()]
    for name in ("reading.jsonl", "reading_en.jsonl")
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.shipped(Settings.load().cache_dir)


@pytest.fixture(scope="module")
def reading_engine(seed_index: Path) -> Engine:
    return Engine.open(seed_index, Settings.load(reader="bundled"))


def test_what_ships_is_small_and_has_a_card() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < MOST_MEGABYTES * 1e6
    assert "Licence" in (SHIPPED / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("items", "least_exact", "least_f1"), [(ITEMS, 0.5, 0.7), (ENGLISH, 0.4, 0.8)])
def test_it_marks_the_answer_in_most_passages(
    reader: Reader, items: list[Item], least_exact: float, least_f1: float
) -> None:
    """English was never trained on, and answers there often lack their article: fewer are exact."""
    exact, f1 = [], []
    for item in items:
        (reading,) = reader.read(item.question, [item.text], count=1)
        quoted = item.text[reading.spans[0].start : reading.spans[0].end]
        exact.append(exact_match(quoted, [item.answer]))
        f1.append(character_f1(quoted, [item.answer]))
    assert sum(exact) / len(exact) >= least_exact
    assert sum(f1) / len(f1) >= least_f1


@pytest.mark.parametrize("items", [ITEMS, ENGLISH])
def test_the_passage_that_answers_is_nearly_always_the_most_relevant(reader: Reader, items: list[Item]) -> None:
    passages = list(dict.fromkeys(item.text for item in items))
    first = 0
    for item in items:
        relevance = [reading.relevance for reading in reader.read(item.question, passages, count=1)]
        first += relevance.index(max(relevance)) == item.passage
    assert first / len(items) >= 0.9


def test_a_short_answer_stands_in_its_sentence_in_the_document(reading_engine: Engine) -> None:
    answer = reading_engine.ask("DeepSeek-R1はいつリリースされましたか？")
    assert not answer.abstained
    for citation in answer.citations:
        text = reading_engine.document(citation.document.id).text
        assert text[citation.start : citation.end] == citation.quote
        assert citation.context is not None
        assert text[citation.context.start : citation.context.end] == citation.context.text
        assert citation.quote in citation.context.text
    assert "1月20日" in answer.answer
    assert any("reader" in hit.retrievers for hit in answer.hits)


@pytest.mark.parametrize(
    ("question", "missing"),
    [("富士山の標高は何メートルですか？", ("富士山",)), ("2026年のワールドカップの優勝国は？", ("2026年",))],
)
def test_a_question_that_the_documents_do_not_answer_is_refused(
    reading_engine: Engine, question: str, missing: tuple[str, ...]
) -> None:
    answer = reading_engine.ask(question)
    assert answer.abstained
    assert answer.reason == ("missing" if missing else "low-confidence")
    assert answer.missing == missing


def test_reranking_puts_the_answering_passage_first(seed_index: Path) -> None:
    engine = Engine.open(seed_index, Settings.load(reader="bundled", rerank=True))
    hits = engine.search("DeepSeek-R1はいつリリースされましたか？", k=5).hits
    assert len(hits) == 5
    assert "DeepSeek-R1" in hits[0].text
    assert hits[0].retrievers["reader"].rank <= 3
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
