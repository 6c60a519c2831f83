"""What is drawn on pages of PDF files: bullets before lines, rules through words, tables in two columns of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from rag.corpus.formats.pdf_page import read as read_page
from rag.corpus.pages import Quote
from tests.corpus.making import FONT, Written, read_bytes
from tests.corpus.test_corpus_pdf_tables import Line, ruled

Draw = Callable[[canvas.Canvas], None]


def drawn(lines: Sequence[Written], *shapes: Draw) -> bytes:
    """A page with these lines and shapes."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = BytesIO()
    page = canvas.Canvas(buffer, invariant=True)
    for x, y, size, words in lines:
        page.setFont(FONT, size)
        page.drawString(x, y, words)
    for shape in shapes:
        shape(page)
    page.showPage()
    page.save()
    return buffer.getvalue()


def dot(x: float, y: float) -> Draw:
    return lambda page: page.circle(x, y, 2, stroke=0, fill=1)


def ring(x: float, y: float) -> Draw:
    return lambda page: page.circle(x, y, 2, stroke=1, fill=0)


ITEMS: list[Written] = [
    (72, 700, 12, "次の物を持参してください。"),
    (84, 676, 12, "身分証"),
    (84, 658, 12, "申請の番号"),
    (108, 640, 12, "前日の五時まで"),
    (84, 622, 12, "名刺"),
]
BULLETS = (dot(76, 681), dot(76, 663), ring(100, 645), dot(76, 627))


def test_dots_and_rings_that_are_drawn_before_lines_make_them_items(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.pdf", drawn(ITEMS, *BULLETS))
    (block,) = [block for block in document.blocks if block.kind == "list"]
    items = [document.text[slice(*item)].replace(" ", "") for item in block.items]
    assert items == ["•身分証", "•申請の番号", "◦前日の五時まで", "•名刺"]
    assert block.depths == (0, 0, 1, 0)


def test_a_quote_with_a_drawn_bullet_is_framed(tmp_path: Path) -> None:
    data = drawn(ITEMS, *BULLETS)
    text = read_bytes(tmp_path, "a.pdf", data).text
    start = text.index("•")
    frames = read_page(data, 1, [Quote(text[start : start + 8], text[:start], text[start + 8 :])], 0).frames
    assert frames[0]


def test_dots_that_stand_before_no_line_are_none(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.pdf", drawn(ITEMS, dot(300, 681), dot(300, 400), dot(40, 663)))
    assert "•" not in document.text


def test_words_with_a_rule_through_them_stand_in_no_sentence(tmp_path: Path) -> None:
    lines: list[Written] = [(72, 700, 12, "送料は五百円六百円になります。"), (72, 660, 12, "来年から始めます。")]
    document = read_bytes(tmp_path, "a.pdf", ruled(lines, [(108, 704.5, 144, 704.5)]))
    assert document.text.split("\n")[0] == "送料は 六百円になります。"
    struck = [document.text[e.start : e.end] for e in document.excluded if e.reason == "struck"]
    assert struck == ["（取り消し線：五百円）"]


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param((108, 697.5, 144, 697.5), id="below the words"),
        pytest.param((60, 704.5, 400, 704.5), id="through the page"),
        pytest.param((108, 711, 144, 711), id="above the words"),
    ],
)
def test_other_rules_strike_nothing_out(tmp_path: Path, rule: tuple[float, float, float, float]) -> None:
    lines: list[Written] = [(72, 700, 12, "送料は五百円になります。"), (72, 660, 12, "来年から始めます。")]
    document = read_bytes(tmp_path, "a.pdf", ruled(lines, [rule]))
    assert document.text.split("\n")[0] == "送料は五百円になります。"


def narrow(x: float, top: float, rows: Sequence[tuple[str, str]]) -> tuple[list[Written], list[Line]]:
    """Rows of two cells in a frame."""
    lines = [
        (x + 5 + 80 * n, top - 13 - 18 * row, 10.0, cell)
        for row, cells in enumerate(rows)
        for n, cell in enumerate(cells)
    ]
    heights = [top - 18 * row for row in range(len(rows) + 1)]
    level = [(x, height, x + 160, height) for height in heights]
    return lines, [*level, *((x + each, heights[-1], x + each, top) for each in (0, 80, 160))]


def test_tables_in_two_columns_of_a_page_are_two(tmp_path: Path) -> None:
    left, left_rules = narrow(60, 700, [("課名", "内線"), ("総務課", "2100"), ("人事課", "2101")])
    right, right_rules = narrow(320, 709, [("課名", "内線"), ("税務課", "2104"), ("市民課", "2105")])
    document = read_bytes(tmp_path, "a.pdf", ruled([*left, *right], [*left_rules, *right_rules]))
    tables = [block.table for block in document.blocks if block.table is not None]
    assert [table.size for table in tables] == [(3, 2), (3, 2)]
    assert document.text.split("\n")[:2] == ["課名\t内線", "総務課\t2100"]


def test_paragraphs_of_a_line_each_are_not_glued(tmp_path: Path) -> None:
    lines: list[Written] = [
        (72, 700, 10, "糖尿病の薬を飲んでいる方は、前日までにお電話ください。"),
        (72, 675, 10, "ご不明な点は、内視鏡室までお尋ねください。"),
    ]
    assert read_bytes(tmp_path, "a.pdf", ruled(lines, [])).text.split() == [line[3] for line in lines]


def test_a_label_with_its_value_is_not_glued_to_the_line_below(tmp_path: Path) -> None:
    lines: list[Written] = [
        (72, 740, 10, "このたびはご利用いただき、ありがとうございます。次のとおりご請求しますので、ご確認ください。"),
        (72, 700, 10, "お振込先　みなと銀行　本店　普通　1234567"),
        (72, 682, 10, "手数料は、ご負担をお願いします。"),
    ]
    text = read_bytes(tmp_path, "a.pdf", ruled(lines, [])).text
    assert "手数料は、ご負担をお願いします。" in text.split("\n")
