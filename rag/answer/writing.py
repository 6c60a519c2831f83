"""Pieces as an Answer: their words, each with its mark, what is said of them, and their citations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rag.answer.citation import Citation, Context, cited_first
from rag.answer.computing import Computed, number_in
from rag.answer.conflict import disagree
from rag.answer.evidence import TextOf
from rag.answer.parts import Piece
from rag.answer.question import Question
from rag.answer.result import Answer, Computation, Part
from rag.answer.shape import Shape, shape_of, shown_text
from rag.answer.wording import words_in
from rag.search import DocumentRef, Hit

_MAY = re.compile(
    r"でき(?:る|ます)|[てで]も(?:いい|良い|よい|よろしい|かまわ|構わ)|可能|認められ|許され|[れえけせ]ますか"
)
_YES = re.compile(
    r"できます|できる(?:。|$|ものとする)|(?:かま|構)い(?:ません|ない)|(?:かま|構)わない|差し支え(?:ありません|ない)|"
    r"認めます|認める|可能(?:です|とする|である)|いただけます|受け付けて(?:います|おります)"
)
_NO = re.compile(
    r"できません|できない|認め(?:ません|ない|ていません|ていない|られません|られない)|対象外|禁止|不可|"
    r"[てで]は(?:いけ|なら(?:ない|ん)|なりません|だめ|駄目)|ちゃ(?:いけ|だめ|駄目)|お断り|ご遠慮|お控え|いただけません|"
    r"受け付け(?:ません|ない|ておりません|ていません)"
)
_CONDITION = re.compile(
    r"場合|とき|れば|限り|限る|ただし|但し|除|以外|のみ|(?<!いた)だけ|しか|以上|以下|以内|未満|まで|原則|なら(?!な[いか]|ぬ|ず|ん)|たら|かぎ"
)


@dataclass(frozen=True, slots=True)
class Made:
    """One thing asked, and what is to be shown for it.

    Attributes:
        asked: the thing.
        confidence: probability that the pieces answer it.
        pieces: what to show, the best first; none if nothing was found.
        missing: what it names that no unit holds.
        computed: what the pieces were computed by, if anything.
        features: what the confidence was told from; none if nothing was found.
    """

    asked: Question
    confidence: float
    pieces: tuple[Piece, ...]
    missing: tuple[str, ...] = ()
    computed: Computed | None = None
    features: tuple[float, ...] = ()


def written(
    question: Question,
    made: Sequence[Made],
    kept: Sequence[Made],
    confidence: float,
    missing: tuple[str, ...],
    hits: Sequence[Hit],
    text_of: TextOf,
) -> Answer:
    """The Answer: what is kept with its citations, what is not as parts that were not found."""
    citations: list[Citation] = []
    parts: list[Part] = []
    computed: list[Computation] = []
    ordered = cited_first((piece.unit.hit for each in kept for piece in each.pieces), hits)
    ranks = {hit.passage_id: hit.rank for hit in ordered}
    for each in made:
        asked, first = each.asked, len(citations) + 1
        if each not in kept:
            parts.append(Part(asked.text, asked.kind, False, "", (), each.confidence, each.missing))
            continue
        for number, piece in enumerate(each.pieces, first):
            rank = ranks[piece.unit.hit.passage_id]
            citations.append(_citation(number, piece, each, rank, text_of))
        numbers = tuple(range(first, len(citations) + 1))
        text = "\n".join(_lines(each, first, text_of))
        parts.append(Part(asked.text, asked.kind, True, text, numbers, each.confidence))
        if each.computed is not None and each.computed.operation:
            computed.append(Computation(each.computed.operation, each.computed.value, numbers))
    if difference := _difference(question, kept, parts, text_of):
        computed.append(difference)
        said = _said_computed(difference.operation, difference.value, difference.citations, question)
        parts.append(Part(question.text, question.kind, True, said, difference.citations, confidence))
    return Answer(
        question=question.text,
        answer="\n".join(part.text for part in parts if part.found),
        abstained=False,
        reason=None,
        confidence=confidence,
        citations=tuple(citations),
        hits=ordered,
        conflict=not computed and disagree([(c.document.id, c.quote) for c in citations]),
        kind=question.kind,
        parts=tuple(parts),
        missing=missing,
        understood=question,
        computed=tuple(computed),
    )


_ASKS_DIFFERENCE = re.compile(
    r"(?:いくら|どれ(?:だけ|くらい|ぐらい)|どの(?:くらい|ぐらい|程度)|何(?:円|人|名|点|日|時間|分|回|年|か月|[%％]|ポイント))[^、。?？]{0,6}"
    r"(?:違|ちが|差|上が|下が|増|減|高|安|多|少|長|短|値上|値下)|[のと]差[はを額]|"
    r"\bhow (?:much|many)\b[^?]{0,24}\b(?:more|less|fewer|higher|lower|cheaper|differ)",
    re.IGNORECASE,
)


def _difference(question: Question, kept: Sequence[Made], parts: Sequence[Part], text_of: TextOf) -> Computation | None:
    """By how much two things that are compared differ, where that is asked for and each part is one number."""
    if question.kind != "comparison" or len(kept) != 2 or not _ASKS_DIFFERENCE.search(question.text):
        return None
    if any(each.pieces[0].span is None for each in kept):
        return None
    found = [number_in(_words(each.pieces[0], text_of)) for each in kept]
    if found[0] is None or found[1] is None or found[0][1] != found[1][1]:
        return None
    unit = found[0][1] or kept[0].asked.unit  # which may stand but in the head of the column
    value = f"{abs(found[0][0] - found[1][0]):,.10g}{unit}"
    return Computation("difference", value, tuple(part.citations[0] for part in parts if part.found))


def _said_computed(operation: str, value: str, numbers: Iterable[int], question: Question) -> str:
    words = words_in(question.language)
    marks = "".join(f"[{number}]" for number in numbers)
    return f"{words.computed.format(operation=words.operations[operation], value=value)}{marks}"


def _lines(made: Made, first: int, text_of: TextOf) -> list[str]:
    """The text of pieces: short words lead, what they stand in follows, once."""
    words = words_in(made.asked.language)
    if made.computed is not None and made.computed.value:
        numbers = range(first, first + len(made.pieces))
        return [_said_computed(made.computed.operation, made.computed.value, numbers, made.asked)]
    found: list[str] = []
    items = [piece.unit.text for piece in made.pieces[1:] if piece.unit.kind == "item"]
    names = compared_names(made.asked.kind, [piece.unit.hit.document for piece in made.pieces])
    named = ""
    for unit, group in groupby(enumerate(made.pieces, first), key=lambda numbered: numbered[1].unit):
        pieces = list(group)
        whole = shown_text(unit.text)
        if names and named != unit.hit.document.id:
            named = unit.hit.document.id
            found.append(words.in_document.format(title=names[named]))
        leads = [f"{_lead(piece, text_of)}[{number}]" for number, piece in pieces if piece.span is not None]
        alone = len(leads) == 1 and leads[0] == f"{whole}[{pieces[0][0]}]"
        found += leads if leads and not alone else []
        if not leads or alone:
            said = _decision(made.asked, whole, items) if len(found) == 0 else ""
            found.append(f"{said}{whole}[{pieces[0][0]}]")
        else:
            found.append(whole)
    return found


def compared_names(kind: str, documents: Sequence[DocumentRef]) -> Mapping[str, str]:
    """Where several documents are compared, what each is called, by its id; nothing otherwise.

    It is the title, or the source where another has that title too.
    """
    several = {document.id: document for document in documents}
    if kind != "comparison" or len(several) < 2:
        return {}
    titles = Counter(document.title for document in several.values())
    return {each.id: each.title if titles[each.title] == 1 else each.source for each in several.values()}


def _lead(piece: Piece, text_of: TextOf) -> str:
    """The short words that answer; of a cell, behind what names its row and its column."""
    span = " ".join(_words(piece, text_of).split())
    label = _label(piece, span)
    return f"{label}：{span}" if label else span


def _words(piece: Piece, text_of: TextOf) -> str:
    """What is quoted. A merged cell may begin above its row."""
    unit = piece.unit
    if piece.span is None:
        return unit.text
    start, end = piece.span
    inside = unit.start <= start and end <= unit.end
    return unit.text[start - unit.start : end - unit.start] if inside else text_of(unit.hit.document.id, start, end)


def _label(piece: Piece, span: str) -> str:
    row, column = (" ".join(head.split()) for head in piece.heads)
    return "　".join(filter(None, [row, column])) if row != span else column


def _decision(question: Question, sentence: str, items: Sequence[str]) -> str:
    """Yes or no, where a sentence, and the item that it leads to, plainly say so without any condition; else empty."""
    if question.kind != "yesno" or question.negated or not _MAY.search(question.text) or "\n" in sentence:
        return ""
    yes, no = _YES.search(sentence) is not None, _NO.search(sentence) is not None
    if yes == no or any(map(_CONDITION.search, (sentence, *items))):
        return ""
    words = words_in(question.language)
    return words.yes if yes else words.no


def _citation(number: int, piece: Piece, made: Made, rank: int, text_of: TextOf) -> Citation:
    unit, hit = piece.unit, piece.unit.hit
    start, end = piece.span or (unit.start, unit.end)
    context = Context(unit.start, unit.end, unit.text) if (start, end) != (unit.start, unit.end) else None
    return Citation(
        number=number,
        document=hit.document,
        start=start,
        end=end,
        line=_line_of(start, hit, text_of),
        quote=_words(piece, text_of),
        score=made.confidence,
        hit=rank,
        context=context if context is None or (context.start <= start and end <= context.end) else None,
        shape=_shape(piece, made, text_of),
    )


def _line_of(start: int, hit: Hit, text_of: TextOf) -> int:
    """The line of an offset, which may lie before or behind the passage, where a list or a table goes on."""
    if hit.start <= start <= hit.end:
        return hit.line + hit.text.count("\n", 0, start - hit.start)
    if start < hit.start:
        return hit.line - text_of(hit.document.id, start, hit.start).count("\n")
    return hit.line + text_of(hit.document.id, hit.start, start).count("\n")


def _shape(piece: Piece, made: Made, text_of: TextOf) -> Shape | None:
    """The layout of a piece, with all cells marked that are shown of its row."""
    unit = piece.unit
    cells = [each.cell for each in made.pieces if each.unit == unit and each.cell is not None]
    shape = shape_of(unit, tuple(cell.column for cell in cells), lambda a, b: text_of(unit.hit.document.id, a, b))
    if shape is None or piece.span is None or piece.cell is None:
        return shape
    return replace(shape, label=_label(piece, " ".join(_words(piece, text_of).split())))
