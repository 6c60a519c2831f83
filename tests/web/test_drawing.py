"""Tables are drawn as tables and lists as lists; every word of a stretch is there, in order, with its marks."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from rag.answer.result import Answer
from rag.corpus.blocks import Block, Cell, Table
from rag.corpus.document import Document
from rag.web.ask.cards import around_html, cards_html
from rag.web.documents.catalogue import Row
from rag.web.documents.contents import pieces_of
from rag.web.documents.contents_view import Shown, contents_html
from rag.web.html.drawing import Drawing
from rag.web.html.finding import Finding
from rag.web.html.markup import Mark
from rag.web.html.places import Target
from rag.web.html.source import source_html
from rag.web.texts import JAPANESE
from rag.web.texts.documents import DOCUMENT_TEXTS
from tests.answer.making import document

from .doubles import FakeStore, citation_in, hit_in
from .test_markup import HOSTILE, Reader

LABEL = "表"


class Drawn(Reader):
    """As Reader, but what is shown again from above the stretch is no part of it; notes tables and lists."""

    def __init__(self) -> None:
        super().__init__()
        self.again = ""
        self.begun: list[str] = []
        self.tables: list[list[list[tuple[str, int, int, str]]]] = []
        self.items: list[str] = []
        self._again: list[bool] = []
        self._tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        given = dict(attrs)
        self._tags.append(tag)
        self._again.append(bool(self._again and self._again[-1]) or "again" in (given.get("class") or "").split())
        self.begun += (given.get("data-begins") or "").split()
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            span = int(given.get("rowspan") or 1), int(given.get("colspan") or 1)
            self.tables[-1][-1].append(("", *span, given.get("scope") or ""))
        elif tag == "li":
            self.items.append("")

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        self._again.pop()
        self._tags.pop()

    def handle_data(self, data: str) -> None:
        if self._again and self._again[-1]:
            self.again += data
        else:
            super().handle_data(data)
        if "table" in self._tags:
            words, *rest = self.tables[-1][-1][-1]
            self.tables[-1][-1][-1] = (words + data, *rest)  # type: ignore[assignment]
        if "li" in self._tags:
            self.items[-1] += data


def read(html: str) -> Drawn:
    reader = Drawn()
    reader.feed(str(html))
    reader.close()
    return reader


def folded(text: str) -> str:
    """Without white space and what only sets cells apart."""
    return re.sub(r'[\s|,":+=-]', "", text)


def drawn(found: Document, marks: Sequence[Mark] = (), start: int = 0, end: int | None = None) -> Drawn:
    end = len(found.text) if end is None else end
    return read(Drawing(found.text, found.blocks, marks, LABEL).html(start, end))


def rows_of(found: Drawn) -> list[list[str]]:
    (table,) = found.tables
    return [[words for words, *_ in row] for row in table]


# Any document -------------------------------------------------------------------------------------------------------


@dataclass
class Draft:
    """A document that is made up: its text and its Blocks."""

    text: str = ""
    blocks: list[Block] = field(default_factory=list)
    words: int = 0

    def word(self, draw: st.DrawFn) -> str:
        """One that stands nowhere else."""
        self.words += 1
        return f"{draw(st.sampled_from(['語', 'w', '<b>', '&', '円']))}{self.words}"


@dataclass
class Kind:
    """How cells are set apart."""

    before: str
    between: str
    after: str
    rule: str = ""


KINDS = [
    Kind("", "\t", ""),
    Kind("| ", " | ", " |", "|---|:-:|"),
    Kind("|", "|", ""),
    Kind("", ",", ""),
    Kind('"', '","', '"'),
]


def add_table(draft: Draft, draw: st.DrawFn) -> None:
    kind = draw(st.sampled_from(KINDS))
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    start = len(draft.text)
    for row in range(rows):
        draft.text += kind.before
        for column in range(columns):
            draft.text += kind.between if column else ""
            if (row, column) in taken:
                continue
            tall, wide = draw(st.integers(1, 3)), draw(st.integers(1, 3))
            tall, wide = (min(tall, rows - row), min(wide, columns - column)) if draw(st.booleans()) else (1, 1)
            place = {(row + r, column + c) for r in range(tall) for c in range(wide)}
            if draw(st.booleans()) and place & taken:
                tall, wide, place = 1, 1, {(row, column)}
            taken |= place
            words = draft.word(draw) if draw(st.integers(0, 3)) else ""
            if words and not draw(st.integers(0, 3)):
                words += f"\n{draft.word(draw)}"
            at = len(draft.text)
            draft.text += words
            cells.append(Cell(at, at + len(words), row, column, tall, wide))
            if not draw(st.integers(0, 9)):
                draft.text += f" {draft.word(draw)}"  # in no cell
        draft.text += f"{kind.after}\n"
        if row == 0 and kind.rule:
            draft.text += f"{kind.rule}\n"
    if len(draft.text.rstrip("\n")) > start:
        end = len(draft.text) - 1
        table = Table(tuple(cells), draw(st.integers(0, rows)), draw(st.integers(0, 1)))
        draft.blocks.append(Block(start, max(end, start + 1), "table", table=table))


def add_list(draft: Draft, draw: st.DrawFn) -> None:
    mark = draw(st.sampled_from(["", "- ", "・", "{}. ", "（{}）"]))
    items, depths = [], []
    for number in range(1, draw(st.integers(2, 6))):
        depth = draw(st.integers(0, 3))
        draft.text += " " * (draw(st.integers(0, 1)) * 2 * depth)
        start = len(draft.text)
        draft.text += mark.format(number) + draft.word(draw)
        if not draw(st.integers(0, 3)):
            draft.text += f"\n  {draft.word(draw)}"
        items.append((start, len(draft.text)))
        depths.append(depth)
        draft.text += "\n" * draw(st.integers(1, 2))
    told = depths if draw(st.booleans()) else [0] * len(items)
    kind = draw(st.sampled_from(["list", "steps"]))
    draft.blocks.append(Block(items[0][0], items[-1][1], kind, tuple(items), tuple(told)))  # type: ignore[arg-type]


def add_paragraph(draft: Draft, draw: st.DrawFn) -> None:
    draft.text += draw(st.sampled_from(["", "\n", "  "])) + draft.word(draw) + "。" + "\n" * draw(st.integers(1, 2))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    draft = Draft()
    for add in draw(st.lists(st.sampled_from([add_table, add_list, add_paragraph]), min_size=1, max_size=4)):
        add(draft, draw)
    return Document("a.txt", "題", draft.text, "ja", blocks=tuple(draft.blocks))


SPANS = st.tuples(st.integers(0, 300), st.integers(0, 300))


def span_in(text: str, span: tuple[int, int]) -> tuple[int, int]:
    a, b = sorted(min(each, len(text)) for each in span)
    return a, b


@settings(deadline=None, max_examples=400)
@given(documents(), st.lists(SPANS, max_size=4), SPANS | st.none())
def test_every_word_is_there_in_order_and_each_mark_is_over_its_own(
    found: Document, spans: list[tuple[int, int]], part: tuple[int, int] | None
) -> None:
    start, end = (0, len(found.text)) if part is None else span_in(found.text, part)
    marks = [Mark(*span_in(found.text, span), "cited", number) for number, span in enumerate(spans, 1)]
    shown = drawn(found, marks, start, end)
    assert folded(shown.text) == folded(found.text[start:end])
    for mark in marks:
        inside = folded(found.text[max(mark.start, start) : min(mark.end, end)])
        assert folded(shown.cited.get(str(mark.number), "")) == inside
        if inside and mark.start >= start:
            assert shown.begun.count(str(mark.number)) == 1


@settings(deadline=None, max_examples=200)
@given(documents(), SPANS)
def test_the_source_panel_shows_the_same_words_with_the_numbers_of_their_lines(
    found: Document, span: tuple[int, int]
) -> None:
    mark = Mark(*span_in(found.text, span), "cited", 1, current=True)
    html = str(source_html(found, Target(found.id, (mark,)), JAPANESE))
    shown = read(html[html.index('<div class="lines"') :].removesuffix("</div></div></section>"))
    assert folded(shown.text) == folded(found.text)
    assert folded(shown.cited.get("1", "")) == folded(found.text[mark.start : mark.end])
    numbers = [int(given["data-line"] or 0) for _, given in shown.elements if "data-line" in given]
    assert numbers == sorted(numbers)


@settings(deadline=None, max_examples=200)
@given(documents(), SPANS | st.none())
def test_the_rows_of_a_drawn_table_are_all_as_wide(found: Document, part: tuple[int, int] | None) -> None:
    start, end = (0, len(found.text)) if part is None else span_in(found.text, part)
    for table in drawn(found, (), start, end).tables:
        taken: set[tuple[int, int]] = set()
        widths = []
        for row, cells in enumerate(table):
            column = 0
            for _, tall, wide, _ in cells:
                while (row, column) in taken:
                    column += 1
                places = {(row + r, column + c) for r in range(tall) for c in range(wide)}
                assert taken.isdisjoint(places)
                taken |= places
            widths.append(sum(1 for r, _ in taken if r == row))
        assert len(set(widths)) == 1
        assert max(row for row, _ in taken) == len(table) - 1


# Some documents -----------------------------------------------------------------------------------------------------


STOCK = "前書き。\n\n| 品番 | 在庫数 | 備考 |\n|---|---:|---|\n| AB-10 | 1,200 | 箱 |\n| CD-20 | 40 | |\n\n後書き。\n"
MERGED = "分類\t単価\t\n\t税抜\t税込\n紙\t480\t528\n\t960\t1056\n"
MERGED_CELLS = (
    *(Cell(0, 2, 0, 0, 2), Cell(3, 5, 0, 1, 1, 2), Cell(8, 10, 1, 1), Cell(11, 13, 1, 2)),
    *(Cell(14, 15, 2, 0, 2), Cell(16, 19, 2, 1), Cell(20, 23, 2, 2), Cell(25, 28, 3, 1), Cell(29, 33, 3, 2)),
)
MERGED_TABLE = Document(
    "a.xlsx", "表", MERGED, "ja", blocks=(Block(0, 33, "table", table=Table(MERGED_CELLS, header_rows=1)),)
)


def test_a_markdown_table_has_heads_and_cells_without_pipes_and_rules(tmp_path: Path) -> None:
    found = drawn(document(tmp_path, "在庫.md", STOCK))
    assert rows_of(found) == [["品番", "在庫数", "備考"], ["AB-10", "1,200", "箱"], ["CD-20", "40", ""]]
    assert [scope for *_, scope in found.tables[0][0]] == ["col", "col", "col"]
    assert "|" not in found.text and "---" not in found.text
    assert found.text.startswith("前書き。") and found.text.endswith("後書き。\n")


def test_numbers_are_set_to_the_right_with_their_head(tmp_path: Path) -> None:
    found = drawn(document(tmp_path, "在庫.md", STOCK))
    classes = [given.get("class") for tag, given in found.elements if tag in ("td", "th")]
    assert classes == [None, "number", None] * 3


def test_merged_cells_are_merged_in_the_heads_too() -> None:
    (table,) = drawn(MERGED_TABLE).tables
    assert table[0] == [("分類", 2, 1, "col"), ("単価", 1, 2, "col")]
    assert table[1] == [("税抜", 1, 1, "col"), ("税込", 1, 1, "col")]
    assert table[2][0] == ("紙", 2, 1, "row")
    assert [words for words, *_ in table[3]] == ["960", "1056"]


def test_a_stretch_that_begins_inside_a_table_shows_its_heads_and_what_reaches_into_it_again() -> None:
    start = MERGED.index("960")
    found = drawn(MERGED_TABLE, (), start - 1)
    assert rows_of(found) == [["分類", "単価"], ["税抜", "税込"], ["紙", "960", "1056"]]
    assert folded(found.text) == "9601056"
    assert found.again == "分類単価税抜税込紙"


def test_a_mark_over_several_cells_and_one_over_a_part_of_a_cell_are_over_their_characters() -> None:
    start, end = MERGED.index("480"), MERGED.index("\t1056")
    found = drawn(MERGED_TABLE, [Mark(start, end, "cited", 1), Mark(end - 2, end, "cited", 2)])
    assert found.cited == {"1": "480528960", "2": "60"}
    assert found.begun == ["1", "2"]


def test_a_mark_that_begins_with_a_pipe_is_numbered_at_its_first_word(tmp_path: Path) -> None:
    row = "| AB-10 | 1,200 | 箱 |"
    start = STOCK.index(row)
    found = drawn(document(tmp_path, "在庫.md", STOCK), [Mark(start, start + len(row), "cited", 3)])
    assert found.cited["3"] == "AB-101,200箱"
    assert found.begun == ["3"]


def test_marks_of_items_are_not_doubled_and_others_are_set(tmp_path: Path) -> None:
    marked = drawn(document(tmp_path, "手順.txt", "次の手順で行います。\n\n1. 開けます。\n2. 閉めます。\n"))
    assert ("ol", {"class": "drawn-list marked", "start": "1"}) in marked.elements
    assert [item.strip() for item in marked.items] == ["1. 開けます。", "2. 閉めます。"]
    page = "<main><p>手順</p><ol start=4><li>開けます。<ul><li>蓋</li></ul></li><li>閉めます。</li></ol></main>"
    found = drawn(document(tmp_path, "手順.html", f"<html><body>{page}</body></html>"))
    assert [name for name in found.elements if name[0] in ("ol", "ul")] == [
        ("ol", {"class": "drawn-list marked", "start": "1"}),
        ("ul", {"class": "drawn-list"}),
    ]
    bare = drawn(
        Document("a.html", "題", "一つ\n二つ\n", "ja", blocks=(Block(0, 5, "steps", ((0, 2), (3, 5)), (0, 0)),))
    )
    assert ("ol", {"class": "drawn-list", "start": "1"}) in bare.elements


def test_items_are_nested_as_they_are_set_in(tmp_path: Path) -> None:
    found = document(tmp_path, "物.md", "# 物\n\n次のとおり。\n\n- 飲み物\n  - 水\n  - お茶\n- 紙\n")
    html = Drawing(found.text, found.blocks, (), LABEL).html(0, len(found.text))
    assert "<li>- 飲み物\n<ul" in html
    assert html.count("<ul") == 2


def test_a_list_of_which_the_beginning_is_not_shown_goes_on_with_its_numbers() -> None:
    text = "一つ\n二つ\n三つ\n"
    block = Block(0, 8, "steps", ((0, 2), (3, 5), (6, 8)), (0, 0, 0))
    found = drawn(Document("a.html", "題", text, "ja", blocks=(block,)), (), 3)
    assert ("ol", {"class": "drawn-list", "start": "2"}) in found.elements


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_cells_and_items_make_no_element(hostile: str) -> None:
    words = hostile.replace("\t", " ")
    text = f"{words}\t{words}\n- {words}\n- {words}\n"
    size = len(words)
    cells = (Cell(0, size, 0, 0), Cell(size + 1, 2 * size + 1, 0, 1))
    first = 2 * size + 2
    items = ((first, first + size + 2), (first + size + 3, len(text) - 1))
    blocks = (Block(0, first - 1, "table", table=Table(cells)), Block(first, len(text) - 1, "list", items, (0, 0)))
    found = drawn(Document("a.txt", "題", text, "ja", blocks=blocks))
    assert {tag for tag, _ in found.elements} <= {"div", "table", "tbody", "tr", "td", "th", "ul", "li"}
    assert found.text == text.replace("\t", "").replace(f"{words}\n-", f"{words}-", 1)


def test_cells_that_do_not_stand_in_the_order_of_rows_are_text() -> None:
    cells = (Cell(2, 3, 0, 0), Cell(0, 1, 0, 1))
    found = drawn(Document("a.txt", "題", "a\tb\n", "ja", blocks=(Block(0, 3, "table", table=Table(cells)),)))
    assert found.tables == [] and found.text == "a\tb\n"


def test_a_document_without_blocks_is_its_text() -> None:
    found = Document("a.txt", "題", "1. a\n\n2. b\tc\n", "ja")
    assert drawn(found).text == found.text


def long_table(rows: int) -> Document:
    lines = [
        "品番\t品名\t単価\t在庫\t担当\t備考\n",
        *(f"N-{n:05}\t品物{n}\t{n * 10}\t{n}\t係\t\n" for n in range(rows)),
    ]
    cells, at = [], 0
    for row, line in enumerate(lines):
        for column, words in enumerate(line[:-1].split("\t")):
            cells.append(Cell(at, at + len(words), row, column))
            at += len(words) + 1
    text = "".join(lines)
    return Document(
        "長い.xlsx", "長い表", text, "ja", blocks=(Block(0, len(text) - 1, "table", table=Table(tuple(cells), 1)),)
    )


def test_a_long_table_is_drawn_around_the_mark_with_its_heads_and_quickly() -> None:
    found = long_table(3_000)
    start = found.text.index("N-02000")
    place = Target(found.id, (Mark(start, start + 7, "cited", 1, current=True),))
    source_html(found, place, JAPANESE)
    began = time.process_time()
    html = source_html(found, place, JAPANESE)
    took = time.process_time() - began
    assert 'data-line="2002"' in html and 'data-line="2"' not in html
    assert '<thead class="again"><tr ><th scope="col">品番</th>' in html
    assert html.count("<tr") < 1_500
    assert JAPANESE.show_earlier in html and JAPANESE.show_later in html
    assert took < 1.0


# Where it is used ---------------------------------------------------------------------------------------------------


def test_a_card_has_the_rows_of_its_passage_under_their_heads_with_the_cell_marked(tmp_path: Path) -> None:
    found = document(tmp_path, "在庫.md", STOCK)
    start = STOCK.index("| CD-20")
    at = STOCK.index("40 |")
    hit, cited = hit_in(found, start, STOCK.index("\n", start)), citation_in(found, at, at + 2)
    answer = Answer("CD-20の在庫数は？", "40[1]", False, None, 0.9, (cited,), (hit,))
    shown = read(cards_html(answer, FakeStore((found,)), JAPANESE))
    assert rows_of(shown) == [["品番", "在庫数", "備考"], ["CD-20", "40", ""]]
    assert shown.cited["1"] == "40"


def test_what_stands_around_a_passage_is_drawn_too(tmp_path: Path) -> None:
    found = document(tmp_path, "在庫.md", STOCK)
    start, end = STOCK.index("| AB-10"), STOCK.index("\n後書き")
    html = around_html("k", found, (0, start), (end, len(STOCK)), JAPANESE)
    assert rows_of(read(html)) == [["品番", "在庫数", "備考"]]
    assert "後書き。" in html


def test_each_passage_in_the_document_view_has_its_rows_and_what_the_one_before_holds_is_shaded(tmp_path: Path) -> None:
    found = document(tmp_path, "在庫.md", STOCK)
    first, second = STOCK.index("| AB-10"), STOCK.index("| CD-20")
    row = Row(found.id, found.source, found.title, "ja", len(STOCK), 2, 0.0, "", False)
    pieces = pieces_of(found, [(0, second), (first, len(STOCK))])
    html = contents_html(found, row, pieces, Shown(len(STOCK), Finding()), Markup(), DOCUMENT_TEXTS["ja"])
    shown = read(html)
    last = [[words for words, *_ in table[-1]] for table in shown.tables]
    assert last == [["品番", "在庫数", "備考"], ["CD-20", "40", ""]]
    assert '<mark class="repeated">AB-10</mark>' in html and '<mark class="repeated">CD-20</mark>' not in html
    assert DOCUMENT_TEXTS["ja"].repeats in html
