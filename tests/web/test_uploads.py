"""Uploads: they go when they are old, and there is only so much room for them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from rag.web.app import create_server
from rag.web.current import CurrentIndex
from rag.web.gate import guard
from rag.web.gate.uploads import is_stored, stored_bytes
from rag.web.limits import UPLOAD_HOURS

from .doubles import FakeEngine


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where uploads are kept."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    return tmp_path / "uploads"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    current = CurrentIndex(lambda: FakeEngine())  # type: ignore[arg-type,return-value]
    with TestClient(create_server(current), base_url="http://127.0.0.1") as client:
        yield client


def upload(client: TestClient, name: str, content: bytes = b"content") -> httpx.Response:
    return client.post("/gradio_api/upload", files={"files": (name, content)})


def aged(path: Path, hours: float) -> Path:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))
    return path


def test_the_next_upload_clears_those_that_are_old(client: TestClient, folder: Path) -> None:
    old, young = (Path(upload(client, name, name.encode()).json()[0]) for name in ("old.txt", "young.txt"))
    aged(old, UPLOAD_HOURS + 1)
    aged(young, UPLOAD_HOURS - 1)
    new = Path(upload(client, "new.txt").json()[0])
    assert not old.parent.exists()
    assert young.read_bytes() == b"young.txt" and new.read_bytes() == b"content"
    assert client.get(f"/gradio_api/file={young}").status_code == 200
    assert client.get(f"/gradio_api/file={old}").status_code in (403, 404)


def test_what_is_left_of_uploads_that_broke_off_goes_too(client: TestClient, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "tmp1234").write_bytes(b"half a f")
    aged(folder / "tmp1234", UPLOAD_HOURS + 1)
    upload(client, "new.txt")
    assert not (folder / "tmp1234").exists()


def test_when_there_is_no_room_an_upload_is_refused_until_old_ones_have_gone(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Path(upload(client, "kept.txt", b"x" * 5000).json()[0])
    monkeypatch.setattr(guard, "STORED_BYTES", 6000)
    refused = upload(client, "more.txt", b"x" * 2000)
    assert refused.status_code == 507 and "24 hours" in refused.json()["error"]
    aged(kept, UPLOAD_HOURS + 1)
    assert upload(client, "more.txt", b"x" * 2000).status_code == 200


def test_old_files_behind_a_link_are_left_alone(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    document = tmp_path / "elsewhere" / "document.txt"
    document.write_bytes(b"mine")
    aged(document, UPLOAD_HOURS + 1)
    (folder / "link").symlink_to(document)
    (folder / "folder").symlink_to(document.parent)
    assert stored_bytes() == 0
    assert document.read_bytes() == b"mine" and not is_stored(str(folder / "link"))
