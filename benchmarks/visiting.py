"""Somebody who uses the server: logs in by the form, asks and searches by HTTP, and does by the page what only it can.

Files are added, and batches, evaluations and maps are asked for, by the requests that the page's own script sends.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

import httpx

from benchmarks.serving import PATIENCE, Server, password_of
from rag.library import DEFAULT_LIBRARY
from rag.web.limits import KEPT_ALIVE_SECONDS

_SECONDS_A_LOOK = 0.7
"""Between two looks of the page at what is being done."""
_LIMITS = httpx.Limits(keepalive_expiry=KEPT_ALIVE_SECONDS / 2)
"""A connection is not used again when the server may just be closing it."""


class RefusedError(Exception):
    """The server did not do what it was asked for.

    Attributes:
        status: of the answer, or another word for what came.
    """

    def __init__(self, status: object, words: str = "") -> None:
        super().__init__(f"{status} {words[:200]}")
        self.status = str(status)


class Visitor:
    """One account in one browser.

    Args:
        server: what is used.
        name: of the account.
    """

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self._http = httpx.AsyncClient(base_url=server.address, timeout=PATIENCE, limits=_LIMITS)
        self._owner, self._session = token_urlsafe(24), token_urlsafe(8)
        self._page: dict[str, Any] = {}
        self._looking: asyncio.Task[None] | None = None

    async def leave(self) -> None:
        """Close the browser."""
        await self._http.aclose()

    async def log_in(self) -> None:
        """By the form, and open the page."""
        form = {"username": self.name, "password": password_of(self.name)}
        answered = await self._http.post("/login", data=form, headers={"accept": "text/html"})
        if answered.status_code != 303:
            raise RefusedError(answered.status_code, answered.text)
        self._page = _content(await self._http.get("/config"))
        opened = [each for each in self._page["dependencies"] if "load" in [name for _, name in each["targets"]]]
        for each in opened:
            if each["backend_fn"] and not each["queue"]:
                await self._sent_event(each, [None] * len(each["inputs"]))

    async def ask(self, question: str) -> dict[str, Any]:
        """The answer to a question."""
        answer: dict[str, Any] = _content(await self._http.post("/api/ask", json={"question": question}))
        return answer

    async def search(self, query: str) -> dict[str, Any]:
        """What is found for a query."""
        found: dict[str, Any] = _content(await self._http.post("/api/search", json={"query": query}))
        return found

    async def documents(self) -> list[dict[str, Any]]:
        """All documents."""
        listed: list[dict[str, Any]] = _content(await self._http.get("/api/documents"))["documents"]
        return listed

    async def mark(self, question: str, source: str, quote: str) -> None:
        """Say what the right answer to a question is."""
        evidence = [{"source": source, "quote": quote}]
        _content(await self._http.post("/api/mark", json={"question": question, "evidence": evidence}))

    async def add(self, files: Mapping[str, bytes]) -> None:
        """Send files to the library; the server has them when this ends, and indexes them then."""
        paths = await self._sent(files)
        sent = [
            {"name": name, "size": len(content), "path": path}
            for (name, content), path in zip(files.items(), paths, strict=True)
        ]
        await self._call("add_files", "shiori-doc-add", event_data={"files": sent})

    async def until_indexed(self) -> None:
        """Wait until nothing that was added, by whomever, is still to be indexed, looking as the page does."""
        # What a page has been shown is not shown to it again: all who wait in it look together.
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._until_still())
        await asyncio.shield(self._looking)

    async def _until_still(self) -> None:
        while (await self._call("tick", "shiori-doc-progress"))[1].get("active") is not False:
            await asyncio.sleep(_SECONDS_A_LOOK)

    async def batch(self, questions: list[str]) -> None:
        """Have a file of questions answered, and wait until that is done."""
        content = "\n".join(questions).encode()
        (path,) = await self._sent({"questions.txt": content})
        file = {"path": path, "orig_name": "questions.txt", "size": len(content), "meta": {"_type": "gradio.FileData"}}
        options = [self._owner, file, ".jsonl", "hybrid", 10, "", False, "", "ja"]
        shown = await self._queued("click", "shiori-batch-start", options)
        await self._until_done("shiori-batch", self._part(shown, "shiori-batch-start", "shiori-batch-files"), 0)

    async def evaluate(self) -> None:
        """Have all systems measured on the questions that were marked, and wait until that is done."""
        systems = ["dense", "lexical", "hybrid"]
        begin, listed = "shiori-evaluation-start", "shiori-evaluation-runs"
        # As the page does when its tab is opened: the server lets nothing be chosen that it has not offered.
        await self._call("select", "shiori-evaluation-dataset", [self._owner, None, "", "ja"])
        shown = await self._call("click", begin, [self._owner, f"own:{DEFAULT_LIBRARY.id}", systems, 0, True, "", "ja"])
        await self._until_done("shiori-evaluation", self._part(shown, begin, listed))

    async def draw_map(self) -> None:
        """Look at the map until it is there."""
        while "data-again" in str((await self._call("look", "shiori-map-picture", ["", "ja"]))[0]):
            await asyncio.sleep(_SECONDS_A_LOOK)

    async def _until_done(self, part: str, listed: dict[str, Any], *page: int) -> None:
        """Look at a piece of long work, the one chosen in the list of all, until it is done."""
        if not listed.get("value"):
            raise RefusedError("not started")
        while True:
            shown = await self._call("tick", f"{part}-progress", [self._owner, listed["value"], *page, None, "ja"])
            if shown[-1].get("active") is False:
                return
            await asyncio.sleep(_SECONDS_A_LOOK)

    async def _sent(self, files: Mapping[str, bytes]) -> list[str]:
        sending = [("files", (name, content)) for name, content in files.items()]
        paths: list[str] = _content(await self._http.post("/gradio_api/upload", files=sending))
        return paths

    async def _call(self, event: str, part: str, data: list[Any] | None = None, **more: Any) -> list[Any]:
        """What an event of the page shows anew."""
        found = self._found(event, part)
        return await self._sent_event(found, data if data is not None else [None] * len(found["inputs"]), **more)

    async def _sent_event(self, found: dict[str, Any], data: list[Any], **more: Any) -> list[Any]:
        body = self._body(found, data) | more
        answered: list[Any] = _content(await self._http.post("/gradio_api/run/predict", json=body))["data"]
        return answered

    async def _queued(self, event: str, part: str, data: list[Any]) -> list[Any]:
        """The same of an event that waits in Gradio's queue."""
        _content(await self._http.post("/gradio_api/queue/join", json=self._body(self._found(event, part), data)))
        address = f"/gradio_api/queue/data?session_hash={self._session}"
        async with self._http.stream("GET", address) as answered:
            async for line in answered.aiter_lines():
                told = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if told.get("msg") == "process_completed" and told["success"]:
                    shown: list[Any] = told["output"]["data"]
                    return shown
                if told.get("msg") in ("process_completed", "unexpected_error"):
                    raise RefusedError("event", str(told))
        raise RefusedError("event", "no end")

    def _part(self, shown: list[Any], button: str, part: str) -> Any:
        """What a click on a button shows of one part."""
        (number,) = (each["id"] for each in self._page["components"] if each["props"].get("elem_id") == part)
        return shown[self._found("click", button)["outputs"].index(number)]

    def _found(self, event: str, part: str) -> dict[str, Any]:
        """The event of this name that comes from a part or changes it."""
        ids = {each["props"].get("elem_id"): each["id"] for each in self._page["components"]}
        named = [
            (source, each) for each in self._page["dependencies"] for source, name in each["targets"] if name == event
        ]
        own = [each for source, each in named if source == ids[part]]
        found: dict[str, Any] = next(iter(own or [each for _, each in named if ids[part] in each["outputs"]]))
        return found

    def _body(self, found: dict[str, Any], data: list[Any]) -> dict[str, Any]:
        """An event as the page's script sends it."""
        return {"fn_index": found["id"], "data": data, "session_hash": self._session, "event_data": {}}


def _content(answered: httpx.Response) -> Any:
    if answered.status_code != 200:
        raise RefusedError(answered.status_code, answered.text)
    return answered.json()
