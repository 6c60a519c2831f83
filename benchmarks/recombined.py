"""A collection as large as wanted, made of the sentences of a SQuAD-style dataset.

Its first passages are contexts of the dataset as they are, with the vectors the model gives them. The others are two to
four sentences of its articles, put together anew. Embedding a million of them would take hours, so that their vectors
are put together too: the mean of the sentences' own vectors, by length, and what the vector of a real context, drawn
at random, differs by from that mean. ``Recombined.likeness`` compares the made vectors with the model's.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag import Settings
from rag.corpus import Document
from rag.evaluation import load_dataset
from rag.index.vector_cache import VectorCache
from rag.language.sentences import sentences as sentence_spans
from rag.language.terms import terms
from rag.models import Embedder

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

_MOST_SENTENCES = 4
_FROM_ELSEWHERE = 0.25


@dataclass(frozen=True)
class Recombined:
    """The parts passages are made of.

    Attributes:
        titles: of each article.
        sentences: all of them, by article.
        article: the number of each sentence's article, ascending.
        vectors: of each sentence behind its title, shape ``(sentences, dimension)``.
        contexts: passages as given: the number of their article, and text.
        context_vectors: of each context behind its title.
        questions: each with the number of the context it was asked of.
        question_vectors: shape ``(questions, dimension)``.
    """

    titles: Sequence[str]
    sentences: Sequence[str]
    article: Numbers
    vectors: Floats
    contexts: Sequence[tuple[int, str]]
    context_vectors: Floats
    questions: Sequence[tuple[int, str]]
    question_vectors: Floats

    @classmethod
    def load(
        cls, paths: Sequence[Path], *, sentences: int, contexts: int, questions: int, embed: bool = True
    ) -> Recombined:
        """Read a dataset and embed its parts; vectors are kept in the cache for the next time.

        Args:
            paths: SQuAD-style files or folders.
            sentences, contexts, questions: how many to take of each, drawn at random.
            embed: without, there are no vectors, for what needs none.
        """
        dataset = load_dataset(paths, protocol="passages")
        draw = random.Random(0)
        titles = sorted({_article(document) for document in dataset.documents})
        number = {title: place for place, title in enumerate(titles)}
        found = sorted(
            {(number[_article(d)], sentence) for d in dataset.documents for sentence in _whole_sentences(d.text)}
        )
        found = sorted(draw.sample(found, min(sentences, len(found))))
        chosen = draw.sample(range(len(dataset.documents)), min(contexts, len(dataset.documents)))
        place = {dataset.documents[row].source: i for i, row in enumerate(chosen)}
        asked = [(place[q.relevant[0].source], q.text) for q in dataset.queries if q.relevant[0].source in place]
        asked = draw.sample(asked, min(questions, len(asked)))
        passages = [(number[_article(dataset.documents[row])], dataset.documents[row].text) for row in chosen]
        if not embed:
            none = np.zeros((0, 0), dtype=np.float32)
            parts = [sentence for _, sentence in found], np.array([article for article, _ in found])
            return cls(titles, *parts, none, passages, none, asked, none)
        settings = Settings.load()
        embedder = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
        cache = VectorCache(settings.cache_dir / "vectors.sqlite", f"{embedder.fingerprint}-{embedder.precision}")

        def embedded(parts: Sequence[tuple[int, str]]) -> Floats:
            return cache.through([f"{titles[a]}\n{text}" for a, text in parts], embedder.embed_passages)

        return cls(
            titles,
            [sentence for _, sentence in found],
            np.array([article for article, _ in found]),
            embedded(found),
            passages,
            embedded(passages),
            asked,
            embedder.embed_queries([question for _, question in asked]),
        )

    def picks(self, count: int, seed: int = 0) -> Numbers:
        """What ``count`` recombined passages are made of, shape ``(count, 5)``.

        The sentences of each, -1 where there are fewer than four, and the context whose difference its vector has.
        """
        rng = np.random.default_rng(seed)
        starts = np.searchsorted(self.article, np.arange(len(self.titles)))
        sizes = np.diff(np.append(starts, len(self.article)))
        home = self.article[rng.integers(0, len(self.article), count)]
        away = self.article[rng.integers(0, len(self.article), (count, _MOST_SENTENCES))]
        articles = np.where(rng.random(away.shape) < _FROM_ELSEWHERE, away, home[:, None])
        articles[:, 0] = home
        picks = starts[articles] + (rng.random(articles.shape) * sizes[articles]).astype(np.int64)
        picks[np.arange(_MOST_SENTENCES) >= rng.integers(2, _MOST_SENTENCES + 1, count)[:, None]] = -1
        return np.column_stack([picks, rng.integers(0, len(self.contexts), count)])

    def made_vectors(self, picks: Numbers) -> Floats:
        """Vectors of recombined passages, shape ``(len(picks), dimension)``."""
        chosen, residual = picks[:, :-1], picks[:, -1]
        weights = np.where(chosen >= 0, self._lengths[chosen], 0)[:, :, None]
        vectors = (self.vectors[chosen] * weights).sum(axis=1) / weights.sum(axis=1) + self._residuals[residual]
        return _unit(vectors.astype(np.float32))

    def text(self, pick: Sequence[int]) -> str:
        """The text of one recombined passage."""
        return "".join(self.sentences[number] for number in pick[:-1] if number >= 0)

    def documents(self, count: int, picks: Numbers) -> list[Document]:
        """``count`` passages, each a document of its own: the contexts, then the recombined ones."""
        real = [(article, text) for article, text in self.contexts][:count]
        made = [(int(self.article[pick[0]]), self.text(pick)) for pick in picks[: count - len(real)].tolist()]
        return [
            Document(f"{article:04d}/{row:07d}.txt", self.titles[article], text, "ja")
            for row, (article, text) in enumerate([*real, *made])
        ]

    def terms_of(self, title: str, pick: Sequence[int]) -> list[str]:
        """What ``terms`` gives for a recombined passage behind its title, from those of its parts."""
        parts = [self._terms_of_title(title), *(self._terms[number] for number in pick[:-1] if number >= 0)]
        return [term for part in parts for term in part]

    def likeness(self, sample: int = 200) -> tuple[float, float, float]:
        """Means over some recombined passages, embedded for this.

        Returns:
            The cosine of made and embedded vectors; the cosine of embedded ones to their nearest context; the same of
            the made ones.
        """
        picks = self.picks(sample, seed=1)
        settings = Settings.load()
        embedder = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
        texts = [f"{self.titles[self.article[pick[0]]]}\n{self.text(pick)}" for pick in picks.tolist()]
        embedded, made = embedder.embed_passages(texts), self.made_vectors(picks)
        nearest = [float((vectors @ self.context_vectors.T).max(axis=1).mean()) for vectors in (embedded, made)]
        return float((embedded * made).sum(axis=1).mean()), nearest[0], nearest[1]

    @cached_property
    def _lengths(self) -> Floats:
        return np.array([len(sentence) for sentence in self.sentences], dtype=np.float32)

    @cached_property
    def _residuals(self) -> Floats:
        """What the vector of each context differs by from the mean of its sentences', which are among ours in part."""
        number = {sentence: place for place, sentence in enumerate(self.sentences)}
        found = []
        for (_, text), vector in zip(self.contexts, self.context_vectors, strict=True):
            parts = [number[sentence] for sentence in _whole_sentences(text) if sentence in number]
            if parts:
                weights = self._lengths[parts][:, None]
                found.append(vector - (self.vectors[parts] * weights).sum(axis=0) / weights.sum())
        drawn = np.random.default_rng(0).integers(0, len(found), len(self.contexts))
        return np.array(found, dtype=np.float32)[drawn]

    @cached_property
    def _terms(self) -> list[list[str]]:
        return [terms(sentence) for sentence in self.sentences]

    def _terms_of_title(self, title: str) -> list[str]:
        if title not in self._titles:
            self._titles[title] = terms(title)
        return self._titles[title]

    @cached_property
    def _titles(self) -> dict[str, list[str]]:
        return {}


def _article(context: Document) -> str:
    """The title of a context's article, which its source begins with."""
    return context.source.rpartition("#")[0]


def _whole_sentences(text: str) -> list[str]:
    """Sentences that end in a full stop, so that terms of one never join those of the next."""
    found = (text[start:end].strip() for start, end in sentence_spans(text))
    return [sentence for sentence in found if sentence.endswith("。") and "\n" not in sentence]


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
