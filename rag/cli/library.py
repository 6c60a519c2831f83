"""The commands ``rag library``: named libraries beside the default one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from rag.cli.console import Terminal, confirm, messages, print_json
from rag.cli.opening import settings_of
from rag.cli.options import IndexOption, JsonOption, YesOption

if TYPE_CHECKING:
    from rag.library import Libraries, NamedLibrary

NameArgument = Annotated[str, typer.Argument(help="Name of the library.", show_default=False)]

app = typer.Typer(
    name="library",
    help="Named libraries beside the default one; `--library NAME` of the other commands chooses them.",
    no_args_is_help=True,
)


@app.command("list")
def list_(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """List the libraries with what they hold."""
    libraries = _libraries(index)
    found = [_described(libraries, library) for library in libraries.all()]
    if as_json:
        print_json({"libraries": found})
        return
    terminal = Terminal()
    for each in found:
        terminal.print(f"{each['documents']:7,} {each['name']}", markup=False, soft_wrap=True)


@app.command()
def add(
    name: NameArgument,
    closed: Annotated[
        bool, typer.Option("--closed", help="Only for accounts that `rag user allow` names, and administrators.")
    ] = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a library; `rag build FOLDER --library NAME` fills it."""
    libraries = _libraries(index)
    _told(libraries, libraries.add(name, is_open=not closed), "Added.", as_json)


@app.command()
def rename(
    name: NameArgument,
    new: Annotated[str, typer.Argument(help="Its new name.", show_default=False)],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a library another name; rights in it, and links to it, stay."""
    libraries = _libraries(index)
    _told(libraries, libraries.rename(name, new), "Renamed.", as_json)


@app.command()
def empty(name: NameArgument, yes: YesOption = False, index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Take all documents out of a library; your own files stay, those added in the page are deleted."""
    libraries = _libraries(index)
    library = libraries.named(name)
    confirm(f"Take all documents out of {library.name}?", yes)
    libraries.empty(library.name)
    _told(libraries, library, "Emptied.", as_json)


@app.command()
def remove(name: NameArgument, yes: YesOption = False, index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Remove a library with all that is in it; your own files stay, those added in the page are deleted."""
    libraries = _libraries(index)
    library = libraries.named(name)
    confirm(f"Remove {library.name} with all that is in it?", yes)
    libraries.remove(library.name)
    if as_json:
        print_json({"removed": library.name})
    else:
        messages.print("Removed.")


def _libraries(index: str | None) -> Libraries:
    from rag.library import Libraries

    return Libraries(settings_of(index=index).index)


def _described(libraries: Libraries, library: NamedLibrary) -> dict[str, Any]:
    documents, passages = libraries.size(library)
    return {
        "name": library.name,
        "id": library.id,
        "index": str(libraries.index_of(library)),
        "created": library.created,
        "documents": documents,
        "passages": passages,
        "open": library.is_open,
        "rights": dict(library.rights),
    }


def _told(libraries: Libraries, library: NamedLibrary, words: str, as_json: bool) -> None:
    if as_json:
        print_json(_described(libraries, library))
    else:
        messages.print(f"{words} {escape(library.name)}: {escape(str(libraries.index_of(library)))}", soft_wrap=True)
