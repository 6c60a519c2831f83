"""Fits the means by which questions are compared with passages of another language, and prints what they are worth.

    python -m training.languages PAIRS [--output rag/models/languages.npz]

PAIRS is JSON Lines of ``source``, ``en`` and ``ja``: the same paragraph in both languages. Every fourth source is held
out: its paragraphs are the corpus, and the first sentence of each, in the other language, is asked.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.language.sentences import sentences
from rag.models import Embedder
from rag.models.languages import FILE, LanguageMeans
from rag.settings import Settings

Floats = npt.NDArray[np.float32]

LANGUAGES = ("en", "ja")
_SHORTEST = 40
_MOST_FITTED = 800
_MOST_HELD_OUT = 400


def main() -> None:
    """Fit, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--output", type=Path, default=FILE)
    options = parser.parse_args()
    settings = Settings.load()
    embedder = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
    fitted, held_out = split(options.pairs)
    questions, passages = vectors(embedder, fitted)
    means = LanguageMeans(
        {language: found.mean(axis=0) for language, found in questions.items()},
        {language: found.mean(axis=0) for language, found in passages.items()},
    )
    asked, corpus = vectors(embedder, held_out)
    print(f"{len(fitted)} pairs fitted, {len(held_out)} held out")
    print("| asked in | of passages in | as it is | moved | both languages, as it is | moved |")
    print("|---|---|---:|---:|---:|---:|")
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        figures = recalls(means, asked[language], language, other, corpus)
        print(f"| {language} | {other} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")
    means.write(options.output, embedder.fingerprint)
    print(f"Written to {options.output}")


def split(path: Path) -> tuple[list[Mapping[str, str]], list[Mapping[str, str]]]:
    """Pairs to fit to and pairs held out, by source; short ones, which are titles, left out."""
    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = [pair for pair in pairs if min(len(pair["ja"]), len(pair["en"]) / 2) >= _SHORTEST]
    sources = sorted({pair["source"] for pair in pairs})
    out = set(sources[::4])
    random.Random(0).shuffle(pairs)
    fitted = [pair for pair in pairs if pair["source"] not in out][:_MOST_FITTED]
    return fitted, [pair for pair in pairs if pair["source"] in out][:_MOST_HELD_OUT]


def vectors(embedder: Embedder, pairs: Sequence[Mapping[str, str]]) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Vectors of first sentences as questions, and of paragraphs as passages, by language."""
    first = {lang: [first_sentence(pair[lang]) for pair in pairs] for lang in LANGUAGES}
    questions = {lang: np.asarray(embedder.embed_queries(texts)) for lang, texts in first.items()}
    whole = {lang: [pair[lang] for pair in pairs] for lang in LANGUAGES}
    return questions, {lang: np.asarray(embedder.embed_passages(texts)) for lang, texts in whole.items()}


def first_sentence(text: str) -> str:
    """What is asked of a paragraph."""
    start, end = sentences(text)[0]
    return text[start:end]


def recalls(
    means: LanguageMeans, asked: Floats, language: str, other: str, corpus: Mapping[str, Floats]
) -> tuple[float, float, float, float]:
    """R@1 in a corpus of the other language, and in one of both where only the other's paragraph counts."""
    shifted = np.stack([found for vector in asked if (found := means.moved(vector, language, other)) is not None])
    right = np.arange(len(asked))
    plain, moved = asked @ corpus[other].T, shifted @ corpus[other].T
    own = asked @ corpus[language].T
    own[right, right] = -1.0  # the question's own paragraph would always come first
    return (
        float((plain.argmax(axis=1) == right).mean()),
        float((moved.argmax(axis=1) == right).mean()),
        float((np.hstack([plain, own]).argmax(axis=1) == right).mean()),
        float((np.hstack([moved, own]).argmax(axis=1) == right).mean()),
    )


if __name__ == "__main__":
    main()
