"""SQuAD-style files -> paragraphs, questions, answers as characters and as tokens."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rag.errors import DatasetError
from rag.models.tokenizer import TokenizedText
from rag.reader.input import ReaderTokenizer
from rag.reader.spans import MAX_TRIM


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One context. ``key`` is its article's title and its number there, from 0."""

    key: str
    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question, the index of the paragraph it was asked of, and its answers as ``[start, end)`` characters."""

    id: str
    text: str
    paragraph: int
    answers: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ReadingSet:
    """Paragraphs and the questions asked of them."""

    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Question, ...]

    def answer_texts(self, question: Question) -> list[str]:
        text = self.paragraphs[question.paragraph].text
        return [text[start:end] for start, end in question.answers]


def load_squad(path: Path) -> ReadingSet:
    """Read a SQuAD-style JSON file, or all ``*.json`` of a folder by name (format: Rajpurkar et al. 2016).

    Raises:
        DatasetError: nothing there, not such a file, or an answer that does not stand where it says.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise DatasetError("No *.json files here.", path=path)
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    for file in files:
        try:
            articles = json.loads(file.read_text(encoding="utf-8"))["data"]
            for article in articles:
                _read_article(article, paragraphs, questions, file)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"Not a SQuAD-style file: {error!r}.", path=file) from error
    return ReadingSet(tuple(paragraphs), tuple(questions))


def _read_article(article: dict, paragraphs: list[Paragraph], questions: list[Question], file: Path) -> None:  # type: ignore[type-arg]
    for number, record in enumerate(article["paragraphs"]):
        text = record["context"]
        for qa in record["qas"]:
            answers = tuple(sorted({(a["answer_start"], a["answer_start"] + len(a["text"])) for a in qa["answers"]}))
            if {text[start:end] for start, end in answers} != {a["text"] for a in qa["answers"]}:
                raise DatasetError(f"Question {qa['id']}: the answer does not stand where it says.", path=file)
            if answers:
                questions.append(Question(qa["id"], qa["question"], len(paragraphs), answers))
        paragraphs.append(Paragraph(f"{article['title']}#{number}", article["title"], text))


def split_by_article(data: ReadingSet, held_out: int, seed: int) -> tuple[ReadingSet, ReadingSet]:
    """The same paragraphs with the questions of all but ``held_out`` articles, and with the questions of those."""
    articles = sorted({paragraph.article for paragraph in data.paragraphs})
    kept_back = set(random.Random(seed).sample(articles, min(held_out, len(articles))))

    def of(chosen: Iterable[Question]) -> ReadingSet:
        return ReadingSet(data.paragraphs, tuple(chosen))

    is_kept_back = [data.paragraphs[question.paragraph].article in kept_back for question in data.questions]
    pairs = list(zip(data.questions, is_kept_back, strict=True))
    return of(q for q, back in pairs if not back), of(q for q, back in pairs if back)


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """An answer as tokens: its first and last token, and the characters of them that are not part of it."""

    first: int
    last: int
    start_trim: int
    end_trim: int

    def from_token(self, first: int) -> TokenSpan:
        """The same answer, counted from another token."""
        return TokenSpan(self.first - first, self.last - first, self.start_trim, self.end_trim)


def token_span(tokens: TokenizedText, start: int, end: int) -> TokenSpan:
    """The smallest run of tokens over characters ``[start, end)``.

    Raises:
        DatasetError: no token stands there (white space only).
    """
    first = int(np.searchsorted(tokens.ends, start, side="right"))
    last = int(np.searchsorted(tokens.starts, end, side="left")) - 1
    if not 0 <= first <= last < len(tokens):
        raise DatasetError(f"No token at characters {start} to {end}.")
    head, tail = start - int(tokens.starts[first]), int(tokens.ends[last]) - end
    return TokenSpan(first, last, min(max(head, 0), MAX_TRIM), min(max(tail, 0), MAX_TRIM))


@dataclass(frozen=True, slots=True)
class TokenizedSet:
    """A ReadingSet's tokens, in its order."""

    paragraphs: tuple[TokenizedText, ...]
    questions: tuple[TokenizedText, ...]
    spans: tuple[TokenSpan, ...]


def tokenize(data: ReadingSet, tokenizer: ReaderTokenizer) -> TokenizedSet:
    """Tokens of all paragraphs and questions, and each question's first answer."""
    paragraphs = tuple(tokenizer([paragraph.text for paragraph in data.paragraphs]))
    questions = tuple(tokenizer([question.text for question in data.questions]))
    spans = tuple(token_span(paragraphs[q.paragraph], *q.answers[0]) for q in data.questions)
    return TokenizedSet(paragraphs, questions, spans)


class MinedHit(NamedTuple):
    """What the hybrid search found for a question: a paragraph's index, its fused score, does it hold the answer?"""

    paragraph: int
    score: float
    holds: bool


def read_mined(path: Path, data: ReadingSet) -> dict[str, list[MinedHit]]:
    """What ``training.mine`` found for each question, best first, by the question's id.

    Raises:
        DatasetError: the file is not one that ``training.mine`` wrote for this data.
    """
    number = {paragraph.key: index for index, paragraph in enumerate(data.paragraphs)}
    found = {}
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                hits = [MinedHit(number[key], float(score), holds) for key, score, holds in record["hits"]]
                found[record["question"]] = hits
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"Not a file that training.mine wrote for this data: {error!r}.", path=path) from error
    return found


@dataclass(frozen=True, slots=True)
class Rivalry:
    """What a question's own paragraph is up against.

    Attributes:
        score: its fused score; that of the last hit if it was not found.
        rivals: the other paragraphs found, best first.
    """

    score: float
    rivals: tuple[MinedHit, ...]

    @property
    def lead(self) -> float:
        """By how much it leads the first of the others, below 0 if it does not; infinite if there is none."""
        return self.score - self.rivals[0].score if self.rivals else math.inf


def rivalries(mined: Mapping[str, Sequence[MinedHit]], data: ReadingSet) -> list[Rivalry]:
    """One for each question; without rivals where nothing was mined."""
    found = []
    for question in data.questions:
        hits = mined.get(question.id, ())
        lowest = min((hit.score for hit in hits), default=0.0)
        score = next((hit.score for hit in hits if hit.paragraph == question.paragraph), lowest)
        found.append(Rivalry(score, tuple(hit for hit in hits if hit.paragraph != question.paragraph)))
    return found
