"""Which rows answer and which do not: merged cells, empty ones, other branches, other sizes, rows named alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from rag.corpus import Document, read_document
from tests.answer.making import Held, document


def held(folder: Path, *lines: str, title: str = "料金") -> Held:
    return Held((document(folder, f"{title}.md", f"# {title}\n\n" + "\n".join(lines) + "\n"),))


def sheet(path: Path, rows: list[list[object]], merged: tuple[str, ...] = ()) -> Document:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    return read_document(path)


HALLS = (
    "| 催し | 会場 | 開催日 | 定員 |",
    "|---|---|---|---|",
    "| 冬のつどい | 東会館 | 12月6日 | 30人 |",
    "| 冬のつどい | 西会館 | 12月13日 | 20人 |",
    "| 茶会 | 南会館 | 11月3日 | 15人 |",
)


def test_a_merged_cell_holds_for_the_rows_that_it_reaches_into(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["品名", "容量", "価格（円）"],
        ["みそ「あかり」", "750g", 702],
        [None, "2kg", 1674],
        ["みそ「ともし」", "750g", 756],
    ]
    found = Held((sheet(tmp_path / "価格.xlsx", rows, ("A2:A3",)),))

    assert "1674" in found.answer("あかりの2kgはいくらですか").answer.replace(",", "")
    unit = next(unit for unit in found.units() if unit.kind == "row" and "1674" in unit.text)
    assert "みそ「あかり」" in unit.lead


def test_another_size_than_those_that_there_are_is_not_answered(tmp_path: Path) -> None:
    found = held(
        tmp_path, "| 品名 | 厚さ | 価格 |", "|---|---|---|", "| 合板 | 12mm | 1,690円 |", "| 合板 | 24mm | 3,310円 |"
    )

    assert "3,310円" in found.answer("24ミリの合板はいくらですか").answer
    assert found.answer("36mmの合板はいくらですか", {"1,690円": 4.0, "3,310円": 4.0}).abstained


def test_a_row_of_another_branch_does_not_answer(tmp_path: Path) -> None:
    found = held(tmp_path, *HALLS, title="行事")

    assert "12月13日" in found.answer("西会館の冬のつどいはいつですか", {"12月6日": 5.0, "12月13日": 4.0}).answer
    refused = found.answer("南会館の冬のつどいはいつですか", {"12月6日": 5.0, "12月13日": 4.0, "11月3日": 4.0})
    assert refused.abstained or "11月3日" in refused.answer


def test_rows_that_are_named_alike_are_shown_together(tmp_path: Path) -> None:
    found = held(tmp_path, *HALLS, title="行事")
    answer = found.answer("冬のつどいの開催日はいつですか", {"12月6日": 4.0, "12月13日": 4.0}).answer

    assert "12月6日" in answer and "12月13日" in answer


@pytest.mark.parametrize(
    ("question", "there", "not_there"),
    [
        ("Bコースはどの浜に寄りますか", ("白浜", "黒崎"), ("青浦",)),
        ("コースAはどの浜に寄りますか", ("青浦",), ("白浜", "黒崎")),
    ],
)
def test_a_cell_of_one_character_is_named_beside_its_head(
    tmp_path: Path, question: str, there: Sequence[str], not_there: Sequence[str]
) -> None:
    rows = [["コース名", "寄る浜", "時刻"], ["A", "青浦", "10時"], ["B", "白浜", "11時"], ["B", "黒崎", "12時"]]
    found = Held((sheet(tmp_path / "周遊船.xlsx", rows),))  # type: ignore[arg-type]
    answer = found.answer(question, {"青浦": 3.0, "白浜": 3.2, "黒崎": 2.0}).answer

    assert all(words in answer for words in there)
    assert not any(words in answer for words in not_there)


@pytest.mark.parametrize(
    ("question", "days"), [("看護休暇は何日ですか", "5"), ("病気休暇は何日ですか", "30"), ("夏季休暇は何日ですか", "")]
)
def test_another_of_its_kind_does_not_stand_for_what_no_row_is(tmp_path: Path, question: str, days: str) -> None:
    rows = [["休暇", "日数"], ["子の看護等休暇", 5], ["慶弔休暇", 3], ["病気休暇", 30]]
    found = Held((sheet(tmp_path / "休暇.xlsx", rows),))  # type: ignore[arg-type]
    answer = found.answer(question, {"看護": 2.0, "慶弔": 2.5, "病気": 2.0})

    assert answer.abstained is not bool(days)
    assert days in answer.answer
    assert answer.missing == (() if days else ("夏季休暇",))


def test_a_number_is_named_in_the_unit_of_its_head(tmp_path: Path) -> None:
    rows = [["水深（m）", "重り（号）", "糸（号）"], ["10.0", 20, 2], ["20.0", 30, 3], ["30.0", 50, 4]]
    found = Held((sheet(tmp_path / "仕掛け.xlsx", rows),))  # type: ignore[arg-type]
    close = {"10.0": 4.0, "20.0": 3.0, "30.0": 4.0}

    assert "30" in found.answer("水深20メートルの重りは何号ですか", close).answer.splitlines()[0]
    assert "50" in found.answer("水深３０ｍだと重りは何号？", {"10.0": 4.0}).answer.splitlines()[0]
    assert found.answer("水深45メートルの重りは何号ですか", close).abstained


@pytest.mark.parametrize("question", ["B-20の在庫は何個ですか", "B-20はいつ買ったものですか"])
def test_an_empty_cell_is_no_answer_and_neither_is_another_row(tmp_path: Path, question: str) -> None:
    rows = [
        ["品番", "品名", "在庫", "購入日", "置き場"],
        ["A-10", "布", 12, "2024年5月1日", "棚1"],
        ["B-20", "紙", None, None, "棚2"],
    ]
    found = Held((sheet(tmp_path / "在庫.xlsx", rows),))  # type: ignore[arg-type]

    assert found.answer(question, {"紙": 5.0, "布": 3.0}).abstained
    assert "棚2" in found.answer("B-20の置き場はどこですか", {"紙": 5.0}).answer


def test_the_upper_of_two_heads_names_its_columns_too(tmp_path: Path) -> None:
    rows = [
        ["期", "高3", None, "中3", None],
        [None, "在校生", "外部生", "在校生", "外部生"],
        ["第1期", "19,600円", "23,400円", "15,200円", "18,800円"],
        ["第2期", "19,800円", "23,600円", None, None],
    ]
    found = Held((sheet(tmp_path / "講習.xlsx", rows, ("A1:A2", "B1:C1", "D1:E1")),))  # type: ignore[arg-type]

    assert "18,800円" in found.answer("第1期の中3の外部生はいくらですか", {"15,200円": 4.0}).answer
    assert found.answer("第2期の中3はいくらですか", {"19,800円": 5.0, "15,200円": 4.0}).abstained


@pytest.mark.parametrize(
    ("question", "amount"), [("片道12キロだといくらですか", "360"), ("3kmだといくらですか", "120")]
)
def test_bare_numbers_have_the_unit_of_their_head(tmp_path: Path, question: str, amount: str) -> None:
    rows = (
        "| 片道の距離（km） | 日額（円） |",
        "|---|---|",
        "| 2以上5未満 | 120 |",
        "| 5以上10未満 | 230 |",
        "| 10以上15未満 | 360 |",
    )
    found = held(tmp_path, *rows, title="通勤費")

    first = found.answer(question, {"120": 4.0, "230": 4.0, "360": 4.0}).answer.splitlines()[0]
    assert amount in first


def test_an_index_without_a_unit_falls_into_bare_ranges(tmp_path: Path) -> None:
    rows = (
        "| 暑さ指数 | 休憩 |",
        "|---|---|",
        "| 28以上31未満 | 1時間ごとに10分 |",
        "| 31以上33未満 | 30分ごとに10分 |",
    )
    found = held(tmp_path, *rows, title="暑さ指数（WBGT）")

    assert "30分ごとに10分" in found.answer("WBGT 32のとき休憩は何分ですか", {"1時間ごと": 5.0, "30分ごと": 4.0}).answer


def test_of_a_follow_up_what_was_asked_before_gives_way(tmp_path: Path) -> None:
    rows = ("| コース | 教材費 |", "|---|---|", "| 特進 | 58,400円 |", "| 進学 | 41,800円 |")
    found = held(tmp_path, *rows, title="学費")

    answer = found.answer(
        "じゃあ進学コースは（特進コース、教材費、いくら）？", {"58,400円": 6.0, "41,800円": 3.0}
    ).answer
    assert "41,800円" in answer.splitlines()[0]


def test_what_a_compound_is_stands_at_its_end(tmp_path: Path) -> None:
    rows = ("| 職種 | 時給 |", "|---|---|", "| 司書補助 | 1,185円 |", "| 図書館司書 | 1,375円 |")
    found = held(tmp_path, *rows, title="報酬")

    assert "1,375円" in found.answer("司書の時給はいくらですか").answer.splitlines()[0]


def test_a_price_needs_no_unit_beside_it_where_its_head_or_a_line_above_has_it(tmp_path: Path) -> None:
    found = held(tmp_path, "| 室 | 使用料（円） |", "|---|---|", "| 和室 | 700 |", title="室")
    (row,) = (each for each in found.seen("和室の使用料はいくらですか", found.units()) if each.unit.kind == "row")

    assert row["type"] == 1.0


def test_a_way_between_two_places_is_not_answered_with_another_way(tmp_path: Path) -> None:
    rows = ("| 種類 | 浜町〜鵜島 | 浜町〜椿島 |", "|---|---|---|", "| 自転車 | 1,050円 | 740円 |")
    found = held(tmp_path, *rows, title="運賃")

    assert "1,050円" in found.answer("浜町から鵜島まで自転車はいくらですか").answer.splitlines()[0]
    assert found.answer("椿島から鵜島まで自転車はいくらですか", {"自転車": 5.0}).abstained


def test_a_row_is_named_by_what_its_label_is_short_for(tmp_path: Path) -> None:
    rows = "| 大学院卒 | 258,000円 |\n| 大学卒 | 241,000円 |\n| 高校卒 | 198,000円 |\n"
    table = f"# 初任給\n\n| 区分 | 月額 |\n|---|---|\n{rows}"
    held = Held((document(tmp_path, "初任給.md", table),))
    for question, amount in (("大卒の月額は", "241,000円"), ("高卒の月額は", "198,000円")):
        answer = held.answer(question, {"258,000円": 2.0, amount: 1.0})
        assert amount in answer.answer
        assert "258,000円" not in answer.answer
