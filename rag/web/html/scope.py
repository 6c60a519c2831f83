"""What is searched, as the page says it: documents, passages, model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rag.index.filters import Filter
from rag.web.html.filters import Choices, Filters


@dataclass(frozen=True, slots=True)
class Listing:
    """What the page says of one document: ``chars`` and ``excluded_chars`` in characters."""

    id: str
    title: str
    source: str
    chars: int
    passages: int
    excluded_chars: int
    language: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is searched: the documents of an index, how many passages they make, and the model's name."""

    documents: tuple[Listing, ...] = ()
    passages: int = 0
    model: str = ""

    def choices(self) -> Choices:
        """What questions can be restricted to."""
        languages = sorted({listing.language for listing in self.documents if listing.language})
        return Choices([(listing.source, listing.title) for listing in self.documents], languages)

    def within(self, filters: Filters) -> Scope:
        """The part that filters leave."""
        if not filters.restrict:
            return self
        left = tuple(listing for listing in self.documents if _is_within(listing, filters))
        return replace(self, documents=left, passages=sum(listing.passages for listing in left))


def _is_within(listing: Listing, filters: Filters) -> bool:
    asked = Filter(sources=frozenset(filters.sources), since=filters.since, until=filters.until)
    by_language = not filters.languages or listing.language in filters.languages
    return by_language and asked.lets(listing.source, listing.date)
