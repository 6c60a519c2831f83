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

import httpx
import pytest
from fastapi.testclient import TestClient

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
