"""Fits the weights of ``rag/answer/extract.py`` on SQuAD-style questions, half of whose articles are left out.

    python -m training.fit_extractor DATASET [--articles 100] [--questions 1500] [--seed 0]

Prints the weights to copy, and how they do on questions held out by article: how often the best sentence holds an
accepted answer, and AUROC of the confidence.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag import Engine, Settings
from rag.answer.extract import FEATURES, Candidate, candidates
from rag.engine import build_documents
from rag.evaluation import load_dataset
from rag.evaluation.datasets import Dataset, Query

Sample = tuple[Query, int, list[Candidate]]


def main() -> None:
    """Read the arguments, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="+", type=Path)
    parser.add_argument("--articles", type=int, default=100)
    parser.add_argument("--questions", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    whole = load_dataset(arguments.dataset, protocol="passages")
    dataset = _articles(whole, arguments.articles, arguments.seed).sample(arguments.questions, arguments.seed)
    samples = _read(dataset)
    train = [sample for sample in samples if sample[1] % 3 != 2]
    held_out = [sample for sample in samples if sample[1] % 3 == 2]
    sentences = _fit_sentences(train)
    confidence = _fit_confidence(train, sentences)
    for name, model in (("SENTENCE_WEIGHTS", sentences), ("CONFIDENCE_WEIGHTS", confidence)):
        weights = ", ".join(f"{weight:.2f}" for weight in model.coef_[0])
        print(f"{name} = ({weights})  # {', '.join(FEATURES)}")
    print(f"CONFIDENCE_BIAS = {confidence.intercept_[0]:.2f}")
    _report(held_out, sentences, confidence)


def _articles(dataset: Dataset, count: int, seed: int) -> Dataset:
    """The dataset with ``count`` of its articles, drawn at random."""
    numbers = sorted(set(dataset.articles.values()))
    chosen = random.Random(seed).sample(numbers, min(count, len(numbers)))
    place = {number: position for position, number in enumerate(chosen)}
    documents = tuple(d for d in dataset.documents if dataset.articles[d.source] in place)
    sources = {d.source: place[dataset.articles[d.source]] for d in documents}
    queries = tuple(q for q in dataset.queries if q.relevant and q.relevant[0].source in sources)
    return replace(dataset, documents=documents, queries=queries, articles=sources)


def _read(dataset: Dataset) -> list[Sample]:
    """Each question with the number of its article and the sentences found for it in half of the corpus."""
    half = dataset.without_every_second_article()
    settings = Settings.load()
    with tempfile.TemporaryDirectory() as folder:
        build_documents(half.documents, Path(folder), settings, whole=True, cache=True)
        engine = Engine.open(folder, settings)
        embed, weigh = engine.embedder.embed_passages, engine.snapshot.lexical.weights
        samples: list[Sample] = []
        for query, asked in zip(half.queries, dataset.queries, strict=True):
            vector = engine.embedder.embed_queries([query.text])[0]
            hits = engine.search(query.text).hits
            article = dataset.articles[asked.relevant[0].source]
            samples.append((query, article // 2, candidates(query.text, vector, hits, embed, weigh)))
        return samples


def _holds_answer(query: Query, candidate: Candidate) -> bool:
    relevant = {judgement.source for judgement in query.relevant}
    return candidate.hit.document.source in relevant and any(answer in candidate.text for answer in query.answers)


def _fit_sentences(samples: list[Sample]) -> LogisticRegression:
    rows = [
        (c.features, _holds_answer(query, c)) for query, _, found in samples if not query.unanswerable for c in found
    ]
    return LogisticRegression(C=100, max_iter=5000).fit([f for f, _ in rows], [label for _, label in rows])


def _best(found: list[Candidate], sentences: LogisticRegression) -> Candidate:
    scores = sentences.decision_function([c.features for c in found])
    return found[int(np.argmax(scores))]


def _fit_confidence(samples: list[Sample], sentences: LogisticRegression) -> LogisticRegression:
    features = [_best(found, sentences).features for _, _, found in samples if found]
    labels = [not query.unanswerable for query, _, found in samples if found]
    return LogisticRegression(C=100, max_iter=5000).fit(features, labels)


def _report(samples: list[Sample], sentences: LogisticRegression, confidence: LogisticRegression) -> None:
    best = [(query, _best(found, sentences)) for query, _, found in samples if found]
    right = [_holds_answer(query, candidate) for query, candidate in best if not query.unanswerable]
    certain = confidence.predict_proba([candidate.features for _, candidate in best])[:, 1]
    answerable = np.array([not query.unanswerable for query, _ in best])
    print(f"held out: {len(best)} questions, {int(answerable.sum())} of them answerable")
    print(f"best sentence holds the answer: {np.mean(right):.3f}")
    print(f"AUROC of the confidence: {roc_auc_score(answerable, certain):.3f}")
    for threshold in (0.3, 0.4, 0.5, 0.6):
        refused = certain < threshold
        print(
            f"at {threshold}: {refused[~answerable].mean():.2f} of the unanswerable refused, "
            f"{refused[answerable].mean():.2f} of the answerable"
        )


if __name__ == "__main__":
    main()
