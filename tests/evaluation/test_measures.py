"""Retrieval measures, runs and qrels: the same numbers as trec_eval."""

from __future__ import annotations

from pathlib import Path

import ir_measures
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus import Document
from rag.errors import SettingsError
from rag.evaluation import judging
from rag.evaluation.datasets import Dataset, Judgement, Query
from rag.evaluation.judging import Found
from rag.evaluation.measures import depth, means, parse_measures, per_query, percentiles
from rag.evaluation.trec_ids import decoded, encoded

ids = st.text(min_size=1, max_size=8)
scores = st.floats(-10, 10, allow_nan=False)


def collection(*queries: Query, sources: tuple[str, ...] = ("a", "b", "c"), by: str = "document") -> Dataset:
    documents = tuple(Document(source, "", "文" * 100, "ja") for source in sources)
    return Dataset("small", "beir", "passages", documents, queries, "span" if by == "span" else "document")


@given(
    judged=st.dictionaries(
        ids, st.dictionaries(ids, st.integers(1, 3), min_size=1, max_size=5), min_size=1, max_size=5
    ),
    data=st.data(),
)
def test_trec_eval_gives_the_same_numbers_on_the_saved_run_and_qrels(
    judged: dict[str, dict[str, int]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sources = sorted({source for grades in judged.values() for source in grades} | {"other", "with space"})
    queries = [
        Query(query, query, judgements=tuple(Judgement(source, grade=grade) for source, grade in grades.items()))
        for query, grades in judged.items()
    ]
    dataset = collection(*queries, sources=tuple(sources))
    found = {
        query.id: [Found(data.draw(st.sampled_from(sources)), 0, 1, s) for s in data.draw(st.lists(scores, max_size=8))]
        for query in queries
    }
    qrels, run = judging.qrels_of(dataset), judging.run_of(dataset, found)
    folder = tmp_path_factory.mktemp("trec")
    (folder / "qrels").write_text(judging.qrels_text(qrels), encoding="utf-8", newline="\n")
    (folder / "system.run").write_text(judging.run_text(run, "system"), encoding="utf-8", newline="\n")

    with (folder / "qrels").open(encoding="utf-8") as saved:
        evaluator = pytrec_eval.RelevanceEvaluator(
            pytrec_eval.parse_qrel(saved), {"ndcg_cut_10", "recall_1", "recall_5", "map", "P_5", "recip_rank"}
        )
    with (folder / "system.run").open(encoding="utf-8") as saved:
        theirs = evaluator.evaluate(pytrec_eval.parse_run(saved))
    names = {
        "ndcg_cut_10": "nDCG@10",
        "recall_1": "R@1",
        "recall_5": "R@5",
        "map": "AP",
        "P_5": "P@5",
        "recip_rank": "RR",
    }
    ours = per_query(parse_measures(list(names.values())), qrels, run)
    for query in qrels:
        for their_name, our_name in names.items():
            expected = theirs.get(encoded(query), {}).get(their_name, 0.0)
            assert ours[our_name][query] == pytest.approx(expected, abs=1e-9)


def test_a_hit_below_another_with_the_same_score_stays_below_it_in_trec_eval() -> None:
    dataset = collection(Query("q", "?", judgements=(Judgement("a"),)))
    found = {"q": [Found("a", 0, 1, 2.0), Found("b", 0, 1, 2.0), Found("c", 0, 1, 2.0 - 1e-12)]}
    run = judging.run_of(dataset, found)
    theirs = pytrec_eval.RelevanceEvaluator(judging.qrels_of(dataset), {"recip_rank"}).evaluate(run)
    assert list(run["q"]) == ["a", "b", "c"]
    assert theirs["q"]["recip_rank"] == 1.0


def test_a_query_without_hits_counts_zero_in_every_measure() -> None:
    qrels = {"q1": {"a": 1}, "q2": {"b": 1}}
    measured = parse_measures(["nDCG@10", "R@5", "Judged@10", "Success@5", "P@3", "AP"])
    values = per_query(measured, qrels, {"q1": {"a": 1.0}, "q2": {}})
    assert {name: each["q2"] for name, each in values.items()} == dict.fromkeys(values, 0.0)
    assert values["R@5"]["q1"] == 1.0
    assert means(values)["R@5"] == 0.5


@pytest.mark.parametrize(
    "name", ["foo", "nDCG@x", "nDCG@0", "P@-1", "R", "", "R@1.5", "__import__('os')", "alpha_nDCG@10"]
)
def test_an_unknown_measure_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_measures([name])
    assert repr(name) in refused.value.message
    assert "nDCG@10" in refused.value.hint


def test_a_measure_named_twice_is_computed_once() -> None:
    assert parse_measures(["R@5", "R@5"]) == [ir_measures.R @ 5]


def test_enough_hits_are_asked_for_to_compute_the_deepest_measure() -> None:
    assert depth(parse_measures(["R@5", "nDCG@200"])) == 200
    assert depth(parse_measures(["R@5", "nDCG@10"])) == 10
    assert depth(parse_measures(["AP", "R@5"])) == 100


def test_of_several_passages_of_a_judged_document_the_first_gives_its_place() -> None:
    dataset = collection(Query("q", "?", judgements=(Judgement("b"),)))
    found = {"q": [Found("a", 0, 5, 3.0), Found("a", 5, 9, 2.0), Found("b", 0, 5, 1.0), Found("b", 5, 9, 0.5)]}
    assert list(judging.run_of(dataset, found)["q"]) == ["a", "b"]


def test_a_span_found_by_two_overlapping_passages_counts_once() -> None:
    dataset = collection(Query("q", "?", judgements=(Judgement("a", ((10, 12),)),)), by="span")
    found = {"q": [Found("b", 0, 50, 3.0), Found("a", 0, 11, 2.0), Found("a", 11, 20, 1.0)]}
    run = judging.run_of(dataset, found)
    assert list(run["q"]) == ["b:0-50", "gold-1", "a:11-20"]
    assert per_query(parse_measures(["R@10", "P@3"]), judging.qrels_of(dataset), run) == {
        "R@10": {"q": 1.0},
        "P@3": {"q": pytest.approx(1 / 3)},
    }


def test_touching_a_span_without_sharing_a_character_is_no_overlap() -> None:
    judged = Judgement("a", ((10, 12),))
    assert not judged.overlaps("a", 0, 10)
    assert not judged.overlaps("a", 12, 20)
    assert judged.overlaps("a", 11, 12)
    assert not judged.overlaps("b", 0, 100)


def test_a_passage_that_holds_all_evidence_alone_has_full_recall() -> None:
    evidence = (Judgement("a", ((0, 3),)), Judgement("a", ((8, 10),)))
    dataset = collection(Query("q", "?", judgements=evidence), by="span")
    run = judging.run_of(dataset, {"q": [Found("a", 0, 20, 1.0)]})
    values = per_query(parse_measures(["R@10", "nDCG@10", "Success@1"]), judging.qrels_of(dataset), run)
    assert values == {name: {"q": pytest.approx(1.0)} for name in values}


spans = st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(golds=st.lists(spans, min_size=1, max_size=4), hits=st.lists(spans, max_size=8, unique=True))
def test_measures_over_spans_stay_between_zero_and_one(
    golds: list[tuple[int, int]], hits: list[tuple[int, int]]
) -> None:
    dataset = collection(Query("q", "?", judgements=tuple(Judgement("a", (gold,)) for gold in golds)), by="span")
    found = {"q": [Found("a", start, end, 1.0) for start, end in hits]}
    run = judging.run_of(dataset, found)
    values = per_query(parse_measures(["R@10", "nDCG@10", "RR@10", "AP", "P@5"]), judging.qrels_of(dataset), run)
    assert all(0 <= each["q"] <= 1 + 1e-9 for each in values.values())
    assert (values["R@10"]["q"] > 0) == any(a < e and s < b for a, b in golds for s, e in hits)


@given(name=st.text())
def test_any_id_survives_a_trec_file(name: str) -> None:
    assert decoded(encoded(name)) == name
    assert not any(character.isspace() for character in encoded(name))


def test_ordinary_ids_stand_in_trec_files_as_they_are() -> None:
    assert encoded("東大寺の仏像#3") == "東大寺の仏像#3"
    assert encoded("two words") == "two%20words"
    assert encoded("全角　空白") == "全角%E3%80%80空白"


def test_saved_runs_are_read_back_by_ir_measures(tmp_path: Path) -> None:
    dataset = collection(Query("q 1", "?", judgements=(Judgement("a"),)))
    run = judging.run_of(dataset, {"q 1": [Found("b", 0, 1, 0.25), Found("a", 0, 1, -1.5)]})
    file = tmp_path / "s.run"
    file.write_text(judging.run_text(run, "s"), encoding="utf-8")
    read = list(ir_measures.read_trec_run(str(file)))
    assert [(line.query_id, line.doc_id, line.score) for line in read] == [("q%201", "b", 0.25), ("q%201", "a", -1.5)]


def test_characters_returned_are_those_of_the_first_hits() -> None:
    hits = [Found("a", 0, 10, 3.0), Found("a", 5, 25, 2.0), Found("b", 0, 100, 1.0)]
    assert judging.characters(hits, 2) == 30
    assert judging.characters(hits, 10) == 130


def test_latency_percentiles_are_in_order() -> None:
    found = percentiles([5.0, 1.0, 2.0, 100.0])
    assert list(found) == ["p50", "p95", "p99"]
    assert found["p50"] <= found["p95"] <= found["p99"] <= 100
    assert percentiles([]) == {}


def test_an_id_with_a_nul_is_measured_like_any_other() -> None:
    values = per_query(parse_measures(["R@1"]), {"\x00": {"\x00d": 1}}, {"\x00": {"\x00d": 1.0, "\x00e": 0.5}})
    assert values["R@1"] == {"\x00": 1.0}
