"""Question files as people have them: any format and encoding, and errors that name the place."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import Workbook

from rag.batch import questions as questions_module
from rag.batch import read_questions
from rag.batch import workbook as batch_workbook
from rag.corpus.sandbox.process import Sandbox
from rag.errors import DatasetError
from tests.batch.doubles import read, texts

RIVER = "この川は、どこから「どこ」へ流れますか？"
DASH = "開館は９時〜１７時ですか、それとも①か㈱のどちらかですか？"


def workbook(folder: Path, *rows: list[Any], sheets: dict[str, list[list[Any]]] | None = None) -> Path:
    book = Workbook()
    first = book.active
    assert first is not None
    for row in rows:
        first.append(row)
    for name, cells in (sheets or {}).items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    path = folder / "questions.xlsx"
    book.save(path)
    return path


def test_a_text_file_holds_one_question_a_line_and_blank_lines_are_skipped(tmp_path: Path) -> None:
    found = read(tmp_path, "q.txt", f"{RIVER}\r\n\r\n  {DASH} \r\n")
    assert texts(found.questions) == [RIVER, DASH]
    assert [(q.place, q.id) for q in found.questions] == [(1, "1"), (3, "2")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_a_table_is_read_in_every_encoding_that_excel_writes(tmp_path: Path, encoding: str) -> None:
    dash = DASH.replace("〜", "～") if encoding == "cp932" else DASH
    content = f'番号,質問,備考\r\n一,{RIVER},"改行\r\nと,読点"\r\n二,{dash},\r\n'
    found = read(tmp_path, "q.csv", content.encode(encoding))
    assert texts(found.questions) == [RIVER, dash]
    assert [q.id for q in found.questions] == ["一", "二"]
    assert found.questions[0].columns["備考"] == "改行\nと,読点"


@pytest.mark.parametrize("name", ["question", "質問", "Query", "問い", "設問", "ＱＵＥＳＴＩＯＮ", " 質問 "])
def test_the_question_column_is_found_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, "q.csv", f"備考,{name}\nメモ,{RIVER}\n")
    assert texts(found.questions) == [RIVER]


@pytest.mark.parametrize("name", ["id", "ID", "番号", "No", "No.", "ｎｏ"])
def test_the_id_column_is_found_by_any_of_its_names_and_ids_may_repeat(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, "q.csv", f"{name},質問\nA,一?\nA,二?\n,三?\n")
    assert [q.id for q in found.questions] == ["A", "A", "3"]


def test_columns_can_be_named(tmp_path: Path) -> None:
    found = read(tmp_path, "q.csv", f"質問,本文,鍵\n題,{RIVER},x1\n", column="本文", id_column="鍵")
    assert texts(found.questions) == [RIVER]
    assert found.questions[0].id == "x1"


@pytest.mark.parametrize(("name", "delimiter"), [("q.tsv", "\t"), ("q.csv", "\t"), ("q.csv", ";"), ("q.tsv", ",")])
def test_the_delimiter_is_the_one_that_makes_a_question_column(tmp_path: Path, name: str, delimiter: str) -> None:
    found = read(tmp_path, name, f"id{delimiter}質問\n7{delimiter}{RIVER}\n")
    assert texts(found.questions) == [RIVER]
    assert found.questions[0].id == "7"


def test_a_row_without_a_question_stays_in_its_place_but_not_behind_the_last(tmp_path: Path) -> None:
    found = read(tmp_path, "q.csv", f"質問,部署\n{RIVER},営業\n,総務\n\n{DASH},\n,\n,\n")
    assert texts(found.questions) == [RIVER, "", "", DASH]
    assert [q.place for q in found.questions] == [2, 3, 4, 5]


def test_a_table_of_one_column_needs_no_header(tmp_path: Path) -> None:
    assert texts(read(tmp_path, "q.csv", f"{RIVER}\n{DASH}\n").questions) == [RIVER, DASH]
    assert texts(read(tmp_path, "q.csv", f"質問\n{DASH}\n").questions) == [DASH]


def test_columns_without_a_name_and_with_the_same_name_are_all_carried(tmp_path: Path) -> None:
    found = read(tmp_path, "q.csv", f"質問,備考,備考,\n{RIVER},a,b,c,d\n")
    assert found.columns == ("質問", "備考", "備考 (2)", "column 4", "column 5")
    assert list(found.questions[0].columns.values()) == [RIVER, "a", "b", "c", "d"]


def test_a_workbook_keeps_types_and_blank_rows(tmp_path: Path) -> None:
    asked = datetime(2026, 4, 1, 9, 30)
    path = workbook(tmp_path, [], ["番号", "質問", "日"], [1, RIVER, asked], [], [2.5, 1234, True])
    found = read_questions(path)
    assert texts(found.questions) == [RIVER, "", "1234"]
    assert [q.id for q in found.questions] == ["1", "2", "2.5"]
    assert found.questions[0].columns["日"] == asked
    assert [q.place for q in found.questions] == [3, 4, 5]


def test_the_sheet_with_a_question_column_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["表紙", "年"], ["調査", 2026], sheets={"空": [], "設問": [["設問"], [RIVER]]})
    assert texts(read_questions(path).questions) == [RIVER]


def test_json_lines_are_objects_or_texts(tmp_path: Path) -> None:
    found = read(tmp_path, "q.jsonl", '{"id": 5, "question": "一?", "tags": ["a"]}\n\n"二?"\n{"tags": null}\n')
    assert texts(found.questions) == ["一?", "二?", ""]
    assert [q.id for q in found.questions] == ["5", "2", "3"]
    assert found.columns == ("id", "question", "tags")
    assert found.questions[0].columns["tags"] == ["a"]


@pytest.mark.parametrize("content", ['["一?", {"質問": "二?"}]', '{"questions": ["一?", "二?"]}'])
def test_json_is_a_list_or_an_object_that_holds_one(tmp_path: Path, content: str) -> None:
    found = read(tmp_path, "q.json", content.replace("質問", "question"))
    assert texts(found.questions) == ["一?", "二?"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"question": "一?"}\n{"question": "二?"}\n', ["一?", "二?"]),
        ('"一?"\n"二?"\n', ["一?", "二?"]),
        ('"一"は?\n二?\n', ['"一"は?', "二?"]),
        ("2026\n二?\n", ["2026", "二?"]),
    ],
)
def test_standard_input_is_json_lines_or_one_question_a_line(
    monkeypatch: pytest.MonkeyPatch, content: str, expected: list[str]
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content.encode())))
    assert texts(read_questions("-").questions) == expected


def test_halves_of_surrogate_pairs_do_not_reach_the_engine(tmp_path: Path) -> None:
    assert texts(read(tmp_path, "q.jsonl", '"\\ud800はどこ?"').questions) == ["\ufffdはどこ?"]


@pytest.mark.parametrize(
    ("name", "content", "place", "words"),
    [
        ("q.txt", "", "q.txt", "empty"),
        ("q.txt", " \n\n", "q.txt", "empty"),
        ("q.csv", "\ufeff\n,\n", "q.csv", "empty"),
        ("q.csv", "質問,部署\n", "q.csv", "no question below"),
        ("q.csv", "部署,氏名\nx,y\n", "q.csv", "The columns are: 部署, 氏名."),
        ("q.csv", '質問,部署\n一?,x\n"二?,y\n三?,z\n', "q.csv:3", "quote"),
        ("q.csv", '質問,部署\n"一"?,x\n', "q.csv:2", "quote"),
        ("q.jsonl", '"一?"\n{"question": \n', "q.jsonl:2", "not JSON"),
        ("q.jsonl", '"一?"\n3\n', "q.jsonl:2", "neither an object nor a text"),
        ("q.jsonl", '{"question": ["一?"]}\n', "q.jsonl:1", "'question' is not text"),
        ("q.jsonl", '{"question": "一?", "x": NaN}\n', "q.jsonl:1", "NaN"),
        ("q.jsonl", '{"問題": "一?"}\n', "q.jsonl", "The columns are: 問題."),
        ("q.jsonl", "[" * 100_000, "q.jsonl:1", "JSON"),
        ("q.jsonl", '{"question": "一?", "x": ' + "[" * 60 + "]" * 60 + "}", "q.jsonl:1", "nested"),
        ("q.json", '[\n"一?",\n]', "q.json:3", "not JSON"),
        ("q.json", '{"a": 1}', "q.json", "no list"),
        ("q.pdf", "x", "q.pdf", "not read from .pdf"),
        ("q", "x", "q", "files without ending"),
        ("q.xls", "x", "q.xls", "Save it as .xlsx"),
        ("q.xlsx", "x", "q.xlsx", "cannot be read"),
        ("q.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "q.xlsx", "password"),
        ("q.txt", b"\x89PNG\r\n\x1a\n\0\0\0", "q.txt", "not a text file"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, name: str, content: str | bytes, place: str, words: str
) -> None:
    with pytest.raises(DatasetError) as raised:
        read(tmp_path, name, content)
    assert raised.value.path is not None and Path(raised.value.path).name == place
    assert words in str(raised.value)
    assert raised.value.hint


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no column '件名'. The columns are: 質問, 部署. .*--column"):
        read(tmp_path, "q.csv", "質問,部署\n一?,x\n", column="件名")
    with pytest.raises(DatasetError, match=r"no column '鍵'. .*--id-column"):
        read(tmp_path, "q.csv", "質問,部署\n一?,x\n", id_column="鍵")
    with pytest.raises(DatasetError, match="The file has no header"):
        read(tmp_path, "q.txt", "一?\n", column="件名")


def test_a_missing_file_and_one_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No such file"):
        read_questions(tmp_path / "none.txt")
    with pytest.raises(DatasetError, match=r"larger than 0\.01 MB"):
        read(tmp_path, "q.txt", "あ" * 10_000, max_mb=0.01)


def test_too_many_rows_and_columns_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatasetError, match="more than 1,000 columns"):
        read(tmp_path, "q.csv", "質問" + ",x" * 1000 + "\n一?\n")
    monkeypatch.setattr(questions_module, "MAX_ROWS", 3)
    for name, content in (("q.txt", "一?\n" * 4), ("q.csv", "質問\n" + "一?\n" * 3), ("q.jsonl", '"一?"\n' * 4)):
        with pytest.raises(DatasetError, match="more than 3 rows"):
            read(tmp_path, name, content)
    assert len(read(tmp_path, "q.txt", "一?\n" * 3).questions) == 3


def _edited(path: Path, member: str, before: str, after: str) -> bytes:
    """The workbook with a text in one of its files replaced."""
    changed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == member:
                assert before.encode() in content
                content = content.replace(before.encode(), after.encode())
            new.writestr(name, content)
    return changed.getvalue()


def test_a_workbook_that_lies_about_its_size_is_read_by_what_is_in_it(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["質問"], [RIVER])
    data = _edited(path, "xl/worksheets/sheet1.xml", 'ref="A1:A2"', 'ref="A1:XFD1048576"')
    assert texts(read(tmp_path, "q.xlsx", data).questions) == [RIVER]


def test_a_workbook_whose_row_claims_a_number_beyond_all_is_refused_at_once(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["質問"], [RIVER])
    data = _edited(path, "xl/worksheets/sheet1.xml", 'r="2"', 'r="999999999"')
    with pytest.raises(DatasetError, match="rows"):
        read(tmp_path, "q.xlsx", data)


def test_a_workbook_with_xml_entities_does_not_expand_them(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["質問"], [RIVER])
    lol = '<!DOCTYPE x [<!ENTITY a "無"><!ENTITY b "' + "&a;" * 1000 + '"><!ENTITY c "' + "&b;" * 1000 + '">]>'
    data = _edited(path, "xl/worksheets/sheet1.xml", "<worksheet", lol + "<worksheet")
    data = _edited(Path(_kept(tmp_path, data)), "xl/worksheets/sheet1.xml", "<sheetData>", "<sheetData>&c;")
    with pytest.raises(DatasetError):
        read(tmp_path, "q.xlsx", data)


def _kept(folder: Path, data: bytes) -> Path:
    path = folder / "with-entities.xlsx"
    path.write_bytes(data)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["質問"], [RIVER])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        for i in range(9):
            with book.open(f"xl/media/{i}.bin", "w") as entry:
                for _ in range(30):
                    entry.write(bytes(1_000_000))
    with pytest.raises(DatasetError, match="zip bomb"):
        read_questions(path)


def test_a_workbook_is_parsed_in_a_process_of_its_own_within_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [["番号", "質問"], *([number, f"{RIVER}{number}" * 20] for number in range(3000))]
    path = workbook(tmp_path, *rows)
    assert len(read_questions(path).questions) == 3000
    for limits, words in (({"memory_mb": 60}, "memory|cannot be read"), ({"seconds": 0.01}, "longer than it may")):
        own = Sandbox(**limits)
        monkeypatch.setattr(batch_workbook, "SANDBOX", own)
        with pytest.raises(DatasetError, match=words):
            read_questions(path)
        assert own._process is None, "it is gone as soon as the file is read"
