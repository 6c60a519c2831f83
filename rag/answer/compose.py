"""The Answer: parts with their pieces, each cited; or a refusal that names what is missing."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.answer.choosing import PROMISE_WEIGHTS, Judged, judged, promising
from rag.answer.confidence import confidence_features, confidence_of
from rag.answer.coverage import named, terms_of, wanted_terms
from rag.answer.editions import contrary, is_another_version, newer_first, newest_first, version_told
from rag.answer.evidence import Unit, units_of
from rag.answer.features import (
    Alike,
    Seen,
    likened,
    marks_of,
    place_of,
    row_key,
    row_matches,
    seen,
)
from rag.answer.holding import around
from rag.answer.parts import Piece, Shown, computed_pieces, pieces_of
from rag.answer.question import KIND_OF_TYPE, Question, understand
from rag.answer.reranking import Reading
from rag.answer.result import AbstentionReason, Answer
from rag.answer.sources import Sources
from rag.answer.told import HARD, is_foreign
from rag.answer.versions import family_of
from rag.answer.weights import THRESHOLD
from rag.answer.writing import Made, written
from rag.language.glossary import near
from rag.language.morphemes import Morpheme, morphemes
from rag.language.names import names
from rag.language.terms import terms
from rag.language.variants import plain
from rag.search import DocumentRef, Hit

READ_HITS = 12
MOST_PARTS = 4
_COMPARED = 16
"""Units in another language whose vectors are compared with the question's. A library of two languages has fifty among
the best hits, which take longer to embed than all that is read; of those read then, 0.96 are among these."""
_CLOSE = 1.2
"""Another unit is shown too if its score is no further below the best one's."""
_MOST_CHARS = 260
_OF_NEWEST = 3
_RUN = re.compile(r"[\u4e00-\u9fff々ヶケノツ]+$")
_KATAKANA = re.compile("[ァ-ヶー]{2}")
_COMPARABLE = 6.0
"""How much less may speak for what another document says where two are compared."""


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
    """The promising units of the best hits, judged, best first.

    Args:
        question: understood.
        asked: the words to read with: of a follow-up, with what went before.
        reading: what the reader made of the hits.
        sources: of the index.
    """
    units = worth_reading(question, see(question, asked, reading, sources), sources)
    return judged(units, sources.read(asked, [each.unit.read_as for each in units]) if units else [])


def worth_reading(
    question: Question, known: Sequence[Seen], sources: Sources, weights: NDArray[np.floating[Any]] = PROMISE_WEIGHTS
) -> list[Seen]:
    """The promising units, and the three most promising ones of the newest version of the document the first is from.

    What an older version says in the question's words, a newer one may say in others.
    """
    units = promising(known, weights)
    family = family_of(units[0].unit.hit.document.title) if units else ""
    if not family or question.edition == "former":
        return units
    own = [each for each in known if each.unit.kind != "quoted" and family_of(each.unit.hit.document.title) == family]
    versions = {each.unit.hit.document.id: version_told(each.unit, sources) for each in own}
    if not own or (len(versions) < 2 and not any(each.unit.kind == "quoted" for each in units)):
        return units
    newest = max(versions, key=lambda document: versions[document])
    best = promising([each for each in own if each.unit.hit.document.id == newest], weights)[:_OF_NEWEST]
    return [*units, *(each for each in best if each not in units)]


def see(question: Question, asked: str, reading: Reading, sources: Sources) -> list[Seen]:
    """The units of the best hits, with all that is known before they are read."""
    units = [each.under(question.names) for each in units_in(reading.hits[:READ_HITS], sources)]
    rows = row_matches(question, units, sources.text_of, sources.weigh)
    # The reader does not count: that 120万円 lies in 30万円以上200万円未満 it is told.
    within = {row: match.within for row, match in rows.items() if match.within}
    units = [each.told(within[row]) if (row := row_key(each)) in within else each for each in units]
    known = seen(question, units, wanted_terms(asked, sources.weigh), rows, sources.text_of, marks_of(reading.spans))
    return likened(known, _alike(asked, known, sources))


def _alike(asked: str, known: Sequence[Seen], sources: Sources) -> Alike:
    """How like the question the units in other languages are: there the words do not tell which are worth reading.

    Those are compared that promise most without it; the others are taken to be as far as the furthest of these.
    """
    if sources.likeness is None:
        return {}
    foreign = [each for each in known if each["foreign"]]
    promise = {place_of(each.unit): float(np.dot(each.features, PROMISE_WEIGHTS)) for each in foreign}
    compared = sorted((each.unit for each in foreign), key=lambda unit: -promise[place_of(unit)])[:_COMPARED]
    cosines: dict[tuple[str, int, int], float] = {}
    for language in dict.fromkeys(unit.hit.language for unit in compared):
        there = [unit for unit in compared if unit.hit.language == language]
        found = sources.likeness(asked, [unit.read_as for unit in there], language)
        cosines |= {place_of(unit): float(cosine) for unit, cosine in zip(there, found, strict=True)}
    ordered = sorted(cosines, key=lambda place: -cosines[place])
    furthest = (min(cosines.values(), default=0.0), len(cosines))
    return dict.fromkeys(promise, furthest) | {place: (cosines[place], number) for number, place in enumerate(ordered)}


def units_in(hits: Sequence[Hit], sources: Sources) -> list[Unit]:
    """The units of these hits, each once though passages overlap."""
    found: dict[tuple[str, int, int], Unit] = {}
    for hit in hits:
        for unit in units_of(hit, sources.blocks_of, sources.text_of):
            found.setdefault(place_of(unit), unit)
    return list(found.values())


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
        return _refusal(question, "no-hits", 0.0, (), ())
    if question.points_to:
        return _refusal(question, "unclear", 0.0, (question.points_to,), hits)
    made = _marked_apart([made_of(asked, found, sources, hits) for asked, found in parts], parts, sources, hits)
    threshold = THRESHOLD if min_confidence is None else min_confidence
    confidence = math.prod(each.confidence for each in made) ** (1 / len(made)) if made else 0.0
    kept = [each for each in made if each.confidence >= threshold and not each.missing and each.pieces]
    missing = tuple(dict.fromkeys(text for each in made for text in each.missing))
    if not kept:
        reason: AbstentionReason = "missing" if missing else "low-confidence"
        return _refusal(question, reason, min(confidence, threshold), missing, hits)
    return written(question, made, kept, confidence, missing, hits, sources.text_of)


def _marked_apart(
    made: Sequence[Made], parts: Sequence[tuple[Question, Sequence[Judged]]], sources: Sources, hits: Sequence[Hit]
) -> list[Made]:
    """What is to be shown for each thing asked; where two would have the same words of one sentence marked, each anew.

    The passage was read with the whole question, and marked for one of them. The sentence was read for each by itself.
    """
    marks = Counter((place_of(piece.unit), piece.span) for each in made for piece in each.pieces if piece.span)

    def is_marked_again(each: Made) -> bool:
        return any(marks[place_of(piece.unit), piece.span] > 1 for piece in each.pieces if piece.span)

    def by_itself(each: Judged) -> Judged:
        return replace(each, seen=replace(each.seen, spans=()))

    return [
        made_of(asked, list(map(by_itself, found)), sources, hits) if is_marked_again(each) else each
        for each, (asked, found) in zip(made, parts, strict=True)
    ]


def made_of(asked: Question, found: Sequence[Judged], sources: Sources, hits: Sequence[Hit] = ()) -> Made:
    """What is to be shown for one thing asked, from its units, best first; ``hits`` are what the search found."""
    if not found:
        return Made(asked, 0.0, ())
    fitting = [each for each in found if not any(c.kind in HARD for c in each.unmet)]
    unmet = () if fitting else tuple(dict.fromkeys(c.text for c in found[0].unmet if c.kind in HARD))
    ranked = newest_first(asked, fitting or found, sources)
    shown = _shown(asked, ranked, sources)
    features = confidence_features(ranked, None if shown.computed is None else shown.about)
    confidence = confidence_of(features, is_fitting=bool(fitting))
    # What another language calls a name does not stand there; that counts only if it answers.
    own = ranked if confidence >= THRESHOLD else [each for each in ranked if not is_foreign(asked, each.unit)]
    is_spoken = bool(own) or any(hit.language == asked.language for hit in hits)
    heard_in = [each.unit for each in ranked if is_foreign(asked, each.unit)]
    missing = unmet or (_unknown_names(asked, own, heard_in, sources) if is_spoken else ())
    return Made(asked, confidence, tuple(shown.pieces), missing, shown.computed, features)


def _refusal(
    question: Question, reason: AbstentionReason, confidence: float, missing: tuple[str, ...], hits: Sequence[Hit]
) -> Answer:
    return Answer(
        question.text, "", True, reason, confidence, (), tuple(hits),
        kind=question.kind, missing=missing, understood=question,
    )  # fmt: skip


def _unknown_names(
    question: Question, ranked: Sequence[Judged], foreign: Sequence[Unit], sources: Sources
) -> tuple[str, ...]:
    """Places, people and organisations that the question names and no document does, where its own language answers.

    Nor do the units in another language, by the sound of it: *Merlion* is メルリオン.
    """
    if question.language != "ja" or (ranked and is_foreign(question, ranked[0].unit)):
        return ()
    found = morphemes(question.text)
    # Where 斉藤 is the term of 齋藤 too.
    there = terms_of(around(ranked[0].unit), question.language) if ranked else frozenset()

    def is_known(name: str) -> bool:
        others = (other for word in near(name, question.language) for other in word.others)
        return set(terms(name)) <= there or any(map(sources.is_known, (name, *others)))

    def is_of_known(name: Morpheme) -> bool:
        """Whether it is the end of a longer name that stands there, whole or without its last characters: 鵜ヶ瀬島."""
        before = _RUN.search(question.text[: name.start])
        whole = (before[0] if before else "") + name.surface
        return before is not None and any(is_known(whole[:end]) for end in range(len(before[0]) + 1, len(whole) + 1))

    def is_heard(part: Morpheme) -> bool:
        return any(
            part.surface in name.written and any(named(around(unit)).holds(name, across=True) for unit in foreign)
            for name in names(question.text, question.language)
            if _KATAKANA.search(name.written)
        )

    unknown = (
        (each, behind)
        for each, behind in zip_longest(found, found[1:])
        if each.is_proper
        and len(each.surface) > 1
        and not is_known(each.surface)
        and not is_of_known(each)
        and not is_heard(each)
    )
    return tuple(dict.fromkeys(each.surface + _kind_of_place(behind) for each, behind in unknown))


def _kind_of_place(behind: Morpheme | None) -> str:
    """What belongs to a name, as 山 does in 富士山; empty if nothing does."""
    is_part = behind is not None and len(behind.surface) == 1 and behind.parts[:1] in (("名詞",), ("接尾辞",))
    return behind.surface if behind is not None and is_part else ""


def _shown(question: Question, ranked: Sequence[Judged], sources: Sources) -> Shown:
    """The pieces of the best unit, and of another nearly as good that says something else, if both are short.

    What has to be computed is computed instead, where a table's numbers can be compared.
    """
    computed = computed_pieces(question, ranked, sources.text_of, sources.weigh)
    if computed is not None:
        return computed
    pieces = pieces_of(question, ranked, sources.blocks_of, sources.text_of)
    if question.kind == "comparison":
        other = _counterpart(question, ranked)
        if other is not None:
            return Shown([*pieces, Piece(other.unit)])
    if (other := contrary(question, ranked)) is not None:
        beside = pieces_of(question, [other], sources.blocks_of, sources.text_of)[:1]
        return Shown(newer_first(question, pieces, beside, sources))
    length = sum(len(piece.unit.text) for piece in pieces)
    for other in ranked[1:4]:
        close = other.score >= ranked[0].score - _CLOSE
        inside = any(_overlaps(other.unit, piece.unit) for piece in pieces)
        if (
            close
            and not inside
            and other.unit.kind not in ("list", "steps")
            and not is_another_version(other.unit, ranked[0].unit)
            and length + len(other.unit.text) < _MOST_CHARS
        ):
            return Shown([*pieces, *pieces_of(question, [other], sources.blocks_of, sources.text_of)[:1]])
    return Shown(pieces)


def _counterpart(question: Question, ranked: Sequence[Judged]) -> Judged | None:
    """What stands beside the best unit where documents are compared: the best of another version, or of one named."""
    best, named = ranked[0], plain(question.text)

    def is_compared(document: DocumentRef) -> bool:
        if family_of(document.title) == family_of(best.unit.hit.document.title):
            return True
        return any(len(word) > 2 and word in named for word in terms_of(document.title, question.language))

    return next(
        (
            each
            for each in ranked[1:]
            if each.score > best.score - _COMPARABLE
            and each.unit.hit.document.id != best.unit.hit.document.id
            and each.unit.text != best.unit.text
            and is_compared(each.unit.hit.document)
        ),
        None,
    )


def _overlaps(one: Unit, other: Unit) -> bool:
    same = one.hit.document.id == other.hit.document.id and one.start < other.end and other.start < one.end
    return same or one.text in other.text or other.text in one.text
