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


def around(unit: Unit) -> str:
    hit = unit.hit
    return "\n".join([hit.document.title, hit.document.source, *hit.heading, hit.context, unit.lead, unit.text])


_DATES = frozenset(["date", "year", "fiscal_year"])
_DATED = re.compile(
    r"^.{0,6}(?:日[時付]|(?:開催|作成|発行|施行|改[訂定]|制定|実施|更新)(?:年月)?日|年度|版|date)\s*[:：].+$",
    re.I | re.M,
)
_HEAD_CHARS = 300
_BEFORE = re.compile(r"前|旧|元|先代|\b(?:former|previous|until|ex-)", re.IGNORECASE)
_BEFORE_NOW = re.compile(
    r"(?:前の|先代の?|前任の?|旧|\b(?:former|previous) )\w{0,6}?(?:長|者|員|師|役|さん|\b)", re.IGNORECASE
)
_APPENDIX = r"(?:別表|別紙|別添|別図|付表|付録|様式|図表|表|図)(?:第)?[0-9一二三四五六七八九十]{0,3}(?:号)?"
_POINTS = re.compile(
    rf"(?P<there>{_APPENDIX})(?:に(?:掲げ|定め|示|記載|よ)|のとおり|の通り|を(?:参照|ご覧|見)|参照)"
    r"|\b(?:see|refer to|according to|(?:listed|set out|shown|given|specified|described|defined|stated|contained) in)"
    r" (?P<see>(?:appendix|annex|schedule|exhibit|attachment|table|figure) ?[a-z0-9]{0,3}\b)",
    re.IGNORECASE,
)


def dated_heads(question: Question, units: Sequence[Unit], text_of: TextOf) -> dict[str, str]:
    """The lines at the head of each document that say of when it is, where the question names a date or a year."""
    if not any(condition.kind in _DATES for condition in question.literals):
        return {}
    documents = {unit.hit.document.id for unit in units}
    return {each: "\n".join(_DATED.findall(text_of(each, 0, _HEAD_CHARS))) for each in documents}


def unmet_conditions(question: Question, unit: Unit, head: str = "") -> tuple[Condition, ...]:
    """What the question names that does not stand in the unit, nor in what it stands under.

    Args:
        question: understood.
        unit: what may answer.
        head: lines that say of when its document is; they count where the unit tells no time itself.
    """
    lacking = _former_person(question, unit) + _pointed_to(question, unit)
    if not question.literals:
        return lacking
    dated = _DATES & {kind for kind, _ in _normal_forms(f"{unit.lead}\n{unit.text}")}
    words = around(unit)
    there = _normal_forms(words)
    folded = plain(words)
    times = there if dated or not head else there | _normal_forms(head)
    return lacking + tuple(
        condition
        for condition in question.literals
        if not _is_met(condition, times if condition.kind in _DATES else there, folded)
    )


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


def _is_met(condition: Condition, there: frozenset[tuple[str, str]], folded: str) -> bool:
    kind, normal = condition.kind, condition.normal
    if (kind, normal) in there:
        return True
    if kind in ("year", "fiscal_year"):
        digits = normal.removeprefix("FY")
        return any(k in ("year", "fiscal_year", "date") and n.removeprefix("FY").startswith(digits) for k, n in there)
    if kind == "date":
        return any(k == "date" and _same_day(normal, n) for k, n in there)
    if kind == "identifier":
        return _names_it(condition.text, folded)
    return plain(condition.text) in folded


def _names_it(identifier: str, folded: str) -> bool:
    """Whether an identifier stands there, with or without its hyphens and what may lead it (MS- of MS-204B)."""
    parts = re.findall(r"[a-z]+|\d+|[^\W\d_a-z]+", plain(identifier))
    return (
        bool(parts) and re.search(rf"(?<![a-z0-9]){'[-_‐–−]?'.join(parts)}(?![a-z0-9]|-[a-z0-9])", folded) is not None
    )


def _same_day(asked: str, there: str) -> bool:
    """Whether one date is the other with more or less of it told."""
    short, long = sorted((asked.lstrip("-"), there.lstrip("-")), key=len)
    return long.endswith(short) if asked.startswith("--") or there.startswith("--") else long.startswith(short)


@lru_cache(maxsize=2048)
def _normal_forms(text: str) -> frozenset[tuple[str, str]]:
    return frozenset((found.kind, found.normal) for found in conditions(unicodedata.normalize("NFKC", text)))
