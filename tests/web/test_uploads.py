"""Uploads: they go when they are old, and there is only so much room for them."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from rag.web.app import create_server
from rag.web.current import CurrentIndex
from rag.web.gate import bodies, uploads
from rag.web.gate.uploads import is_stored, stored_bytes
from rag.web.limits import UPLOAD_HOURS

from .conftest import request, serving
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
    monkeypatch.setattr(bodies, "STORED_BYTES", 6000)
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


@pytest.fixture
def address(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a server that has room for 10 MB."""
    monkeypatch.setattr(bodies, "STORED_BYTES", 10_000_000)
    with serving(CurrentIndex(lambda: FakeEngine())) as address:  # type: ignore[arg-type,return-value]
        yield address


def begun(address: str, length: int) -> socket.socket:
    """The connection of an upload of which only the beginning is sent."""
    port = int(address.rsplit(":", 1)[1].strip("/"))
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n"
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    connection.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=b\r\n\r\n" + body)
    return connection


def status_of(address: str, size: int, until: int) -> int:
    """That of an upload of this size, tried again for a while if it is not the one that is due."""
    deadline = time.monotonic() + 20
    while True:
        files = {"files": ("b.txt", b"x" * size)}
        status = request("POST", f"{address}gradio_api/upload", files=files).status_code
        if status == until or time.monotonic() > deadline:
            return status
        time.sleep(0.1)


def test_uploads_under_way_have_their_room_before_they_are_there(address: str) -> None:
    with begun(address, 9_000_000):
        assert status_of(address, 2_000_000, until=507) == 507
        assert status_of(address, 100_000, until=200) == 200
    assert status_of(address, 2_000_000, until=200) == 200


def test_an_upload_that_sends_nothing_loses_its_room(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "BODY_SECONDS", 2.0)
    with begun(address, 9_000_000) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
        assert status_of(address, 2_000_000, until=200) == 200
