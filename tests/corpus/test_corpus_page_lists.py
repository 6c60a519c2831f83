"""The numbers of a page's lists, which its source does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.corpus import Document
from tests.corpus.making import BODY, book_file, read_bytes


def _page(folder: Path, body: str) -> Document:
    page = f"<html><body><main><h1>干潟の手引き</h1><p>{BODY}</p>{body}<p>{BODY}</p></main></body></html>"
    return read_bytes(folder, "a.html", page.encode())


def _items(document: Document) -> list[list[tuple[int, str]]]:
    return [
        [(depth, document.text[start:end]) for depth, (start, end) in zip(block.depths, block.items, strict=True)]
        for block in document.blocks
        if block.kind in ("list", "steps")
    ]


def _listed(tag: str, items: Sequence[str] = ("熊手", "長靴", "帽子")) -> str:
    return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag.split()[0]}>"


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("ol", ["1. 熊手", "2. 長靴", "3. 帽子"]),
        ("ol start=5", ["5. 熊手", "6. 長靴", "7. 帽子"]),
        ("ol start=-1", ["-1. 熊手", "0. 長靴", "1. 帽子"]),
        ("ol start=x", ["1. 熊手", "2. 長靴", "3. 帽子"]),
        ("ol type=a", ["a. 熊手", "b. 長靴", "c. 帽子"]),
        ("ol type=A start=26", ["Z. 熊手", "AA. 長靴", "AB. 帽子"]),
        ("ol type=i start=3", ["iii. 熊手", "iv. 長靴", "v. 帽子"]),
        ("ol type=I start=3999", ["MMMCMXCIX. 熊手", "4000. 長靴", "4001. 帽子"]),
        ("ol type=1 reversed", ["3. 熊手", "2. 長靴", "1. 帽子"]),
        ("ol reversed start=10", ["10. 熊手", "9. 長靴", "8. 帽子"]),
        ("ol style='color:red; list-style-type: upper-roman'", ["I. 熊手", "II. 長靴", "III. 帽子"]),
        ("ol style='list-style: katakana-iroha inside'", ["イ、熊手", "ロ、長靴", "ハ、帽子"]),
        ("ol style='list-style-type:hiragana'", ["あ、熊手", "い、長靴", "う、帽子"]),
        ("ol style='list-style-type:cjk-ideographic'", ["一、熊手", "二、長靴", "三、帽子"]),
        ("ol style='list-style:none'", ["熊手", "長靴", "帽子"]),
        ("ul style='list-style-type:decimal'", ["1. 熊手", "2. 長靴", "3. 帽子"]),
        ("ul", ["熊手", "長靴", "帽子"]),
    ],
)
def test_items_of_a_page_have_the_numbers_that_are_shown(tmp_path: Path, tag: str, shown: list[str]) -> None:
    document = _page(tmp_path, _listed(tag))
    assert _items(document) == [[(0, words) for words in shown]]
    assert "\n".join(shown) in document.text
    assert not document.excluded


def test_an_item_says_its_own_number_and_form(tmp_path: Path) -> None:
    document = _page(
        tmp_path, "<ol><li>熊手<li value=7>長靴<li>帽子<li type=a value=2>軍手<li hidden class=menu>旗<li>水</ol>"
    )
    assert _items(document) == [[(0, words) for words in ("1. 熊手", "7. 長靴", "8. 帽子", "b. 軍手", "3. 水")]]


def test_lists_in_lists_count_by_themselves(tmp_path: Path) -> None:
    inner = "<ol type=a><li><p>熊手</p><p>を持つ</p></li><li>長靴</li></ol>"
    body = f"<ol><li>支度する{inner}</li><li></li><li><ol type=i><li>歩く</li><li>掘る</li></ol></li></ol>"
    document = _page(tmp_path, body)
    assert _items(document) == [
        [(0, "1. 支度する"), (1, "a. 熊手\nを持つ"), (1, "b. 長靴"), (1, "3. i. 歩く"), (1, "ii. 掘る")]
    ]


def test_items_that_write_their_marks_get_no_others(tmp_path: Path) -> None:
    for items in (["1. 熊手", "２．長靴"], ["<b>①</b>熊手", "②長靴"], ["<!-- 一 -->(1) 熊手", "(2) 長靴"]):
        found = _items(_page(tmp_path, _listed("ol", items)))
        assert len(found) == 1
        assert all(words[0] in "1２①②(" and "1. (" not in words and ". ①" not in words for _, words in found[0])
    times = _items(_page(tmp_path, _listed("ol", ["9:30 集合", "10:00 出発"])))
    assert times == [[(0, "1. 9:30 集合"), (0, "2. 10:00 出発")]]


def test_an_item_that_is_struck_out_counts(tmp_path: Path) -> None:
    body = "<ol><li>熊手</li><li style='text-decoration:line-through'>長靴</li><li><s>軍手</s></li><li>帽子</li></ol>"
    assert _items(_page(tmp_path, body)) == [[(0, "1. 熊手"), (0, "4. 帽子")]]


def test_chapters_of_books_have_the_numbers_too(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.epub", book_file({"a.xhtml": f"<p>{BODY}</p>{_listed('ol')}"}))
    assert _items(document) == [[(0, "1. 熊手"), (0, "2. 長靴"), (0, "3. 帽子")]]


def test_very_many_items_and_very_large_numbers_are_read_at_once(tmp_path: Path) -> None:
    body = "<ol start=999999999 type=I>" + "<li>" * 20_000 + "</ol>" + "<ol reversed><li>" * 200 + "水" + "</ol>" * 200
    document = _page(tmp_path, body)
    assert "1. " * 200 + "水" in document.text


def test_equations_of_a_page_are_read_with_what_stands_above_and_below(tmp_path: Path) -> None:
    equation = (
        "<math><semantics><mrow><mi>x</mi><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac><mo>+</mo>"
        "<msup><mi>a</mi><mn>2</mn></msup><mo>-</mo><msqrt><mi>b</mi></msqrt></mrow>"
        '<annotation encoding="application/x-tex">x=\\frac{1}{2}</annotation></semantics></math>'
    )
    assert "式は x=1/2+a^2-√b です。\n" in _page(tmp_path, f"<p>式は {equation} です。</p>").text
