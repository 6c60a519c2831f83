"""Finding files and reading them: what is refused, what is skipped, what each is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.corpus import Document, Refusal, find_files, read_document, read_documents
from rag.corpus.files import FoundFile
from rag.corpus.kinds import by_kind, how_to_read
from rag.errors import DocumentError

BODY = "潮が引くと、干潟は三キロ先まで続きます。\n"


def _write(path: Path, text: str = BODY) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _sources(*paths: Path) -> list[str]:
    return [found.source for found in find_files(paths) if isinstance(found, FoundFile)]


def test_folders_are_searched_in_order_and_hidden_files_skipped(tmp_path: Path) -> None:
    skipped = ("~$b.docx", "node_modules/x/a.js", "a/.hidden.txt", ".git/d.txt", "a/Thumbs.db")
    for name in ("b.txt", "a/c.md", "z.HTML", *skipped):
        _write(tmp_path / name)
    assert [found.source for found in find_files([tmp_path])] == ["a/c.md", "b.txt", "z.HTML"]


def test_files_of_other_kinds_in_a_folder_are_named_with_how_to_read_them(tmp_path: Path) -> None:
    for name in ("b.txt", "a/picture.png", "README", "old.jtd"):
        _write(tmp_path / name)
    passed = [found for found in find_files([tmp_path]) if isinstance(found, Refusal)]
    assert all(refusal.is_passed_over for refusal in passed)
    assert {refusal.source: refusal.error.hint for refusal in passed} == {
        "README": how_to_read("README"),
        "a/picture.png": how_to_read("x.png"),
        "old.jtd": how_to_read("x.jtd"),
    }
    assert "OCR" in how_to_read("a/picture.PNG")


def test_files_that_were_not_read_are_told_by_kind_with_their_number() -> None:
    kinds = by_kind(["a.png", "b/c.PNG", "memo", "x.png", "y.png"])
    assert [(each.kind, len(each.sources)) for each in kinds] == [(".png", 4), ("", 1)]
    assert str(kinds[0]).startswith("4 files ending in .png: a.png, b/c.PNG, x.png … (+1). ")
    assert str(kinds[1]).startswith("1 file without an ending: memo. ")


def test_a_file_given_by_itself_is_called_by_its_name(tmp_path: Path) -> None:
    assert _sources(_write(tmp_path / "a" / "b.txt")) == ["b.txt"]


def test_a_file_with_another_ending_is_refused_by_name_when_given(tmp_path: Path) -> None:
    [refusal] = find_files([_write(tmp_path / "photo.png")])
    assert isinstance(refusal, Refusal)
    assert "photo.png" in str(refusal.error)
    assert "OCR" in refusal.error.hint


def test_the_same_source_in_two_folders_stays_unique(tmp_path: Path) -> None:
    folders = [_write(tmp_path / name / "notes" / "a.txt").parent for name in ("x", "y", "z")]
    _write(folders[1] / "b.txt")
    assert _sources(*folders) == ["a.txt", "notes/a.txt", "b.txt", "z/notes/a.txt"]


def test_each_real_file_comes_once(tmp_path: Path) -> None:
    file = _write(tmp_path / "a.txt")
    (tmp_path / "b.txt").symlink_to(file)
    assert _sources(tmp_path, tmp_path, file) == ["a.txt"]


def test_links_out_of_the_folders_are_refused_by_name_unless_asked_for(tmp_path: Path) -> None:
    outside = _write(tmp_path / "outside" / "secret.txt")
    (tmp_path / "outside" / "photo.png").touch()
    folder = _write(tmp_path / "folder" / "a.txt").parent
    (folder / "link.txt").symlink_to(outside)
    (folder / "linked").symlink_to(outside.parent)
    (folder / "same.txt").symlink_to(folder / "a.txt")
    found = list(find_files([folder]))
    refused = {item.source: str(item.error) for item in found if isinstance(item, Refusal)}
    assert [item.source for item in found if isinstance(item, FoundFile)] == ["a.txt"]
    assert set(refused) == {"link.txt", "linked"}
    assert all("leads out" in words and "--follow-links" in words for words in refused.values())
    followed = find_files([folder], follow_links=True)
    assert [item.source for item in followed if isinstance(item, FoundFile)] == ["a.txt", "link.txt"]
    # What is named is read: a link by itself, a folder that is one, and where links of another folder lead.
    assert _sources(folder / "link.txt") == ["link.txt"]
    assert _sources(folder / "linked") == ["secret.txt"]
    assert _sources(folder, outside) == ["a.txt", "link.txt"]


def test_loops_of_links_are_survived(tmp_path: Path) -> None:
    _write(tmp_path / "deep" / "a.txt")
    (tmp_path / "deep" / "up").symlink_to(tmp_path)
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    found = list(find_files([tmp_path]))
    assert [item.source for item in found if isinstance(item, FoundFile)] == ["deep/a.txt"]
    assert [item.source for item in found if isinstance(item, Refusal)] in ([], ["loop.txt"])


def test_a_missing_path_is_reported_and_the_rest_read(tmp_path: Path) -> None:
    found = list(read_documents([tmp_path / "none.txt", _write(tmp_path / "a.txt")]))
    assert isinstance(found[0], Refusal)
    assert "none.txt" in str(found[0].error)
    assert isinstance(found[1], Document)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    _write(tmp_path / "locked.txt").chmod(0)
    [found] = read_documents([tmp_path])
    assert isinstance(found, Refusal)
    assert "permission" in str(found.error)


def test_an_unreadable_file_is_reported_by_any_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path / "a.txt")
    _write(tmp_path / "locked.txt")
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "locked.txt":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    document, refusal = read_documents([tmp_path])
    assert isinstance(document, Document)
    assert isinstance(refusal, Refusal)
    assert "permission" in str(refusal.error)


def test_one_bad_file_never_stops_the_rest(tmp_path: Path) -> None:
    _write(tmp_path / "1-empty.txt", "")
    _write(tmp_path / "2-blank.txt", " \n\u3000\n\t")
    (tmp_path / "3-binary.txt").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "4-broken.txt").write_bytes("文字の途中".encode() + b"\xff\xff\xff")
    _write(tmp_path / "5-scripts.html", "<html><script>x()</script></html>")
    _write(tmp_path / "6-good.txt")
    found = list(read_documents([tmp_path]))
    refused = [item for item in found if isinstance(item, Refusal)]
    assert [item.source for item in refused] == [
        "1-empty.txt",
        "2-blank.txt",
        "3-binary.txt",
        "4-broken.txt",
        "5-scripts.html",
    ]
    for item in refused:
        assert isinstance(item.error, DocumentError)
        assert item.source in str(item.error)
        assert item.error.hint
    assert isinstance(found[-1], Document)


def test_a_file_over_the_limit_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = _write(tmp_path / "large.txt", BODY * 2000)
    with pytest.raises(DocumentError, match=r"0\.1 MB.*0\.05 MB"):
        read_document(path, max_file_mb=0.05)


@pytest.mark.timeout(60)
def test_a_single_line_of_20_megabytes_is_refused_at_once_and_the_rest_is_read(tmp_path: Path) -> None:
    path = _write(tmp_path / "line.txt", "潮が引くと、干潟は三キロ先まで続く、" * 380_000)
    assert path.stat().st_size > 20_000_000
    _write(tmp_path / "other.txt")
    refusal, document = read_documents([tmp_path])
    assert isinstance(refusal, Refusal)
    assert "line.txt" in str(refusal.error)
    assert "6,840,000 characters" in str(refusal.error)
    assert isinstance(document, Document)


def test_a_line_of_half_a_million_characters_is_read(tmp_path: Path) -> None:
    document = read_document(_write(tmp_path / "line.txt", "潮が引くと、干潟は三キロ先まで続く、" * 30_000))
    assert len(document.text) == 18 * 30_000
    assert len(document.title) <= 80


def test_a_document_knows_where_it_came_from(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(BODY.replace("\n", "\r\n").encode("cp932"))
    document = read_document(path, "folder/a.txt")
    assert document.source == "folder/a.txt"
    assert document.text == BODY
    assert document.language == "ja"
    os.utime(path, (1_600_000_000, 1_600_000_000))
    document = read_document(path, "folder/a.txt")
    assert dict(document.metadata) == {"encoding": "cp932", "format": "text", "modified": "2020-09-13"}
