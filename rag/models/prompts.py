"""What a model wants in front of queries and passages.

A model's own declaration comes first. Some families need prefixes and declare none in their files; for these the
table below holds what their model cards say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Prompts:
    """The text put in front of a query and of a passage; empty for none."""

    query: str = ""
    passage: str = ""


# Names under which models in circulation declare their retrieval prompts.
_QUERY_NAMES: Final = ("query", "search_query", "retrieval.query", "Retrieval-query")
_PASSAGE_NAMES: Final = ("document", "passage", "corpus", "search_document", "retrieval.passage", "Retrieval-passage")

_E5_PASSAGES: Final = Prompts("query: ", "passage: ")
_E5_TASK: Final = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "

# Patterns for the last part of a model's name in lower case; the first that matches counts.
_FAMILIES: Final[tuple[tuple[str, Prompts], ...]] = (
    # huggingface.co/intfloat: queries alone carry an instruction in the instruct models, both a prefix in the others.
    (r"e5-.*instruct", Prompts(query=_E5_TASK)),
    (r"(^|[-_])e5-(small|base|large)", _E5_PASSAGES),
    # huggingface.co/cl-nagoya: version 3 changed the words of versions 1 and 2.
    (r"ruri-v3", Prompts("検索クエリ: ", "検索文書: ")),
    (r"ruri-(small|base|large)", Prompts("クエリ: ", "文章: ")),
    # huggingface.co/pkshatech
    (r"glucose-base-ja-v2|rosetta-base-ja", _E5_PASSAGES),
    # huggingface.co/BAAI: queries only, and not for bge-m3.
    (r"bge-(small|base|large)-en", Prompts(query="Represent this sentence for searching relevant passages: ")),
    (r"bge-(small|base|large)-zh", Prompts(query="为这个句子生成表示以用于检索相关文章：")),
)


def choose_prompts(name: str, declared: Mapping[str, str | None]) -> Prompts:
    """The prompts of a model: those it declares, else its family's, else none.

    Args:
        name: the model's name or folder.
        declared: the ``prompts`` of its ``config_sentence_transformers.json``.
    """
    own = Prompts(_first(declared, _QUERY_NAMES), _first(declared, _PASSAGE_NAMES))
    return own if own != Prompts() else _of_family(name)


def _first(declared: Mapping[str, str | None], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := declared.get(name))), "")


def _of_family(name: str) -> Prompts:
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1].lower()
    return next((prompts for pattern, prompts in _FAMILIES if re.search(pattern, last)), Prompts())
