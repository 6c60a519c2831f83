"""Answers about documents instead of from them: which there are, what is in one, who wrote it, when, how long it is.

Nothing is judged and no model is asked. What is shown are titles, headings with the sentences behind them, and what
the files say of themselves; every line cites where it stands, or the head of its document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from rag.answer.citation import Citation, cited_first
from rag.answer.holding import names_it
from rag.answer.question import Question
from rag.answer.question.kinds_en import MENTIONING_EN
from rag.answer.question.kinds_ja import MENTIONING_JA
from rag.answer.result import Answer, Part
from rag.answer.shape import shown_text
from rag.answer.versions import family_of, version_of
from rag.answer.wording import words_in
from rag.corpus.document import Document
from rag.index.store import DocumentInfo
from rag.language.finding import places_of
from rag.language.sentences import sentences
from rag.language.terms import normalize
from rag.search import Hit

_OF_A_VALUE = ("person", "date")
_MOST_LISTED = 20
_MOST_OPENED = 1000
_MOST_SECTIONS = 8
_SHORTEST_TITLE = 2
_HEAD = 600
_LONGEST_LINE = 80
_LONGEST_SENTENCE = 160
_SURE = {"overview": 0.9, "summary": 0.75, "metadata": 0.85}
"""How often such an answer is what was wanted; which documents there are is known."""
_ANY_DOCUMENT = frozenset(
    (
        "文書",
        "資料",
        "書類",
        "書類一式",
        "ファイル",
        "ドキュメント",
        "データ",
        "登録",
        "収録",
        "一覧",
        "件数",
        "件",
        "種類",
    )
) | {"document", "file", "paper", "library", "index", "collection"}
_ALIKE = (("規程", "規則", "規定", "要領"), ("polic", "rule", "regulation"))
"""Kinds of documents that are called by several names."""
_PAGES = re.compile(r"何(?:ページ|頁|枚)|ページ数|how many pages|page count", re.IGNORECASE)
_AUTHOR = re.compile(
    r"作成者|著者|作者|執筆|筆者|誰が?.{0,3}(?:書|作|まとめ)|who (?:wrote|created|authored|made)|authors?\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"いつ|更新日|作成日|発行日|最終更新|when|last updated", re.IGNORECASE)
_FILE = re.compile(r"ファイル名|file ?name", re.IGNORECASE)
_OF_FILES = re.compile(
    r"(?:作成|書い|作っ|まとめ|更新|発行)(?:しまし|され(?:まし)?|し)?た|\b(?:written|created|updated|wrote|authored)\b",
    re.IGNORECASE,
)
_MOST_NUMBERED = 3
_WHAT_IT_IS = re.compile(
    r"(?:は|って|とは)、?(?:何|なん|どんな|どういう)の?(?:契約|文書|書類|資料|規程|規則|通知|様式|案件|見積|請求|注文)書?(?:です|でしょ|なの|だ|か|$|[?？。])"
    r"|\bwhat (?:contract|agreement|document|quotation|invoice|order|form) is\b",
    re.IGNORECASE,
)
_THIS = re.compile(
    r"(?:この|本)(?:文書|資料|ファイル|規程|マニュアル|PDF)|\bthis (?:document|file|pdf)\b", re.IGNORECASE
)
_WORD = re.compile(r"\b(?:what|which) (\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Shelf:
    """The documents that may be asked about.

    Attributes:
        documents: all of them.
        document: the whole of one, by its id.
        hit_at: the passage of a document (by its id) at an offset, as a hit.
        may_mention: ids of documents that may have words in them; no other has.
    """

    documents: Callable[[], Sequence[DocumentInfo]]
    document: Callable[[str], Document]
    hit_at: Callable[[str, int], Hit | None]
    may_mention: Callable[[str], frozenset[str]]


@dataclass(frozen=True)
class _Line:
    """A line of the answer: what is said, and the characters of a document that it cites."""

    text: str
    document: Document
    start: int
    end: int


def answer_broadly(question: Question, hits: Sequence[Hit], shelf: Shelf) -> Answer | None:
    """The Answer to a question about documents; ``None`` if it is none, or it is not clear about which."""
    if numbered := _numbered(question, hits, shelf):
        return _answer(question, numbered, "", hits, shelf)
    asks_of_file = _PAGES.search(question.text) or (question.kind in _OF_A_VALUE and _OF_FILES.search(question.text))
    if question.kind not in _SURE and not asks_of_file:
        return None
    documents = shelf.documents()
    topic = _topic(question)
    if topic:
        lines, said = _mentioning(question, topic, documents, shelf)
    elif question.kind == "overview":
        lines, said = _overview(question, documents, shelf)
    else:
        named = _named(question, documents)
        if named is None:
            return None
        document = shelf.document(named.id)
        is_summary = question.kind == "summary"
        lines, said = _summary(question, document) if is_summary else (_facts(question, document), "")
    return _answer(question, lines, said, hits, shelf) if lines else None


def _numbered(question: Question, hits: Sequence[Hit], shelf: Shelf) -> list[_Line]:
    """The document whose number was asked about, by its title and the line at its head that has the number."""
    numbers = [each.text for each in question.literals if each.kind in ("identifier", "ordinal")]
    if not numbers or not _WHAT_IT_IS.search(question.text):
        return []
    for found in dict.fromkeys(hit.document.id for hit in hits[:_MOST_NUMBERED]):
        document = shelf.document(found)
        for line in re.finditer(r"\S.*", document.text[:_HEAD]):
            if len(line[0]) <= _LONGEST_LINE and any(names_it(number, line[0]) for number in numbers):
                at = [_Line(document.title, document, *_head(document))] if document.title not in line[0] else []
                return [*at, _Line(_one_line(line[0]), document, *line.span())]
    return []


def _overview(question: Question, documents: Sequence[DocumentInfo], shelf: Shelf) -> tuple[list[_Line], str]:
    """The documents of the kind that was asked about, or all."""
    wanted = [word for word in _kinds_asked(question) if word not in _ANY_DOCUMENT]
    names = [(info, _folded(f"{info.title} {info.source}")) for info in documents]
    forms = [next((alike for alike in _ALIKE if word in alike), (word,)) for word in wanted]
    found = [info for info, name in names if all(any(form in name for form in some) for some in forms)]
    lines = []
    for info in found[:_MOST_LISTED]:
        document = shelf.document(info.id)
        start, end = _head(document)
        lines.append(_Line(_item(info), document, start, end))
    words = words_in(question.language)
    said = words.documents.format(count=len(found))
    return lines, said + (words.first_of.format(count=_MOST_LISTED) if len(found) > _MOST_LISTED else "")


def _item(info: DocumentInfo) -> str:
    """A document's title, with its file where that is called otherwise."""
    return "・" + (info.title if info.title == _stem(info) else f"{info.title}（{info.source}）")


def _topic(question: Question) -> str:
    """What the documents that are asked for are to tell of; empty if others are asked for."""
    match = MENTIONING_JA.search(question.text) or MENTIONING_EN.search(question.text)
    found = next(filter(None, match.groupdict().values()), "") if match and question.kind == "overview" else ""
    return found.strip().strip('「」『』“”"')


def _mentioning(
    question: Question, topic: str, documents: Sequence[DocumentInfo], shelf: Shelf
) -> tuple[list[_Line], str]:
    """The documents in which words stand, each with the first place of them."""
    may = shelf.may_mention(topic)
    candidates = [each for each in documents if each.id in may]
    lines: list[_Line] = []
    count = 0
    for info in candidates[:_MOST_OPENED]:
        document = shelf.document(info.id)
        places = places_of(topic, document.text)
        count += bool(places)
        if places and len(lines) < _MOST_LISTED:
            lines.append(_Line(_item(info), document, *places[0]))
    words = words_in(question.language)
    more = words.first_of.format(count=_MOST_LISTED) if count > len(lines) else ""
    told = str(count) if len(candidates) <= _MOST_OPENED else words.at_least.format(count=count)
    return lines, words.mentioning.format(topic=topic, count=told) + more


def _kinds_asked(question: Question) -> list[str]:
    if question.language == "ja":
        return [_folded(name) for name in question.names]
    return [word.casefold().removesuffix("s").removesuffix("ie") for word in _WORD.findall(question.text)]


def _named(question: Question, documents: Sequence[DocumentInfo]) -> DocumentInfo | None:
    """The document that the question names, of several versions the newest; the only one for 「この文書」."""
    asked = family_of(question.text)
    names = [
        (max(_common(info.title, asked), _common(PurePosixPath(info.source).stem, asked)), info) for info in documents
    ]
    longest = max((length for length, _ in names), default=0)
    if longest < _SHORTEST_TITLE:
        return documents[0] if len(documents) == 1 and _THIS.search(question.text) else None
    best = [info for length, info in names if length == longest]
    years = [info for info in best if any(y in question.text for y in re.findall(r"(?:19|20)\d\d", info.source))]
    return max(years or best, key=lambda info: version_of(info.source, info.title, info.date))


def _stem(info: DocumentInfo) -> str:
    return PurePosixPath(info.source).stem


def _common(title: str, asked: str) -> int:
    """Characters of a title that is named: all of it, or what stands before a subtitle."""
    whole = family_of(title)
    parts = [whole, *re.split(r"[:：―—~〜]", whole)[:1]]
    return max((len(part) for part in parts if len(part) >= _SHORTEST_TITLE and part in asked), default=0)


def _summary(question: Question, document: Document) -> tuple[list[_Line], str]:
    """The first sentence under each heading of the outer levels, or of each paragraph where there are none."""
    words = words_in(question.language)
    inner = [h for h in document.headings if document.text[h.start : h.end].strip() != document.title]
    outer = sorted({heading.level for heading in inner})
    levels = outer[: 1 if sum(heading.level == outer[0] for heading in inner) > 2 else 2] if inner else []
    chosen = [heading for heading in inner if heading.level in levels]
    lines = []
    for heading, following in zip(chosen, [*(h.start for h in chosen[1:]), len(document.text)], strict=False):
        span = next(_sentences(document, heading.end, following), None)
        name = _one_line(document.text[heading.start : heading.end])
        if span is not None:
            lines.append(_Line(f"・{name}：{_one_line(document.text[slice(*span)])}", document, *span))
    if len(lines) < 2:
        spans = [next(_sentences(document, start, end), None) for start, end in _paragraphs(document.text)]
        lines = [_Line(f"・{_one_line(document.text[slice(*s)])}", document, *s) for s in spans if s is not None]
    return lines[:_MOST_SECTIONS], words.leading.format(title=document.title)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"(?:.+\n?)+", text):
        yield match.span()


def _sentences(document: Document, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences of some words, without headings and what is left out of the index."""
    apart = [*((e.start, e.end) for e in document.excluded), *((h.start, h.end) for h in document.headings)]
    for first, last in sentences(document.text, start, end):
        inside = any(a < last and first < b for a, b in apart)
        if not inside and len(re.findall(r"\w", document.text[first:last])) > 4 and last - first <= _LONGEST_SENTENCE:
            yield first, last


def _facts(question: Question, document: Document) -> list[_Line]:
    """What the file says of itself that was asked for."""
    words, asked = words_in(question.language), question.text
    pages = sum(place.kind in ("page", "slide") for place in document.places)
    told = [
        (_PAGES, words.pages, str(pages) if pages else ""),
        (_AUTHOR, words.author, document.metadata.get("author", "")),
        (_DATE, words.date, document.date),
        (_FILE, words.file, document.source),
    ]
    found = [
        words.fact.format(name=name, value=value) for pattern, name, value in told if value and pattern.search(asked)
    ]
    return [_Line("　".join(found), document, *_head(document))] if found else []


def _head(document: Document) -> tuple[int, int]:
    """Where a document names itself: its title where it stands in the text, or else its first line."""
    at = document.text.find(document.title, 0, _HEAD) if document.title else -1
    if at >= 0:
        return at, at + len(document.title)
    line = re.search(r"\S.*", document.text)
    return (line.start(), min(line.end(), line.start() + _LONGEST_LINE)) if line else (0, len(document.text))


def _answer(question: Question, lines: Sequence[_Line], said: str, hits: Sequence[Hit], shelf: Shelf) -> Answer | None:
    """The lines as an Answer; what they cite comes first among its hits."""
    cited: list[Hit] = []
    citations: list[Citation] = []
    sure = _SURE.get(question.kind, _SURE["metadata"])
    shown = [said] if said else []
    for line in lines:
        hit = shelf.hit_at(line.document.id, line.start)
        if hit is None:
            continue
        known = next((each for each in cited if each.passage_id == hit.passage_id), None)
        if known is None:
            known = replace(hit, rank=len(cited) + 1)
            cited.append(known)
        number, quote = len(citations) + 1, line.document.text[line.start : line.end]
        at = line.document.line(line.start)
        citations.append(Citation(number, hit.document, line.start, line.end, at, quote, sure, known.rank))
        shown.append(f"{line.text}[{number}]")
    if not citations:
        return None
    numbers = tuple(citation.number for citation in citations)
    part = Part(question.text, question.kind, True, "\n".join(shown), numbers, sure)
    return Answer(
        question.text, part.text, False, None, sure, tuple(citations), cited_first(cited, hits),
        kind=question.kind, parts=(part,), understood=question,
    )  # fmt: skip


def _one_line(text: str) -> str:
    return " ".join(shown_text(text).split())


def _folded(text: str) -> str:
    return normalize(text).casefold()
