"""How sure an answer is, told from the units it was chosen among."""

from __future__ import annotations

from pathlib import Path

from rag.answer.confidence import CONFIDENCE_FEATURES, confidence_features
from rag.corpus import Document
from tests.answer.making import Held, document


def test_an_older_version_of_the_same_document_is_no_reason_to_doubt(tmp_path: Path) -> None:
    text = "# {}\n\n日帰り出張の日当は、一日につき{}円とする。\n"
    new = document(tmp_path, "新.md", text.format("旅費規程（2025年版）", 1500))
    old = document(tmp_path, "旧.md", text.format("旅費規程（2022年版）", 1200))
    other = document(tmp_path, "手引.md", text.format("講師謝金の手引", 1200))
    question, relevance = "日帰り出張の日当はいくら？", {"日当": 3.0}

    def margin(*documents: Document) -> float:
        features = confidence_features(Held(documents).judged(question, relevance))
        return features[CONFIDENCE_FEATURES.index("margin")]

    assert margin(new, old) == margin(new)
    assert margin(new, other) < margin(new)
