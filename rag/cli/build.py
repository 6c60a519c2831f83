"""The command ``rag build``: documents into an index, once or as they change."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.text import Text

from rag.cli.console import Terminal, messages, print_error, print_json, print_left_out, print_not_read, progress_bars
from rag.cli.opening import settings_of
from rag.cli.options import IndexOption, JsonOption, LibraryOption, ModelOption
from rag.counting import counted
from rag.errors import RagError

if TYPE_CHECKING:
    from rag.address import IndexPlace
    from rag.index.report import BuildReport
    from rag.settings import Settings


def build(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to index.", show_default=False)],
    index: IndexOption = None,
    library: LibraryOption = None,
    model: ModelOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay and update the index when files change.")] = False,
    follow_links: Annotated[
        bool | None, typer.Option("--follow-links", help="Follow links that lead out of the folders.")
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            min=0,
            max=256,
            show_default=False,
            help="Processes that read and embed, for an index in a database. The same command on other machines helps.",
        ),
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Index documents, or bring an index up to date: only new and changed text is embedded again."""
    settings = settings_of(library, index=index, model=model, follow_links=follow_links)
    if not watch:
        report = _build(paths, settings, as_json, workers)
        if report.refused:
            raise typer.Exit(3)
        return
    from rag.index.opening import local_folder
    from rag.watching import changes, watching

    folder = local_folder(settings.index)
    with watching(folder):
        _build_or_say(paths, settings, as_json, workers)
        messages.print(f"Watching {escape(', '.join(map(str, paths)))}; Ctrl+C stops.")
        for number in changes(paths, folder):
            messages.print(f"{number} changed.")
            _build_or_say(paths, settings, as_json, workers)


def _build_or_say(paths: list[Path], settings: Settings, as_json: bool, workers: int) -> None:
    """While watching, an error is said and the index before stays; the next change may mend it."""
    try:
        _build(paths, settings, as_json, workers)
    except RagError as error:
        print_error(error)


def _build(paths: list[Path], settings: Settings, as_json: bool, workers: int) -> BuildReport:
    from rag.building import build as build_index

    with progress_bars(quiet=as_json) as progress:
        report = build_index(paths, settings=settings, progress=progress, workers=workers)
    if as_json:
        print_json(
            {
                "index": str(report.index),
                "snapshot": report.snapshot,
                "documents": report.documents,
                "passages": report.passages,
                "embedded": report.embedded,
                "added": report.added,
                "changed": report.changed,
                "removed": report.removed,
                "kept": report.kept,
                "refused": [{"source": r.source, "path": str(r.path), "error": str(r.error)} for r in report.refused],
                "passed_over": [
                    {"kind": each.kind, "count": len(each.sources), "sources": each.sources, "hint": each.hint}
                    for each in report.passed_over
                ],
                "mended": [{"source": source, "places": places} for source, places in report.mended],
                "seconds": round(report.seconds, 3),
            }
        )
    else:
        for kind in report.passed_over:
            print_not_read(kind)
        for refusal in report.refused:
            print_left_out(refusal.error)
        for source, places in report.mended:
            messages.print(
                Text(
                    f"{source}: {places} {'place' if places == 1 else 'places'} could not be decoded; U+FFFD is there."
                ),
                soft_wrap=True,
            )
        Terminal().print(
            f"{counted(report.documents, 'document')}, {counted(report.passages, 'passage')} in {report.index}: "
            f"added {report.added}, changed {report.changed}, removed {report.removed}, kept {report.kept}; "
            f"{counted(report.embedded, 'passage')} embedded in {report.seconds:.1f} s.\n"
            f"Now ask: [bold]rag ask '…'[/]"
            + ("" if report.index == Path("index/default") else f" --index {escape(quote(str(report.index)))}"),
            soft_wrap=True,
        )
        _print_changes_of_the_page(report.index)
    return report


def _print_changes_of_the_page(index: IndexPlace) -> None:
    """Documents added or taken out in the page: what is in the index is not only what was named."""
    from rag.library import Library

    library = Library(index)
    if added := library.added_files():
        messages.print(f"Files added in the page are included: {len(added):,} ({escape(str(library.added))}).")
    for folder in library.watched.read().folders:
        messages.print(f"{escape(folder.path)}, which is watched, is included.", soft_wrap=True)
    if removed := library.removals().removed:
        messages.print(f"Documents removed in the page stay out: {len(removed):,}; name a file to take it back.")
