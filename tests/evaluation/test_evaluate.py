"""Whole evaluations: tables, files, resuming, failing systems, the command."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import ir_measures
import pytest
from typer.testing import CliRunner

from rag.errors import DatasetError, RagError, SettingsError
from rag.evaluation import Dataset, System, evaluate, load_dataset, plain_table
from rag.evaluation import runner as runner_module
from rag.evaluation.answers import character_f1
from rag.settings import Settings
from tests.evaluation.collections import (
    QUESTIONS,
    WordEngine,
    squad_record,
    write_documents,
    write_json,
    write_lines,
    write_squad,
)

Opened = Callable[..., list[WordEngine]]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return load_dataset(write_squad(tmp_path / "data.json"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(cache_dir=tmp_path / "cache")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Makes evaluations use WordEngines; returns those opened. ``k=7`` fails, lexical ranks worst."""
    engines: list[WordEngine] = []

    def open_index(dataset: Dataset, settings: Settings, _progress: object) -> SimpleNamespace:
        fails = 3 if settings.k == 7 else None
        engine = WordEngine(dataset, fails_after=fails, backwards=settings.mode == "lexical")
        engines.append(engine)
        return SimpleNamespace(engine=engine, bulk=engine, passages=len(dataset.documents))

    monkeypatch.setattr(runner_module, "open_index", open_index)
    monkeypatch.setattr(runner_module, "model_fingerprint", lambda _name, _folder: "words")
    return lambda: engines


def test_two_systems_are_measured_compared_and_printed(dataset: Dataset, settings: Settings, opened: Opened) -> None:
    found = evaluate(dataset, ["hybrid", "lexical"], settings=settings, measures=["nDCG@10", "R@1"])
    assert found.scores["hybrid"]["R@1"] == 1.0
    assert found.scores["lexical"]["R@1"] == 0.0
    assert found.differences["lexical"]["R@1"].difference == -1.0
    assert found.differences["lexical"]["R@1"].p == pytest.approx(2 / 2**6)
    table = plain_table(found)
    assert "0.0000▼" in table
    assert "6 queries over 6 passages as given" in table


def test_a_reader_is_also_measured_on_the_passage_that_was_asked_about(
    dataset: Dataset, settings: Settings, opened: Opened
) -> None:
    found = evaluate(dataset, ["hybrid", "hybrid+reader"], settings=settings, measures=["R@1"], answers=True)
    first_words = [dataset.by_source[query.relevant[0].source].text[:4] for query in dataset.queries]
    expected = [character_f1(words, query.answers) for words, query in zip(first_words, dataset.queries, strict=True)]
    assert found.scores["hybrid+reader"]["gold_F1"] == pytest.approx(sum(expected) / len(expected))
    assert 0 <= found.scores["hybrid+reader"]["gold_EM"] <= found.scores["hybrid+reader"]["gold_F1"]
    assert "gold_F1" not in found.scores["hybrid"]


def test_the_files_saved_agree_with_the_numbers(
    dataset: Dataset, settings: Settings, opened: Opened, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    found = evaluate(
        dataset,
        ["hybrid", "lexical"],
        settings=settings,
        answers=True,
        refusals=True,
        output=output,
        baseline="lexical",
    )
    saved = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    assert set(saved) >= {"dataset", "systems", "settings", "versions"}
    assert saved["systems"]["hybrid"]["nDCG@10"] == found.scores["hybrid"]["nDCG@10"]
    assert saved["systems"]["hybrid"].keys() >= {"EM", "F1", "found", "cited", "AUROC", "refusal_F1"}
    assert saved["settings"]["systems"]["lexical"]["mode"] == "lexical"
    qrels = list(ir_measures.read_trec_qrels(str(output / "qrels")))
    run = list(ir_measures.read_trec_run(str(output / "lexical.run")))
    again = ir_measures.calc_aggregate([ir_measures.nDCG @ 10, ir_measures.RR @ 10], qrels, run)
    assert {str(measure): value for measure, value in again.items()} == {
        name: pytest.approx(found.scores["lexical"][name]) for name in ("nDCG@10", "RR@10")
    }
    with (output / "per_query.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["system"], row["query"]) for row in rows] == [(s, q) for s in ("hybrid", "lexical") for q in QUESTIONS]
    assert sum(float(row["R@1"]) for row in rows if row["system"] == "hybrid") / 6 == found.scores["hybrid"]["R@1"]
    for name in ("bars.png", "differences.png", "reliability.png"):
        assert (output / name).read_bytes().startswith(b"\x89PNG")


def test_the_report_is_one_file_that_loads_nothing_and_escapes_what_it_shows(
    tmp_path: Path, settings: Settings, opened: Opened
) -> None:
    record = squad_record()
    record["data"][0]["paragraphs"][0]["qas"][0]["question"] = "<script>alert('灯台')</script>"
    dataset = load_dataset(write_json(tmp_path / "a&b.json", record))
    evaluate(dataset, ["lexical", "hybrid"], settings=settings, output=tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert" in page
    assert page.count("<svg") == 2
    for outside in ("src=", "<link", "@import", "url(http"):
        assert outside not in page
    assert "Should have been found" in page


def test_a_second_run_asks_nothing_again_and_gives_the_same(
    dataset: Dataset, settings: Settings, opened: Opened, tmp_path: Path
) -> None:
    first = evaluate(dataset, ["hybrid"], settings=settings, answers=True, output=tmp_path / "out")
    engines = len(opened())
    second = evaluate(dataset, ["hybrid"], settings=settings, answers=True, output=tmp_path / "out")
    assert len(opened()) == engines
    assert second.to_dict() == first.to_dict()


def test_results_made_with_other_settings_or_another_corpus_are_not_taken_over(
    dataset: Dataset, settings: Settings, opened: Opened, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    evaluate(dataset, ["hybrid"], settings=settings, output=output)
    evaluate(dataset, ["hybrid"], settings=settings.updated(dense_weight=0.9), output=output)
    record = squad_record()
    record["data"][0]["paragraphs"][0]["context"] += "追記。"
    changed = load_dataset(write_json(tmp_path / "other.json", record))
    evaluate(changed, ["hybrid"], settings=settings.updated(dense_weight=0.9), output=output)
    assert len(opened()) == 3


def test_a_file_cut_off_by_a_crash_costs_only_its_last_line(
    dataset: Dataset, settings: Settings, opened: Opened, tmp_path: Path
) -> None:
    first = evaluate(dataset, ["hybrid"], settings=settings, output=tmp_path / "out")
    file = tmp_path / "out" / "results" / "hybrid.search.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    again = evaluate(dataset, ["hybrid"], settings=settings, output=tmp_path / "out")
    assert opened()[-1].searched == 1
    assert again.scores == first.scores
    assert file.read_bytes().count(b"\n") == 1 + len(QUESTIONS)


def test_a_system_that_fails_half_way_leaves_the_others_results(
    dataset: Dataset, settings: Settings, opened: Opened, tmp_path: Path
) -> None:
    systems = ["hybrid", System("broken", {"k": 7}), "lexical"]
    found = evaluate(dataset, systems, settings=settings, output=tmp_path / "out")
    assert list(found.scores) == ["hybrid", "lexical"]
    assert "MemoryError: no room for another vector" in str(found.failures["broken"])
    saved = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert list(saved["failed"]) == ["broken"]
    assert "broken was not evaluated" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_when_the_baseline_fails_the_others_are_reported_uncompared(
    dataset: Dataset, settings: Settings, opened: Opened
) -> None:
    found = evaluate(dataset, [System("broken", {"k": 7}), "hybrid"], settings=settings)
    assert found.baseline is None
    assert found.differences == {}
    assert "nothing was compared" in plain_table(found)


def test_when_every_system_fails_the_first_reason_is_raised(
    dataset: Dataset, settings: Settings, opened: Opened
) -> None:
    with pytest.raises(RagError, match="no room for another vector"):
        evaluate(dataset, [System("broken", {"k": 7})], settings=settings)


def test_queries_without_anything_relevant_are_counted_and_left_out(
    tmp_path: Path, settings: Settings, opened: Opened
) -> None:
    record = squad_record()
    record["data"][0]["paragraphs"][0]["qas"][0] |= {"is_impossible": True, "answers": []}
    dataset = load_dataset(write_json(tmp_path / "data.json", record))
    found = evaluate(dataset, ["hybrid"], settings=settings, answers=True)
    assert "Left out of the retrieval means: 1 query with nothing relevant to find." in plain_table(found)
    assert set(found.qrels) == set(QUESTIONS) - {"q-lamp"}
    assert found.scores["hybrid"]["R@1"] == 1.0
    assert "AUROC" in found.scores["hybrid"]


def test_a_dataset_without_any_relevant_passage_is_refused(tmp_path: Path, settings: Settings, opened: Opened) -> None:
    line = json.dumps({"id": "q", "question": "何？", "answers": []})
    dataset = load_dataset(write_lines(tmp_path / "q.jsonl", [line]), documents=write_documents(tmp_path / "texts"))
    with pytest.raises(DatasetError, match="has anything relevant"):
        evaluate(dataset, ["hybrid"], settings=settings)


def test_protocol_n_asks_while_every_second_article_is_missing(
    dataset: Dataset, settings: Settings, opened: Opened
) -> None:
    found = evaluate(dataset, ["hybrid"], settings=settings, refusals=True)
    assert len(found.results["hybrid"].half) == len(QUESTIONS)
    assert found.scores["hybrid"]["AUROC"] == 1.0
    assert sum(each.count for each in found.refusals["hybrid"].bins) == len(QUESTIONS)


def test_characters_returned_are_reported_for_passages_of_our_own_making(
    tmp_path: Path, settings: Settings, opened: Opened
) -> None:
    dataset = load_dataset(write_squad(tmp_path / "data.json"), protocol="documents")
    found = evaluate(dataset, ["hybrid"], settings=settings, measures=["R@1"])
    mean = sum(len(dataset.by_source[query.relevant[0].source].text) for query in dataset.queries) / len(
        dataset.queries
    )
    assert found.scores["hybrid"]["R@1"] == 1.0
    assert found.scores["hybrid"]["chars@1"] == pytest.approx(mean)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"systems": ["fancy"]}, "no built-in system 'fancy'"),
        ({"systems": ["dense", System("DENSE")]}, "Two systems are called"),
        ({"systems": [System("a/b")]}, "cannot name a system"),
        ({"systems": [System("x", {"chunk_tokens": "many"})]}, "The system x cannot be used.*chunk_tokens"),
        ({"systems": [System("x", {"colour": 1})]}, "colour"),
        ({"systems": [System("x", {"cache_dir": "/"})]}, "cannot set 'cache_dir'"),
        ({"systems": []}, "no system to evaluate"),
        ({"measures": ["precision"]}, "Unknown measure 'precision'"),
        ({"baseline": "other"}, "The baseline 'other' is none of the systems"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_anything_runs(
    dataset: Dataset, settings: Settings, opened: Opened, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        evaluate(dataset, settings=settings, **arguments)  # type: ignore[arg-type]
    assert opened() == []


def test_the_command_prints_metrics_as_json_and_says_by_its_exit_code_that_records_were_left_out(
    tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_CACHE_DIR", str(tmp_path / "cache"))
    record = squad_record()
    whole = write_json(tmp_path / "whole.json", record)
    record["data"][0]["paragraphs"][0]["qas"][0]["answers"] = []
    partial = write_json(tmp_path / "partial.json", record)
    done = CliRunner().invoke(
        command(), [str(whole), "--systems", "hybrid,lexical", "--measures", "R@1,RR(rel=1)@5", "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["systems"]["hybrid"] == {"R@1": 1.0, "RR@5": 1.0}
    incomplete = CliRunner().invoke(command(), [str(partial), "--systems", "hybrid"])
    assert incomplete.exit_code == 3
    assert "partial.json:" in incomplete.stderr


def test_the_command_ends_with_usage_errors_for_unknown_names(tmp_path: Path, opened: Opened) -> None:
    file = str(write_squad(tmp_path / "data.json"))
    for wrong in (["--systems", "fancy"], ["--measures", "foo@3"], ["--baseline", "x"], ["--limit", "0"]):
        assert CliRunner().invoke(command(), [file, *wrong]).exit_code == 2
    assert opened() == []


def test_systems_come_from_a_toml_file_too(tmp_path: Path, opened: Opened) -> None:
    file = write_squad(tmp_path / "data.json")
    described = tmp_path / "systems.toml"
    described.write_text('[systems.heavy]\ndense_weight = 0.9\n[systems.worst]\nmode = "lexical"\n', encoding="utf-8")
    output = tmp_path / "out"
    arguments = [str(file), "--systems-file", str(described), "--systems", "hybrid", "--output", str(output)]
    done = CliRunner().invoke(command(), arguments)
    assert done.exit_code == 0, done.output
    saved = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    assert list(saved["systems"]) == ["hybrid", "heavy", "worst"]
    assert saved["settings"]["systems"]["heavy"]["dense_weight"] == 0.9


def command() -> object:
    """The command alone, as `rag eval` has it."""
    import typer

    from rag.cli.eval import evaluate as evaluate_command

    app = typer.Typer()
    app.command()(evaluate_command)
    return app
