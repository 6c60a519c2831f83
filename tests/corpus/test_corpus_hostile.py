"""Files made to harm their reader, and a reader process that dies: one refusal, and the rest goes on."""

from __future__ import annotations

import os
import signal
from io import BytesIO
from pathlib import Path
from random import Random
from subprocess import Popen
from typing import Any, NoReturn
from zipfile import ZipFile

import pytest
import xlsxwriter

from rag.corpus import Document, Refusal, read_documents
from rag.corpus.assembly import document_from
from rag.corpus.formats import spreadsheet
from rag.corpus.formats.parsed import Parsed
from rag.corpus.sandbox import process as sandbox
from rag.corpus.sandbox.process import SHARED, Sandbox
from rag.errors import DocumentError
from tests.corpus.making import (
    BODY,
    book_file,
    paragraph,
    pdf_of,
    read_bytes,
    sheets_file,
    slides_file,
    word_file,
    zip_of,
)

LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' for n in range(1, 9))
BOMB = f'<!DOCTYPE x [<!ENTITY e0 "ha">{LAUGHS}]>'


def _with_member(data: bytes, name: str, change: Any) -> bytes:
    """The archive with one of its files changed."""
    with ZipFile(BytesIO(data)) as archive:
        files = {each: archive.read(each) for each in archive.namelist()}
    files[name] = change(files[name])
    return zip_of(files)


def _with_entity(data: bytes, doctype: str, entity: str) -> bytes:
    """An XML file with this DOCTYPE whose text BODY is a reference to the entity."""
    xml = data.decode()
    begin = xml.index("?>") + 2 if xml.startswith("<?xml") else 0
    return (xml[:begin] + doctype + xml[begin:].replace(BODY, f"&{entity};")).encode()


def _with_shared_strings() -> bytes:
    """A workbook as Excel writes it, with its texts in a file of their own."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("a").write_row(0, 0, ["貝", BODY])
    return buffer.getvalue()


FILES = {
    "a.docx": (word_file(), "word/document.xml"),
    "a.pptx": (slides_file(), "ppt/slides/slide1.xml"),
    "a.xlsx": (_with_shared_strings(), "xl/sharedStrings.xml"),
    "a.epub": (book_file({"a.xhtml": f"<p>{BODY}</p><p>後の文。</p>"}), "OEBPS/a.xhtml"),
}


@pytest.mark.parametrize("name", FILES)
def test_entities_are_not_expanded(tmp_path: Path, name: str) -> None:
    data, member = FILES[name]
    hostile = _with_member(data, member, lambda xml: _with_entity(xml, BOMB, "e8"))
    try:
        assert len(read_bytes(tmp_path, name, hostile).text) < 10_000
    except DocumentError as error:
        assert name in str(error)


@pytest.mark.parametrize("name", FILES)
def test_other_files_are_not_read_through_entities(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("秘密の合言葉")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    data, member = FILES[name]
    hostile = _with_member(data, member, lambda xml: _with_entity(xml, doctype, "e"))
    try:
        assert "秘密" not in read_bytes(tmp_path, name, hostile).text
    except DocumentError as error:
        assert name in str(error)


@pytest.mark.parametrize("name", ["a.docx", "a.epub"])
def test_elements_nested_without_end_are_survived(tmp_path: Path, name: str) -> None:
    data, member = FILES[name]
    tag, count = ("w:sdt", 50_000) if name == "a.docx" else ("div", 50_000)
    nested = f"<{tag}>" * count + f"</{tag}>" * count

    def nest(xml: bytes) -> bytes:
        at = "<w:body>" if name == "a.docx" else "<body>"
        return xml.decode().replace(at, at + nested).encode()

    with ZipFile(BytesIO(_with_member(data, member, nest))) as archive:
        # Stored, so that its ratio does not give it away.
        stored = BytesIO()
        with ZipFile(stored, "w") as plain:
            for each in archive.namelist():
                plain.writestr(each, archive.read(each))
    try:
        read_bytes(tmp_path, name, stored.getvalue())
    except DocumentError as error:
        assert name in str(error)


def test_a_sheet_that_claims_to_fill_all_of_excel_is_read_at_once(tmp_path: Path) -> None:
    def claim(xml: bytes) -> bytes:
        return xml.replace(b'<dimension ref="A1:B1"', b'<dimension ref="A1:XFD1048576"').replace(
            b'<row r="1"', b'<row r="1048000"'
        )

    data = _with_member(sheets_file({"a": [["貝", BODY]]}), "xl/worksheets/sheet1.xml", claim)
    assert read_bytes(tmp_path, "a.xlsx", data).text == f"a\n貝\t{BODY}\n"


def test_a_sheet_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_CELLS", 50)
    assert spreadsheet.read(sheets_file({"a": [[1] * 10] * 5})).text.count("\t") == 45
    with pytest.raises(DocumentError, match="more than 50 cells"):
        spreadsheet.read(sheets_file({"a": [[1] * 10] * 4, "b": [[1] * 11]}))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such limit")
def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_is_read() -> None:
    words = Random(7).randbytes(4_000_000).hex()
    many = "".join(f"<w:p><w:r><w:t>{words[i : i + 60]}</w:t></w:r></w:p>" for i in range(0, len(words), 60))
    large = _with_member(
        word_file(), "word/document.xml", lambda xml: xml.replace(b"<w:body>", b"<w:body>" + many.encode())
    )
    own = Sandbox(memory_mb=130)
    try:
        with pytest.raises(DocumentError, match="memory") as caught:
            own.read("word", large)
        assert (caught.value.code, caught.value.facts) == ("too-much-memory", {"limit": 130})
        assert BODY in own.read("word", word_file()).text
    finally:
        own.close()


def _process_of(sandbox: Sandbox) -> Any:
    process = sandbox._process
    assert process is not None
    return process


def test_a_reader_that_hangs_is_ended_and_the_next_file_is_read() -> None:
    own = Sandbox(seconds=10)
    try:
        own.read("word", word_file())
        own._seconds = 0.25
        _process_of(own).send_signal(signal.SIGSTOP)
        with pytest.raises(DocumentError, match="takes longer than it may") as caught:
            own.read("word", word_file())
        assert (caught.value.code, caught.value.facts) == ("too-slow", {"limit": 0.25})
        own._seconds = 60
        assert BODY in own.read("word", word_file()).text
    finally:
        own.close()


def test_a_reader_that_dies_is_a_refusal_of_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.docx", "b.docx", "c.docx"):
        (tmp_path / name).write_bytes(word_file())
    receive, asked = sandbox._receive, list[Popen[bytes]]()

    def die_over_the_second(process: Popen[bytes]) -> dict[str, Any]:
        asked.append(process)
        if len(asked) == 2:
            process.kill()
            process.wait()
            process.stdout.close()  # type: ignore[union-attr]  # the reply may be in the pipe already
        return receive(process)

    monkeypatch.setattr(sandbox, "_receive", die_over_the_second)
    first, refusal, third = read_documents([tmp_path])
    assert isinstance(first, Document)
    assert isinstance(refusal, Refusal)
    assert isinstance(third, Document)
    assert refusal.source == "b.docx"
    assert "its reader died" in str(refusal.error)
    assert refusal.error.hint
    assert asked[0] is asked[1] is not asked[2]


def test_a_reader_that_cannot_be_started_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    (tmp_path / "a.docx").write_bytes(word_file())
    monkeypatch.setattr("rag.corpus.sandbox.process.subprocess.Popen", fail)
    [refusal] = read_documents([tmp_path])
    assert isinstance(refusal, Refusal)
    assert "a.docx" in str(refusal.error)
    assert "Cannot allocate memory" in str(refusal.error)


def test_an_interrupted_reader_does_not_answer_for_the_next_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    own = Sandbox()
    try:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr("rag.corpus.sandbox.process._receive", interrupt)
            own.read("word", word_file())
        assert "アサリ" in own.read("spreadsheet", sheets_file({"a": [["アサリ"]]})).text
    finally:
        own.close()


def test_a_bug_of_ours_costs_one_file_and_no_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.md", "b.txt"):
        (tmp_path / name).write_text(BODY, encoding="utf-8")

    def broken(*_: object) -> NoReturn:
        raise AttributeError("of ours")

    with monkeypatch.context() as patched, pytest.raises(DocumentError, match="AttributeError: of ours") as caught:
        patched.setattr("rag.corpus.formats.markdown.parse", broken)
        document_from("markdown", "a.md", BODY.encode(), {})
    assert caught.value.code == "internal"

    read = SHARED.read

    def broken_for_one(file_format: str, *others: Any) -> Document:
        return read(file_format, *others) if file_format == "text" else broken()

    monkeypatch.setattr(SHARED, "read", broken_for_one)
    refusal, document = read_documents([tmp_path])
    assert isinstance(refusal, Refusal) and isinstance(refusal.error, DocumentError)
    assert refusal.error.code == "internal" and "AttributeError: of ours" in str(refusal.error)
    assert isinstance(document, Document)


def test_one_process_reads_many_files_and_none_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(word_file())
    (tmp_path / "b.pdf").write_bytes(pdf_of([paragraph(BODY)]))
    documents = read_documents([tmp_path])
    next(documents)
    process = _process_of(SHARED)
    next(documents)
    assert _process_of(SHARED) is process
    assert list(documents) == []
    assert process.poll() is not None


@pytest.mark.parametrize(
    "change",
    [
        {"places": [[-1, "page", "1"]]},
        {"places": [[3, "page", "1"], [1, "page", "2"]]},
        {"places": [[0, "planet", "1"]]},
        {"headings": [[0, 9_999, 1]]},
        {"excluded": [[2, 1, "share"]]},
        {"protected": [["a", "b"]]},
        {"metadata": None},
        {"text": ""},
    ],
)
def test_a_reader_that_writes_nonsense_is_not_believed(change: dict[str, Any]) -> None:
    good = Parsed("潮が引く。", "題", places=[]).to_dict() | {"headings": [[0, 2, 1]]}
    assert Parsed.from_dict(good).text == "潮が引く。"
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        Parsed.from_dict(good | change)


def test_the_memory_of_the_program_that_reads_is_not_counted_as_the_reader_s() -> None:
    SHARED.close()
    ballast = bytearray(1_000_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    try:
        with pytest.raises(DocumentError, match="not a notebook"):
            SHARED.read("notebook", b"[]")
        process = SHARED._process
        with pytest.raises(DocumentError, match="not a notebook"):
            SHARED.read("notebook", b"[]")
        assert SHARED._process is process is not None
    finally:
        del ballast
