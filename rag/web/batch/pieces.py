"""A batch beside questions: it asks in small pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Unpack

if TYPE_CHECKING:
    from rag.answer.result import Answer
    from rag.corpus.document import Document
    from rag.engine import Engine
    from rag.errors import RagError
    from rag.index.query import Options
    from rag.index.snapshot import Snapshot
    from rag.settings import Settings

READ_AHEAD = 4


class InSmallPieces:
    """An Engine that takes in few questions at a time: one asked on the page meanwhile waits for no more than these."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def settings(self) -> Settings:
        return self._engine.settings

    @property
    def snapshot(self) -> Snapshot:
        return self._engine.snapshot

    def document(self, document_id: str) -> Document:
        return self._engine.document(document_id)

    def batch(
        self,
        questions: Iterable[str],
        *,
        llm: bool = False,
        **options: Unpack[Options],
    ) -> Iterator[Answer | RagError]:
        return self._engine.batch(questions, llm=llm, read_ahead=READ_AHEAD, **options)
