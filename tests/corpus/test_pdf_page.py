"""Pages of PDFs as pictures, and frames around exactly the characters of a quote."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from rag.corpus import Document, read_document
from rag.corpus.formats.pdf import glyphs_of, opened
from rag.corpus.formats.pdf_frames import key_of
from rag.corpus.formats.pdf_page import png_of, read
from rag.corpus.pages import Box, PageImage, Quote, page_extent, page_number, quote_on
from rag.corpus.sandbox.process import Sandbox
from rag.errors import DocumentError

from .making import BODY, FONT, paragraph, pdf_of, read_bytes

OFFICE = sorted((Path(__file__).parents[2] / "benchmarks" / "office").rglob("*.pdf"))
PIXELS = 700


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(seconds=30)
    yield sandbox
    sandbox.close()


def plain(text: str) -> str:
    """What is compared: NFKC, no white space."""
    return "".join(unicodedata.normalize("NFKC", text.replace("\u00ad", "-")).split())


def framed(data: bytes, page: PageImage) -> list[str]:
    """What stands in the frames of each quote: the characters of the page whose middle is in one of them."""
    document = opened(data)
    glyphs = glyphs_of(document, page.number - 1)[0]
    document.close()

    def inside(box: Box) -> str:
        left, top, right, bottom = box
        middles = (
            (g.char, (g.left + g.right) / 2 / page.width, 1 - (g.bottom + g.top) / 2 / page.height) for g in glyphs
        )
        return "".join(char for char, x, y in middles if left <= x <= right and top <= y <= bottom)

    return ["".join(map(inside, boxes)) for boxes in page.frames]


def ink(page: PageImage) -> tuple[Box, Image.Image]:
    """The picture, and what of it is not white, as shares."""
    picture = Image.open(BytesIO(page.png)).convert("L")
    dark = np.asarray(picture) < 128
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    width, height = picture.size
    return (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height), picture


def test_what_is_framed_is_the_quote_over_the_papers_of_offices(sandbox: Sandbox) -> None:
    assert len(OFFICE) >= 6
    chance = random.Random(21)
    papers = [(path.read_bytes(), read_document(path)) for path in OFFICE]
    tried = 0
    while tried < 100:
        data, document = chance.choice(papers)
        start = chance.randrange(len(document.text) - 5)
        place = document.place(start)
        assert place is not None
        quote = quote_on(document, page_number(place), start, start + chance.randint(2, 90))
        if quote is None:
            continue
        tried += 1
        page = sandbox.page(data, page_number(place), [quote], 0)
        assert [plain(words) for words in framed(data, page)] == [plain(quote.words)], (document.source, quote)


def test_a_page_is_drawn_in_its_shape(sandbox: Sandbox) -> None:
    data = pdf_of([paragraph(BODY)])
    page = sandbox.page(data, 1, [Quote(BODY)], PIXELS)
    picture = Image.open(BytesIO(page.png))
    assert picture.size[0] == pytest.approx(PIXELS, abs=1)
    assert picture.size[1] / picture.size[0] == pytest.approx(page.height / page.width, abs=0.01)
    assert [plain(words) for words in framed(data, page)] == [plain(BODY)]


def turned(rotation: int, vertical: bool = False) -> bytes:
    font = UnicodeCIDFont(FONT, isVertical=vertical)
    pdfmetrics.registerFont(font)
    buffer = BytesIO()
    drawn = canvas.Canvas(buffer, pagesize=(400, 600), invariant=True)
    drawn.setPageRotation(rotation)
    drawn.setFont(font.fontName, 20)
    drawn.drawString(90, 320, BODY[:14])
    drawn.showPage()
    drawn.save()
    return buffer.getvalue()


@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_frames_lie_over_the_ink_of_pages_that_are_turned(sandbox: Sandbox, rotation: int, vertical: bool) -> None:
    page = sandbox.page(turned(rotation, vertical), 1, [Quote(BODY[:14])], PIXELS)
    (left, top, right, bottom), _ = ink(page)
    assert page.frames[0]
    framed_left, framed_top = (min(box[side] for box in page.frames[0]) for side in (0, 1))
    framed_right, framed_bottom = (max(box[side] for box in page.frames[0]) for side in (2, 3))
    assert (framed_left, framed_top) <= (left + 0.01, top + 0.01)
    assert framed_left == pytest.approx(left, abs=0.04) and framed_right == pytest.approx(right, abs=0.04)
    assert framed_top == pytest.approx(top, abs=0.04) and framed_bottom == pytest.approx(bottom, abs=0.04)


def test_of_several_equal_words_those_of_the_quote_are_framed(sandbox: Sandbox) -> None:
    rows = [("本館", "5,000円"), ("新館", "5,000円"), ("別館", "5,000円")]
    lines = [
        (x, 700.0 - 30 * n, 12.0, cell)
        for n, row in enumerate(rows)
        for x, cell in zip((72.0, 300.0), row, strict=True)
    ]
    data = pdf_of([lines])
    for n, (name, price) in enumerate(rows):
        before = "\n".join("\t".join(row) for row in rows[:n])
        page = sandbox.page(data, 1, [Quote(price, f"{before}\n{name}\t", "\n", n / 3)], 0)
        ((_, top, _, _),) = page.frames[0]
        assert top == pytest.approx(1 - (700 - 30 * n + 12 * 0.88) / page.height, abs=0.002)


def test_columns_and_cells_of_several_lines_are_framed_line_by_line(tmp_path: Path, sandbox: Sandbox) -> None:
    left = [(60.0, 700.0 - 18 * n, 12.0, BODY[15 * n : 15 * n + 15]) for n in range(3)]
    right = [
        (
            340.0,
            700.0 - 18 * n,
            12.0,
            "夏の浜では早朝に潮干狩りをする人が多く見られます。帰りは足元に気をつけましょう。"[15 * n : 15 * n + 15],
        )
        for n in range(3)
    ]
    drawn = [line for pair in zip(left, right, strict=True) for line in pair]  # across the columns
    data = pdf_of([drawn])
    document = read_bytes(tmp_path, "a.pdf", data)
    start = document.text.index("三キロ")
    quote = quote_on(document, 1, start, document.text.index("浜は") + 2)
    assert quote is not None
    page = sandbox.page(data, 1, [quote], 0)
    assert [plain(words) for words in framed(data, page)] == [plain(quote.words)]
    assert len(page.frames[0]) > 1


def test_a_word_that_a_hyphen_divides_is_framed_without_it(sandbox: Sandbox) -> None:
    data = pdf_of([[(72, 700, 12, "The tidal flat has a long inter-"), (72, 682, 12, "national history.")]])
    page = sandbox.page(data, 1, [Quote("long international history")], 0)
    assert [plain(words) for words in framed(data, page)] == ["longinternationalhistory"]


def test_half_and_full_width_decomposed_and_old_forms_are_the_same(sandbox: Sandbox) -> None:
    data = pdf_of([[(72, 700, 12, "データは２４時間、髙橋が見ます。")]])
    page = sandbox.page(data, 1, [Quote("ﾃﾞｰﾀは24時間"), Quote("テ\u3099ータ"), Quote("高橋")], 0)
    assert all(page.frames)
    assert key_of("ﾃﾞｰﾀ ２４") == key_of("データ24")


def test_what_does_not_stand_on_the_page_has_no_frame(sandbox: Sandbox) -> None:
    page = sandbox.page(pdf_of([paragraph(BODY)]), 1, [Quote("潮が満ちる"), Quote("干潟"), Quote("")], 0)
    assert [bool(boxes) for boxes in page.frames] == [False, True, False]


def test_a_page_without_text_is_drawn_without_frames(sandbox: Sandbox) -> None:
    page = sandbox.page(pdf_of([[], paragraph(BODY)]), 1, [Quote(BODY)], PIXELS)
    assert page.frames == ((),)
    assert Image.open(BytesIO(page.png)).getextrema() == (255, 255)


def test_of_200_pages_the_one_asked_for_is_drawn(tmp_path: Path, sandbox: Sandbox) -> None:
    data = pdf_of([paragraph(f"{number} 枚目の紙に書かれた、ほかにない文です。") for number in range(1, 201)])
    document = read_bytes(tmp_path, "a.pdf", data)
    start = document.text.index("137 枚目")
    place = document.place(start)
    assert place is not None and page_number(place) == 137
    quote = quote_on(document, 137, start, start + 12)
    assert quote is not None
    page = sandbox.page(data, 137, [quote], PIXELS)
    assert (page.number, page.pages) == (137, 200)
    assert [plain(words) for words in framed(data, page)] == [plain(quote.words)]
    assert (sandbox.page(data, 9999, [], 0).number, sandbox.page(data, -3, [], 0).number) == (200, 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\nnothing", "damaged"),
        (b"no pdf at all", "damaged"),
        (pdf_of([paragraph(BODY)])[:-400], "damaged"),
        (pdf_of([paragraph(BODY)], password="secret"), "encrypted"),
    ],
)
def test_what_cannot_be_drawn_is_a_document_error(sandbox: Sandbox, data: bytes, code: str) -> None:
    try:
        page = sandbox.page(data, 1, [Quote(BODY)], PIXELS)
    except DocumentError as error:
        assert error.code == code
    else:
        assert code == "damaged" and page.png  # pdfium mends a file that is cut off
    assert sandbox.page(pdf_of([paragraph(BODY)]), 1, [], 0).pages == 1


def test_a_page_of_enormous_size_is_drawn_small() -> None:
    buffer = BytesIO()
    drawn = canvas.Canvas(buffer, pagesize=(20, 14_000), invariant=True)
    drawn.drawString(1, 13_000, "a")
    drawn.save()
    page = read(buffer.getvalue(), 1, [], 1400)
    width, height = Image.open(BytesIO(page.png)).size
    assert width * height <= 6_100_000


def test_colours_are_kept_and_greys_take_a_third() -> None:
    colours = np.zeros((3, 2, 3), dtype=np.uint8)
    colours[1, 0] = (200, 10, 30)
    assert np.array_equal(np.asarray(Image.open(BytesIO(png_of(colours)))), colours)
    grey = np.full((3, 2, 3), 77, dtype=np.uint8)
    assert Image.open(BytesIO(png_of(grey))).mode == "L"


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"number": 1, "pages": 1, "width": 0, "height": 5, "frames": []},
        {"number": 1, "pages": 1, "width": 5, "height": float("nan"), "frames": []},
        {"number": 1, "pages": 1, "width": 5, "height": 5, "frames": [[[0, 0, 2, 1]]]},
        {"number": 1, "pages": 1, "width": 5, "height": 5, "frames": [[["x", 0, 1, 1]]]},
    ],
)
def test_what_the_worker_says_is_not_trusted(reply: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        PageImage.from_reply(reply, b"")
    good = {"number": 1, "pages": 1, "width": 5, "height": 5, "frames": []}
    with pytest.raises(ValueError):
        PageImage.from_reply(good, b"<svg>")


def test_a_quote_over_two_pages_is_cut_where_the_page_ends(tmp_path: Path) -> None:
    data = pdf_of([paragraph(BODY[:20] * 3), paragraph(BODY)])
    document: Document = read_bytes(tmp_path, "a.pdf", data)
    first, second = page_extent(document, 1), page_extent(document, 2)
    assert first[1] == second[0] and page_extent(document, 3) == (0, 0)
    parts = [quote_on(document, number, first[1] - 5, first[1] + 5) for number in (1, 2, 3)]
    assert parts[0] is not None and parts[1] is not None and parts[2] is None
    assert parts[0].words + parts[1].words == document.text[first[1] - 5 : first[1] + 5]
