"""What type of value an English question wants; Japanese ones: ``values``."""

from __future__ import annotations

import re

from rag.answer.question.values import Wanted, WantedType, apart

_NUMERIC_NOUNS = (
    r"voltage|weight|temperature|size|capacity|length|height|width|load|speed|pressure|age|limit|distance|"
    r"score|gpa|level|quantity|(?:boiling|melting|freezing|flash) point|"
    r"value|depth|area"
)
_INTERROGATIVES: tuple[tuple[WantedType, str, str], ...] = (
    ("time", "", r"\b(?:what|which) time\b|\bwhat hours\b"),
    ("weekday", "", r"\b(?:what|which) (?:day|weekday)s?\b(?! of the month)|\bday of the week"),
    ("date", "", r"\bwhen\b|\b(?:what|which) (?:date|year|month)\b|\bby when\b|\bdeadline\b|\bdue date\b"),
    ("duration", "", r"\bhow (?:long|often|soon|quickly|frequently)\b"),
    ("percent", "%", r"\b(?:what|which) (?:percent|percentage|share|proportion|fraction)\b|\bhow many percent\b"),
    ("percent", "", r"\bwhat (?:accuracy|rate)\b"),
    ("number", "", r"\bhow (?:far|tall|high|heavy|hot|cold|big|large|old|fast|wide|deep|loud|warm|thick)\b"),
    ("person", "", r"\b(?:who|whom|whose)\b"),
    ("email", "", r"\be-?mail(?: address)?\b"),
    ("url", "", r"\b(?:url|web ?site address|link)\b"),
    ("phone", "", r"\b(?:tele)?phone number\b|\bextension number\b"),
    ("place", "", r"\bwhere\b|\b(?:what|which) (?:address|place|city|location|room|building)\b"),
    (
        "organisation",
        "",
        r"\b(?:which|what) (?:company|firm|court|department|agency|organi[sz]ation|vendor|supplier|office|"
        r"team)\b",
    ),
    ("code", "", r"\b(?:part|model|serial|form|product|account|room) (?:number|code)\b"),
)
_ASKED = tuple((kind, unit, re.compile(pattern, re.I)) for kind, unit, pattern in _INTERROGATIVES)
_HOW_MANY = re.compile(
    r"\b(?:how many|(?:the|total|maximum|minimum|max|average|"
    r"exact) number of) (?:of )?(?:the )?(?P<noun>[a-z][a-z-]*(?:'s?)?)",
    re.I,
)
_HOW_MUCH = re.compile(r"\bhow much\b(?: (?P<noun>[a-z]+))?", re.I)
_IN_UNIT = re.compile(
    r"\bin (?P<unit>hours|minutes|days|weeks|months|years|euros|dollars|yen|[GMTK]B|kg|mm|cm|percent)\b"
)
_MONEY = frozenset({"euro", "dollar", "yen"})
_DURATION_UNITS = "second minute hour day week month year night"
_DURATIONS = frozenset(_DURATION_UNITS.split())
_VALUE_NOUNS: tuple[tuple[WantedType, str], ...] = (
    ("time", r"(?:opening|closing|business|visiting|office) (?:hours|times?)|departure time|arrival time"),
    (
        "duration",
        r"(?:notice|trial|probation|warranty|retention|validity) period|(?:service|shelf|battery) life|"
        r"duration|(?:delivery|lead|waiting|"
        r"response) time|downtime|overtime",
    ),
    ("percent", r"percentage|rate|accuracy|ratio|proportion"),
    ("count", r"population|headcount|number of \w+"),
    (
        "amount",
        r"fees?|costs?|price|prices|tuition|salary|budget|revenue|per diem|sales|fare|charge|rent|deposit|"
        r"wage|allowance",
    ),
    ("number", _NUMERIC_NOUNS),
    ("date", r"deadline|due date|start date|end date|date|schedule"),
    ("place", r"address|location|venue"),
    (
        "person",
        r"author|authors|person in charge|manager of|head of|name of the (?:\w+ )?(?:manager|director|"
        r"teacher|president|head|ceo|cto|chair\w*|principal|mayor|owner|author|person|instructor|doctor)|"
        r"contact person|(?:doctor|manager|teacher|director|president|owner|instructor|ceo|mayor|chair)'s name",
    ),
)
_NOUNS = tuple((kind, re.compile(rf"\b(?:{pattern})\b", re.I)) for kind, pattern in _VALUE_NOUNS)


def wanted_en(text: str) -> Wanted:
    """What an English question wants."""
    asked = asked_en(text)
    if asked:
        return asked[0]
    chosen = _CHOSEN_EN.match(text)
    unit = _unit_en(text)
    return Wanted(noun_type_en(chosen["noun"] if chosen else text) or ("amount" if unit in _MONEY else ""), unit)


# "Which store had the highest sales" wants a store.
_CHOSEN_EN = re.compile(
    r"(?:so |and )?(?:which|what) (?!is\b|are\b|was\b|were\b)(?P<noun>[^?]{0,60}?)(?:$|\?| (?:do|does|did|"
    r"is|are|was|were|can|has|had|have|in|of|should|must|if|[a-z]+ed)\b)",
    re.IGNORECASE,
)


def asked_en(text: str) -> list[Wanted]:
    """Every English interrogative that says a type, in their order; those inside another are left out."""
    found = [Wanted(kind, unit, *m.span()) for kind, unit, pattern in _ASKED for m in pattern.finditer(text)]
    found += [_how_many(text, match) for match in _HOW_MANY.finditer(text)]
    found += [_how_much(text, match) for match in _HOW_MUCH.finditer(text)]
    return apart(found)


def _how_many(text: str, match: re.Match[str]) -> Wanted:
    noun = match["noun"].lower().rstrip("'")
    unit = {"people": "person", "percent": "%"}.get(noun, re.sub(r"(?<=[a-z]{2})(?<!s)s$", "", noun))
    kind: WantedType = "duration" if unit in _DURATIONS else "percent" if unit == "%" else "count"
    return Wanted(kind, unit, *match.span())


def _how_much(text: str, match: re.Match[str]) -> Wanted:
    noun, unit = (match["noun"] or "").lower(), _unit_en(text)
    if noun == "time":
        return Wanted("duration", unit, *match.span())
    is_money = (
        noun in ("", "is", "are", "does", "do", "did", "was", "money", "would", "will", "it") and unit not in _SIZES
    )
    return Wanted("amount" if is_money else "number", unit, *match.span())


_SIZES = frozenset(["GB", "MB", "TB", "KB", "kg", "mm", "cm"])


def _unit_en(text: str) -> str:
    match = _IN_UNIT.search(text)
    return "" if match is None else {"percent": "%"}.get(match["unit"], match["unit"].removesuffix("s"))


def noun_type_en(text: str) -> WantedType:
    """The type of value named first in a text: in English, what is asked for stands before what it is of."""
    found = [(match.start(), kind) for kind, pattern in _NOUNS if (match := pattern.search(text))]
    return min(found)[1] if found else ""
