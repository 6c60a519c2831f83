"""The command ``rag``: a thin layer over the Engine.

Exit codes: 0 all well, 1 failed, 2 wrong usage, 3 finished with some inputs refused.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from rag.cli_console import messages, print_error, print_json, print_left_out, progress_bars
from rag.cli_eval import evaluate
from rag.errors import RagError

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.settings import Settings

app = typer.Typer(
    name="rag",
    help="Ask your own documents, in Japanese or English, and see where every word of the answer stands.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Start with `rag build FOLDER`, then `rag ask 'your question'`. Settings: rag.toml, RAG_* variables.",
)
IndexOption = Annotated[
    Path | None, typer.Option("--index", "-i", help="Folder of the index [default: index/default].")
]
ModelOption = Annotated[str | None, typer.Option("--model", help="Embedding model: bundled:…, a folder or a hub name.")]
CountOption = Annotated[
    int | None, typer.Option("-k", min=1, max=1000, help="How many passages to find [default: 10].")
]
ModeOption = Annotated[str | None, typer.Option("--mode", help="hybrid, dense or lexical [default: hybrid].")]
SourceOption = Annotated[
    list[str] | None,
    typer.Option("--source", help="Only these documents: a source, a folder/ or a pattern. Repeatable."),
]
LanguageOption = Annotated[
    list[str] | None, typer.Option("--language", help="Only passages in this language (ja, en, …). Repeatable.")
]
ReaderOption = Annotated[
    str | None, typer.Option("--reader", help="bundled marks exact answers; none quotes whole sentences.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def main() -> None:
    """Entry point of the command: errors become one clear message and exit code 1."""
    try:
        app()
    except RagError as error:
        print_error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        messages.print("rag: stopped.")
        sys.exit(130)


@app.command()
def build(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to index.", show_default=False)],
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Index documents, or bring an index up to date: only new and changed text is embedded again."""
    settings = _settings(index=index, model=model)
    from rag.engine import build as build_index

    with progress_bars(quiet=as_json) as progress:
        report = build_index(paths, settings=settings, progress=progress)
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
                "seconds": round(report.seconds, 3),
            }
        )
    else:
        for refusal in report.refused:
            print_left_out(refusal.error)
        Console(highlight=False).print(
            f"{report.documents} documents, {report.passages} passages in {report.index}: "
            f"added {report.added}, changed {report.changed}, removed {report.removed}, kept {report.kept}; "
            f"{report.embedded} passages embedded in {report.seconds:.1f} s.\n"
            f"Now ask: [bold]rag ask '…'[/]" + (f" --index {index}" if index else ""),
            soft_wrap=True,
        )
    if report.refused:
        raise typer.Exit(3)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question.", show_default=False)],
    index: IndexOption = None,
    model: ModelOption = None,
    k: CountOption = None,
    mode: ModeOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    reader: ReaderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with quotes from the documents."""
    engine = _engine(index=index, model=model, k=k, mode=mode, reader=reader)
    with _waiting(as_json):
        answer = engine.ask(question, sources=source or (), languages=language or ())
    if as_json:
        print_json(answer.to_dict())
    else:
        from rag import cli_views

        cli_views.print_answer(Console(highlight=False), answer)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="A question or some words.", show_default=False)],
    index: IndexOption = None,
    model: ModelOption = None,
    k: CountOption = None,
    mode: ModeOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    rerank: Annotated[
        bool | None, typer.Option("--rerank", help="Let the reader rank the best passages: slower, better.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find passages."""
    engine = _engine(index=index, model=model, k=k, mode=mode, rerank=rerank)
    with _waiting(as_json):
        result = engine.search(query, sources=source or (), languages=language or ())
    if as_json:
        print_json(result.to_dict())
    else:
        from rag import cli_views

        cli_views.print_hits(Console(highlight=False), result)


@app.command()
def info(
    index: IndexOption = None,
    excluded: Annotated[
        bool, typer.Option("--excluded", help="List the text that was left out as boilerplate, and why.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what an index holds."""
    from rag import cli_views

    engine = _engine(index=index)
    if as_json:
        print_json(cli_views.info_dict(engine, excluded=excluded))
    elif excluded:
        cli_views.print_excluded(Console(highlight=False), engine)
    else:
        cli_views.print_info(Console(highlight=False), engine)


@app.command()
def verify(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Check every file of an index, and that its parts agree."""
    engine = _engine(index=index)
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


app.command("eval")(evaluate)


@app.command()
def serve(
    index: IndexOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 7860,
) -> None:
    """Open the web page."""
    settings = _settings(index=index)
    from rag.web import serve as serve_page

    serve_page(settings, host=host, port=port)


def _settings(**chosen: Any) -> Settings:
    from rag.settings import Settings

    return Settings.load(**chosen)


def _engine(**chosen: Any) -> Engine:
    settings = _settings(**chosen)
    from rag.engine import Engine

    return Engine.open(settings=settings)


@contextmanager
def _waiting(quiet: bool) -> Iterator[None]:
    if quiet or not messages.is_terminal:
        yield
    else:
        with messages.status("Loading the model and searching …"):
            yield
