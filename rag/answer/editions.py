"""Which of several versions of a document leads, and what another document says otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.answer.choosing import Judged
from rag.answer.conflict import disagree
from rag.answer.evidence import Unit
from rag.answer.parts import Piece
from rag.answer.question import Question
from rag.answer.sources import Sources
from rag.answer.versions import family_of, is_another_year, is_superseded, version_of, year_of

_SETTLES = re.compile(
    r"変え|変わ|変更|改め|延期|前倒し|決ま|決定|決裁|確定|了承|承認|に(?:し|なり)ます|とします|\b(?:chang|mov|postpon|agreed|approv|settl)\w*",
    re.IGNORECASE,
)
"""What a later mail or version says where it changes or settles something."""
_SETTLED = 3.0
_NEAR, _FAR = 2.0, 6.0
"""How much less may speak for what a newer version says; more where the reader finds it as relevant."""
_IN_THE_END = re.compile(r"結局|最終的|[にへと]なった|\b(?:in the end|finally|end(?:ed)? up)\b", re.IGNORECASE)
_SAYS_IT = 1.0
_ANSWERS = 2.0
"""The relevance, a logit, from which on the reader says that a unit answers."""
_NUMBERS = frozenset(["amount", "count", "duration", "number", "percent", "date", "time"])
"""Types of values of which two documents may tell different ones."""
_SAID = frozenset(["sentence", "item", "answer", "line"])
"""Units that say something by themselves: what a cell is of, its table tells."""


def newest_first(question: Question, found: Sequence[Judged], sources: Sources) -> list[Judged]:
    """Of units that say the same thing in several versions of one document, the newest first; an older one if asked."""
    if not found:
        return []
    best = found[0]
    is_far = question.edition != "" or is_superseded(best.unit.hit.document.source, best.unit.hit.document.title)
    rivals = [
        each
        for each in found
        if (
            each.score > best.score - (_FAR if is_far or _is_as_relevant(each, best) else _NEAR)
            or _is_same_row(each.unit, best.unit)
        )
        and (is_another_version(each.unit, best.unit) or _is_later_word(question, each, best))
        and (each.unit.kind != "quoted" or _quoted_deep(each.unit) < _quoted_deep(best.unit))
    ]
    versions = [version_told(each.unit, sources) for each in (best, *rivals)]
    if not rivals or any(version and _is_named_year(version[:4], question) for version in versions):
        return list(found)
    together = list(zip((best, *rivals), versions, strict=True))
    settled = _SETTLED if question.edition == "latest" else 0.0
    newest, version = max(
        together,
        key=lambda pair: (pair[1], pair[0].score + settled * (_SETTLES.search(pair[0].unit.text) is not None)),
    )
    if question.edition == "former":
        older = [each for each, own in together if own < version]
        first = max(older, key=lambda each: each.score, default=best)
    else:
        first = newest if version > versions[0] else best
    return [first, *(each for each in found if each is not first)]


def _is_named_year(year: str, question: Question) -> bool:
    dated = (
        each.normal.removeprefix("FY") for each in question.literals if each.kind in ("year", "fiscal_year", "date")
    )
    return year in unicodedata.normalize("NFKC", question.text) or any(normal.startswith(year) for normal in dated)


def _is_later_word(question: Question, each: Judged, best: Judged) -> bool:
    """Whether another document says as plainly what came of it in the end, where that is asked for: 結局いつ."""
    is_asked = question.edition == "latest" and _IN_THE_END.search(question.text) is not None
    return is_asked and each.unit.hit.document.id != best.unit.hit.document.id and each.reading.relevance > _SAYS_IT


def _is_same_row(unit: Unit, best: Unit) -> bool:
    """Whether two rows have the same label: 配偶者の出産, of which two editions of a rule tell different days."""
    own, other = unit.label, best.label
    return len(own) > 1 and own == other


def _is_as_relevant(each: Judged, best: Judged) -> bool:
    """Whether the reader says so: its passage's place and the share of marks go to whichever comes first."""
    return each.reading.relevance > min(_ANSWERS, max(0.0, best.reading.relevance - 1.0))


def _is_about_as_relevant(each: Judged, best: Judged) -> bool:
    return each.reading.relevance > best.reading.relevance - 1.0


_MARKS_OF_QUOTES = re.compile(r"(?:\s*[>＞|])*")
_DEEPEST = 9


def _quoted_deep(unit: Unit) -> int:
    """How many mails ago it was said: 2 of what a quoted mail quotes."""
    if unit.kind != "quoted":
        return 0
    marks = _MARKS_OF_QUOTES.match(unit.text)
    return max(1, min(_DEEPEST, sum(not char.isspace() for char in marks[0]) if marks else 0))


def version_told(unit: Unit, sources: Sources) -> str:
    """By its order, how new what a unit says is; what a mail quotes is older than any mail."""
    hit = unit.hit
    if unit.kind == "quoted":
        return f"\0{_DEEPEST - _quoted_deep(unit)}"  # before all dates
    year = year_of(hit.heading[-1]) if hit.heading else None
    return str(year) if year else version_of(hit.document.source, hit.document.title, sources.date_of(hit.document.id))


def is_another_version(unit: Unit, best: Unit) -> bool:
    """Whether a unit is of another version of a document, of what it quotes, or of its section on another year."""
    if unit.hit.document.id == best.hit.document.id:
        return "quoted" in (unit.kind, best.kind) or is_another_year(unit.hit.heading, best.hit.heading)
    return family_of(unit.hit.document.title) == family_of(best.hit.document.title)


def contrary(question: Question, ranked: Sequence[Judged]) -> Judged | None:
    """What another document answers as plainly, with another number of the same thing: both are shown."""
    best = ranked[0]
    if question.wanted not in _NUMBERS or best.unit.kind not in _SAID:
        return None
    return next(
        (
            each
            for each in ranked[1:]
            if each.unit.kind in _SAID
            and each.unit.hit.document.id != best.unit.hit.document.id
            and not is_another_version(each.unit, best.unit)
            and each.score > best.score - _FAR
            and (_is_as_relevant(each, best) or (question.edition == "latest" and _is_about_as_relevant(each, best)))
            and disagree([(of.unit.hit.document.id, of.unit.text) for of in (best, each)])
        ),
        None,
    )


def newer_first(question: Question, pieces: list[Piece], other: list[Piece], sources: Sources) -> list[Piece]:
    """Pieces of two documents that contradict each other, those of the newer first; or of the older if asked."""
    is_newer = version_told(other[0].unit, sources) > version_told(pieces[0].unit, sources)
    return [*other, *pieces] if is_newer != (question.edition == "former") else [*pieces, *other]
