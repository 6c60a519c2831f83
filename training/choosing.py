"""Fits which unit is chosen and how sure the answer is: ``python -m training.choosing SET… --output FILE``.

A SET is either a folder with ``documents/`` and ``questions.jsonl``, as those of ``benchmarks/office``, or the prefix
of a set of written questions (``training.written``), of which only the documents held out from training are asked
about: all questions without an answer and in the other language than the document's, of which the first kind has few,
and a third of the others. What is sure and what is refused is told by the first kind alone. The questions are asked as
in use, with the reader that is given.

Two sets of weights put the units that hold most of what must be in the answer first, as likely as may be (a softmax
over each question's units): those by which it is told which are worth reading, then those by which one that was read is
chosen. Each is kept near a start that is the same each time, so that a fit depends on nothing that was fitted before:
zeros, and ``unit_start.json``. Only which units in another language are compared by their vectors at all is told by the
weights that ship, here as in use. Confidence is a logistic regression of whether the answer is right, over what the
best units tell. How much caution the confidence needs, and below which of it nothing is answered, is told by each set
of the first kind under weights that were fitted without it: that is what the papers of another office will meet.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import NormalDist
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.office import LONGEST, share, shown
from rag import Engine, Settings, build
from rag.answer import weights as shipped
from rag.answer.choosing import FEATURES, Judged, judged
from rag.answer.compose import composed, made_of, see, worth_reading
from rag.answer.confidence import CONFIDENCE_FEATURES
from rag.answer.features import SEEN, Seen
from rag.answer.question import Question, understand
from rag.answer.sources import Sources
from rag.answer.told import wants_list
from rag.search import Hit
from training.mixture import is_held_out
from training.written import read_set, write_documents

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]

SHRINKAGE = 0.3
"""Of the unit weights to where they start: how much a squared difference of one costs, in nats."""
PROMISE_SHRINKAGE = 1.0
"""Of those that tell what is worth reading."""
START = Path(__file__).with_name("unit_start.json")
SURE = 0.8


@dataclass(frozen=True)
class Case:
    """A question that was asked of a library, with all that was seen for it.

    Attributes:
        understood: the question.
        seen: its units.
        hits: what they are from.
        sources: of the library, to put an answer together.
        wanted: what must be in the answer, each part in any of its forms; empty where nothing answers.
        office: the set, if it is of the first kind; empty otherwise.
    """

    understood: Question
    seen: Sequence[Seen]
    hits: Sequence[Hit]
    sources: Sources
    wanted: Sequence[Sequence[str]]
    office: str = "office"

    def held(self, units: Sequence[Seen]) -> Floats:
        """Share of what must be in the answer that stands in each unit; none in a whole list where none was wanted."""
        whole = ("list", "steps") if not wants_list(self.understood) else ()
        return np.array(
            [0.0 if each.unit.kind in whole else share(each.unit.text[:LONGEST], self.wanted) for each in units]
        )

    def judged(self, promise: Floats) -> Judgement:
        """What the reader says of those of its units that are worth reading under these weights."""
        units = worth_reading(self.understood, self.seen, self.sources, promise)
        return Judgement(
            self, judged(units, self.sources.read(self.understood.read_as, [u.unit.read_as for u in units]))
        )


@dataclass(frozen=True)
class Judgement:
    """A question and those of its units that were read."""

    case: Case
    ranked: Sequence[Judged]

    @property
    def features(self) -> Floats:
        """(units, features)."""
        return np.array([each.features for each in self.ranked])

    @property
    def held(self) -> Floats:
        """As of the question."""
        return self.case.held([each.seen for each in self.ranked])

    def outcome(self, weights: Floats) -> Outcome:
        """What comes of it with other weights of units."""
        case = self.case
        scored = [replace(each, score=float(np.dot(each.features, weights))) for each in self.ranked]
        ranked = sorted(scored, key=lambda each: (-each.score, each.unit.hit.rank, each.unit.start))
        answer = composed(case.understood, [(case.understood, ranked)], case.hits, case.sources, 0.0)
        right = bool(case.wanted) and share(shown(answer), case.wanted) == 1.0
        told = np.array(made_of(case.understood, ranked, case.sources).features)
        return Outcome(told, None if answer.abstained else right, bool(case.wanted))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a question, without regard to how sure it is.

    Attributes:
        confidence: features of the confidence.
        is_right: whether the answer is; ``None`` if it was refused for what it lacks.
        is_answerable: whether there is a right one.
    """

    confidence: Floats
    is_right: bool | None
    is_answerable: bool


def ask_set(place: Path, folder: Path, settings: Settings) -> Iterator[Case]:
    """All questions of a set that ask one thing, asked of a library that is made in a folder."""
    if place.is_dir():
        documents = place / "documents"
        questions = [json.loads(line) for line in (place / "questions.jsonl").read_text("utf-8").splitlines()]
    else:
        documents = folder / "documents"
        texts, written = read_set(place)
        write_documents(texts, documents)
        languages = {text["id"]: text["language"] for text in texts}
        questions = [
            each | {"answers": [[span] for span in each["spans"]]}
            for each in written
            if is_held_out(each["document"])
            and (
                each["language"] != languages[each["document"]]
                or not each["spans"]
                or crc32(each["id"].encode()) % 3 == 0
            )
        ]
    build(documents, index=folder / "index", settings=settings)
    engine = Engine.open(folder / "index", settings)
    answerer = engine.answerer()
    for question in questions:
        if question.get("previous"):
            continue
        understood = understand(question["question"])
        result = engine.search(question["question"], operators=False, k=answerer.reader.depth)
        reading, parts = answerer.read(understood, result)
        if len(parts) > 1:
            continue
        ((asked, read),) = parts
        if units := see(asked, asked.text, read, answerer.sources):
            yield Case(
                asked, units, reading.hits[:10], answerer.sources, question["answers"], place.name * place.is_dir()
            )


def fit_units(found: Sequence[tuple[Floats, Floats]], start: Floats, shrinkage: float = SHRINKAGE) -> Floats:
    """Weights of units, near ``start``; of each question its units' features, and what each holds."""
    kept = [(features, held == held.max()) for features, held in found if held.max() > 0]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros_like(weights)
        for features, right in kept:
            scores = features @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            mass = chances[right].sum()
            total -= float(np.log(max(mass, 1e-12)))
            slope += features.T @ chances - features[right].T @ (chances[right] / max(mass, 1e-12))
        moved = weights - start
        return total + shrinkage * float(moved @ moved), slope + 2 * shrinkage * moved

    fitted = minimize(loss, start, jac=True, method="L-BFGS-B")
    logger.info("%d questions, %.3f nats each", len(kept), fitted.fun / max(1, len(kept)))
    result: Floats = fitted.x
    return result


def fit_confidence(found: Sequence[Outcome]) -> LogisticRegression:
    """What tells how probable it is that an answer is right, from what was not refused anyway."""
    kept = [each for each in found if each.is_right is not None]
    model = LogisticRegression(C=0.3, max_iter=2000)
    return model.fit(np.array([each.confidence for each in kept]), np.array([each.is_right for each in kept]))


def told_apart(
    read: Sequence[Judgement], outcomes: Sequence[Outcome], start: Floats
) -> list[tuple[Outcome, float | None]]:
    """What comes of the questions to each office, and the confidence in it, under weights fitted without its set.

    Args:
        read: all questions.
        outcomes: what comes of them under weights that were fitted to all.
        start: of the weights of units.

    Returns:
        Of the questions to offices the outcome and the confidence, ``None`` of what is refused anyway. With one office
        alone, each tenth of its questions is left out in turn.
    """
    offices = {each.case.office for each in read} - {""}
    part_of = [
        each.case.office if len(offices) > 1 else each.case.office and str(number % 10)
        for number, each in enumerate(read)
    ]
    found: list[tuple[Outcome, float | None]] = []
    for part in sorted({part for part in part_of if part}):
        others = [each for each, own in zip(read, part_of, strict=True) if own != part and each.case.wanted]
        weights = fit_units([(each.features, each.held) for each in others], start)
        model = fit_confidence([each for each, own in zip(outcomes, part_of, strict=True) if own != part])
        left_out = [each.outcome(weights) for each, own in zip(read, part_of, strict=True) if own == part]
        told = model.predict_proba(np.array([each.confidence for each in left_out]))[:, 1]
        found += [
            (each, float(one) if each.is_right is not None else None) for each, one in zip(left_out, told, strict=True)
        ]
    return found


def caution_of(told: Floats, right: npt.NDArray[np.bool_], most_wrong: float) -> float:
    """How much to take off the confidence's logit so that no more of the sure answers are wrong."""
    logits = np.log(told / (1 - told))
    for caution in np.arange(0.0, 3.0, 0.05):
        sure = logits - caution >= np.log(SURE / (1 - SURE))
        if not sure.any() or 1 - right[sure].mean() <= most_wrong:
            return float(caution)
    return 3.0


def threshold_of(found: Sequence[tuple[Outcome, float | None]], refused: float) -> float:
    """The confidence below which so many of the questions are that nothing answers, those refused anyway included.

    There are few of them, so that where just so many of them are tells little: their logits are taken to be normal.
    """
    unanswerable = [told for each, told in found if not each.is_answerable]
    inside = np.array([told for told in unanswerable if told is not None])
    share = (refused * len(unanswerable) - (len(unanswerable) - len(inside))) / max(1, len(inside))
    if not 0 < share < 1:
        return 0.0 if share <= 0 else 1.0
    logits = np.log(inside / (1 - inside))
    return float(1 / (1 + np.exp(-NormalDist(logits.mean(), logits.std(ddof=1)).inv_cdf(share))))


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, fit the weights of units, then the confidence in what they choose; write both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, default=shipped.FILE, help="JSON; what ships if not given")
    parser.add_argument("--refused", type=float, default=0.85, help="share of the unanswerable to be refused")
    parser.add_argument("--sure-wrong", type=float, default=0.04, help="share of the sure answers that may be wrong")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = Settings.load()
    with tempfile.TemporaryDirectory() as folder:
        cases: list[Case] = []
        for number, place in enumerate(options.sets):
            cases += ask_set(place, Path(folder) / str(number), settings)
            logger.info("%s: %d questions so far", place, len(cases))
        answerable = [
            (np.array([u.features for u in case.seen]), case.held(case.seen)) for case in cases if case.wanted
        ]
        promise = fit_units(answerable, np.zeros(len(SEEN)), PROMISE_SHRINKAGE)
        read = [case.judged(promise) for case in cases]
        logger.info("%.1f units read of each", np.mean([len(each.ranked) for each in read]))
        asked = [each for each in read if each.case.wanted]
        logger.info(
            "%.3f of the answerable have their answer among the units, %.3f among those read",
            np.mean([each.case.held(each.case.seen).max() == 1 for each in asked]),
            np.mean([each.held.max() == 1 for each in asked]),
        )
        first = json.loads(START.read_text(encoding="utf-8"))
        start = np.array([first.get(name, 0.0) for name in FEATURES])
        weights = fit_units([(each.features, each.held) for each in read if each.case.wanted], start)
        for name, tried in (("start", start), ("fitted", weights)):
            outcomes = [each.outcome(tried) for each in read]
            right = [outcome.is_right is True for outcome in outcomes if outcome.is_answerable]
            logger.info("%s: %.3f of the answerable right if all were answered", name, np.mean(right))
    model = fit_confidence(outcomes)
    apart = told_apart(read, outcomes, start)
    told = np.array([told for _, told in apart if told is not None])
    is_right = np.array([each.is_right for each, told in apart if told is not None])
    caution = caution_of(told, is_right, options.sure_wrong)
    told = _less(told, caution)
    threshold = threshold_of([(each, one and _less(one, caution)) for each, one in apart], options.refused)
    given, sure = told >= threshold, told >= SURE
    logger.info("AUROC %.3f; caution %.2f, threshold %.3f", roc_auc_score(is_right, told), caution, threshold)
    logger.info("%.3f of the answerable right", (is_right & given).sum() / sum(each.is_answerable for each, _ in apart))
    logger.info("%.3f of %d given wrong, %.3f of %d sure", *_wrong(is_right, given), *_wrong(is_right, sure))
    facts = {
        "promise": _named(SEEN, promise),
        "unit": _named(FEATURES, weights),
        "confidence": _named(CONFIDENCE_FEATURES, model.coef_[0])
        | {"bias": round(float(model.intercept_[0]) - caution, 3)},
        "threshold": round(threshold, 3),
    }
    options.output.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _less(told: Any, caution: float) -> Any:
    """Probabilities with so much taken off their logits."""
    return 1 / (1 + np.exp(caution) * (1 - told) / told)


def _wrong(is_right: npt.NDArray[np.bool_], chosen: npt.NDArray[np.bool_]) -> tuple[float, int]:
    return (float(1 - is_right[chosen].mean()) if chosen.any() else 0.0), int(chosen.sum())


def _named(names: Sequence[str], weights: Floats) -> dict[str, float]:
    return {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}


if __name__ == "__main__":
    main()
