"""PDF pages whose words do not stand upright: turned pages, tables set sideways, words at an edge or across."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from reportlab.pdfgen import canvas

from rag.corpus import Document
from rag.corpus.formats.pdf_page import read
from rag.corpus.pages import page_number, quote_on

from .making import BODY, FONT, paragraph, pdf_of, read_bytes

Drawing = Callable[[canvas.Canvas], None]
ROWS = (("品名", "数量", "置き場所"), ("机", "10", "一階の倉庫"), ("椅子", "40", "二階"), ("棚", "3", "三階の書庫"))
AS_ROWS = "".join("\t".join(row) + "\n" for row in ROWS)


def drawn(*drawings: Drawing, rotation: int = 0) -> bytes:
    """A PDF of one page."""
    pdf_of([])  # registers the font
    buffer = BytesIO()
    page = canvas.Canvas(buffer, pagesize=(600, 800))
    page.setPageRotation(rotation)
    for drawing in drawings:
        page.saveState()
        drawing(page)
        page.restoreState()
    page.save()
    return buffer.getvalue()


def turned(angle: int, *drawings: Drawing, at: tuple[float, float] | None = None) -> Drawing:
    """The same turned against the clock; from the corner at which it stays on the page."""
    corner = {0: (0, 0), 90: (600, 0), 180: (600, 800), 270: (0, 800)}.get(angle, (0, 0))

    def draw(page: canvas.Canvas) -> None:
        page.translate(*(at or corner))
        page.rotate(angle)
        for drawing in drawings:
            drawing(page)

    return draw


def words(*lines: tuple[float, float, float, str]) -> Drawing:
    def draw(page: canvas.Canvas) -> None:
        for x, y, size, text in lines:
            page.setFont(FONT, size)
            page.drawString(x, y, text)

    return draw


def table(top: float, *, ruled: bool) -> Drawing:
    def draw(page: canvas.Canvas) -> None:
        words(*((64 + 150 * c, top - 20 * r, 12, cell) for r, row in enumerate(ROWS) for c, cell in enumerate(row)))(
            page
        )
        for number in range(5 if ruled else 0):
            page.line(60, top + 15 - 20 * number, 510, top + 15 - 20 * number)
        for number in range(4 if ruled else 0):
            page.line(60 + 150 * number, top + 15, 60 + 150 * number, top - 65)

    return draw


def _read(tmp_path: Path, data: bytes) -> Document:
    return read_bytes(tmp_path, "a.pdf", data)


@pytest.mark.parametrize("angle", [90, 180, 270])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("ruled", [False, True])
def test_a_page_whose_words_all_stand_on_end_is_read_as_if_it_were_turned(
    tmp_path: Path, angle: int, rotation: int, ruled: bool
) -> None:
    heading, body = words((60, 540, 18, "備品の一覧")), words(*paragraph(BODY, top=500))
    document = _read(tmp_path, drawn(turned(angle, heading, body, table(400, ruled=ruled)), rotation=rotation))
    assert document.text == f"備品の一覧\n\n{BODY}\n\n{AS_ROWS}"
    assert document.title == "備品の一覧"
    (found,) = (block.table for block in document.blocks if block.table)
    assert found.size == (4, 3)


def test_head_and_number_of_a_page_with_a_table_set_sideways_are_lines_of_their_own(tmp_path: Path) -> None:
    upright = words((290, 20, 9, "- 3 -"), (250, 780, 9, "年次報告書"))
    text = _read(tmp_path, drawn(turned(90, table(400, ruled=True)), upright)).text
    assert text.splitlines() == [*AS_ROWS.splitlines(), "年次報告書", "- 3 -"]


def test_what_stands_on_end_at_the_edge_of_a_page_is_a_line_below_it(tmp_path: Path) -> None:
    edge = turned(90, words((0, 0, 9, "浜市総務課 Version 2")), at=(590, 300))
    body = words((60, 700, 18, "備品の一覧"), *paragraph(BODY, top=660))
    assert _read(tmp_path, drawn(body, edge)).text == f"備品の一覧\n\n{BODY}\n浜市総務課 Version 2\n"


def test_large_words_across_a_page_are_no_title(tmp_path: Path) -> None:
    stamp = turned(45, words((0, 0, 60, "社外秘")), at=(150, 200))
    document = _read(tmp_path, drawn(words((60, 700, 18, "備品の一覧"), *paragraph(BODY, top=660)), stamp))
    assert document.title == "備品の一覧"
    assert document.text == f"備品の一覧\n\n{BODY}\n社外秘\n"


def test_heads_that_stand_on_end_in_their_cells_are_whole(tmp_path: Path) -> None:
    days = ("月曜日", "火曜日", "水曜日")
    heads = (turned(90, words((0, 0, 11, day)), at=(225 + 60 * n, 600)) for n, day in enumerate(days))
    cells = ((105 if c == 0 else 155 + 60 * c, 570, 11, cell) for c, cell in enumerate(("図書室", "9時", "10時", "休")))

    def rules(page: canvas.Canvas) -> None:
        for y in (650, 590, 560):
            page.line(90, y, 380, y)
        for x in (90, 200, 260, 320, 380):
            page.line(x, 650, x, 560)

    text = _read(tmp_path, drawn(words(*paragraph(BODY, top=760)), *heads, words(*cells), rules)).text
    assert text.splitlines()[-2:] == ["\t月曜日\t火曜日\t水曜日", "図書室\t9時\t10時\t休"]


@pytest.mark.parametrize(
    ("rotation", "left", "bottom", "right", "top"),
    [
        (0, 100 - 10.56, 60 + 3 * 12, 100 + 1.44, 60 + 7 * 12),  # upwards, 100 points from the left edge
        (90, 60 + 3 * 12, 700 - 1.44, 60 + 7 * 12, 700 + 10.56),  # of a page that is 800 wide before it is turned
    ],
)
def test_a_quote_is_framed_where_it_stands_on_the_page_as_it_is_shown(
    tmp_path: Path, rotation: int, left: float, bottom: float, right: float, top: float
) -> None:
    data = drawn(turned(90, words((60, 500, 12, "干潟は三キロ先まで続きます。"))), rotation=rotation)
    document = _read(tmp_path, data)
    quote = quote_on(document, page_number(document.places[0]), 3, 7)
    assert quote is not None
    page = read(data, 1, [quote], 0)
    assert (page.width, page.height) == (600, 800)
    ((box,),) = page.frames
    assert box == pytest.approx((left / 600, 1 - top / 800, right / 600, 1 - bottom / 800), abs=0.001)
