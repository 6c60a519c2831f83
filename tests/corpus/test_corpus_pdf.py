"""PDF files: paragraphs, pages, headings, running heads, and what cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pytest
from reportlab.pdfgen import canvas

from benchmarks.drawing import Drawing
from rag.corpus import Document
from rag.corpus.formats.pdf_lines import joined
from rag.errors import DocumentError
from tests.corpus.making import BODY, FONT, paragraph, pdf_of, read_bytes

LONG = "満潮は午前六時、干潮は正午すぎです。大潮の日は潮位の差が大きくなるため、必ず潮見表を確かめてください。"


def _page_of(document: Document, words: str) -> str:
    place = document.place(document.text.index(words))
    assert place is not None
    assert place.kind == "page"
    return place.label


def test_lines_of_a_paragraph_are_joined_without_spaces(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.pdf", pdf_of([paragraph(LONG)]))
    assert document.text == LONG + "\n"
    assert document.metadata["format"] == "pdf"


def test_paragraphs_are_told_by_the_room_between_them_and_by_their_indents(tmp_path: Path) -> None:
    lines = paragraph(LONG, top=700) + paragraph(LONG[18:], top=610) + [(84.0, 547.0, 12.0, "字下げの段落です。")]
    document = read_bytes(tmp_path, "a.pdf", pdf_of([lines]))
    assert document.text.split("\n") == [LONG, "", LONG[18:], "", "字下げの段落です。", ""]


def test_words_that_a_hyphen_divides_are_whole_again(tmp_path: Path) -> None:
    words = [
        "The tidal flat has a long history of inter-",
        "national conservation and of local care that",
        "never ended.",
    ]
    document = read_bytes(tmp_path, "a.pdf", pdf_of([[(72, 700 - 18 * i, 12, w) for i, w in enumerate(words)]]))
    assert "international conservation and of local care that never ended." in document.text


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("潮が引", "くと、", "潮が引くと、"),
        ("long", "word", "long word"),
        ("差が", "240cm", "差が240cm"),
        ("inter-", "national", "international"),
        ("Wi-", "Fi", "Wi-Fi"),
        ("range 3-", "5", "range 3- 5"),
        ("한국", "어", "한국 어"),
    ],
)
def test_lines_are_joined_as_their_scripts_need_it(first: str, second: str, whole: str) -> None:
    assert joined(first, second) == whole


def test_each_page_is_a_place(tmp_path: Path) -> None:
    pages = [paragraph("一枚目の文です。"), paragraph("二枚目の文です。"), paragraph("三枚目の文です。")]
    document = read_bytes(tmp_path, "a.pdf", pdf_of(pages))
    assert [_page_of(document, f"{n}枚目") for n in "一二三"] == ["1", "2", "3"]
    assert document.place(0) == document.places[0]


def test_a_paragraph_goes_on_over_the_page(tmp_path: Path) -> None:
    pages = [
        [*paragraph(LONG[:40]), (290.0, 40.0, 10.0, "- 1 -")],
        [*paragraph(LONG[40:]), (290.0, 40.0, 10.0, "- 2 -")],
    ]
    document = read_bytes(tmp_path, "a.pdf", pdf_of(pages))
    assert LONG in document.text
    assert _page_of(document, LONG[:5]) == "1"
    assert _page_of(document, LONG[40:45]) == "2"


def test_running_heads_and_page_numbers_are_marked_and_not_deleted(tmp_path: Path) -> None:
    pages = [
        [
            (72, 800, 9, "北浜市 干潟の手引き"),
            *paragraph(f"{n}番目の頁にはこの文だけがあります。"),
            (290, 30, 9, f"{n} / 4"),
        ]
        for n in range(1, 5)
    ]
    document = read_bytes(tmp_path, "a.pdf", pdf_of(pages))
    marked = [document.text[e.start : e.end] for e in document.excluded if e.reason == "running-head"]
    assert [words.split("\n") for words in marked] == [["北浜市 干潟の手引き", f"{n} / 4"] for n in range(1, 5)]
    assert document.text.count("番目の頁には") == 4


def test_rows_of_a_table_that_differ_in_their_numbers_are_no_running_heads(tmp_path: Path) -> None:
    pages = [[(72, 800, 12, f"売上 {n} 円"), *paragraph(BODY)] for n in (250, 90, 411, 73)]
    document = read_bytes(tmp_path, "a.pdf", pdf_of(pages))
    assert [e for e in document.excluded if "売上" in document.text[e.start : e.end]] == []


def test_large_letters_are_headings_and_the_largest_on_the_first_page_the_title(tmp_path: Path) -> None:
    lines = [(72, 760, 24, "干潟の手引き"), (72, 720, 16, "潮の時刻"), *paragraph(LONG * 2, top=690)]
    document = read_bytes(tmp_path, "a.pdf", pdf_of([lines], title="Microsoft Word - 手引き.doc"))
    assert document.title == "干潟の手引き"
    assert [(document.text[h.start : h.end], h.level) for h in document.headings] == [
        ("干潟の手引き", 1),
        ("潮の時刻", 2),
    ]


def test_vertical_lines_are_read_from_right_to_left(tmp_path: Path) -> None:
    lines = [(460.0 - 18 * i, 700.0, 12.0, LONG[20 * i : 20 * i + 20]) for i in range(3)]
    for order in (lines, lines[::-1]):
        assert read_bytes(tmp_path, "a.pdf", pdf_of([order], vertical=True)).text == LONG + "\n"


@pytest.mark.parametrize(("rotation", "origin"), [(90, (600, 0)), (180, (600, 800)), (270, (0, 800))])
def test_a_page_that_is_shown_turned_is_read_as_it_is_shown(
    tmp_path: Path, rotation: int, origin: tuple[int, int]
) -> None:
    pdf_of([])  # registers the font
    buffer = BytesIO()
    drawn = canvas.Canvas(buffer, pagesize=(600, 800))
    drawn.setPageRotation(rotation)
    drawn.translate(*origin)
    drawn.rotate(rotation)
    for x, y, size, words in paragraph(LONG, top=500):
        drawn.setFont(FONT, size)
        drawn.drawString(x, y, words)
    drawn.save()
    assert read_bytes(tmp_path, "a.pdf", buffer.getvalue()).text == LONG + "\n"


def test_the_last_line_of_a_vertical_paragraph_may_be_short(tmp_path: Path) -> None:
    whole = LONG[:36] + "いるのだす。"
    words = [whole[i : i + 20] for i in range(0, len(whole), 20)] + ["次の段落はここからです。"]
    lines = [(460.0 - 18 * i, 700.0 - 12 * (i == 3), 12.0, each) for i, each in enumerate(words)]
    assert read_bytes(tmp_path, "a.pdf", pdf_of([lines], vertical=True)).text.split() == [whole, words[-1]]


ENGLISH = (
    "The tidal flat is counted every\nspring, when the migrating birds\ncome. Whoever joins may tell\nus. Boots",
    "are lent at the station. In case of\nthunderstorms nobody goes out,\neven where the path is dry and\nmarked.",
)


@pytest.mark.parametrize("longer", [0, 1])
def test_columns_with_ragged_lines_are_read_one_after_the_other(tmp_path: Path, longer: int) -> None:
    columns = [words.split("\n") for words in ENGLISH]
    columns[longer] += ["That is all that we have to say."]
    placed = [
        (x, 700 - 15 * n, 10, line)
        for n in range(5)
        for x, words in zip((72, 320), columns, strict=True)
        for line in words[n : n + 1]
    ]
    text = " ".join(read_bytes(tmp_path, "a.pdf", pdf_of([placed])).text.split())
    assert text == " ".join(columns[0] + columns[1])


def test_lines_of_a_cell_are_joined_as_their_script_needs_it(tmp_path: Path) -> None:
    drawing = Drawing()
    drawing.page()
    rows = {700: ("첫째 줄과", "바닷가에는"), 686: ("", "새가 많다"), 660: ("둘째 줄", "길이다")}
    cells = [(words, x, y) for y, row in rows.items() for words, x in zip(row, (72, 220), strict=True) if words]
    for words, x, y in cells:
        drawing.write(x, y, words, 10)
    assert read_bytes(tmp_path, "a.pdf", drawing.file()).text.split("\n")[:2] == [
        "첫째 줄과\t바닷가에는 새가 많다",
        "둘째 줄\t길이다",
    ]


@pytest.mark.parametrize("title", ["議事録", "MINUTES", "회의록"])
@pytest.mark.parametrize("apart", [16.0, 24.0, 40.0])
def test_a_heading_whose_letters_stand_apart_is_a_word(tmp_path: Path, title: str, apart: float) -> None:
    drawing = Drawing()
    drawing.page()
    drawing.write(150, 760, title, 16, apart=apart)
    for n in range(3):
        drawing.write(72, 700 - 17 * n, LONG[n * 18 : n * 18 + 18], 10.5)
    document = read_bytes(tmp_path, "a.pdf", drawing.file())
    assert document.title == title
    assert [document.text[each.start : each.end] for each in document.headings] == [title]


def test_letters_in_the_size_of_the_text_are_cells(tmp_path: Path) -> None:
    lines = [(72.0 + 40 * n, 700.0, 12.0, day) for n, day in enumerate("日月火水木金土")]
    assert read_bytes(tmp_path, "a.pdf", pdf_of([lines])).text == "\t".join("日月火水木金土") + "\n"


def test_spaces_of_text_recognition_around_punctuation_are_none(tmp_path: Path) -> None:
    words = "问：冬天也可以参观吗？答：可以，但是北区关闭。"
    drawing = Drawing()
    drawing.page()
    for n, char in enumerate(words):
        drawing.write(72 + 12 * n, 700, char + " ", 12, unseen=True)
    assert read_bytes(tmp_path, "a.pdf", drawing.file()).text == words + "\n"


def test_lines_of_a_table_of_contents_stay_lines(tmp_path: Path) -> None:
    lines = [f"{n} 潮の時刻{'・' * 20}{n}" for n in (1, 2, 3)]
    document = read_bytes(tmp_path, "a.pdf", pdf_of([[(72, 700 - 18 * i, 12, w) for i, w in enumerate(lines)]]))
    assert document.text == "\n".join([*lines, ""])


def test_the_head_of_a_chapter_of_one_page_is_known_by_its_page_number(tmp_path: Path) -> None:
    heads = ["第1章 潮 1", "第1章 潮 2", "第1章 潮 3", "第2章 貝 4", "第3章 鳥 5", "第3章 鳥 6", "第3章 鳥 7"]
    pages = [[(72, 800, 9, head), *paragraph(BODY, top=640 - 9 * n)] for n, head in enumerate(heads)]
    document = read_bytes(tmp_path, "a.pdf", pdf_of(pages))
    assert [document.text[e.start : e.end] for e in document.excluded] == heads


def test_a_reading_above_a_word_is_left_out(tmp_path: Path) -> None:
    lines = [*paragraph("浜の汀は毎日変わる。"), (96.0, 712.0, 5.0, "みぎわ")]
    assert read_bytes(tmp_path, "a.pdf", pdf_of([lines])).text == "浜の汀は毎日変わる。\n"


def test_cells_of_a_row_stay_on_a_line(tmp_path: Path) -> None:
    rows = [("貝", "距離"), ("アサリ", "二キロ"), ("ハマグリ", "三キロ")]
    lines = [(x, 700 - 18 * i, 12, w) for i, row in enumerate(rows) for x, w in zip((72, 200), row, strict=True)]
    assert read_bytes(tmp_path, "a.pdf", pdf_of([lines])).text == "貝\t距離\nアサリ\t二キロ\nハマグリ\t三キロ\n"


def _drawn(edges: list[float], rows: list[list[list[str]]], *, without: Sequence[tuple[float, ...]] = ()) -> Drawing:
    """A table with rules, its lines drawn across the cells, which stand a letter apart; some rules are left out."""
    drawing = Drawing()
    drawing.page()
    drawing.write(72, 740, "浜のきまりを次の表に示します。", 10)
    rules, lines, y = [], [], 700.0
    for row in rows:
        high = max(map(len, row)) * 13 + 6
        rules += [(a, y, b, y) for a, b in pairwise(edges)] + [(x, y, x, y - high) for x in edges]
        for left, cell in zip(edges, row, strict=False):
            middle = (high - 6 - 13 * len(cell)) / 2
            lines += [(left + 5, y - 13 - middle - 13 * n, words) for n, words in enumerate(cell)]
        y -= high
    rules += [(a, y, b, y) for a, b in pairwise(edges)]
    for rule in rules:
        if rule not in without:
            drawing.rule(*rule)
    for x, base, words in sorted(lines, key=lambda line: (-line[1], line[0])):
        drawing.write(x, base, words, 10)
    return drawing


NEST = ["春は鳥の巣に近づ", "かないよう、柵の外", "を歩いてください。"]
ROWS = [
    [["場所"], ["きまり"], ["備考"]],
    [["北の浜"], ["夜は入れません。灯台の", "前に集まってください。"], NEST],
    [["南の浜と、そこ", "へ下りる石段"], ["いつでも入れます。"], ["犬も連れて行けます。"]],
]
TABLE = (
    "場所\tきまり\t備考\n"
    "北の浜\t夜は入れません。灯台の前に集まってください。\t春は鳥の巣に近づかないよう、柵の外を歩いてください。\n"
    "南の浜と、そこへ下りる石段\tいつでも入れます。\t犬も連れて行けます。\n"
)


def test_cells_of_a_table_with_rules_are_whole_however_near_they_stand(tmp_path: Path) -> None:
    drawing = _drawn([72, 157, 277, 382], ROWS)
    drawing.write(72, 500, "この表は、四月一日から用います。", 10)
    document = read_bytes(tmp_path, "a.pdf", drawing.file())
    assert document.text == f"浜のきまりを次の表に示します。\n\n{TABLE}\nこの表は、四月一日から用います。\n"
    assert [block.kind for block in document.blocks if block.table] == ["table"]


def test_merged_cells_stand_where_they_begin(tmp_path: Path) -> None:
    rows = [[["料金"], [], ["備考"]], [["平日"], ["休日"], []], [["三千円"], ["四千円"], ["飲食もできます。"]]]
    without = [(157.0, 700.0, 157.0, 681.0), (277.0, 681.0, 382.0, 681.0)]
    drawing = _drawn([72.0, 157.0, 277.0, 382.0], rows, without=without)
    assert read_bytes(tmp_path, "a.pdf", drawing.file()).text == (
        "浜のきまりを次の表に示します。\n\n料金\t\t備考\n平日\t休日\n三千円\t四千円\t飲食もできます。\n"
    )


def test_a_frame_around_text_is_no_table(tmp_path: Path) -> None:
    for upright in ((60.0, 330.0), (60.0, 66.0, 330.0)):
        drawing = Drawing()
        drawing.page()
        for n in range(3):
            drawing.write(72, 700 - 18 * n, LONG[n * 20 : n * 20 + 20], 12)
        for y in (720, 690, 640):
            drawing.rule(60, y, 330, y)
        for x in upright:
            drawing.rule(x, 720, x, 640)
        assert read_bytes(tmp_path, "a.pdf", drawing.file()).text == LONG + "\n"


def test_a_drawing_of_many_lines_does_not_keep_a_page_from_being_read(tmp_path: Path) -> None:
    drawing = Drawing()
    drawing.page()
    for n in range(15_000):
        drawing.rule(n % 590, 10, n % 590, 800)
        drawing.rule(10, n % 830, 580, n % 830)
    drawing.write(72, 700, BODY[:20], 12)
    begun = perf_counter()
    assert read_bytes(tmp_path, "a.pdf", drawing.file()).text == BODY[:20] + "\n"
    assert perf_counter() - begun < 20


def test_an_encrypted_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.pdf: .*password"):
        read_bytes(tmp_path, "a.pdf", pdf_of([paragraph(BODY)], password="himitsu"))


def test_a_file_of_scanned_pages_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.pdf: .*scanned.*OCR"):
        read_bytes(tmp_path, "a.pdf", pdf_of([[], [], []]))


def test_pages_without_text_among_others_are_told(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.pdf", pdf_of([paragraph(BODY), [], paragraph(BODY)]))
    assert document.metadata["pages_without_text"] == "2"


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF", b"hello", b"\0" * 1000])
def test_a_broken_file_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"a\.pdf: .*damaged"):
        read_bytes(tmp_path, "a.pdf", data)


def test_an_empty_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.pdf: The file is empty"):
        read_bytes(tmp_path, "a.pdf", b"")


def test_characters_beyond_the_first_plane_are_whole(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.pdf", _pdf_saying("𠮷田と𩸽と𝑥", "\ud842だけ"))
    assert "𠮷田と𩸽と𝑥" in document.text
    assert "\ufffdだけ" in document.text, "half a character is none"


def _pdf_saying(*lines: str) -> bytes:
    """A PDF whose font tells its characters by a table alone, so that any of them can be in it."""
    chars = list(dict.fromkeys("".join(lines)))
    table = "".join(f"<{i:04x}> <{c.encode('utf-16-be', 'surrogatepass').hex()}>\n" for i, c in enumerate(chars, 1))
    drawn = "".join(f"<{''.join(f'{1 + chars.index(c):04x}' for c in line)}> Tj T*\n" for line in lines)
    streams = [
        f"BT /F 12 Tf 18 TL 72 700 Td\n{drawn}ET",
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(chars)} beginbfchar\n{table}endbfchar endcmap end",
    ]
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R/Resources<</Font<</F 4 0 R>>>>>>",
        "<</Type/Font/Subtype/Type0/BaseFont/F/Encoding/Identity-H/DescendantFonts[5 0 R]/ToUnicode 7 0 R>>",
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/F"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        *(f"<</Length {len(stream)}>>stream\n{stream}\nendstream" for stream in streams),
    ]
    body = "".join(f"{number} 0 obj\n{each}\nendobj\n" for number, each in enumerate(objects, 1))
    return f"%PDF-1.7\n{body}trailer<</Root 1 0 R>>".encode("ascii")


def test_a_short_line_that_ends_within_a_word_goes_on(tmp_path: Path) -> None:
    lines = ["The tidal flat is an envi-", "ronment rich in shellfish and birds that winter", "there for many months."]
    written = [(72.0, 700.0 - 16 * number, 12.0, line) for number, line in enumerate(lines)]
    text = read_bytes(tmp_path, "a.pdf", pdf_of([written])).text
    assert text.startswith("The tidal flat is an environment rich in shellfish")


def test_questions_and_answers_keep_their_lines(tmp_path: Path) -> None:
    lines = [
        "問 返品はできますか。",
        "答 できます。七日以内です。",
        "Q2．送料はいくらですか。",
        "A2．五百円です。",
    ]
    written = [(72.0, 700.0 - 18 * number, 12.0, line) for number, line in enumerate(lines)]
    text = read_bytes(tmp_path, "a.pdf", pdf_of([written])).text
    assert [line for line in text.split("\n") if line] == lines


def test_a_label_set_wide_keeps_its_number_and_the_items_below_it_their_lines(tmp_path: Path) -> None:
    lines = [
        (60.0, 550.0, 11.0, "１　日　時　　令和６年７月１日（月）　午後５時から"),
        (60.0, 532.0, 11.0, "２　内　容"),
        (82.0, 514.0, 11.0, "(1) 手指衛生の実際"),
        (82.0, 496.0, 11.0, "(2) 防護具の着脱"),
    ]
    text = read_bytes(tmp_path, "a.pdf", pdf_of([lines])).text
    assert text.splitlines()[1:] == ["２　内容", "(1) 手指衛生の実際", "(2) 防護具の着脱"]


def test_cells_set_apart_by_spaces_of_a_typewriter_are_cells(tmp_path: Path) -> None:
    buffer = BytesIO()
    drawn = canvas.Canvas(buffer)
    drawn.setFont("Courier", 10)
    rows = ["Part      Size    Torque", "Bolt      M8      25 Nm", "Nut       M10     40 Nm", "Washer    M10     15 Nm"]
    for number, row in enumerate(rows):
        drawn.drawString(72, 700 - 12 * number, row)
    drawn.save()
    text = read_bytes(tmp_path, "a.pdf", buffer.getvalue()).text
    assert text.splitlines() == ["Part\tSize\tTorque", "Bolt\tM8\t25 Nm", "Nut\tM10\t40 Nm", "Washer\tM10\t15 Nm"]
