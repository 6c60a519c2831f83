"""What a question names, and whether it holds in a unit or in what the unit stands under."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rag.answer.evidence import TextOf, Unit
from rag.answer.question import Condition, Question
from rag.answer.question.literals import conditions
from rag.language.variants import plain

_YEAR_IN_NAME = re.compile(r"(?<![^_\W])((?:19|20)\d\d)(?=_|\W|改|版|$)")


def around(unit: Unit) -> str:
    """A unit with all that tells what it is of; a year in the name of its file, told as one: _2025 as 2025年."""
    hit = unit.hit
    source = _YEAR_IN_NAME.sub(r"\1年", hit.document.source)
    return "\n".join([hit.document.title, source, *hit.heading, hit.context, unit.lead, unit.text])


_DATES = frozenset(["date", "year", "fiscal_year"])
_YEARS = frozenset(["year", "fiscal_year"])
_TOLD_ONCE = _DATES | {"identifier", "ordinal", "article", "version"}
"""Conditions that a text need not tell again in each sentence."""
_HEAD_CHARS = 300
_LONGEST_HEAD_LINE = 60
_NUMBER_OF_IT = re.compile(r"番号|第.+号|\b(?:No\.?|number|ref(?:erence)?)\b", re.IGNORECASE)
_EDITION = re.compile(
    r"年?度?(?:[1-9]\d?月)?(?:の|に(?:は)?|から)?(?:改|変[えわ更]|見直|施行|制定|版|発行|出た)|['’s]*\s(?:edition|version|revision)"
)
_LINE_OR_SENTENCE = re.compile(r"[^\n。]+")
_BEFORE = re.compile(r"前|旧|元|先代|後任|引き?継|\b(?:former|previous|until|ex-)", re.IGNORECASE)
_BEFORE_NOW = re.compile(
    r"(?:前の|先代の?|前任の?|旧|\b(?:former|previous) )\w{0,6}?(?:長|者|員|師|役|さん|\b)", re.IGNORECASE
)
_GIVEN_NAME = (
    r"(?!さん|さま|様|氏|先生|君|殿|教授|社長|部長|課長|係長|室長|所長|主任|主事|委員|理事|監事|会長|副|担当|代表|専務|常務|店長|班|"
    r"[はがをにのでとへもや、])[\u4e00-\u9fff々ぁ-んァ-ヶー]{1,4}"
)
"""What may stand behind a surname where the whole name does: no title, and no particle."""
_APPENDIX = r"(?:別表|別紙|別添|別図|付表|付録|様式|図表|表|図)(?:第)?[0-9一二三四五六七八九十]{0,3}(?:号)?"
_POINTS = re.compile(
    rf"(?P<there>{_APPENDIX})(?:に(?:掲げ|定め|示|記載|よ)|のとおり|の通り|を(?:参照|ご覧|見)|参照)"
    r"|\b(?:see|refer to|according to|(?:listed|set out|shown|given|specified|described|defined|stated|contained) in)"
    r" (?P<see>(?:appendix|annex|schedule|exhibit|attachment|table|figure) ?[a-z0-9]{0,3}\b)",
    re.IGNORECASE,
)


def unmet_conditions(question: Question, unit: Unit, text_of: TextOf) -> tuple[Condition, ...]:
    """What the question names that stands neither in the unit, nor in what it stands under, nor holds from before.

    What is told once holds on: 11月1日から times are changed, and the times that follow are those of November; a
    contract with its number at its head is that contract to its end. It does until another of the kind is told.
    """
    lacking = _former_person(question, unit) + _no_longer(question, unit) + _pointed_to(question, unit)
    if not question.literals:
        return lacking
    words = around(unit)
    return lacking + tuple(
        condition
        for condition in question.literals
        if not _is_met(condition, words) and not _holds_on(question, condition, unit, text_of)
    )


def _holds_on(question: Question, condition: Condition, unit: Unit, text_of: TextOf) -> bool:
    """Whether it is the number or the edition of the unit's document; or the last words before it of its section that
    tell such a thing tell it, or else lines at the head of its document, where the unit tells none itself.
    """
    if condition.kind not in _TOLD_ONCE:
        return False
    document, block = unit.hit.document.id, unit.block
    begins = block.start if block is not None and unit.kind in ("row", "item", "list", "steps") else unit.start
    lines = text_of(document, 0, min(_HEAD_CHARS, begins)).splitlines()
    head = [line for line in lines if len(line) <= _LONGEST_HEAD_LINE and not line.endswith("。")]
    sort = _DATES if condition.kind in _DATES else frozenset([condition.kind])
    if condition.kind == "identifier" and _tells(condition, [line for line in head if _NUMBER_OF_IT.search(line)]):
        return True
    if sort is _DATES and _names_edition(question, condition) and _tells(condition, head):
        return True
    own = _of_sort(f"{unit.lead}\n{unit.text}", sort)
    if own and not (condition.kind in _YEARS and all(_is_without_year(each) for each in own)):
        return False
    behind = text_of(document, unit.end, min(unit.hit.end, unit.end + _LONGEST_HEAD_LINE))
    following = next(iter(_LINE_OR_SENTENCE.findall(behind)), "")
    if condition.kind == "identifier" and _NUMBER_OF_IT.search(following) and _tells(condition, [following]):
        return unit.kind != "row"
    before = _LINE_OR_SENTENCE.findall(text_of(document, min(unit.hit.start, begins), begins))
    told = (
        line for line in reversed(before) if any(not (own and _is_without_year(each)) for each in _of_sort(line, sort))
    )
    nearest = next(told, None)
    return _tells(condition, head if nearest is None else [nearest])


def _names_edition(question: Question, condition: Condition) -> bool:
    """Whether a year or date tells which edition is meant: 2025年に変えた, 2024年版."""
    _, _, behind = question.text.partition(condition.text)
    return _EDITION.match(behind) is not None


def _tells(condition: Condition, lines: Sequence[str]) -> bool:
    return any(_is_met(condition, line) for line in lines)


def _of_sort(text: str, sort: frozenset[str]) -> list[tuple[str, str]]:
    return [(kind, normal) for kind, normal in _normal_forms(text) if kind in sort]


def _is_without_year(form: tuple[str, str]) -> bool:
    return form[0] == "date" and form[1].startswith("--")


def _pointed_to(question: Question, unit: Unit) -> tuple[Condition, ...]:
    """The appendix that is asked about, where a unit but points to it: 大都市とは、別表1に掲げる都市をいう."""
    if question.kind == "yesno" or unit.kind == "row":
        return ()
    asked, text = plain(question.text), unicodedata.normalize("NFKC", unit.text)
    there = (found["there"] or found["see"] for found in _POINTS.finditer(text))
    names = dict.fromkeys(name for name in there if len(plain(name)) > 2 and plain(name) in asked)
    return tuple(Condition("ordinal", name, name) for name in names)


def _former_person(question: Question, unit: Unit) -> tuple[Condition, ...]:
    """That somebody was it before, where the one before is asked for: who is it now does not tell."""
    if question.edition != "former" or question.wanted != "person" or _BEFORE.search(around(unit)):
        return ()
    asked = _BEFORE_NOW.search(question.text)
    return (Condition("former", asked[0] if asked else question.text, ""),)


_LAST = re.compile(r"昨年|前年|去年|昨季|以前は|かつて|\b(?:last year|formerly|used to)\b", re.IGNORECASE)
_NOW = re.compile(
    r"今年|本年|今回|今期|現在|来年|から|より|(?:19|20)\d\d|\b(?:this year|now|current\w*)\b", re.IGNORECASE
)


_ONE_BEFORE = re.compile(r"(?:前の|旧|以前の|元の|これまでの)([\u4e00-\u9fffァ-ヶー]{2,6})")
_THIS_YEAR = re.compile(r"(?:今年|本年)度?|今期|現在|最新|いま|今|\bthis year\b|\bnow\b", re.IGNORECASE)


def _no_longer(question: Question, unit: Unit) -> tuple[Condition, ...]:
    """That a unit tells how it is now, or was before, as is asked: last year's, or the new address, does not tell."""
    if before := _ONE_BEFORE.search(question.text):
        is_new = f"新{before[1]}" in unit.text and f"旧{before[1]}" not in unit.text
        return (Condition("former", before[0], ""),) if is_new else ()
    if question.edition != "latest" or not _LAST.search(unit.text) or _NOW.search(unit.text):
        return ()
    asked = _THIS_YEAR.search(question.text)
    return (Condition("former", asked[0] if asked else question.text, ""),)


def _is_met(condition: Condition, words: str) -> bool:
    kind, normal = condition.kind, condition.normal
    there = _normal_forms(words)
    if (kind, normal) in there:
        return True
    if kind in _YEARS:
        digits = normal.removeprefix("FY")
        return any(k in _DATES and n.removeprefix("FY").startswith(digits) for k, n in there)
    if kind == "date":
        return any(k == "date" and _same_day(normal, n) for k, n in there)
    if kind == "identifier":
        return names_it(condition.text, words)
    if kind == "given_name":
        return re.search(rf"{re.escape(normal)}[ 　]?{_GIVEN_NAME}", words) is not None
    return plain(condition.text) in plain(words)


def names_it(identifier: str, words: str) -> bool:
    """Whether an identifier stands there, with or without its hyphens and what may lead it (MS- of MS-204B)."""
    parts = re.findall(r"[a-z]+|\d+|[^\W\d_a-z]+", plain(identifier))
    folded = unicodedata.normalize("NFKC", words).casefold()
    return (
        bool(parts) and re.search(rf"(?<![a-z0-9]){'[-_‐–− ]?'.join(parts)}(?![a-z0-9]|-[a-z0-9])", folded) is not None
    )


def _same_day(asked: str, there: str) -> bool:
    """Whether one date is the other with more or less of it told."""
    return all(
        not one or not other or one == other for one, other in zip(_parts_of(asked), _parts_of(there), strict=True)
    )


def _parts_of(date: str) -> tuple[str, str, str]:
    """Year, month and day of an ISO 8601 date; empty where not told, as in ``--04-01`` and ``2024-04``."""
    year, month, day = [*date.removeprefix("-").split("-"), ""][:3]
    return year, month, day


@lru_cache(maxsize=2048)
def _normal_forms(text: str) -> frozenset[tuple[str, str]]:
    return frozenset((found.kind, found.normal) for found in conditions(unicodedata.normalize("NFKC", text)))
