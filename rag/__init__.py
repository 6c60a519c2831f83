"""Shiori: answers from your own documents, with citations that open the exact place.

>>> from rag import Engine, build
>>> build("seeds", index="index/default")                    # doctest: +SKIP
>>> Engine.open("index/default").ask("主権AIとは何ですか？")  # doctest: +SKIP
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Read when torch, FAISS and huggingface_hub are first imported, so they are set before anything else.
# Threads that spin while they wait slow an answer up to tenfold when another program keeps the cores busy.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from rag.answer.citation import Citation
    from rag.answer.result import Answer
    from rag.building import build, update
    from rag.corpus.document import Document
    from rag.engine import Engine
    from rag.errors import RagError
    from rag.index.report import BuildReport
    from rag.library import Libraries
    from rag.search import Hit, SearchResult
    from rag.settings import Settings
    from rag.several import open_libraries

__all__ = [
    "Answer",
    "BuildReport",
    "Citation",
    "Document",
    "Engine",
    "Hit",
    "Libraries",
    "RagError",
    "SearchResult",
    "Settings",
    "build",
    "open_libraries",
    "update",
]

_HOMES = {
    "Answer": "rag.answer.result",
    "BuildReport": "rag.index.builder",
    "Citation": "rag.answer.result",
    "Document": "rag.corpus.document",
    "Engine": "rag.engine",
    "Hit": "rag.search",
    "Libraries": "rag.library",
    "RagError": "rag.errors",
    "SearchResult": "rag.search",
    "Settings": "rag.settings",
    "build": "rag.building",
    "open_libraries": "rag.several",
    "update": "rag.building",
}


def __getattr__(name: str) -> Any:
    """Import public names when first used: ``import rag`` itself loads nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
