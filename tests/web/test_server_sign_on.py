"""Logging in with the account of an organisation, at a real provider of OpenID Connect."""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import RedirectResponse

import rag.extras
from rag.errors import SettingsError
from rag.settings import Settings
from rag.web import audit
from rag.web.app import Access, create_server
from rag.web.current import CurrentIndex
from rag.web.gate.accounts import Accounts
from rag.web.gate.sign_on import SignOn

from .conftest import serving
from .doubles import FakeEngine
from .npm import cannot, node, packages

PROVIDER = Path(__file__).with_name("oidc_provider.mjs")
ROLES = {"shiori-admins": "administrator", "shiori-editors": "editor"}


def settings(port: int, **chosen: Any) -> Settings:
    usual: dict[str, Any] = {
        "oidc_issuer": f"http://127.0.0.1:{port}",
        "oidc_client_id": "shiori",
        "oidc_client_secret": "a secret of the tests",
        "oidc_roles": ROLES,
    }
    return Settings.load(**usual | chosen)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def provider(port: int, shiori: str) -> Iterator[None]:
    command = [node(), str(PROVIDER), str(packages()), str(port), f"{shiori}oidc/callback", f"{shiori}login"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        lines = []
        while (line := process.stdout.readline()) != "ready\n":
            lines.append(line)
            if not line:
                cannot(f"The provider did not start: {''.join(lines)[-2000:]}")
        yield
    finally:
        process.kill()
        process.wait(30)


@dataclass
class Firm:
    """A server of Shiori and the provider it believes."""

    shiori: str
    port: int

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        headers = {"accept": "text/html", "accept-language": "en"}
        with httpx.Client(follow_redirects=True, timeout=60, headers=headers) as client:
            yield client

    def log_in(self, browser: httpx.Client, user: str) -> httpx.Response:
        """Through the forms of the provider, back to Shiori."""
        form = browser.get(f"{self.shiori}oidc/login")
        assert urlsplit(str(form.url)).port == self.port, form.text
        consent = browser.post(_action(form), data={"prompt": "login", "login": user, "password": "any"})
        return browser.post(_action(consent), data={"prompt": "consent"})

    def is_in(self, browser: httpx.Client) -> bool:
        return browser.get(f"{self.shiori}api/documents", headers={"accept": "*/*"}).status_code == 200


def _action(page: httpx.Response) -> str:
    found = re.search(r'<form[^>]* action="([^"]+)"', page.text)
    assert found is not None, page.text
    return str(httpx.URL(str(page.url)).join(found[1]))


@pytest.fixture(scope="module")
def firm() -> Iterator[Firm]:
    port = free_port()
    access = Access(accounts=Accounts.nobody(), sign_on=SignOn(settings(port)))
    with serving(CurrentIndex(FakeEngine), access) as shiori, provider(port, shiori):
        yield Firm(shiori, port)


def test_who_the_provider_vouches_for_is_in_with_the_role_of_the_claim(firm: Firm, tmp_path: Path) -> None:
    audit.open_log(Settings.load(audit_log=tmp_path / "audit.log"))
    try:
        with firm.browser() as hanako, firm.browser() as taro:
            assert not firm.is_in(hanako)
            assert firm.log_in(hanako, "hanako").status_code == 200 and firm.is_in(hanako)
            assert firm.log_in(taro, "taro").status_code == 200 and firm.is_in(taro)
            assert hanako.get(f"{firm.shiori}metrics").status_code == 200
            assert taro.get(f"{firm.shiori}metrics").status_code == 403
            page = hanako.get(f"{firm.shiori}sessions").text
            assert "oidc:hanako" in page and "oidc:taro" in page
            assert "oidc:hanako" not in taro.get(f"{firm.shiori}sessions").text
            assert taro.get(f"{firm.shiori}password").status_code == 403
    finally:
        audit.close_log()
    notes = [json.loads(line) for line in (tmp_path / "audit.log").read_text().splitlines()]
    assert [(n["account"], n["role"]) for n in notes if n["action"] == "log-in"] == [
        ("oidc:hanako", "administrator"), ("oidc:taro", "editor"),
    ]  # fmt: skip


def test_who_has_no_role_is_not_in_and_told_so(firm: Firm) -> None:
    with firm.browser() as guest:
        answer = firm.log_in(guest, "guest")
        assert answer.status_code == 403 and "may not use Shiori" in answer.text and not firm.is_in(guest)
        # Else the provider would vouch for the same account at each try.
        assert "To use another account" in answer.text and 'href="oidc/logout"' in answer.text


def test_logging_out_ends_the_session_here_and_leads_to_the_provider(firm: Firm) -> None:
    with firm.browser() as browser:
        firm.log_in(browser, "hanako")
        out = browser.post(f"{firm.shiori}logout", headers={"content-type": "application/x-www-form-urlencoded"})
        assert not firm.is_in(browser) and 'href="oidc/logout"' in out.text and "still logged in" in out.text
        asked = browser.get(f"{firm.shiori}oidc/logout")
        assert urlsplit(str(asked.url)).port == firm.port
        # Logged out there as well, the next login asks who it is.
        secret = re.search(r'name="xsrf" value="(\w+)"', asked.text)
        assert secret is not None
        back = browser.post(_action(asked), data={"xsrf": secret[1], "logout": "yes"})
        assert str(back.url).startswith(f"{firm.shiori}login")
        assert 'name="login"' in browser.get(f"{firm.shiori}oidc/login").text


def _callback(firm: Firm, browser: httpx.Client, user: str) -> httpx.URL:
    """Where the provider sends a browser back to, which does not go there yet."""
    form = browser.get(f"{firm.shiori}oidc/login")
    consent = browser.post(_action(form), data={"prompt": "login", "login": user, "password": "any"})
    answer = browser.post(_action(consent), data={"prompt": "consent"}, follow_redirects=False)
    while not str(answer.headers["location"]).startswith(f"{firm.shiori}oidc/callback"):
        answer = browser.get(httpx.URL(str(answer.url)).join(answer.headers["location"]), follow_redirects=False)
    return httpx.URL(answer.headers["location"])


def test_a_way_back_is_good_once_and_only_in_the_browser_that_went(firm: Firm) -> None:
    with firm.browser() as browser, firm.browser() as other:
        back = _callback(firm, browser, "hanako")
        assert {"code", "state"} <= parse_qs(back.query.decode()).keys()
        other.get(f"{firm.shiori}oidc/login")  # with a cookie of its own
        assert other.get(back).status_code == 403 and not firm.is_in(other), "logged in as somebody else"
        browser.cookies.set(f"shiori-oidc-{urlsplit(firm.shiori).port}", "e30=.00", domain="127.0.0.1", path="/oidc/")
        with firm.browser() as third:
            back = _callback(firm, third, "hanako")
            kept = {cookie.name: cookie.value for cookie in third.cookies.jar if cookie.name.startswith("shiori-oidc")}
            assert third.get(back).status_code == 200 and firm.is_in(third)
            assert not any(cookie.name.startswith("shiori-oidc") for cookie in third.cookies.jar)
        (name,) = kept
        with firm.browser() as thief:
            thief.cookies.set(name, str(kept[name]), domain="127.0.0.1", path="/oidc/")
            assert thief.get(back).status_code == 403 and not firm.is_in(thief), "the code was used already"


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=y", "?error=access_denied", "?state=%00&code=%F0"])
def test_a_way_back_that_nobody_went_leads_nowhere(firm: Firm, query: str) -> None:
    with firm.browser() as browser:
        answer = browser.get(f"{firm.shiori}oidc/callback{query}")
        assert answer.status_code == 403 and "did not work" in answer.text and not firm.is_in(browser)


def test_a_provider_that_calls_itself_otherwise_is_not_believed(firm: Firm, caplog: pytest.LogCaptureFixture) -> None:
    other = SignOn(settings(firm.port, oidc_issuer=f"http://localhost:{firm.port}"))
    app = create_server(CurrentIndex(FakeEngine), Access(accounts=Accounts.nobody(), sign_on=other))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client, caplog.at_level(logging.ERROR):
        assert client.get("/oidc/login", headers={"accept": "text/html"}).status_code == 403
    assert "calls itself" in caplog.text


@dataclass
class Told:
    """A provider of which it is known what it says: of itself, for a code, and of the user."""

    described: dict[str, Any]
    token: dict[str, Any]

    async def load_server_metadata(self) -> dict[str, Any]:
        return self.described

    async def authorize_redirect(self, request: Any, address: str) -> RedirectResponse:
        request.scope["session"]["state"] = "kept"
        return RedirectResponse(f"https://login.example.com/?back={address}")

    async def authorize_access_token(self, request: Any, claims_options: Any) -> dict[str, Any]:
        return self.token


@contextmanager
def told(token: dict[str, Any] | None = None, secure: bool = False, **described: Any) -> Iterator[TestClient]:
    """A server that is told these things, reached by https if it is ``secure``."""
    issuer = "https://login.example.com"
    sign_on = SignOn(settings(1, oidc_issuer=issuer, oidc_default_role="reader", oidc_name_claim="email"))
    sign_on._provider = Told({"issuer": issuer, **described}, token or {})
    root = "https://shiori.example.com" if secure else ""
    app = create_server(CurrentIndex(FakeEngine), Access(accounts=Accounts.nobody(), sign_on=sign_on, root_path=root))
    base = root or "http://localhost"
    with TestClient(app, base_url=base, headers={"accept": "text/html"}, follow_redirects=False) as client:
        yield client


def test_by_https_no_neighbour_can_put_a_login_of_its_own_into_a_browser() -> None:
    with told(secure=True) as client:
        cookie = client.get("/oidc/login").headers["set-cookie"]
        assert cookie.startswith("__Host-shiori-oidc-")
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/;"))
    with told() as client:
        cookie = client.get("/oidc/login").headers["set-cookie"]
        assert cookie.startswith("shiori-oidc-") and "Path=/oidc/" in cookie and "HttpOnly" in cookie


@pytest.mark.parametrize("cookie", ["e30=.é", "é.00", "e30=.00", "e30=", "=.", "." * 5000])
def test_a_forged_cookie_is_refused_whatever_stands_in_it(cookie: str) -> None:
    with told() as client:
        name = client.get("/oidc/login").headers["set-cookie"].partition("=")[0]
        client.cookies.clear()
        header = {b"cookie": f"{name}={cookie}".encode("latin-1")}
        assert SignOn(settings(1))._opened(cookie) == {}
        assert client.get("/oidc/callback?state=x&code=y", headers=header).status_code == 403  # type: ignore[arg-type]


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"])
def test_no_secret_is_sent_and_no_key_fetched_without_tls(endpoint: str, caplog: pytest.LogCaptureFixture) -> None:
    with told(**{endpoint: "http://login.example.com/x"}) as client, caplog.at_level(logging.ERROR):
        assert client.get("/oidc/login").status_code == 403
    assert endpoint in caplog.text


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ({"id_token": "x", "userinfo": {"sub": "1", "email": "a@example.com", "roles": []}}, 303),
        (
            {"id_token": "x", "userinfo": {"sub": "1", "email": "a@example.com", "email_verified": True, "roles": []}},
            303,
        ),
        (
            {"id_token": "x", "userinfo": {"sub": "1", "email": "a@example.com", "email_verified": False, "roles": []}},
            403,
        ),
        ({"userinfo": {"sub": "1", "email": "a@example.com", "roles": []}}, 403),
    ],
)
def test_a_name_counts_only_if_it_is_signed_and_an_address_only_if_it_is_not_unverified(
    token: dict[str, Any], status: int
) -> None:
    with told(token) as client:
        assert client.get("/oidc/callback?state=x&code=y").status_code == status


def test_a_provider_that_is_silent_is_asked_by_few_at_once() -> None:
    at_once, most = 0, 0

    async def silent() -> dict[str, Any]:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await anyio.sleep(0.02)
        at_once -= 1
        return {"issuer": "http://127.0.0.1:1"}

    async def crowd() -> None:
        sign_on = SignOn(settings(1))
        sign_on._provider = Told({}, {})
        sign_on._provider.load_server_metadata = silent
        scope = {"type": "http", "scheme": "http", "headers": [], "server": ("localhost", 80), "path": "/oidc/login"}
        async with anyio.create_task_group() as tasks:
            for _ in range(30):
                tasks.start_soon(sign_on.begin, Request(dict(scope)), False)

    anyio.run(crowd)
    assert most == 4


@pytest.fixture
def alone() -> Iterator[TestClient]:
    """A server whose provider is not there."""
    app = create_server(
        CurrentIndex(FakeEngine), Access(accounts=Accounts.nobody(), sign_on=SignOn(settings(free_port())))
    )
    with TestClient(
        app, base_url="http://localhost", headers={"accept": "text/html"}, follow_redirects=False
    ) as client:
        yield client


def test_a_provider_that_is_not_there_is_said_to_be(alone: TestClient) -> None:
    for path in ("/oidc/login", "/oidc/logout"):
        answer = alone.get(path, headers={"accept-language": "ja"})
        assert answer.status_code == 502 and "つながりません" in answer.text


def test_without_passwords_no_form_asks_for_one_and_none_is_right(alone: TestClient) -> None:
    page = alone.get("/login").text
    assert 'href="oidc/login"' in page and 'type="password"' not in page
    for user in ("oidc:hanako", "", "hanako"):
        assert alone.post("/login", data={"username": user, "password": ""}).status_code == 401
        assert alone.get("/api/documents", auth=(user, "")).status_code == 401


def test_without_a_provider_there_is_no_way_to_it() -> None:
    app = create_server(CurrentIndex(FakeEngine), Access(accounts=Accounts("hanako:a", "test")))
    with TestClient(app, base_url="http://localhost") as client:
        assert "oidc" not in client.get("/login").text
        for path in ("login", "callback", "logout"):
            assert client.get(f"/oidc/{path}", follow_redirects=False).status_code == 404


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"oidc_issuer": "http://login.example.com"}, "no https address"),
        ({"oidc_issuer": "login.example.com"}, "no https address"),
        ({"oidc_client_id": ""}, "oidc_client_id is missing"),
        ({"oidc_scope": "profile"}, "lacks openid"),
        ({"oidc_client_secret": None, "oidc_client_secret_file": Path("/nowhere")}, "cannot be read"),
        ({"oidc_client_secret": None, "oidc_client_secret_file": Path("/dev/null")}, "is empty"),
    ],
)
def test_settings_that_cannot_work_are_named(chosen: dict[str, Any], words: str) -> None:
    usual = settings(1).model_dump() | {"oidc_client_secret": "x"}
    with pytest.raises(SettingsError, match=words):
        SignOn(Settings(**usual | chosen))


def test_who_lacks_the_packages_is_told_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag.extras, "is_installed", lambda extra: False)
    with pytest.raises(SettingsError, match=r"shiori-rag\[oidc\]"):
        SignOn.configured(settings(1))


@pytest.mark.parametrize(
    ("claims", "chosen", "role"),
    [
        ({"roles": ["staff", "shiori-editors"]}, {}, "editor"),
        ({"roles": ["shiori-editors", "shiori-admins"]}, {}, "administrator"),
        ({"roles": "staff shiori-editors"}, {}, "editor"),
        ({"roles": ["staff"]}, {}, None),
        ({}, {"oidc_default_role": "reader"}, "reader"),
        ({"roles": {"shiori-admins": 1}}, {}, None),
        ({"roles": [["shiori-admins"], 7, None]}, {"oidc_default_role": "reader"}, "reader"),
        ({"realm_access": {"roles": ["shiori-admins"]}}, {"oidc_role_claim": "realm_access.roles"}, "administrator"),
        ({"realm_access": ["roles"]}, {"oidc_role_claim": "realm_access.roles"}, None),
    ],
)
def test_the_claim_gives_the_highest_role(claims: dict[str, Any], chosen: dict[str, Any], role: str | None) -> None:
    assert SignOn(settings(1, **chosen))._role(claims) == role
