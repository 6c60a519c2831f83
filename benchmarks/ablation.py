"""What each part of hybrid search is worth: terms, BM25's variant and parameters, bigrams, fusion, feedback.

    python -m benchmarks.ablation DATASET [--articles 100] [--limit 2500] [--name …] [--write docs/results.md]

Protocol R over a sample of a dataset's articles, in NumPy over the same terms and vectors that the index uses.
Defaults are chosen by this table, so it is run on training data.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import unidic_lite
from fugashi import Tagger
from sklearn.linear_model import LogisticRegression

from benchmarks.report import parser, publish, table
from rag import Settings
from rag.evaluation import Dataset, compare, load_dataset
from rag.index.lexical import bigram_keys
from rag.index.vector_cache import VectorCache
from rag.language.terms import compose, normalize, term_spans, terms
from rag.models import Embedder

Floats = npt.NDArray[np.float32]
Tokens = list[list[str]]


def main() -> None:
    """Compute every variant and print the table."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--name", default="")
    options.add_argument("--articles", type=int, default=100)
    options.add_argument("--limit", type=int, default=2500)
    arguments = options.parse_args()
    dataset = articles(load_dataset(arguments.dataset, protocol="passages"), arguments.articles).sample(arguments.limit)
    sources = {document.source: row for row, document in enumerate(dataset.documents)}
    gold = np.array([sources[query.relevant[0].source] for query in dataset.queries])
    # One variant at a time: each is a matrix of all questions by all passages.
    measured = {name: _measures(scores, gold) for name, scores in _variants(dataset, Settings.load(), gold)}
    differences = compare(measured, "default")
    rows: list[list[object]] = []
    for name, values in measured.items():
        means = [float(np.mean(list(values[measure].values()))) for measure in ("R@1", "RR@10", "nDCG@10")]
        found = differences.get(name, {}).get("nDCG@10")
        rows.append([name, *means, f"{found.corrected:.4f}" if found else ""])
    named = f"{arguments.name}: " if arguments.name else ""
    body = f"{named}{len(dataset.documents):,} passages, {len(dataset.queries):,} questions.\n\n"
    publish("ablation", body + table(["variant", "R@1", "RR@10", "nDCG@10", "p"], rows), arguments.write)


def articles(dataset: Dataset, count: int, seed: int = 0) -> Dataset:
    """The dataset with ``count`` of its articles, drawn at random, and the questions about them."""
    numbers = sorted(set(dataset.articles.values()))
    chosen = set(random.Random(seed).sample(numbers, min(count, len(numbers))))
    documents = tuple(d for d in dataset.documents if dataset.articles[d.source] in chosen)
    sources = {document.source for document in documents}
    queries = tuple(q for q in dataset.queries if q.relevant and q.relevant[0].source in sources)
    numbered = {source: dataset.articles[source] for source in sources}
    return replace(dataset, documents=documents, queries=queries, articles=numbered)


def _variants(dataset: Dataset, settings: Settings, gold: npt.NDArray[np.int64]) -> Iterator[tuple[str, Floats]]:
    """Name and scores, shape ``(queries, passages)``, of each variant; ``default`` first."""
    texts = [document.text for document in dataset.documents]
    questions = [query.text for query in dataset.queries]
    vectors, asked = _vectors(texts, questions, settings)
    dense = asked @ vectors.T

    def lexical(tokens: Callable[[str], list[str]], method: str = "lucene", **chosen: float) -> Floats:
        k1, b = chosen.get("k1", settings.bm25_k1), chosen.get("b", settings.bm25_b)
        return _bm25([tokens(text) for text in texts], [tokens(question) for question in questions], method, k1, b)

    words, pairs = lexical(terms), lexical(_bigrams)

    def both(first: Floats, second: Floats = pairs, weight: float = settings.ngram_weight) -> Floats:
        return (1 - weight) * first + weight * second

    def fused(lexical_scores: Floats, dense_scores: Floats = dense, weight: float = settings.dense_weight) -> Floats:
        return weight * _standard(dense_scores) + (1 - weight) * _standard(lexical_scores)

    default = fused(both(words))
    yield "default", default
    yield "dense alone", dense
    yield "words alone", words
    yield "bigrams alone", pairs
    yield "words + bigrams, no dense", both(words)
    yield "dense + words, no bigrams", fused(words)
    yield "dense + bigrams, no words", fused(pairs)
    yield "terms: no compounds", fused(both(lexical(_without_compounds)))
    yield "terms: surface forms", fused(both(lexical(_surfaces)))
    yield "terms: readings", fused(both(lexical(_readings)))
    yield "terms: readings beside lemmas", fused(both(lexical(lambda text: terms(text) + _readings(text))))
    minimal = settings.dense_weight * _min_max(dense) + (1 - settings.dense_weight) * _min_max(both(words))
    yield "fusion: min-max", minimal
    yield "fusion: RRF (k 60)", _reciprocal_ranks(dense) + _reciprocal_ranks(both(words))
    yield "fusion: z-scores of all three", 0.6 * _standard(dense) + 0.4 * both(_standard(words), _standard(pairs))
    yield "fusion: learned weights", _learned([_standard(each) for each in (dense, words, pairs)], gold)
    for method in ("robertson", "bm25+", "bm25l"):
        yield f"BM25: {method}", fused(both(lexical(terms, method), lexical(_bigrams, method)))
    for k1, b in ((0.3, 0.3), (0.6, 0.3), (0.9, 0.4), (1.2, 0.75)):
        yield f"BM25: k1 {k1}, b {b}", fused(both(lexical(terms, k1=k1, b=b), lexical(_bigrams, k1=k1, b=b)))
    for share in (0.2, 0.5, 0.6):
        yield f"bigrams' share {share}", fused(both(words, weight=share))
    for share in (0.4, 0.5, 0.7):
        yield f"dense share {share}", fused(both(words), weight=share)
    for share in (0.1, 0.2, 0.3):
        best = np.argpartition(-default, 3, axis=1)[:, :3]
        expanded = asked + share * vectors[best].mean(axis=1)
        expanded /= np.linalg.norm(expanded, axis=1, keepdims=True)
        yield f"feedback of the top 3, {share}", fused(both(words), expanded @ vectors.T)


def _learned(scores: Sequence[Floats], gold: npt.NDArray[np.int64], candidates: int = 20) -> Floats:
    """Scores weighted by logistic regression on the best passages: each half of the questions by the other half's."""
    candidates = min(candidates, scores[0].shape[1])
    best = np.argpartition(-np.sum(scores, axis=0), candidates - 1, axis=1)[:, :candidates]
    features = np.stack([np.take_along_axis(each, best, axis=1) for each in scores], axis=-1)
    relevant = best == gold[:, None]
    half = np.arange(len(gold)) % 2 == 0
    fused = np.empty_like(scores[0])
    for fitted, weighed in ((half, ~half), (~half, half)):
        model = LogisticRegression(max_iter=1000).fit(
            features[fitted].reshape(-1, len(scores)), relevant[fitted].ravel()
        )
        fused[weighed] = sum(w * each[weighed] for w, each in zip(model.coef_[0], scores, strict=True))
    return fused


def _vectors(texts: Sequence[str], questions: Sequence[str], settings: Settings) -> tuple[Floats, Floats]:
    embedder = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
    composed = [compose(text) for text in texts]
    cache = VectorCache(settings.cache_dir / "vectors.sqlite", f"{embedder.fingerprint}-{embedder.precision}")
    vectors = cache.through(composed, embedder.embed_passages)
    cache.close()
    return vectors, embedder.embed_queries([compose(q) for q in questions])


def _bm25(passages: Tokens, questions: Tokens, method: str, k1: float, b: float) -> Floats:
    index = bm25s.BM25(method=method, k1=k1, b=b)
    index.index(passages, show_progress=False)
    known = [[token for token in question if token in index.vocab_dict] for question in questions]
    empty = np.zeros(len(passages), dtype=np.float32)
    return np.stack([index.get_scores(question) if question else empty for question in known]).astype(np.float32)


def _bigrams(text: str) -> list[str]:
    return [str(key) for key in bigram_keys(text).tolist()]


def _without_compounds(text: str) -> list[str]:
    spans = term_spans(normalize(text))
    ends = {start: min(end for s, end, _ in spans if s == start) for start, _, _ in spans}
    return [term for start, end, term in spans if end == ends[start]]


def _surfaces(text: str) -> list[str]:
    normal = normalize(text)
    return [normal[start:end].casefold() for start, end, _ in term_spans(normal)]


def _readings(text: str) -> list[str]:
    """Readings of the lemmas of content words, in katakana, as unidic-lite gives them."""
    return [
        word.feature.lForm
        for word in _tagger()(normalize(text))
        if word.feature.lForm and word.feature.pos1 in ("名詞", "動詞", "形容詞", "形状詞", "副詞")
    ]


@lru_cache(maxsize=1)
def _tagger() -> Tagger:
    return Tagger(f"-d {unidic_lite.DICDIR}")


def _standard(scores: Floats) -> Floats:
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / (scores.std(axis=1, keepdims=True) + 1e-9))


def _min_max(scores: Floats) -> Floats:
    low = scores.min(axis=1, keepdims=True)
    return np.asarray((scores - low) / (scores.max(axis=1, keepdims=True) - low + 1e-9))


def _reciprocal_ranks(scores: Floats) -> Floats:
    ranks = np.argsort(np.argsort(-scores, axis=1), axis=1) + 1
    return (1 / (60 + ranks)).astype(np.float32)


def _measures(scores: Floats, gold: npt.NDArray[np.int64]) -> dict[str, dict[str, float]]:
    """By measure and query; there is one relevant passage for each."""
    own = scores[np.arange(len(scores)), gold]
    ranks = (scores > own[:, None]).sum(axis=1) + 1
    within = ranks <= 10
    values = {
        "R@1": (ranks == 1).astype(float),
        "RR@10": np.where(within, 1 / ranks, 0.0),
        "nDCG@10": np.where(within, 1 / np.log2(ranks + 1), 0.0),
    }
    return {name: {str(i): float(v) for i, v in enumerate(found)} for name, found in values.items()}


if __name__ == "__main__":
    main()
