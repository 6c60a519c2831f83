"""What is said of an answer wherever one is shown, in Japanese and English: the only words that are not quoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rag.answer.suggesting import Suggestion


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``.

    Attributes:
        abstentions: why there is no answer, by ``Answer.reason``.
        quoted, joined: how what the question names is quoted, and what stands between two of them.
        nowhere: that a word of the question is in no document, and which there are that may mean the same.
        part_missing: that nothing was found for one of the things asked.
        understood: what was searched for instead of what was asked.
        conflict: that the citations say different things.
        confidence: the name of that figure.
        computed: that a figure was computed.
        operations: the names of what is computed.
        yes, no: before the sentence that decides.
        mentioning, at_least: how many documents have the words of a ``topic``, and that not all were looked at.
        documents, first_of: how many documents there are of a kind, and that only so many are shown.
        leading: that what follows are headings and first sentences of a document.
        in_document: before what one of several documents says.
        fact: what a file says of itself; ``pages``, ``author``, ``date``, ``file`` are the names of such facts.
    """

    abstentions: Mapping[str, str]
    quoted: str
    joined: str
    nowhere: str
    part_missing: str
    understood: str
    conflict: str
    confidence: str
    computed: str
    operations: Mapping[str, str]
    yes: str
    no: str
    documents: str
    mentioning: str
    at_least: str
    first_of: str
    leading: str
    in_document: str
    fact: str
    pages: str
    author: str
    date: str
    file: str

    def refusal(self, reason: str | None, missing: Sequence[str] = ()) -> str:
        """Why there is no answer, naming what is missing."""
        words = self.abstentions.get(reason or "no-hits", self.abstentions["low-confidence"])
        return words.format(missing=self.joined.join(self.quoted.format(name=name) for name in missing))

    def suggested(self, suggestions: Sequence[Suggestion]) -> list[str]:
        """For each word that stands nowhere, that it does, and what may be meant."""
        return [self.nowhere.format(word=each.word, others=self.joined.join(each.others)) for each in suggestions]

    def part_refusal(self, question: str, missing: Sequence[str] = ()) -> str:
        """That one of the things asked was not found, and what of it is missing."""
        said = self.part_missing.format(question=question)
        return f"{said}{self.refusal('missing', missing)}" if missing else said


JAPANESE: Final = AnswerWords(
    abstentions={
        "no-hits": "答えになりそうな箇所が見つかりませんでした。",
        "low-confidence": "文書の中に、答えといえる箇所は見つかりませんでした。",
        "missing": "{missing}は文書の中にありません。",
        "unclear": "{missing}が何を指すか、この質問だけではわかりません。名前で尋ねるか、前の質問に続けてください。",
    },
    quoted="「{name}」",
    joined="、",
    nowhere="「{word}」という語は文書にありません。近い語：{others}",
    part_missing="「{question}」については見つかりませんでした。",
    understood="「{question}」として調べました。",
    conflict="文書によって答えが異なります。",
    confidence="確信度",
    computed="計算：{operation} {value}",
    operations={"sum": "合計", "mean": "平均", "count": "件数", "difference": "差"},
    yes="はい。",
    no="いいえ。",
    documents="索引にある文書：{count}件",
    mentioning="「{topic}」という語のある文書：{count}件",
    at_least="少なくとも{count}",
    first_of="（はじめの{count}件）",
    leading="「{title}」の見出しと、それぞれの最初の文：",
    in_document="{title}：",
    fact="{name}：{value}",
    pages="ページ数",
    author="作成者",
    date="日付",
    file="ファイル",
)
ENGLISH: Final = AnswerWords(
    abstentions={
        "no-hits": "No passage was found that could hold the answer.",
        "low-confidence": "The documents do not seem to hold the answer.",
        "missing": "{missing} is nowhere in the documents.",
        "unclear": "What {missing} means cannot be told from this question alone. Name it, or ask it as a follow-up.",
    },
    quoted="“{name}”",
    joined=", ",
    nowhere="“{word}” is a word of no document. Near it: {others}",
    part_missing="Nothing was found for “{question}”. ",
    understood="Searched for “{question}”.",
    conflict="The documents contradict each other.",
    confidence="confidence",
    computed="Computed: {operation} {value}",
    operations={"sum": "total", "mean": "mean", "count": "count", "difference": "difference"},
    yes="Yes. ",
    no="No. ",
    documents="Documents in the index: {count}",
    mentioning="Documents with the words “{topic}”: {count}",
    at_least="at least {count}",
    first_of=" (the first {count})",
    leading="Headings of “{title}”, each with its first sentence:",
    in_document="{title}:",
    fact="{name}: {value}",
    pages="Pages",
    author="Author",
    date="Date",
    file="File",
)


def words_in(language: str) -> AnswerWords:
    """The words for a question in this language."""
    return JAPANESE if language == "ja" else ENGLISH
