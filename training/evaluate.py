"""How well a network reads: exact match and F1 on the paragraph asked of, and telling that paragraph from mined others.

``python -m training.evaluate --data DIR --weights FOLDER_OR_CHECKPOINT`` measures A-gold on any SQuAD-style data.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.evaluation.answers import character_f1, exact_match
from rag.models.bundled import bundled_folder
from rag.models.bundled_model import WORDS
from rag.models.encoder import EncoderShape, Weights, fastest_precision
from rag.models.mapped import mapped_array
from rag.reader.input import Ids, ReaderTokenizer
from rag.reader.network import Network, PairReading
from rag.reader.spans import best_spans
from rag.reader.weights import read_reader
from rag.settings import Settings
from training.checkpoints import checkpoint_network
from training.data import (
    ReadingSet,
    Rivalry,
    TokenizedSet,
    load_squad,
    read_mined,
    rivalries,
    split_by_article,
    tokenize,
)

QUESTION_RESERVE = 100
"""Positions kept free for the question and the special tokens."""


def reading_figures(
    reader: Network,
    data: ReadingSet,
    tokens: TokenizedSet,
    found: Sequence[Rivalry] | None = None,
    *,
    most: int | None = None,
    rivals: int = 1,
    seed: int = 0,
) -> dict[str, float]:
    """Figures in percent over ``most`` questions drawn at random (all if ``None``).

    ``EM`` and ``F1`` are of the best span in the paragraph asked of; ``ranked``, if it is known what else is found,
    is how often that paragraph's relevance is above that of its first ``rivals`` rivals.
    """
    order = np.random.default_rng(seed).permutation(len(data.questions))[:most]
    others = [[] if found is None else [r.paragraph for r in found[q].rivals[:rivals]] for q in order]
    pairs: list[tuple[Ids, Ids]] = []
    for q, rival in zip(order, others, strict=True):
        paragraphs = [tokens.paragraphs[i].ids for i in (data.questions[q].paragraph, *rival)]
        pairs += [(tokens.questions[q].ids, ids[: reader.shape.positions - QUESTION_RESERVE]) for ids in paragraphs]
    readings = iter(reader.read(pairs))
    scores: list[tuple[float, float, float]] = []
    for q, rival in zip(order, others, strict=True):
        gold, *rest = [next(readings) for _ in range(1 + len(rival))]
        is_first = all(gold.relevance > other.relevance for other in rest)
        scores.append((*_answer_scores(data, tokens, int(q), gold), float(is_first)))
    em, f1, ranked = (100 * float(np.mean(column)) for column in zip(*scores, strict=True))
    figures = {"questions": float(len(order)), "EM": em, "F1": f1}
    return figures if found is None else figures | {"ranked": ranked}


def _answer_scores(data: ReadingSet, tokens: TokenizedSet, q: int, gold: PairReading) -> tuple[float, float]:
    question = data.questions[q]
    text = data.paragraphs[question.paragraph].text
    read = tokens.paragraphs[question.paragraph].cut(0, len(gold.logits.start))
    best = best_spans(gold.logits, read, text, 1)[0]
    answers = data.answer_texts(question)
    prediction = text[best.start : best.end]
    return exact_match(prediction, answers), character_f1(prediction, answers)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures as JSON."""
    print(json.dumps(measure(arguments), indent=2))


def measure(arguments: Sequence[str] | None = None) -> dict[str, float]:
    """The figures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="SQuAD-style file, or folder of them")
    parser.add_argument("--weights", type=Path, required=True, help="folder of the shipped form, or a checkpoint")
    parser.add_argument("--encoder", type=Path, help="folder of the encoder; default: the bundled model")
    parser.add_argument(
        "--held-out", type=int, help="only the questions of this many held-out articles, as training splits them"
    )
    parser.add_argument(
        "--mined", type=Path, help="file written by training.mine: also tell the paragraph from its rival"
    )
    parser.add_argument("--most", type=int, help="read only this many questions, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--float32", action="store_true", help="compute in float32, whatever is fastest here")
    options = parser.parse_args(arguments)
    encoder = options.encoder or bundled_folder(Settings.load().model, Settings.load().cache_dir)
    words = mapped_array(encoder / "model.safetensors", WORDS)
    shape, weights = _weights(options.weights)
    reader = Network(shape, weights, words, "float32" if options.float32 else fastest_precision())
    data = load_squad(options.data)
    if options.held_out:
        _, data = split_by_article(data, options.held_out, options.seed)
    tokens = tokenize(data, ReaderTokenizer(encoder))
    found = rivalries(read_mined(options.mined, data), data) if options.mined else None
    return reading_figures(reader, data, tokens, found, most=options.most, seed=options.seed)


def _weights(path: Path) -> tuple[EncoderShape, Weights]:
    """Those of a shipped form's folder, or of a checkpoint."""
    if path.is_dir():
        shape, weights, _ = read_reader(path)
        return shape, weights
    network, _ = checkpoint_network(path)
    return network.shape, network.arrays()


if __name__ == "__main__":
    main()
