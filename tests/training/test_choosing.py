from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rag.answer import weights
from rag.answer.choosing import FEATURES
from rag.answer.confidence import CONFIDENCE_FEATURES
from rag.answer.features import SEEN
from tests.answer.firm import DOCUMENTS
from training.choosing import Outcome, caution_of, fit_confidence, fit_units, main, threshold_of


def _units(random: np.random.Generator) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Six units of three features: the second tells which answers, the first misleads."""
    features = random.normal(0, 1, (6, 3))
    features[:, 1] = random.normal(-1, 0.5, 6)
    held = np.zeros(6)
    held[2], features[2, 1] = 1.0, 1.5
    return features, held


def _outcome(random: np.random.Generator, *, answerable: bool) -> Outcome:
    return Outcome(np.array([random.normal(1.5 if answerable else -1.5, 1.0), 0.3]), answerable, answerable)


def test_units_that_answer_come_first_under_the_fitted_weights() -> None:
    random = np.random.default_rng(1)
    found = [_units(random) for _ in range(80)]

    fitted = fit_units(found, np.array([1.0, 0.0, 0.0]))

    assert fitted[1] > 2
    first = [int(np.argmax(features @ fitted)) for features, _ in found]
    assert np.mean(np.array(first) == 2) > 0.95


def test_with_nothing_to_learn_from_the_weights_stay() -> None:
    assert fit_units([], np.array([1.0, 2.0, 3.0])) == pytest.approx([1.0, 2.0, 3.0])


def test_the_confidence_tells_right_from_wrong_and_the_threshold_refuses_as_many_as_wanted() -> None:
    random = np.random.default_rng(2)
    found = [_outcome(random, answerable=number % 4 != 0) for number in range(200)]

    model = fit_confidence(found)
    told = model.predict_proba(np.array([each.confidence for each in found]))[:, 1]
    right = np.array([each.is_right for each in found])
    threshold = threshold_of(list(zip(found, told, strict=True)), 0.9)

    assert model.coef_[0][0] > 1
    assert told[right].mean() > told[~right].mean() + 0.4
    assert np.mean(told[~right] < threshold) == pytest.approx(0.9, abs=0.03)


def test_caution_makes_the_sure_answers_right() -> None:
    told = np.array([0.95, 0.93, 0.9, 0.85, 0.82, 0.5])
    right = np.array([True, True, True, False, True, False])

    assert caution_of(told, right, 0.2) == 0.0
    caution = caution_of(told, right, 0.1)
    logits = np.log(told / (1 - told)) - caution
    assert right[logits >= np.log(4)].all()
    assert (logits >= np.log(4)).sum() == 3


def test_what_is_refused_for_what_it_lacks_counts_towards_the_wanted_share() -> None:
    random = np.random.default_rng(3)
    lacking = Outcome(np.zeros(2), None, is_answerable=False)
    some = [_outcome(random, answerable=number % 2 == 0) for number in range(100)]
    told = fit_confidence(some).predict_proba(np.array([each.confidence for each in some]))[:, 1]
    found = [*zip(some, told, strict=True), *[(lacking, None)] * 50]

    wrong = np.array([one for each, one in found if one is not None and not each.is_answerable])
    assert np.mean(wrong < threshold_of(found, 0.8)) == pytest.approx(0.6, abs=0.03)


def test_weights_are_fitted_from_a_set_and_written(tmp_path: Path) -> None:
    place = tmp_path / "firm"
    (place / "documents").mkdir(parents=True)
    for name, text in DOCUMENTS.items():
        (place / "documents" / name).write_text(text, encoding="utf-8")
    asked = [
        *(
            ("通勤手当の上限はいくらですか", "30,000円"),
            ("TK-120Aの価格は？", "84,000円"),
            ("TK-200Bの重量は？", "30kg"),
        ),
        *(("動画配信はなぜ停止しましたか", "有効期限が切れていた"), ("自家用車で通勤できますか", "認めていません")),
    ]
    questions = [{"kind": "fact", "question": question, "answers": [[answer]]} for question, answer in asked] * 4
    nowhere = ["社員食堂の定食はいくらですか", "駐輪場の定員は何台ですか", "TK-120Aの保証期間は？"]
    questions += [{"kind": "unanswerable", "question": question, "answers": []} for question in nowhere] * 4
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in questions)
    (place / "questions.jsonl").write_text(lines, encoding="utf-8")

    main([str(place), "--output", str(tmp_path / "weights.json"), "--refused", "0.9"])

    facts = json.loads((tmp_path / "weights.json").read_text(encoding="utf-8"))
    assert list(facts["promise"]) == list(weights.PROMISE)
    assert list(facts["unit"]) == list(weights.UNIT)
    assert list(facts["confidence"]) == [*weights.CONFIDENCE, "bias"]
    assert facts["unit"] != weights.UNIT
    assert 0 < facts["threshold"] < 1


def test_what_ships_has_a_weight_for_each_feature() -> None:
    assert len(FEATURES) == len(weights.UNIT)
    assert set(FEATURES) == set(weights.UNIT)
    assert set(SEEN) == set(weights.PROMISE)
    assert CONFIDENCE_FEATURES[:2] == ("score", "margin")
    assert set(CONFIDENCE_FEATURES[2:]) <= set(FEATURES)
    assert 0 < weights.THRESHOLD < 1
