from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from rag.engine import Engine
from rag.reader.model import PassageReading
from rag.reader.spans import CharSpan
from rag.search import DocumentRef, Hit, SearchResult
from training.calibrate import ReadHits, fit
from training.data import ReadingSet, load_squad
from training.mine import mined


def _reading(relevance: float) -> PassageReading:
    return PassageReading(relevance, (CharSpan(0, 2, relevance),))


def _questions(count: int, *, answerable: bool) -> list[ReadHits]:
    """Eight hits a question; the right one is third by the fused score, and the reader knows it mostly."""
    random = np.random.default_rng(2)
    found = []
    for _ in range(count):
        relevance = random.normal(-3, 1, 8)
        if answerable:
            relevance[2] = random.normal(2, 1.5)
        fused = tuple(8.0 - 0.2 * place for place in range(8))
        readings = tuple(_reading(float(r)) for r in relevance)
        found.append(ReadHits(fused, readings, (0.5,) * 8, 2 if answerable else None))
    return found


def test_what_the_reader_knows_makes_the_ranking_better_and_the_confidence_right() -> None:
    weights, figures = fit(_questions(120, answerable=True), _questions(120, answerable=False))

    assert figures["RR@10 fused"] == pytest.approx(1 / 3)
    assert figures["RR@10 read"] > 0.9
    assert weights.relevance > 0
    assert figures["AUROC"] > 0.95
    assert figures["answerable refused"] <= 0.1
    assert figures["unanswerable refused"] >= 0.8


def test_reading_stops_early_only_where_the_same_passage_comes_first() -> None:
    questions = [*_questions(120, answerable=True), *_questions(120, answerable=False)]
    weights, figures = fit(questions[:120], questions[120:])

    assert weights.lead is not None
    read = [hits.read(weights) for hits in questions]
    firsts = [hits.order(weights, most=most)[0] for hits, most in zip(questions, read, strict=True)]
    assert firsts == [hits.order(weights)[0] for hits in questions]
    assert min(read) < 8
    early = [hits.reciprocal_rank(hits.order(weights, most=hits.read(weights))) for hits in questions[:120]]
    assert np.mean(early) >= figures["RR@10 read"] - 0.001


class _EngineOfAll:
    """Finds every paragraph for every query, in the order of the data."""

    def __init__(self, data: ReadingSet) -> None:
        self._data = data

    def search_many(self, queries: Sequence[str], *, operators: bool, k: int) -> list[SearchResult]:
        hits = tuple(
            Hit(n, 9.0 - n, {}, DocumentRef("", p.article, p.key), 0, len(p.text), p.text, (), "ja", 1, n - 1)
            for n, p in enumerate(self._data.paragraphs[:k], 1)
        )
        return [SearchResult(query, hits) for query in queries]


def test_what_is_found_for_a_question_is_marked_if_it_holds_the_answer(data_file: Path) -> None:
    data = load_squad(data_file)
    text = {paragraph.key: paragraph.text for paragraph in data.paragraphs}

    records = list(mined(cast(Engine, _EngineOfAll(data)), data, data.questions))

    assert [record["question"] for record in records] == [question.id for question in data.questions]
    for question, record in zip(data.questions, records, strict=True):
        (answer,) = data.answer_texts(question)
        keys, _, holds = zip(*record["hits"], strict=True)
        assert list(keys) == list(text)
        assert list(holds) == [answer in text[key] for key in keys]
        assert set(holds) == {True, False}
