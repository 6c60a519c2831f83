"""Questions that a document may answer, as somebody would ask them, made by rule of what its stretches are.

A definition is asked what it defines; a sentence of one figure, for that figure, by the word that asks for its kind; a
cell, by row and column; steps, how it is done; a list, what there is. Whether any of them is answered well is for who
asks them (``rag.proposing``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Final

import regex

from rag.answer.question import WantedType
from rag.answer.values import values
from rag.corpus.blocks import Block, Span
from rag.corpus.document import Document
from rag.language.morphemes import morphemes
from rag.language.sentences import sentences

_MOST_OF_A_RULE: Final = 4
_LONGEST_TEXT: Final = 200_000
"""What is looked at of a document, in characters."""
_LONGEST: Final = 60

_NUMBERING = regex.compile(
    r"^\s*(?:第\s*[\d一二三四五六七八九十百]+\s*[章節条編項部]の?\d*|[\d０-９]+(?:[.．\-‐][\d０-９]+)*[.．)）、\s]|[■●◆○・※#]+"
    r"|[(（][\d０-９]+[)）]|[①-⑳])\s*"
)
_IN_BRACKETS = regex.compile(r"^[(（【「〔](.+)[)）】」〕]$")
_ARTICLE_TITLE = regex.compile(
    r"^第\s*[\d０-９一二三四五六七八九十百]+\s*条(?:の\d+)?\s*[（(](?P<title>[^）)]{4,24})[）)]", regex.M
)
_GENERAL = regex.compile(
    r"^(?:はじめに|おわりに|目次|概要|まとめ|目的|総則|附則|付則|参考.*|備考|注意|ご注意.*|その他|お問い合わせ.*|問い合わせ.*|関連.*"
    r"|改訂履歴|introduction|overview|summary|contents|conclusion|references|notes?|appendix.*|faq|about)$",
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
_NOTHING_NAMED = regex.compile(
    r"^(?:\d|これ|それ|この|その|こと|もの|ここ|[本当弊]\w{1,2}|it|this|that|there|he|she|they|we|which|what)\b?",
    regex.IGNORECASE,
)
_ARTICLE = regex.compile(r"^(?:An?|The) ")
_ASKS = regex.compile(r"(?:[?？]|か)$")
_ENDS_IN_KANA = regex.compile(r"[\p{Hiragana}。、！!]$")
_TELLS = regex.compile(r"(?:ました|ません|です|ます|たい)[。．]?$")
_WORD = regex.compile(r"[\p{L}]{2,}")
_MARKUP = regex.compile(r"[*_`|<>{}\[\]\\\t\n]|https?:")
_INSTANCE = regex.compile(r"[\dA-Z０-９Ａ-Ｚ]")
"""Stands in what is one of several (IVP-320, 2021年度, A案), seldom in what all of them have (流量, 予算)."""
_SQUASHED = regex.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and the words of the document that its answer must quote; none where any of them may do."""

    question: str
    words: str = ""


def candidates(document: Document, turn: int = 0) -> Iterator[Candidate]:
    """Questions that a document may answer, those of different rules in turn, without any that is there twice.

    Args:
        document: what they are made of.
        turn: which rule comes first, so that not all documents are asked for their definitions.
    """
    language = "ja" if document.language == "ja" else "en"
    rules = [_pairs, _definitions, _figures, _cells, _sections]
    begin = turn % len(rules)
    of_rules = [islice(rule(document, language), _MOST_OF_A_RULE) for rule in rules[begin:] + rules[:begin]]
    in_turn = chain.from_iterable(zip_longest(*of_rules))
    last = islice(_headings(document, language), _MOST_OF_A_RULE)
    found = {each.question: each for each in chain(in_turn, last) if each is not None and _is_fit(each.question)}
    yield from found.values()


def squashed(words: str) -> str:
    """Words without the spaces between them, which tables and lines have more of."""
    return _SQUASHED.sub("", words)


def _is_fit(question: str) -> bool:
    return 6 <= len(question) <= _LONGEST + 20 and not _MARKUP.search(question) and bool(_WORD.search(question))


def _pairs(document: Document, language: str) -> Iterator[Candidate]:
    """Questions that the document itself asks; one that only tells what has happened asks what to do."""
    for block in document.blocks:
        if block.kind == "pair" and block.items:
            words = _words(document, *block.items[0])
            question = regex.sub(r"^(?:Q|Ｑ|問|質問)\s*[\d０-９]*\s*[.．:：、)）]?\s*", "", words)
            if language == "ja" and _TELLS.search(question):
                question = f"{question.rstrip('。．')}。どうすればよいですか？"
            if len(question) <= _LONGEST:
                yield Candidate(question)


def _definitions(document: Document, language: str) -> Iterator[Candidate]:
    for _, sentence in _sentences(document):
        found = _DEFINED[language].match(sentence)
        if found is not None and not _NOTHING_NAMED.match(found["what"]):
            what = _ARTICLE.sub(lambda article: article[0].lower(), found["what"])
            yield Candidate(f"{what}とは何ですか？" if language == "ja" else f"What is {what}?", found["what"])


# Figures -------------------------------------------------------------------------------------------------------------

_KINDS: Final[tuple[WantedType, ...]] = ("amount", "percent", "duration", "time", "date", "weekday")
"""In this order: of 3日間 a date is no part, and of 3割 no number."""
_FIGURED = regex.compile(
    r"^(?P<topic>[^、。「」『』（）()はも]{2,20}(?<!から|まで|より|[にでとへてのが]))は、?(?P<rest>[^、。]{4,40})[。．]?$"
)
_GOES_ON = regex.compile(
    r"^(?:(?![以前後未間程頃])\p{Han}|[\p{Katakana}ー]|で(?![すしあ])|に(?:つき|何|数)|[あ当]たり)"
)
"""Behind a figure: it is part of a word (1日分), of what is told beside it (412,500円で了承), or what is told is told
of it (1日に何度も)."""
_OF_STEPS = regex.compile(r"の(?:手順|方法|流れ|やり方|仕方|手続き?)$")
_LEAST_TOPIC: Final = 6
"""A shorter one (参加費) is asked for with the heading that it stands under."""
_ENGLISH_FIGURE = regex.compile(
    r"^(?P<topic>(?:The |An? )?[A-Z]?[\w\- ]{3,40}?) (?P<verb>is|are|was|were)"
    r" (?:(?:about|at least|at most|up to|on|by|until|in|from) )?(?P<rest>[^.,;]{2,30})\.?$"
)
_ENDS: Final = (
    (regex.compile(r"(です|でした|ます|ました)$"), r"\1か？"),
    (regex.compile(r"(?:とする|とします|である|であった)$"), "ですか？"),
    (regex.compile(r"となる$"), "になりますか？"),
    (regex.compile(r"行う$"), "行いますか？"),
    (regex.compile(r"(?<=\p{Han})する$"), "しますか？"),
    (regex.compile(r"(?<=\p{Han})した$"), "しましたか？"),
)
"""How a sentence ends, and the question that it answers."""
_UNITS = regex.compile(
    r"^[約計]?[\d０-９,，.．〇一二三四五六七八九十百千万億兆]+(?:[〜～~\-–－][\d０-９,，.．]+)?\s?(?P<unit>[^\d\s]{1,6})$"
)
_WORDS_OF: Final[dict[WantedType | None, str]] = {
    "amount": "いくら",
    "date": "いつ",
    "time": "何時",
    "weekday": "何曜日",
}
_MEASURED = regex.compile(r"^[約計]?[\d０-９][^\p{Han}\p{Hiragana}、。]{0,16}$")
_NUMBERED = regex.compile(r"(?:番号|電話|内線|コード)$")
_PRICED = regex.compile(r"(?:額|料|料金|費|費用|価格|単価|収益|収入|支出|売上|売上高|予算|実績額|合計)(?:[（(].*)?$")
_LONGEST_RANGE: Final = 14
_JAPANESE = regex.compile(r"^[\p{Han}\p{Hiragana}\p{Katakana}ー％%]+$")


def _figures(document: Document, language: str) -> Iterator[Candidate]:
    """Sentences that tell one figure of what they are about, with the word in its place that asks for it."""
    titles = [(start, title) for start, title, _ in _titles(document)]
    for position, sentence in _sentences(document):
        above = next((title for start, title in reversed(titles) if start < position), "")
        made = _japanese_figure(sentence, above) if language == "ja" else _english_figure(sentence)
        if made is not None:
            yield made


def _japanese_figure(sentence: str, above: str) -> Candidate | None:
    found = _FIGURED.match(sentence)
    if found is None or _NOTHING_NAMED.match(found["topic"]) or not _WORD.search(found["topic"]):
        return None
    rest, span, topic = found["rest"], _only_value(found["rest"]), found["topic"]
    if len(topic) < _LEAST_TOPIC:
        topic = _named_by(above, topic)
    word = _asked_by(rest[slice(*span)]) if span is not None else ""
    if span is None or not topic or not word or _GOES_ON.match(rest[span[1] :]):
        return None
    before, after = regex.sub(r"[約計]$", "", rest[: span[0]]), rest[span[1] :]
    if word == "いつ":
        after = regex.sub(r"^に(?!つ)、?", "", after)
    for ending, asking in _ENDS:
        if ending.search(after):
            return Candidate(f"{topic}は{before}{word}{ending.sub(asking, after)}", rest[slice(*span)])
    return None


def _named_by(above: str, topic: str) -> str:
    """A topic with the heading it stands under; as it is where it repeats that; empty where neither says of what."""
    if above[-2:] and above[-2:] in topic:
        return topic
    above = _OF_STEPS.sub("", above)
    return f"{above}の{topic}" if above and not _ENDS_IN_KANA.search(above) and topic not in above else ""


def _english_figure(sentence: str) -> Candidate | None:
    found = _ENGLISH_FIGURE.match(sentence)
    if found is None or _NOTHING_NAMED.match(found["topic"]):
        return None
    rest, topic = found["rest"], _ARTICLE.sub(lambda article: article[0].lower(), found["topic"])
    ways: tuple[tuple[WantedType, str], ...] = (("amount", "How much"), ("duration", "How long"), ("date", "When"))
    for kind, word in ways:
        if (0, len(rest)) in values(rest, kind):
            return Candidate(f"{word} {found['verb']} {topic}?", rest)
    return None


def _only_value(words: str) -> Span | None:
    """Where the one value of a sentence stands; ``None`` if there is none, or other figures beside it."""
    for kind in _KINDS:
        found = values(words, kind)
        if len(found) == 1:
            start, end = found[0]
            if not regex.search(r"[\d０-９]", words[:start] + words[end:]):
                return start, end
    return None


def _asked_by(value: str, name: str = "") -> str:
    """The Japanese word that asks for a value of this kind, of what has a name; empty for what is no figure."""
    kind = next((kind for kind in _KINDS if (0, len(value)) in values(value, kind)), None)
    if kind in _WORDS_OF:
        return _WORDS_OF[kind]
    counted = _UNITS.match(value)
    if counted is not None and _JAPANESE.match(counted["unit"]):
        return f"何{regex.sub('^[カヶケ箇ヵ]', 'か', counted['unit'])}"
    if len(values(value, "time")) == 2 and len(value) <= _LONGEST_RANGE:
        return "何時から何時まで"
    if not _MEASURED.match(value):
        return "いくら" if regex.match(r"[\d０-９]", value) and values(value, "amount") else ""
    if _NUMBERED.search(name):
        return "何番"
    if values(value, "amount") or _PRICED.search(name):
        return "いくら"
    return "どのくらい"


# Tables --------------------------------------------------------------------------------------------------------------


_NAMES_ASK: Final = (
    (regex.compile(r"(?:場所|所在地|会場|部署|行き先|所属|窓口)$"), "どこ"),
    (regex.compile(r"(?:担当|責任|管理|当番)者?$|(?:委員長|氏名|[医講]師)$"), "誰"),
)
"""How the name of a row or column ends that holds places or people."""
_SAYS_NOTHING = regex.compile(
    r"[-－ー―–—○×△◎有無]|なし|あり|不要|必要|同上|同じ|未定|yes|no|none|n/?a", regex.IGNORECASE
)


def _cells(document: Document, language: str) -> Iterator[Candidate]:
    """A cell of a few rows of each table whose row and column have names; one that holds a figure before others."""
    for block in document.blocks:
        table = block.table
        if table is None or not table.header_rows or not table.header_columns:
            continue
        heads = {cell.column: _words(document, cell.start, cell.end) for cell in table.row(table.header_rows - 1)}
        for row in range(table.header_rows, min(table.size[0], table.header_rows + 2)):
            named, told = "", []
            for cell in table.row(row):
                words = _words(document, cell.start, cell.end)
                if cell.column < table.header_columns:
                    named = words
                elif (
                    named
                    and words
                    and not _SAYS_NOTHING.fullmatch(words)
                    and _names(named)
                    and _names(heads.get(cell.column, ""))
                ):
                    told.append(_of_cell(named, heads[cell.column], words, language))
            if told:
                yield next((each for each, is_figure in told if is_figure), told[0][0])


def _of_cell(row: str, column: str, words: str, language: str) -> tuple[Candidate, bool]:
    """The question for a cell, and whether a figure stands in it."""
    if _INSTANCE.search(column) and not _INSTANCE.search(row):
        row, column = column, row  # what there are several of is named first
    figure = _asked_by(words, column)
    if language != "ja":
        named = f"“{row}”" if row.count(" ") > 1 else row
        return Candidate(f"What is the {_lowered(column)} for {named}?", words), bool(figure)
    place = next((word for ending, word in _NAMES_ASK if ending.search(column)), "")
    return Candidate(f"{row}の{column}は{place or figure or '何'}ですか？", words), bool(figure)


# Sections ------------------------------------------------------------------------------------------------------------

_TITLES_ASK: Final = (
    (regex.compile(r"(?:手順|方法|流れ|やり方|仕方|手続き?|進め方|使い方)$"), "{}を教えてください。"),
    (regex.compile(r"(?:とき|場合|時)$"), "{}はどうすればよいですか？"),
    (regex.compile(r"(?:使える|できる|なる|する|行う|となる)[人者方]$"), "{}は誰ですか？"),
    (regex.compile(r"(?:対象|責任|担当|管理)者$"), "{}は誰ですか？"),
    (regex.compile(r"(?:申請|提出|連絡|送付|相談|届け?出)先$|(?:場所|会場|所在地)$"), "{}はどこですか？"),
    (regex.compile(r"(?:期限|締切|締め切り|時期|実施日|開催日|施行日)$"), "{}はいつですか？"),
    (regex.compile(r"(?:料金|費用|手数料|使用料|金額|会費|単価)$"), "{}はいくらですか？"),
    (regex.compile(r"(?:受付|営業|開館|面会|診療|勤務|利用)時間$"), "{}は何時から何時までですか？"),
)
"""How the heading of a section ends, and what is asked of it."""
_LIST = regex.compile(
    r"(?:種類|一覧|対象|条件|要件|項目|メリット|特徴|役割|書類|持ち物|原則|基準|理由|原因|(?:する|いる|ある|要な|べき|ける)(?:こと|もの|物))$"
)
_LEAST_TITLE: Final = 4
"""Shorter ones (課題, 理由) do not say of what."""


def _sections(document: Document, language: str) -> Iterator[Candidate]:
    """Headings, and titles of articles, that say which kind of thing stands below them."""
    for _, title, block in _titles(document):
        if language == "ja":
            question = _asked_of_section(title, block)
        else:
            question = f"How is this done: {_lowered(title)}?" if block is not None and block.kind == "steps" else ""
        if question:
            yield Candidate(question)


def _asked_of_section(title: str, block: Block | None) -> str:
    if _ASKS.search(title):
        return title if len(regex.findall("[?？]", title)) < 2 else ""  # two are a headline
    for ending, asking in _TITLES_ASK:
        if ending.search(title):
            return asking.format(title)
    if _LIST.search(title):
        return f"{title}は何ですか？"
    if block is not None and block.kind == "steps" and morphemes(title)[-1].parts[2:] == ("サ変可能",):
        return f"{title}はどのように行いますか？"
    return ""


def _headings(document: Document, language: str) -> Iterator[Candidate]:
    """What else has a name: only where nothing better is there to be asked."""
    for _, title, block in _titles(document):
        if language != "ja":
            yield Candidate(f"What should I know about {_lowered(title)}?")
        elif not _ENDS_IN_KANA.search(title) and not _asked_of_section(title, block):
            yield Candidate(f"{title}について教えてください。")


def _titles(document: Document) -> Iterator[tuple[int, str, Block | None]]:
    """Titles that name something, where each stands, and the first Block below it."""
    below = sorted((each for each in document.blocks if each.kind != "heading"), key=lambda each: each.start)
    spans = [(each.start, each.end) for each in document.headings]
    spans += [found.span("title") for found in _ARTICLE_TITLE.finditer(document.text[:_LONGEST_TEXT])]
    for start, end in sorted(set(spans)):
        title = _title(document.text[start:end])
        if len(title) < _LEAST_TITLE or not _names(title) or title == document.title or _GENERAL.match(title):
            continue
        if any(stop == len(title) for _, stop in values(title, "date")):
            continue  # it says of when, and little of what
        yield start, title, next((each for each in below if each.start >= end), None)


def _title(words: str) -> str:
    """A heading without its number and brackets."""
    bare = _NUMBERING.sub("", " ".join(words.split()))
    inside = _IN_BRACKETS.match(bare)
    return inside[1] if inside else bare


def _sentences(document: Document) -> Iterator[tuple[int, str]]:
    """Sentences without numbers in front of them, and where the line of each begins."""
    position = 0
    for line in document.text[:_LONGEST_TEXT].splitlines(keepends=True):
        for start, end in sentences(line):
            yield position, _NUMBERING.sub("", line[start:end].strip())
        position += len(line)


def _words(document: Document, start: int, end: int) -> str:
    return " ".join(document.text[start:end].split())


def _lowered(words: str) -> str:
    """Within a sentence: a capital at the beginning of a word that has no other goes."""
    first, _, more = words.partition(" ")
    return f"{first.lower()} {more}".strip() if first[1:].islower() else words


def _names(words: str) -> bool:
    return 2 <= len(words) <= 24 and bool(_WORD.search(words)) and not _MARKUP.search(words)
