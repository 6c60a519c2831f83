"""Follow-up questions made to stand on their own: by the LLM, or by carrying the last question's words over."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.language.detection import detect_language, spoken_language
from rag.language.terms import term_spans
from rag.prose.client import ChatError, Message, complete_chat
from rag.prose.prompt import template
from rag.prose.server import ChatServer

_MOST_TURNS = 3
_LONGEST_ANSWER = 400
_MOST_CARRIED = 4
_POINTING = re.compile(
    r"それ|これ|あれ|その(?!他|ほか)|この|あの|そこ|ここ|そちら|こちら|そう(?:で|し|い)|こうした|そうした|そんな|こんな|彼|同(?:社|氏|国|年|書|館|法|市|県|大学)|前者|後者|上記|"
    r"\b(?:it|its|that|this|these|those|they|them|their|he|she|him|her|his|there|the (?:former|latter))\b",
    re.IGNORECASE,
)
_ASKING = frozenset(
    re.split(
        r" +",
        "何 誰 何処 何時 どれ どの 幾つ 幾ら 何故 如何 どう 理由 方法 意味 詳しい 詳細 教える 説明 例 他 "
        "もっと 具体 下さる 為る 今 時 年 月 日 人 数 "
        "what who whom whose which when where why how tell explain detail more example exampl reason mean say give",
    )
)
_LABEL = re.compile(r"^(?:Q|質問|最後の質問|Question|Rewritten question)\s*[:：]\s*")
_SENTENCE_END = re.compile(r"[？?。．.!！\s]+$")


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was asked, as it was searched, and its answer's text."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be understood on its own.

    Attributes:
        question: what to search and answer.
        asked: what the user wrote.
        by: who made it so: the ``llm``, the ``rule``, or ``None`` if it was left as asked.
        carried: words of the last question that the rule added.
    """

    question: str
    asked: str
    by: Literal["llm", "rule"] | None = None
    carried: tuple[str, ...] = ()


def standalone_question(
    asked: str,
    history: Sequence[Turn],
    server: ChatServer | None = None,
    *,
    most_chars: int = 2000,
    templates: Path | None = None,
    cancelled: threading.Event | None = None,
) -> Standalone:
    """A follow-up question as one that can be understood on its own.

    With a server its LLM rewrites the question; if it cannot, or there is none, the key terms of the last question
    carry over when the new one points back (それ, その, *it*) or has none of its own.

    Args:
        asked: what the user wrote.
        history: the questions before it, oldest first.
        server: whom to ask; ``None`` for the rule.
        most_chars: a rewritten question longer than this is not one.
        templates: a folder with the user's own templates.
        cancelled: set by another thread to stop.

    Raises:
        SettingsError: if a template cannot be used.
    """
    if not history:
        return Standalone(asked, asked)
    if server is not None and (written := _by_llm(asked, history, server, most_chars, templates, cancelled)):
        return Standalone(written, asked, "llm" if written != asked else None)
    return _by_rule(asked, history[-1], most_chars)


def _by_llm(
    asked: str,
    history: Sequence[Turn],
    server: ChatServer,
    most_chars: int,
    templates: Path | None,
    cancelled: threading.Event | None,
) -> str:
    """The question as the LLM writes it; empty if it fails or writes something else than one question."""
    turns = "\n\n".join(f"Q: {turn.question}\nA: {turn.answer[:_LONGEST_ANSWER]}" for turn in history[-_MOST_TURNS:])
    words = template("standalone", spoken_language(asked), templates)
    message = Message("user", words.safe_substitute(history=turns, question=asked))
    try:
        reply = complete_chat(server, [message], cancelled).strip()
    except ChatError:
        return ""
    lines = [line for line in reply.splitlines() if line.strip()]
    if len(lines) != 1:
        return ""
    written = _LABEL.sub("", lines[0].strip()).strip('「」"“” ')
    is_question = written and len(written) <= min(most_chars, 3 * len(asked) + 200)
    return written if is_question and _language(written) == _language(asked) else ""


def _by_rule(asked: str, last: Turn, most_chars: int) -> Standalone:
    own = _key_words(asked)
    if own and not _POINTING.search(asked):
        return Standalone(asked, asked)
    there = {word.casefold() for word in own}
    carried = tuple(word for word in _key_words(last.question) if word.casefold() not in there)[:_MOST_CARRIED]
    ending = _SENTENCE_END.search(asked)
    body, end = (asked[: ending.start()], ending[0].strip()) if ending else (asked, "")
    added = f"（{'、'.join(carried)}）" if _language(asked) == "ja" else f" ({', '.join(carried)})"
    question = f"{body}{added}{end}"
    if not carried or len(question) > most_chars:
        return Standalone(asked, asked)
    return Standalone(question, asked, "rule", carried)


def _key_words(question: str) -> list[str]:
    """What a question is about, as written: its nouns, runs of them whole, without the words that ask and point."""
    spans = [s for s in term_spans(question, _language(question)) if s[2] not in _ASKING]
    outer = [s for s in spans if not any((a, b) != s[:2] and a <= s[0] and s[1] <= b for a, b, _ in spans)]
    words = dict.fromkeys(question[start:end] for start, end, _ in outer)
    return [word for word in words if not re.fullmatch(r"[ぁ-ん]+|\W+", word) and not _POINTING.fullmatch(word)]


def _language(text: str) -> str:
    return "ja" if detect_language(text, default="ja") == "ja" else "other"
