"""Hostile question files: their text stays text in the page and in the files of answers; their names lead nowhere."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from rag.batch import read_questions
from rag.corpus.document import Document
from rag.settings import Settings
from rag.web.batch.batches import Batches
from rag.web.batch.events import BatchEvents
from rag.web.batch.state import State
from rag.web.current import CurrentIndex
from rag.web.jobs.queue import Jobs
from rag.web.libraries import OpenLibraries

from .attacks import ATTACKS, MARKUP, TEXTS, attacks_in, hostile_documents
from .batch_doubles import WorkingEngine, wait_until

CELLS = json.loads((ATTACKS / "cells.json").read_text(encoding="utf-8"))
HOSTILE = [each["text"] for each in (*TEXTS, *CELLS)]
HEADER = ["質問", "=cmd|' /C calc'!A0", "<img data-attack src=x onerror=alert(1)>"]
SHEET = "xl/worksheets/sheet1.xml"
ME = "me"
FORMULA = tuple("=+-@＝＋－＠\t\r\n")


def formula_document(number: int, text: str) -> Document:
    return Document(f"={number}.txt", text, f"{text.strip()} 煎茶は七十度。\n", "ja")


@pytest.fixture
def engine(tmp_path: Path) -> WorkingEngine:
    contents = (*hostile_documents(), *(formula_document(n, each["text"]) for n, each in enumerate(CELLS)))
    return WorkingEngine(contents=contents, settings=Settings(cache_dir=tmp_path / "cache"))


@pytest.fixture
def batches(engine: WorkingEngine) -> Batches:
    return Batches(OpenLibraries(CurrentIndex(lambda: engine)), Jobs())  # type: ignore[arg-type,return-value]


def rows() -> list[list[str]]:
    """Every hostile text as a question that is answered, and as a cell beside it."""
    return [[f"{text}煎茶は何度の湯で淹れますか", text, text] for text in HOSTILE]


def as_csv() -> bytes:
    text = StringIO()
    csv.writer(text).writerows([HEADER, *rows()])
    return text.getvalue().replace("\x00", "").encode()


def as_jsonl() -> bytes:
    return "\n".join(json.dumps(dict(zip(HEADER, row, strict=True))) for row in rows()).encode()


def as_xlsx() -> bytes:
    book, data = Workbook(), BytesIO()
    for row in [HEADER, *rows()]:
        book.active.append([cell.replace("\x00", "") for cell in row])
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s"
    book.save(data)
    return data.getvalue()


FILES = {".csv": as_csv, ".jsonl": as_jsonl, ".xlsx": as_xlsx}


def hostile_file(folder: Path, ending: str) -> Path:
    path = folder / f"質問{ending}"
    path.write_bytes(FILES[ending]())
    return path


def answered(batches: Batches, file: Path, ending: str) -> tuple[State, list[Any]]:
    """Has a file answered through the tab's handlers; gives its state, and all that the page was told."""
    events = BatchEvents(batches)
    told: list[Any] = [*events.read(str(file), None, "ja")]
    told += events.start(ME, str(file), ending, "hybrid", 10, None, False, "", "ja")
    (state,) = batches.states(ME)
    wait_until(lambda: not batches.state(ME, state.id).is_live)
    pages = -(-state.total // 25)
    told += [each for page in range(pages) for each in events.look(ME, state.id, page, {}, "ja")]
    return batches.state(ME, state.id), told


def markup_in(told: Any) -> list[str]:
    """Hostile markup in anything that a handler gave, however deep."""
    if isinstance(told, str):
        return attacks_in(told)
    parts = told.values() if isinstance(told, dict) else told if isinstance(told, list | tuple) else ()
    return [found for part in parts for found in markup_in(part)]


@pytest.mark.parametrize("given", FILES)
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".html", ".md", ".jsonl"])
def test_hostile_questions_are_answered_as_text(batches: Batches, tmp_path: Path, given: str, ending: str) -> None:
    state, told = answered(batches, hostile_file(tmp_path, given), ending)
    assert (state.stage, state.done) == ("done", len(HOSTILE))
    assert state.counts["answered"] > len(HOSTILE) / 2
    assert any("&lt;img data-attack" in part for part in told if isinstance(part, str))
    assert markup_in(told) == []
    assert state.output is not None
    CHECKS[ending](state.output)


def check_csv(output: Path) -> None:
    table = list(csv.reader(StringIO(output.read_text("utf-8-sig"), newline="")))
    assert {len(row) for row in table} == {len(table[0])}
    assert [cell for row in table for cell in row if cell.startswith(FORMULA)] == []
    assert sum(cell.startswith("'=") for row in table for cell in row) > len(CELLS) / 2
    assert [question.text for question in read_questions(output).questions][-1] == rows()[-1][0].replace("\r\n", "\n")


def check_xlsx(output: Path) -> None:
    cells = [cell for sheet in load_workbook(output) for row in sheet.iter_rows() for cell in row]
    assert sum(str(cell.value).startswith("=") for cell in cells) > len(CELLS) / 2
    assert [cell.value for cell in cells if cell.data_type in "fe"] == []
    assert [cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target] == []
    with zipfile.ZipFile(output) as archive:
        assert [name for name in archive.namelist() if "external" in name.lower() or "macro" in name.lower()] == []


def check_html(output: Path) -> None:
    page = output.read_text("utf-8")
    assert "&lt;img data-attack" in page and attacks_in(page) == [] and "<script" not in page


def check_markdown(output: Path) -> None:
    page = MarkdownIt("commonmark").render(output.read_text("utf-8"))
    assert "&lt;img data-attack" in page and attacks_in(page) == [] and "<img" not in page


def check_jsonl(output: Path) -> None:
    lines = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert len(lines) == len(HOSTILE) and all(line["status"] for line in lines)


CHECKS: dict[str, Callable[[Path], None]] = {
    ".csv": check_csv,
    ".xlsx": check_xlsx,
    ".html": check_html,
    ".md": check_markdown,
    ".jsonl": check_jsonl,
}


def workbook_with(part: str, change: Callable[[str], str]) -> bytes:
    """A small workbook, one part of which is changed."""
    book, plain, changed = Workbook(), BytesIO(), BytesIO()
    book.active.append(["質問"])
    book.active.append(["煎茶は何度の湯で淹れますか"])
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode()
            assert name != part or change(text) != text
            new.writestr(name, change(text) if name == part else text)
    return changed.getvalue()


def with_entity(text: str) -> str:
    declared = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]><worksheet'
    return text.replace("<worksheet", declared, 1).replace("煎茶", "&secret;煎茶")


def with_entities_of_entities(text: str) -> str:
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    return text.replace("<worksheet", f'<!DOCTYPE x [<!ENTITY e0 "煎">{nested}]><worksheet', 1).replace("煎茶", "&e11;")


DAMAGED = {
    "a page that calls itself a workbook": ("質問.xlsx", b"<html><script data-attack>alert(1)</script>"),
    "a workbook that reads a file": ("質問.xlsx", workbook_with(SHEET, with_entity)),
    "a workbook of laughter": ("質問.xlsx", workbook_with(SHEET, with_entities_of_entities)),
    "a workbook that grows": ("質問.xlsx", workbook_with("xl/styles.xml", lambda text: text + " " * 300_000_000)),
    "JSON without a bottom": ("質問.jsonl", b"[" * 200_000),
    "JSON of something else": ("質問.jsonl", b'{"__proto__": {"x": 1}}\n["<img data-attack onerror=alert(1)>"]\n'),
    "a table with bytes that are no text": ("質問.csv", "質問\n".encode() + bytes(range(256)) * 20),
    "a program": ("質問.csv", b"\x7fELF\x02\x01\x01" + bytes(range(255, -1, -1)) * 8),
    "a table with a NUL": ("質問.csv", "質問\n<scr\x00ipt data-attack>\n".encode()),
    "nothing": ("質問.csv", b""),
}


@pytest.mark.parametrize(("name", "content"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_question_file_is_refused_in_plain_words(
    batches: Batches, tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    told = list(BatchEvents(batches).read(str(file), None, "ja"))
    words, button = told[-1]
    assert not button["interactive"] and name in words
    assert "root:" not in words and "Traceback" not in words and str(tmp_path) not in words
    assert markup_in(told) == [] and batches.states(ME) == []


@pytest.mark.browser
def test_a_hostile_question_file_does_nothing_in_the_browser(
    open_page: Callable[..., Page], serve: Callable[[CurrentIndex], str], engine: WorkingEngine, tmp_path: Path
) -> None:
    page = open_page(serve(CurrentIndex(lambda: engine)))  # type: ignore[arg-type,return-value]
    page.get_by_role("tab", name="一括").click()
    name = "..%2f..\\<img data-attack src=x onerror=alert(1)>\u202e=cmd.csv"
    page.locator("#shiori-batch-file input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/html", "buffer": as_csv()}
    )
    expect(page.locator("#shiori-batch .understood")).to_contain_text("<script data-attack>")
    page.locator("#shiori-batch").get_by_role("radio", name="CSV").check()
    page.get_by_role("button", name="回答を始める").click()
    expect(page.locator("#shiori-batch .job-progress .stage")).to_have_text("完了")
    assert page.locator(MARKUP).count() == 0
    with page.expect_download() as fetched:
        page.get_by_role("button", name="回答をダウンロード").click()
    assert fetched.value.suggested_filename.endswith("-answers.csv")
    assert not set(fetched.value.suggested_filename) & set("/\\<>=%\u202e")
    fetched.value.save_as(tmp_path / "fetched.csv")
    check_csv(tmp_path / "fetched.csv")
    page.get_by_role("button", name="次へ").click()
    expect(page.locator("#shiori-batch-results tbody .number").first).to_have_text("26")
    page.locator("#shiori-batch-results [data-open]").first.click()
    expect(page.locator("#shiori-batch-source .source-title")).to_be_visible()
    assert page.locator(MARKUP).count() == 0 and "hacked" not in page.title()
