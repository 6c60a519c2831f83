"""Questions proposed to somebody who begins: made of what documents define, list and answer, without an LLM.

Candidates come by rule from pairs of questions and answers, definitions, tables and headings. Each is asked, and only
those are proposed that are answered from their own document with high confidence. They are kept with the Snapshot.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path

import regex

from rag.answer.result import HIGH, confidence_level
from rag.corpus.document import Document
from rag.engine import Engine
from rag.errors import RagError
from rag.files import replacing
from rag.index.store import DocumentInfo
from rag.language.sentences import sentences

log = logging.getLogger(__name__)

PROPOSED_FILE = "proposed.json"
MOST_PROPOSED = 6
_MOST_DOCUMENTS = 24
_MOST_ASKED = 60
_MOST_OF_A_RULE = 4
_LONGEST_TEXT = 200_000
"""What is looked at of a document, in characters."""
_LONGEST = 60

_NUMBERING = regex.compile(
    r"^\s*(?:第\s*[\d一二三四五六七八九十百]+\s*[章節条編項部]の?\d*|[\d０-９]+(?:[.．\-‐][\d０-９]+)*[.．)）、]?|[■●◆○・※#]+"
    r"|[(（][\d０-９]+[)）]|[①-⑳])\s*"
)
_IN_BRACKETS = regex.compile(r"^[(（【「〔](.+)[)）】」〕]$")
_GENERAL = regex.compile(
    r"^(?:はじめに|おわりに|目次|概要|まとめ|目的|総則|附則|付則|参考.*|備考|注意|その他|お問い合わせ.*|問い合わせ.*|関連.*|改訂履歴"
    r"|introduction|overview|summary|contents|conclusion|references|notes?|appendix.*|faq|about)$",
    regex.IGNORECASE,
)
_DEFINED = {
    "ja": regex.compile(
        r"^(?:「|『)?(?P<what>[^\s、。「」『』はとがを（）()]{2,24})(?:」|』)?(?:（[^）]{1,30}）)?とは、?.{6,}"
    ),
    "en": regex.compile(
        r"^(?P<what>(?:An? |The )?[A-Za-z][\w\-]*(?: [\w\-]+){0,3})"
        r" (?:is an? |is the |means |refers to |stands for ).{6,}"
    ),
}
_NOTHING_DEFINED = regex.compile(
    r"^(?:これ|それ|こと|もの|ここ|本\w{1,2}|it|this|that|there|he|she|which|what)\b?", regex.IGNORECASE
)
_ARTICLE = regex.compile(r"^(?:An?|The) ")
_STEPS = regex.compile(r"(?:手順|方法|流れ|やり方|仕方|手続き?)$")
_LIST = regex.compile(r"(?:種類|一覧|対象|条件|要件|内容|項目|メリット|特徴|役割)$")
_ASKS = regex.compile(r"(?:[?？]|か)$")
_ENDS_IN_KANA = regex.compile(r"[\p{Hiragana}。、！!]$")
_WORD = regex.compile(r"[\p{L}]{2,}")
_MARKUP = regex.compile(r"[*_`|<>{}\[\]\\\t\n]|https?:")
_ASK = {
    "definition": {"ja": "{0}とは何ですか？", "en": "What is {0}?"},
    "cell": {"ja": "{0}の{1}は？", "en": "What is the {1} of {0}?"},
    "steps": {"ja": "{0}を教えてください。", "en": "{0}: how is it done?"},
    "list": {"ja": "{0}は何ですか？", "en": "What are the {0}?"},
    "heading": {"ja": "{0}について教えてください。", "en": "What is said about {0}?"},
}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A question that the documents answer: as it is asked, its language, and the source that answers it."""

    question: str
    language: str
    source: str


def candidates(document: Document) -> Iterator[str]:
    """Questions that a document may answer, those of different rules in turn, without any that is there twice."""
    language = "ja" if document.language == "ja" else "en"
    rules = (
        _pairs(document),
        _definitions(document, language),
        _cells(document, language),
        _headings(document, language),
    )
    in_turn = chain.from_iterable(zip_longest(*(islice(rule, _MOST_OF_A_RULE) for rule in rules)))
    yield from dict.fromkeys(question for question in in_turn if question and _is_fit(question))


def _is_fit(question: str) -> bool:
    return 6 <= len(question) <= _LONGEST + 20 and not _MARKUP.search(question) and bool(_WORD.search(question))


def _pairs(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if block.kind == "pair" and block.items:
            words = " ".join(document.text[slice(*block.items[0])].split())
            question = regex.sub(r"^(?:Q|Ｑ|問|質問)\s*[\d０-９]*\s*[.．:：、)）]?\s*", "", words)
            if len(question) <= _LONGEST:
                yield question


def _definitions(document: Document, language: str) -> Iterator[str]:
    for line in document.text[:_LONGEST_TEXT].splitlines():
        for start, end in sentences(line):
            found = _DEFINED[language].match(line[start:end].strip())
            if found is not None and not _NOTHING_DEFINED.match(found["what"]):
                what = _ARTICLE.sub(lambda article: article[0].lower(), found["what"])
                yield _ASK["definition"][language].format(what)


def _cells(document: Document, language: str) -> Iterator[str]:
    """The first cell whose row and column have names, of a few rows of each table."""
    for block in document.blocks:
        table = block.table
        if table is None or not table.header_rows or not table.header_columns:
            continue
        heads = {cell.column: _words(document, cell.start, cell.end) for cell in table.row(table.header_rows - 1)}
        for row in range(table.header_rows, min(table.size[0], table.header_rows + 2)):
            named, cells = "", table.row(row)
            for cell in cells:
                words = _words(document, cell.start, cell.end)
                if cell.column < table.header_columns:
                    named = words
                elif named and words and _names(named) and _names(heads.get(cell.column, "")):
                    yield _ASK["cell"][language].format(named, heads[cell.column])
                    break


def _headings(document: Document, language: str) -> Iterator[str]:
    for heading in document.headings:
        title = _title(document.text[heading.start : heading.end])
        if not _names(title) or title == document.title or _GENERAL.match(title):
            continue
        if language == "ja" and _ENDS_IN_KANA.search(title) and not _ASKS.search(title):
            continue
        rule = "steps" if _STEPS.search(title) else "list" if _LIST.search(title) else "heading"
        if _ASKS.search(title):
            yield title
        elif language == "ja" or rule == "heading":
            yield _ASK[rule][language].format(title)


def _title(words: str) -> str:
    """A heading without its number and brackets."""
    bare = _NUMBERING.sub("", " ".join(words.split()))
    inside = _IN_BRACKETS.match(bare)
    return inside[1] if inside else bare


def _words(document: Document, start: int, end: int) -> str:
    return " ".join(document.text[start:end].split())


def _names(words: str) -> bool:
    return 2 <= len(words) <= 24 and bool(_WORD.search(words)) and not _MARKUP.search(words)


def propose(engine: Engine, wait: Callable[[], None] = lambda: None) -> Iterator[Proposed]:
    """Questions that an index answers with high confidence, of as many documents as may be.

    Args:
        engine: what is asked.
        wait: called before each question is asked; it may wait, or raise to end it.
    """
    found = 0
    for document, question in islice(_candidates(engine), _MOST_ASKED):
        if found >= MOST_PROPOSED:
            return
        wait()
        try:
            answer = engine.ask(question)
        except RagError as error:
            log.info("%s", error)
            continue
        is_own = bool(answer.citations) and answer.citations[0].document.id == document.id
        if is_own and not answer.abstained and confidence_level(answer.confidence) == HIGH:
            found += 1
            yield Proposed(question, document.language, document.source)


def _candidates(engine: Engine) -> Iterator[tuple[DocumentInfo, str]]:
    """A question of each document, then a second of each, and so on."""

    def of(info: DocumentInfo) -> Iterator[tuple[DocumentInfo, str]]:
        return ((info, question) for question in candidates(engine.document(info.id)))

    listed = engine.documents()
    each = [of(info) for info in listed[:: max(1, len(listed) // _MOST_DOCUMENTS)][:_MOST_DOCUMENTS]]
    while each:
        left = []
        for some in each:
            if (candidate := next(some, None)) is not None:
                yield candidate
                left.append(some)
        each = left


def kept(snapshot: Path) -> list[Proposed] | None:
    """The questions kept with a Snapshot; ``None`` if none were proposed yet."""
    with suppress(OSError, ValueError, TypeError):
        return [Proposed(**each) for each in json.loads((snapshot / PROPOSED_FILE).read_text(encoding="utf-8"))]
    return None


def keep(snapshot: Path, proposed: Sequence[Proposed]) -> None:
    """Keep questions with their Snapshot, which may lie where nothing can be written: then they are lost."""
    with suppress(OSError), replacing(snapshot / PROPOSED_FILE, durable=False) as partial:
        partial.write_text(json.dumps([asdict(each) for each in proposed], ensure_ascii=False), encoding="utf-8")
