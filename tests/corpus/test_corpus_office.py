"""Word, PowerPoint and Excel files, books, notebooks, subtitles and code: text, headings, places, and refusals."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from rag.corpus import Document, read_document
from rag.corpus.formats.word_numbers import shown_number
from rag.errors import DocumentError
from tests.corpus.making import BODY, book_file, read_bytes, sheets_file, slides_file, word_file, zip_of

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def _headings(document: Document) -> list[tuple[int, str]]:
    return [(heading.level, document.text[heading.start : heading.end]) for heading in document.headings]


def _place_of(document: Document, words: str) -> tuple[str, str] | None:
    place = document.place(document.text.index(words))
    return None if place is None else (place.kind, place.label)


# Word


def test_the_name_of_a_table_in_its_first_row_stands_above_the_heads(tmp_path: Path) -> None:
    file, rows = docx.Document(), (("機器", "上限", "記録"), ("冷蔵庫", "10℃", "1日2回"), ("冷凍庫", "-15℃", "1日1回"))
    for body in (rows, rows[:2]):
        table = file.add_table(len(body) + 1, 3)
        table.cell(0, 0).merge(table.cell(0, 2)).text = "温度の管理"
        for row, words in enumerate(body, 1):
            for column, cell in enumerate(words):
                table.cell(row, column).text = cell
        file.add_paragraph("以上です。")
    buffer = BytesIO()
    file.save(buffer)
    document = read_bytes(tmp_path, "a.docx", buffer.getvalue())
    assert [block.table.header_rows for block in document.blocks if block.table] == [2, 2]


def test_a_word_file_has_headings_paragraphs_and_rows_of_tables(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.docx", word_file())
    assert document.title == "干潟の手引き"
    assert _headings(document) == [(1, "干潟の手引き"), (1, "潮の時刻"), (2, "持ち物")]
    assert [line for line in document.text.split("\n") if line] == [
        "干潟の手引き",
        "潮の時刻",
        BODY,
        "貝\t距離",
        "アサリ\t2 km",
        "持ち物",
        "熊手と長靴を持ってきてください。",
    ]
    assert document.metadata["author"] == "浜野 渚"
    assert document.places == ()


def test_insertions_are_read_and_deletions_and_ruby_are_not(tmp_path: Path) -> None:
    word = docx.Document()
    word.element.body.insert(
        0,
        parse_xml(
            f"<w:p {nsdecls('w')}><w:r><w:t>潮は</w:t></w:r><w:del><w:r><w:delText>速く</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>ゆっくり</w:t></w:r></w:ins><w:r><w:ruby><w:rt><w:r><w:t>ひ</w:t></w:r></w:rt>"
            "<w:rubyBase><w:r><w:t>引</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>く。</w:t></w:r></w:p>"
        ),
    )
    buffer = BytesIO()
    word.save(buffer)
    assert read_bytes(tmp_path, "a.docx", buffer.getvalue()).text == "潮はゆっくり引く。\n"


def test_text_in_content_controls_boxes_and_nested_tables_is_read(tmp_path: Path) -> None:
    word = docx.Document()
    word.element.body.insert(
        0,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>枠の中の文。</w:t><w:pict><w:txbxContent><w:p><w:r>"
            "<w:t>箱の一。</w:t></w:r></w:p><w:p><w:r><w:t>箱の二。</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
            "</w:sdtContent></w:sdt>"
        ),
    )
    cell = word.add_table(1, 1).cell(0, 0)
    cell.text = "外"
    cell.add_table(1, 2).cell(0, 1).text = "内"
    buffer = BytesIO()
    word.save(buffer)
    text = read_bytes(tmp_path, "a.docx", buffer.getvalue()).text
    assert text.split("\n")[:3] == ["枠の中の文。", "箱の一。", "箱の二。"]
    assert text.split("\n")[-3:-1] == ["外", "\t内"] or text.endswith("外\n\n\t内\n")


def _numbered(levels: str, paragraphs: str) -> bytes:
    """A Word file with one numbering definition and these paragraphs."""
    word = docx.Document()
    numbering = word.part.numbering_part.element
    for each in list(numbering):
        numbering.remove(each)
    numbering.append(parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="5">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="7"><w:abstractNumId w:val="5"/></w:num>'))
    for number, paragraph in enumerate(paragraphs.split("|")):
        level, words = paragraph.split(":")
        properties = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr></w:pPr>' if level else ""
        xml = f"<w:p {nsdecls('w')}>{properties}<w:r><w:t>{words}</w:t></w:r></w:p>"
        word.element.body.insert(number, parse_xml(xml))
    buffer = BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def _level(number: int, number_format: str, text: str) -> str:
    kind, shown = f'<w:numFmt w:val="{number_format}"/>', f'<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/>{kind}{shown}</w:lvl>'


def test_numbers_that_word_counts_are_part_of_the_text(tmp_path: Path) -> None:
    levels = _level(0, "decimal", "第%1条") + _level(1, "japaneseCounting", "%2") + _level(2, "decimal", "%1.%3")
    paragraphs = "0:目的|1:浜を守る。|1:貝を守る。|:番号のない段落。|0:区域|1:河口。|2:干潟。"
    document = read_bytes(tmp_path, "a.docx", _numbered(levels, paragraphs))
    assert document.text.split("\n")[:-1] == [
        "第1条 目的",
        "一 浜を守る。",
        "二 貝を守る。",
        "番号のない段落。",
        "第2条 区域",
        "一 河口。",
        "2.1 干潟。",
    ]


def test_items_of_a_list_have_a_bullet(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph("熊手", style="List Bullet")
    word.add_paragraph("長靴", style="List Bullet")
    buffer = BytesIO()
    word.save(buffer)
    assert read_bytes(tmp_path, "a.docx", buffer.getvalue()).text == "・熊手\n・長靴\n"


@pytest.mark.parametrize(
    ("number", "number_format", "shown"),
    [
        (4, "decimal", "4"),
        (4, "decimalFullWidth", "４"),
        (4, "decimalEnclosedCircle", "④"),
        (21, "decimalEnclosedCircle", "21"),
        (14, "upperRoman", "XIV"),
        (1999, "lowerRoman", "mcmxcix"),
        (28, "lowerLetter", "bb"),
        (10, "japaneseCounting", "十"),
        (123, "japaneseCounting", "百二十三"),
        (205, "ideographDigital", "二〇五"),
        (2, "aiueoFullWidth", "イ"),
        (2, "irohaFullWidth", "ロ"),
        (3, "unheardOf", "3"),
        (0, "upperRoman", "0"),
    ],
)
def test_numbers_are_written_as_their_format_says(number: int, number_format: str, shown: str) -> None:
    assert shown_number(number, number_format) == shown


# PowerPoint


def test_slides_are_places_and_their_titles_headings(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.pptx", slides_file())
    assert document.title == "干潟の一年"
    assert _headings(document) == [(1, "干潟の一年"), (1, "貝の種類")]
    assert _place_of(document, BODY) == ("slide", "1")
    assert _place_of(document, "アサリ\t春") == ("slide", "2")
    assert _place_of(document, "アサリは四月が旬だと話す。") == ("slide", "2")


# Excel


def test_sheets_are_places_and_rows_lines(tmp_path: Path) -> None:
    rows = [["貝", "重さ", "日付"], ["アサリ", 12.5, date(2024, 4, 1)], [None, None, None], ["ハマグリ", 30, "未定"]]
    document = read_bytes(
        tmp_path, "売上表.xlsx", sheets_file({"売上": rows, "空": [], "備考": [["", "欄外の\n注記"]]})
    )
    assert document.text == (
        "売上\n貝\t重さ\t日付\nアサリ\t12.5\t2024-04-01\nハマグリ\t30\t未定\n\n備考\n欄外の 注記\n"
    )
    assert document.title == "売上表"
    assert _headings(document) == [(1, "売上"), (1, "備考")]
    assert _place_of(document, "ハマグリ") == ("sheet", "売上")
    assert _place_of(document, "欄外") == ("sheet", "備考")
    assert document.excluded == ()


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.256, "0.0%", "25.6%"),
        (1 / 3, "0%", "33%"),
        (0.1 + 0.2, "General", "0.3"),
        (1_200.0, "#,##0", "1,200"),
        (True, "General", "TRUE"),
        (datetime(2024, 4, 1, 9, 30), "General", "2024-04-01 9:30:00"),
        (datetime(2024, 4, 1), "General", "2024-04-01"),
        (time(9, 5), "General", "9:05:00"),
    ],
)
def test_values_are_shown_about_as_excel_shows_them(
    tmp_path: Path, value: object, number_format: str, shown: str
) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = value
    book.active["A1"].number_format = number_format if number_format != "General" else book.active["A1"].number_format
    buffer = BytesIO()
    book.save(buffer)
    assert read_bytes(tmp_path, "a.xlsx", buffer.getvalue()).text == f"Sheet\n{shown}\n"


# Office files that cannot be read


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx"])
def test_an_office_file_with_a_password_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(DocumentError, match=rf"{name}: .*password"):
        read_bytes(tmp_path, name, OLD_OFFICE)


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub"])
@pytest.mark.parametrize("data", [b"PK\x03\x04", b"hello", word_file()[:2000], zip_of({"a.txt": b"x"})])
def test_a_broken_office_file_is_refused_by_name(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(DocumentError, match=rf"{name}: .*damaged"):
        read_bytes(tmp_path, name, data)


def test_a_file_of_another_kind_is_refused_as_what_it_is_not(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="not a Word document"):
        read_bytes(tmp_path, "a.docx", sheets_file({"a": [["b"]]}))


@pytest.mark.parametrize(("name", "make"), [("a.docx", docx.Document), ("a.pptx", None)])
def test_an_empty_office_file_is_refused_by_name(tmp_path: Path, name: str, make: object) -> None:
    import pptx

    buffer = BytesIO()
    (docx.Document() if make else pptx.Presentation()).save(buffer)
    with pytest.raises(DocumentError, match=rf"{name}: .*no text"):
        read_bytes(tmp_path, name, buffer.getvalue())


# Books


def test_chapters_of_a_book_are_places(tmp_path: Path) -> None:
    chapters = {"b.xhtml": f"<h1>潮の時刻</h1><p>{BODY}</p>", "a.xhtml": "<p>見出しのない章。<br/>二行目。</p>"}
    document = read_bytes(tmp_path, "a.epub", book_file(chapters))
    assert (document.title, document.metadata["author"]) == ("干潟の本", "浜野 渚")
    assert document.text == f"潮の時刻\n{BODY}\n\n見出しのない章。\n二行目。\n"
    assert _headings(document) == [(1, "潮の時刻")]
    assert _place_of(document, BODY) == ("chapter", "潮の時刻")
    assert _place_of(document, "二行目") == ("chapter", "2")


def test_chapters_that_are_not_well_formed_are_read_as_html(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.epub", book_file({"a.xhtml": f"<p>{BODY}&nbsp;続き<p>次の段落。"}))
    assert document.text.split("\n")[:2] == [f"{BODY}\xa0続き", "次の段落。"]


def test_a_book_with_drm_is_refused_by_name(tmp_path: Path) -> None:
    method = b'<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>'
    data = book_file({"a.xhtml": "<p>x</p>"}, extra={"META-INF/encryption.xml": method})
    with pytest.raises(DocumentError, match=r"a\.epub: .*DRM"):
        read_bytes(tmp_path, "a.epub", data)


# Notebooks


def test_cells_of_a_notebook_are_places_and_code_is_no_heading(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# 潮の解析\n", "\n", BODY]},
        {"cell_type": "code", "source": "# 読み込み\nx = 1\n", "outputs": [{"text": "出力は読まない"}]},
        {"cell_type": "markdown", "source": "## 結果\n\n満潮は六時。"},
    ]
    document = read_bytes(tmp_path, "a.ipynb", json.dumps({"nbformat": 4, "cells": cells}).encode())
    assert document.title == "潮の解析"
    assert _headings(document) == [(1, "潮の解析"), (2, "結果")]
    assert _place_of(document, "x = 1") == ("cell", "2")
    assert _place_of(document, "満潮は六時") == ("cell", "3")
    assert "出力" not in document.text


@pytest.mark.parametrize("data", [b"{}", b"[1]", b"nothing", b'{"cells": 3}', b"[" * 100_000])
def test_what_is_no_notebook_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"a\.ipynb: .*not a notebook"):
        read_bytes(tmp_path, "a.ipynb", data)


# Subtitles

SUBRIP = """1
00:00:01,500 --> 00:00:04,000
潮が引くと、
干潟が現れます。

2
01:02:03,000 --> 01:02:05,000
<i>It goes on</i>
for miles.
"""


def test_cues_are_lines_and_their_times_places(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "浜の映像.srt", SUBRIP.encode("cp932"))
    assert document.text == "潮が引くと、干潟が現れます。\nIt goes on for miles.\n"
    assert _place_of(document, "干潟") == ("time", "00:00:01")
    assert _place_of(document, "miles") == ("time", "01:02:03")
    assert document.title == "浜の映像"


def test_webvtt_notes_names_and_settings_are_left_out(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\nNOTE 内緒の話\n\nSTYLE\n::cue {}\n\nintro\n00:01.000 --> 00:02.500 align:start\n"
        "<v 浜野>こんにちは。</v>\n\nNOTE 01:00\n\n00:03.000 --> 00:04.000\nR&amp;D の話\n"
    )
    document = read_bytes(tmp_path, "a.vtt", text.encode())
    assert document.text == "こんにちは。\nR&D の話\n"
    assert [place.label for place in document.places] == ["00:00:01", "00:00:03"]


def test_subtitles_without_a_time_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.srt: There is no subtitle"):
        read_bytes(tmp_path, "a.srt", BODY.encode())


# Code and data


def test_code_is_read_as_it_is_and_lines_are_its_places(tmp_path: Path) -> None:
    text = "# 潮の高さ\ndef tide(hour: int) -> float:\n    return 1.0\n\n\n# コメント\n# シェアする\n"
    document = read_bytes(tmp_path, "tide.py", text.encode())
    assert (document.text, document.title, document.places) == (text, "tide.py", ())
    assert (document.headings, document.excluded) == ((), ())
    assert document.line(document.text.index("return")) == 3


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.yaml", "a.toml", "a.xml", "a.tsv"])
def test_data_files_are_read_as_text(tmp_path: Path, name: str) -> None:
    text = "貝,距離\nアサリ,2\n" * 3
    assert read_bytes(tmp_path, name, text.encode("cp932")).text == text


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.min.js", "let a = 1;\n", "generated"),
        ("package-lock.json", "{}\n", "generated"),
        ("a.go", "// Code generated by protoc-gen-go. DO NOT EDIT.\npackage a\n", "generated"),
        ("a.ts", "/* @generated */\nexport const a = 1;\n", "generated"),
        ("a.js", "function a(){return 1};" * 500, "minified"),
    ],
)
def test_generated_and_minified_code_is_refused_by_name(tmp_path: Path, name: str, text: str, why: str) -> None:
    with pytest.raises(DocumentError, match=rf"{name}: .*{why}"):
        read_bytes(tmp_path, name, text.encode())


def test_a_data_file_with_a_long_line_is_read(tmp_path: Path) -> None:
    assert len(read_bytes(tmp_path, "a.json", json.dumps(["潮"] * 5_000).encode()).text) > 20_000


def test_a_zip_file_is_no_document(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("a.txt", BODY)
    with pytest.raises(DocumentError, match="read_documents"):
        read_document(path)


def test_what_stands_behind_a_tab_to_a_place_of_the_page_is_set_apart(tmp_path: Path) -> None:
    file = docx.Document()
    header = file.sections[0].header.paragraphs[0]
    header.add_run("文書番号 QM-102")
    header.runs[0]._r.append(parse_xml(f"<w:ptab {nsdecls('w')} w:alignment='right' w:relativeTo='margin'/>"))
    header.add_run("改訂日 2024年5月20日")
    file.add_paragraph(BODY)
    buffer = BytesIO()
    file.save(buffer)
    assert "QM-102 改訂日" in read_bytes(tmp_path, "a.docx", buffer.getvalue()).text
