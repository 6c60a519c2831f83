"""TREC topics and qrels over a folder of documents.

Topics: the classic ``<top>`` blocks (https://trec.nist.gov/data/topics_eng/) or ``id<TAB>text``. Qrels: ``topic
iteration document grade``, separated by spaces (https://trec.nist.gov/data/qrels_eng/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.corpus.document import Document
from rag.errors import DatasetError
from rag.evaluation.datasets import records
from rag.evaluation.datasets.records import RecordError, Refusals
from rag.evaluation.datasets.types import Dataset, Judgement, Protocol, Query
from rag.evaluation.trec_ids import decoded

_TOPIC = re.compile(r"<top>(.*?)</top>", re.DOTALL | re.IGNORECASE)
_FIELD = re.compile(r"<(num|title|desc)>\s*(?:(?:Number|Topic|Description):)?([^<]*)", re.IGNORECASE)


def load_trec(folder: Path, name: str, protocol: Protocol, documents: Sequence[Document], refused: Refusals) -> Dataset:
    """Topics and qrels found in ``folder``, over ``documents``; ``refused`` are the documents that could not be read.

    The query is a topic's title, or its description if it has none. A document's id in the qrels is its path in the
    documents' folder, with spaces written ``%20``, or its file name without the ending where that is unique.

    Raises:
        DatasetError: if a file is missing or cannot be read.
    """
    topics, qrels = trec_files(folder)
    refusals = Refusals(refused)
    texts: dict[str, str] = {}
    for line, topic, text in _topics(topics, refusals):
        if topic in texts:
            refusals.add(topics, line, f"The topic {topic!r} was used before; the first one is kept.")
        else:
            texts[topic] = text
    judged = _read_qrels(qrels, texts, _names(documents), refusals)
    return Dataset(
        name=name,
        format="trec",
        protocol=protocol,
        documents=tuple(documents),
        queries=tuple(Query(topic, text, judgements=tuple(judged[topic].values())) for topic, text in texts.items()),
        judging="document",
        refusals=tuple(refusals),
    )


def trec_files(folder: Path) -> tuple[Path, Path]:
    """The topics file and the qrels file: the first files of the folder whose names begin with, or end in, these words.

    Raises:
        DatasetError: if one of them is missing.
    """
    found = [_named(folder, word) for word in ("topics", "qrels")]
    for word, file in zip(("topics", "qrels"), found, strict=True):
        if file is None:
            raise DatasetError(f"There is no {word} file in this folder.", path=folder)
    return found[0], found[1]  # type: ignore[return-value]


def _named(folder: Path, word: str) -> Path | None:
    files = sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
    fitting = (file for file in files if file.name.startswith(word) or file.suffix == f".{word}")
    return next(fitting, None)


def _topics(file: Path, refusals: Refusals) -> Iterator[tuple[int, str, str]]:
    """Line, id and text of each topic."""
    content = records.read_text(file)
    if "<top>" in content.lower():
        yield from _topic_blocks(file, content, refusals)
        return
    for number, line in records.text_lines(file, refusals):
        topic, tab, text = line.partition("\t")
        if not (tab and topic.strip() and text.strip()):
            refusals.add(file, number, "The line is not an id, a tab and a text.")
        elif _spaced(topic.strip()):
            refusals.add(file, number, f"The id {topic.strip()!r} holds a space, which qrels cannot name.")
        else:
            yield number, topic.strip(), text.strip()


def _topic_blocks(file: Path, content: str, refusals: Refusals) -> Iterator[tuple[int, str, str]]:
    for block in _TOPIC.finditer(content):
        line = content.count("\n", 0, block.start()) + 1
        fields = {name.lower(): " ".join(value.split()) for name, value in _FIELD.findall(block[1])}
        topic, text = fields.get("num", ""), fields.get("title") or fields.get("desc", "")
        if not topic or _spaced(topic):
            refusals.add(file, line, "The topic has no number." if not topic else f"The id {topic!r} holds a space.")
        elif not text:
            refusals.add(file, line, f"The topic {topic} has neither title nor description.")
        else:
            yield line, topic, text


def _spaced(name: str) -> bool:
    return any(character.isspace() for character in name)


def _names(documents: Sequence[Document]) -> dict[str, str]:
    """Source by every name that a qrels file may use for it."""
    stems: dict[str, list[str]] = {}
    for document in documents:
        stems.setdefault(Path(document.source).stem, []).append(document.source)
    unique = {stem: sources[0] for stem, sources in stems.items() if len(sources) == 1}
    return unique | {document.source: document.source for document in documents}


def _read_qrels(
    file: Path, texts: dict[str, str], names: dict[str, str], refusals: Refusals
) -> dict[str, dict[str, Judgement]]:
    """Judgements by topic and document; of two for the same pair the first is kept."""
    judged: dict[str, dict[str, Judgement]] = {topic: {} for topic in texts}
    for number, line in records.text_lines(file, refusals):
        try:
            topic, document, grade = _qrel(line.split())
            if topic not in texts:
                raise RecordError(f"There is no topic {topic!r}.")
            source = names.get(document) or names.get(decoded(document))
            if source is None:
                raise RecordError(f"There is no document {document!r}.")
            if source in judged[topic]:
                raise RecordError(f"{topic!r} and {document!r} were judged before; the first judgement is kept.")
        except RecordError as error:
            refusals.add(file, number, str(error))
            continue
        judged[topic][source] = Judgement(source, grade=grade)
    return judged


def _qrel(fields: list[str]) -> tuple[str, str, int]:
    if len(fields) != 4:
        raise RecordError(
            f"Expected topic, iteration, document and grade, found {len(fields)}; a space in an id is written %20."
        )
    try:
        return fields[0], fields[2], int(fields[3])
    except ValueError:
        raise RecordError(f"The grade {fields[3]!r} is not a whole number.") from None
