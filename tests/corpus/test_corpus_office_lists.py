"""Lists and tables of Word, PowerPoint and Excel files as a reader sees them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from lxml import etree
from pptx.util import Inches

from rag.corpus import Document
from tests.corpus.making import read_bytes


def read(folder: Path, name: str, file: Any) -> Document:
    buffer = BytesIO()
    file.save(buffer)
    return read_bytes(folder, name, buffer.getvalue())


def items_of(document: Document) -> list[list[tuple[int, str]]]:
    return [
        [(depth, document.text[slice(*item)]) for depth, item in zip(block.depths, block.items, strict=True)]
        for block in document.blocks
        if block.kind in ("list", "steps")
    ]


def rows_of(document: Document) -> list[list[list[str]]]:
    found = []
    for table in (block.table for block in document.blocks if block.table is not None):
        grid = [[table.grid.get((r, c)) for c in range(table.size[1])] for r in range(table.size[0])]
        found.append([["" if c is None else document.text[c.start : c.end] for c in row] for row in grid])
    return found


# Word


def test_items_of_lists_of_their_own_are_nested_as_far_as_they_are_set_in(tmp_path: Path) -> None:
    document = docx.Document()
    for words, style in (("電灯", "List Bullet"), ("電池", "List Bullet 2"), ("軍手", "List Bullet")):
        document.add_paragraph(words, style=style)
    assert items_of(read(tmp_path, "a.docx", document)) == [[(0, "・電灯"), (1, "・電池"), (0, "・軍手")]]


def test_a_row_that_leaves_columns_out_keeps_its_cells_in_theirs(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for row, words in enumerate((("曜日", "午前", "午後"), ("月", "岬", "灘"), ("", "浜", "磯"))):
        for column, each in enumerate(words):
            table.cell(row, column).text = each
    row = table.rows[2]._tr
    row.remove(row.tc_lst[0])
    row.get_or_add_trPr().append(parse_xml(f'<w:gridBefore {nsdecls("w")} w:val="1"/>'))
    assert rows_of(read(tmp_path, "a.docx", document)) == [
        [["曜日", "午前", "午後"], ["月", "岬", "灘"], ["", "浜", "磯"]]
    ]


def test_the_contents_of_a_word_file_are_marked(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("検査要領")
    style = document.styles.add_style("toc 1", 1)
    document.add_paragraph("適用範囲\t2", style=style)
    document.add_paragraph("検査は二人で行う。")
    read_back = read(tmp_path, "a.docx", document)
    assert [(read_back.text[e.start : e.end], e.reason) for e in read_back.excluded] == [("適用範囲\t2", "navigation")]


def test_exponents_of_word_files_are_raised(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("菌の数は10")
    paragraph.add_run("3").font.superscript = True
    paragraph.add_run("個である。")
    assert "10³個" in read(tmp_path, "a.docx", document).text


# PowerPoint


def test_numbered_paragraphs_of_a_text_box_are_a_list_with_its_numbers(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[0])
    slide.shapes.title.text = "海岸清掃"
    slide.placeholders[1].text = "環境課\n五月十日"
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "注意"
    frame = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(5), Inches(2)).text_frame
    frame.text = "手袋を着ける\n水を飲む\n以上です"
    for paragraph in frame.paragraphs[:2]:
        properties = paragraph._p.get_or_add_pPr()
        etree.SubElement(properties, f"{{{properties.nsmap['a']}}}buAutoNum").set("type", "arabicParenR")
    document = read(tmp_path, "a.pptx", presentation)
    assert items_of(document) == [[(0, "1) 手袋を着ける"), (0, "2) 水を飲む")]]
    assert "以上です" in document.text


# Excel


def test_tables_beside_each_other_on_a_sheet_are_tables_of_their_own(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    left, right = [("支店", "額"), ("北", 120), ("南", 90)], [("商品", "単価"), ("ねじ", 12), ("ばね", 45)]
    for row, (a, b) in enumerate(zip(left, right, strict=True), 1):
        for column, value in enumerate((*a, None, *b), 1):
            sheet.cell(row, column, value)
    assert rows_of(read(tmp_path, "a.xlsx", book)) == [
        [["支店", "額"], ["北", "120"], ["南", "90"]],
        [["商品", "単価"], ["ねじ", "12"], ["ばね", "45"]],
    ]


def test_paper_of_squares_has_labels_and_numbers_of_one_letter_a_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row, (label, words) in enumerate(
        (("氏名", "海野清一郎"), ("電話", "0312345678"), ("住所", "岬市浜町三丁目二番地")), 1
    ):
        for column, letter in enumerate(label, 1):
            sheet.cell(row, column, letter)
        for column, letter in enumerate(words, 5):
            sheet.cell(row, column, letter)
    words = [[cell for cell in row if cell] for row in rows_of(read(tmp_path, "a.xlsx", book))[0]]
    assert words == [["氏名", "海野清一郎"], ["電話", "0312345678"], ["住所", "岬市浜町三丁目二番地"]]


def test_marks_of_a_roster_stay_in_their_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["班", *"12345"],
        ["甲", *"早遅早早遅"],
        ["乙", *"遅早遅遅早"],
        ["丙", *"国算理社体"],
        ["丁", *"算国社理音"],
    ):
        sheet.append(row)
    assert [len(row) for row in rows_of(read(tmp_path, "a.xlsx", book))[0]] == [6] * 5
