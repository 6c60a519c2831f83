"""The things that one English sentence asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.answer.question.facets import Facet, first_of
from rag.answer.question.kinds import Kind
from rag.answer.question.values import Wanted
from rag.answer.question.values_en import asked_en, noun_type_en

_OF = re.compile(
    r"\bof (?:the |an? |this |our |your )?(?P<of>[^?,.]{2,60}?)(?= (?:in|for|on|at|is|was|are|do|does)\b|[?,.]|$)", re.I
)
_BETWEEN = re.compile(
    r"\b(?:between|compare|comparison of|differences? in [a-z ]{1,20} between) (?:the )?"
    r"(?P<noun>[a-z][a-z ]{1,30} of )?(?:the )?(?P<a>[^?.,]{1,40}?) "
    r"(?:and|with|to|vs\.?|versus) (?:the )?(?P<b>[^?.,]{1,40})",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\bhow (?:did|has|have|does|do) (?:the )?(?P<noun>[^?]{2,60}?) changed? (?:between|from) (?:the )?"
    r"(?P<a>[^?]{1,40}?) (?:and|to) (?:the )?(?P<b>[^?.,]{1,40})",
    re.I,
)
_COMPARES = re.compile(
    r"\bhow (?:do|does) (?:the )?(?P<a>[^?]{1,40}?) (?:compare|differ) (?:to|with|"
    r"from) (?:the )?(?P<b>[^?]{1,40})",
    re.I,
)
_OR = re.compile(
    r"(?:^|[,:?] ?)(?:the )?(?P<a>[A-Za-z][\w .-]{0,30}?) (?:or|vs\.?|"
    r"versus) (?:the )?(?P<b>[A-Za-z][\w.-]*(?: [a-z]+| \d+)?)",
    re.IGNORECASE,
)
_NOUNS_AND = re.compile(
    r"\b(?:what|who) (?:are|is|were|was) the (?P<a>[a-z -]{3,30}?) and (?:the )?(?P<b>[a-z -]{3,30}?) (?:of|"
    r"for) (?P<of>[^?.]{2,60})",
    re.I,
)
_FOR_AND = re.compile(
    r"\b(?P<how>how (?:much|many)[^?]{2,40}?) for (?P<a>[a-z -]{2,25}?) and (?:for )?(?P<b>[a-z -]{2,25})", re.I
)
_WH_AND = re.compile(r"\b(?P<a>when|where|who|how|why)(?:,| and) (?P<b>when|where|who|how|why)\b(?P<rest>[^?]*)", re.I)


def facets_en(text: str, kind: Kind, wanted: Wanted) -> tuple[Facet, ...]:
    """The facets of a normalised English sentence; one, if it does not plainly ask for more."""
    owner = _OF.search(text)
    whole = (Facet(text, owner["of"] if owner else "", "", wanted.type, wanted.unit),)
    if kind == "comparison":
        patterns = (_CHANGED, _BETWEEN, _COMPARES, _OR, _VERSIONS)
        match = next((match for pattern in patterns if (match := pattern.search(text))), None)
        return tuple(_compared(match, wanted)) if match else whole
    if match := _WH_AND.search(text):
        return tuple(Facet(f"{match[n]}{match['rest']}", "", "", first_of(asked_en(match[n]))[0]) for n in ("a", "b"))
    if match := _NOUNS_AND.search(text):
        of = match["of"].strip()
        return tuple(Facet(f"{match[n]} of {of}", of, match[n], noun_type_en(match[n])) for n in ("a", "b"))
    if match := _FOR_AND.search(text):
        return tuple(
            Facet(f"{match['how']} for {match[n]}", match[n], "", wanted.type, wanted.unit) for n in ("a", "b")
        )
    return _clauses(text) or whole


_CLAUSE = re.compile(r"(?:,| and|, and|;) (?=(?:who|when|where|what|how|why|which)\b)", re.I)
_WH = re.compile(r"^\W*(?:who|when|where|why|how (?:much|many|long|often|far)|how|what time|what|which)\b", re.I)


def _clauses(text: str) -> tuple[Facet, ...]:
    """What time does it start and who chairs it: a facet for each clause; a lone *when* has the words of the first."""
    pieces = [piece.strip(" ?") for piece in _CLAUSE.split(text)]
    if len(pieces) < 2 or not all(_WH.match(piece) for piece in pieces):
        return ()
    rest = _WH.sub("", pieces[0])
    whole = [piece if len(piece.split()) > 2 else piece + rest for piece in pieces]
    return tuple(Facet(piece, "", "", *first_of(asked_en(piece))) for piece in whole)


_VERSIONS = re.compile(r"\b(?:between )?(?P<a>(?:version )?[\w.-]{1,30}) (?:and|vs\.?) (?P<b>[\w.-]{1,30})", re.I)


def _compared(match: re.Match[str], wanted: Wanted) -> Iterator[Facet]:
    noun = (match.groupdict().get("noun") or "").removesuffix(" of ")
    for thing in (match["a"], match["b"]):
        subject = thing.strip()
        yield Facet(
            f"{noun} {subject}".strip(), subject, noun, noun_type_en(noun) if noun else wanted.type, wanted.unit
        )
