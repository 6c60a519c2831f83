"""Who may use the server, by which name, and from behind a proxy."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
import uvicorn
from gradio_client import Client
from gradio_client.exceptions import AuthenticationError
from playwright.sync_api import Browser, expect

from rag.web import app as server
from rag.web import limits
from rag.web.app import Access
from rag.web.ask.views import header_html
from rag.web.current import CurrentIndex
from rag.web.gate import attempts, sessions
from rag.web.gate.accounts import Accounts
from rag.web.gate.hosts import Hosts
from rag.web.texts import TEXTS, Language

from .conftest import request, serving
from .doubles import FakeEngine

USER, PASSWORD = "hanako", "correct horse 電池"


def current() -> CurrentIndex:
    return CurrentIndex(lambda: FakeEngine())  # type: ignore[arg-type,return-value]


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    """Address of a server that asks for a password, with MCP."""
    accounts = Accounts(f"{USER}:{PASSWORD}\ntaro:{'x' * 20}", "test")
    with serving(current(), Access(accounts=accounts, mcp=True)) as address:
        yield address


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


CLOSED = [
    *(("GET", path) for path in ("", "config", "theme.css", "favicon.ico", "robots.txt", "manifest.json", "logout")),
    *(("GET", path) for path in ("assets/index.js", "static/img/logo.svg", "api/documents", "gradio_api/info")),
    *(
        ("GET", path)
        for path in ("gradio_api/file=/tmp/x", "gradio_api/queue/data?session_hash=x", "gradio_api/app_id")
    ),
    *(("GET", path) for path in ("gradio_api/heartbeat/x", "gradio_api/upload_progress?upload_id=x", "nothing")),
    *(("POST", path) for path in ("api/ask", "api/search", "api/documents", "mcp", "gradio_api/queue/join")),
    *(("POST", path) for path in ("gradio_api/run/predict", "gradio_api/call/ask", "gradio_api/cancel")),
]


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_without_the_password_nothing_is_served(locked: str, method: str, path: str) -> None:
    body: dict[str, Any] = {"json": {}} if method == "POST" else {}
    answered = request(method, locked + path, **body)
    assert answered.status_code in (303, 401, 403, 404)
    assert "茶" not in answered.text and "gradio" not in answered.text
    if answered.status_code == 303:
        assert answered.headers["location"] == "/login"


def test_an_upload_without_the_password_leaves_nothing(locked: str) -> None:
    answered = request("POST", locked + "gradio_api/upload", files={"files": ("a.txt", b"x")})
    assert answered.status_code == 401


def test_what_comes_without_the_password_is_not_read(locked: str) -> None:
    """Half of it is enough to be refused: what is not read takes neither time nor room."""
    host, port = locked.removeprefix("http://").strip("/").split(":")
    for path, kind in (("api/search", "application/json"), ("gradio_api/upload", "multipart/form-data; boundary=b")):
        head = f"POST /{path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {kind}\r\n"
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(head.encode() + b"Content-Length: 4000000\r\n\r\n{")
            assert connection.recv(100).startswith(b"HTTP/1.1 401")


def test_health_is_open_and_tells_nothing_of_the_documents(locked: str) -> None:
    answered = request("GET", locked + "healthz")
    assert answered.status_code == 200 and set(answered.json()) == {"status", "model"}


def test_programs_send_the_password_with_each_request(locked: str) -> None:
    asked = {"question": "煎茶の湯は何度ですか？"}
    assert request("POST", locked + "api/ask", json=asked, headers=basic(USER, PASSWORD)).status_code == 200
    refused = request("POST", locked + "api/ask", json=asked)
    assert refused.status_code == 401 and refused.headers["www-authenticate"].startswith("Basic")


def test_gradio_clients_log_in(locked: str) -> None:
    client = Client(locked, auth=(USER, PASSWORD), verbose=False, analytics_enabled=False)
    assert client.predict("煎茶の湯は何度ですか？", api_name="/ask")["citations"]
    with pytest.raises(AuthenticationError):
        Client(locked, auth=(USER, "wrong"), verbose=False, analytics_enabled=False)


def test_tools_of_language_models_need_the_password(locked: str) -> None:
    import httpx2
    from mcp.client.client import Client as McpClient
    from mcp.client.streamable_http import streamable_http_client

    async def tools() -> set[str]:
        async with (
            httpx2.AsyncClient(headers=basic(USER, PASSWORD)) as http,
            McpClient(streamable_http_client(f"{locked}mcp", http_client=http)) as client,
        ):
            return {tool.name for tool in (await client.list_tools()).tools}

    assert asyncio.run(tools()) == {"ask", "search", "documents", "libraries"}


@pytest.mark.parametrize(
    "headers",
    [
        basic(USER, "wrong"),
        basic("nobody", PASSWORD),
        basic(USER, ""),
        {"authorization": "Basic ????"},
        {"authorization": "Bearer x"},
        {"cookie": "shiori-0=guessed"},
    ],
)
def test_wrong_passwords_open_nothing(headers: dict[str, str]) -> None:
    with serving(current(), Access(accounts=Accounts(f"{USER}:{PASSWORD}", "test"))) as address:
        answered = request("GET", address + "api/documents", headers=headers)
    assert answered.status_code == 401 and "茶" not in answered.text


@pytest.fixture
def guarded() -> Iterator[str]:
    """Address of a server with two accounts, where nobody has tried anything yet."""
    with serving(current(), Access(accounts=Accounts(f"{USER}:{PASSWORD}\ntaro:tarotaro", "test"))) as address:
        yield address


def tried(address: str, user: str, password: str, **headers: str) -> int:
    """The status of a login."""
    form = {"username": user, "password": password}
    return request("POST", address + "login", data=form, headers=headers).status_code


def test_after_some_wrong_passwords_an_account_has_to_wait(guarded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = [tried(guarded, USER, "wrong") for _ in range(limits.LOGIN_TRIES + 1)]
    assert statuses == [401] * limits.LOGIN_TRIES + [429]
    right = request("POST", guarded + "login", data={"username": USER, "password": PASSWORD})
    assert right.status_code == 429 and right.headers["retry-after"] == "60"
    monkeypatch.setattr(attempts, "monotonic", lambda: time.monotonic() + limits.LOGIN_PAUSE + 1)
    assert tried(guarded, USER, PASSWORD) == 200


def test_one_who_forgot_the_password_does_not_lock_out_the_others(guarded: str) -> None:
    assert {tried(guarded, USER, "wrong") for _ in range(limits.LOGIN_TRIES + 1)} == {401, 429}
    assert tried(guarded, "taro", "tarotaro") == 200


def test_a_right_login_takes_back_no_wrong_ones_of_other_accounts(guarded: str) -> None:
    statuses = []
    for _ in range(limits.LOGIN_TRIES + 1):
        statuses.append(tried(guarded, USER, "guess"))
        assert tried(guarded, "taro", "tarotaro") == 200
    assert statuses == [401] * limits.LOGIN_TRIES + [429]


def test_an_address_that_tries_many_accounts_has_to_wait(guarded: str) -> None:
    statuses = [tried(guarded, f"user{n}", "12345678") for n in range(limits.ADDRESS_TRIES + 1)]
    assert statuses == [401] * limits.ADDRESS_TRIES + [429]


def test_nobody_says_where_they_come_from_but_a_trusted_proxy(guarded: str) -> None:
    statuses = [tried(guarded, USER, "guess", **{"x-forwarded-for": f"10.0.0.{n}"}) for n in range(8)]
    assert statuses == [401] * limits.LOGIN_TRIES + [429] * 3


def test_a_trusted_proxy_says_where_requests_come_from() -> None:
    access = Access(accounts=Accounts(f"{USER}:{PASSWORD}", "test"), proxies=("127.0.0.0/8",))
    with serving(current(), access) as address:
        far = {"x-forwarded-for": "203.0.113.5", "x-forwarded-proto": "https"}
        assert {tried(address, USER, "wrong", **far) for _ in range(limits.LOGIN_TRIES + 1)} == {401, 429}
        forged = {"x-forwarded-for": "198.51.100.1, 203.0.113.5"}
        assert tried(address, USER, PASSWORD, **forged) == 429
        near = {"x-forwarded-for": "203.0.113.6", "x-forwarded-proto": "https"}
        answered = request("POST", address + "login", data={"username": USER, "password": PASSWORD}, headers=near)
        assert answered.status_code == 200 and "secure" in answered.headers["set-cookie"].lower()


def test_an_account_that_is_guessed_from_everywhere_waits_but_not_where_it_was_used_before() -> None:
    access = Access(accounts=Accounts(f"{USER}:{PASSWORD}", "test"), proxies=("127.0.0.1",))
    with serving(current(), access) as address:
        assert tried(address, USER, PASSWORD, **{"x-forwarded-for": "203.0.113.1"}) == 200
        far = [tried(address, USER, "x", **{"x-forwarded-for": f"10.0.0.{n}"}) for n in range(limits.ACCOUNT_TRIES)]
        assert set(far) == {401}
        assert tried(address, USER, PASSWORD, **{"x-forwarded-for": "10.0.1.1"}) == 429
        assert tried(address, USER, PASSWORD, **{"x-forwarded-for": "203.0.113.1"}) == 200


def test_no_more_are_let_through_when_many_are_tried_at_once(guarded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []

    def slowly(accounts: Accounts, user: str, password: str) -> bool:
        looked_at.append(password)
        time.sleep(0.05)
        return password == PASSWORD

    monkeypatch.setattr(Accounts, "accepts", slowly)
    with ThreadPoolExecutor(60) as crowd:
        statuses = list(crowd.map(lambda n: tried(guarded, USER, f"guess {n}"), range(60)))
    assert statuses.count(401) == limits.LOGIN_TRIES and statuses.count(429) == 60 - limits.LOGIN_TRIES
    assert len(looked_at) == limits.LOGIN_TRIES


def test_a_program_may_send_many_requests_with_the_right_password_at_once(guarded: str) -> None:
    def listed(_: int) -> int:
        return request("GET", guarded + "api/documents", headers=basic(USER, PASSWORD)).status_code

    with ThreadPoolExecutor(20) as crowd:
        assert set(crowd.map(listed, range(40))) == {200}


def test_wrong_passwords_take_up_bounded_memory() -> None:
    counted = attempts.Attempts()
    for n in range(limits.KEPT_TRIES + 100):
        counted.count(attempts.Caller.of("あ" * 1000, f"2001:db8:{n:x}::1"))
        if n % 10 == 0:
            counted.was_right(attempts.Caller.of(f"user{n}", "127.0.0.1"))
    assert len(counted._tries) == limits.KEPT_TRIES and len(counted._proven) <= limits.KEPT_TRIES


@pytest.mark.parametrize(
    ("address", "same"),
    [("2001:db8::1", "2001:db8::ffff"), ("::ffff:192.0.2.1", "192.0.2.1"), ("203.0.113.7", "203.0.113.7")],
)
def test_addresses_of_one_caller_count_together(address: str, same: str) -> None:
    assert attempts.Caller.of(USER, address) == attempts.Caller.of(USER, same)
    assert attempts.Caller.of(USER, address) != attempts.Caller.of(USER, "2001:db8:1::1")


def test_one_account_is_logged_in_in_so_many_browsers(guarded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LOGGED_IN", 2)

    def new_session(user: str, password: str) -> httpx.Cookies:
        return request("POST", guarded + "login", data={"username": user, "password": password}).cookies

    mine = new_session(USER, PASSWORD)
    others = [new_session("taro", "tarotaro") for _ in range(3)]
    statuses = [request("GET", guarded + "api/documents", cookies=each).status_code for each in (mine, *others)]
    assert statuses == [200, 401, 200, 200]


def test_a_link_of_another_site_logs_nobody_out(guarded: str) -> None:
    cookies = request("POST", guarded + "login", data={"username": USER, "password": PASSWORD}).cookies
    form = {"content-type": "application/x-www-form-urlencoded"}

    def is_logged_in() -> bool:
        return request("GET", guarded + "api/documents", cookies=cookies).status_code == 200

    assert request("GET", guarded + "logout", cookies=cookies).status_code == 404 and is_logged_in()
    forged = {**form, "origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert request("POST", guarded + "logout", cookies=cookies, headers=forged).status_code == 403 and is_logged_in()
    assert request("POST", guarded + "logout", cookies=cookies, headers=form).status_code == 303
    assert not is_logged_in()


def test_a_login_is_a_small_form(guarded: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert request("POST", guarded + "login", content=b"&" * 100_000, headers=form).status_code == 413


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_logs_in_with_a_form_and_out_again(browser: Browser, locked: str, scheme: Any) -> None:
    context = browser.new_context(locale="ja-JP", color_scheme=scheme, viewport={"width": 375, "height": 700})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(locked)
    page.get_by_label("ユーザー名").fill(USER)
    page.get_by_label("パスワード").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("ユーザー名かパスワードが違います。")
    page.get_by_label("ユーザー名").fill(USER)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    page.wait_for_selector("#shiori-answer .home")
    page.locator("#shiori-question textarea").fill("煎茶の湯は何度ですか？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer-text")).to_contain_text("七十度")
    (cookie,) = (each for each in context.cookies() if each["name"].startswith("shiori-"))
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    page.get_by_role("button", name="ログアウト").click()
    expect(page.get_by_label("パスワード")).to_be_visible()
    page.goto(locked)
    expect(page.get_by_label("パスワード")).to_be_visible()
    context.close()


@pytest.mark.parametrize(("language", "words"), [("ja", "ログアウト"), ("en", "Log out")])
def test_only_a_page_with_a_password_offers_to_log_out(language: Language, words: str) -> None:
    assert f'action="logout"><button class="log-out">{words}</button>' in header_html(TEXTS[language], log_out=True)
    assert "logout" not in header_html(TEXTS[language])


# Names ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "host", "known"),
    [
        (Hosts.of("127.0.0.1"), "localhost:7860", True),
        (Hosts.of("127.0.0.1"), "[::1]:7860", True),
        (Hosts.of("127.0.0.1"), "192.168.0.5:7860", False),
        (Hosts.of("127.0.0.1"), "evil.example", False),
        (Hosts.of("127.0.0.1"), "", False),
        (Hosts.of("127.0.0.1", "https://docs.example/shiori"), "docs.example", True),
        (Hosts.of("0.0.0.0"), "192.168.0.5:7860", True),
        (Hosts.of("0.0.0.0"), "evil.example", False),
        (Hosts.of("0.0.0.0", protected=True), "server.example", True),
        (Hosts.of("127.0.0.1", protected=True), "evil.example", False),
        (Hosts.of("server.example"), "SERVER.example:80", True),
        (Hosts.of("127.0.0.1"), "evil@localhost", False),
        (Hosts.of("127.0.0.1"), "evil:x@localhost:7860", False),
        (Hosts.of("127.0.0.1"), "localhost/evil", False),
        (Hosts.of("127.0.0.1"), "localhost\\evil", False),
        (Hosts.of("0.0.0.0", protected=True), "evil@server.example", False),
    ],
)
def test_a_server_knows_its_own_names(hosts: Hosts, host: str, known: bool) -> None:
    assert hosts.knows(host) is known


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://localhost:7860", True),
        ("https://localhost:7860", True),
        ("http://localhost:8080", False),
        ("http://localhost", False),
        ("http://127.0.0.1:7860", False),
        ("https://docs.example", True),
        ("http://docs.example", False),
        ("https://docs.example:8443", False),
        ("null", False),
    ],
)
def test_a_page_of_another_port_is_another_site(origin: str, own: bool) -> None:
    hosts = Hosts.of("127.0.0.1", "https://Docs.example:443/shiori")
    assert hosts.is_own({"host": "localhost:7860", "origin": origin}) is own


def test_a_server_for_others_without_a_password_warns(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    monkeypatch.setattr(CurrentIndex, "warm_up_in_background", lambda _: None)

    def warnings(access: Access) -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.WARNING, "rag"):
            server.run(current(), access, 0, open_browser=False, announce=lambda _: None)
        return caplog.messages

    assert "asks for no password" in warnings(Access(host="0.0.0.0"))[0]
    assert warnings(Access(host="0.0.0.0", accounts=Accounts("a:b", "test"))) == []
    behind = Access(accounts=Accounts("a:b", "test"), root_path="https://docs.example/shiori")
    assert "trusted_proxies" in warnings(behind)[0]
    assert warnings(replace(behind, proxies=("127.0.0.1",))) == []
    assert warnings(Access()) == []


# Behind a proxy ------------------------------------------------------------------------------------------------------


class Proxy(BaseHTTPRequestHandler):
    """Serves what stands under ``/shiori`` from another server; ``strips`` is whether it takes that path off."""

    target, strips = "", True
    outside: ClassVar[list[str]] = []
    http: httpx.Client
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not self.path.startswith("/shiori"):
            self.outside.append(self.path)
            self.send_error(404)
            return
        path = self.path.removeprefix("/shiori") if self.strips else self.path
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        wanted = self.target.rstrip("/") + (path or "/")
        with self.http.stream(self.command, wanted, headers=headers, content=body or None) as answered:
            self.send_response(answered.status_code)
            for name, value in answered.headers.multi_items():
                if name not in ("transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.end_headers()
            for part in answered.iter_raw():
                self.wfile.write(part)
                self.wfile.flush()

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def proxied() -> Iterator[Callable[[Access, bool], str]]:
    """Serves behind a proxy; gives the public address, which ends in ``/shiori/``."""
    running: list[Any] = []

    def start(access: Access, strips: bool) -> str:
        context, http = serving(current(), access), httpx.Client(timeout=60)
        handler = type("Handler", (Proxy,), {"target": context.__enter__(), "strips": strips, "http": http})
        proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        running.append((context, proxy, http))
        return f"http://127.0.0.1:{proxy.server_port}/shiori/"

    yield start
    for context, proxy, http in running:
        proxy.shutdown()
        proxy.server_close()
        http.close()
        context.__exit__(None, None, None)


@pytest.mark.browser
@pytest.mark.parametrize("strips", [True, False])
def test_the_page_works_behind_a_proxy_under_a_path(
    proxied: Callable[[Access, bool], str], browser: Browser, strips: bool
) -> None:
    accounts = Accounts(f"{USER}:{PASSWORD}", "test")
    address = proxied(Access(root_path="/shiori", accounts=accounts), strips)
    page = browser.new_page(locale="ja-JP")
    page.set_default_timeout(60_000)
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if r.url.startswith("http") and address not in r.url else None)
    page.goto(address)
    page.get_by_label("ユーザー名").fill(USER)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#shiori-answer .home")
    page.locator("#shiori-question textarea").fill("煎茶の湯は何度ですか？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer-text")).to_contain_text("七十度")
    page.get_by_role("button", name="ログアウト").click()
    expect(page.get_by_label("パスワード")).to_be_visible()
    assert page.url == address + "login" and outside == []
    page.close()


@pytest.mark.browser
def test_behind_a_path_nothing_is_asked_of_the_root_of_the_host_not_even_an_icon(
    proxied: Callable[[Access, bool], str], browser: Browser
) -> None:
    Proxy.outside.clear()  # a browser's own requests show there alone
    page = browser.new_page()
    page.goto(proxied(Access(root_path="/shiori"), True))
    page.wait_for_selector("#shiori-answer .home")
    page.wait_for_timeout(500)
    links = "[...document.querySelectorAll('link[rel=icon], link[rel=manifest]')].map((link) => link.href.slice(0, 18))"
    assert page.evaluate(links) == ["data:image/svg+xml"] and Proxy.outside == []
    page.close()


def test_the_api_works_behind_a_proxy_under_a_path(proxied: Callable[[Access, bool], str]) -> None:
    address = proxied(Access(root_path="/shiori"), True)
    assert request("GET", address + "api/documents").json()["documents"]
    client = Client(address, verbose=False, analytics_enabled=False)
    assert client.predict("煎茶の湯は何度ですか？", api_name="/ask")["citations"]


# The command ---------------------------------------------------------------------------------------------------------


def test_the_command_serves_with_a_password_and_cleans_up_after_itself(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
    passwords.chmod(0o600)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-m", "rag", "serve", "--index", str(tmp_path / "none"), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--auth", str(passwords), "--root-path", "/shiori"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    try:
        assert process.stdout
        address = process.stdout.readline().removeprefix("Shiori: ").strip()
        assert request("GET", f"{address}/healthz").status_code == 200
        assert request("GET", f"{address}/api/documents").status_code == 401
        (own,) = temporary.glob("shiori-*")
        assert own.stat().st_mode & 0o077 == 0
        uploaded = request(
            "POST", f"{address}/gradio_api/upload", files={"files": ("a.txt", b"x")}, headers=basic(USER, PASSWORD)
        )
        assert Path(uploaded.json()[0]).is_relative_to(own)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    assert list(temporary.iterdir()) == []
