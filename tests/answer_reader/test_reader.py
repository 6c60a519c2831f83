from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.reranking import Reranker, compose, distinct_answers
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


def test_without_hits_there_is_no_answer() -> None:
    answer = compose(Reranker(Known({}), WEIGHTS).read("?", []), 0.5)

    assert answer.abstained
    assert answer.reason == "no-hits"


def test_a_low_confidence_is_an_abstention_with_its_hits() -> None:
    reading = Reranker(Known({}, {"甲は山。": [("山", 3.0)]}), WEIGHTS).read("?", hits("甲は山。"))
    answer = compose(reading, 0.5)

    assert answer.abstained
    assert answer.reason == "low-confidence"
    assert answer.citations == ()
    assert len(answer.hits) == 1


def test_a_citation_is_the_span_in_the_document() -> None:
    text = "一行目。\n甲は青い山に住む。"
    reading = Reranker(Known({text: 4.0}, {text: [("青い山", 5.0)]}), WEIGHTS).read("?", hits(text))
    (citation,) = compose(reading, 0.5).citations

    assert citation.quote == "青い山"
    assert (citation.start, citation.end) == (100 + text.index("青"), 100 + text.index("に"))
    assert citation.line == 8
    assert citation.context is not None
    assert citation.context.text == "甲は青い山に住む。"
    assert text[citation.context.start - 100 : citation.context.end - 100] == citation.context.text
    assert compose(reading, 0.5).answer == "青い山[1]"


def test_the_same_words_in_several_passages_are_one_answer() -> None:
    marks = {"甲は ABC 社。": [("ABC 社", 3.0)], "乙も ＡＢＣ社。": [("ＡＢＣ社", 3.0)], "丙は海。": [("海", 3.1)]}
    reading = Reranker(Known(dict.fromkeys(marks, 2.0), marks), WEIGHTS).read("?", hits(*marks))

    first, second = distinct_answers(reading.spans)

    assert len(first.places) == 2
    assert second.best.text == "海"
    assert first.share > second.share


def test_different_answers_of_like_probability_are_both_given() -> None:
    marks = {"甲は山。": [("山", 3.0)], "乙は川。": [("川", 2.9)], "丙は海。": [("海", -3.0)]}
    reading = Reranker(Known(dict.fromkeys(marks, 2.0), marks), WEIGHTS).read("?", hits(*marks))
    answer = compose(reading, 0.5)

    assert answer.answer == "山[1] 川[2]"
    assert [citation.hit for citation in answer.citations] == [1, 2]


def test_documents_that_give_different_years_are_said_to_conflict() -> None:
    marks = {"甲は1990年に着工。": [("1990年", 3.0)], "甲は1992年に着工。": [("1992年", 2.9)]}
    reading = Reranker(Known(dict.fromkeys(marks, 2.0), marks), WEIGHTS).read("いつ着工？", hits(*marks))
    answer = compose(reading, 0.5)

    assert answer.conflict
    assert answer.to_dict()["conflict"] is True


def test_hits_tell_the_reader_s_place_and_relevance() -> None:
    reading = Reranker(Known({"丙は海。": 6.0}), WEIGHTS).read("?", hits("甲は山。", "丙は海。"))

    assert [hit.retrievers["reader"].rank for hit in reading.hits] == [1, 2]
    assert [hit.retrievers["reader"].score for hit in reading.hits] == [6.0, -5.0]


def test_a_threshold_that_is_asked_for_goes_before_the_calibrated_one() -> None:
    reader = Reranker(Known({"甲は山。": 0.5}, {"甲は山。": [("山", 3.0)]}), WEIGHTS)

    reading = reader.read("?", hits("甲は山。"))
    assert not reader.compose(reading).abstained
    assert reader.compose(reading, 0.99).abstained


def test_a_passage_that_holds_none_of_the_question_s_rare_words_makes_it_less_certain() -> None:
    weights = ReadingWeights(confidence_relevance=1.0, confidence_coverage=4.0, usual_coverage=0.5)
    reader = Reranker(Known({"青い山が見える。": 1.0}), weights)

    def confidence(question: str, passage: str = "青い山が見える。") -> float:
        return reader.read(question, hits(passage), lambda terms: dict.fromkeys(terms, 1.0)).confidence

    assert confidence("青い山は？") > confidence("青い海は？") > confidence("赤い海は？")
    assert confidence("Which mountain is seen?") == pytest.approx(reader.read("?", hits("青い山が見える。")).confidence)


def test_an_answer_inside_another_is_not_given_twice() -> None:
    marks = {"甲は青い山。": [("青い山", 3.0)], "乙は山。": [("山", 2.9)]}
    reading = Reranker(Known(dict.fromkeys(marks, 2.0), marks), WEIGHTS).read("?", hits(*marks))

    assert compose(reading, 0.5).answer == "青い山[1]"


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
