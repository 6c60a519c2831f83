"""What the pages say, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    language: str
    title: str
    summary: str
    confidence: str
    conflict: str
    failed: str
    empty: str
    prose: str
    unverified: str
    reasons: Mapping[str, str]


JAPANESE = Texts(
    language="ja",
    title="{name} への回答",
    summary="質問 {questions:,} 件、回答 {answered:,} 件、回答なし {abstained:,} 件、失敗 {failed:,} 件",
    confidence="確信度",
    conflict="文書によって答えが異なります。",
    failed="回答できませんでした。",
    empty="（質問が空です）",
    prose="LLM による文章",
    unverified="（未確認）",
    reasons={
        "no-hits": "答えになりそうな箇所が見つかりませんでした。",
        "low-confidence": "文書の中に、答えといえる箇所は見つかりませんでした。",
    },
)
ENGLISH = Texts(
    language="en",
    title="Answers to {name}",
    summary="{questions:,} questions: {answered:,} answered, {abstained:,} without an answer, {failed:,} failed",
    confidence="confidence",
    conflict="The documents contradict each other.",
    failed="The question could not be answered.",
    empty="(no question)",
    prose="Written by an LLM",
    unverified=" (unverified)",
    reasons={
        "no-hits": "No passage was found that could hold the answer.",
        "low-confidence": "The documents do not seem to hold the answer.",
    },
)
