"""Web pages: all visible text, a block a line; what trafilatura does not take for the main text is marked."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby, zip_longest

from lxml import etree

from rag.corpus.blocks import Block, Cell, Span, Table
from rag.corpus.cleaning.lines import LONG_LINE_CHARS, Line, lines_of
from rag.corpus.document import Exclusion, Heading
from rag.corpus.formats.mail_quotes import MailLine, are_quoted, forwards
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.rendering import ShownCell, ShownLine, placed, render
from rag.corpus.tables import header_rows
from rag.errors import DocumentError

logger = logging.getLogger(__name__)

_MAX_EXTRACTION_CHARS = 3_000_000  # trafilatura takes minutes over larger pages
_MIN_MAIN_CHARS = 80
_MIN_MAIN_SHARE = 0.3
_PIECE = (
    8  # characters; lines are compared by their overlapping pieces, as trafilatura joins and splits blocks its own way
)
_MIN_COVERED = 0.85
_MAX_LINK_SHARE = 0.5
_SENTENCE = "。"
_MOST_PROSE = 0.3  # of the lines of code, which may have sentences in comments
_NEW_YEAR = re.compile(r"(?<!\d)0?1(?:月|[-/.])\s?0?1(?!\d)|\bJan(?:uary)?\b", re.IGNORECASE)


def parse(source: str) -> Parsed:
    """The page's visible text, its headings, title, date and author, and what is outside the main text.

    Raises:
        DocumentError: if there is no HTML in the file.
    """
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    tree = etree.fromstring(source.replace("\0", "").encode("utf-8", "replace") or b"<html/>", parser)
    if tree is None:
        raise DocumentError("There is no HTML in the file.", code="wrong-kind", hint="Rename it if it is plain text.")
    blocks = render(tree)
    text, starts = placed(blocks)
    lines = _lines_of_blocks(text, blocks)
    headings = [
        Heading(line.start, line.end, block.level) for line, block in zip(lines, blocks, strict=True) if block.level
    ]
    extracted = _main_text(source)
    main, author = extracted or ("", "")
    title = _title(tree, [block.text for block in blocks if block.level == 1])
    kept = _kept(lines, blocks, main, title)
    outside = [
        Exclusion(line.start, line.end, "struck" if block.is_struck else "outside-main-text")
        for line, block, keep in zip(lines, blocks, kept, strict=True)
        if block.is_struck or not keep
    ]
    found = sorted(_structure(list(zip(starts, blocks, strict=True))), key=lambda block: block.start)
    metadata = {"author": author} if author else {}
    find_day = None if extracted is None else partial(_day_of, source, text)
    return Parsed(text, title, headings, outside, _code(found), metadata, blocks=found, find_day=find_day)


def page_of(tree: etree._Element) -> Parsed:
    """All that a page shows, as part of another document, such as a chapter of a book."""
    shown = render(tree)
    return _part(shown, [False] * len(shown))


def mail_of(tree: etree._Element, subject: str) -> Parsed:
    """The words of a mail. What it quotes of other messages is told as that, and has no headings and lists."""
    shown = render(tree, is_mail=True)
    lines = [MailLine(line.text, line.quotes, line.is_head) for line in shown]
    return _part(shown, are_quoted(lines, is_forward=forwards(subject)))


def _part(shown: Sequence[ShownLine], quoted: Sequence[bool]) -> Parsed:
    """A part of a document, of whose lines some are quoted."""
    text, starts = placed(shown)
    told = list(zip(starts, shown, quoted, strict=True))
    headings = [
        Heading(start, start + len(line.text), line.level) for start, line, is_old in told if line.level and not is_old
    ]
    found: list[Block] = []
    for is_old, run in groupby(told, key=lambda each: each[2] and not each[1].is_struck):
        places = [(start, line) for start, line, _ in run]
        found += [Block(*_around(places), "quoted")] if is_old else _structure(places)
    blocks = sorted(found, key=lambda block: block.start)
    struck = [
        Exclusion(start, start + len(line.text), "struck")
        for start, line in zip(starts, shown, strict=True)
        if line.is_struck
    ]
    return Parsed(text, headings=headings, excluded=struck, protected=_code(blocks), blocks=blocks)


def _structure(places: Sequence[tuple[int, ShownLine]]) -> Iterator[Block]:
    """Lists, tables and code as the page's elements tell them."""
    for _, group in groupby(places, key=lambda place: (place[1].table, place[1].item and place[1].item.list)):
        lines = list(group)
        first = lines[0][1]
        if first.table:
            yield _table(lines)
        elif first.item is not None:
            yield from _list(lines)
    for number, group in groupby(places, key=lambda place: place[1].pre):
        lines = list(group)
        prose = sum(_SENTENCE in line.text for _, line in lines)
        if number and not lines[0][1].table and prose <= _MOST_PROSE * len(lines):
            yield Block(*_around(lines), "code")
    yield from _pairs(places)


def _code(blocks: Sequence[Block]) -> list[Span]:
    return [(block.start, block.end) for block in blocks if block.kind == "code"]


def _pairs(places: Sequence[tuple[int, ShownLine]]) -> Iterator[Block]:
    """Terms with what they mean (``dl``), and questions with the answers that open below them (``details``)."""
    for number, group in groupby(places, key=lambda place: place[1].pair):
        lines = list(group)
        terms = [place for place in lines if place[1].is_term]
        answers = [place for place in lines if not place[1].is_term]
        is_plain = not any(line.level for _, line in lines) and not any(line.item or line.table for _, line in terms)
        if number and terms and answers and is_plain and terms[-1][0] < answers[0][0]:
            question, answer = _around(terms), _around(answers)
            yield Block(question[0], answer[1], "pair", (question, answer))


def _around(lines: Sequence[tuple[int, ShownLine]]) -> Span:
    return lines[0][0], lines[-1][0] + len(lines[-1][1].text)


def _list(lines: Sequence[tuple[int, ShownLine]]) -> Iterator[Block]:
    items: list[Span] = []
    depths: list[int] = []
    is_ordered = True
    for _, group in groupby(lines, key=lambda place: place[1].item and place[1].item.number):
        parts = list(group)
        start, line = parts[0]
        items.append((start, parts[-1][0] + len(parts[-1][1].text)))
        depths.append(line.item.depth if line.item else 0)
        is_ordered = is_ordered and (line.item is None or line.item.ordered or line.item.depth > 0)
    if len(items) > 1:
        yield Block(items[0][0], items[-1][1], "steps" if is_ordered else "list", tuple(items), tuple(depths))


def _table(lines: Sequence[tuple[int, ShownLine]]) -> Block:
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    heads = 0
    for row, (position, line) in enumerate(lines):
        column = 0
        for words, shown in zip_longest(line.text.split("\t"), line.cells, fillvalue=""):
            if not isinstance(shown, ShownCell):
                break
            while (row, column) in taken:
                column += 1
            rows = min(shown.rows, len(lines) - row)
            cells.append(Cell(position, position + len(words), row, column, rows, shown.columns))
            if shown.rows > 1:
                taken |= {(row + r, column + c) for r in range(rows) for c in range(shown.columns)}
            position = min(position + len(words) + 1, lines[row][0] + len(line.text))
            column += shown.columns
        if heads == row and all(cell.is_head for cell in line.cells):
            heads += 1
    if not heads or heads == len(lines):
        heads, _ = header_rows([line.text.split("\t") for _, line in lines])
    last = lines[-1]
    return Block(lines[0][0], last[0] + len(last[1].text), "table", table=Table(tuple(cells), heads, 1))


def _lines_of_blocks(text: str, blocks: Sequence[ShownLine]) -> list[Line]:
    lines = lines_of(text)
    assert len(lines) == len(blocks), "a block is one line that is not blank"
    return lines


def _title(tree: etree._Element, first_headings: Sequence[str]) -> str:
    """``<title>``, without the site's name where ``og:title`` or the only ``h1`` shows which part that is."""
    whole = _clean(" ".join(tree.xpath("//head/title[1]//text()") or tree.xpath("(//title)[1]//text()")))
    shared = _clean(" ".join(tree.xpath('//meta[@property="og:title"][1]/@content')[:1]))
    candidates = [shared, *first_headings[:1]]
    if not whole:
        return next((title for title in candidates if title), "")
    return next((title for title in candidates if len(title) >= 4 and title in whole), whole)


def _clean(words: str) -> str:
    return " ".join(words.split())


def _main_text(source: str) -> tuple[str, str] | None:
    """What trafilatura takes for the main text, if it takes anything, and the author it finds; nothing is fetched."""
    from trafilatura import bare_extraction

    if len(source) > _MAX_EXTRACTION_CHARS:
        return None
    try:
        found = bare_extraction(
            source,
            favor_recall=True,
            include_comments=False,
            include_tables=True,
            with_metadata=True,
            date_extraction_params={"extensive_search": False},
        )
    except Exception as error:  # whatever trips it over one page, the page's whole text is still at hand
        logger.warning("Main text extraction failed: %s", error)
        return None
    if found is None:
        return None
    values = found if isinstance(found, dict) else found.as_dict()
    return str(values.get("text") or ""), str(values.get("author") or "")


def _day_of(source: str, text: str) -> str:
    """The date that trafilatura finds; a phrase that is like none makes it load the words of two hundred languages.

    But no first of January that is only made of a year, as of "© 2024" below the page.
    """
    from trafilatura import extract_metadata

    try:
        day = str(extract_metadata(source).date or "")
    except Exception as error:  # whatever trips it over one page, the page's whole text is still at hand
        logger.warning("Search for a date failed: %s", error)
        return ""
    return "" if day.endswith("-01-01") and not _NEW_YEAR.search(text) else day


def _kept(lines: Sequence[Line], blocks: Sequence[ShownLine], main: str, title: str) -> list[bool]:
    """Which lines belong to the main text; all of them if trafilatura found next to nothing of the page's sentences."""
    wanted = {_key(line) for line in main.splitlines()}
    pieces = {piece for line in main.splitlines() for piece in _pieces(_key(line))}
    own = [line.text.removeprefix(block.label) for line, block in zip(lines, blocks, strict=True)]
    kept = [_is_covered(_key(words), wanted, pieces) for words in own]
    prose = sum(
        len(line.text) for line, block in zip(lines, blocks, strict=True) if line.is_paragraph and not block.in_frame
    )
    found = sum(len(line.text) for line, keep in zip(lines, kept, strict=True) if keep)
    if found < _MIN_MAIN_CHARS or found < _MIN_MAIN_SHARE * prose:
        return [True] * len(lines)
    return _rescued(lines, blocks, kept, title)


def _key(line: str) -> str:
    return re.sub(r"[\s|]+", "", line).removeprefix("-")


def _pieces(key: str) -> list[str]:
    return [key[i : i + _PIECE] for i in range(len(key) - _PIECE + 1)]


def _is_covered(key: str, wanted: set[str], pieces: set[str]) -> bool:
    if key in wanted:
        return True
    own = _pieces(key)
    return len(own) >= _PIECE and sum(piece in pieces for piece in own) >= _MIN_COVERED * len(own)


def _rescued(lines: Sequence[Line], blocks: Sequence[ShownLine], kept: list[bool], title: str) -> list[bool]:
    """Lines that trafilatura left out although they stand amid the main text, or beside it in the same element.

    Menus, footers, sidebars, forms and lines that are mostly links stay out; a heading goes with the line below it.
    """
    inside = [index for index, keep in enumerate(kept) if keep]
    homes = {blocks[index].container for index in inside if lines[index].is_paragraph}
    result = list(kept)
    for index in range(len(lines) - 1, -1, -1):
        line, block = lines[index], blocks[index]
        if result[index] or block.in_frame:
            continue
        if block.level:
            result[index] = (block.level == 1 and line.text in title) or (index + 1 < len(lines) and result[index + 1])
        elif block.link_share <= _MAX_LINK_SHARE:
            amid = inside[0] < index < inside[-1]
            is_said = block.is_set_off or _says_something(line)
            result[index] = amid or block.is_hidden or (block.container in homes and is_said)
    return result


def _says_something(line: Line) -> bool:
    return line.is_paragraph and len(line.text) <= LONG_LINE_CHARS
