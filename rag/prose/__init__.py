"""Prose from any LLM that speaks the OpenAI chat API, with every sentence checked against what it cites."""

from __future__ import annotations

from rag.answer.followup import Standalone, Turn
from rag.answer.prose import CheckedSentence, Notice, Problem, Prose
from rag.prose.conversation import standalone_question
from rag.prose.server import ChatServer
from rag.prose.words import notice_words, problem_words
from rag.prose.writing import Draft, write_prose

__all__ = [
    "ChatServer",
    "CheckedSentence",
    "Draft",
    "Notice",
    "Problem",
    "Prose",
    "Standalone",
    "Turn",
    "notice_words",
    "problem_words",
    "standalone_question",
    "write_prose",
]
