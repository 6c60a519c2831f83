"""Hostile documents and requests: nothing runs, nothing outside is read, and the answer says plainly that it is no."""

from __future__ import annotations

import http.client
import json
import re
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from rag.web.app import Access
from rag.web.current import CurrentIndex

from .attacks import ATTACKS, MARKUP, TEXTS, hostile_documents, marked
from .conftest import open_more, request, serving
from .doubles import FakeEngine
from .map_doubles import MapEngine

REQUESTS = json.loads((ATTACKS / "requests.json").read_text(encoding="utf-8"))
SECRET = "nobody may read this"
BOUNDARY = "b"


class Target:
    """A server with a folder of uploads, and things beside it that must not be read."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.host, self.port = urlsplit(address).hostname or "", urlsplit(address).port or 0
        self.uploads, self.index = folder / "uploads", folder / "index"

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str, str]:
        """Status, headers and body; the path is sent as it is, which HTTP libraries would not do."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        own_host = {name.lower() for name in headers} & {"host"}
        connection.putrequest(method, path, skip_host=bool(own_host), skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None and "transfer-encoding" not in headers:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders()
        try:
            if body is not None and "transfer-encoding" in headers:
                connection.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            elif body is not None:
                connection.send(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all of it was sent
        answered = connection.getresponse()
        return answered.status, str(answered.headers), answered.read().decode("utf-8", "replace")

    def send_raw(self, request: str) -> tuple[int, str, str]:
        """As ``send``, for what is no proper request."""
        with socket.create_connection((self.host, self.port), timeout=60) as connection:
            connection.sendall(request.replace("Host: 127.0.0.1", f"Host: 127.0.0.1:{self.port}").encode())
            connection.shutdown(socket.SHUT_WR)
            answered = b""
            while part := connection.recv(65536):
                answered += part
        head, _, body = answered.decode("utf-8", "replace").partition("\r\n\r\n")
        return int(head.split()[1]), head, body

    def upload(self, name: bytes, content: bytes, upload_to: str = "/gradio_api/upload") -> tuple[int, str, str]:
        """One file with a name that libraries would clean."""
        head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n' % name
        return self.send("POST", upload_to, head + content + b"\r\n--b--\r\n", {"content-type": UPLOAD})


UPLOAD = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("target")
    (folder / "uploads").mkdir()
    (folder / "index").mkdir()
    (folder / "secret").write_text(SECRET)
    (folder / "index" / "documents.sqlite").write_text(SECRET)
    (folder / "uploads" / "link-to-secret").symlink_to(folder / "secret")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        current = CurrentIndex(lambda: FakeEngine())  # type: ignore[arg-type,return-value]
        with serving(current, Access(max_file_mb=0.1)) as address:
            yield Target(address, folder)


def body_of(attack: dict[str, Any]) -> bytes | None:
    if "json" in attack:
        return json.dumps(attack["json"]).encode()
    if "hex" in attack:
        return bytes.fromhex(attack["hex"])
    if "repeat" in attack:
        text, times = attack["repeat"]
        return (text * times).encode()
    if "question" in attack:
        return json.dumps({"question": "あ" * attack["question"]}, ensure_ascii=False).encode()
    text = attack.get("chunked", attack.get("body"))
    return None if text is None else text.encode()


def sent(target: Target, attack: dict[str, Any]) -> tuple[int, str, str]:
    if "raw" in attack:
        return target.send_raw(attack["raw"])
    filled = json.loads(json.dumps(attack).replace("UPLOADS", str(target.uploads)).replace("INDEX", str(target.index)))
    headers = {"content-type": "application/json"} if "json" in attack else {}
    headers |= filled.get("headers", {})
    if "chunked" in attack:
        headers["transfer-encoding"] = "chunked"
    path = filled["path"] + "a" * attack.get("lengthen", 0)
    return target.send(attack.get("method", "GET"), path, body_of(filled), headers)


@pytest.mark.parametrize("attack", REQUESTS, ids=[attack["name"] for attack in REQUESTS])
def test_a_hostile_request_is_refused_plainly(target: Target, attack: dict[str, Any]) -> None:
    status, headers, body = sent(target, attack)
    expected = attack["status"] if isinstance(attack["status"], list) else [attack["status"]]
    assert status in expected, body
    assert SECRET not in body and "root:" not in body and "Traceback" not in body
    assert "set-cookie" not in headers.lower()
    if status >= 400 and attack.get("method") != "HEAD":
        assert len(body) > 10


@pytest.mark.parametrize("part", ["header", "query"])
def test_a_head_that_is_too_large_is_refused_however_it_comes(target: Target, part: str) -> None:
    """One that arrives as a whole is never half a head, which is all that uvicorn counts."""
    letters = "a" * 65_000
    path, headers = (f"/healthz?{letters}", {}) if part == "query" else ("/healthz", {"x-a": letters})
    status, _, body = target.send("GET", path, None, headers)
    assert status == 431 and "too large" in body


MANY = {
    "numbers": b'{"query":[' + b"0," * 1_900_000 + b"0]}",
    "empty strings": b'{"query":[' + b'"",' * 1_300_000 + b'""]}',
    "strings with quotation marks": b'{"query":[' + b'"\\",",' * 600_000 + b'""]}',
    "a string without an end": b'{"query":"' + b'\\",' * 390_000 + b"," * 100_000 + b"\\",
}


@pytest.mark.parametrize("body", MANY.values(), ids=MANY.keys())
def test_a_body_of_very_many_values_is_refused_at_once(target: Target, body: bytes) -> None:
    began = time.monotonic()
    status, _, answered = target.send("POST", "/api/search", body, {"content-type": "application/json"})
    assert status in (400, 413) and (status == 400 or "values" in answered)
    assert time.monotonic() - began < 5


def test_a_long_text_with_many_commas_is_no_list(target: Target) -> None:
    body = json.dumps({"question": "x" * 10, "history": [r"a,\",\\" * 80_000]}).encode()
    status, _, answered = target.send("POST", "/api/ask", body, {"content-type": "application/json"})
    assert status != 413, answered


def test_there_are_enough_attacks() -> None:
    assert len(TEXTS) + len(REQUESTS) >= 40
    assert len({attack["name"] for attack in TEXTS + REQUESTS}) == len(TEXTS) + len(REQUESTS)


FORGED = {
    "up": b"../../../evil.txt",
    "up, with backslashes": rb"..\\..\\evil.txt",
    "absolute": b"/etc/cron.d/evil",
    "a NUL": b"evil\x00.txt",
    "newlines": b"evil%0d%0aX: y\r\n .txt",
    "quotes": b'evil\\"; filename=\\"../x.txt',
    "five thousand letters": b"a" * 5000 + b".txt",
    "dots": b"..",
    "nothing": b"",
    "markup": b"<img src=x onerror=alert(1)>.html",
    "letters that turn around": "\u202etxt.exe".encode(),
    "not UTF-8": b"\xff\xfe.txt",
    "a device": b"CON.txt",
}


@pytest.mark.parametrize("name", FORGED.values(), ids=FORGED.keys())
def test_an_upload_with_a_forged_name_stays_among_the_uploads(target: Target, name: bytes) -> None:
    around = {path for path in target.uploads.parent.rglob("*") if not path.is_relative_to(target.uploads)}
    temporary = set(Path(tempfile.gettempdir()).glob("*evil*"))
    status, _, body = target.upload(name, b"content")
    assert status in (200, 400, 413), body
    assert {path for path in target.uploads.parent.rglob("*") if not path.is_relative_to(target.uploads)} == around
    assert set(Path(tempfile.gettempdir()).glob("*evil*")) == temporary
    if status == 200:
        (path,) = json.loads(body)
        assert Path(path).resolve().is_relative_to(target.uploads)
        assert len(Path(path).name) < 256 and not re.search(r"[/\\\x00\r\n<>]", Path(path).name)


def test_an_upload_is_given_back_as_a_download_whatever_it_claims_to_be(target: Target) -> None:
    status, _, body = target.upload(b"page.html", b"<script>alert(1)</script>")
    assert status == 200
    (path,) = json.loads(body)
    status, headers, content = target.send("GET", f"/gradio_api/file={path}", None, {})
    assert status == 200 and content == "<script>alert(1)</script>"
    assert "attachment" in headers.lower() and "text/html" not in headers.lower()
    assert "nosniff" in headers.lower()


@pytest.mark.parametrize("parts", [b'name="files"', b'name="files"\r\nContent-Type: text/plain', b'name=""'])
def test_an_upload_without_a_file_is_refused_plainly(target: Target, parts: bytes) -> None:
    body = b"--b\r\nContent-Disposition: form-data; " + parts + b"\r\n\r\nx\r\n--b--\r\n"
    status, _, answered = target.send("POST", "/gradio_api/upload", body, {"content-type": UPLOAD})
    assert status in (200, 400) and (status == 400 or json.loads(answered) == [])
    if b"files" in parts:
        assert status == 400 and "no file" in json.loads(answered)["error"]


def test_an_upload_of_two_thousand_parts_is_refused_plainly(target: Target) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nx\r\n'
    before = set(target.uploads.rglob("*"))
    status, _, answered = target.send(
        "POST", "/gradio_api/upload", part * 2000 + b"--b--\r\n", {"content-type": UPLOAD}
    )
    assert status == 400 and "Too many files" in answered
    assert set(target.uploads.rglob("*")) == before


def test_an_upload_that_is_too_large_is_refused(target: Target) -> None:
    before = sum(path.stat().st_size for path in target.uploads.rglob("*") if path.is_file())
    status, _, body = target.upload(b"large.txt", b"x" * 200_000)
    assert status == 413 and "size" in body
    after = sum(path.stat().st_size for path in target.uploads.rglob("*") if path.is_file())
    assert after - before < 150_000


def test_a_web_socket_is_not_opened(target: Target) -> None:
    status, _, _ = target.send_raw(
        "GET /gradio_api/queue/join HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert status in (400, 403, 404, 426)


def test_a_thousand_joins_of_the_queue_end_in_refusals_and_a_server_that_lives(target: Target) -> None:
    def join(number: int) -> int:
        body = json.dumps({"data": ["煎茶", None, None, None, None, False]}).encode()
        return target.send("POST", "/gradio_api/call/ask", body, {"content-type": "application/json"})[0]

    with ThreadPoolExecutor(16) as crowd:
        statuses = set(crowd.map(join, range(1000)))
    assert statuses <= {200, 503}
    assert target.send("GET", "/healthz", None, {})[0] == 200
    assert request("POST", target.address + "api/ask", json={"question": "煎茶は？"}).status_code == 200


def test_events_of_others_do_not_come_with_a_guessed_session(target: Target) -> None:
    status, _, body = target.send("GET", "/gradio_api/queue/data?session_hash=guessed", None, {})
    assert status in (200, 404) and "data" not in json.loads(body.removeprefix("data: ").strip() or "{}").get(
        "output", {}
    )


# In the browser ------------------------------------------------------------------------------------------------------


def as_shown(text: str) -> str:
    return text.replace("\x00", "\ufffd")


@pytest.mark.browser
def test_markup_that_got_through_would_be_seen(browser: Browser) -> None:
    page = browser.new_page()
    elements = "text => new DOMParser().parseFromString(text, 'text/html').querySelectorAll(MARKUP).length"
    seen = [page.evaluate(elements.replace("MARKUP", json.dumps(MARKUP)), each["text"]) for each in TEXTS]
    page.close()
    assert sum(count > 0 for count in seen) >= 20


@pytest.mark.browser
@pytest.mark.parametrize("part", [slice(0, 19), slice(19, None)], ids=["first half", "second half"])
def test_hostile_text_in_documents_is_shown_as_text(
    open_page: Callable[..., Page], serve: Callable[[CurrentIndex], str], tmp_path: Path, part: slice
) -> None:
    engine = MapEngine(hostile_documents()[part], cache=tmp_path)
    page = open_page(serve(CurrentIndex(lambda: engine)))  # type: ignore[arg-type,return-value]
    for number, each in enumerate(TEXTS[part]):
        page.locator("#shiori-answer [data-open]").nth(number).click()
        expect(page.locator("#shiori-source .source-title")).to_have_text(as_shown(each["text"]), use_inner_text=False)
        shown = page.evaluate("document.querySelector('#shiori-source .source .lines').textContent")
        assert shown == as_shown(engine.contents[number].text)
    assert page.locator(MARKUP).count() == 0
    assert "hacked" not in page.title()


@pytest.mark.browser
def test_hostile_text_in_questions_is_shown_as_text(
    open_page: Callable[..., Page], serve: Callable[[CurrentIndex], str], tmp_path: Path
) -> None:
    engine = MapEngine(hostile_documents(), cache=tmp_path)
    page = open_page(serve(CurrentIndex(lambda: engine)))  # type: ignore[arg-type,return-value]
    for each in TEXTS[::4]:
        page.locator("#shiori-question textarea").fill(f"煎茶 {each['text']}")
        page.keyboard.press("Enter")
        asked = page.locator("#shiori-answer .answer .asked, #shiori-prose .asked").first
        expect(asked).to_contain_text(as_shown(each["text"])[:40].replace("\u202e", "").split("\n")[0])
    assert page.locator(MARKUP).count() == 0
    open_more(page, "地図")
    expect(page.locator(".map-points circle").first).to_be_attached(timeout=60_000)
    expect(page.locator(".map-near .map-hit").first).to_be_visible()
    page.locator(".map-picture").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator(".map-card")).to_be_visible()
    assert page.locator(MARKUP).count() == 0
    assert "hacked" not in page.title()


@pytest.mark.browser
@pytest.mark.parametrize("parameter", ["q", "question", "lang", "source", "mode", "__theme", "view"])
def test_hostile_text_in_a_link_does_nothing(open_page: Callable[..., Page], small_page: str, parameter: str) -> None:
    text = marked(
        "<img src=x onerror=alert(1)>\"'><b>${alert(1)}{{alert(1)}}</script></title><script>alert(1)</script>"
    )
    with httpx.Client(timeout=60) as http:
        served = http.get(small_page, params={parameter: text}).text
    assert "<img data-attack" not in served and "<script data-attack" not in served
    query = httpx.QueryParams({parameter: text})
    page = open_page(f"{small_page}?{query}")
    assert page.locator(MARKUP).count() == 0
