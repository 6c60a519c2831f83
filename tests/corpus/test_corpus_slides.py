"""Slides: titles that no placeholder tells, and the order in which boxes are read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pptx
import pytest
from pptx.util import Inches, Pt

from rag.chunking import Chunker
from rag.corpus import Document
from tests.corpus.making import read_bytes

Placed = tuple[float, float, float, float, str]
"""Left, top, width and height of a box, in inches, and its words."""


def box(shapes: Any, placed: Placed, size: float = 0.0) -> None:
    left, top, width, height, words = placed
    frame = shapes.add_textbox(*map(Inches, (left, top, width, height))).text_frame
    frame.text = words
    for paragraph in frame.paragraphs if size else ():
        for run in paragraph.runs:
            run.font.size = Pt(size)


def show(folder: Path, *slides: list[tuple[Placed, float]]) -> Document:
    presentation = pptx.Presentation()
    for boxes in slides:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        for placed, size in boxes:
            box(slide.shapes, placed, size)
    buffer = BytesIO()
    presentation.save(buffer)
    return read_bytes(folder, "a.pptx", buffer.getvalue())


def lines(document: Document) -> list[str]:
    return [line for line in document.text.split("\n") if line]


BODY: tuple[Placed, float] = ((0.5, 2, 9, 1, "受付に12分かかる。"), 18)


def test_the_box_above_all_others_in_the_largest_letters_is_the_title(tmp_path: Path) -> None:
    document = show(
        tmp_path, [((0.5, 0.3, 9, 1, "待ち時間の短縮"), 36), BODY], [BODY, ((0.5, 0.3, 9, 0.8, "現状の課題"), 28)]
    )
    assert document.title == "待ち時間の短縮"
    assert [document.text[h.start : h.end] for h in document.headings] == ["待ち時間の短縮", "現状の課題"]


@pytest.mark.parametrize(
    "above",
    [
        pytest.param(((0.5, 0.3, 9, 1, "受付の前に"), 18), id="as large as the others"),
        pytest.param(((0.5, 0.3, 9, 1, "問診票は電話でも受け付けます。"), 36), id="a sentence"),
        pytest.param(((0.5, 4, 9, 1, "大きな数"), 36), id="below the others"),
        pytest.param(((0.5, 0.3, 9, 1, "12"), 36), id="a number"),
    ],
)
def test_other_boxes_are_no_titles(tmp_path: Path, above: tuple[Placed, float]) -> None:
    document = show(tmp_path, [((0.5, 0.3, 9, 1, "題"), 40), BODY], [above, BODY])
    assert [document.text[h.start : h.end] for h in document.headings] == ["題"]


def test_heads_stand_above_what_is_below_them_and_not_side_by_side(tmp_path: Path) -> None:
    document = show(
        tmp_path,
        [
            ((0.5, 1.5, 4, 0.6, "コンテナ船"), 0),
            ((5.2, 1.5, 4, 0.6, "バルク船"), 0),
            ((0.5, 2.2, 4, 3, "定期に運航する"), 0),
            ((5.2, 2.2, 4, 3, "不定期に運航する"), 0),
            ((0.5, 0.2, 9, 0.8, "二つの船"), 0),
        ],
    )
    assert lines(document) == ["二つの船", "コンテナ船", "定期に運航する", "バルク船", "不定期に運航する"]


def test_boxes_in_rows_of_one_height_are_read_row_by_row(tmp_path: Path) -> None:
    rows = [("日時", "11月5日"), ("場所", "講義棟"), ("対象", "四年生")]
    document = show(
        tmp_path,
        [((x, 1 + 0.6 * n, 2, 0.6, row[k]), 0.0) for k, x in ((1, 4.0), (0, 0.5)) for n, row in enumerate(rows)],
    )
    assert lines(document) == [word for row in rows for word in row]


def test_boxes_of_a_group_stay_together(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    for x, words in ((5.0, ("検査", "二日")), (0.5, ("申告", "半日"))):
        group = slide.shapes.add_group_shape()
        box(group.shapes, (x, 2, 2, 1, words[0]))
        box(group.shapes, (x, 3.1, 2, 0.4, words[1]))
    buffer = BytesIO()
    presentation.save(buffer)
    assert lines(read_bytes(tmp_path, "a.pptx", buffer.getvalue())) == ["申告", "半日", "検査", "二日"]


def test_no_heading_reaches_beyond_its_slide(tmp_path: Path) -> None:
    titled, untitled = (
        ((0.5, 0.3, 9, 1, "待ち時間はどのくらいですか"), 36),
        ((0.5, 2, 9, 1, "会計は二階で行います。"), 18),
    )
    more: tuple[Placed, float] = ((0.5, 2, 9, 1, "薬は三階で受け取ります。"), 18)
    last = ((0.5, 0.3, 9, 1, "今後の予定"), 36)
    document = show(tmp_path, [titled, BODY], [untitled], [more], [last, BODY])
    passages = Chunker(120, 1, 480, lambda texts: [len(text) for text in texts]).passages(document)
    assert [(each.heading, document.text[each.start : each.end]) for each in passages] == [
        (("待ち時間はどのくらいですか",), "待ち時間はどのくらいですか\n受付に12分かかる。"),
        ((), "会計は二階で行います。\n\n薬は三階で受け取ります。"),
        (("今後の予定",), "今後の予定\n受付に12分かかる。"),
    ]
    pairs = [document.text[block.start : block.end] for block in document.blocks if block.kind == "pair"]
    assert pairs == ["待ち時間はどのくらいですか\n受付に12分かかる。"]


def test_a_slide_below_headings_that_only_look_like_such_has_none_of_them(tmp_path: Path) -> None:
    words = (
        "受付では、来院された方の保険証と紹介状を確かめ、問診票に記入していただいたうえで、担当の医師へ引き継ぎます。"
    )
    first = ((0.5, 0.3, 9, 2, f"1. 受付の流れ\n{words}"), 18)
    document = show(tmp_path, [first], [((0.5, 0.3, 9, 2, words), 18)])
    assert [document.text[h.start : h.end] for h in document.headings] == ["1. 受付の流れ"]
    passages = Chunker(120, 1, 480, lambda texts: [len(text) for text in texts]).passages(document)
    assert [each.heading for each in passages] == [("1. 受付の流れ",), ()]


def test_a_hidden_slide_without_a_title_is_said_to_be_hidden(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    box(slide.shapes, BODY[0])
    presentation.slides.add_slide(presentation.slide_layouts[6])
    for each in presentation.slides:
        each._element.set("show", "0")
    buffer = BytesIO()
    presentation.save(buffer)
    assert lines(read_bytes(tmp_path, "a.pptx", buffer.getvalue())) == ["受付に12分かかる。", "（非表示のスライド）"]
