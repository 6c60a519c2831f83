"""Standard output that may be closed, full, a pipe whose reader has gone, or in an encoding that lacks characters."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rag.errors import StorageError


@contextmanager
def written_out() -> Iterator[None]:
    """Everything that the block prints has arrived when it ends.

    Raises:
        StorageError: if it cannot be written. A reader that has gone (``rag search … | head -1``) ends the process with
            code 1, without a word.
    """
    _make_ready()
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _give_up_output()
        sys.exit(1)
    except OSError as error:
        if error.filename is not None:  # it is about a file, not about the output
            raise
        _give_up_output()
        raise StorageError(f"The output cannot be written: {error.strerror}.", hint="Look at where it goes.") from None


def _make_ready() -> None:
    # Where one is closed, the next file that is opened would take its number, and get what a library prints.
    if sys.stdin is None:
        sys.stdin = _nowhere()
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_RDWR), "r+", encoding="utf-8")


def _give_up_output() -> None:
    """What is left to write goes nowhere, so that the end of the process does not try again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
