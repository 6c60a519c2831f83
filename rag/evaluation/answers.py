"""Measures of answers and of refusals."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.evaluation.datasets import Query
from rag.evaluation.measures import PerQuery

BINS = 10


def simplified(text: str) -> str:
    """What of an answer is compared: NFKC, lower case, without punctuation (Unicode category P) and white space."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if not (c.isspace() or unicodedata.category(c).startswith("P")))


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1 if the answer equals an accepted one after `simplified`, else 0; without accepted answers, 1 for no answer.

    As JSQuAD measures it: Kurihara, Kawahara and Shibata, "JGLUE: Japanese General Language Understanding Evaluation"
    (LREC 2022).
    """
    given = simplified(answer)
    return float(any(given == simplified(each) for each in accepted)) if accepted else float(not given)


def character_f1(answer: str, accepted: Sequence[str]) -> float:
    """F1 of the characters shared with the closest accepted answer, after `simplified` (JSQuAD's F1; LREC 2022).

    Without accepted answers, 1 for no answer and 0 for any.
    """
    given = simplified(answer)
    return max((_overlap_f1(given, simplified(each)) for each in accepted), default=float(not given))


def _overlap_f1(given: str, accepted: str) -> float:
    if not given or not accepted:
        return float(given == accepted)
    shared = (Counter(given) & Counter(accepted)).total()
    return 2 * shared / (len(given) + len(accepted))


def holds_answer(text: str, accepted: Sequence[str]) -> bool:
    """Whether the text contains an accepted answer; width, case and white space do not matter."""
    within = _spaceless(text)
    return any(_spaceless(each) in within for each in accepted if _spaceless(each))


def _spaceless(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of similar confidence: how sure they were, and how often they were right to be."""

    lower: float
    upper: float
    count: int
    confidence: float
    answerable: float


@dataclass(frozen=True, slots=True)
class Refusals:
    """How well confidence tells answerable from unanswerable questions.

    Attributes:
        auroc: probability that an answerable question gets more confidence than an unanswerable one; ties count half.
        f1: F1 of refusing, unanswerable questions being the positives, at the system's own threshold.
        unanswerable_refused, answerable_refused: shares of these questions that were refused.
        calibration_error: expected calibration error of the confidence as probability that the question is answerable
            (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017), over ten bins of equal width.
        bins: the reliability diagram; empty bins are left out.
    """

    auroc: float
    f1: float
    unanswerable_refused: float
    answerable_refused: float
    calibration_error: float
    bins: tuple[Bin, ...]

    def to_dict(self) -> dict[str, float]:
        """The numbers by the names they have in tables."""
        return {
            "AUROC": self.auroc,
            "refusal_F1": self.f1,
            "unanswerable_refused": self.unanswerable_refused,
            "answerable_refused": self.answerable_refused,
            "ECE": self.calibration_error,
        }


def refusal_measures(
    confidence: Sequence[float], refused: Sequence[bool], unanswerable: Sequence[bool]
) -> Refusals | None:
    """Measures over questions in the same order; ``None`` unless there are questions of both kinds."""
    from sklearn.metrics import f1_score, roc_auc_score

    scores, gave_up, hopeless = np.asarray(confidence), np.asarray(refused), np.asarray(unanswerable)
    if hopeless.size == 0 or hopeless.all() or not hopeless.any():
        return None
    bins = reliability(scores, ~hopeless)
    return Refusals(
        auroc=float(roc_auc_score(~hopeless, scores)),
        f1=float(f1_score(hopeless, gave_up, zero_division=0.0)),
        unanswerable_refused=float(gave_up[hopeless].mean()),
        answerable_refused=float(gave_up[~hopeless].mean()),
        calibration_error=sum(b.count * abs(b.confidence - b.answerable) for b in bins) / len(scores),
        bins=bins,
    )


def reliability(confidence: NDArray[np.float64], answerable: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Questions by confidence in ten bins of equal width over [0, 1]; the last one includes 1."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    filled = (np.flatnonzero(place == number) for number in range(BINS))
    return tuple(
        Bin(
            lower=number / BINS,
            upper=(number + 1) / BINS,
            count=len(rows),
            confidence=float(confidence[rows].mean()),
            answerable=float(answerable[rows].mean()),
        )
        for number, rows in enumerate(filled)
        if len(rows)
    )


@dataclass(frozen=True, slots=True)
class Given:
    """What is kept of an Answer.

    Attributes:
        text: the answer's words; empty when refused.
        short: the shortest form of the answer, compared by EM and F1.
        cited: source, start and end of each citation.
    """

    text: str
    short: str
    confidence: float
    refused: bool
    cited: tuple[tuple[str, int, int], ...]


def answer_measures(given: Mapping[str, Given], queries: Sequence[Query]) -> PerQuery:
    """Measures of answers by query, over the queries with accepted answers.

    ``EM`` and ``F1`` as JSQuAD has them; ``found``: an accepted answer stands in the answer's text; ``cited``: the
    first citation overlaps what is relevant, where the dataset says what is. A refusal counts 0 in all of them.
    """
    values: PerQuery = {"EM": {}, "F1": {}, "found": {}, "cited": {}}
    for query in queries:
        if query.unanswerable or not query.answers or query.id not in given:
            continue
        answer = given[query.id]
        values["EM"][query.id] = exact_match(answer.short, query.answers)
        values["F1"][query.id] = character_f1(answer.short, query.answers)
        values["found"][query.id] = float(holds_answer(answer.text, query.answers))
        if query.relevant:
            met = (each.overlaps(*place) for place in answer.cited[:1] for each in query.relevant)
            values["cited"][query.id] = float(any(met))
    return {name: each for name, each in values.items() if each}


def gold_measures(quoted: Mapping[str, str], queries: Sequence[Query]) -> PerQuery:
    """``gold_EM`` and ``gold_F1``: as EM and F1, of what was quoted from the passage that was asked about."""
    accepted = {query.id: query.answers for query in queries}
    return {
        "gold_EM": {query: exact_match(words, accepted[query]) for query, words in quoted.items()},
        "gold_F1": {query: character_f1(words, accepted[query]) for query, words in quoted.items()},
    }
