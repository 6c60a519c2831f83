"""BEIR folders: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/SPLIT.tsv``.

Format: Thakur et al., "BEIR" (NeurIPS Datasets 2021), https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset
"""

from __future__ import annotations

from pathlib import Path

from rag.corpus.document import Document
from rag.errors import DatasetError
from rag.evaluation.datasets import records
from rag.evaluation.datasets.records import RecordError, Refusals
from rag.evaluation.datasets.types import Dataset, Judgement, Protocol, Query
from rag.language.detection import detect_language

SPLITS = ("test", "dev", "train")


def load_beir(folder: Path, name: str, protocol: Protocol, split: str | None = None) -> Dataset:
    """The whole corpus, and the queries that the split judges.

    ``split`` is the name of a file in ``qrels/``, by default the first of test, dev and train that exists. Judged are
    documents by id, also when they go through our own chunking: a document's place is that of its first hit.

    Raises:
        DatasetError: if a file cannot be read or there is no such split.
    """
    qrels = _qrels_file(folder, split)
    refusals = Refusals()
    documents = _read_corpus(folder / "corpus.jsonl", refusals)
    texts = _read_queries(folder / "queries.jsonl", refusals)
    judgements = _read_qrels(qrels, documents, texts, refusals)
    return Dataset(
        name=name,
        format="beir",
        protocol=protocol,
        documents=tuple(documents.values()),
        queries=tuple(Query(query, texts[query], judgements=tuple(of.values())) for query, of in judgements.items()),
        judging="document",
        refusals=tuple(refusals),
    )


def _qrels_file(folder: Path, split: str | None) -> Path:
    for candidate in (split,) if split else SPLITS:
        file = folder / "qrels" / f"{candidate}.tsv"
        if file.is_file():
            return file
    found = ", ".join(sorted(file.stem for file in (folder / "qrels").glob("*.tsv"))) or "none"
    wanted = f"qrels/{split}.tsv" if split else "qrels/test.tsv, dev.tsv or train.tsv"
    raise DatasetError(f"There is no {wanted}.", path=folder, hint=f"Splits found: {found}.")


def _read_corpus(file: Path, refusals: Refusals) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for line, record in records.json_lines(file, refusals):
        try:
            source = records.identifier(record, "_id")
            title, text = records.field(record, "title", str, ""), records.field(record, "text", str)
            if source in documents:
                raise RecordError(f"The id {source!r} was used before; the first document with it is kept.")
            if not (title.strip() or text.strip()):
                raise RecordError("The document has neither title nor text.")
        except RecordError as error:
            refusals.add(file, line, str(error))
            continue
        if not text.strip():
            title, text = "", title  # nothing can be found in a document whose only words are no text
        documents[source] = Document(source, title, text, detect_language(text))
    return documents


def _read_queries(file: Path, refusals: Refusals) -> dict[str, str]:
    texts: dict[str, str] = {}
    for line, record in records.json_lines(file, refusals):
        try:
            query, text = records.identifier(record, "_id"), records.filled(record, "text")
            if query in texts:
                raise RecordError(f"The id {query!r} was used before; the first query with it is kept.")
        except RecordError as error:
            refusals.add(file, line, str(error))
            continue
        texts[query] = text
    return texts


def _read_qrels(
    file: Path, documents: dict[str, Document], texts: dict[str, str], refusals: Refusals
) -> dict[str, dict[str, Judgement]]:
    """Judgements by query and document; of two for the same pair the first is kept."""
    judged: dict[str, dict[str, Judgement]] = {}
    for number, line in records.text_lines(file, refusals):
        fields = [part.strip() for part in line.split("\t")]
        if number == 1 and fields[0] == "query-id":
            continue
        try:
            query, document, grade = _qrel(fields)
            if query not in texts:
                raise RecordError(f"There is no query {query!r}.")
            if document not in documents:
                raise RecordError(f"There is no document {document!r}.")
            of_query = judged.setdefault(query, {})
            if document in of_query:
                raise RecordError(f"{query!r} and {document!r} were judged before; the first judgement is kept.")
        except RecordError as error:
            refusals.add(file, number, str(error))
            continue
        of_query[document] = Judgement(document, grade=grade)
    return judged


def _qrel(fields: list[str]) -> tuple[str, str, int]:
    if len(fields) != 3:
        raise RecordError(f"Expected query-id, corpus-id and score separated by tabs, found {len(fields)} fields.")
    try:
        return fields[0], fields[1], int(fields[2])
    except ValueError:
        raise RecordError(f"The score {fields[2]!r} is not a whole number.") from None
