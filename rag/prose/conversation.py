"""Follow-up questions made to stand on their own: by the LLM, or by carrying the last question's words over."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path

from rag.answer.followup import Standalone, Turn, standalone_by_rule
from rag.language.detection import detect_language, spoken_language
from rag.prose.client import ChatError, Message, complete_chat
from rag.prose.prompt import template
from rag.prose.server import ChatServer

_MOST_TURNS = 3
_LONGEST_ANSWER = 400
_LABEL = re.compile(r"^(?:Q|質問|最後の質問|Question|Rewritten question)\s*[:：]\s*")


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
    return standalone_by_rule(asked, history[-1], most_chars=most_chars)


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


def _language(text: str) -> str:
    return "ja" if detect_language(text, default="ja") == "ja" else "other"
