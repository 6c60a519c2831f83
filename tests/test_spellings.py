"""Spellings that mean the same find each other: names, widths, loan words, kana and kanji, numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag import Engine, Settings
from rag.building import build_documents
from rag.corpus import Document

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "fixtures" / "spellings.jsonl").read_text(encoding="utf-8").splitlines()
]


@dataclass(frozen=True)
class WorkFolders:
    """An engine over all sentences of the cases."""

    engine: Engine

    def first(self, query: str, mode: str, among: set[str]) -> str:
        hits = self.engine.search(query, k=2 * len(CASES), mode=mode).hits  # type: ignore[arg-type]
        return next((hit.text for hit in hits if hit.text in among), "")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> WorkFolders:
    texts = [case[kind] for case in CASES for kind in ("finds", "not")]
    documents = [Document(f"{n}.txt", "", text, "ja") for n, text in enumerate(texts)]
    index = tmp_path_factory.mktemp("spellings")
    build_documents(documents, index, Settings.load(), whole=True)
    return WorkFolders(Engine.open(index))


@pytest.mark.parametrize("mode", ["lexical", "hybrid"])
@pytest.mark.parametrize("case", CASES, ids=[case["query"] for case in CASES])
def test_another_spelling_is_found_before_another_thing(shelf: WorkFolders, case: dict[str, str], mode: str) -> None:
    assert shelf.first(case["query"], mode, {case["finds"], case["not"]}) == case["finds"]
