"""Files and pages are served by the id of a document in the index, to those who may see the page; nothing else is."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag import Engine, Settings
from rag.building import build
from rag.corpus.document import Document
from rag.corpus.pages import PageImage, Quote
from rag.errors import DocumentError
from rag.files import Stamp
from rag.library import Original
from rag.web.app import Access, create_server
from rag.web.current import CurrentIndex
from rag.web.gate.accounts import Accounts
from rag.web.html.markup import Mark
from rag.web.html.places import Target
from rag.web.libraries import OpenLibraries
from rag.web.originals.pages import Pages
from rag.web.originals.routes import _attachment, routes
from rag.web.originals.views import Shown, page_html
from rag.web.texts.originals import ORIGINAL_TEXTS
from tests.corpus.making import BODY, paragraph, pdf_of
from tests.library_worker import use_no_model

from .doubles import FakeEngine
from .test_markup import HOSTILE, read

NAME = "干潟の手引き「第1版」.pdf"
OTHER = "二枚目には、帰り道の注意を書きました。足元に気をつけましょう。"
PDF = pdf_of([paragraph(BODY), paragraph(OTHER)])
NOTED = "注のある手引き.pdf"
NOTED_PDF = pdf_of(
    [
        [*paragraph(BODY * 30)[:38], (72.0, 24.0, 8.0, "1) 潮位は気象庁の表による。")],
        paragraph((BODY * 30)[760:] + "これで終わりです。"),
    ]
)
TEXTS = ORIGINAL_TEXTS["ja"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("文書")
    (folder / NAME).write_bytes(PDF)
    (folder / NOTED).write_bytes(NOTED_PDF)
    (folder / "注意.txt").write_text("浜では足元に気をつけましょう。\n", encoding="utf-8")
    (folder / "動く.txt").write_text("この文書は動きます。\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    with pytest.MonkeyPatch.context() as patch:
        use_no_model(patch.setattr)
        index = tmp_path_factory.mktemp("index") / "index"
        build(folder, index=index)
    return Engine.open(index, Settings.load(reader="none"))


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[TestClient]:
    yield TestClient(create_server(CurrentIndex(lambda: engine)), base_url="http://127.0.0.1")


def id_of(engine: Engine, source: str) -> str:
    return next(document.id for document in engine.documents() if document.source == source)


def place_in(engine: Engine, source: str, words: str) -> str:
    document = engine.document(id_of(engine, source))
    start = document.text.index(words)
    return Target(document.id, (Mark(start, start + len(words), "cited", 1, current=True),)).to_json()


def view(client: TestClient, document_id: str, **asked: Any) -> httpx.Response:
    return client.get(f"/originals/{document_id}/view", params=asked)


def test_the_file_comes_as_it_was_added_to_be_saved_under_its_name(client: TestClient, engine: Engine) -> None:
    answered = client.get(f"/originals/{id_of(engine, NAME)}")
    assert answered.status_code == 200 and answered.content == PDF
    assert answered.headers["content-type"] == "application/octet-stream"
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["cache-control"] == "no-store"
    disposition = answered.headers["content-disposition"]
    assert disposition.startswith("attachment; ") and disposition.isascii()
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == NAME
    assert client.head(f"/originals/{id_of(engine, NAME)}").headers["content-length"] == str(len(PDF))


def test_names_cannot_end_the_header() -> None:
    for name in ('a".txt', "a\r\nSet-Cookie: x=1.txt", "a\\b.txt", "100%.txt", "\udcff.txt", "絵😀.txt"):
        header = _attachment(name)
        assert header.isascii() and header.isprintable() and header.count('"') == 2
        assert unquote(header.partition("UTF-8''")[2]) == name.replace("\udcff", "?")


@pytest.mark.parametrize(
    "path",
    [
        *("/originals", "/originals/", "/originals/0123456789abcdef/../../etc/passwd"),
        *("/originals/..%2f..%2fetc%2fpasswd", "/originals/%2e%2e", "/originals/0123456789ABCDEF"),
        *(
            "/originals/0123456789abcdef/0.png",
            "/originals/0123456789abcdef/-1.png",
            "/originals/0123456789abcdef/x.png",
        ),
        *("/originals/0123456789abcdef/1.svg", "/originals/0123456789abcdef/view/x", "/originals/0123456789abcdef0"),
    ],
)
def test_no_other_address_is_let_through(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_id_that_is_none_of_the_index_gives_nothing(client: TestClient) -> None:
    for path in ("/originals/0123456789abcdef", "/originals/0123456789abcdef/1.png"):
        assert client.get(path).status_code == 404
    assert TEXTS.unknown in view(client, "0123456789abcdef").text


def test_the_document_of_a_place_is_that_of_the_address(client: TestClient, engine: Engine) -> None:
    place = place_in(engine, NAME, "三キロ")
    shown = view(client, id_of(engine, "注意.txt"), place=place).text
    assert "<img" not in shown and "注意.txt" in shown


def test_without_the_password_neither_files_nor_pages_are_served(engine: Engine) -> None:
    access = Access(accounts=Accounts("hanako:secret word", "test"))
    client = TestClient(create_server(CurrentIndex(lambda: engine), access), base_url="http://127.0.0.1")
    document = id_of(engine, NAME)
    login = {"authorization": "Basic " + base64.b64encode(b"hanako:secret word").decode()}
    for path in (f"/originals/{document}", f"/originals/{document}/1.png", f"/originals/{document}/view"):
        refused = client.get(path)
        assert refused.status_code == 401 and b"PDF" not in refused.content and "手引き" not in refused.text
        assert client.get(path, headers=login).status_code == 200
    assert client.get(f"/originals/{document}", headers={"host": "evil.example"}).status_code in (401, 421)


def test_other_methods_and_other_hosts_are_refused(client: TestClient, engine: Engine) -> None:
    path = f"/originals/{id_of(engine, NAME)}"
    assert client.post(path, json={}).status_code in (404, 405)
    assert client.get(path, headers={"host": "evil.example"}).status_code == 421


def test_a_page_is_shown_with_the_quote_framed(client: TestClient, engine: Engine) -> None:
    document = id_of(engine, NAME)
    shown = view(client, document, place=place_in(engine, NAME, "帰り道の注意"), lang="ja")
    assert shown.status_code == 200 and shown.headers["cache-control"] == "no-store"
    found = read(shown.text)
    pictures = [attributes for tag, attributes in found.elements if tag == "img"]
    frames = [attributes for tag, attributes in found.elements if tag == "i"]
    assert [str(picture["src"]).partition("?")[0] for picture in pictures] == [f"originals/{document}/2.png"]
    assert "2 / 2 ページ" in found.text and len(frames) == 1 and "current" in str(frames[0]["class"])
    assert TEXTS.not_framed not in found.text
    picture = client.get("/" + str(pictures[0]["src"]))
    assert picture.headers["content-type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert picture.headers["cross-origin-resource-policy"] == "same-origin"
    assert "private" in picture.headers["cache-control"]
    other = read(view(client, document, place=place_in(engine, NAME, "帰り道の注意"), page=1).text)
    assert "1 / 2 ページ" in other.text and not any(tag == "i" for tag, _ in other.elements)
    assert (
        read(view(client, document, place=place_in(engine, NAME, "帰り道"), lang="en").text).text.count("Page 2 of 2")
        == 1
    )


def test_a_footnote_is_framed_on_its_own_page(client: TestClient, engine: Engine) -> None:
    document = engine.document(id_of(engine, NOTED))
    at = document.place(document.text.index("潮位は"))
    assert at is not None and at.label == "2"  # the text has it behind the paragraph that goes on
    shown = read(view(client, document.id, place=place_in(engine, NOTED, "潮位は気象庁の表による")).text)
    assert "1 / 2 ページ" in shown.text and sum(tag == "i" for tag, _ in shown.elements) == 1


def test_words_that_are_looked_for_are_framed_too(client: TestClient, engine: Engine) -> None:
    document = engine.document(id_of(engine, NAME))
    place = Target(document.id, find="ｷ", hit=1).to_json()  # the mark of ``find`` in the panel
    frames = [a for tag, a in read(view(client, document.id, place=place).text).elements if tag == "i"]
    assert len(frames) == 1 and frames[0]["class"] == "page-frame found current"


def test_pages_can_be_put_away_and_other_formats_have_none(client: TestClient, engine: Engine) -> None:
    away = view(client, id_of(engine, NAME), place=place_in(engine, NAME, "三キロ"), page=-1).text
    assert "<img" not in away and TEXTS.show in away and TEXTS.download in away
    text = view(client, id_of(engine, "注意.txt"), place=place_in(engine, "注意.txt", "足元")).text
    assert "<img" not in text and TEXTS.show not in text and TEXTS.download in text
    assert client.get(f"/originals/{id_of(engine, '注意.txt')}/1.png").status_code == 404


@pytest.mark.parametrize("asked", [{"place": "x"}, {"place": "[]"}, {"place": '{"document": 1}'}, {"page": "x"}])
def test_what_is_no_place_is_refused(client: TestClient, engine: Engine, asked: dict[str, str]) -> None:
    assert view(client, id_of(engine, NAME), **asked).status_code == 422


def test_a_file_that_has_changed_is_said_to_have_and_not_shown(
    client: TestClient, engine: Engine, folder: Path
) -> None:
    path, document = folder / "動く.txt", id_of(engine, "動く.txt")
    before = path.stat()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))
    try:
        assert client.get(f"/originals/{document}").status_code == 410
        assert TEXTS.states["changed"].format(name="動く.txt") in view(client, document).text
        path.rename(folder / "別.txt")
        refused = client.get(f"/originals/{document}")
        assert refused.status_code == 410 and str(folder) not in refused.text
        assert TEXTS.states["gone"].format(name="動く.txt") in view(client, document).text
    finally:
        (folder / "別.txt").rename(path)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert client.get(f"/originals/{document}").status_code == 200


def test_a_page_that_was_drawn_is_not_given_once_the_file_has_changed(
    client: TestClient, engine: Engine, folder: Path
) -> None:
    path, document = folder / NAME, id_of(engine, NAME)
    assert client.get(f"/originals/{document}/1.png").status_code == 200
    before = path.stat()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))
    try:
        assert client.get(f"/originals/{document}/1.png").status_code == 410
        assert "<img" not in view(client, document, place=place_in(engine, NAME, "三キロ")).text
    finally:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_of_documents_from_nowhere_nothing_is_said() -> None:
    fake = FakeEngine()
    client = TestClient(create_server(CurrentIndex(lambda: fake)), base_url="http://127.0.0.1")  # type: ignore[arg-type,return-value]
    document = fake.contents[0].id
    shown = view(client, document, place=json.dumps({"document": document, "marks": []}))
    assert (shown.status_code, shown.text) == (200, "")
    assert client.get(f"/originals/{document}").status_code == 404


class TiredSandbox:
    """Draws nothing in time."""

    def page(self, data: bytes, number: int, quotes: list[Quote], pixels: int) -> PageImage:
        raise DocumentError("Reading it takes longer than it may (20 s).", code="too-slow")


def test_of_a_page_that_cannot_be_drawn_the_file_can_still_be_saved(engine: Engine) -> None:
    app = FastAPI()
    app.include_router(routes(OpenLibraries(CurrentIndex(lambda: engine)), Pages(TiredSandbox())))  # type: ignore[arg-type]
    client, document = TestClient(app), id_of(engine, NAME)
    shown = view(client, document, place=place_in(engine, NAME, "三キロ"), lang="ja").text
    assert TEXTS.not_drawn in shown and TEXTS.download in shown and "<img" not in shown
    assert client.get(f"/originals/{document}/1.png").status_code == 422


class CountingSandbox:
    """Draws pages of a given size, and counts them."""

    def __init__(self, size: int) -> None:
        self.drawn: list[tuple[int, int]] = []
        self._png = b"\x89PNG\r\n\x1a\n" + b"x" * size

    def page(self, data: bytes, number: int, quotes: list[Quote], pixels: int) -> PageImage:
        self.drawn.append((number, pixels))
        return PageImage(number, 9, 10.0, 10.0, tuple(() for _ in quotes), self._png if pixels else b"")


def test_pictures_are_kept_up_to_a_size_those_used_last(engine: Engine, folder: Path) -> None:
    original = Original(folder / NAME, Stamp.of(folder / NAME))
    sandbox = CountingSandbox(400)
    pages = Pages(sandbox, kept_bytes=1000)  # type: ignore[arg-type]
    for number in (1, 2, 1, 3, 1, 2):
        assert pages.picture(original, number)
    assert [number for number, _ in sandbox.drawn] == [1, 2, 3, 2]
    assert pages.page(original, 2, [Quote("a")]).png and sandbox.drawn[-1] == (2, 0)  # only the frames


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_titles_make_only_the_pages_own_elements(text: str) -> None:
    page = PageImage(2, 3, 10.0, 20.0, (((0.1, 0.2, 0.3, 0.4),), ()))
    marks = [Mark(0, 1, "cited", 1, current=True), Mark(2, 3, "cited", 2)]

    def drawn(words: str) -> list[tuple[str, dict[str, str | None]]]:
        shown = Shown(page, marks, "originals/x/2.png")
        return read(
            page_html(Document(f"{words}.pdf", words, words, "ja"), shown, "originals/x", words, TEXTS)
        ).elements

    assert [(tag, sorted(given)) for tag, given in drawn(text)] == [(tag, sorted(given)) for tag, given in drawn("a")]
    assert re.search(r"left:10\.000%;top:20\.000%;width:20\.000%;height:20\.000%", str(drawn("a")))
