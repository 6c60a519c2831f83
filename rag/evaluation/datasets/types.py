"""What every dataset becomes: documents to search, queries, and what is relevant to each."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import Literal

from rag.corpus.document import Document
from rag.errors import DatasetError, RagError

Protocol = Literal["passages", "documents"]
Judging = Literal["document", "span"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One thing an assessor looked at for a query.

    Attributes:
        source: the document it is, or is in.
        spans: places ``[start, end)`` in the document's text that each count as this; none: the whole document.
        grade: 0 judged and not relevant, 1 and more relevant.
    """

    source: str
    spans: tuple[tuple[int, int], ...] = ()
    grade: int = 1

    def overlaps(self, source: str, start: int, end: int) -> bool:
        """Whether text ``[start, end)`` of ``source`` shares at least one character with it."""
        return source == self.source and (not self.spans or any(start < b and a < end for a, b in self.spans))


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    Attributes:
        id: unique in its dataset.
        text: the question.
        answers: accepted answers; empty where the dataset has none.
        judgements: what is relevant, in the dataset's order.
        unanswerable: True if the dataset says that its documents hold no answer.
    """

    id: str
    text: str
    answers: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    unanswerable: bool = False

    @property
    def relevant(self) -> tuple[Judgement, ...]:
        """Judgements with a grade above 0."""
        return tuple(judgement for judgement in self.judgements if judgement.grade > 0)


@dataclass(frozen=True)
class Dataset:
    """A test collection in memory.

    Attributes:
        name: for tables and file names.
        format: ``beir``, ``squad``, ``trec`` or ``questions``.
        protocol: ``passages`` (each document is one passage, as given) or ``documents`` (through our own chunking).
        documents: the corpus; ``source`` is the dataset's own id.
        queries: with unique ids.
        judging: what is judged: whole documents by their id, or hits by the spans they overlap.
        refusals: records that could not be used, each with file and line.
        articles: number of the article each document comes from, by source; empty where the dataset has none.
    """

    name: str
    format: str
    protocol: Protocol
    documents: tuple[Document, ...]
    queries: tuple[Query, ...]
    judging: Judging
    refusals: tuple[RagError, ...] = ()
    articles: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        """32 hexadecimal digits over the protocol and every document: what an index of it depends on."""
        digest = sha256(self.protocol.encode())
        for document in self.documents:
            for part in (document.source, document.title, document.text, document.language):
                encoded = part.encode("utf-8", "surrogatepass")
                digest.update(len(encoded).to_bytes(8, "little"))
                digest.update(encoded)
        return digest.hexdigest()[:32]

    @cached_property
    def by_source(self) -> dict[str, Document]:
        """Documents by ``source``."""
        return {document.source: document for document in self.documents}

    @cached_property
    def judged(self) -> tuple[Query, ...]:
        """Queries with at least one relevant thing; only these enter the means, as in trec_eval."""
        return tuple(query for query in self.queries if query.relevant)

    def sample(self, limit: int | None, seed: int = 0) -> Dataset:
        """The same corpus with ``limit`` queries drawn at random, in their order; a seed draws always the same."""
        if limit is None or limit >= len(self.queries):
            return self
        chosen = sorted(random.Random(seed).sample(range(len(self.queries)), limit))  # noqa: S311
        return replace(self, queries=tuple(self.queries[i] for i in chosen))

    def without_every_second_article(self) -> Dataset:
        """Protocol N: drops the articles numbered 1, 3, 5, ...; questions about them become unanswerable.

        Raises:
            DatasetError: if the dataset does not come in at least two articles.
        """
        if len(set(self.articles.values())) < 2:
            raise DatasetError(
                f"{self.name} does not come in articles, so half of them cannot be left out.",
                hint="Refusals can be measured on SQuAD-style data of at least two articles.",
            )
        kept = tuple(d for d in self.documents if self.articles[d.source] % 2 == 0)
        sources = {document.source for document in kept}
        return replace(
            self,
            name=f"{self.name}-half",
            documents=kept,
            queries=tuple(_asked_of(query, sources) for query in self.queries),
            articles={source: self.articles[source] for source in sources},
        )


def _asked_of(query: Query, sources: set[str]) -> Query:
    """The query as it stands when only ``sources`` are searched."""
    left = tuple(judgement for judgement in query.judgements if judgement.source in sources)
    lost = bool(query.relevant) and not any(judgement.grade > 0 for judgement in left)
    return replace(query, judgements=left, unanswerable=query.unanswerable or lost)


def checked(dataset: Dataset, path: str) -> Dataset:
    """The dataset itself, if it can be evaluated at all.

    Raises:
        DatasetError: if it has no documents or no queries; says what was refused.
    """
    for what, found in (("document", dataset.documents), ("query", dataset.queries)):
        if not found:
            raise DatasetError(f"The dataset has no usable {what}.", path=path, hint=_first_refusals(dataset.refusals))
    return dataset


def _first_refusals(refusals: Sequence[RagError], shown: int = 3) -> str:
    if not refusals:
        return "It is empty."
    more = f" (and {len(refusals) - shown} more)" if len(refusals) > shown else ""
    return "Refused: " + " ".join(str(refusal) for refusal in refusals[:shown]) + more
