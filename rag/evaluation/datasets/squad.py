"""SQuAD-style JSON: SQuAD 1.1 and 2.0, JaQuAD, JSQuAD.

Format: Rajpurkar et al., "Know What You Don't Know" (ACL 2018), ``{"data": [{"title", "paragraphs": [{"context", "qas":
[{"id", "question", "answers": [{"text", "answer_start"}], "is_impossible"}]}]}]}``. JSQuAD (Kurihara et al., "JGLUE",
LREC 2022) writes a context as ``title [SEP] context`` and counts ``answer_start`` from the title.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from rag.corpus.document import Document
from rag.errors import DatasetError
from rag.evaluation.datasets import records
from rag.evaluation.datasets.records import JsonPath, RecordError, Refusals
from rag.evaluation.datasets.types import Dataset, Judgement, Protocol, Query
from rag.language.detection import detect_language

SEPARATOR = " [SEP] "
BLANK_LINE = "\n\n"


def load_squad(files: Sequence[Path], name: str, protocol: Protocol) -> Dataset:
    """Contexts of all files, in order, and the questions asked of them.

    Protocol ``passages``: each distinct context is a passage, exactly as given and without the article's title
    (JSQuAD's own title becomes the Document's); relevant is the context the question was asked of. Protocol
    ``documents``: an article's contexts, joined by blank lines, are one document with the article's title; relevant is
    what overlaps an accepted answer's characters.

    Raises:
        DatasetError: if a file cannot be read.
    """
    reader = _Reader(protocol)
    for file in files:
        reader.read(file)
    return Dataset(
        name=name,
        format="squad",
        protocol=protocol,
        documents=tuple(reader.documents.values()),
        queries=tuple(reader.queries.values()),
        judging="document" if protocol == "passages" else "span",
        refusals=tuple(reader.refusals),
        articles=reader.articles,
    )


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A context, where its text starts in its document, and the questions asked of it."""

    title: str
    prefix: int
    text: str
    questions: Sequence[Any]
    path: JsonPath


@dataclass
class _Reader:
    protocol: Protocol
    refusals: Refusals = field(default_factory=Refusals)
    documents: dict[str, Document] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    articles: dict[str, int] = field(default_factory=dict)
    sources: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    file: Path = Path()
    content: str = ""
    article: int = -1

    def read(self, file: Path) -> None:
        self.file, self.content = file, records.read_text(file)
        try:
            whole = json.loads(self.content)
        except (JSONDecodeError, RecursionError) as error:
            self.refusals.add(file, getattr(error, "lineno", None), f"The file is not JSON: {error}.")
            return
        for path, article in self._each((), whole, "data"):
            self.article += 1
            title = article.get("title") if isinstance(article, dict) else None
            name = self._name(title if isinstance(title, str) and title.strip() else f"article-{self.article}")
            paragraphs = list(self._paragraphs(path, article))
            if self.protocol == "passages":
                self._add_passages(name, paragraphs)
            elif paragraphs:
                self._add_document(name, title if isinstance(title, str) else "", paragraphs)

    def _each(self, path: JsonPath, record: Any, name: str) -> Iterator[tuple[JsonPath, Any]]:
        """Path and value of each element of the list ``record[name]``."""
        try:
            elements = records.field(record, name, list)
        except RecordError as error:
            self._refuse(path, str(error))
            return
        for place, element in enumerate(elements):
            yield (*path, name, place), element

    def _refuse(self, path: JsonPath, reason: str) -> None:
        self.refusals.add(self.file, records.json_line(self.content, path), reason)

    def _name(self, title: str) -> str:
        """The article's title, numbered where an earlier article has the same one."""
        self.names[title] = self.names.get(title, 0) + 1
        return title if self.names[title] == 1 else f"{title} ({self.names[title]})"

    def _paragraphs(self, path: JsonPath, article: Any) -> Iterator[_Paragraph]:
        for place, paragraph in self._each(path, article, "paragraphs"):
            try:
                context = records.filled(paragraph, "context")
                questions = records.field(paragraph, "qas", list)
            except RecordError as error:
                self._refuse(place, str(error))
                continue
            title, separator, text = context.partition(SEPARATOR)
            if separator and text.strip():
                yield _Paragraph(title, len(title) + len(separator), text, questions, place)
            else:
                yield _Paragraph("", 0, context, questions, place)

    def _add_passages(self, name: str, paragraphs: Iterable[_Paragraph]) -> None:
        for number, paragraph in enumerate(paragraphs):
            source = self.sources.setdefault((paragraph.title, paragraph.text), f"{name}#{number}")
            if source not in self.documents:
                language = detect_language(paragraph.text)
                self.documents[source] = Document(source, paragraph.title, paragraph.text, language)
                self.articles[source] = self.article
            self._add_questions(paragraph, source, 0)

    def _add_document(self, name: str, title: str, paragraphs: Sequence[_Paragraph]) -> None:
        starts: dict[str, int] = {}
        length = 0
        for paragraph in paragraphs:
            if paragraph.text not in starts:
                starts[paragraph.text] = length
                length += len(paragraph.text) + len(BLANK_LINE)
        text = BLANK_LINE.join(starts)
        self.documents[name] = Document(name, title, text, detect_language(text))
        self.articles[name] = self.article
        for paragraph in paragraphs:
            self._add_questions(paragraph, name, starts[paragraph.text])

    def _add_questions(self, paragraph: _Paragraph, source: str, offset: int) -> None:
        for place, record in enumerate(paragraph.questions):
            path = (*paragraph.path, "qas", place)
            try:
                query = self._query(record, paragraph, source, offset)
            except RecordError as error:
                self._refuse(path, str(error))
                continue
            if query.id in self.queries:
                self._refuse(path, f"The id {query.id!r} was used before; the first question with it is kept.")
            else:
                self.queries[query.id] = query

    def _query(self, record: Any, paragraph: _Paragraph, source: str, offset: int) -> Query:
        query, text = records.identifier(record, "id"), records.filled(record, "question")
        if records.field(record, "is_impossible", bool, False):
            return Query(query, text, unanswerable=True)
        answers = records.field(record, "answers", list)
        if not answers:
            raise RecordError("The question has no answers and is not marked 'is_impossible'.")
        spans = (_span(answer, paragraph) for answer in answers)
        shifted = tuple(dict.fromkeys((start + offset, end + offset) for start, end in filter(None, spans)))
        texts = tuple(dict.fromkeys(records.filled(answer, "text") for answer in answers))
        relevant = (Judgement(source, shifted),) if shifted or self.protocol == "passages" else ()
        return Query(query, text, texts, relevant)


def _span(answer: Any, paragraph: _Paragraph) -> tuple[int, int] | None:
    """Where the answer stands in the paragraph's text; ``None`` if it stands in JSQuAD's title.

    Raises:
        RecordError: if it does not stand where the record says.
    """
    text, start = records.filled(answer, "text"), records.field(answer, "answer_start", int)
    whole = f"{paragraph.title}{SEPARATOR}{paragraph.text}" if paragraph.prefix else paragraph.text
    if start < 0 or not whole.startswith(text, start):
        raise RecordError(f"The answer {text!r} does not stand at 'answer_start' {start}.")
    if start < paragraph.prefix:
        return None
    return start - paragraph.prefix, start - paragraph.prefix + len(text)


def squad_files(path: Path) -> list[Path]:
    """The file itself, or the ``.json`` files of a folder and the folders in it, sorted by path.

    Raises:
        DatasetError: if there is none.
    """
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*.json") if p.is_file())
    if not files:
        raise DatasetError("There is no .json file in this folder.", path=path)
    return files
