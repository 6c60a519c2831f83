"""Sessions: seen and ended by their owner and by an administrator, and by nobody else."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from rag.web.app import Access, create_server
from rag.web.ask.views import header_html
from rag.web.current import CurrentIndex
from rag.web.gate import accounts, sessions
from rag.web.gate.account_file import AccountFile
from rag.web.gate.accounts import Accounts, Role
from rag.web.texts import TEXTS, Language

from .conftest import request, serving
from .doubles import FakeEngine

FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Served:
    """A server, and the file of its accounts."""

    address: str
    file: AccountFile

    def user(self, role: Role = "reader") -> str:
        """A new account, whose password is its name, twice."""
        name = f"user{next(_NUMBERS)}"
        self.file.add(name, name * 2, role)
        return name

    def log_in(self, user: str, browser: str = "Firefox") -> httpx.Cookies:
        form = {"username": user, "password": user * 2}
        return request("POST", self.address + "login", data=form, headers={"user-agent": browser}).cookies

    def is_in(self, cookies: httpx.Cookies) -> bool:
        return request("GET", self.address + "api/documents", cookies=cookies).status_code == 200

    def listed(self, cookies: httpx.Cookies) -> dict[str, str]:
        """The id of each session on the page, by the browser's name."""
        page = request("GET", self.address + "sessions", cookies=cookies)
        assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
        return dict(re.findall(r"<p>(\w+)</p>.*?value=\"([0-9a-f]{16})\"", page.text))

    def end(self, cookies: httpx.Cookies, what: str, **headers: str) -> int:
        data = {"end": what}
        return request("POST", self.address + "sessions", cookies=cookies, data=data, headers=headers).status_code


_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("accounts") / "accounts"
    AccountFile(path).add("hanako", "hanako" * 2, "administrator")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_LOOK_SECONDS", 0)
        with serving(CurrentIndex(FakeEngine), Access(accounts=Accounts.from_file(path))) as address:
            yield Served(address, AccountFile(path))


def test_an_owner_sees_and_ends_the_own_sessions_only(served: Served) -> None:
    taro, jiro = served.user(), served.user("editor")
    mine, other, foreign = (
        served.log_in(user, browser) for user, browser in ((taro, "One"), (taro, "Two"), (jiro, "Three"))
    )
    assert set(served.listed(mine)) == {"One", "Two"}
    assert served.end(mine, served.listed(foreign)["Three"]) == 404 and served.is_in(foreign)
    assert served.end(mine, served.listed(mine)["Two"]) == 303
    assert not served.is_in(other) and served.is_in(mine) and served.is_in(foreign)


def test_an_owner_ends_all_others_at_once(served: Served) -> None:
    taro = served.user()
    mine, *others = (served.log_in(taro) for _ in range(3))
    foreign = served.log_in(served.user())
    assert served.end(mine, "others") == 303
    assert [served.is_in(each) for each in (mine, *others, foreign)] == [True, False, False, True]


def test_an_administrator_ends_anybodys(served: Served) -> None:
    chief, taro = served.log_in("hanako", "Chief"), served.log_in(served.user(), "Someone")
    assert {"Chief", "Someone"} <= set(served.listed(chief))
    assert served.end(chief, served.listed(chief)["Someone"]) == 303
    assert not served.is_in(taro) and served.is_in(chief)


def test_who_logs_in_anew_is_no_longer_logged_in_by_the_token_before(served: Served) -> None:
    user = served.user()
    before = served.log_in(user)
    form = {"username": user, "password": user * 2}
    after = request("POST", served.address + "login", data=form, cookies=before).cookies
    assert served.is_in(after) and not served.is_in(before)


@pytest.mark.parametrize(
    ("public", "name"), [("https://docs.example", "__Host-"), ("https://docs.example/shiori", "__Secure-")]
)
def test_by_https_browsers_are_told_to_stay_there(public: str, name: str) -> None:
    access = Access(accounts=Accounts("taro:tarotaro", "test"), root_path=public)
    client = TestClient(create_server(CurrentIndex(FakeEngine), access), base_url="https://docs.example")  # type: ignore[arg-type]
    answered = client.post("/login", data={"username": "taro", "password": "tarotaro"})
    cookie = answered.headers["set-cookie"]
    assert cookie.startswith(name) and {"Secure", "HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
    assert answered.headers["strict-transport-security"] == "max-age=31536000"
    assert client.get(f"{urlsplit(public).path}/api/documents").status_code == 200


def test_another_sites_page_ends_none_and_looking_ends_none(served: Served) -> None:
    mine = served.log_in(served.user(), "One")
    own = served.listed(mine)["One"]
    forged = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert served.end(mine, own, **forged) == 403
    assert request("GET", f"{served.address}sessions?end={own}", cookies=mine).status_code == 200
    assert served.is_in(mine)


def test_who_is_not_logged_in_sees_none(served: Served) -> None:
    assert request("GET", served.address + "sessions").status_code == 401
    assert request("POST", served.address + "sessions", data={"end": "others"}).status_code == 401


def test_the_list_holds_no_token_and_obeys_no_browsers_name(served: Served) -> None:
    mine = served.log_in(served.user(), "<script>alert(1)</script>" + "x" * 500)
    page = request("GET", served.address + "sessions", cookies=mine).text
    assert "<script>alert" not in page and "x" * 200 not in page
    assert not any(value in page for value in mine.values())


def test_sessions_end_with_the_account_and_with_its_password(served: Served) -> None:
    users = [served.user() for _ in range(3)]
    cookies = [served.log_in(user) for user in users]
    served.file.change(users[0], "another password")
    served.file.remove(users[1])
    assert [served.is_in(each) for each in cookies] == [False, False, True]


def test_a_session_ends_after_its_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = served.log_in(served.user())
    monkeypatch.setattr(sessions, "time", lambda: 4_000_000_000.0)
    assert not served.is_in(mine)


def test_one_changes_the_own_password_and_is_logged_in_here_alone(served: Served) -> None:
    user = served.user()
    mine, other = served.log_in(user), served.log_in(user)

    def change(current: str, new: str, **headers: str) -> httpx.Response:
        form, url = {"current": current, "new": new}, served.address + "password?lang=en"
        return request("POST", url, data=form, cookies=mine, headers=headers)

    forged = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert change(user * 2, "another password", **forged).status_code == 403
    assert change("wrong", "another password").status_code == 401
    short, common = change(user * 2, "1234567"), change(user * 2, "Password")
    assert short.status_code == common.status_code == 422
    assert "8 characters" in short.text and "first passwords" in common.text and served.is_in(other)
    changed = change(user * 2, "another password")
    assert changed.status_code == 303
    assert [served.is_in(each) for each in (mine, other, changed.cookies)] == [False, False, True]
    form = {"username": user, "password": "another password"}
    assert request("POST", served.address + "login", data=form).status_code == 200


def test_passwords_that_are_in_no_file_are_not_changed_here() -> None:
    access = Access(accounts=Accounts("taro:tarotaro", "test"))
    client = TestClient(create_server(CurrentIndex(FakeEngine), access), base_url="http://127.0.0.1")  # type: ignore[arg-type]
    form = {"current": "tarotaro", "new": "another password"}
    refused = client.post("/password?lang=ja", data=form, auth=("taro", "tarotaro"))
    assert refused.status_code == 403 and "管理者に頼んでください" in refused.text


@pytest.mark.parametrize(("language", "words"), [("ja", "ログイン中"), ("en", "Sessions")])
def test_only_a_page_with_a_password_leads_to_them(language: Language, words: str) -> None:
    assert f'href="sessions?lang={language}">{words}</a>' in header_html(TEXTS[language], log_out=True)
    assert "sessions" not in header_html(TEXTS[language])


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "link", "button", "back"), [
    ("ja-JP", "ログイン中", "自分のほかのブラウザーをすべてログアウトさせる", "栞 Shiori に戻る"),
    ("en-GB", "Sessions", "Log out all my other browsers", "Back to Shiori"),
])  # fmt: skip
def test_the_page_lists_and_ends_sessions(
    served: Served, browser: Browser, locale: str, link: str, button: str, back: str
) -> None:
    taro = served.user()
    other = served.log_in(taro, "Elsewhere")
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(served.address)
    page.locator("input[name=username]").fill(taro)
    page.locator("input[name=password]").fill(taro * 2)
    page.keyboard.press("Enter")
    page.wait_for_selector("#shiori-answer .home")
    page.get_by_role("link", name=link, exact=True).click()
    expect(page.get_by_text("Elsewhere")).to_be_visible()
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("Elsewhere")).to_have_count(0)
    assert not served.is_in(other)
    page.get_by_role("link", name=back).click()
    page.wait_for_selector("#shiori-answer .home")
    context.close()
