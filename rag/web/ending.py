"""How the server ends: soon, whatever it is doing, and without leaving anything behind. Gradio is not imported here."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from rag.signals import interrupted_by_sigterm
from rag.web.limits import END_SECONDS

if TYPE_CHECKING:
    from socket import socket

    import uvicorn

_LOOK_SECONDS = 0.2


@contextmanager
def until_stopped() -> Iterator[None]:
    """Ctrl+C and SIGTERM end the block, without an error."""
    with interrupted_by_sigterm(), suppress(KeyboardInterrupt):
        yield


@contextmanager
def own_folder() -> Iterator[None]:
    """Uploads and results stand in a folder that only this user can open, and go when the server does.

    Gradio must not have been imported before: it looks once where that folder is.
    """
    with tempfile.TemporaryDirectory(prefix="shiori-", ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        yield


def serve_until_interrupted(server: uvicorn.Server, bound: socket) -> None:
    """Run the server until it ends or the main thread is interrupted, and then ``END_SECONDS`` at most.

    It runs in a thread, since its own end would wait for each question that is being answered.
    """
    ended = threading.Event()  # a join that was interrupted takes the thread for ended

    def run() -> None:
        try:
            server.run(sockets=[bound])
        finally:
            ended.set()

    threading.Thread(target=run, name="server", daemon=True).start()
    try:
        while not ended.wait(_LOOK_SECONDS):
            pass
    finally:
        server.should_exit = True
        ended.wait(END_SECONDS)
