"""Questions are moved to the language of the passages they are compared with, and stay where that is their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag import Engine, build
from rag.models import fingerprint
from rag.models.languages import LanguageMeans
from rag.settings import Settings

from .conftest import DEFAULT

PAIRS = (
    ("灯台", "灯台の光は二十秒ごとに一度、海を照らす。光は四十キロ先の船からも見える。"),
    ("風車", "風車の羽根は秒速三メートルの風で回り始め、二十五メートルを超えると止まる。"),
    ("水路", "水路の水門は大雨のときに閉じられ、町役場の係員が夜も見回る。"),
)
ENGLISH = (
    ("lamp", "The street lamps of the harbour are switched on at sunset and off at dawn."),
    ("mill", "The paper mill closed ten years ago and is a museum of printing today."),
    ("gate", "The school gate is opened at seven, and the guard leaves at six."),
)


@pytest.fixture(scope="module")
def means() -> LanguageMeans:
    found = LanguageMeans.of(fingerprint(DEFAULT, Settings.load().cache_dir))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("languages")
    for name, text in (*PAIRS, *ENGLISH):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    build([folder], index=folder / "index")
    return Engine.open(folder / "index")


def test_a_question_is_moved_to_another_language_as_a_unit_vector(means: LanguageMeans) -> None:
    question = np.eye(1, len(means.questions["ja"]), dtype=np.float32)[0]
    moved = means.moved(question, "ja", "en")
    assert moved is not None and moved.dtype == np.float32
    assert np.linalg.norm(moved) == pytest.approx(1.0, abs=1e-5)
    assert moved @ means.passages["en"] > question @ means.passages["en"]


def test_languages_without_means_and_other_models_are_left_alone(means: LanguageMeans) -> None:
    question = np.eye(1, len(means.questions["ja"]), dtype=np.float32)[0]
    assert means.moved(question, "fr", "ja") is None and means.moved(question, "ja", "fr") is None
    assert LanguageMeans.of("another model") is None


def test_what_is_written_is_read_again(means: LanguageMeans, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    means.write(tmp_path / "means.npz", "a model")
    monkeypatch.setattr("rag.models.languages.FILE", tmp_path / "means.npz")
    again = LanguageMeans.of("a model")
    assert again is not None
    assert all(np.allclose(again.questions[each], means.questions[each], atol=1e-3) for each in ("en", "ja"))


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("How often does the lighthouse flash?", "灯台.txt"),
        ("At which wind speed do the blades of the wind turbine stop?", "風車.txt"),
        ("製紙工場は今どうなっていますか", "mill.txt"),
    ],
)
def test_a_passage_in_the_other_language_that_answers_comes_first(engine: Engine, question: str, source: str) -> None:
    assert engine.search(question, mode="dense").hits[0].document.source == source


def test_cosines_within_the_questions_own_language_stay_as_they_are(engine: Engine) -> None:
    (vector,) = engine.embedder.embed_queries(["水門はいつ閉じられますか"])
    hit = engine.search("水門はいつ閉じられますか", mode="dense", languages=["ja"]).hits[0]
    stored = engine.snapshot.vectors.at(np.array([hit.passage_id]))[0]
    assert hit.document.source == "水路.txt"
    assert hit.retrievers["dense"].score == pytest.approx(float(stored @ vector), abs=1e-4)


def test_a_filter_holds_for_every_language_that_is_looked_at(engine: Engine) -> None:
    found = engine.search("How often does the lighthouse flash?", sources=["風車.txt", "gate.txt"]).hits
    assert {hit.document.source for hit in found} == {"風車.txt", "gate.txt"}
