"""Tables and columns of PDF files: by rules, by level rules alone, and by how near their cells stand."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from rag.corpus import Document
from tests.corpus.making import FONT, Written, pdf_of, read_bytes

Line = tuple[float, float, float, float]


def pages_of(*pages: tuple[Sequence[Written], Sequence[Line]]) -> bytes:
    """Pages with lines and rules."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = BytesIO()
    drawn = canvas.Canvas(buffer, invariant=True)
    for lines, rules in pages:
        drawn.setLineWidth(0.5)
        for x, y, size, words in lines:
            drawn.setFont(FONT, size)
            drawn.drawString(x, y, words)
        for rule in rules:
            drawn.line(*rule)
        drawn.showPage()
    drawn.save()
    return buffer.getvalue()


def ruled(lines: Sequence[Written], rules: Sequence[Line]) -> bytes:
    """A page with these lines and straight rules."""
    return pages_of((lines, rules))


def rows_of(document: Document) -> list[list[str]]:
    """The words of all tables, row by row, those of merged cells in each place they cover."""
    found = []
    for table in (block.table for block in document.blocks if block.table is not None):
        for row in range(table.size[0]):
            cells = [table.grid.get((row, column)) for column in range(table.size[1])]
            found.append(["" if cell is None else document.text[cell.start : cell.end] for cell in cells])
    return found


def test_level_rules_alone_part_the_rows_of_a_table(tmp_path: Path) -> None:
    words = [
        ("品名", "数", "金額"),
        ("ねじ", "1,000", "12,000"),
        ("ばね（特注）", "80", "3,600"),
        ("合計", "", "15,600"),
    ]
    lines: list[Written] = [
        (60, 720, 10, "港北商会　御中"),
        (420, 720, 10, "2024年8月31日"),
        (440, 705, 10, "みさき工業"),
    ]
    for number, row in enumerate(words):
        lines += [(x, 600 - 18 * number, 10, each) for x, each in zip((65, 300, 420), row, strict=True) if each]
    rules = [(60.0, 612.0 - 18 * number, 500.0, 612.0 - 18 * number) for number in range(5)]
    document = read_bytes(tmp_path, "a.pdf", ruled(lines, rules))
    assert rows_of(document)[-4:] == [list(row) for row in words]
    assert "2024年8月31日みさき" not in document.text


def test_rules_above_and_below_a_table_hold_many_rows(tmp_path: Path) -> None:
    words = [
        ("種類", "深さ", "備考"),
        ("アサリ", "5 cm", "春"),
        ("マテ貝", "30 cm", "塩を使う"),
        ("ハマグリ", "8 cm", "禁漁あり"),
    ]
    lines = [
        (x, 600 - 18 * number, 10, each)
        for number, row in enumerate(words)
        for x, each in zip((65, 250, 400), row, strict=True)
    ]
    rules = [(60.0, y, 500.0, y) for y in (614.0, 594.0, 536.0)]
    assert rows_of(read_bytes(tmp_path, "a.pdf", ruled(lines, rules))) == [list(row) for row in words]


def test_text_between_level_rules_is_no_table(tmp_path: Path) -> None:
    text = "潮が引くと、干潟は三キロ先まで続きます。貝を掘る人で浜はにぎわい、夕方まで人の声がします。"
    lines = [
        (60.0, 700.0 - 60 * part - 16 * n, 10.0, text[20 * n : 20 * n + 20]) for part in range(3) for n in range(3)
    ]
    rules = [(60.0, 715.0 - 60 * number, 500.0, 715.0 - 60 * number) for number in range(4)]
    document = read_bytes(tmp_path, "a.pdf", ruled(lines, rules))
    assert not rows_of(document)
    assert document.text.count(text) == 3


def test_merged_cells_of_a_ruled_table_reach_to_the_places_they_cover(tmp_path: Path) -> None:
    lines: list[Written] = [
        (65, 605, 10, "区分"), (255, 605, 10, "額"), (65, 575, 10, "収入"), (165, 585, 10, "会費"),
        (255, 585, 10, "120"),
        (165, 565, 10, "寄付"), (255, 565, 10, "30"), (65, 545, 10, "支出"), (165, 545, 10, "雑費"),
        (255, 545, 10, "90"),
    ]  # fmt: skip
    rules = [(60.0, y, 340.0, y) for y in (620.0, 600.0, 560.0, 540.0)]
    rules += [(160.0, 580.0, 340.0, 580.0)]
    rules += [(60.0, 540.0, 60.0, 620.0), (160.0, 540.0, 160.0, 600.0)]
    rules += [(250.0, 540.0, 250.0, 620.0), (340.0, 540.0, 340.0, 620.0)]
    document = read_bytes(tmp_path, "a.pdf", ruled(lines, rules))
    assert rows_of(document) == [
        ["区分", "区分", "額"],
        ["収入", "会費", "120"],
        ["収入", "寄付", "30"],
        ["支出", "雑費", "90"],
    ]


def test_narrow_columns_of_a_table_are_not_glued(tmp_path: Path) -> None:
    rows = [
        ("品名", "数", "条件"),
        ("投影機", "2", "前日までに予約すること"),
        ("白板", "5", "なし"),
        ("机", "10", "当日申し込む"),
    ]
    lines = [
        (x, 700.0 - 22 * number, 12.0, each)
        for number, row in enumerate(rows)
        for x, each in zip((60, 140, 163), row, strict=True)
    ]
    assert rows_of(read_bytes(tmp_path, "a.pdf", pdf_of([lines]))) == [list(row) for row in rows]


def test_a_cell_of_the_first_column_goes_on_below(tmp_path: Path) -> None:
    lines: list[Written] = [(60, 700, 12, "品名"), (160, 700, 12, "数"), (60, 678, 12, "白板"), (160, 678, 12, "5")]
    lines += [(60, 656, 12, "延長コ"), (160, 656, 12, "10"), (60, 640, 12, "ード")]
    assert rows_of(read_bytes(tmp_path, "a.pdf", pdf_of([lines]))) == [
        ["品名", "数"],
        ["白板", "5"],
        ["延長コード", "10"],
    ]


def test_short_columns_whose_paragraphs_are_indented_are_read_one_behind_the_other(tmp_path: Path) -> None:
    left = [
        "　春の清掃には百二十名が参加しま",
        "した。天気にも恵まれ、二時間で終",
        "わりました。ごみは八百キロでした。",
        "　次回は七月です。",
    ]
    right = ["　灘小学校の児童が海の生き物を調", "べました。", "　結果は公民館に掲示しますので、", "ぜひご覧ください。"]
    lines = [
        (x, 700.0 - 16 * number, 10.0, words)
        for number, pair in enumerate(zip(left, right, strict=True))
        for x, words in zip((60, 310), pair, strict=True)
    ]
    document = read_bytes(tmp_path, "a.pdf", pdf_of([lines]))
    assert not rows_of(document)
    assert "参加しました。天気にも恵まれ、二時間で終わりました。" in document.text
    assert "生き物を調べました。" in document.text


def test_what_stands_below_the_words_of_an_item_goes_on_with_it(tmp_path: Path) -> None:
    lines: list[Written] = [
        (60, 700, 10, "1"), (78, 700, 10, "支出は事前に承認を得ること。"),
        (60, 686, 10, "2"), (78, 686, 10, "領収書を必ず添付し、会計担当に月末に出すこと。遅れたときは翌月の扱いと"),
        (78, 672, 10, "し、理由書を添えること。"), (60, 658, 10, "3"), (78, 658, 10, "余った額は翌年度に繰り越す。"),
    ]  # fmt: skip
    document = read_bytes(tmp_path, "a.pdf", pdf_of([lines]))
    assert "翌月の扱いとし、理由書を添えること。" in document.text


def test_cells_set_in_the_middle_of_rows_without_rules_are_whole(tmp_path: Path) -> None:
    cells = [
        ("症状", "原因", "処置"),
        (
            "電源が入らない",
            "コードが抜けている。差し込みの緩みで起こることもある。電池切れのこともある。",
            "コードを差す。",
        ),
        ("音が大きい。低い音が続く。揺れもある。", "羽根に物が当たっている。", "止めて取り除く。濡れた手で触れない。"),
        ("水が漏れる", "管のゆるみ", "締める。"),
    ]
    lines: list[Written] = []
    y = 700.0
    for row in cells:
        wrapped = [[cell[i : i + 8] for i in range(0, len(cell), 8)] for cell in row]
        high = max(map(len, wrapped))
        for x, cell in zip((60, 170, 280), wrapped, strict=True):
            first = y - (high - len(cell)) * 13 / 2
            lines += [(x, first - 13 * number, 10, words) for number, words in enumerate(cell)]
        y -= high * 13 + 7
    assert rows_of(read_bytes(tmp_path, "a.pdf", pdf_of([lines]))) == [list(row) for row in cells]


def test_the_contents_are_no_title(tmp_path: Path) -> None:
    lines: list[Written] = [(60, 750, 18, "目次"), (60, 720, 10, "第一章　総則 ・・・・・・・・・・・・ 3")]
    lines += [(60, 690, 10, "第二章　採用 ・・・・・・・・・・・・ 4"), (60, 600, 14, "第一章　総則")]
    lines += [(60, 580, 10, "この規則は、職員について定める。"), (60, 563, 10, "職員は、誠実に勤める。")]
    document = read_bytes(tmp_path, "a.pdf", pdf_of([lines]))
    assert document.title == "第一章 総則"


def framed(rows: Sequence[Sequence[str]], top: float, *, closed: bool = True) -> tuple[list[Written], list[Line]]:
    """Rows 18 points high in a frame of two columns; the last without a rule below it if it is not closed."""
    bottom = top - 18 * len(rows)
    lines = [
        (x, top - 13 - 18 * number, 10.0, cell)
        for number, row in enumerate(rows)
        for x, cell in zip((65.0, 165.0), row, strict=True)
        if cell
    ]
    level = [(60.0, top - 18 * number, 460.0, top - 18 * number) for number in range(len(rows) + closed)]
    return lines, [*level, *((x, bottom, x, top) for x in (60.0, 160.0, 460.0))]


def test_one_row_on_the_next_page_is_of_the_table(tmp_path: Path) -> None:
    first, last = (
        framed([("貝", "値段"), ("浅蜊", "300円"), ("蛤", "600円")], 200.0),
        framed([("赤貝", "900円")], 780.0),
    )
    document = read_bytes(tmp_path, "a.pdf", pages_of(first, last))
    assert rows_of(document) == [["貝", "値段"], ["浅蜊", "300円"], ["蛤", "600円"], ["赤貝", "900円"]]
    (table,) = [block.table for block in document.blocks if block.table]
    assert table.header_rows == 1
    assert [place.label for place in document.places] == ["1", "2"]
    assert document.text[document.places[1].start :].startswith("赤貝")


def test_a_row_that_a_page_break_cuts_is_one(tmp_path: Path) -> None:
    first = framed([("貝", "掘り方"), ("浅蜊", "熊手で浅く掘り、砂が多いときは水で"), ("", "")][:2], 200.0)
    last = framed([("", "洗う。"), ("蛤", "深く掘る。")], 780.0)
    document = read_bytes(tmp_path, "a.pdf", pages_of(first, last))
    assert rows_of(document) == [
        ["貝", "掘り方"],
        ["浅蜊", "熊手で浅く掘り、砂が多いときは水で洗う。"],
        ["蛤", "深く掘る。"],
    ]
    assert document.text[document.places[1].start :].startswith("洗う。")


def test_a_head_of_several_rows_that_is_said_again_is_left_out(tmp_path: Path) -> None:
    head = [("貝", "値段"), ("", "一皿")]
    first, last = framed([*head, ("浅蜊", "300円")], 200.0), framed([*head, ("蛤", "600円")], 780.0)
    document = read_bytes(tmp_path, "a.pdf", pages_of(first, last))
    assert [row[0] for row in rows_of(document)] == ["貝", "", "浅蜊", "蛤"]


def test_a_sum_below_the_tax_is_a_row_of_its_own(tmp_path: Path) -> None:
    rows = [("浅蜊", "2", "600"), ("", "税(10%)", "60"), ("", "計", "660")]
    lines = [
        (x, 600 - 17.4 * number, 10.0, each)
        for number, row in enumerate(rows)
        for x, each in zip((65.0, 300.0, 420.0), row, strict=True)
        if each
    ]
    document = read_bytes(tmp_path, "a.pdf", pdf_of([lines]))
    assert rows_of(document) == [list(row) for row in rows]


def test_labels_set_wide_behind_the_numbers_of_items_are_words(tmp_path: Path) -> None:
    lines: list[Written] = []
    for number, (mark, label, value) in enumerate(
        [("１", "日　　時", "5月3日"), ("２", "場　　所", "浜"), ("３", "持ち物", "熊手"), ("４", "申込期限", "4月末")]
    ):
        y = 600.0 - 18 * number
        lines.append((60.0, y, 10.0, mark))
        lines += [(80.0 + 30 * place, y, 10.0, part) for place, part in enumerate(label.split("　　"))]
        lines.append((150.0, y, 10.0, value))
    document = read_bytes(tmp_path, "a.pdf", pdf_of([lines]))
    assert rows_of(document)[0] == ["１", "日時", "5月3日"]


def test_the_subject_of_a_letter_is_its_title_whatever_is_larger_below(tmp_path: Path) -> None:
    lines: list[Written] = [
        (420, 780, 10, "浜総第１号"),
        (420, 762, 10, "令和６年４月１日"),
        (60, 740, 10, "各位"),
        (200, 700, 10, "浜の清掃について（依頼）"),
        (60, 670, 10, "　下記のとおり行いますので、御参加ください。"),
        (60, 600, 18, "予定表"),
        (60, 570, 10, "　五月に行います。"),
    ]
    assert read_bytes(tmp_path, "a.pdf", pdf_of([lines])).title == "浜の清掃について（依頼）"
