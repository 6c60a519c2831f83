"""Pages, slides, sheets and times on their way from the file to what a person reads beside a citation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.chunking import Chunker
from rag.cli.views import print_answer
from rag.corpus import Document, Place
from rag.corpus.document import PlaceKind
from rag.index.sqlite_store import SqliteStore
from rag.index.store import Store
from rag.index.store_writer import StoreWriter
from rag.ranking import RetrieverScore
from rag.search import DocumentRef, Hit
from rag.web.ask.cards import cards_html
from rag.web.html.places import target_of_citation
from rag.web.html.source import source_html
from rag.web.texts import ENGLISH, JAPANESE
from tests.web.doubles import FakeStore

TEXT = "一枚目の文です。\n二枚目の文です。\n三枚目の文です。\n"
PLACES = (Place(0, "page", "1"), Place(9, "page", "2"), Place(18, "page", "3"))
DOCUMENT = Document("浜.pdf", "浜", TEXT, "ja", places=PLACES)


@given(st.lists(st.integers(0, 60), unique=True), st.integers(0, 60))
def test_a_place_holds_all_characters_up_to_the_next(starts: list[int], offset: int) -> None:
    places = tuple(Place(start, "page", str(start)) for start in sorted(starts))
    place = Document("a", "a", "x" * 60, "ja", places=places).place(offset)
    before = [start for start in starts if start <= offset]
    assert (place.start if place else None) == max(before, default=None)


def test_a_document_without_places_has_none_anywhere() -> None:
    assert Document("a.txt", "a", TEXT, "ja").place(3) is None


@pytest.mark.parametrize("kind", get_args(PlaceKind))
def test_every_kind_of_place_is_described_in_both_languages(kind: PlaceKind) -> None:
    place = Place(0, kind, "{0}")
    assert all("{0}" in place.describe(language) for language in ("ja", "en", "fr"))


def _store(folder: Path, *documents: Document) -> Store:
    writer = StoreWriter(folder)
    chunker = Chunker(4, 0, 100, lambda texts: [len(text) for text in texts])
    for document in documents:
        passages = chunker.passages(document)
        writer.add(document, "0" * 64, passages, [b"0" * 32] * len(passages))
    writer.close()
    return SqliteStore(folder)


def test_places_come_back_from_the_store_with_documents_and_passages(tmp_path: Path) -> None:
    plain = Document("a.txt", "a", TEXT, "ja")
    store = _store(tmp_path, plain, DOCUMENT)
    assert store.document(DOCUMENT.id).places == PLACES
    assert store.document(plain.id).places == ()
    found = list(store.all_passages())
    assert {stored.source: stored.places for stored in found} == {"a.txt": (), "浜.pdf": PLACES}
    store.close()


def _answer(document: Document) -> Answer:
    reference = DocumentRef(document.id, document.title, document.source, document.places)
    start = TEXT.index("二枚目")
    quote = "二枚目の文です。"
    hit = Hit(1, 1.0, {"dense": RetrieverScore(1, 0.5)}, reference, start, start + 8, quote, (), "ja", 2, 0)
    citation = Citation(1, reference, start, start + 8, 2, quote, 0.9, 1)
    return Answer("何枚目?", f"{quote}[1]", False, None, 0.9, (citation,), (hit,))


def test_hits_and_citations_tell_their_page_and_those_of_plain_text_do_not() -> None:
    whole: dict[str, Any] = _answer(DOCUMENT).to_dict()
    assert whole["hits"][0]["place"] == whole["citations"][0]["place"] == {"kind": "page", "label": "2"}
    plain = _answer(Document("a.txt", "a", TEXT, "ja")).to_dict()
    assert "place" not in plain["hits"][0]
    assert "place" not in plain["citations"][0]


def test_the_command_shows_the_page_behind_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(Console(width=200), _answer(DOCUMENT))
    assert "浜.pdf:2 (2 ページ)" in capsys.readouterr().out


def test_the_page_of_the_web_shows_pages_instead_of_lines() -> None:
    answer, written = _answer(DOCUMENT), FakeStore((DOCUMENT,))
    japanese, english = cards_html(answer, written, JAPANESE), cards_html(answer, written, ENGLISH)
    without = cards_html(_answer(Document("浜.pdf", "浜", TEXT, "ja")), written, JAPANESE)
    assert "2 ページ" in japanese and "2 行目" not in japanese
    assert "page 2" in english.lower() and "line 2" not in english.lower()
    assert "2 行目" in without and "ページ" not in without
    panel = source_html(DOCUMENT, target_of_citation(answer.citations[0], answer), JAPANESE)
    assert "2 ページ</p>" in panel
