"""What the pages say, in Japanese and English."""

from __future__ import annotations

from dataclasses import dataclass

from rag.answer import wording
from rag.answer.wording import AnswerWords
from rag.counting import Counted
from rag.language.detection import spoken_language


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    language: str
    title: str
    summary: str
    failed: str
    empty: str
    prose: str
    unverified: str
    answer: AnswerWords


JAPANESE = Texts(
    language="ja",
    title="{name} への回答",
    summary="質問 {questions:,} 件、回答 {answered:,} 件、回答なし {abstained:,} 件、失敗 {failed:,} 件",
    failed="回答できませんでした。",
    empty="（質問が空です）",
    prose="LLM による文章",
    unverified="（未確認）",
    answer=wording.JAPANESE,
)
ENGLISH = Texts(
    language="en",
    title="Answers to {name}",
    summary=Counted("{questions|question}: {answered:,} answered, {abstained:,} without an answer, {failed:,} failed"),
    failed="The question could not be answered.",
    empty="(no question)",
    prose="Written by an LLM",
    unverified=" (unverified)",
    answer=wording.ENGLISH,
)


def texts_for(question: str) -> Texts:
    """Those in the language that who wrote the question is answered in."""
    return JAPANESE if spoken_language(question) == "ja" else ENGLISH
