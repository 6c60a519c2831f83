"""The commands ``rag saved``: answers that readers have saved, as the page's tab has them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.text import Text

from rag.cli.console import Terminal, confirm, messages, print_json, usage_errors
from rag.cli.opening import settings_of
from rag.cli.options import IndexOption, JsonOption, LibraryOption, YesOption
from rag.errors import SettingsError
from rag.files import replace_file

if TYPE_CHECKING:
    from rag.library import SavedAnswer, SavedAnswers

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="As `rag saved list` tells it.", show_default=False)]
AccountOption = Annotated[
    str, typer.Option("--account", help="Those of this account of the server [default: of nobody who logs in].")
]
TagOption = Annotated[str | None, typer.Option("--tag", help="Only those with this tag.")]

app = typer.Typer(
    name="saved",
    help="Answers that were saved in the page, with their notes and tags.",
    no_args_is_help=True,
)


@app.command("list")
def list_(
    index: IndexOption = None,
    library: LibraryOption = None,
    account: AccountOption = "",
    tag: TagOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the saved answers, the last first."""
    found = _of(_shelf(index, library), account, tag)
    if as_json:
        print_json({"saved": [asdict(answer) for answer in found]})
        return
    terminal = Terminal()
    for answer in found:
        words = [answer.id, answer.saved[:10], " ".join(answer.question.split()), _tags(answer)]
        terminal.print(Text("  ".join(filter(None, words))), soft_wrap=True)


@app.command()
def show(
    identity: IdArgument,
    index: IndexOption = None,
    library: LibraryOption = None,
    account: AccountOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show one as it was, with what it cites."""
    answer = _named(_of(_shelf(index, library), account), identity)
    if as_json:
        print_json(asdict(answer))
        return
    lines = [answer.question, "", answer.text.strip()]
    for place in answer.places:
        lines += ["", f"[{place.number}] {place.title} ({place.file}, {place.where})", f"    {place.quote.strip()}"]
    notes = [words for words in (answer.note, _tags(answer)) if words]
    Terminal().print(Text("\n".join([*lines, "", *notes] if notes else lines)), soft_wrap=True)


@app.command()
def export(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write: .md or .jsonl [default: Markdown on standard output]."),
    ] = None,
    index: IndexOption = None,
    library: LibraryOption = None,
    account: AccountOption = "",
    tag: TagOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the saved answers into one file, the last first."""
    if output is not None and output.suffix.lower() not in (".md", ".jsonl"):
        with usage_errors():
            raise SettingsError("The file's ending tells no format.", path=output, hint="Give .md or .jsonl.")
    found = _of(_shelf(index, library), account, tag)
    if output is None:
        if as_json:
            print_json([asdict(answer) for answer in found])
        else:
            typer.echo(_markdown(found), nl=False)
        return
    lines = "".join(json.dumps(asdict(answer), ensure_ascii=False) + "\n" for answer in found)
    content = _markdown(found) if output.suffix.lower() == ".md" else lines
    replace_file(output, content.encode("utf-8", "replace"))
    if as_json:
        print_json({"file": str(output), "saved": len(found)})
    else:
        messages.print(f"{len(found)} saved answers in {escape(str(output))}.", soft_wrap=True)


@app.command()
def remove(
    identity: IdArgument,
    yes: YesOption = False,
    index: IndexOption = None,
    library: LibraryOption = None,
    account: AccountOption = "",
    as_json: JsonOption = False,
) -> None:
    """Forget one."""
    shelf = _shelf(index, library)
    answer = _named(_of(shelf, account), identity)
    confirm(f"Forget the answer to {answer.question!r}?", yes)
    shelf.remove(answer.id, account)
    if as_json:
        print_json({"removed": answer.id})
    else:
        messages.print("Removed.")


def _shelf(index: str | None, library: str | None) -> SavedAnswers:
    from rag.index.opening import local_folder
    from rag.library import SavedAnswers

    return SavedAnswers(local_folder(settings_of(library, index=index).index))


def _of(shelf: SavedAnswers, account: str, tag: str | None = None) -> list[SavedAnswer]:
    return [answer for answer in shelf.of(account) if tag is None or tag in answer.tags]


def _named(answers: Sequence[SavedAnswer], identity: str) -> SavedAnswer:
    """The one whose id begins so.

    Raises:
        SettingsError: if there is none, or there are several.
    """
    found = [answer for answer in answers if answer.id.startswith(identity)] if identity else []
    if len(found) != 1:
        problem = "Several saved answers begin" if found else "No saved answer begins"
        raise SettingsError(f"{problem} with {identity!r}.", hint="`rag saved list` lists them.")
    return found[0]


def _tags(answer: SavedAnswer) -> str:
    return " ".join(f"[{tag}]" for tag in answer.tags)


def _markdown(answers: Sequence[SavedAnswer]) -> str:
    """As the page copies them, each in the language of its question."""
    from rag.language.detection import spoken_language
    from rag.web.exports.content import Content
    from rag.web.exports.markdown import markdown_of
    from rag.web.texts import TEXTS

    written = (markdown_of(Content.of_saved(each), TEXTS[spoken_language(each.question)]) for each in answers)
    return "\n---\n\n".join(written)
