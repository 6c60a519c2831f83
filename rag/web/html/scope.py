"""What is searched, as the page says it: documents, passages, model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.index.filters import Filter
from rag.index.store import DocumentInfo
from rag.web.html.filters import Choices, Filters

if TYPE_CHECKING:
    from rag.engine import Engine


@dataclass(frozen=True, slots=True)
class Scope:
    """What is searched: the documents of an index, how many passages they make, and the model's name."""

    documents: tuple[DocumentInfo, ...] = ()
    passages: int = 0
    model: str = ""

    @classmethod
    def of(cls, engine: Engine) -> Scope:
        """All that an Engine searches."""
        documents = tuple(engine.documents())
        model = str(engine.info().model).rpartition(":")[2]
        return cls(documents, sum(document.passages for document in documents), model)

    def choices(self) -> Choices:
        """What questions can be restricted to."""
        languages = sorted({document.language for document in self.documents if document.language})
        return Choices([(document.source, document.title) for document in self.documents], languages)

    def within(self, filters: Filters) -> Scope:
        """The part that filters leave."""
        if not filters.restrict:
            return self
        left = tuple(document for document in self.documents if _is_within(document, filters))
        return replace(self, documents=left, passages=sum(document.passages for document in left))


def _is_within(document: DocumentInfo, filters: Filters) -> bool:
    asked = Filter(sources=frozenset(filters.sources), since=filters.since, until=filters.until)
    by_language = not filters.languages or document.language in filters.languages
    return by_language and asked.lets(document.source, document.date)
