"""Libraries over the API and for accounts: who may ask which, and that the others do not show anywhere."""

from __future__ import annotations

import base64
import gc
import json
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from rag import Engine, Libraries, Settings
from rag.building import build
from rag.library import DEFAULT_LIBRARY, Library, NamedLibrary, UnknownLibraryError
from rag.models import Embedder
from rag.web import app as server
from rag.web import audit
from rag.web import libraries as libraries_module
from rag.web.app import Access
from rag.web.current import CurrentIndex
from rag.web.gate.account_file import AccountFile
from rag.web.gate.accounts import Accounts
from rag.web.libraries import OpenLibraries, role_in
from rag.web.page import create_page
from rag.web.principal import ROLES, Principal
from tests.faults.worker import HashEmbedder

from .conftest import request, serving

TEXTS = {
    "default": ("案内.txt", "受付は九時からです。"),
    "規程": ("休暇.txt", "夏の休暇は五日です。"),
    "個人": ("日記.txt", "猫を飼う。"),
}
CLOSED = "個人"
_TAB = "rag.web.documents"


def made(folder: Path) -> Libraries:
    """A default library, an open one, and a closed one that hanako alone may read."""
    libraries = Libraries(folder / "index")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Embedder, "shared", classmethod(lambda cls, *args, **options: HashEmbedder()))
        for name, (file, text) in TEXTS.items():
            library = DEFAULT_LIBRARY if name == "default" else libraries.add(name, is_open=name != CLOSED)
            (folder / name).mkdir()
            (folder / name / file).write_text(f"{text}\n", encoding="utf-8")
            build(folder / name, index=libraries.index_of(library))
    libraries.grant(CLOSED, "hanako", "editor")
    return libraries


def current_of(index: Path) -> CurrentIndex:
    settings = Settings.load(index=index, reader="none", mode="lexical")
    return CurrentIndex(lambda: Engine.open(index, settings), index, settings)


class Served:
    """A server with accounts named as their roles, and hanako, a reader; passwords are the names twice."""

    def __init__(self, address: str, page: gr.Blocks, libraries: Libraries, log: Path) -> None:
        self.address, self._page, self.libraries, self.log = address, page, libraries, log

    def _headers(self, user: str) -> dict[str, str]:
        return {"authorization": f"Basic {base64.b64encode(f'{user}:{user * 2}'.encode()).decode()}"}

    def api(self, user: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        method = "GET" if body is None else "POST"
        found = request(method, f"{self.address}{path}", json=body, headers=self._headers(user))
        return found.status_code, found.json() if "json" in found.headers["content-type"] else found.text

    def event(self, user: str, function: str, library: str, data: dict[str, Any]) -> dict[str, Any]:
        """What Gradio answers to an event of the tab of documents, on a page that has chosen this library."""
        identity = self.libraries.named(library).id
        session, headers = f"{user}-{identity}", self._headers(user) | {"accept-language": "en"}
        steps = (("rag.web.beginning", "begin", {}), (_TAB, "choose", {"library": identity}), (_TAB, function, data))
        for package, name, sent in steps:
            events = self._page.fns.items()
            number = next(n for n, e in events if e.name == name and e.fn.__module__.startswith(package))
            body = {"fn_index": number, "data": [None] * len(self._page.fns[number].inputs), "event_data": sent}
            body["session_hash"] = session
            answered = request("POST", self.address + "gradio_api/run/predict", json=body, headers=headers)
        return answered.json()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("libraries")
    for role in ROLES:
        AccountFile(folder / "accounts").add(role, role * 2, role)
    AccountFile(folder / "accounts").add("hanako", "hanako" * 2, "reader")
    libraries = made(folder)
    audit.open_log(Settings(audit_log=folder / "audit.log"))
    pages: list[gr.Blocks] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "create_page", lambda *a, **k: pages.append(create_page(*a, **k)) or pages[0])
        access = Access(accounts=Accounts.from_file(folder / "accounts"))
        with serving(current_of(libraries.index), access) as address:
            yield Served(address, pages[0], libraries, folder / "audit.log")
    audit.close_log()


def test_what_somebody_may_do_is_their_role_unless_the_library_says_otherwise() -> None:
    reader, editor, nobody = Principal("r", role="reader"), Principal("e", role="editor"), Principal()
    open_, closed = NamedLibrary("1" * 8, "a"), NamedLibrary("2" * 8, "b", is_open=False)
    own = NamedLibrary("3" * 8, "c", rights={"r": "administrator", "e": "none"})
    assert [role_in(each, reader) for each in (DEFAULT_LIBRARY, open_, closed, own)] == [
        *("reader", "reader", None, "administrator")
    ]
    assert [role_in(each, editor) for each in (DEFAULT_LIBRARY, open_, closed, own)] == ["editor", "editor", None, None]
    assert {role_in(each, nobody) for each in (open_, closed, own)} == {"administrator"}


def test_a_closed_library_does_not_show_to_who_may_not_read_it(served: Served) -> None:
    for user, seen in (("reader", 2), ("editor", 2), ("hanako", 3), ("administrator", 3)):
        _, listed = served.api(user, "api/libraries")
        assert len(listed["libraries"]) == seen
        assert (CLOSED in json.dumps(listed, ensure_ascii=False)) == (seen == 3)
    identity = served.libraries.named(CLOSED).id
    (document,) = served.api("hanako", "api/documents?library=個人")[1]["documents"]
    assert document["id"].startswith(identity) and document["library"] == CLOSED
    for asked in (CLOSED, identity):
        for path, body in (
            ("api/search", {"query": "猫", "library": [asked]}),
            ("api/search", {"query": "猫", "library": ["規程", asked]}),
            ("api/ask", {"question": "猫は？", "library": [asked]}),
            ("api/mark", {"question": "猫は？", "library": [asked]}),
            (f"api/documents?library={asked}", None),
            (f"api/questions?library={asked}", None),
        ):
            status, said = served.api("reader", path, body)
            assert status == 404 and "There is no library" in said["error"], path
    assert served.api("reader", f"api/documents?id={document['id']}")[0] == 404
    assert served.api("reader", f"originals/{document['id']}")[0] == 404
    assert "日記" not in served.api("reader", f"originals/{document['id']}/view")[1]
    assert served.api("hanako", f"originals/{document['id']}")[0] == 200


def test_several_libraries_are_searched_as_one_and_each_hit_tells_its_own(served: Served) -> None:
    body = {"query": "休暇 受付 猫", "library": ["既定", "規程", CLOSED], "mode": "lexical"}
    hits = served.api("hanako", "api/search", body)[1]["hits"]
    assert {hit["document"]["library"]: hit["document"]["source"] for hit in hits} == {
        name: file for name, (file, _) in TEXTS.items()
    }
    plain = served.api("hanako", "api/search", {"query": "受付", "mode": "lexical"})[1]["hits"]
    assert [hit["document"].get("library") for hit in plain] == [None]


def test_who_may_edit_a_library_adds_there_and_others_do_not(served: Served) -> None:
    sent = {"files": [{"name": "x.png", "size": 1, "path": ""}]}
    assert "Only editors" in str(served.event("reader", "add_files", "規程", sent))
    assert "x.png" in str(served.event("editor", "add_files", "規程", sent))
    assert "x.png" in str(served.event("hanako", "add_files", CLOSED, sent))
    assert "Only editors" in str(served.event("hanako", "add_files", "default", sent))
    logged = [json.loads(line) for line in served.log.read_text(encoding="utf-8").splitlines()]
    told = [each for each in logged if each["action"] == "document-refused"]
    assert [each["library"] for each in told] == [served.libraries.named(n).id for n in ("規程", CLOSED)]


def test_libraries_are_made_and_removed_by_administrators_alone(served: Served) -> None:
    for user in ("reader", "editor", "hanako"):
        for function in ("add", "rename", "empty", "remove"):
            assert "Only administrators" in str(served.event(user, function, "規程", {"name": "新"}))
    assert "新" in str(served.event("administrator", "add", "規程", {"name": "新"}))
    assert "called so" in str(served.event("administrator", "add", "規程", {"name": "新"}))
    assert "更" in str(served.event("administrator", "rename", "新", {"name": "更"}))
    assert "is removed" in str(served.event("administrator", "remove", "更", {}))
    assert [library.name for library in served.libraries.all()] == ["default", CLOSED, "規程"]


def test_an_index_that_nobody_asks_is_closed_and_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = made(tmp_path)
    served = OpenLibraries(current_of(libraries.index))
    rules = libraries.named("規程")
    engine = weakref.ref(served.chosen(["規程", CLOSED]).engine())
    single = weakref.ref(served.index(rules).engine())
    assert served.chosen(["規程", CLOSED]).engine() is engine()
    monkeypatch.setattr(libraries_module, "IDLE_SECONDS", -1.0)
    served.chosen()
    gc.collect()
    assert engine() is None and single() is None
    assert served.chosen(["規程"]).engine().search("休暇", mode="lexical").hits


def test_a_library_that_is_emptied_elsewhere_is_served_no_more(tmp_path: Path) -> None:
    libraries = made(tmp_path)
    served = OpenLibraries(current_of(libraries.index))
    assert served.index(libraries.named("規程")).engine().documents()
    libraries.empty("規程")
    served.index(libraries.named("規程"))._looked_at = -1000.0
    with pytest.raises(Exception, match="no index"):
        served.chosen(["規程"]).engine()
    libraries.remove("規程")
    with pytest.raises(UnknownLibraryError):
        served.chosen(["規程"])
    assert Library(libraries.index).record() is not None
