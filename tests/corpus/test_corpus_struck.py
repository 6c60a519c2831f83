"""Struck-out words are in no sentence of a document, and its end tells them outside of the index."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from pptx.util import Inches

from rag.chunking import Chunker
from rag.corpus import Document
from tests.corpus.making import read_bytes

CHUNKER = Chunker(120, 1, 480, lambda texts: [len(text) for text in texts])


def _saved(document: object) -> bytes:
    buffer = BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def _word() -> bytes:
    word = docx.Document()
    paragraph = word.add_paragraph("手指消毒は入室時に")
    paragraph.add_run("石けんで").font.strike = True
    paragraph.add_run("30秒").font.double_strike = True
    paragraph.add_run("15秒以上行う。").font.strike = False
    word.styles.add_style("Withdrawn", WD_STYLE_TYPE.CHARACTER).font.strike = True
    word.add_paragraph("旧版は").add_run("棚にある。", style="Withdrawn")
    cell = word.add_table(1, 2).cell(0, 0).paragraphs[0]
    cell.add_run("週1回").font.strike = True
    return _saved(word)


def _sheet() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["品目", "単価"])
    sheet.append(["長靴", 2400])
    sheet.append(["熊手", 800])
    sheet["A3"].font = sheet["B3"].font = Font(strike=True)
    sheet["A4"] = CellRichText("軍手は", TextBlock(InlineFont(strike=True), "100円"), "150円です。")
    return _saved(book)


def _slides() -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    frame = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(5), Inches(1)).text_frame
    for words, strike in (("手数料は", ""), ("無料です。", "sngStrike"), ("3,000円です。", "noStrike")):
        run = frame.paragraphs[0].add_run()
        run.text = words
        if strike:
            run._r.get_or_add_rPr().set("strike", strike)
    return _saved(show)


def _struck(document: Document) -> list[str]:
    return [
        line for e in document.excluded if e.reason == "struck" for line in document.text[e.start : e.end].split("\n")
    ]


PAGE = (
    "<html><body><h1>送料</h1><p>送料は<del>500円</del>650円です。</p>"
    '<p>支払いは<span style="text-decoration: line-through">現金のみ</span>現金かカードです。</p></body></html>'
).encode()
MAIL = b"Subject: fee\nContent-Type: text/html; charset=utf-8\n\n" + PAGE


@pytest.mark.parametrize(
    ("name", "data", "shown", "struck"),
    [
        ("a.docx", _word(), "手指消毒は入室時に15秒以上行う。", ["石けんで30秒", "棚にある。", "週1回"]),
        ("a.xlsx", _sheet(), "軍手は150円です。", ["熊手", "800", "100円"]),
        ("a.pptx", _slides(), "手数料は3,000円です。", ["無料です。"]),
        ("a.html", PAGE, "送料は 650円です。", ["500円", "現金のみ"]),
        ("a.eml", MAIL, "支払いは 現金かカードです。", ["500円", "現金のみ"]),
    ],
)
def test_struck_out_words_are_told_at_the_end_and_stand_in_no_passage(
    tmp_path: Path, name: str, data: bytes, shown: str, struck: list[str]
) -> None:
    document = read_bytes(tmp_path, name, data)
    assert shown in document.text.split("\n")
    assert _struck(document) == [f"（取り消し線：{words}）" for words in struck]
    assert not any(words in passage.text for passage in CHUNKER.passages(document) for words in struck)


def test_what_is_struck_out_in_markdown_is_not_found(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.md", "送料は~~500円~~650円です。<del>旧版</del>は棚に~~ある。\n".encode())
    (passage,) = CHUNKER.passages(document)
    assert passage.words == "送料は650円です。は棚にある。"


def test_an_item_that_is_struck_out_still_counts(tmp_path: Path) -> None:
    word = docx.Document()
    for words in ("名前を書く。", "印を押す。", "箱に入れる。"):
        word.add_paragraph(words, "List Number")
    word.paragraphs[1].runs[0].font.strike = True
    document = read_bytes(tmp_path, "a.docx", _saved(word))
    (block,) = [block for block in document.blocks if block.items]
    assert [document.text[slice(*item)] for item in block.items] == ["1. 名前を書く。", "3. 箱に入れる。"]


def test_what_was_deleted_is_not_told_even_if_it_was_struck_out_before(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph("本文です。")
    word.element.body.insert(
        0,
        parse_xml(
            f"<w:p {nsdecls('w')}><w:del w:id='1' w:author='a'><w:r><w:rPr><w:strike/></w:rPr>"
            "<w:delText>消した文</w:delText></w:r></w:del></w:p>"
        ),
    )
    assert read_bytes(tmp_path, "a.docx", _saved(word)).text.strip() == "本文です。"


def test_a_cell_of_a_page_that_is_struck_out_keeps_its_place(tmp_path: Path) -> None:
    page = "<table><tr><th>品</th><th>旧</th><th>新</th></tr><tr><td>皿</td><td><s>3</s></td><td>5</td></tr></table>"
    document = read_bytes(tmp_path, "a.html", f"<html><body>{page}</body></html>".encode())
    (table,) = [block.table for block in document.blocks if block.table]
    cell = table.grid[1, 2]
    assert document.text[cell.start : cell.end] == "5"


def test_paragraphs_that_are_struck_out_are_told_but_not_what_nothing_closes(tmp_path: Path) -> None:
    page = "<html><body><p>序文です。</p><del><p>旧い規則です。</p></del><p>新しい規則です。</p><s>"
    page += "".join(f"<p>第{number}条　ここに規則の本文が続きます。</p>" for number in range(200))
    document = read_bytes(tmp_path, "a.html", f"{page}</body></html>".encode())
    assert _struck(document) == ["（取り消し線：旧い規則です。）"]
    assert document.text.split("\n")[:3] == ["序文です。", "新しい規則です。", "第0条　ここに規則の本文が続きます。"]
