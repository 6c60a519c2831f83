"""Many users asking one server at the same time: errors, fairness, waiting, memory.

    python -m benchmarks.load QUESTIONS DOCUMENTS [--users 20] [--seconds 120] [--restart] [--write docs/results.md]

A real ``rag serve`` process is asked over HTTP, through the same queue as the page's. Each user asks the next question
when the one before is answered. With ``--restart`` the server is stopped and started again in the middle; users then
ask the same question again, and the documents must be the same as before.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import httpx
import numpy as np

from benchmarks.report import parser, publish, table
from rag import Settings, build
from rag.evaluation import load_dataset

PATIENCE = 120.0
BETWEEN_LOOKS = 0.2


@dataclass(frozen=True)
class Asked:
    """When a question was asked, when it was asked for the last time because of a restart, and when it was answered."""

    first: float
    last: float
    answered: float


@dataclass
class User:
    """What one user has been through: the questions answered, and what went wrong."""

    asked: list[Asked] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    repeated: int = 0

    @property
    def waits(self) -> list[float]:
        """Seconds until each answer."""
        return [each.answered - each.first for each in self.asked]


class Server:
    """A ``rag serve`` process of its own."""

    def __init__(self, index: Path) -> None:
        command = [sys.executable, "-m", "rag", "serve", "--index", str(index), "--port"]
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self.address = ""
        self.going_on = asyncio.Event()
        self.starts = 0

    async def start(self, port: int = 0) -> None:
        """Start it and wait until its model is loaded."""
        self._process = subprocess.Popen([*self._command, str(port)], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        line = await asyncio.to_thread(self._process.stdout.readline)
        self.address = line.removeprefix("Shiori: ").strip()
        async with httpx.AsyncClient(timeout=PATIENCE) as http:
            while (await http.get(f"{self.address}/healthz")).json()["model"] != "ready":
                await asyncio.sleep(BETWEEN_LOOKS)
        self.starts += 1
        self.going_on.set()

    async def stop(self) -> None:
        """Stop it as a user would, with Ctrl+C."""
        self.going_on.clear()
        assert self._process
        self._process.send_signal(signal.SIGINT)
        await asyncio.to_thread(self._process.wait, PATIENCE)

    async def restart(self) -> None:
        """Stop it and start it again on the same port."""
        port = int(self.address.rpartition(":")[2])
        await self.stop()
        await self.start(port)

    def memory(self) -> float:
        """Megabytes it holds now (VmRSS)."""
        assert self._process
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1000

    def documents(self) -> list[str]:
        """Ids of the documents it holds."""
        listed = httpx.get(f"{self.address}/api/documents", timeout=PATIENCE).json()["documents"]
        return sorted(document["id"] for document in listed)


def main() -> None:
    """Build, serve, ask, print."""
    options = parser(__doc__)
    options.add_argument("questions", type=Path)
    options.add_argument("documents", type=Path)
    options.add_argument("--users", type=int, default=20)
    options.add_argument("--seconds", type=float, default=120)
    options.add_argument("--restart", action="store_true")
    arguments = options.parse_args()
    questions = [query.text for query in load_dataset(arguments.questions, documents=arguments.documents).queries]
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        build([arguments.documents], settings=Settings.load(index=index))
        users, memory, kept = asyncio.run(
            _measure(Server(index), questions, arguments.users, arguments.seconds, arguments.restart)
        )
    publish("load", _told(users, memory, kept, arguments.seconds), arguments.write)


async def _measure(
    server: Server, questions: list[str], number: int, seconds: float, restart: bool
) -> tuple[list[User], list[float], bool]:
    await server.start()
    before, users, memory = server.documents(), [User() for _ in range(number)], [server.memory()]
    watching = asyncio.create_task(_watch(server, memory, seconds))
    until = perf_counter() + seconds
    asking = [
        asyncio.create_task(_ask(user, server, islice(cycle(questions), start * 7, None), until))
        for start, user in enumerate(users)
    ]
    if restart:
        await asyncio.sleep(seconds / 2)
        await server.restart()
    await asyncio.gather(watching, *asking)
    memory.append(server.memory())
    kept = server.documents() == before
    await server.stop()
    return users, memory, kept


async def _watch(server: Server, memory: list[float], seconds: float) -> None:
    """Look at the memory after a quarter and three quarters of the time: a restart is at the half."""
    for share in (0.25, 0.5):
        await asyncio.sleep(seconds * share)
        await server.going_on.wait()
        memory.append(server.memory())


async def _ask(user: User, server: Server, questions: islice[str], until: float) -> None:
    async with httpx.AsyncClient(timeout=PATIENCE) as http:
        for number, question in enumerate(questions):
            if perf_counter() >= until:
                return
            first = last = perf_counter()
            # Numbered, so that nothing is remembered from the time before.
            starts = server.starts
            while not await _answered(http, server, f"{question}（{number}）", user):
                await server.going_on.wait()
                if server.starts == starts:
                    user.errors.append("The connection ended without an answer.")
                    break
                user.repeated += 1
                starts, last = server.starts, perf_counter()
            user.asked.append(Asked(first, last, perf_counter()))


async def _answered(http: httpx.AsyncClient, server: Server, question: str, user: User) -> bool:
    """Ask through the queue; False if the server went away meanwhile and the question is to be asked again."""
    try:
        joined = await http.post(f"{server.address}/gradio_api/call/v2/ask", json={"question": question})
        if joined.status_code != 200:
            return _failed(user, server, f"{joined.status_code} {joined.text}")
        event, ended = joined.json()["event_id"], ""
        async with http.stream("GET", f"{server.address}/gradio_api/call/ask/{event}") as answered:
            async for line in answered.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    ended = value
                elif name == "data" and ended == "complete":
                    assert json.loads(value)[0]["question"]
                    return True
                elif name == "data" and ended == "error":
                    return _failed(user, server, value)
    except httpx.TimeoutException as error:
        return _failed(user, server, repr(error))
    except httpx.TransportError:
        return False
    return False


def _failed(user: User, server: Server, words: str) -> bool:
    """Note an error, unless the server is being stopped: then False, to ask again."""
    if server.going_on.is_set():
        user.errors.append(words[:100])
        return True
    return False


def _overtaken(users: list[User]) -> int:
    """How many later questions were answered before any one, at most; a few are while a slow one is being answered."""
    asked = [each for user in users for each in user.asked]
    return max((sum(b.last > a.last and b.answered < a.answered for b in asked) for a in asked), default=0)


def _told(users: list[User], memory: list[float], kept: bool, seconds: float) -> str:
    waits = np.array([wait for user in users for wait in user.waits])
    counts = [len(user.waits) for user in users]
    longest = [max(user.waits, default=0.0) for user in users]
    errors = [error for user in users for error in user.errors]
    rows: list[list[object]] = [
        ["answers", len(waits)],
        ["answers a second", f"{len(waits) / seconds:.2f}"],
        ["errors", len(errors)],
        ["wait, median", f"{np.quantile(waits, 0.5):.2f} s"],
        ["wait, 95th percentile", f"{np.quantile(waits, 0.95):.2f} s"],
        ["answers of the user with fewest and most", f"{min(counts)}, {max(counts)}"],
        ["longest wait of the luckiest and unluckiest user", f"{min(longest):.2f} s, {max(longest):.2f} s"],
        ["later questions answered before an earlier one, at most", _overtaken(users)],
        ["memory before, after 1/4 and 3/4 of the time, at the end", ", ".join(f"{each:,.0f} MB" for each in memory)],
    ]
    if repeated := sum(user.repeated for user in users):
        rows.append(["questions asked again because of the restart", repeated])
    rows.append(["documents the same at the end", "yes" if kept else "NO"])
    told = "".join(f"\n\n{error}" for error in sorted(set(errors)))
    return table([f"{len(users)} users, {seconds:.0f} s", ""], rows) + told


if __name__ == "__main__":
    main()
