"""A question, understood: its kind, each thing it asks, the type of value it wants, and what must hold for an answer.

Rules over normalised text, in Japanese and English, with no model: what is asked must be known before anything is
searched for, within a millisecond, and a reader must be able to see why it was taken so.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from rag.answer.question.facets import Facet
from rag.answer.question.facets_en import facets_en
from rag.answer.question.facets_ja import facets_ja
from rag.answer.question.kinds import Kind
from rag.answer.question.kinds_en import kind_en
from rag.answer.question.kinds_ja import kind_ja
from rag.answer.question.literals import Condition, Found, conditions
from rag.answer.question.signs import (
    Edition,
    Superlative,
    asking_sentence,
    edition_of,
    is_elliptic,
    is_negated,
    items_wanted,
    pointing_word,
    superlative_of,
)
from rag.answer.question.values import NOTHING, Wanted, WantedType, wanted_ja
from rag.answer.question.values_en import wanted_en
from rag.language.detection import detect_language
from rag.language.morphemes import morphemes
from rag.language.terms import normalize, term_spans

Span = tuple[int, int]
_LONGEST = 1000  # from its end, where the question stands behind what was pasted
_COMMON = (
    "必要 場合 可能 一番 理由 方法 手順 条件 上限 下限 内容 違い 一覧 全部 種類 意味 目的 原因 最大 最小 現在 最新"
)
_NO_NAMES = frozenset(_COMMON.split())
_NUMBER = re.compile(r"\d+\D{0,2}")
_VALUE_KINDS = frozenset({"fact", "number", "date", "person", "comparison", "keyword"})
_COMBINED = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", re.DOTALL)
_QUOTED = re.compile(r"「[^「」]*」|『[^『』]*』|“[^“”]*”|\"[^\"]*\"")
_COUNTED = re.compile(r"^\S{1,4}(?:ほど|だけ)?を?、?(?:挙げ|あげ|教え|述べ|列挙|示|まとめ)")
_EXCLUDED = re.compile(r"[^\s、。はがを?]{0,8}(?:では|じゃ|で)な(?:く|い(?=ほう|方|[\u4e00-\u9fff]))")
"""Behind what the question says it does not mean: 2号ではなく1号."""
_EXCLUDED_EN = re.compile(r"\b(?:not|rather than|instead of) (?:the |for |of |in )?$", re.IGNORECASE)
_NOUNS = re.compile(r"(?![^何]*何)[\u4e00-\u9fff々ァ-ヶー・A-Za-z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked.

    Attributes:
        text: as asked.
        language: ISO 639-1 code.
        kind: what kind of answer it wants.
        facets: one for each thing asked; never empty.
        wanted: type of the value wanted, of the first facet if they differ; empty if any text will do.
        unit: unit or counter that the question asks for: 時間 of 何時間, ``day`` of *how many days*.
        count: how many items it says it wants.
        literals: what the evidence or its document must hold; each ``text`` stands in the question.
        negated: whether what is asked is what cannot, need not or does not happen.
        names: what may name a firm, product, place, person or document.
        edition: whether the newest or an earlier version is asked for.
        superlative: what must be computed, if anything.
        is_elliptic: whether it leans on what was asked before.
        points_to: the word with which it begins and that means something it does not name.
    """

    text: str
    language: str
    kind: Kind
    facets: tuple[Facet, ...]
    wanted: WantedType = ""
    unit: str = ""
    count: int | None = None
    literals: tuple[Condition, ...] = ()
    negated: bool = False
    names: tuple[str, ...] = ()
    edition: Edition = ""
    superlative: Superlative | None = None
    is_elliptic: bool = False
    points_to: str = ""

    @property
    def read_as(self) -> str:
        """The words to read with."""
        return self.facets[0].read_as or self.text


def understand(text: str) -> Question:
    """What ``text`` asks. Never raises; nothing asked is a keyword without words."""
    plain, origin = _normalized(text[-_LONGEST:])
    if not any(map(str.isalnum, plain)):
        return Question(text, "ja", "keyword", (Facet(text, ""),))
    language = detect_language(plain, default="en")
    is_japanese = language in ("ja", "zh", "ko")
    sentence = asking_sentence(plain, is_japanese)
    kind, facets = _asked(sentence, is_japanese)
    if len(facets) == 1:
        facets = (replace(facets[0], text=plain.strip()),)
    found = conditions(plain)
    items = items_wanted(sentence)
    computed = superlative_of(plain, found, kind in ("list", "fact") or facets[0].wanted == "count")
    if kind == "fact" and ((items or 1) > 1 or (computed and computed.selects)):
        kind = "list"
    return Question(
        text=text,
        language=language,
        kind=kind,
        facets=facets,
        wanted=facets[0].wanted,
        unit=facets[0].unit,
        count=items,
        literals=_literals(text, plain, origin, found, items is not None),
        negated=is_negated(_unquoted(plain)),
        names=_names(plain, found, is_japanese),
        edition=edition_of(plain),
        superlative=computed,
        is_elliptic=len(facets) == 1 and is_elliptic(plain.strip(), sentence),
        points_to=pointing_word(plain.strip()),
    )


def _unquoted(text: str) -> str:
    """The text with what is quoted in it made unreadable, at the same offsets."""
    return _QUOTED.sub(lambda match: match[0][0] + "〇" * (len(match[0]) - 2) + match[0][-1], text)


def _asked(sentence: str, is_japanese: bool) -> tuple[Kind, tuple[Facet, ...]]:
    """The kind of a sentence and its facets. What is quoted in it is a name and asks nothing."""
    bare = _unquoted(sentence)
    if not is_japanese:
        wanted = wanted_en(bare)
        kind = kind_en(bare, wanted)
        facets = facets_en(sentence, kind, wanted if _has_value(kind, wanted) else NOTHING)
        if len(facets) > 1 and kind != "comparison":
            kind = kind_en(facets[0].text, wanted_en(facets[0].text))
        return kind, facets
    wanted = wanted_ja(bare)
    kind = kind_ja(bare, wanted)
    wanted = wanted if _has_value(kind, wanted) else NOTHING
    facets = facets_ja(sentence, kind, wanted)
    if len(facets) > 1 and kind != "comparison":
        kind = kind_ja(f"{facets[0].text}は", Wanted(facets[0].wanted, start=0 if wanted.is_asked else -1))
    return kind, facets


def _has_value(kind: Kind, wanted: Wanted) -> bool:
    """Whether a question of this kind wants a value; why and how want text, whatever else they name."""
    return kind in _VALUE_KINDS or (kind == "metadata" and wanted.is_asked)


def _normalized(text: str) -> tuple[str, list[Span] | None]:
    """The text in NFKC, and what each of its characters was in ``text``; None if all are the same."""
    if unicodedata.is_normalized("NFKC", text):
        return normalize(text), None
    pieces: list[str] = []
    origin: list[Span] = []
    for match in _COMBINED.finditer(text):
        piece = normalize(match[0])
        pieces.append(piece)
        origin += [match.span()] * len(piece)
    return "".join(pieces), origin


def _literals(
    text: str, plain: str, origin: list[Span] | None, found: list[Found], counts: bool
) -> tuple[Condition, ...]:
    """The conditions with their text as asked, each once; no number of items wanted, and not what is excluded."""
    kept: dict[tuple[str, str], Condition] = {}
    for one in found:
        if counts and one.kind == "quantity" and _COUNTED.search(plain[one.start :]):
            continue
        if _EXCLUDED.match(plain, one.end) or _EXCLUDED_EN.search(plain[: one.start]):
            continue
        start, end = (one.start, one.end) if origin is None else (origin[one.start][0], origin[one.end - 1][1])
        kept.setdefault((one.kind, one.normal), Condition(one.kind, text[start:end], one.normal))
    return tuple(kept.values())


def _may_name(text: str, start: int, end: int) -> bool:
    return (
        _NOUNS.fullmatch(text, start, end) is not None
        and text[start:end] not in _NO_NAMES
        and not _NUMBER.fullmatch(text, start, end)
        and text[start - 1 : start] != "何"
    )


def _names(text: str, found: list[Found], is_japanese: bool) -> tuple[str, ...]:
    """What may be a name: runs of nouns, proper nouns, katakana words, Latin names; the longest where they overlap."""
    spans = [(one.start, one.end) for one in found if one.kind in ("name", "identifier", "quoted")]
    if is_japanese:
        spans += [(start, end) for start, end, _ in term_spans(text) if _may_name(text, start, end)]
        spans += [(m.start, m.end) for m in morphemes(text) if m.is_proper]
    names: list[str] = []
    reached = 0
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if end > reached:
            names.append(text[start:end].strip('「」『』“”"'))
            reached = end
    return tuple(dict.fromkeys(name for name in names if name))
