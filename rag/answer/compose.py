"""The Answer: parts with their pieces, each cited; or a refusal that names what is missing."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answer.choosing import HARD, Judged, judged, row_key, row_matches, wants_list
from rag.answer.citation import Citation, Context
from rag.answer.confidence import confidence_of
from rag.answer.conflict import disagree
from rag.answer.coverage import Weigh, coverage, wanted_terms
from rag.answer.evidence import BlocksOf, TextOf, Unit, units_of
from rag.answer.parts import Piece, pieces_of
from rag.answer.question import KIND_OF_TYPE, Question, understand
from rag.answer.reranking import Reading
from rag.answer.result import AbstentionReason, Answer, Part
from rag.reader.model import PassageReading
from rag.search import Hit

READ_HITS = 8
MOST_UNITS = 20
MOST_PARTS = 4
_CLOSE = 0.35
"""Another unit is shown too if its score is no further below the best one's."""
_MOST_CHARS = 260

ReadUnits = Callable[[str, Sequence[str]], Sequence[PassageReading]]


@dataclass(frozen=True)
class Sources:
    """Where units come from, and what they are judged with.

    Attributes:
        blocks_of, text_of: of the documents of the index.
        read: the reader, over short texts.
        weigh: terms to their inverse document frequency.
        date_of: the date of a document (by its id), empty if it has none.
        closeness: how relevant texts in other languages are (language and text of each), by their vectors: the reader
            was taught on questions and passages of one language.
    """

    blocks_of: BlocksOf
    text_of: TextOf
    read: ReadUnits
    weigh: Weigh
    date_of: Callable[[str], str]
    closeness: Callable[[str, Sequence[tuple[str, str]]], Sequence[float]]


def asked_of(question: Question) -> list[Question]:
    """Each thing that a question asks, as a question; itself, if it asks one."""
    if len(question.facets) < 2:
        return [question]
    found = []
    for facet in question.facets[:MOST_PARTS]:
        part = understand(facet.text)
        kind = KIND_OF_TYPE.get(facet.wanted, part.kind) if facet.wanted else part.kind
        kept = tuple(literal for literal in question.literals if literal.text in facet.text)
        found.append(replace(part, kind=kind, wanted=facet.wanted, unit=facet.unit, literals=kept, facets=(facet,)))
    return found


def judge(question: Question, asked: str, reading: Reading, sources: Sources) -> list[Judged]:
    """The units of the best hits, judged, best first.

    Args:
        question: understood.
        asked: the words to read with: of a follow-up, with what went before.
        reading: what the reader made of the hits.
        sources: of the index.
    """
    wanted = wanted_terms(asked, sources.weigh)
    units = _promising(question, wanted, reading.hits[:READ_HITS], sources)
    readings = list(sources.read(asked, [unit.read_as for unit in units])) if units else []
    foreign = [index for index, unit in enumerate(units) if unit.hit.language != question.language]
    if foreign:
        close = sources.closeness(asked, [(units[index].hit.language, units[index].read_as) for index in foreign])
        for index, relevance in zip(foreign, close, strict=True):
            readings[index] = replace(readings[index], relevance=relevance)
    return judged(question, units, readings, wanted, sources.text_of, sources.weigh, reading.spans)


def _promising(question: Question, wanted: Mapping[str, float], hits: Sequence[Hit], sources: Sources) -> list[Unit]:
    """The units worth reading: those that share most with the question, themselves or by what they stand under."""
    found: dict[tuple[str, int, int], Unit] = {}
    for hit in hits:
        for unit in units_of(hit, sources.blocks_of, sources.text_of):
            found.setdefault((hit.document.id, unit.start, unit.end), unit)
    named = row_matches(question, list(found.values()), sources.text_of, sources.weigh)
    lists = wants_list(question)

    def promise(unit: Unit) -> float:
        hit = unit.hit
        around = "\n".join([hit.document.title, *hit.heading, unit.lead, unit.text])
        whole = 0.3 * lists if unit.kind in ("list", "steps") else 0.0
        match = named.get(row_key(unit))
        whole += 0.5 if match is not None and match.is_exact else 0.0
        shared = coverage(wanted, around, hit.language) + 0.3 * coverage(wanted, unit.text, hit.language)
        return shared + whole - 0.08 * hit.rank

    return sorted(found.values(), key=lambda unit: (-promise(unit), unit.hit.rank, unit.start))[:MOST_UNITS]


def composed(
    question: Question,
    parts: Sequence[tuple[Question, Sequence[Judged]]],
    hits: Sequence[Hit],
    sources: Sources,
    min_confidence: float | None,
) -> Answer:
    """The Answer to a question from what was judged for each thing that it asks.

    Args:
        question: as understood.
        parts: each thing asked, and its units, best first.
        hits: what the answer is made from.
        sources: of the index.
        min_confidence: below it nothing is answered; ``None`` for the calibrated threshold.
    """
    if not hits:
        return Answer(question.text, "", True, "no-hits", 0.0, (), (), kind=question.kind, understood=question)
    made: list[tuple[Question, float, list[Piece], tuple[str, ...]]] = []
    for asked, found in parts:
        fitting = [each for each in found if not any(c.kind in HARD for c in each.unmet)]
        missing = (
            () if fitting else tuple(dict.fromkeys(c.text for each in found[:1] for c in each.unmet if c.kind in HARD))
        )
        ranked = _newest_first(asked, fitting or found, sources)
        confidence = confidence_of(asked, ranked, bool(fitting)) if ranked else 0.0
        pieces = _shown(asked, ranked, sources) if ranked else []
        made.append((asked, confidence, pieces, missing))
    threshold = THRESHOLD if min_confidence is None else min_confidence
    confidence = math.prod(each[1] for each in made) ** (1 / len(made)) if made else 0.0
    kept = [each for each in made if each[1] >= threshold and not each[3] and each[2]]
    missing = tuple(dict.fromkeys(text for each in made for text in each[3]))
    if not kept:
        reason: AbstentionReason = "missing" if missing else "low-confidence"
        return Answer(
            question.text, "", True, reason, min(confidence, threshold), (), tuple(hits), kind=question.kind,
            missing=missing, understood=question,
        )  # fmt: skip
    return _answer(question, made, kept, confidence, missing, hits)


THRESHOLD = 0.4


def _newest_first(question: Question, found: Sequence[Judged], sources: Sources) -> list[Judged]:
    """Of units that say the same thing in several versions of one document, the newest first; the oldest if asked."""
    if not found or question.edition == "former":
        return list(found)
    best = found[0]
    family = _family(best.unit.hit)
    rivals = [
        each
        for each in found
        if each.score > best.score - (4.0 if question.edition == "latest" else 2.0)
        and _family(each.unit.hit) == family
        and each.unit.hit.document.id != best.unit.hit.document.id
        and each.unit.kind != "quoted"
    ]
    named = unicodedata.normalize("NFKC", question.text)
    versions = {each.unit.hit.document.id: _version(each.unit.hit, sources) for each in [best, *rivals]}
    if not rivals or any(v and v[:4] in named for v in versions.values()):
        return list(found)
    newest = max([best, *rivals], key=lambda each: (versions[each.unit.hit.document.id], each.score))
    if versions[newest.unit.hit.document.id] <= versions[best.unit.hit.document.id]:
        return list(found)
    return [newest, *(each for each in found if each is not newest)]


_EDITION = re.compile(
    r"(?:19|20)\d\d年?(?:度|版|改[定訂]版?|\d{1,2}月)?|(?:令和|平成)\d+年?度?|第?\d+(?:\.\d+)*版|v(?:er\.?)?\s?\d+(?:\.\d+)*|"
    r"[新旧]版|旧|新|改[定訂]版?|最終版?|_\d+$|re:|fwd?:|[\s_()（）【】-]",
    re.IGNORECASE,
)


def _family(hit: Hit) -> str:
    """What the versions of a document have in common: its title without years, versions and answers' marks."""
    return _EDITION.sub("", unicodedata.normalize("NFKC", hit.document.title)).casefold()


def _version(hit: Hit, sources: Sources) -> str:
    """What tells which version is newer: a year in its name, or its date."""
    name = unicodedata.normalize("NFKC", f"{hit.document.source} {hit.document.title}")
    years = re.findall(r"(?:19|20)\d\d", name)
    return max(years) if years else sources.date_of(hit.document.id)


def _shown(question: Question, ranked: Sequence[Judged], sources: Sources) -> list[Piece]:
    """The pieces of the best unit, and of another nearly as good that says something else, if both are short."""
    pieces = pieces_of(question, ranked, sources.blocks_of, sources.text_of)
    length = sum(len(piece.unit.text) for piece in pieces)
    for other in ranked[1:4]:
        close = other.score >= ranked[0].score - _CLOSE
        inside = any(_overlaps(other.unit, piece.unit) for piece in pieces)
        if (
            close
            and not inside
            and other.unit.kind not in ("list", "steps")
            and length + len(other.unit.text) < _MOST_CHARS
        ):
            return [*pieces, *pieces_of(question, [other], sources.blocks_of, sources.text_of)[:1]]
    return pieces


def _overlaps(one: Unit, other: Unit) -> bool:
    same = one.hit.document.id == other.hit.document.id and one.start < other.end and other.start < one.end
    return same or one.text in other.text or other.text in one.text


def _answer(
    question: Question,
    made: Sequence[tuple[Question, float, list[Piece], tuple[str, ...]]],
    kept: Sequence[tuple[Question, float, list[Piece], tuple[str, ...]]],
    confidence: float,
    missing: tuple[str, ...],
    hits: Sequence[Hit],
) -> Answer:
    citations: list[Citation] = []
    lines: list[str] = []
    parts: list[Part] = []
    for each in made:
        asked, sure, pieces, absent = each
        if each not in kept:
            parts.append(Part(asked.text, asked.kind, False, "", (), sure, absent))
            continue
        first = len(citations)
        for piece in pieces:
            citations.append(_citation(len(citations) + 1, piece, sure))
        text = "\n".join(_lines(pieces, first + 1, question.language))
        parts.append(Part(asked.text, asked.kind, True, text, tuple(range(first + 1, len(citations) + 1)), sure))
        lines.append(text)
    return Answer(
        question=question.text,
        answer="\n".join(lines),
        abstained=False,
        reason=None,
        confidence=confidence,
        citations=tuple(citations),
        hits=tuple(hits),
        conflict=disagree([(c.document.id, c.quote) for c in citations]),
        kind=question.kind,
        parts=tuple(parts),
        missing=missing,
        understood=question,
    )


def _lines(pieces: Sequence[Piece], first: int, language: str) -> list[str]:
    """The text of pieces: short words lead, what they stand in follows."""
    found = []
    for number, piece in enumerate(pieces, first):
        words = shown_text(piece.unit.text)
        if piece.span is None:
            found.append(f"{words}[{number}]")
            continue
        start, end = piece.span[0] - piece.unit.start, piece.span[1] - piece.unit.start
        span = " ".join(piece.unit.text[start:end].split())
        if piece.cell is not None:
            row, column = (" ".join(head.split()) for head in piece.heads)
            label = "　".join(filter(None, [row, column])) if row != span else column
            lead = f"{label}：{span}[{number}]" if label else f"{span}[{number}]"
            found.append(
                lead if number > first and piece.unit == pieces[number - first - 1].unit else f"{lead}\n{words}"
            )
        else:
            found.append(f"{span}[{number}]" if span == words else f"{span}[{number}]\n{words}")
    return found


_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKS = re.compile(r"\*\*|__|`+|^[ 　]*(?:#{1,6}|[-*+])[ 　]+", re.MULTILINE)


def shown_text(text: str) -> str:
    """A quote as it is shown: without Markdown's marks, comments and the targets of links, cells apart by a stroke."""
    lines = []
    for line in _COMMENT.sub("", text).split("\n"):
        bare = _MARKS.sub("", _LINK.sub(r"\1", line)).strip()
        if re.fullmatch(r"[|:\s-]*", bare):
            continue
        cells = [cell.strip() for cell in re.split(r"\t|\|", bare)]
        lines.append(" | ".join(filter(None, cells)) if len(cells) > 1 else bare)
    return "\n".join(lines)


def _citation(number: int, piece: Piece, confidence: float) -> Citation:
    unit, hit = piece.unit, piece.unit.hit
    start, end = piece.span or (unit.start, unit.end)
    inside = start >= unit.start and end <= unit.end
    quote = unit.text[start - unit.start : end - unit.start] if inside else unit.text
    if not inside:
        start, end = unit.start, unit.end
    context = Context(unit.start, unit.end, unit.text) if (start, end) != (unit.start, unit.end) else None
    line = hit.line + (hit.text.count("\n", 0, start - hit.start) if hit.start <= start <= hit.end else 0)
    return Citation(number, hit.document, start, end, line, quote, confidence, hit.rank, context)
