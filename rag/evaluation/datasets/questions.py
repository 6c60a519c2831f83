"""Question files with quoted evidence, over a folder of documents.

One JSON object a line: ``id``, ``question``, ``answers`` (accepted answers; none: the documents do not hold one) and
``evidence``, a list of ``{"source", "quote"}`` with the exact words of the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.corpus.document import Document
from rag.evaluation.datasets import records
from rag.evaluation.datasets.records import RecordError, Refusals
from rag.evaluation.datasets.types import Dataset, Judgement, Protocol, Query
from rag.language.finding import exact_places_of


def load_questions(
    file: Path, name: str, protocol: Protocol, documents: Sequence[Document], refused: Refusals
) -> Dataset:
    """The questions of ``file`` over ``documents``; ``refused`` are the documents that could not be read.

    Each piece of evidence is one relevant thing, found wherever its quote stands in its document. A quote that the
    document does not hold is refused, and the question goes on with the rest of its evidence.

    Raises:
        DatasetError: if the file cannot be read.
    """
    refusals = Refusals(refused)
    by_source = {document.source: document for document in documents}
    queries: dict[str, Query] = {}
    for line, record in records.json_lines(file, refusals):
        try:
            query = _query(record, by_source, file, line, refusals)
            if query.id in queries:
                raise RecordError(f"The id {query.id!r} was used before; the first question with it is kept.")
        except RecordError as error:
            refusals.add(file, line, str(error))
            continue
        queries[query.id] = query
    return Dataset(
        name=name,
        format="questions",
        protocol=protocol,
        documents=tuple(documents),
        queries=tuple(queries.values()),
        judging="span",
        refusals=tuple(refusals),
    )


def _query(record: dict[str, Any], documents: dict[str, Document], file: Path, line: int, refusals: Refusals) -> Query:
    query, text = records.identifier(record, "id"), records.filled(record, "question")
    answers = records.field(record, "answers", list, [])
    if not all(isinstance(answer, str) and answer.strip() for answer in answers):
        raise RecordError("'answers' is not a list of texts.")
    evidence = records.field(record, "evidence", list, [])
    if evidence and not answers:
        raise RecordError("The question has evidence but no accepted answer.")
    found: dict[Judgement, None] = {}
    for piece in evidence:
        try:
            found.setdefault(_judgement(piece, documents))
        except RecordError as error:
            refusals.add(file, line, f"{query}: {error}")
    return Query(query, text, tuple(answers), tuple(found), unanswerable=not answers)


def _judgement(piece: Any, documents: dict[str, Document]) -> Judgement:
    source, quote = records.filled(piece, "source"), records.filled(piece, "quote")
    if source not in documents:
        raise RecordError(f"There is no document {source!r}.")
    spans = tuple(exact_places_of(quote, documents[source].text))
    if not spans:
        raise RecordError(f"{source} does not hold the quote {quote!r}.")
    return Judgement(source, spans)
