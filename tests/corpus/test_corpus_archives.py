"""Zip files: their files become documents; names, nesting, passwords and bombs."""

from __future__ import annotations

import resource
import struct
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from rag.corpus import Document, Refusal, read_documents
from rag.corpus.formats.archive import member_name
from rag.corpus.formats.zipped import MAX_MEMBERS
from rag.corpus.sandbox.process import SHARED
from tests.corpus.making import BODY, paragraph, pdf_of, slides_file, word_file, zip_of

TEXT = BODY.encode()


def _read(tmp_path: Path, data: bytes, name: str = "資料.zip") -> tuple[dict[str, Document], dict[str, Refusal]]:
    (tmp_path / name).write_bytes(data)
    found = list(read_documents([tmp_path]))
    documents = {each.source: each for each in found if isinstance(each, Document)}
    return documents, {each.source: each for each in found if isinstance(each, Refusal)}


def test_files_of_an_archive_are_documents_of_their_own(tmp_path: Path) -> None:
    files = {
        "浜/a.txt": TEXT,
        "浜/b.pdf": pdf_of([paragraph("一枚目。"), paragraph("二枚目。")]),
        "c.docx": word_file(),
        "d.pptx": slides_file(),
        "picture.png": b"\x89PNG",
        ".hidden.txt": TEXT,
        "__MACOSX/浜/._a.txt": TEXT,
    }
    documents, refused = _read(tmp_path, zip_of(files))
    assert list(documents) == ["資料.zip/浜/a.txt", "資料.zip/浜/b.pdf", "資料.zip/c.docx", "資料.zip/d.pptx"]
    assert list(refused) == ["資料.zip/picture.png"]
    assert refused["資料.zip/picture.png"].is_passed_over
    place = documents["資料.zip/浜/b.pdf"].place(documents["資料.zip/浜/b.pdf"].text.index("二枚目"))
    assert place is not None
    assert (place.kind, place.label) == ("page", "2")


def test_names_in_shift_jis_are_read_whatever_bytes_are_in_them(tmp_path: Path) -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("XXXX/YYYYYY.txt", TEXT)
    data = buffer.getvalue().replace(b"XXXX/YYYYYY.txt", "予表/能ソ一.txt".encode("cp932"))
    documents, refused = _read(tmp_path, data)
    assert list(documents) == ["資料.zip/予表/能ソ一.txt"]
    assert refused == {}


@pytest.mark.parametrize(
    ("name", "read_as"),
    [("../../etc/a.txt", "etc/a.txt"), ("C:\\a\\b.txt", "a/b.txt"), ("/a//./b.txt", "a/b.txt"), ("..", "")],
)
def test_names_that_lead_out_of_the_archive_do_not(name: str, read_as: str) -> None:
    info = ZipInfo(name)
    info.flag_bits |= 0x800
    assert member_name(info) == read_as


def test_two_files_of_one_name_are_two_documents(tmp_path: Path) -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.txt", TEXT)
        archive.writestr("a.txt", "別の文です。")
    documents, _ = _read(tmp_path, buffer.getvalue())
    assert {source: document.text for source, document in documents.items()} == {
        "資料.zip/a.txt": BODY,
        "資料.zip/a.txt (2)": "別の文です。",
    }


def test_one_bad_file_in_an_archive_never_stops_the_rest(tmp_path: Path) -> None:
    files = {"a.docx": b"broken", "b.txt": b"", "c.zip": zip_of({"x.txt": TEXT}), "d.txt": TEXT, "e.txt": TEXT * 9000}
    (tmp_path / "資料.zip").write_bytes(zip_of(files))
    found = list(read_documents([tmp_path], max_file_mb=0.5))
    assert [each.source for each in found if isinstance(each, Document)] == ["資料.zip/d.txt"]
    errors = {each.source.removeprefix("資料.zip/"): str(each.error) for each in found if isinstance(each, Refusal)}
    assert list(errors) == ["a.docx", "b.txt", "c.zip", "e.txt"]
    assert all(f"資料.zip/{name}" in message for name, message in errors.items())
    assert "inside a zip file" in errors["c.zip"]
    assert "too large" in errors["e.txt"]


def test_a_file_with_a_password_is_refused_by_name(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a.txt": TEXT, "b.txt": TEXT}))
    directory = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, directory + 8, 1)
    documents, refused = _read(tmp_path, bytes(data))
    assert list(documents) == ["資料.zip/b.txt"]
    assert "password" in str(refused["資料.zip/a.txt"].error)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04", "damaged"),
        (b"nothing", "damaged"),
        (zip_of({}), "no file in it"),
    ],
)
def test_an_archive_that_cannot_be_read_is_refused_by_name(tmp_path: Path, data: bytes, why: str) -> None:
    documents, refused = _read(tmp_path, data)
    assert documents == {}
    assert why in str(refused["資料.zip"].error)
    assert "資料.zip" in str(refused["資料.zip"].error)


def _zeros(megabytes: int) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive, archive.open("a.txt", "w") as file:
        for _ in range(megabytes):
            file.write(bytes(1_000_000))
    return buffer.getvalue()


def _claiming(size: int, count: int) -> bytes:
    """An archive whose table of contents says that each of its files unpacks to so many bytes."""
    data = bytearray(zip_of({f"{number}.txt": TEXT for number in range(count)}))
    position = data.index(b"PK\x01\x02")
    while position >= 0:
        struct.pack_into("<I", data, position + 24, size)
        position = data.find(b"PK\x01\x02", position + 4)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("爆弾.zip", _zeros(60), "times its size"),
        ("爆弾.docx", _zeros(60), "times its size"),
        ("爆弾.xlsx", _claiming(2_000_000_000, 3), "unpacks to 6,000 MB"),
        ("爆弾.pptx", _claiming(2_000_000_000, 3), "unpacks to 6,000 MB"),
        ("爆弾.zip", zip_of({f"{number}.txt": b"" for number in range(MAX_MEMBERS + 1)}), "10,001 files"),
        ("爆弾.epub", zip_of({"a.txt": TEXT}) + b"PK\x01\x02" * 50_000, "50,001 files"),
    ],
)
def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    # A reader that has read other files would be counted with all it has done, when it ends.
    SHARED.close()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    documents, refused = _read(tmp_path, data, name)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5
    assert documents == {}
    assert why in str(refused[name].error)


def test_an_archive_that_says_less_than_it_holds_is_refused(tmp_path: Path) -> None:
    data = bytearray(_zeros(60))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 1_000)
    documents, refused = _read(tmp_path, bytes(data))
    assert documents == {}
    assert list(refused) == ["資料.zip/a.txt"]
