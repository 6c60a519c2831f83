"""A document at a glance: what is listed of it, where it stands, and what jumping there shows."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from rag.corpus.blocks import Block, Cell, Table
from rag.corpus.document import Document, Exclusion, Heading
from rag.web.documents.catalogue import Row
from rag.web.documents.contents import pieces_of
from rag.web.documents.contents_view import SHOWN_CHARS, Shown, contents_html, overview_html
from rag.web.documents.overview import overview_of
from rag.web.html.finding import Finding
from rag.web.html.markup import Mark
from rag.web.texts.documents import DOCUMENT_TEXTS

from .test_markup import HOSTILE

TEXT = (
    "旅費規程\n\nメニュー 2020年1月1日\n\n1. 目的\n\n"
    "この規程は、出張の旅費について定めるものとする。2024年4月1日から施行する。\n\n"
    "2. 日当\n\n区分\t金額\n国内\t2,000円\n海外\t5,000円\n\n令和6年4月1日改訂。次の改訂は２０２５年１０月の予定。\n"
)


def made() -> Document:
    def span(words: str) -> tuple[int, int]:
        return TEXT.index(words), TEXT.index(words) + len(words)

    cells = [
        Cell(*span(w), n // 2, n % 2) for n, w in enumerate(["区分", "金額", "国内", "2,000円", "海外", "5,000円"])
    ]
    table = Block(cells[0].start, cells[-1].end, "table", table=Table(tuple(cells), 1))
    headings = tuple(Heading(*span(words), 1) for words in ("1. 目的", "2. 日当"))
    excluded = (Exclusion(*span("メニュー 2020年1月1日"), "navigation"),)
    return Document("規程.txt", "旅費規程", TEXT, "ja", headings, excluded, blocks=(table,))


def row(document: Document) -> Row:
    return Row(document.id, document.source, document.title, "ja", len(document.text), 1, 0.0, "", False)


def test_everything_listed_stands_where_it_says() -> None:
    document = made()
    overview = overview_of(document)
    assert [part.words for part in overview.headings] == ["1. 目的", "2. 日当"]
    assert overview.leading[0] == "この規程は、出張の旅費について定めるものとする。"
    ((table, rows, columns),) = overview.tables
    assert (table.words, rows, columns) == ("2. 日当", 3, 2)
    assert [part.words for part in overview.dates] == ["2024年4月1日", "２０２５年１０月"]  # each day once, no menus
    for part in (*overview.headings, *overview.dates):
        assert TEXT[part.start : part.end] == part.words


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("The policy of May 1, 2024 replaces that of 3 March 2019.", ["May 1, 2024", "3 March 2019"]),
        ("2024-05-01 and 2024/6/30, version 1.2.3, 1234 pieces", ["2024-05-01", "2024/6/30"]),
        ("平成31年4月30日と令和元年5月1日", ["平成31年4月30日", "令和元年5月1日"]),
    ],
)
def test_dates_as_people_write_them(text: str, dates: list[str]) -> None:
    assert [part.words for part in overview_of(Document("a", "a", text, "en")).dates] == dates


def test_a_jump_shows_the_document_up_to_there_with_the_place_marked() -> None:
    text = "行です。\n" * 30_000 + "最後の見出し\n"
    at = text.index("最後")
    document = Document("a.txt", "a", text, "ja", (Heading(at, at + 6, 1),))
    shown = Shown(SHOWN_CHARS, Finding(), Mark(at, at + 6, "found", current=True))
    html = contents_html(document, row(document), pieces_of(document, []), shown, Markup(), DOCUMENT_TEXTS["ja"])
    assert '<mark class="current found">最後の見出し</mark>' in html
    assert "data-jump" in html


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    text = f"{words}\n"
    document = Document("a.txt", words, text, "ja", (Heading(0, len(words), 1),))
    shown = Shown(SHOWN_CHARS, Finding())
    html = overview_html(document, overview_of(document), [("id", words)], shown, DOCUMENT_TEXTS["en"])
    for tag in ("<script", "<img", "<iframe", "<svg", "<form"):
        assert tag not in html
