"""What all commands of ``rag`` share: messages on standard error, JSON on standard output, progress bars."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape

messages = Console(stderr=True, highlight=False)


def print_error(error: object) -> None:
    """An error's words, as they are."""
    messages.print(f"[bold red]rag:[/] {escape(str(error))}")


def print_left_out(error: object) -> None:
    """That an input was refused, and why."""
    messages.print(f"[yellow]left out[/] {escape(str(error))}")


def print_json(body: Any) -> None:
    """JSON on standard output, in UTF-8 whatever the terminal's encoding."""
    sys.stdout.buffer.write(json.dumps(body, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def progress_bars(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each stage, told ``(stage, done, total)``; none where nobody is watching."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages, disable=quiet or not messages.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(escape(stage), total=total or None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield update
