"""Fits how the reader's logits are weighed: ``python -m training.calibrate --help``.

Held-out questions are read twice: over what the hybrid search found, and over the same without the article that was
asked of, where there is no answer. From the first come the weights of the ranking, from both the confidence and its
threshold.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag.answer.coverage import Weigh, coverage, wanted_terms
from rag.language.terms import terms
from rag.models.bundled import bundled_folder
from rag.models.bundled_model import WORDS
from rag.models.encoder import fastest_precision
from rag.models.mapped import mapped_array
from rag.reader.calibration import READ_STEPS, ReadingWeights, confidence_features
from rag.reader.input import ReaderTokenizer
from rag.reader.model import PassageReading
from rag.reader.network import Network
from rag.reader.spans import best_spans
from rag.settings import Settings
from training.checkpoints import checkpoint_network
from training.data import MinedHit, ReadingSet, TokenizedSet, load_squad, read_mined, split_by_article, tokenize
from training.evaluate import QUESTION_RESERVE

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]

SHRINKAGE = 1e-3
"""Keeps the fit finite where the right passage always comes first."""
MOST_ANSWERABLE_REFUSED = 0.05
FIRST_TOLERANCE = 0.001
"""Of how many questions another passage may come first so that fewer passages need be read."""


@dataclass(frozen=True, slots=True)
class ReadHits:
    """One question's hits, best fused first: fused scores, readings, coverages; the place of the right one, if any."""

    fused: tuple[float, ...]
    readings: tuple[PassageReading, ...]
    coverage: tuple[float, ...]
    gold: int | None

    def order(self, weights: ReadingWeights, *, most: int | None = None) -> list[int]:
        """Places by combined score, of the first ``most``; the rest follow as they were."""
        read = range(len(self.fused))[:most]
        ranked = sorted(read, key=lambda i: (-weights.combined(self.fused[i], self.readings[i]), i))
        return ranked + list(range(len(self.fused)))[len(read) :]

    def read(self, weights: ReadingWeights) -> int:
        """How many of them the reader reads before one leads far enough."""
        return len(weights.read(self.fused, lambda first, last: self.readings[first:last]))

    def reciprocal_rank(self, order: Sequence[int]) -> float:
        """RR@10 of the right passage in this order."""
        place = order.index(self.gold) + 1 if self.gold is not None else 11
        return 1 / place if place <= 10 else 0.0


def read_question(
    reader: Network,
    data: ReadingSet,
    tokens: TokenizedSet,
    number: int,
    hits: Sequence[MinedHit],
    weigh: Weigh,
    *,
    elsewhere: bool = True,
) -> tuple[ReadHits, ReadHits]:
    """A question's hits as found, and those that another corpus without its article would have had, if wanted."""
    question = data.questions[number]
    gold = data.paragraphs[question.paragraph]
    kept = hits[: READ_STEPS[-1]]
    others = [hit for hit in hits if data.paragraphs[hit.paragraph].article != gold.article] if elsewhere else []
    others = others[: READ_STEPS[-1]]
    numbers = list(dict.fromkeys(hit.paragraph for hit in [*kept, *others]))
    limit = 512 - QUESTION_RESERVE
    passages = {i: tokens.paragraphs[i].cut(0, limit) for i in numbers}
    pairs = reader.read([(tokens.questions[number].ids, passages[i].ids) for i in numbers])
    readings: dict[int, PassageReading] = {}
    for i, pair in zip(numbers, pairs, strict=True):
        spans = best_spans(pair.logits, passages[i], data.paragraphs[i].text, 3)
        readings[i] = PassageReading(pair.relevance, tuple(spans))
    wanted = wanted_terms(question.text, weigh)
    covered = {i: coverage(wanted, data.paragraphs[i].text, "ja") for i in numbers}

    def read(chosen: Sequence[MinedHit]) -> ReadHits:
        chosen_numbers = [hit.paragraph for hit in chosen]
        right = chosen_numbers.index(question.paragraph) if question.paragraph in chosen_numbers else None
        return ReadHits(
            tuple(hit.score for hit in chosen),
            tuple(readings[i] for i in chosen_numbers),
            tuple(covered[i] for i in chosen_numbers),
            right,
        )

    return read(kept), read(others)


def fit(answerable: Sequence[ReadHits], unanswerable: Sequence[ReadHits]) -> tuple[ReadingWeights, dict[str, float]]:
    """The weights, and the figures they reach on what they were fitted to."""
    weights = _fit_ranking(answerable)
    weights = _fit_reading(weights, [*answerable, *unanswerable])
    weights, figures = _fit_confidence(weights, answerable, unanswerable)
    plain = float(np.mean([hits.reciprocal_rank(list(range(len(hits.fused)))) for hits in answerable]))
    return weights, {"RR@10 fused": plain, "RR@10 read": _ranking(weights, answerable)} | figures


def _ranking(weights: ReadingWeights, found: Sequence[ReadHits]) -> float:
    return float(np.mean([hits.reciprocal_rank(hits.order(weights)) for hits in found]))


def _fit_ranking(answerable: Sequence[ReadHits]) -> ReadingWeights:
    """What makes the right passages most likely under a softmax over each question's hits (ListNet, Cao et al. 2007).

    Unlike a search for the best RR@10 it does not depend on the few questions where two passages change places.
    """
    features = [
        (np.array([(f, r.relevance) for f, r in zip(h.fused, h.readings, strict=True)]), h.gold)
        for h in answerable
        if h.gold is not None
    ]

    def loss(scales: Floats) -> float:
        logits = [(rows @ scales, gold) for rows, gold in features]
        missed = float(np.mean([np.logaddexp.reduce(found) - found[gold] for found, gold in logits]))
        return missed + SHRINKAGE * float(scales @ scales)

    fitted = minimize(loss, [1.0, 0.5], bounds=[(0.05, None), (0.0, None)])
    fused, relevance = (float(scale) for scale in fitted.x)
    return ReadingWeights(relevance=relevance / fused)


def _fit_reading(weights: ReadingWeights, found: Sequence[ReadHits]) -> ReadingWeights:
    """The shortest ``lead`` with which the same passage comes first as if all were read.

    Which one is right plays no part: in a few hundred questions, mistakes and lucky guesses would cancel out.
    """
    firsts = [hits.order(weights)[0] for hits in found]
    for lead in np.arange(0.0, 20.0, 0.25):
        tried = replace(weights, lead=float(lead))
        others = [
            hits.order(tried, most=hits.read(tried))[0] != first for hits, first in zip(found, firsts, strict=True)
        ]
        if float(np.mean(others)) <= FIRST_TOLERANCE:
            return tried
    return weights


def _fit_confidence(
    weights: ReadingWeights, answerable: Sequence[ReadHits], unanswerable: Sequence[ReadHits]
) -> tuple[ReadingWeights, dict[str, float]]:
    features = np.array([_features(hits, weights) for hits in (*answerable, *unanswerable)])
    labels = np.array([1] * len(answerable) + [0] * len(unanswerable))
    # Strong regularisation is not needed with three features.
    model = LogisticRegression(C=10.0, class_weight="balanced").fit(features, labels)
    bias, (relevance, margin, covered) = float(model.intercept_[0]), (float(c) for c in model.coef_[0])
    fitted = replace(
        weights,
        confidence_bias=bias,
        confidence_relevance=relevance,
        confidence_margin=margin,
        confidence_coverage=covered,
        # Neither for nor against: halfway between questions with and without an answer, before the reader ranks.
        usual_coverage=float(np.mean([_first_coverage(answerable), _first_coverage(unanswerable)])),
    )
    confidence = np.array([fitted.confidence(row) for row in features.tolist()])
    threshold = float(np.quantile(confidence[labels == 1], MOST_ANSWERABLE_REFUSED))
    figures = {
        "AUROC": float(roc_auc_score(labels, confidence)),
        "answerable refused": float((confidence[labels == 1] < threshold).mean()),
        "unanswerable refused": float((confidence[labels == 0] < threshold).mean()),
    }
    return replace(fitted, threshold=threshold), figures


def _first_coverage(found: Sequence[ReadHits]) -> float:
    return float(np.mean([hits.coverage[0] for hits in found]))


def _features(hits: ReadHits, weights: ReadingWeights) -> tuple[float, float, float]:
    read = hits.read(weights)
    order = hits.order(weights, most=read)[:read]
    return confidence_features([hits.readings[i] for i in order], hits.coverage[order[0]])


def rarity(data: ReadingSet) -> Weigh:
    """Inverse document frequency of terms over the paragraphs, as BM25 has it."""
    frequency = Counter(term for paragraph in data.paragraphs for term in set(terms(paragraph.text)))
    count = len(data.paragraphs)

    def weigh(wanted: Sequence[str]) -> dict[str, float]:
        return {term: math.log1p((count - frequency[term] + 0.5) / (frequency[term] + 0.5)) for term in set(wanted)}

    return weigh


def main(arguments: Sequence[str] | None = None) -> None:
    """Read a sample of the held-out questions, fit, write the weights and figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="SQuAD-style file, or folder of them")
    parser.add_argument("--mined", type=Path, required=True, help="file written by training.mine")
    parser.add_argument("--weights", type=Path, required=True, help="checkpoint")
    parser.add_argument("--output", type=Path, required=True, help="JSON file for training.export")
    parser.add_argument("--encoder", type=Path, help="folder of the encoder; default: the bundled model")
    parser.add_argument("--held-out", type=int, default=35)
    parser.add_argument("--most", type=int, default=400, help="questions to read")
    parser.add_argument("--unanswerable", type=int, help="how many, the last, are read without their article too")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    encoder = options.encoder or bundled_folder(Settings.load().model, Settings.load().cache_dir)
    network, _ = checkpoint_network(options.weights)
    words = mapped_array(encoder / "model.safetensors", WORDS)
    reader = Network(network.shape, network.arrays(), words, fastest_precision())
    _, data = split_by_article(load_squad(options.data), options.held_out, options.seed)
    tokens = tokenize(data, ReaderTokenizer(encoder))
    weights, figures = calibrate(reader, data, tokens, read_mined(options.mined, data), options)
    options.output.write_text(
        json.dumps({"reading": weights.to_dict(), "calibration": figures}, indent=2) + "\n", encoding="utf-8"
    )
    logger.info("%s %s", weights, figures)


def calibrate(
    reader: Network,
    data: ReadingSet,
    tokens: TokenizedSet,
    hits: Mapping[str, Sequence[MinedHit]],
    options: argparse.Namespace,
) -> tuple[ReadingWeights, dict[str, float]]:
    """Read ``options.most`` questions, ``options.unanswerable`` of them also without their article, and ``fit``."""
    numbers = [i for i, question in enumerate(data.questions) if question.id in hits]
    chosen = np.random.default_rng(options.seed).permutation(numbers)[: options.most]
    weigh = rarity(data)
    alone = 0 if options.unanswerable is None else len(chosen) - options.unanswerable
    read = []
    for count, number in enumerate(chosen, 1):
        found = hits[data.questions[number].id]
        read.append(read_question(reader, data, tokens, int(number), found, weigh, elsewhere=count > alone))
        if count % 50 == 0:
            logger.info("%d of %d questions read", count, len(chosen))
    answerable = [first for first, _ in read if first.readings]
    unanswerable = [second for _, second in read if second.readings]
    return fit(answerable, unanswerable)


if __name__ == "__main__":
    main()
