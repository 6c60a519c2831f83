"""Excel files as a reader sees them: merged cells, notes, drawings, hidden sheets, paper of squares, formulas."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment

from rag.corpus import Document
from rag.corpus.tables import header_rows
from tests.corpus.making import read_bytes, sheets_file, zip_of


def _read(folder: Path, book: Any) -> Document:
    buffer = BytesIO()
    book.save(buffer)
    return read_bytes(folder, "a.xlsx", buffer.getvalue())


def _book(rows: list[list[object]]) -> Any:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def _tables(document: Document) -> list[list[list[str]]]:
    """The words of each table's cells, a merged cell in all places that it covers."""
    found = []
    for block in document.blocks:
        if block.table is not None:
            rows, columns = block.table.size
            grid = block.table.grid
            found.append(
                [
                    [
                        document.text[cell.start : cell.end] if (cell := grid.get((row, column))) else ""
                        for column in range(columns)
                    ]
                    for row in range(rows)
                ]
            )
    return found


def test_a_merged_cell_stands_in_all_rows_and_columns_that_it_covers(tmp_path: Path) -> None:
    book = _book(
        [["区", "班", "当番", None], [None, None, "四月", "五月"], ["北", "一", "浜", "磯"], [None, "二", "渚", "岬"]]
    )
    for area in ("A1:A2", "B1:B2", "C1:D1", "A3:A4"):
        book.active.merge_cells(area)
    document = _read(tmp_path, book)
    assert document.text.count("北") == 1
    assert _tables(document) == [
        [["区", "班", "当番", "当番"], ["区", "班", "四月", "五月"], ["北", "一", "浜", "磯"], ["北", "二", "渚", "岬"]]
    ]


def test_a_column_that_only_merged_cells_cover_is_none(tmp_path: Path) -> None:
    book = _book([["氏名", None, None, "内線"], ["浜野", None, None, 4100], ["渚", None, None, 4101]])
    for row in (1, 2, 3):
        book.active.merge_cells(f"A{row}:C{row}")
    assert _read(tmp_path, book).text == "Sheet\n氏名\t内線\n浜野\t4100\n渚\t4101\n"


def test_a_row_of_one_cell_amid_a_table_does_not_end_it(tmp_path: Path) -> None:
    rows: list[list[object]] = [["品名", "数量"], ["椅子", 4], ["机"], ["棚", 2], ["※机は調査中"]]
    document = _read(tmp_path, _book(rows))
    assert [len(table) for table in _tables(document)] == [4]
    assert document.text.endswith("棚\t2\n※机は調査中\n")


def test_tables_of_one_sheet_each_have_their_head(tmp_path: Path) -> None:
    rows: list[list[object]] = [["品名", "数量"], ["椅子", 4], [], ["担当", "内線", "階"], ["浜野", 4100, 2]]
    document = _read(tmp_path, _book(rows))
    assert [block.table.header_rows for block in document.blocks if block.table] == [1, 1]


def test_a_note_stands_behind_the_row_it_is_on(tmp_path: Path) -> None:
    book = _book([["費目", "予算"], ["修繕費", 600], ["備品費", 20]])
    book.active["B2"].comment = Comment("単位は万円。\n塗装を含まない。", "渚")
    text = _read(tmp_path, book).text
    assert "（注：修繕費 600 → 単位は万円。 塗装を含まない。）" in text
    assert text.count("600") == 2


def test_text_boxes_and_charts_of_a_sheet_are_read(tmp_path: Path) -> None:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("来場者")
        sheet.write_column("A1", ["四月", "五月"])
        sheet.write_column("B1", [1200, 3400])
        sheet.insert_textbox("D2", "雨天のときは翌日に延期する。")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"name": "人数", "categories": "=来場者!$A$1:$A$2", "values": "=来場者!$B$1:$B$2"})
        chart.set_title({"name": "来場者の推移"})
        sheet.insert_chart("D9", chart)
    document = read_bytes(tmp_path, "a.xlsx", buffer.getvalue())
    assert "雨天のときは翌日に延期する。" in document.text
    assert "来場者の推移" in document.text
    assert _tables(document)[-1] == [["", "人数"], ["四月", "1200"], ["五月", "3400"]]


def test_a_hidden_sheet_is_read_and_said_to_be_hidden(tmp_path: Path) -> None:
    book = _book([["表の文"]])
    hidden = book.create_sheet("原価")
    hidden.append(["単価は九百円"])
    hidden.sheet_state = "hidden"
    document = _read(tmp_path, book)
    place = document.place(document.text.index("九百円"))
    assert place is not None
    assert place.label == "原価（非表示）"
    assert "Sheet（非表示）" not in document.text


def test_a_character_a_cell_is_joined_and_a_roster_is_not(tmp_path: Path) -> None:
    sentence = [*"申請者の氏名を書く"]
    days: list[object] = ["氏名", *"月火水木金"]
    rows = [sentence, [], days, ["浜野", *"早遅休早早"], ["渚", *"休早早遅遅"]]
    text = _read(tmp_path, _book(rows)).text
    assert "申請者の氏名を書く\n" in text
    assert "氏名\t月\t火\t水\t木\t金\n浜野\t早\t遅\t休\t早\t早\n" in text


def test_a_formula_without_a_stored_value_is_shown_and_said_to_have_none(tmp_path: Path) -> None:
    text = _read(tmp_path, _book([["計", "=SUM(B2:B3)"], ["甲", 2], ["乙", 3]])).text
    assert "計\t=SUM(B2:B3)\n" in text
    assert "1 個は計算結果が保存されていません" in text


def test_headers_and_footers_of_pages_are_read_once(tmp_path: Path) -> None:
    book = _book([["本文"]])
    book.active.oddHeader.right.text = "文書番号 HK-12"
    book.active.oddFooter.center.text = "&P / &N ページ"
    text = _read(tmp_path, book).text
    assert text == "Sheet\n本文\n文書番号 HK-12\n"


def test_a_strict_file_and_one_with_macros_are_read(tmp_path: Path) -> None:
    from zipfile import ZipFile

    with ZipFile(BytesIO(sheets_file({"表": [["貝", "季節"], ["アサリ", "春"]]}))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    strict = {
        name: data.replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/", b"http://purl.oclc.org/ooxml/spreadsheetml/"
        ).replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
        )
        for name, data in parts.items()
    }
    for name in ("a.xlsx", "a.xlsm"):
        assert read_bytes(tmp_path, name, zip_of(strict)).text == "表\n貝\t季節\nアサリ\t春\n"


@pytest.mark.parametrize("area", ["A1:XFD1048576", "A1:A1", "B2:A1", "nonsense", "A0:B0"])
def test_merged_cells_that_make_no_sense_are_survived(tmp_path: Path, area: str) -> None:
    from zipfile import ZipFile

    with ZipFile(BytesIO(sheets_file({"表": [["貝", "季節"], ["アサリ", "春"]]}))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    merged = f'</sheetData><mergeCells><mergeCell ref="{area}"/><mergeCell ref="A1:B2"/></mergeCells>'
    parts[name] = parts[name].replace(b"</sheetData>", merged.encode())
    assert "アサリ\t春" in read_bytes(tmp_path, "a.xlsx", zip_of(parts)).text


@pytest.mark.parametrize(
    "rows",
    [
        [["区分", "7月", "8月"], ["購入電力", "612", "655"], ["発電", "31", "40"]],
        [["部門", "1日", "1か月"], ["印刷課", "4時間", "42時間"], ["製本課", "3時間", "38時間"]],
        [["時刻", "できごと"], ["08:52", "警報が鳴る"], ["09:04", "止める"]],
        [["場所", "回数", "冊数", "1回あたり"], ["北団地", "46", "7,820", "170"], ["南団地", "20", "1,400", "70"]],
    ],
)
def test_a_row_that_names_columns_by_months_numbers_or_times_is_their_head(rows: list[list[str]]) -> None:
    assert header_rows(rows) == (1, 1)


@pytest.mark.parametrize(
    "rows",
    [
        [["りんご", "3個", "120円"], ["みかん", "5個", "80円"], ["柿", "2個", "95円"]],
        [["満足", "71％"], ["やや満足", "18％"], ["不満", "11％"]],
        [["16:00", "開会"], ["16:40", "輪投げ"], ["17:30", "閉会"]],
    ],
)
def test_a_first_row_like_those_below_is_none(rows: list[list[str]]) -> None:
    assert header_rows(rows)[0] == 0


def test_names_reach_down_to_their_subtotals(tmp_path: Path) -> None:
    rows = [
        ("支店", "品目", "数量"),
        *(("神戸", "コンテナ", 12), (None, "バルク", 5), ("神戸 集計", None, 17)),
        *(("横浜", "コンテナ", 20), (None, "自動車", 8), ("川崎", "石炭", 3)),
    ]
    document = read_bytes(tmp_path, "a.xlsx", sheets_file({"売上": rows}))
    (table,) = [block.table for block in document.blocks if block.table]
    heads = [table.grid.get((row, 0)) for row in (2, 5)]
    assert ["" if cell is None else document.text[cell.start : cell.end] for cell in heads] == ["神戸", ""]


def test_items_in_a_cell_that_stands_alone_have_lines_of_their_own(tmp_path: Path) -> None:
    words = "持ち物：\n・上履き\n・水筒"
    text = read_bytes(tmp_path, "a.xlsx", sheets_file({"案内": [(words,), ("この表は\n概算です。",)]})).text
    assert text == "案内\n持ち物：\n・上履き\n・水筒\n\nこの表は 概算です。\n"


def test_a_head_cell_that_reaches_down_tells_how_many_rows_are_heads(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("検査", "前日", None), (None, "朝", "夕"), ("胃", "制限なし", "うどん"), ("大腸", "検査食", "検査食")):
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    buffer = BytesIO()
    book.save(buffer)
    (table,) = [block.table for block in read_bytes(tmp_path, "a.xlsx", buffer.getvalue()).blocks if block.table]
    assert table.header_rows == 2


def test_hidden_rows_and_columns_are_read_and_said_to_be_hidden(tmp_path: Path) -> None:
    book = _book(
        [["品名", "売価", "原価", "在庫"], ["熊手", 900, 400, 12], ["長靴", 2500, 1800, 3], ["帽子", 700, 300, 8]]
    )
    book.active.column_dimensions["C"].hidden = True
    book.active.row_dimensions[3].hidden = True
    document = _read(tmp_path, book)
    assert _tables(document) == [
        [
            ["品名", "売価", "原価（非表示）", "在庫"],
            ["熊手", "900", "400", "12"],
            ["長靴（非表示）", "2500", "1800", "3"],
            ["帽子", "700", "300", "8"],
        ]
    ]
    assert document.blocks[-1].table is not None
    assert document.blocks[-1].table.header_rows == 1


def test_several_hidden_columns_and_a_name_of_several_rows_are_marked_where_nothing_else_is_meant(
    tmp_path: Path,
) -> None:
    rows = [
        ["店", "品名", "四月", "五月", "六月"],
        ["浜店", "熊手", 1, 2, 3],
        ["", "長靴", 4, 5, 6],
        ["港店", "帽子", 7, 8, 9],
    ]
    book = _book([[cell or None for cell in row] for row in rows])
    book.active.merge_cells("A2:A3")
    book.active.column_dimensions.group("C", "D", hidden=True)
    book.active.row_dimensions[2].hidden = True
    assert _tables(_read(tmp_path, book)) == [
        [
            ["店", "品名", "四月（非表示）", "五月（非表示）", "六月"],
            ["浜店", "熊手（非表示）", "1", "2", "3"],
            ["浜店", "長靴", "4", "5", "6"],
            ["港店", "帽子", "7", "8", "9"],
        ]
    ]


def test_heads_of_hidden_columns_are_found_as_those_of_others(tmp_path: Path) -> None:
    rows: list[list[object]] = [["品名", "4月", "5月"], ["熊手", 12, 9], ["長靴", 3, 4], ["帽子", 5, 6]]
    shown, hidden = _book(rows), _book(rows)
    for letter in "BC":
        hidden.active.column_dimensions[letter].hidden = True
    tables = [_read(tmp_path, book).blocks[-1].table for book in (shown, hidden)]
    assert [table and table.header_rows for table in tables] == [1, 1]
    assert _tables(_read(tmp_path, hidden))[0][0] == ["品名", "4月（非表示）", "5月（非表示）"]


def test_a_cell_that_stands_alone_in_a_hidden_row_is_marked(tmp_path: Path) -> None:
    book = _book([["単価は九百円です。"], [], ["雨天は中止です。"]])
    book.active.row_dimensions[1].hidden = True
    text = _read(tmp_path, book).text
    assert "単価は九百円です。（非表示）\n" in text
    assert "雨天は中止です。\n" in text + "\n"


@pytest.mark.parametrize(
    ("column", "head"),
    [
        ('min="2" max="999999999" hidden="1"', "数（非表示）"),
        ('min="2" max="2" width="0" customWidth="1"', "数（非表示）"),
        ('min="2" max="2" hidden="0" width="9"', "数"),
        ('min="2" max="-3" hidden="1"', "数"),
        ('min="2" max="x" hidden="1"', "数"),
    ],
)
def test_columns_are_hidden_as_far_as_the_file_makes_sense(tmp_path: Path, column: str, head: str) -> None:
    data = sheets_file({"a": [["品名", "数"], ["熊手", "3"]]})
    with ZipFile(BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    own = f"<cols>{f'<col {column}/>' * 1_000}</cols><sheetData>".encode()
    sheet = files["xl/worksheets/sheet1.xml"]
    assert sheet.count(b"<sheetData>") == 1
    files["xl/worksheets/sheet1.xml"] = sheet.replace(b"<sheetData>", own)
    assert f"品名\t{head}\n" in read_bytes(tmp_path, "a.xlsx", zip_of(files)).text


def test_pairs_below_a_blank_row_are_no_rows_of_the_table_but_its_sum_is(tmp_path: Path) -> None:
    rows: list[list[object]] = [["店", "売上", "人数"], ["浜店", 120, 3], ["港店", 90, 4], []]
    document = _read(tmp_path, _book([*rows, ["更新日", "4月1日"], ["作成", None, "浜野"]]))
    assert _tables(document) == [
        [["店", "売上", "人数"], ["浜店", "120", "3"], ["港店", "90", "4"]],
        [["更新日", "4月1日", ""], ["作成", "", "浜野"]],
    ]
    assert _tables(_read(tmp_path, _book([*rows, ["合計", 210]])))[0][-1] == ["合計", "210", ""]


def test_questions_and_answers_of_two_columns_have_a_head(tmp_path: Path) -> None:
    book = _book([["質問", "回答"], ["返品できますか", "できます"], ["送料は", "五百円です"]])
    (block,) = [block for block in _read(tmp_path, book).blocks if block.table]
    assert block.table is not None
    assert block.table.header_rows == 1


def test_short_words_on_paper_of_squares_are_whole_where_longer_ones_are(tmp_path: Path) -> None:
    def squared(*words: str) -> list[object]:
        return [cell for word in words for cell in (*word, None, None)]

    rows = [squared("設備点検報告書"), squared("点検日", "2024年6月3日"), squared("氏名", "山田太郎")]
    text = _read(tmp_path, _book(rows)).text
    assert "設備点検報告書" in text and "点検日" in text and "氏名\t" in text and "山田太郎" in text
    roster = [["氏名", *"月火水木金"], ["山田", *"早早遅休早"], ["佐藤", *"遅休早早早"]]
    assert _tables(_read(tmp_path, _book(roster))) == [roster]
