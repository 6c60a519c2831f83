"""The columns of a table of answers: those of the question file, then ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rag.batch.questions import cell_text, free_name
from rag.batch.result import Result
from rag.batch.writing.texts import texts_for


def all_columns(given: Sequence[str], ours: Sequence[str]) -> tuple[str, ...]:
    """The given names as they are, then ours; where a name is taken, ours is numbered."""
    names = list(given)
    for name in ours:
        names.append(free_name(name, names))
    return tuple(names)


def plain_cell(value: Any) -> str:
    """An input cell as text; lists and objects as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else cell_text(value)


def citation_lines(result: Result) -> str:
    """``[1] source:line 「sentence」``, a citation a line."""
    return "\n".join(f"[{c.number}] {c.place} 「{' '.join(c.sentence.split())}」" for c in result.citations)


def prose_cell(question: str, result: Result) -> str:
    """What an LLM wrote; behind each sentence that could not be verified it says so."""
    texts = texts_for(question)
    return "".join(f"{text}{texts.unverified}" if unverified else text for text, unverified in result.prose)
