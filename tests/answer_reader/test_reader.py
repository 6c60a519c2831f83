from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.reranking import Reranker
from rag.errors import ModelError
from rag.reader.calibration import READ_STEPS, ReadingWeights
from rag.reader.model import PassageReading
from rag.reader.spans import CharSpan
from rag.search import DocumentRef, Hit

WEIGHTS = ReadingWeights(relevance=0.5, confidence_bias=0.0, confidence_relevance=1.0)


@dataclass
class Known:
    """Reads as it is told: relevance, and the words it marks, by passage."""

    relevance: Mapping[str, float]
    marks: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)
    read_so_far: list[str] = field(default_factory=list)

    def read(self, question: str, passages: Sequence[str], *, count: int = 3) -> list[PassageReading]:
        self.read_so_far += passages
        return [self._reading(passage) for passage in passages]

    def _reading(self, passage: str) -> PassageReading:
        spans = [
            CharSpan(passage.index(words), passage.index(words) + len(words), score)
            for words, score in self.marks.get(passage, ())
        ]
        return PassageReading(self.relevance.get(passage, -5.0), tuple(spans))


def hits(*texts: str, offset: int = 100) -> list[Hit]:
    return [
        Hit(
            rank=rank,
            score=10.0 - rank,
            retrievers={},
            document=DocumentRef(f"d{rank}", f"題{rank}", f"{rank}.txt"),
            start=offset,
            end=offset + len(text),
            text=text,
            heading=(),
            language="ja",
            line=7,
            passage_id=rank,
        )
        for rank, text in enumerate(texts, 1)
    ]


def test_a_passage_that_answers_comes_first() -> None:
    found = hits("甲は山。", "乙は川。", "丙は海。")
    reading = Reranker(Known({"丙は海。": 6.0}), WEIGHTS).read("?", found)

    assert [hit.text for hit in reading.hits] == ["丙は海。", "甲は山。", "乙は川。"]
    assert [hit.rank for hit in reading.hits] == [1, 2, 3]
    assert reading.confidence > 0.99


def test_hits_tell_the_reader_s_place_and_relevance() -> None:
    reading = Reranker(Known({"丙は海。": 6.0}), WEIGHTS).read("?", hits("甲は山。", "丙は海。"))

    assert [hit.retrievers["reader"].rank for hit in reading.hits] == [1, 2]
    assert [hit.retrievers["reader"].score for hit in reading.hits] == [6.0, -5.0]


def test_a_passage_that_holds_none_of_the_question_s_rare_words_makes_it_less_certain() -> None:
    weights = ReadingWeights(confidence_relevance=1.0, confidence_coverage=4.0, usual_coverage=0.5)
    reader = Reranker(Known({"青い山が見える。": 1.0}), weights)

    def confidence(question: str, passage: str = "青い山が見える。") -> float:
        return reader.read(question, hits(passage), lambda terms: dict.fromkeys(terms, 1.0)).confidence

    assert confidence("青い山は？") > confidence("青い海は？") > confidence("赤い海は？")
    assert confidence("Which mountain is seen?") == pytest.approx(reader.read("?", hits("青い山が見える。")).confidence)


def test_a_first_passage_that_leads_far_leaves_the_rest_unread_and_behind() -> None:
    texts = [f"{n}番目。" for n in range(12)]
    model = Known({"1番目。": 5.0})
    weights = ReadingWeights(relevance=0.5, lead=3.0)
    reading = Reranker(model, weights).read("?", hits(*texts))

    assert model.read_so_far == texts[: READ_STEPS[0]]
    assert [hit.text for hit in reading.hits[READ_STEPS[0] :]] == texts[READ_STEPS[0] :]
    assert reading.hits[0].text == "1番目。"


def test_a_rival_close_behind_what_was_read_is_read_too() -> None:
    first, second, rival, *rest = hits("甲は山。", "乙は海。", "丙は山。", "丁は川。", "戊は空。")
    model = Known({"甲は山。": 5.0})
    weights = ReadingWeights(relevance=0.5, lead=3.0)
    Reranker(model, weights).read("?", [first, second, replace(rival, score=first.score), *rest])

    assert model.read_so_far == ["甲は山。", "乙は海。", "丙は山。", "丁は川。"]


def test_without_a_lead_all_of_the_best_hits_are_read() -> None:
    texts = [f"{n}番目。" for n in range(30)]
    model = Known({"15番目。": 5.0})
    reading = Reranker(model, ReadingWeights(relevance=2.0, lead=8.0)).read("?", hits(*texts))

    assert model.read_so_far == texts[: READ_STEPS[-1]]
    assert reading.hits[0].text == "15番目。"


def test_reading_stops_at_the_step_whose_best_leads_far_enough() -> None:
    texts = [f"{n}番目。" for n in range(30)]
    model = Known({f"{READ_STEPS[1] + 1}番目。": 5.0})
    Reranker(model, ReadingWeights(relevance=1.0, lead=3.0)).read("?", hits(*texts))

    assert model.read_so_far == texts[: READ_STEPS[2]]


@given(
    relevance=st.lists(st.floats(-10, 10), min_size=1, max_size=30),
    lead=st.none() | st.floats(-5, 5),
)
def test_reading_keeps_every_hit_once_in_the_order_of_its_scores(relevance: list[float], lead: float | None) -> None:
    texts = [f"{n}番目。" for n in range(len(relevance))]
    weights = ReadingWeights(relevance=0.7, lead=lead)
    reading = Reranker(Known(dict(zip(texts, relevance, strict=True))), weights).read("?", hits(*texts))

    assert sorted(hit.text for hit in reading.hits) == sorted(texts)
    assert [hit.rank for hit in reading.hits] == list(range(1, len(texts) + 1))
    scores = [hit.score for hit in reading.hits]
    assert all(a >= b for a, b in itertools.pairwise(scores))
    assert 0 <= reading.confidence <= 1


def test_calibration_that_ships_with_the_weights_is_used() -> None:
    weights = ReadingWeights.of({"reading": {"relevance": 0.4, "lead": 2.5}, "data": "x"})

    assert weights == ReadingWeights(relevance=0.4, lead=2.5)
    assert ReadingWeights.of({"reading": weights.to_dict()}) == weights


def test_calibration_of_another_version_is_refused() -> None:
    with pytest.raises(ModelError, match="mystery"):
        ReadingWeights.of({"reading": {"mystery": 1.0}})
