from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.answer.choosing import judged
from rag.answer.computing import Computed, compute, number_in
from rag.answer.features import row_matches
from rag.answer.parts import pieces_of
from rag.answer.question import understand
from rag.answer.table import Match, matches
from rag.corpus import Document
from rag.reader.model import PassageReading
from tests.answer.making import Held, document, table_of, weigh

STOCK = """# 備品の在庫

| 品番 | 品名 | 在庫数 | 単価 | 納期 |
|---|---|---|---|---|
| AB-10 | 机 | 12 | 9,800円 | 3日 |
| AB-10X | 机（大） | 4 | 15,000円 | 2週間 |
| CD-20 | 椅子 | 40 | 4,500円 | 5日 |
"""


@pytest.fixture
def stock(tmp_path: Path) -> Document:
    return document(tmp_path, "在庫.md", STOCK)


def text_at(found: Document) -> Callable[[int, int], str]:
    return lambda start, end: found.text[start:end]


def named(found: Document, question: str) -> list[Match]:
    table = table_of(found)
    rows = range(table.header_rows, table.size[0])
    return matches(understand(question), table, rows, text_at(found), weigh)


def best(found: Document, question: str) -> Match:
    return named(found, question)[0]


def computed(found: Document, question: str) -> Computed | None:
    return compute(understand(question), table_of(found), text_at(found), weigh)


def cells(found: Document, result: Computed | None) -> list[str]:
    return [] if result is None else [found.text[cell.start : cell.end] for cell in result.cells]


@pytest.mark.parametrize(("question", "row"), [("AB-10の単価は？", 1), ("AB-10Xの単価は？", 2), ("AB10Xの単価は？", 2)])
def test_a_row_is_named_by_its_code_whole_and_not_by_a_part_of_it(stock: Document, question: str, row: int) -> None:
    found = best(stock, question)

    assert found.is_exact
    assert found.row == row
    assert found.columns[0] == 3


def test_a_row_that_nothing_names_is_no_match(stock: Document) -> None:
    assert not any(match.is_exact for match in named(stock, "棚の単価は？"))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("在庫数が最も多い備品は？", ["40"]),
        ("一番高い備品はどれですか？", ["15,000円"]),
        ("最も安い備品は？", ["4,500円"]),
        ("単価が5,000円以上の備品を全部", ["9,800円", "15,000円"]),
        ("在庫数が12個以下の備品はどれ？", ["12", "4"]),
    ],
)
def test_rows_are_found_by_comparing_numbers(stock: Document, question: str, expected: list[str]) -> None:
    assert cells(stock, computed(stock, question)) == expected


def test_the_rows_beyond_another_column_are_found(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "講座.md",
        "# 講座\n\n| 講座 | 定員 | 申込者数 | 受講料 |\n|---|---|---|---|\n| 陶芸 | 12人 | 15人 | 3,000円 |\n"
        "| 書道 | 20人 | 18人 | 1,500円 |\n| 茶道 | 8人 | 8人 | 2,000円 |\n",
    )
    assert cells(found, computed(found, "申込者数が定員を超えた講座はどれ？")) == ["15人"]
    assert cells(found, computed(found, "定員に満たない講座を全部教えて")) == ["18人"]
    assert computed(found, "予算を超えた講座はどれ？") is None


def test_several_columns_must_say_the_same(tmp_path: Path) -> None:
    rows = [
        "| 部屋 | 平日料金 | 休日料金 |",
        "|---|---|---|",
        "| 梅 | 9,000円 | 12,000円 |",
        "| 松 | 11,000円 | 15,000円 |",
    ]
    found = document(tmp_path, "部屋.md", "# 部屋\n\n" + "\n".join(rows) + "\n")
    assert cells(found, computed(found, "一番高い部屋はどれですか")) == ["11,000円"]

    other = document(tmp_path, "別.md", "# 部屋\n\n" + "\n".join([*rows, "| 竹 | 12,000円 | 13,000円 |"]) + "\n")
    assert computed(other, "一番高い部屋はどれですか") is None


def test_a_limit_may_have_no_unit(tmp_path: Path) -> None:
    found = document(
        tmp_path, "在庫.md", "# 在庫\n\n| 品 | 在庫数 | 発注点 | 単価 |\n|---|---|---|---|\n| 釘 | 40本 | 50 | 5円 |\n"
        "| ねじ | 90個 | 50 | 7円 |\n",
    )  # fmt: skip
    assert cells(found, computed(found, "在庫が発注点より少なくなっている品はどれですか")) == ["40本"]


def test_a_sum_is_computed_from_all_cells_of_its_column(stock: Document) -> None:
    result = computed(stock, "在庫数の合計は？")

    assert result is not None
    assert (result.operation, result.value) == ("sum", "56")
    assert cells(stock, result) == ["12", "4", "40"]


def test_a_total_that_the_document_states_is_quoted_and_not_computed(tmp_path: Path) -> None:
    found = document(
        tmp_path, "売上.md", "# 売上\n\n| 支店 | 売上 |\n|---|---|\n| 東 | 10 |\n| 西 | 20 |\n| 合計 | 31 |\n"
    )
    result = computed(found, "売上の合計は？")

    assert result is not None
    assert result.operation == ""
    assert cells(found, result) == ["31"]


def test_numbers_of_different_units_are_not_compared(stock: Document) -> None:
    assert computed(stock, "納期が一番長い備品は？") is None


def test_the_value_of_one_row_is_not_computed(stock: Document) -> None:
    assert computed(stock, "CD-20の合計は？") is None


@pytest.mark.parametrize(
    ("cell", "number"), [("1,200円", (1200, "円")), ("△3", (-3, "")), ("3万人", (30000, "人")), ("３日", (3, "日"))]
)
def test_a_cell_s_number_is_read_with_its_unit(cell: str, number: tuple[float, str]) -> None:
    assert number_in(cell) == number


@pytest.mark.parametrize("cell", ["", "なし", "10時30分", "第3条の規定による"])
def test_a_cell_of_words_holds_no_number(cell: str) -> None:
    assert number_in(cell) is None


def test_a_computed_sum_says_so_and_cites_its_cells(stock: Document) -> None:
    answer = Held((stock,)).answer("在庫数の合計は？", {"AB-10 ": 3.0})

    assert answer.answer == "計算：合計 56[1][2][3]"
    assert [citation.quote for citation in answer.citations] == ["12", "4", "40"]
    assert answer.to_dict()["computed"] == [{"operation": "sum", "value": "56", "citations": [1, 2, 3]}]


def test_the_row_with_the_highest_value_is_shown_with_its_cell_marked(stock: Document) -> None:
    answer = Held((stock,)).answer("一番高い備品はどれですか？", {"AB-10 ": 3.0})
    (citation,) = answer.citations

    assert citation.quote == "15,000円"
    assert citation.shape is not None
    assert citation.shape.label == "AB-10X　単価"
    assert citation.shape.rows[0][citation.shape.marked[0][1]] == "15,000円"
    assert answer.answer.startswith("AB-10X　単価：15,000円[1]\n")


def test_only_the_rows_asked_for_are_looked_at_however_long_the_table(tmp_path: Path) -> None:
    rows = "".join(f"| AB-{number} | 棚{number} | {number} |\n" for number in range(2_000))
    long = document(tmp_path, "長い表.md", f"# 在庫\n\n| 品番 | 場所 | 数量 |\n|---|---|---|\n{rows}")
    table, looked_at = table_of(long), []

    def text_at(start: int, end: int) -> str:
        looked_at.append((start, end))
        return long.text[start:end]

    (match,) = matches(understand("AB-1500の数量は？"), table, [1501], text_at, weigh)
    assert match.is_exact and match.row == 1501
    assert len(looked_at) == 2 * table.size[1]  # its cells and the heads


def test_of_a_short_cell_no_part_is_marked(tmp_path: Path) -> None:
    text = "機器\t置き場\t委託\n電気メス\t手術室\t東稜メディカル\n輸液ポンプ\t病棟\t京橋医機\n"
    held = Held((document(tmp_path, "台帳.tsv", text),))
    question = understand("電気メスを点検する会社は？")
    units = [unit for unit in held.units() if unit.kind == "row" and "電気メス" in unit.text]
    start = held.documents[0].text.index("東稜")
    marks = {units[0].hit.document.id: [(start, start + 2, 1.0)]}
    found = judged(held.seen(question.text, units, marks=marks), [PassageReading(2.0, ())])

    (piece,) = pieces_of(question, found, held.blocks, held.text)
    assert piece.span is not None
    assert held.documents[0].text[slice(*piece.span)] == "東稜メディカル"


def test_rows_of_other_ranges_than_the_one_that_is_asked_for_do_not_answer(tmp_path: Path) -> None:
    rows = [
        "| 車の長さ | 普通期 |",
        "|---|---|",
        "| 3m未満 | 6,900円 |",
        "| 3m以上5m未満 | 9,800円 |",
        "| 5m以上6m未満 | 13,200円 |",
    ]
    text = "# 運賃\n\n" + "\n".join(rows)
    held = Held((document(tmp_path, "運賃.md", text),))
    answer = held.answer("5メートルの車は普通期にいくらですか", {"6,900円": 5.0, "9,800円": 4.0, "13,200円": 1.0})

    assert answer.answer.splitlines()[0].startswith("5m以上6m未満　普通期：13,200円")


def test_a_row_is_named_by_the_name_that_is_quoted_in_a_cell(tmp_path: Path) -> None:
    rows = [
        "| 品名 | 量 | 価格 |",
        "|---|---|---|",
        "| 麦みそ「むぎほ」 | 750g | 756円 |",
        "| 米みそ「ゆき」 | 750g | 702円 |",
    ]
    held = Held((document(tmp_path, "価格.md", "# 価格\n\n" + "\n".join(rows) + "\n"),))

    assert held.answer("むぎほの価格は？").answer.splitlines()[0].startswith("麦みそ「むぎほ」　価格：756円")


def test_the_reader_is_told_which_quantity_a_row_s_range_holds(tmp_path: Path) -> None:
    rows = ["| 1件の金額 | 決裁者 |", "|---|---|", "| 30万円未満 | 課長 |", "| 30万円以上200万円未満 | 部長 |"]
    held = Held((document(tmp_path, "決裁.md", "# 決裁\n\n" + "\n".join(rows) + "\n"),))
    asked = understand("120万円の機器は誰の決裁がいりますか")
    units = held.units()
    matched = row_matches(asked, units, held.text, weigh)

    assert {match.within for match in matched.values() if not match.lacking} == {"120万円"}
    assert [match.lacking for match in matched.values() if match.lacking] == ["120万円"]


def test_a_row_named_by_what_is_not_meant_or_beside_the_day_asked_for_does_not_answer(tmp_path: Path) -> None:
    rows = ["| 量 | 料金 |", "|---|---|", "| 500g未満 | 7,200円 |", "| 2kg以上5kg以下 | 18,900円 |"]
    days = ["| 申出 | 手数料 |", "|---|---|", "| 30日前まで | 800円 |", "| 9日前から前日 | 4,000円 |"]
    held = Held(
        (
            document(tmp_path, "検査.md", "# 検査\n\n" + "\n".join(rows) + "\n"),
            document(tmp_path, "退会.md", "# 退会\n\n" + "\n".join(days) + "\n"),
        )
    )

    assert "18,900円" in held.answer("500g未満ではなく3kgの料金は", {"7,200円": 3.0}).answer.splitlines()[0]
    assert "4,000円" in held.answer("前日に退会を申し出ると手数料は", {"800円": 5.0}).answer.splitlines()[0]
