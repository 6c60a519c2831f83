"""What browsers send is checked, stored under a safe name, or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.library import Library
from rag.settings import Settings
from rag.web.documents.intake import Intake, NotStored, Stored, Upload

Send = Callable[..., Stored | NotStored]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "index")


@pytest.fixture
def send(library: Library, tmp_path: Path) -> Send:
    """Sends content under a name, as ``send(name, content, **settings)``."""

    def send_(name: str, content: bytes = "本文です。".encode(), size: int | None = None, **limits: Any) -> Any:
        path = tmp_path / "temporary"
        path.write_bytes(content)
        uploaded = {str(path)}
        intake = Intake(library, Settings.load(**limits), uploaded)
        taken = intake.take(Upload(name, len(content) if size is None else size, str(path)))
        assert not path.exists() and not uploaded
        return taken

    return send_


def stored(library: Library) -> list[str]:
    return sorted(path.relative_to(library.added).as_posix() for path in library.added.rglob("*") if path.is_file())


def test_a_file_is_stored_with_its_folders(send: Send, library: Library) -> None:
    assert send("資料/2026/報告.txt") == Stored("資料/2026/報告.txt", is_new=True, replaced=False)
    assert stored(library) == ["資料/2026/報告.txt"]


def test_the_same_again_and_another_of_its_name_are_told_apart(send: Send) -> None:
    send("a.txt")
    assert send("a.txt") == Stored("a.txt", is_new=False, replaced=False)
    assert send("a.txt", b"other") == Stored("a.txt", is_new=True, replaced=True)


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "a\0b.txt", "a\nb.txt", "/etc/passwd.txt", "con.txt", "あ" * 3000 + ".txt"]
)
def test_hostile_names_are_harmless(send: Send, library: Library, tmp_path: Path, name: str) -> None:
    taken = send(name)
    assert isinstance(taken, Stored)
    assert stored(library) == [taken.name]
    assert {path.name for path in tmp_path.iterdir()} == {"index"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("絵.png", b"x", "type"),
        ("名前", b"x", "type"),
        (".txt", b"x", "hidden"),
        ("~$表.xlsx", b"x", "hidden"),
        ("空.txt", b"", "empty"),
        ("../..", b"x", "name"),
        ("", b"x", "name"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(
    send: Send, library: Library, name: str, content: bytes, reason: str
) -> None:
    taken = send(name, content)
    assert isinstance(taken, NotStored) and taken.reason == reason
    assert not library.added.exists()


def test_files_too_large_are_refused_whatever_the_browser_says(send: Send) -> None:
    taken = send("a.txt", b"x" * 2001, 1, max_file_mb=0.002)
    assert isinstance(taken, NotStored) and (taken.reason, taken.size) == ("size", 2001)
    claimed = send("a.txt", b"x", 10_000, max_file_mb=0.002)
    assert isinstance(claimed, NotStored) and claimed.reason == "size"


def test_count_and_total_are_limited_but_a_file_may_be_replaced(send: Send) -> None:
    send("a.txt", b"x" * 900)
    more = send("b.txt", max_added_files=1)
    assert isinstance(more, NotStored) and (more.reason, more.limit) == ("count", 1)
    assert isinstance(send("a.txt", b"y" * 900, max_added_files=1), Stored)
    heavy = send("b.txt", b"x" * 200, max_added_mb=0.001)
    assert isinstance(heavy, NotStored) and heavy.reason == "total"
    assert isinstance(send("a.txt", b"z" * 1000, max_added_mb=0.001), Stored)


def test_a_file_where_a_folder_is_and_the_other_way_round(send: Send) -> None:
    send("a.txt/b.txt")
    below = send("a.txt")
    assert isinstance(below, NotStored) and below.reason == "folder"
    send("c.txt")
    above = send("c.txt/d.txt")
    assert isinstance(above, NotStored) and above.reason == "folder"


def test_only_files_that_were_sent_to_this_server_are_looked_at(library: Library, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密", encoding="utf-8")
    for path in (str(secret), "/etc/passwd", "../secret.txt", "", f"{tmp_path}/none"):
        taken = Intake(library, Settings.load(), set()).take(Upload("a.txt", 3, path))
        assert isinstance(taken, NotStored) and taken.reason == "not-sent"
    assert secret.exists() and not library.added.exists()


def test_an_empty_file_of_which_nothing_is_sent_is_called_empty(library: Library) -> None:
    intake = Intake(library, Settings.load(), set())
    for size, reason in ((0, "empty"), (None, "not-sent"), (5, "not-sent")):
        taken = intake.take(Upload.from_event({"name": "a.txt", "size": size, "path": ""}))
        assert isinstance(taken, NotStored) and taken.reason == reason


@pytest.mark.parametrize(
    "data", [None, 3, [], {}, {"name": 3, "size": "x", "path": []}, {"name": None, "size": -1}, {"size": float("nan")}]
)
def test_whatever_stands_in_an_event_is_an_upload(data: Any) -> None:
    upload = Upload.from_event(data)
    assert (upload.name, upload.size, upload.path) == ("", -1, "")


def test_a_full_disk_is_told(send: Send, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.library.library.os.fsync", full)
    taken = send("a.txt")
    assert isinstance(taken, NotStored) and taken.reason == "full"
    assert stored(library) == []
