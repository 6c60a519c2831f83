"""Finds the Blocks of a text by how its lines look, beside those that a file's format told already."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, zip_longest

from rag.corpus.blocks import Block, BlockKind, Span
from rag.corpus.cleaning.lines import Line
from rag.corpus.document import Heading
from rag.corpus.items import Found, counted_list_at, form_at, led_list_at, list_at
from rag.corpus.marks import is_numbered
from rag.corpus.separated import separated_blocks, table_of
from rag.corpus.tables import RawCell, is_piped, is_rule, is_spaced, pipe_cells, spaced_cells, tab_cells

_QUESTION = re.compile(
    r"(?:Q|Ｑ)\s*[\d０-９]{0,3}\s*[.．:：、)）　 ]\s*(?=\S)|[QＱ][\d０-９]{1,3}(?=\S)"
    r"|(?:問|質問)\s*[\d０-９]{0,3}\s*[.．:：、)）　 ]\s*(?=\S)"
)
_ANSWER = re.compile(
    r"(?:A|Ａ)\s*[\d０-９]{0,3}\s*[.．:：、)）　 ]\s*(?=\S)|(?:答|回答)\s*[\d０-９]{0,3}\s*[.．:：、)）　 ]\s*(?=\S)"
)
_DIVIDER = re.compile(r"[-‐–—―－─━=＝_＿*＊~～]{3,}")
_ASKS = re.compile(r"(?:[?？]|(?:です|ます|せん|した|だろう|でしょう|るの|たの|いい|よい)か[。?？]?)$")
_ARTICLE = re.compile(r"第\s?[0-9０-９一二三四五六七八九十百]+\s?条(?:の[0-9０-９一二三四五六七八九十]+)?")
_ARTICLE_LINE = re.compile(_ARTICLE.pattern + r"[\s　]*(?:[(（【][^()（）【】。]{1,40}[)）】]|[^\s。、(（]{1,20})?")
_ARTICLE_BEGINS = re.compile(rf"({_ARTICLE.pattern})[ 　]+\S")
_CAPTION = re.compile(r"[(（【][^()（）【】。]{1,40}[)）】]")
_NUMBERED_TABLE = re.compile(r"[(（【〔［]?(?:別?表|table)\s?[.．]?\s?[\dIVX０-９]", re.IGNORECASE)
_LONGEST_CAPTION = 80
_ASIDE = r"(?:[ 　]*[(（][^()（）]{1,40}[)）])?"
_SUPPLEMENT = re.compile(rf"(?:附[ 　]*則|別表(?:第?\s?[0-9０-９一二三四五六七八九十]{{1,3}})?){_ASIDE}")
_MAIL = re.compile(
    r"(?:From|To|Cc|Bcc|Subject|Date|Sent|Reply-To|差出人|宛先|件名|日付|送信日時?|送信者|受信日時)\s*[:：]",
    re.IGNORECASE,
)
_SENDER = re.compile(r"(?:From|To|Sent|差出人|宛先|送信者)\s*[:：]", re.IGNORECASE)
_PROCEDURE = re.compile(
    r"手順|方法|やり方|流れ|操作|行い方|仕方|しかた|次のとおり(?:行う|操作)|対応|\bsteps?\b|\bprocedure|\bhow to\b"
    r"|\binstructions?\b",
    re.IGNORECASE,
)
_DOES = re.compile(r"(?:[うくすつぬむるぐぶ]|ます|ください|下さい|こと)[。.]?(?:[（(][^（()）]*[)）])?[。.]?$")
_IMPERATIVE = re.compile(r"(?:^|[.)）]\s)(?:[A-Z][a-z]+)\s+(?:the|a|an|your|to|on|it|all|any|\w+ing)\b")
_WIDEST_OPENING = 40  # columns
_LABEL_AND_VALUE = 2  # cells
_LEADS = re.compile(r"(?:次|下記|以下|左記|下表|各号|とおり|通り|following)[^。]{0,40}[。:：.]?$|[:：]$", re.IGNORECASE)


def find_blocks(
    lines: Sequence[Line],
    headings: Sequence[Heading],
    told: Sequence[Block] = (),
    *,
    protected: Sequence[Span] = (),
    separated: bool = False,
    slides: Sequence[int] = (),
) -> tuple[Block, ...]:
    """All Blocks of a document, in order; they do not overlap, but for the intro of a list, which its paragraph holds.

    Args:
        lines: those that are not excluded.
        headings: of the document.
        told: Blocks that the file's format told.
        protected: code and what else is no prose.
        separated: whether the text is made of values with commas, tabs or the like between them.
        slides: where slides begin, beyond which no heading reaches.
    """
    if separated:
        return tuple(separated_blocks(lines))
    told = sorted(told, key=lambda block: block.start)
    found = sorted([*told, *_code(lines, protected, told)], key=lambda block: block.start)
    starts = {heading.start for heading in headings}
    blocks = [*found, *(block for run in _outside(lines, found) for block in _found(run, starts))]
    blocks.sort(key=lambda block: block.start)
    blocks = list(_with_lists(blocks, lines, starts))
    return tuple(_with_intros(_with_pairs(blocks, lines, headings, slides), lines, headings, slides))


def article_headings(lines: Sequence[Line], headings: Sequence[Heading]) -> list[Heading]:
    """Lines that name an article of rules or a contract and no more: 第5条（採用）, or （休憩） above 第15条.

    Word and PDF files seldom say that these are headings. They stand one level below those that the file tells. Where
    an article's words stand behind its number (第十五条の二　会社は…), the number is the heading, below its caption.
    What is no article (附則, 別表第1) stands beside what articles stand in.
    """
    known = {heading.start for heading in headings}
    level = min(8, 1 + max((heading.level for heading in headings), default=1))
    found, captioned = [], False
    for line, following in zip_longest(lines, lines[1:]):
        if line.start in known or any(start in known for start in range(line.start, min(line.start + 8, line.end))):
            continue
        above = following is not None and _ARTICLE.match(following.text) is not None
        number = _ARTICLE_BEGINS.match(line.text)
        if _ARTICLE_LINE.fullmatch(line.text) or (above and _CAPTION.fullmatch(line.text)):
            found.append(Heading(line.start, line.end, level))
            captioned = captioned or _CAPTION.fullmatch(line.text) is not None
        elif number is not None:
            found.append(Heading(line.start, line.start + len(number[1]), level + captioned))
        elif found and _SUPPLEMENT.fullmatch(line.text):
            found.append(Heading(line.start, line.end, max(1, level - 1)))
    return found if len(found) > 1 else []


def _outside(lines: Sequence[Line], blocks: Sequence[Block]) -> Iterator[list[Line]]:
    """The runs of lines between Blocks."""
    starts = [block.start for block in blocks]
    run: list[Line] = []
    for line in lines:
        place = bisect_right(starts, line.start) - 1
        if place < 0 or blocks[place].end <= line.start:
            run.append(line)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _code(lines: Sequence[Line], protected: Sequence[Span], told: Sequence[Block]) -> Iterator[Block]:
    starts, positions = [block.start for block in told], [line.start for line in lines]
    for start, end in protected:
        place = bisect_left(starts, end) - 1
        if place >= 0 and told[place].end > start:
            continue
        covered = lines[bisect_left(positions, start) : bisect_left(positions, end)]
        inside = [line for line in covered if line.end <= end]
        if inside and not any("\t" in line.text for line in inside):
            yield Block(inside[0].start, inside[-1].end, "code")


def _is_heading(line: Line, headings: set[int]) -> bool:
    """Whether a heading begins at the line, or behind its marks, and is no mere number of an article."""
    if _ARTICLE_BEGINS.match(line.text) and not _ARTICLE_LINE.fullmatch(line.text):
        return False
    return any(start in headings for start in range(line.start, min(line.start + 8, line.end)))


def _found(lines: Sequence[Line], headings: set[int]) -> Iterator[Block]:
    """Blocks of lines that no format told of."""
    index = 0
    while index < len(lines):
        line = lines[index]
        if _is_heading(line, headings):
            yield Block(line.start, line.end, "heading")
            index += 1
            continue
        size, block = next(
            (found for find in _FINDERS if (found := find(lines, index, headings)) is not None),
            (1, Block(line.start, line.end, "paragraph")),
        )
        yield block
        index += size


def _pipe_table(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    run = list(_run(lines, index, is_piped))
    rows = [pipe_cells(line) for line in run if not is_rule(line.text)]
    if len(run) < 2:
        return None
    if not rows:  # lines of a frame with nothing in it
        return len(run), Block(run[0].start, run[-1].end, "paragraph")
    block = table_of(rows, run[0].start, run[-1].end)
    if is_rule(run[1].text) and block.table is not None:
        block = replace(block, table=replace(block.table, header_rows=1))
    return len(run), block


def _tab_table(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    rows: list[list[RawCell]] = []
    at = index
    while at < len(lines) and lines[at].start not in headings and not (at > index and lines[at].after_blank):
        line = lines[at]
        if "\t" in line.text:
            rows.append(tab_cells(line))
        elif rows and line.indent and not lines[index].indent and len(rows[-1]) == _LABEL_AND_VALUE:
            start, _, words = rows[-1][-1]  # set in below a value, it goes on with it
            rows[-1][-1] = start, line.end, f"{words} {line.text}"
        else:
            break
        at += 1
    return (at - index, table_of(rows, lines[index].start, lines[at - 1].end)) if rows else None


def _spaced_table(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    """Three lines or more whose cells stand below each other, with two spaces at least between them."""
    found = _run(lines, index, lambda line: is_spaced(line.text) and line.start not in headings)
    run = list(islice(found, 3))
    rows = spaced_cells(run)
    while len(rows) == len(run) and (more := list(islice(found, len(run)))):  # no more than twice what the table takes
        run += more
        rows = spaced_cells(run)
    if len(rows) < 3:
        return None
    return len(rows), table_of(rows, run[0].start, run[len(rows) - 1].end)


def _mail_header(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    run = list(_run(lines, index, lambda line: _MAIL.match(line.text) is not None))
    if len(run) < 2 or not any(_SENDER.match(line.text) for line in run):
        return None
    return len(run), Block(run[0].start, run[-1].end, "mail-header", tuple((line.start, line.end) for line in run))


def _quoted(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    run = list(_run(lines, index, lambda line: line.text.startswith((">", "＞"))))
    return (len(run), Block(run[0].start, run[-1].end, "quoted")) if run else None


def _asked_and_answered(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    if not _QUESTION.match(lines[index].text):
        return None
    for at in range(index + 1, min(index + 4, len(lines))):
        if (mark := _ANSWER.match(lines[at].text)) is not None:
            last = at
            while (
                last + 1 < len(lines)
                and lines[last + 1].start not in headings
                and not lines[last].before_blank
                and not _QUESTION.match(lines[last + 1].text)
                and not _DIVIDER.fullmatch(lines[last + 1].text)
            ):
                last += 1
            question, answer = (lines[index].start, lines[at - 1].end), (lines[at].start + mark.end(), lines[last].end)
            return last + 1 - index, Block(question[0], answer[1], "pair", (question, answer))
    return None


_FINDERS = (
    _pipe_table,
    _tab_table,
    _quoted,
    _mail_header,
    _asked_and_answered,
    list_at,
    led_list_at,
    form_at,
    _spaced_table,
    counted_list_at,
)


def _run(lines: Sequence[Line], index: int, belongs: object) -> Iterator[Line]:
    """The lines from ``index`` on that belong, without a blank line between them."""
    assert callable(belongs)
    while index < len(lines) and belongs(lines[index]):
        yield lines[index]
        if lines[index].before_blank:
            return
        index += 1


def _with_lists(blocks: Sequence[Block], lines: Sequence[Line], headings: set[int]) -> Iterator[Block]:
    """Answers with the list or table that the format told right below them."""
    starts = [line.start for line in lines]
    for block, below in zip_longest(blocks, blocks[1:]):
        if block.kind == "pair" and below is not None and below.kind in ("list", "steps", "table"):
            place = bisect_left(starts, block.end)
            last = lines[place - 1]
            is_next = block.end <= below.start and place < len(lines) and below.start < lines[place].end
            if is_next and below.start not in headings and (not last.before_blank or _LEADS.search(last.text)):
                block = replace(block, end=below.end, items=(block.items[0], (block.items[1][0], below.end)))
        yield block


def _with_pairs(
    blocks: Sequence[Block], lines: Sequence[Line], headings: Sequence[Heading], slides: Sequence[int]
) -> list[Block]:
    """A heading that asks, and what stands below it up to the next heading or the end of its slide, are a pair.

    The Blocks of the answer stay: a list in an answer is still a list.
    """
    result = list(blocks)
    pairs = [block.start for block in blocks if block.kind == "pair"]
    starts = [line.start for line in lines]
    positions = [*(heading.start for heading in headings), lines[-1].end + 1 if lines else 0]
    for heading, following in zip(headings, positions[1:], strict=True):
        words = _line_at(lines, starts, heading.start)
        if words is None or not (_asks(words.text) or _QUESTION.match(words.text)):
            continue
        upcoming = bisect_right(slides, heading.start)
        stop = min(following, slides[upcoming]) if upcoming < len(slides) else following
        below = lines[bisect_left(starts, heading.end) : bisect_left(starts, stop)]
        while below and below[-1].end > stop:  # the next heading, of which only the words are
            below = below[:-1]
        asked = bisect_left(pairs, heading.end)
        if asked < len(pairs):  # another question, which is no heading
            below = below[: bisect_left(below, pairs[asked], key=lambda line: line.start)]
        is_marked = bool(below) and _ANSWER.match(below[0].text) is not None
        ends = (n for n, line in enumerate(below) if _DIVIDER.fullmatch(line.text) or (is_marked and _opens(below, n)))
        below = below[: next(ends, len(below))]
        if below:
            pair = ((heading.start, heading.end), (below[0].start, below[-1].end))
            result.append(Block(heading.start, below[-1].end, "pair", pair))
    return sorted(result, key=lambda block: (block.start, -block.end))


def _with_intros(
    blocks: Sequence[Block], lines: Sequence[Line], headings: Sequence[Heading], slides: Sequence[int]
) -> Iterator[Block]:
    """Lists and tables with the paragraph that leads to them, and lists that tell what to do as steps."""
    paragraphs = {block.end: block for block in blocks if block.kind == "paragraph"}
    ends = [line.end for line in lines]
    starts, heading_starts = [line.start for line in lines], [heading.start for heading in headings]
    text_of = {line.end: line for line in lines}
    for block in blocks:
        if block.kind not in ("list", "table", "steps") or block.intro is not None:
            yield block
            continue
        place = bisect_right(ends, block.start) - 1
        before = text_of[ends[place]] if place >= 0 else None
        intro = paragraphs.get(before.end) if before else None
        if (
            intro is not None
            and before is not None
            and (_LEADS.search(before.text) or not before.before_blank or _is_caption_of(block, before))
        ):
            block = replace(block, intro=(before.start, before.end))
        if block.kind == "table":
            yield block
            continue
        inside = [line.text for line in lines[bisect_left(starts, block.start) : bisect_left(starts, block.end)]]
        above = bisect_right(heading_starts, block.start) - 1
        slide = slides[bisect_right(slides, block.start) - 1] if slides and slides[0] <= block.start else 0
        is_near = above >= 0 and heading_starts[above] >= slide
        heading = _line_at(lines, starts, heading_starts[above]) if is_near else None
        told = [line.text for line in (heading, before) if line is not None]
        yield replace(block, kind=_kind_of_list(block, inside, told))


def _is_caption_of(block: Block, line: Line) -> bool:
    """Whether a line above a table numbers and names it."""
    return block.kind == "table" and len(line.text) <= _LONGEST_CAPTION and _NUMBERED_TABLE.match(line.text) is not None


def _opens(below: Sequence[Line], number: int) -> bool:
    """Whether a line behind the answer to a marked question is none of it: a short one without a verb, set apart.

    The last of several questions has no other behind it that ends its answer.
    """
    line = below[number]
    return (
        number > 0
        and line.after_blank
        and line.width <= _WIDEST_OPENING
        and line.ends_openly
        and not line.has_sentence_end
        and not re.match(r"[-*・•○●（(①-⑳]", line.text)
        and "\t" not in line.text
        and not _LEADS.search(below[number - 1].text)
    )


def _asks(words: str) -> bool:
    return _ASKS.search(words[-20:]) is not None


def _line_at(lines: Sequence[Line], starts: Sequence[int], offset: int) -> Line | None:
    """The line that holds the character at ``offset``, by the ``starts`` of all lines."""
    place = bisect_right(starts, offset) - 1
    return lines[place] if place >= 0 and offset < lines[place].end else None


def _kind_of_list(block: Block, inside: Sequence[str], told: Sequence[str]) -> BlockKind:
    acts = sum(_DOES.search(item) is not None or _IMPERATIVE.search(item) is not None for item in inside)
    if (
        not (block.kind == "steps" or all(map(is_numbered, inside[:1])))
        or acts < 0.6 * len(inside)
        or sum(item.rstrip("。").endswith("こと") for item in inside) > len(inside) / 2
    ):
        return "list"
    return "steps" if _PROCEDURE.search(" ".join(told)) or acts == len(inside) else "list"
