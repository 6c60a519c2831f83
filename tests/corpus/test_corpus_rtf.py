"""RTF files as a reader sees them: what is struck out, deleted or hidden, marks of notes, boxes, comments, headers."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.chunking import Chunker
from rag.corpus import Document
from tests.corpus.making import read_bytes

CHUNKER = Chunker(120, 1, 480, lambda texts: [len(text) for text in texts])


def _u(words: str) -> str:
    """The words as Word writes them."""
    return "".join(char if char.isascii() else f"\\u{ord(char)}?" for char in words)


def _read(folder: Path, source: str) -> Document:
    return read_bytes(folder, "a.rtf", f"{{\\rtf1\\ansi\\uc1{_u(source)}}}".encode("ascii"))


def _lines(document: Document) -> list[str]:
    return [line for line in document.text.split("\n") if line.strip()]


def test_struck_out_words_are_told_at_the_end_and_stand_in_no_passage(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        r"{\stylesheet{\cs9\strike Withdrawn;}}\pard 手指消毒は{\strike 石けんで}{\striked1 30秒}15秒以上行う。\par "
        r"\strike 旧版は\strike0 棚にある。\par \strike 棚の\plain 上です。\par "
        r"\trowd\intbl 品名\cell 数\cell\row\trowd\intbl 熊手\cell {\strike 9}12\cell\row"
        r"\trowd\intbl {\strike 軍手\cell 3\cell}\row",
    )
    struck = ["石けんで30秒", "旧版は", "棚の", "9", "軍手", "3"]
    assert _lines(document) == [
        "手指消毒は15秒以上行う。",
        "棚にある。",
        "上です。",
        "品名\t数",
        "熊手\t12",
        *(f"（取り消し線：{words}）" for words in struck),
    ]
    assert not any("（取り消し線" in passage.text for passage in CHUNKER.passages(document))


def test_deleted_words_are_left_out_hidden_ones_said_and_exponents_raised(tmp_path: Path) -> None:
    document = _read(
        tmp_path, r"\pard 定価は{\deleted 旧価の}{\v 税抜きで}10{\super 3}円{\super 注}です。\par 終わり。"
    )
    assert _lines(document) == ["定価は（隠し文字：税抜きで）10³円注です。", "終わり。"]


@pytest.mark.parametrize(("said", "marks"), [("", "12"), (r"\ftnstart3\ftnnalc", "cd"), (r"\ftnncnum", "①②")])
def test_notes_and_their_places_have_the_same_marks(tmp_path: Path, said: str, marks: str) -> None:
    document = _read(
        tmp_path,
        said + r"\pard 浜は広い。{\super \chftn {\footnote \pard\plain {\super \chftn} 大潮の日。}}貝は{\super\chftn}"
        r"{\*\footnote\chftn\pard\plain  市の調べ。}多い。{\super ＊}{\footnote \pard {\super ＊}印。}\par",
    )
    assert _lines(document) == [
        f"浜は広い（注{marks[0]}）。貝は（注{marks[1]}）多い。＊",
        f"（注{marks[0]}）大潮の日。",
        f"（注{marks[1]}）市の調べ。",
        "＊印。",
    ]


def test_footnotes_and_endnotes_are_told_apart(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        r"\aftnnrlc\pard 潮{\super\chftn}{\footnote\ftnalt \pard\plain \chftn 大潮。}が引く{\super\chftn}"
        r"{\footnote \pard\plain \chftn 午前。}。\par",
    )
    assert _lines(document) == ["潮（文末脚注i）が引く（注1）。", "（注1）午前。", "（文末脚注i）大潮。"]


def test_boxes_comments_headers_and_footers_are_read_once(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        r"{\header\pard 文書番号 HK-12\par}{\headerf\pard 文書番号 HK-12\par}{\footer\pard \chpgn /3 ページ\par}"
        r"\pard 浜は広い。{\shp{\*\shpinst\shpleft1{\shptxt\pard 寸法は要相談\par}}{\shprslt{\*\do{\dptxbxtext\pard "
        r"寸法は要相談\par}}}}{\*\atnid H}{\*\atnauthor 浜野}\chatn{\*\annotation\pard 確認する。}\par 終わり。\par",
    )
    assert _lines(document) == [
        "浜は広い。",
        "終わり。",
        "寸法は要相談",
        "（コメント 浜野：確認する。）",
        "文書番号 HK-12",
    ]


def test_paragraphs_of_a_cell_stay_in_it_and_those_of_a_frame_are_lines(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        r"\trowd\pard\intbl 品名\cell 説明\cell\row\trowd\pard\intbl 熊手\cell 貸し出す。\par\b0\par 三本。\cell\row"
        r"\pard 次の枠。\par\trowd\pard\intbl 枠の一行目\par 二行目\cell\row\pard 終わり。\par",
    )
    assert _lines(document) == ["品名\t説明", "熊手\t貸し出す。 三本。", "次の枠。", "枠の一行目", "二行目", "終わり。"]


def test_check_boxes_have_their_ticks_and_lists_what_was_chosen(tmp_path: Path) -> None:
    def field(kind: str, form: str) -> str:
        return (
            rf"{{\field{{\*\fldinst {{\*\bkmkstart C1}} FORM{kind} {{\*\datafield 6500}}{{\*\formfield{{{form}}}}}}}"
            r"{\fldrslt }}"
        )

    boxes = [
        field("CHECKBOX", rf"\fftype1\ffres{n}\ffhps20{{\*\ffname C}}\ffdefres{d}")
        for n, d in ((1, 0), (0, 1), (25, 1))
    ]
    chosen = field("DROPDOWN", r"\fftype2\ffres1\ffhaslistbox{\*\ffl 晴れ}{\*\ffl 雨}")
    document = _read(tmp_path, rf"\pard {boxes[0]}参加 {boxes[1]}不参加 {boxes[2]}未定\par 天気は{chosen}です。\par")
    assert _lines(document) == ["☑参加 ☐不参加 ☑未定", "天気は雨です。"]
