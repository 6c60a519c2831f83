"""A ``rag serve`` process of its own, with accounts, for benchmarks that ask it over HTTP."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

from rag.web.gate.account_file import AccountFile
from rag.web.principal import Role

PATIENCE = 120.0
"""Seconds after which an answer is given up."""
_BETWEEN_LOOKS = 0.2


def password_of(name: str) -> str:
    """The password of an account of the benchmark's."""
    return f"{name} of the load benchmark"


class Server:
    """A ``rag serve`` process over an index.

    Attributes:
        address: where it listens, without a slash at the end.
        going_on: set while it answers.
        starts: how often it was started.

    Args:
        folder: holds ``index``, and what else the server writes.
        accounts: names and roles of who may log in.
    """

    def __init__(self, folder: Path, accounts: Sequence[tuple[str, Role]]) -> None:
        file = AccountFile(folder / "accounts")
        for name, role in accounts:
            file.add(name, password_of(name), role)
        options = ["--index", str(folder / "index"), "--auth", str(folder / "accounts")]
        self._command = [sys.executable, "-m", "rag", "serve", *options, "--port"]
        self._environment = {**os.environ, "RAG_CACHE_DIR": str(folder / "cache")}
        self._process: subprocess.Popen[str] | None = None
        self.address = ""
        self.going_on = asyncio.Event()
        self.starts = 0

    async def start(self, port: int = 0) -> None:
        """Start it and wait until its models are loaded."""
        command = [*self._command, str(port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self._environment)
        assert self._process.stdout
        line = await asyncio.to_thread(self._process.stdout.readline)
        self.address = line.removeprefix("Shiori: ").strip()
        while not await self._is_ready():
            await asyncio.sleep(_BETWEEN_LOOKS)
        self.starts += 1
        self.going_on.set()

    async def _is_ready(self) -> bool:
        # A connection that is kept may be closed just when the next request is on its way.
        async with httpx.AsyncClient(timeout=PATIENCE) as http:
            return (await http.get(f"{self.address}/readyz")).status_code == 200

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

    def kill(self) -> None:
        """End it at once, if it still lives."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def memory(self) -> float:
        """Megabytes it holds now (VmRSS); the processes in which it reads files come and go, and are not counted."""
        assert self._process
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024 / 1e6
