"""What all commands of ``rag`` share: messages on standard error, results on standard output, progress bars."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.text import Text

from rag.controls import pictured
from rag.errors import SettingsError

_UNWRITTEN = re.compile("[\x7f-\x9f]")


class Terminal(Console):
    """A console that shows the control characters of what it prints, where others would obey them."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, highlight=False, width=width)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does it; what a text holds is replaced before its lines are broken, all else after."""
        shown = _shown(renderable) if isinstance(renderable, Text) else renderable
        for segment in super().render(shown, options):
            yield segment if segment.control else Segment(pictured(segment.text), segment.style)


def _shown(text: Text) -> Text:
    copied = text.copy()
    copied.plain = pictured(text.plain)
    return copied


messages = Terminal(stderr=True)


def print_error(error: object) -> None:
    """An error's words, as they are: on one line, which only the terminal may break, so that paths can be copied."""
    messages.print(f"[bold red]rag:[/] {escape(str(error))}", soft_wrap=True)


def print_left_out(error: object) -> None:
    """That an input was refused, and why."""
    messages.print(f"[yellow]left out[/] {escape(str(error))}", soft_wrap=True)


def print_not_read(kind: object) -> None:
    """Which files were passed over, being of a kind that is not read."""
    messages.print(f"[yellow]not read[/] {escape(str(kind))}", soft_wrap=True)


def print_json(body: Any) -> None:
    """JSON on standard output, in UTF-8 whatever the terminal's encoding."""
    written = json.dumps(body, ensure_ascii=False, indent=2)
    # JSON lets these stand as they are; some terminals obey them.
    written = _UNWRITTEN.sub(lambda control: f"\\u{ord(control[0]):04x}", written)
    sys.stdout.buffer.write(written.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def usage_errors() -> Iterator[None]:
    """What was asked for wrongly ends with exit code 2, as typer's own usage errors do."""
    try:
        yield
    except SettingsError as error:
        print_error(error)
        raise typer.Exit(2) from None


def confirm(question: str, yes: bool) -> None:
    """Ask on a terminal; elsewhere ``--yes`` must be given.

    Raises:
        SettingsError: if it is not, and nobody can be asked.
        typer.Exit: if the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise SettingsError("This asks first, and nobody is there to answer.", hint="Give --yes.")
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)


@contextmanager
def progress_bars(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each stage, told ``(stage, done, total)``; none where nobody is watching."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.1f}/s" if task.speed else "")

    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages, disable=quiet or not messages.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                # What an earlier run has done is no speed of this one.
                tasks[stage] = bars.add_task(escape(stage), total=total or None, completed=done)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield update
