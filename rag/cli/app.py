"""The command ``rag``: a thin layer over the Engine.

Exit codes: 0 all well, 1 failed, 2 wrong usage, 3 finished with some inputs refused.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.markup import escape

from rag.cli.backup import backup, restore
from rag.cli.batch import batch
from rag.cli.build import build
from rag.cli.console import (
    Terminal,
    messages,
    print_error,
    print_json,
    progress_bars,
)
from rag.cli.eval import evaluate
from rag.cli.library import app as library_commands
from rag.cli.opening import opened, settings_of
from rag.cli.options import (
    CountOption,
    IndexOption,
    JsonOption,
    LanguageOption,
    LibrariesOption,
    LibraryOption,
    LlmOption,
    ModelOption,
    ModeOption,
    ReaderOption,
    SinceOption,
    SourceOption,
    SynonymsOption,
    UntilOption,
    as_typed,
)
from rag.cli.saved import app as saved_commands
from rag.cli.streams import written_out
from rag.cli.synonyms import synonyms
from rag.cli.user import app as user_commands
from rag.counting import counted
from rag.errors import RagError

if TYPE_CHECKING:
    from rag.answer.result import Answer
    from rag.search import SearchResult

_NAMED = 3

app = typer.Typer(
    name="rag",
    help="Ask your own documents, in Japanese or English, and see where every word of the answer stands.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Start with `rag build FOLDER`, then `rag ask 'your question'`. Settings: rag.toml, RAG_* variables.",
)


def main() -> None:
    """Entry point of the command: errors become one clear message and exit code 1."""
    _start_fast()
    try:
        with written_out():
            app()
    except RagError as error:
        print_error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        messages.print("rag: stopped.")
        sys.exit(130)


def _start_fast() -> None:
    """Leave out of every start what no command needs: a tenth of the time of a short one."""
    # What is imported stays: the collector would look through all of it again and again.
    gc.set_threshold(50_000)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


@app.callback()
def logging_options(
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, show_default=False, help="Tell what is done; -vv in detail.")
    ] = 0,
    log_json: Annotated[bool, typer.Option("--log-json", help="Write log records as JSON lines.")] = False,
) -> None:
    """Options of all commands."""
    from rag.logs import configure

    configure(verbose, as_json=log_json)


app.command()(build)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question.", show_default=False, callback=as_typed)],
    index: IndexOption = None,
    library: LibrariesOption = None,
    model: ModelOption = None,
    k: CountOption = None,
    mode: ModeOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    reader: ReaderOption = None,
    synonyms: SynonymsOption = None,
    llm: LlmOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with quotes from the documents."""
    engine = opened(library, index=index, model=model, k=k, mode=mode, reader=reader, synonyms=synonyms)
    with _waiting(as_json) as say:
        steps = engine.ask_in_steps(question, sources=source, languages=language, since=since, until=until)
        say(_being_read(next(steps)))
        answer = cast("Answer", next(steps))
    if llm:
        from rag.cli.prose import with_prose

        answer = with_prose(engine, answer, quiet=as_json)
    if as_json:
        print_json(answer.to_dict())
    else:
        from rag.cli import views as cli_views

        cli_views.print_answer(Terminal(), answer)


@app.command()
def search(
    query: Annotated[
        str,
        typer.Argument(
            help="A question or some words, with operators if wanted.", show_default=False, callback=as_typed
        ),
    ],
    index: IndexOption = None,
    library: LibrariesOption = None,
    model: ModelOption = None,
    k: CountOption = None,
    mode: ModeOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    rerank: Annotated[
        bool | None, typer.Option("--rerank", help="Let the reader rank the best passages: slower, better.")
    ] = None,
    synonyms: SynonymsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find passages.

    Operators, in a query in single quotes (behind -- if it begins with a minus):

    "a phrase" that passages hold, -word or -"a phrase" that they do not,

    one OR other, title:word and source:word of their document.
    """
    engine = opened(library, index=index, model=model, k=k, mode=mode, rerank=rerank, synonyms=synonyms)
    with _waiting(as_json):
        result = engine.search(query, sources=source, languages=language, since=since, until=until)
    if as_json:
        print_json(result.to_dict())
    else:
        from rag.cli import views as cli_views

        cli_views.print_hits(Terminal(), result)


@app.command()
def info(
    index: IndexOption = None,
    library: LibraryOption = None,
    excluded: Annotated[
        bool, typer.Option("--excluded", help="List the text that was left out as boilerplate, and why.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what an index holds."""
    from rag.cli import views as cli_views

    engine = opened(library, index=index)
    if as_json:
        print_json(cli_views.info_dict(engine, excluded=excluded))
    elif excluded:
        cli_views.print_excluded(Terminal(), engine)
    else:
        cli_views.print_info(Terminal(), engine)


@app.command()
def verify(index: IndexOption = None, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Check every file of an index, and that its parts agree."""
    engine = opened(library, index=index)
    problems = engine.snapshot.verify()
    if as_json:
        print_json({"index": str(engine.settings.index), "snapshot": engine.info().id, "problems": problems})
    else:
        for problem in problems:
            messages.print(f"[red]damaged[/] {escape(problem)}")
        print(
            "Build the index again with `rag build`."
            if problems
            else f"{engine.info().id}: all files are as they were written."
        )
    if problems:
        raise typer.Exit(1)


@app.command()
def migrate(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The index: a folder or postgresql://…")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Where it is to be too: a folder or postgresql://…")],
    as_json: JsonOption = False,
) -> None:
    """Copy an index from a folder into a database, or back, with saved answers and watched folders.

    Nothing is embedded again. Files that were added in the page stay in the folder that they are in.
    """
    from rag.migrating import migrate as migrated

    with progress_bars(quiet=as_json) as progress:
        report = migrated(source, target, settings_of(), progress)
    if as_json:
        facts = {"documents": report.documents, "passages": report.passages, "embedded": report.embedded}
        facts |= {"saved": report.saved, "watched": report.watched}
        print_json({"index": str(report.index), "snapshot": report.snapshot, **facts})
    else:
        Terminal().print(
            f"{counted(report.documents, 'document')}, {counted(report.passages, 'passage')} "
            f"in {report.index}; {report.embedded} embedded. {counted(report.saved, 'saved answer')} and "
            f"{counted(report.watched, 'watched folder')} copied.",
            soft_wrap=True,
        )


app.command()(backup)
app.command()(restore)
app.command()(batch)
app.command()(synonyms)
app.command("eval")(evaluate)
app.add_typer(library_commands)
app.add_typer(saved_commands)
app.add_typer(user_commands)


@app.command()
def serve(
    index: IndexOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 7860,
    auth: Annotated[
        Path | None,
        typer.Option(help="Ask for a password: a file of `rag user` [default: accounts in rag.toml, or RAG_AUTH]."),
    ] = None,
    root_path: Annotated[
        str, typer.Option(help="Where a proxy serves the page, as https://example.com/shiori or /shiori.")
    ] = "",
    synonyms: SynonymsOption = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Also serve tools for language models at /mcp (MCP).")] = False,
) -> None:
    """Open the web page, with its API beside it."""
    settings = settings_of(index=index, synonyms=synonyms)
    from rag.web import serve as serve_page

    serve_page(settings, host=host, port=port, auth=auth, root_path=root_path, mcp=mcp)
    _leave_work_behind()


def _leave_work_behind() -> None:
    """End the process at once where a thread still works: what it does for the page, the next server takes up again.

    An ordinary end would wait for models that are being loaded and questions that are being answered, or take the
    models' library away below them, which aborts the process.
    """
    if threading.active_count() > 1:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        os._exit(0)


@contextmanager
def _waiting(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Says on a terminal what is being done, and lets say what is done next."""
    if quiet or not messages.is_terminal:
        yield lambda _: None
    else:
        with messages.status("Loading the model and searching …") as status:
            yield lambda words: status.update(escape(words))


def _being_read(found: SearchResult | Answer) -> str:
    titles = list(dict.fromkeys(hit.document.title for hit in found.hits))
    named = ", ".join(titles[:_NAMED]) + (", …" if len(titles) > _NAMED else "")
    return f"{counted(len(found.hits), 'passage')} found in {named}; reading …" if titles else "Nothing found."
