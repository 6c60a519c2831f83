"""The commands ``rag backup`` and ``rag restore``: a thin layer over `rag.library`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from rag.cli.console import Terminal, messages, print_json
from rag.cli.opening import settings_of
from rag.cli.options import IndexOption, JsonOption, LibraryOption, SynonymsOption
from rag.counting import counted


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; a backup there is replaced.", show_default=False)],
    index: IndexOption = None,
    library: LibraryOption = None,
    synonyms: SynonymsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a library into one file: index, added files, what was removed, questions, kept answers, synonyms, settings.

    A server may serve it and a build may run meanwhile.
    """
    from rag.library.backup import back_up
    from rag.web.audit import record_of_terminal

    settings = settings_of(library, index=index, synonyms=synonyms)
    report = back_up(file, settings)
    record_of_terminal(settings, "backed-up", index=str(settings.index), file=str(report.path))
    if as_json:
        print_json(
            {
                "file": str(report.path),
                "snapshot": report.snapshot,
                "documents": report.documents,
                "added": report.added,
                "files": report.files,
                "bytes": report.bytes,
                "seconds": round(report.seconds, 3),
            }
        )
        return
    Terminal().print(
        f"{counted(report.documents, 'document')} and {counted(report.added, 'added file')} "
        f"in {escape(str(report.path))}, "
        f"{report.bytes / 1e6:,.1f} MB; read back and found whole, in {report.seconds:.1f} s.",
        soft_wrap=True,
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A file of `rag backup`.", show_default=False)],
    index: IndexOption = None,
    library: LibraryOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the library that is there; it is gone then.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a backup the library of an index folder, after all of it was checked.

    A server over that folder goes on with it by itself.
    """
    from rag.address import folder_of
    from rag.library.restoring import restore as restore_library
    from rag.web.audit import record_of_terminal

    settings = settings_of(library, index=index)
    folder = folder_of(settings.index, "`rag restore`", "Restore it into a folder, and `rag migrate` that.")
    report = restore_library(file, folder, replace=replace)
    record_of_terminal(settings, "restored", index=str(report.index), file=str(file.absolute()))
    if as_json:
        print_json(
            {
                "index": str(report.index),
                "snapshot": report.snapshot,
                "created": report.created,
                "added": report.added,
                "missing": report.missing,
                "settings": report.settings and str(report.settings),
                "needs_building": report.needs_building,
                "seconds": round(report.seconds, 3),
            }
        )
        return
    for path in report.missing:
        messages.print(
            f"[yellow]not here[/] {escape(path)}: its documents are in the index; updates are refused without it.",
            soft_wrap=True,
        )
    if report.settings:
        messages.print(f"Its settings are in {escape(str(report.settings))}; take them into rag.toml.", soft_wrap=True)
    if report.needs_building:
        messages.print("[yellow]The index is of another version of Shiori: build it with `rag build`.[/]")
    Terminal().print(
        f"The library of {report.created} is in {escape(str(report.index))}, with {report.added} added files.",
        soft_wrap=True,
    )
