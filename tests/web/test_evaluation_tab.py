"""Evaluations behind the page: datasets of strangers, runs that stop and go on, comparisons."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from pathlib import Path

import pytest

from rag.errors import DatasetError, RagError, SettingsError
from rag.evaluation.intervals import mean_interval
from rag.settings import Settings
from rag.web.current import CurrentIndex
from rag.web.evaluation import views
from rag.web.evaluation.comparing import compare_runs
from rag.web.evaluation.datasets import Datasets
from rag.web.evaluation.runs import Runs
from rag.web.jobs.queue import Jobs
from rag.web.libraries import OpenLibraries
from tests.evaluation.collections import squad_record, write_json

from .batch_doubles import WorkingEngine, wait_until
from .doubles import TEA
from .evaluation_doubles import Gate, word_engines

ME, YOU = "me", "you"


@pytest.fixture
def engine(tmp_path: Path) -> WorkingEngine:
    return WorkingEngine(settings=Settings(cache_dir=tmp_path / "cache"))


@pytest.fixture
def datasets(engine: WorkingEngine) -> Datasets:
    return Datasets(OpenLibraries(CurrentIndex(lambda: engine)))


@pytest.fixture
def runs(engine: WorkingEngine, datasets: Datasets) -> Runs:
    return Runs(OpenLibraries(CurrentIndex(lambda: engine)), Jobs(), datasets)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return word_engines(monkeypatch)


def squad(folder: Path) -> Path:
    return write_json(folder / "灯台.json", squad_record())


def zipped(path: Path, members: dict[str, str]) -> Path:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    path.write_bytes(content.getvalue())
    return path


BEIR = {
    "corpus.jsonl": '{"_id": "d1", "text": "灯台は岬にある。"}\n{"_id": "d2", "text": "味噌は樽にある。"}\n',
    "queries.jsonl": '{"_id": "q1", "text": "灯台はどこ"}\n',
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\n",
}
TREC = {
    "topics.tsv": "1\t灯台はどこ\n",
    "qrels.txt": "1 0 a.txt 1\n",
    "documents/a.txt": "灯台は岬にある。\n",
    "documents/b.txt": "味噌は樽にある。\n",
}


def done(runs: Runs, name: str) -> bool:
    return not next(state for state in runs.states(ME) if state.id == name).is_live


@pytest.mark.parametrize("folder", ["", "beir/", "a/b/"])
@pytest.mark.parametrize("members", [BEIR, TREC], ids=["beir", "trec"])
def test_zip_files_are_read_whatever_folder_they_were_packed_in(
    tmp_path: Path, datasets: Datasets, members: dict[str, str], folder: str
) -> None:
    file = zipped(tmp_path / "data.zip", {folder + name: text for name, text in members.items()})
    key = datasets.add(ME, [file])
    loaded = datasets.load(ME, key)
    assert (loaded.name, len(loaded.documents), len(loaded.judged)) == ("data", 2, 1)
    assert (loaded.name, key) in datasets.choices(ME, "ja")


def test_several_squad_files_are_one_dataset(tmp_path: Path, datasets: Datasets) -> None:
    record = squad_record()
    files = [
        write_json(tmp_path / f"{number}.json", {"data": [article]}) for number, article in enumerate(record["data"])
    ]
    assert len(datasets.load(ME, datasets.add(ME, files)).queries) == 6


def test_questions_without_documents_are_about_those_that_are_served(tmp_path: Path, datasets: Datasets) -> None:
    evidence = [{"source": TEA.source, "quote": "七十度の湯"}]
    record = {"id": "1", "question": "煎茶の温度は", "answers": ["七十度"], "evidence": evidence}
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(record, ensure_ascii=False) + "\n{}\n", encoding="utf-8")
    loaded = datasets.load(ME, datasets.add(ME, [file]))
    assert [document.source for document in loaded.documents] == [TEA.source, "coffee.md"]
    assert len(loaded.judged) == 1
    assert [str(tmp_path) in str(refusal) for refusal in loaded.refusals] == [False]


def test_datasets_of_the_settings_folder_are_offered_by_name(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    squad(shared)
    (shared / "notes.txt").write_text("no dataset", encoding="utf-8")
    squad(tmp_path / "elsewhere")
    engine = WorkingEngine(settings=Settings(cache_dir=tmp_path / "cache", eval_datasets=shared))
    datasets = Datasets(OpenLibraries(CurrentIndex(lambda: engine)))
    assert datasets.choices(ME, "ja") == [("灯台.json", "named:灯台.json")]
    assert len(datasets.load(ME, "named:灯台.json").queries) == 6


@pytest.mark.parametrize(
    "key", ["named:../elsewhere/灯台.json", "named:/etc/passwd", "uploaded:../..", "/etc/passwd", "named:", "\0", ""]
)
def test_no_path_that_a_browser_sends_is_opened(tmp_path: Path, key: str) -> None:
    (tmp_path / "shared").mkdir()
    squad(tmp_path / "elsewhere")
    engine = WorkingEngine(settings=Settings(cache_dir=tmp_path / "cache", eval_datasets=tmp_path / "shared"))
    with pytest.raises(DatasetError, match="not here"):
        Datasets(OpenLibraries(CurrentIndex(lambda: engine))).load(ME, key)


def test_names_in_a_zip_file_stay_inside(tmp_path: Path, datasets: Datasets, engine: WorkingEngine) -> None:
    names = {"../../../out.json": "{}", "/abs.json": "{}", "C:\\win.json": "{}", "a/../../b.json": "{}"}
    before = set(tmp_path.rglob("*.json"))
    with pytest.raises(RagError):
        datasets.add(ME, [zipped(tmp_path / "evil.zip", names)])
    assert set(tmp_path.rglob("*.json")) == before
    assert not Path("/abs.json").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", b"{", "x.json"),
        ("x.jsonl", b"\xff\xfe\n", "no usable query"),
        ("x.zip", b"PK no zip", "damaged"),
        ("x.exe", b"MZ", "no dataset"),
    ],
)
def test_what_is_no_dataset_is_refused_and_not_kept(
    tmp_path: Path, datasets: Datasets, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RagError) as error:
        datasets.add(ME, [tmp_path / name])
    assert said in str(error.value)
    assert str(tmp_path) not in str(error.value)
    assert datasets.choices(ME, "ja") == []


def test_datasets_of_others_cannot_be_seen_measured_or_removed(tmp_path: Path, datasets: Datasets, runs: Runs) -> None:
    key = datasets.add(ME, [squad(tmp_path)])
    assert datasets.choices(YOU, "ja") == []
    datasets.remove(YOU, key)
    with pytest.raises(DatasetError):
        runs.start(YOU, key, ["dense"], None, False)
    assert len(datasets.load(ME, key).queries) == 6


def test_a_run_leaves_what_rag_eval_leaves_and_a_summary_for_the_page(
    tmp_path: Path, datasets: Datasets, runs: Runs, gate: object
) -> None:
    name = runs.start(ME, datasets.add(ME, [squad(tmp_path)]), ["lexical", "hybrid"], None, False)
    wait_until(lambda: done(runs, name))
    assert runs.states(ME)[0].stage == "done"
    report, metrics = runs.downloads(ME, name)
    assert report is not None and metrics is not None
    systems = json.loads(Path(metrics).read_text(encoding="utf-8"))["systems"]
    assert (systems["hybrid"]["R@1"], systems["lexical"]["R@1"]) == (1.0, 0.0)
    found = runs.summary(ME, name)
    assert found is not None and found["baseline"] == "lexical"
    html = views.summary_html(found, dict.fromkeys(found["plots"], b"PNG"), "ja")
    assert "1.0000" in html and "[1.000, 1.000]" in html and "▲" in html
    assert html.count("<img ") == len(found["plots"]) == 2
    assert "nDCG@10 は lexical" in html and '<th scope="col">箇所</th>' in html
    assert "岬の灯台は何年に建てられましたか。" in html
    assert runs.summary(YOU, name) is None and runs.downloads(YOU, name) == (None, None)


def test_a_run_can_be_stopped_and_goes_on_where_it_was(
    tmp_path: Path, datasets: Datasets, runs: Runs, gate: Gate
) -> None:
    held = threading.Semaphore(1)
    gate(held)
    name = runs.start(ME, datasets.add(ME, [squad(tmp_path)]), ["dense", "hybrid"], None, False)
    wait_until(lambda: (step := runs.states(ME)[0].step) is not None and step.what == "hybrid: search")
    assert "hybrid（2 / 2）" in views.progress_html(runs.states(ME)[0], "ja")
    runs.stop(YOU, name)
    assert runs.states(ME)[0].stage == "running"
    runs.stop(ME, name)
    held.release()
    wait_until(lambda: done(runs, name))
    assert runs.states(ME)[0].stage == "stopped"
    held.release()  # the search of dense has been kept, so one more is enough
    runs.go_on(ME, name)
    wait_until(lambda: done(runs, name))
    assert runs.states(ME)[0].stage == "done"


def test_two_runs_are_compared_over_the_questions_they_share(
    tmp_path: Path, datasets: Datasets, runs: Runs, gate: object
) -> None:
    key = datasets.add(ME, [squad(tmp_path)])
    first = runs.start(ME, key, ["hybrid"], None, False)
    second = runs.start(ME, key, ["lexical"], 4, False)
    wait_until(lambda: done(runs, second))
    found = runs.compare(ME, {first: "#1", second: "#2"}, "#1 hybrid", " ")
    assert found.queries == 4
    worse = found.rows[1]
    assert (worse.label, worse.means["R@1"], worse.differences["R@1"].difference) == ("#2 lexical", 0.0, -1.0)
    html = views.comparison_html(found, "ja")
    assert "-1.0000" in html and "共通の質問 4 件" in html
    with pytest.raises(DatasetError):
        runs.compare(YOU, {first: "#1", second: "#2"}, "#1 hybrid", " ")


def test_runs_without_a_common_question_are_not_compared() -> None:
    one, other = {"a": {"R@1": {"1\0x": 1.0}}}, {"a": {"R@1": {"1\0y": 1.0}}}
    with pytest.raises(DatasetError, match="no question in common"):
        compare_runs({"#1": one, "#2": other}, "#1 a", " ")


def test_nothing_is_started_without_a_system_or_a_dataset(tmp_path: Path, datasets: Datasets, runs: Runs) -> None:
    key = datasets.add(ME, [squad(tmp_path)])
    for systems in ([], ["rm -rf"]):
        with pytest.raises(SettingsError):
            runs.start(ME, key, systems, None, False)
    with pytest.raises(DatasetError):
        runs.start(ME, "named:none", ["dense"], None, False)
    assert runs.states(ME) == []


def test_the_interval_of_a_mean_holds_it_and_narrows_with_more_questions() -> None:
    few, many = [0.0, 1.0] * 5, [0.0, 1.0] * 500
    for values in (few, many):
        low, high = mean_interval(values)
        assert low < 0.5 < high
    assert mean_interval(many)[1] - mean_interval(many)[0] < mean_interval(few)[1] - mean_interval(few)[0]
    assert mean_interval([0.25] * 4) == (0.25, 0.25)
