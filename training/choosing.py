"""Fits which unit is chosen and how sure the answer is: ``python -m training.choosing SET… --output FILE``.

A SET is either a folder with ``documents/`` and ``questions.jsonl``, as those of ``benchmarks/office``, or the prefix
of a set of written questions (``training.written``), of which only the documents held out from training are asked
about. The questions are asked as in use, with the reader that is given.

Weights of units are those under which the units that hold most of what must be in the answer are likely to come first
(a softmax over each question's units), kept near those there were. Confidence is a logistic regression of whether the
answer is right, over what the best units tell.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from rag import Engine, Settings, build
from rag.answer import weights as shipped
from rag.answer.choosing import FEATURES, Judged
from rag.answer.compose import composed
from rag.answer.confidence import CONFIDENCE_FEATURES, confidence_features
from rag.answer.result import Answer
from training.mixture import is_held_out
from training.written import read_set, write_documents

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]

SHRINKAGE = 0.3
"""Of the unit weights to those there were: how much a squared difference of one costs, in nats."""
LONGEST = 400
"""Characters of an answer that are looked at."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was judged for a question.

    Attributes:
        features: (units, features).
        held: share of what must be in the answer that stands in each unit; empty where nothing must.
        confidence: features of the confidence.
        is_right: whether the answer that was put together is right; ``None`` if it was refused for what it lacks.
    """

    features: Floats
    held: Floats
    confidence: Floats
    is_right: bool | None
    is_answerable: bool


def ask_set(place: Path, settings: Settings) -> Iterator[Asked]:
    """All questions of a set."""
    with tempfile.TemporaryDirectory() as folder:
        if place.is_dir():
            documents = place / "documents"
            questions = [json.loads(line) for line in (place / "questions.jsonl").read_text("utf-8").splitlines()]
        else:
            documents = Path(folder) / "documents"
            texts, written = read_set(place)
            write_documents(texts, documents)
            held_out = [each for each in written if is_held_out(each["document"])]
            questions = [each | {"answers": [[span] for span in each["spans"]]} for each in held_out]
        build(documents, index=Path(folder) / "index", settings=settings)
        engine = Engine.open(Path(folder) / "index", settings)
        for question in questions:
            if not question.get("previous") and (asked := _asked(engine, question)) is not None:
                yield asked


def _asked(engine: Engine, question: dict[str, Any]) -> Asked | None:
    answerer = engine.answerer()
    result = engine.search(question["question"], operators=False, k=answerer.reader.depth)
    understood, reading, parts = answerer.judged(result)
    answer = composed(understood, parts, reading.hits[:10], answerer.sources, 0.0)
    ranked = parts[0][1] if len(parts) == 1 else []
    if not ranked:
        return None
    wanted = question["answers"]
    return Asked(
        np.array([each.features for each in ranked]),
        np.array([_held(each, wanted) for each in ranked]) if wanted else np.zeros(0),
        np.array(confidence_features(ranked)),
        None if answer.abstained else bool(wanted) and _share(_shown(answer), wanted) == 1.0,
        bool(wanted),
    )


def _held(each: Judged, wanted: Sequence[Sequence[str]]) -> float:
    return _share(each.unit.text, wanted)


def _share(text: str, wanted: Sequence[Sequence[str]]) -> float:
    plain = _plain(text)
    return sum(any(_plain(form) in plain for form in part) for part in wanted) / len(wanted)


def _shown(answer: Answer) -> str:
    text = re.sub(r"\[\d+\]", "", answer.answer)[:LONGEST]
    return " ".join([text, *(citation.quote for citation in answer.citations)])[:LONGEST]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def fit_units(found: Sequence[Asked], start: Floats) -> Floats:
    """Weights of units, from those there were."""
    kept = [(each.features, each.held == each.held.max()) for each in found if each.held.size and each.held.max() > 0]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros_like(weights)
        for features, right in kept:
            scores = features @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            share = chances[right].sum()
            total -= float(np.log(max(share, 1e-12)))
            slope += features.T @ chances - features[right].T @ (chances[right] / max(share, 1e-12))
        moved = weights - start
        return total + SHRINKAGE * float(moved @ moved), slope + 2 * SHRINKAGE * moved

    fitted = minimize(loss, start, jac=True, method="L-BFGS-B")
    logger.info("%d questions, %.3f nats each", len(kept), fitted.fun / max(1, len(kept)))
    result: Floats = fitted.x
    return result


def fit_confidence(found: Sequence[Asked]) -> tuple[Floats, float, Floats, npt.NDArray[np.bool_]]:
    """Weights and bias; the confidence in each question when fitted to the others; whether its answer is right."""
    kept = [each for each in found if each.is_right is not None]
    features = np.array([each.confidence for each in kept])
    right = np.array([each.is_right for each in kept])
    model = LogisticRegression(C=0.3, max_iter=2000)
    told = cross_val_predict(model, features, right, cv=10, method="predict_proba")[:, 1]
    model.fit(features, right)
    return model.coef_[0], float(model.intercept_[0]), told, right


def threshold_of(found: Sequence[Asked], told: Floats, refused: float) -> float:
    """The confidence below which so many of the questions are that nothing answers, those refused anyway included."""
    kept = [each for each in found if each.is_right is not None]
    unanswerable = sum(not each.is_answerable for each in found)
    inside = sorted(c for c, each in zip(told, kept, strict=True) if not each.is_answerable)
    most = max(0, round(refused * unanswerable) - (unanswerable - len(inside)))
    return float(inside[min(most, len(inside) - 1)]) if inside else 0.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, fit one part, write. The confidence is of the units that the weights choose: fit those first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, default=shipped.FILE, help="JSON; what ships if not given")
    parser.add_argument("--refused", type=float, default=0.85, help="share of the unanswerable to be refused")
    parser.add_argument("--part", choices=("units", "confidence"), required=True)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = Settings.load()
    found = []
    for place in options.sets:
        some = list(ask_set(place, settings))
        answered = [each.is_right for each in some if each.is_right is not None]
        logger.info("%s: %d questions, %.3f of the answers right", place, len(some), np.mean(answered))
        found += some
    facts = json.loads(shipped.FILE.read_text("utf-8"))
    if options.part == "units":
        weights = fit_units(found, np.array(shipped.UNIT))
        facts["unit"] = _named(FEATURES, weights)
    else:
        weights, bias, told, right = fit_confidence(found)
        facts["confidence"] = _named(CONFIDENCE_FEATURES, weights) | {"bias": round(bias, 3)}
        facts["threshold"] = round(threshold_of(found, told, options.refused), 3)
        sure = told >= 0.8
        logger.info(
            "AUROC %.3f; %d sure, %.3f of them wrong; threshold %.3f: %.3f of the answers above it wrong",
            roc_auc_score(right, told),
            sure.sum(),
            1 - right[sure].mean(),
            facts["threshold"],
            1 - right[told >= facts["threshold"]].mean(),
        )
    options.output.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _named(names: Sequence[str], weights: Floats) -> dict[str, float]:
    return {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}


if __name__ == "__main__":
    main()
