"""Small test collections of the project's own, written to a folder, and an Engine to run without a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.evaluation.datasets import Dataset
from rag.search import DocumentRef, Hit, SearchResult

ARTICLES = {
    "灯台": (
        "岬の灯台は1902年に石で建てられた。高さは31メートルである。",
        "灯台守の一家は1968年まで島に住んでいた。",
    ),
    "味噌蔵": ("蔵では大豆と米麹から味噌を仕込む。仕込みは毎年二月に始まる。", "味噌は三年かけて樽で熟成させる。"),
    "鉄道": ("山の鉄道は標高1200メートルの峠を越える。", "列車は一日に四往復しか走らない。"),
}
QUESTIONS = {
    "q-lamp": ("灯台", 0, "岬の灯台は何年に建てられましたか。", "1902年"),
    "q-keeper": ("灯台", 1, "灯台守はいつまで島に住んでいましたか。", "1968年"),
    "q-miso": ("味噌蔵", 0, "味噌の仕込みはいつ始まりますか。", "毎年二月"),
    "q-barrel": ("味噌蔵", 1, "味噌は何年熟成させますか。", "三年"),
    "q-pass": ("鉄道", 0, "鉄道が越える峠の標高は何メートルですか。", "1200メートル"),
    "q-train": ("鉄道", 1, "列車は一日に何往復しますか。", "四往復"),
}


def squad_record() -> dict[str, Any]:
    """The articles and questions as SQuAD-style JSON."""
    return {"version": "1", "data": [_article(title, contexts) for title, contexts in ARTICLES.items()]}


def _article(title: str, contexts: Sequence[str]) -> dict[str, Any]:
    paragraphs = [{"context": context, "qas": _questions(title, n, context)} for n, context in enumerate(contexts)]
    return {"title": title, "paragraphs": paragraphs}


def _questions(title: str, number: int, context: str) -> list[dict[str, Any]]:
    return [
        {"id": name, "question": question, "answers": [{"text": answer, "answer_start": context.index(answer)}]}
        for name, (article, place, question, answer) in QUESTIONS.items()
        if (article, place) == (title, number)
    ]


def write_json(path: Path, record: Any) -> Path:
    """A JSON file, indented, as people publish them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    """A text file with these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def write_squad(path: Path) -> Path:
    """The articles and questions in one file."""
    return write_json(path, squad_record())


def write_beir(
    folder: Path, *, corpus: Iterable[Mapping[str, Any]], queries: Iterable[Mapping[str, Any]], qrels: Iterable[str]
) -> Path:
    """A BEIR folder with a test split."""
    write_lines(folder / "corpus.jsonl", (json.dumps(record, ensure_ascii=False) for record in corpus))
    write_lines(folder / "queries.jsonl", (json.dumps(record, ensure_ascii=False) for record in queries))
    write_lines(folder / "qrels" / "test.tsv", ["query-id\tcorpus-id\tscore", *qrels])
    return folder


def write_documents(folder: Path) -> Path:
    """The articles as text files."""
    for title, contexts in ARTICLES.items():
        write_lines(folder / f"{title}.txt", [title, "", *contexts])
    return folder


class WordEngine:
    """Ranks documents by the characters they share with the query: no model, no index, always the same.

    Attributes:
        fails_after: searches until it fails, if ever.
        searched: how many queries it was asked.
    """

    def __init__(self, dataset: Dataset, *, fails_after: int | None = None, backwards: bool = False) -> None:
        self._dataset = dataset
        self._backwards = backwards
        self.fails_after = fails_after
        self.searched = 0

    def places_many(self, queries: Sequence[str], *, k: int) -> list[list[tuple[str, int, int, float]]]:
        """As `rag.evaluation.bulk.BulkEngine.places_many`."""
        found = (self.search(query, k=k).hits for query in queries)
        return [[(hit.document.source, hit.start, hit.end, hit.score) for hit in hits] for hits in found]

    def search(self, query: str, *, operators: bool = False, k: int | None = None) -> SearchResult:
        """As `rag.engine.Engine.search`."""
        if self.fails_after is not None and self.searched >= self.fails_after:
            raise MemoryError("no room for another vector")
        self.searched += 1
        scored = [(len(set(query) & set(document.text)), document) for document in self._dataset.documents]
        scored.sort(key=lambda pair: pair[0], reverse=not self._backwards)
        hits = [
            Hit(
                rank=rank,
                score=float(score),
                retrievers={},
                document=DocumentRef(document.id, document.title, document.source),
                start=0,
                end=len(document.text),
                text=document.text,
                heading=(),
                language="ja",
                line=1,
                passage_id=rank,
            )
            for rank, (score, document) in enumerate(scored[:k], start=1)
        ]
        return SearchResult(query, tuple(hits))

    def ask(self, question: str) -> Answer:
        """The best document whole, unless it shares fewer than six characters with the question."""
        hits = self.search(question, k=3).hits
        best = hits[0]
        confidence = min(1.0, best.score / 12)
        if confidence < 0.5:
            return Answer(question, "", True, "low-confidence", confidence, (), hits)
        cited = Citation(1, best.document, best.start, best.end, 1, best.text, confidence, 1)
        return Answer(question, f"{best.text}[1]", False, None, confidence, (cited,), hits)

    @property
    def reader(self) -> SimpleNamespace:
        """Quotes the first four characters of a text, whatever is asked."""
        return SimpleNamespace(quote=lambda _question, text: text[:4])

    def warm_up(self) -> None:
        """Nothing to load."""

    def info(self) -> SimpleNamespace:
        """Only what an evaluation looks at."""
        return SimpleNamespace(passages=len(self._dataset.documents))
