"""Any bytes in any format: a Document whose spans hold, or an error that names the file; never anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.chunking import Chunker
from rag.corpus import Document, read_documents
from rag.corpus.assembly import document_of
from rag.corpus.files import FORMATS
from rag.corpus.formats.parsed import Parsed
from rag.corpus.sandbox.process import SHARED
from rag.errors import RagError
from tests.corpus.making import (
    BODY,
    book_file,
    open_document,
    outlook_message,
    paragraph,
    pdf_of,
    sheets_file,
    slides_file,
    word_file,
    zip_of,
)

CHUNKER = Chunker(40, 1, 120, lambda texts: [2 + len(text) for text in texts])
FUZZ = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

NOTEBOOK = json.dumps(
    {"cells": [{"cell_type": "markdown", "source": ["# 題\n", BODY]}, {"cell_type": "code", "source": "x"}]}
)
MAIL = (
    "Subject: =?ISO-2022-JP?B?GyRCRCwbKEI=?=\nFrom: a@example.com\nMIME-Version: 1.0\nContent-Type: multipart/mixed;"
    ' boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n'
    f"{BODY}\n--b\nContent-Type: text/html\n\n<p>a</p>\n--b--\n"
)
CUES = f"1\n00:00:01,000 --> 00:00:02,000\n{BODY}\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>b</i>\n"

ODT_BODY = (
    f'<text:h text:outline-level="1">題</text:h><text:p>{BODY}<text:note><text:note-citation>1</text:note-citation>'
    "<text:note-body><text:p>注。</text:p></text:note-body></text:note></text:p>"
    "<text:list><text:list-item><text:p>一</text:p></text:list-item></text:list>"
)
ODS_BODY = (
    "<table:table table:name='売上'><table:table-row><table:table-cell table:number-columns-repeated='2'>"
    f"<text:p>{BODY}</text:p></table:table-cell><table:table-cell table:number-rows-spanned='2'><text:p>重さ</text:p>"
    "</table:table-cell></table:table-row></table:table>"
)
ODP_BODY = f"<draw:page><draw:frame><draw:text-box><text:p>{BODY}</text:p></draw:text-box></draw:frame></draw:page>"
RTF = r"{\rtf1\ansi\ansicpg932\uc1{\fonttbl{\f0\fcharset128 MS Mincho;}}\f0 \'96\'9e\'92\'aa\par \u24178?\u28511?\par "
RTF += r"\trowd\intbl A\cell B\cell\row\trowd\intbl 1\cell 2\cell\row}"
CALENDAR = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART;TZID=Asia/Tokyo:20240603T090000\nDTEND:20240603T100000Z\n"
    f"SUMMARY:点検\nRRULE:FREQ=WEEKLY;COUNT=3\nDESCRIPTION:{BODY}\nEND:VEVENT\nEND:VCALENDAR\n"
)

VALID: dict[str, Callable[[], bytes]] = {
    ".pdf": lambda: pdf_of([paragraph(BODY), [*paragraph(BODY, size=18), (290.0, 30.0, 9.0, "2")]]),
    ".docx": word_file,
    ".pptx": slides_file,
    ".xlsx": lambda: sheets_file({"売上": [["貝", "重さ"], ["アサリ", 12.5]]}),
    ".epub": lambda: book_file({"a.xhtml": f"<h1>題</h1><p>{BODY}</p>"}),
    ".eml": lambda: MAIL.encode(),
    ".msg": lambda: outlook_message("点検報告", BODY),
    ".mbox": lambda: b"From a@example.com Mon Jun  3 09:00:00 2024\n" + MAIL.encode() + b"\n",
    ".mht": lambda: MAIL.replace("multipart/mixed", "multipart/related").encode(),
    ".odt": lambda: open_document("text", ODT_BODY),
    ".ods": lambda: open_document("spreadsheet", ODS_BODY),
    ".odp": lambda: open_document("presentation", ODP_BODY),
    ".rtf": lambda: RTF.encode("ascii"),
    ".ics": lambda: CALENDAR.encode(),
    ".json": lambda: json.dumps([{"貝": "アサリ", "説明": BODY}], ensure_ascii=False).encode(),
    ".xml": lambda: f'<?xml version="1.0"?><貝><名>アサリ</名><説明>{BODY}</説明></貝>'.encode(),
    ".yaml": lambda: f"貝: アサリ\n説明: {BODY}\n".encode(),
    ".ipynb": lambda: NOTEBOOK.encode(),
    ".srt": lambda: CUES.encode("cp932"),
    ".vtt": lambda: ("WEBVTT\n\n" + CUES.replace(",000", ".000")).encode(),
    ".zip": lambda: zip_of({"a.txt": BODY.encode(), "b.srt": CUES.encode()}),
    ".py": lambda: f"# {BODY}\nx = 1\n".encode(),
    ".csv": lambda: f"貝,重さ\nアサリ,{BODY}\n".encode("cp932"),
    ".html": lambda: f"<title>題</title><h1>題</h1><p>{BODY}<table><tr><td>a<td>b</table>".encode(),
    ".md": lambda: f"---\ntitle: 題\n---\n# 題\n\n{BODY}\n\n```\nx\n```\n".encode(),
    ".txt": lambda: f"題\n\n{BODY}\n".encode("euc_jp"),
}
ZIPPED = (".docx", ".pptx", ".xlsx", ".odt", ".ods", ".odp", ".epub", ".zip")


@cache
def valid(ending: str) -> bytes:
    return VALID[ending]()


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The bytes with some of them changed, taken out, repeated, or cut off."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(0, len(data) - 1)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        match draw(st.sampled_from(["change", "insert", "remove", "repeat", "cut"])):
            case "change":
                data[start:end] = draw(st.binary(min_size=end - start, max_size=end - start))
            case "insert":
                data[start:start] = draw(
                    st.binary(max_size=20) | st.sampled_from([b"<", b"&x;", b"\0", b"-1", b"9" * 30])
                )
            case "remove":
                del data[start:end]
            case "repeat":
                data[start:start] = data[start:end] * draw(st.integers(1, 30))
            case "cut":
                del data[start:]
    return bytes(data)


@st.composite
def damaged_inside(draw: st.DrawFn, whole: bytes) -> bytes:
    """A zip file of which one file was damaged before it was packed."""
    with ZipFile(BytesIO(whole)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = draw(st.sampled_from(sorted(files)))
    files[name] = draw(damaged(files[name]) | st.binary(max_size=60))
    return zip_of(files)


def check(folder: Path, name: str, data: bytes) -> None:
    """Read the file; a Document keeps every invariant, and an error names the file and says what to do."""
    path = folder / name
    path.write_bytes(data)
    for found in read_documents([path]):
        if not isinstance(found, Document):
            assert isinstance(found.error, RagError)
            assert name in str(found.error)
            continue
        check_document(found)


def check_document(document: Document) -> None:
    text = document.text
    assert document.title
    text.encode()
    json.dumps([document.title, dict(document.metadata)]).encode()
    position = 0
    for exclusion in document.excluded:
        assert position <= exclusion.start < exclusion.end <= len(text)
        position = exclusion.end
    for heading in document.headings:
        assert 0 <= heading.start < heading.end <= len(text)
        assert "\n" not in text[heading.start : heading.end]
    assert [place.start for place in document.places] == sorted({place.start for place in document.places})
    assert all(place.label and 0 <= place.start < len(text) for place in document.places)
    for place in document.places:
        assert document.place(place.start) == place
    check_passages(document)


def check_passages(document: Document) -> None:
    """Passages are exact and in order, touch nothing excluded, and together hold every letter that is not."""
    passages = CHUNKER.passages(document)
    assert [(p.start, p.end) for p in passages] == sorted((p.start, p.end) for p in passages)
    covered = bytearray(len(document.text))
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text
        covered[passage.start : passage.end] = b"\1" * len(passage.text)
    for exclusion in document.excluded:
        assert not any(covered[exclusion.start : exclusion.end])
        covered[exclusion.start : exclusion.end] = b"\1" * (exclusion.end - exclusion.start)
    shown = "".join(heading for passage in passages for heading in passage.heading)
    missing = {char for char, there in zip(document.text, covered, strict=True) if not there and char.isalnum()}
    assert missing <= set(shown)


@pytest.fixture(autouse=True, scope="module")
def one_reader() -> Any:
    """``read_documents`` ends the reader process behind it; here it would start anew for each example."""
    close, SHARED.close = SHARED.close, lambda: None  # type: ignore[method-assign]
    yield
    SHARED.close = close  # type: ignore[method-assign]
    SHARED.close()


def test_there_is_a_valid_file_for_every_parser_to_be_damaged() -> None:
    """But for those of Office 97-2003, which LibreOffice reads."""
    assert {FORMATS[ending] for ending in VALID} == set(FORMATS.values()) - {"legacy"}


@pytest.mark.parametrize("ending", VALID)
def test_what_is_valid_is_read(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"a{ending}").write_bytes(valid(ending))
    found = list(read_documents([tmp_path]))
    assert found
    assert all(isinstance(each, Document) for each in found)


@FUZZ
@given(ending=st.sampled_from(sorted(FORMATS)), data=st.binary(max_size=300))
def test_random_bytes_are_a_document_or_an_error(tmp_path: Path, ending: str, data: bytes) -> None:
    check(tmp_path, f"a{ending}", data)


@pytest.mark.parametrize("ending", VALID)
def test_damaged_files_are_a_document_or_an_error(tmp_path: Path, ending: str) -> None:
    @FUZZ
    @given(damaged(valid(ending)))
    def damaged_file(data: bytes) -> None:
        check(tmp_path, f"a{ending}", data)

    damaged_file()


@pytest.mark.parametrize("ending", ZIPPED)
def test_files_damaged_before_they_were_packed_are_a_document_or_an_error(tmp_path: Path, ending: str) -> None:
    @FUZZ
    @given(damaged_inside(valid(ending)))
    def damaged_member(data: bytes) -> None:
        check(tmp_path, f"a{ending}", data)

    damaged_member()


LINES = st.one_of(
    st.text(alphabet="あ漢A1。、？「」（ .!|-#・\t", max_size=50),
    st.text(max_size=30),
    st.text(alphabet="-|=_*+>#~: ", min_size=40, max_size=80),
    st.sampled_from(
        [
            "",
            "関連記事",
            "シェアする",
            "コメントを残す",
            "目次",
            "第1章 潮",
            "■ 用語",
            "今すぐ登録",
            "ホーム | 会社概要 | 採用",
        ]
    ),
    st.just(BODY),
)


@settings(max_examples=150)
@given(st.lists(LINES, max_size=25), st.sampled_from(["\n", "\n\n"]))
@example(["\x1c", "a"], "\n")
@example(["- " * 30, "| ---- " * 8 + "|"], "\n")
def test_the_cleaning_and_cutting_of_any_lines_keeps_every_letter(lines: list[str], between: str) -> None:
    text = between.join(lines).replace("\r", "")
    check_document(document_of("a.txt", Parsed(text), {}))
