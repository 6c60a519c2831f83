"""Word and PowerPoint files beyond paragraphs: comments, equations, page texts, drawings, strict files, macros."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from rag.corpus import Document
from rag.corpus.formats.draft import Draft
from rag.corpus.formats.drawings import write_smart_art
from rag.corpus.formats.equations import equation
from tests.corpus.making import BODY, read_bytes, slides_file, word_file, zip_of

MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def _bytes(document: Any) -> bytes:
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _read(folder: Path, document: Any, name: str = "a.docx") -> Document:
    return read_bytes(folder, name, _bytes(document))


def _table(document: Document) -> list[list[str]]:
    (table,) = [block.table for block in document.blocks if block.table]
    return [[document.text[cell.start : cell.end] for cell in table.row(row)] for row in range(table.size[0])]


def test_a_comment_stands_behind_the_paragraph_it_is_on(tmp_path: Path) -> None:
    word = docx.Document()
    run = word.add_paragraph("契約の期間は三年とする。").runs[0]
    word.add_paragraph("次の段落。")
    word.add_comment(run, text="自動更新の条項を足すこと。", author="渚")
    assert _read(tmp_path, word).text == (
        "契約の期間は三年とする。\n（コメント 渚：自動更新の条項を足すこと。）\n次の段落。\n"
    )


@pytest.mark.parametrize(
    ("xml", "line"),
    [
        ("<m:r><m:t>h=2a+0.35</m:t></m:r>", "h=2a+0.35"),
        ("<m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>", "(a+b)/2"),
        ("<m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>", "x^2"),
        ("<m:sSub><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sub><m:r><m:t>i+1</m:t></m:r></m:sub></m:sSub>", "x_(i+1)"),
        ("<m:rad><m:deg/><m:e><m:r><m:t>2gh</m:t></m:r></m:e></m:rad>", "√(2gh)"),
        (
            "<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=']'/></m:dPr><m:e><m:r><m:t>a</m:t></m:r></m:e></m:d>",
            "[a]",
        ),
        (
            "<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub><m:r><m:t>i</m:t></m:r></m:sub><m:sup/><m:e><m:r>"
            "<m:t>a</m:t></m:r></m:e></m:nary>",
            "∑_i a",
        ),
    ],
)
def test_an_equation_is_written_in_one_line(xml: str, line: str) -> None:
    assert equation(etree.fromstring(f'<m:oMath xmlns:m="{MATH}">{xml}</m:oMath>')) == line


def test_an_equation_in_a_paragraph_is_part_of_it(tmp_path: Path) -> None:
    word = docx.Document()
    xml = f'<m:oMath xmlns:m="{MATH}"><m:r><m:t>h=2a</m:t></m:r></m:oMath>'
    word.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}><w:r><w:t>潮位は</w:t></w:r>{xml}</w:p>"))
    assert _read(tmp_path, word).text == "潮位はh=2a\n"


def test_hidden_words_are_said_to_be_hidden(tmp_path: Path) -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("見える文。")
    paragraph.add_run("原価は").font.hidden = True
    paragraph.add_run("九百円。").font.hidden = True
    paragraph.add_run("また見える。")
    assert _read(tmp_path, word).text == "見える文。（隠し文字：原価は九百円。）また見える。\n"


def test_headers_and_footers_are_read_once_and_pages_numbers_are_not(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph(BODY)
    word.sections[0].header.paragraphs[0].text = "文書番号 HK-12　改訂日 2024年5月1日"
    word.sections[0].footer.paragraphs[0].text = "- 1 / 3 ページ -"
    word.add_section()
    word.sections[1].footer.is_linked_to_previous = False
    word.sections[1].footer.paragraphs[0].text = "浜町役場 総務課"
    text = _read(tmp_path, word).text
    assert text == f"{BODY}\n\n文書番号 HK-12 改訂日 2024年5月1日\n浜町役場 総務課\n"


def test_a_title_of_several_paragraphs_is_one(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph("浜町庁舎", style="Title")
    word.add_paragraph("改修工事の概要", style="Title")
    word.add_paragraph(BODY)
    assert _read(tmp_path, word).title == "浜町庁舎改修工事の概要"


def test_the_title_in_the_properties_counts_only_if_the_text_says_it(tmp_path: Path) -> None:
    word = docx.Document()
    word.core_properties.title = "ひな形"
    word.add_paragraph("旅費規程")
    word.add_paragraph("")
    word.add_paragraph(BODY)
    assert _read(tmp_path, word).title == "旅費規程"


def test_paragraphs_of_a_list_are_its_items_with_their_depths(tmp_path: Path) -> None:
    word = docx.Document()
    for words, style in (("持ち物", "List Bullet"), ("熊手", "List Bullet 2"), ("長靴", "List Bullet 2")):
        word.add_paragraph(words, style=style)
    word.add_paragraph("次の段落。")
    document = _read(tmp_path, word)
    (block,) = [block for block in document.blocks if block.kind == "list"]
    assert [document.text[start:end] for start, end in block.items] == ["・持ち物", "・熊手", "・長靴"]


def test_text_in_a_frame_of_one_cell_keeps_its_paragraphs(tmp_path: Path) -> None:
    word = docx.Document()
    cell = word.add_table(1, 1).cell(0, 0)
    cell.text = "注意"
    cell.add_paragraph("満潮の一時間前に戻る。")
    assert _read(tmp_path, word).text == "注意\n満潮の一時間前に戻る。\n"


@pytest.mark.parametrize(("name", "made"), [("a.docx", word_file()), ("a.pptx", slides_file())])
def test_a_strict_file_is_read_as_any_other(tmp_path: Path, name: str, made: bytes) -> None:
    strict = {}
    with ZipFile(BytesIO(made)) as archive:
        for part in archive.namelist():
            data = archive.read(part)
            for space in (b"wordprocessingml", b"presentationml", b"drawingml", b"officeDocument"):
                old = b"http://schemas.openxmlformats.org/" + space + b"/2006/"
                data = data.replace(old, b"http://purl.oclc.org/ooxml/" + space + b"/")
            strict[part] = data
    assert read_bytes(tmp_path, name, zip_of(strict)).text == read_bytes(tmp_path, f"b{name}", made).text


@pytest.mark.parametrize(
    ("name", "made", "plain", "other"),
    [
        (
            "a.docm",
            word_file(),
            b"openxmlformats-officedocument.wordprocessingml.document",
            b"ms-word.document.macroEnabled",
        ),
        ("a.pptm", slides_file(), b"presentationml.presentation.main", b"presentationml.slideshow.main"),
    ],
)
def test_a_file_with_macros_or_a_show_is_read(
    tmp_path: Path, name: str, made: bytes, plain: bytes, other: bytes
) -> None:
    with ZipFile(BytesIO(made)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    assert plain in parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(plain, other)
    assert "潮" in read_bytes(tmp_path, name, zip_of(parts)).text


def test_what_a_program_wrote_for_author_and_date_is_left_out(tmp_path: Path) -> None:
    word = docx.Document()
    word.core_properties.author = "Windows ユーザー"
    word.add_paragraph(BODY)
    assert not {"author", "date"} & set(_read(tmp_path, word).metadata)


# PowerPoint


def _slide() -> tuple[Any, Any]:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "来場者の推移"
    return presentation, slide


def test_the_data_of_a_chart_are_a_table(tmp_path: Path) -> None:
    presentation, slide = _slide()
    data = CategoryChartData(number_format="#,##0")
    data.categories = ["四月", "五月"]
    data.add_series("人数", (1200, 3400))
    data.add_series("前年", (900, None))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(2), Inches(5), Inches(3), data)
    document = _read(tmp_path, presentation, "a.pptx")
    assert _table(document) == [["", "人数", "前年"], ["四月", "1,200", "900"], ["五月", "3,400"]]


def test_boxes_are_read_from_top_to_bottom_and_from_left_to_right(tmp_path: Path) -> None:
    presentation, slide = _slide()
    for words, left, top in (("三", 1, 4), ("二", 5, 2.1), ("一", 1, 2)):
        slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(0.5)).text_frame.text = words
    assert _read(tmp_path, presentation, "a.pptx").text == "来場者の推移\n一\n二\n三\n"


def test_what_stands_on_every_slide_is_read_once(tmp_path: Path) -> None:
    presentation, _ = _slide()
    layout = presentation.slide_layouts[5]
    presentation.slides.add_slide(layout).shapes.title.text = "次の年"
    box = presentation.slide_master.shapes._spTree
    first = presentation.slides[0].shapes.add_textbox(0, 0, Inches(1), Inches(1))
    first.text_frame.text = "社外秘 HK-12"
    box.append(first._element)
    text = _read(tmp_path, presentation, "a.pptx").text
    assert text == "来場者の推移\n社外秘 HK-12\n\n次の年\n"


def test_smart_art_is_a_list_as_deep_as_its_shapes() -> None:
    xml = """<d:dataModel xmlns:d="x" xmlns:a="y"><d:ptLst>
    <d:pt modelId="0" type="doc"/>
    <d:pt modelId="1"><d:t><a:p><a:r><a:t>部長</a:t></a:r></a:p></d:t></d:pt>
    <d:pt modelId="3"><d:t><a:p><a:r><a:t>渚</a:t></a:r></a:p></d:t></d:pt>
    <d:pt modelId="2"><d:t><a:p><a:r><a:t>浜野</a:t></a:r></a:p></d:t></d:pt></d:ptLst>
    <d:cxnLst><d:cxn srcId="0" destId="1" srcOrd="0"/><d:cxn srcId="1" destId="3" srcOrd="1"/>
    <d:cxn srcId="1" destId="2" srcOrd="0"/></d:cxnLst></d:dataModel>"""
    draft = Draft()
    write_smart_art(draft, etree.fromstring(xml))
    parsed = draft.parsed()
    assert parsed.text == "部長\n浜野\n渚\n"
    assert parsed.blocks[0].depths == (0, 1, 1)


def _box(inside: str) -> Any:
    return parse_xml(f"<w:r {nsdecls('w')}><w:pict><w:txbxContent>{inside}</w:txbxContent></w:pict></w:r>")


def _cells(*words: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{each}</w:t></w:r></w:p></w:tc>" for each in words) + "</w:tr>"


def test_a_text_box_that_hangs_on_a_cell_is_read(tmp_path: Path) -> None:
    word = docx.Document()
    table = word.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "重金属", "ポリ瓶"
    table.cell(0, 1).paragraphs[0]._p.append(_box("<w:p><w:r><w:t>水銀は別に回収する。</w:t></w:r></w:p>"))
    assert "水銀は別に回収する。" in _read(tmp_path, word).text.split("\n")


def test_a_table_in_a_text_box_is_a_table(tmp_path: Path) -> None:
    word = docx.Document()
    rows = _cells("対象", "停止時間") + _cells("本番", "2時から4時")
    word.add_paragraph("更新のお知らせです。")._p.append(_box(f"<w:tbl>{rows}</w:tbl><w:p/>"))
    assert _table(_read(tmp_path, word)) == [["対象", "停止時間"], ["本番", "2時から4時"]]


def test_a_table_in_a_cell_is_a_table_of_its_own_below_what_its_row_is_called(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph("船積依頼書")
    table = word.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text, table.cell(1, 0).text = "船名", "さくら丸", "貨物明細"
    inside = table.cell(1, 1).add_table(2, 2)
    for place, words in zip([(0, 0), (0, 1), (1, 0), (1, 1)], ["品名", "重量", "塗料", "1,200"], strict=True):
        inside.cell(*place).text = words
    document = _read(tmp_path, word)
    block = [block for block in document.blocks if block.table][-1]
    assert document.text[block.start : block.end] == "品名\t重量\n塗料\t1,200"
    assert block.intro is not None and document.text[slice(*block.intro)] == "貨物明細"


def test_boxes_within_boxes_end_somewhere(tmp_path: Path) -> None:
    word = docx.Document()
    inside = "<w:p><w:r><w:t>最も内の文。</w:t></w:r></w:p>"
    for _ in range(40):
        inside = f"<w:p><w:r><w:t>箱。</w:t><w:pict><w:txbxContent>{inside}</w:txbxContent></w:pict></w:r></w:p>"
    word.element.body.insert(0, parse_xml(inside.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)))
    assert _read(tmp_path, word).text.count("箱。") >= 5


def test_fields_of_a_form_have_their_ticks_and_choices(tmp_path: Path) -> None:
    word = docx.Document()
    boxes = ("<w:checkBox><w:checked/></w:checkBox>", '<w:checkBox><w:default w:val="0"/></w:checkBox>')
    choice = '<w:ddList><w:result w:val="1"/><w:listEntry w:val="総務"/><w:listEntry w:val="経理"/></w:ddList>'
    for field, words in zip((*boxes, choice), ("希望する", "希望しない", "課"), strict=True):
        run = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{field}</w:ffData></w:fldChar></w:r>'
        run += f'<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>{words}</w:t></w:r>'
        word.element.body.insert(len(word.element.body) - 1, parse_xml(f"<w:p {nsdecls('w')}>{run}</w:p>"))
    assert _read(tmp_path, word).text == "☑希望する\n☐希望しない\n経理課\n"


def test_items_in_cells_have_their_numbers(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph("用意する。", "List Number")
    table = word.add_table(3, 2)
    for row, words in enumerate(("内容", "書く", "押す")):
        table.cell(row, 1).text = words
        if row:
            table.cell(row, 0).paragraphs[0].style = "List Number"  # a column of numbers that holds no words
    table.cell(0, 0).text = "番"
    table.cell(2, 1).add_paragraph("認印", "List Bullet")
    table.cell(2, 1).add_paragraph("", "List Bullet")
    assert _table(_read(tmp_path, word)) == [["番", "内容"], ["2.", "書く"], ["3.", "押す ・認印"]]
