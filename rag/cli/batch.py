"""The command ``rag batch``: a thin layer over `rag.batch`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from rag.cli.console import Terminal, messages, print_json, progress_bars, usage_errors
from rag.cli.opening import opened_with, settings_of
from rag.cli.options import (
    ColumnOption,
    CountOption,
    IndexOption,
    JsonOption,
    LanguageOption,
    LibrariesOption,
    LlmOption,
    ModelOption,
    ModeOption,
    ReaderOption,
    SinceOption,
    SourceOption,
    SynonymsOption,
    UntilOption,
)
from rag.counting import counted
from rag.signals import interrupted_by_sigterm

if TYPE_CHECKING:
    from rag.batch import BatchReport

INCOMPLETE = 3


def batch(
    file: Annotated[
        Path,
        typer.Argument(
            help="Questions: .txt (one a line), .csv, .tsv, .xlsx, .jsonl, .json, or - for standard input.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Answers: .jsonl, .csv, .xlsx, .md or .html.", show_default=False)
    ],
    index: IndexOption = None,
    library: LibrariesOption = None,
    model: ModelOption = None,
    k: CountOption = None,
    mode: ModeOption = None,
    reader: ReaderOption = None,
    synonyms: SynonymsOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    llm: LlmOption = False,
    column: ColumnOption = None,
    id_column: Annotated[
        str | None, typer.Option("--id-column", help="Column of their ids [default: id, 番号 or no, if there is one].")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Ask only the first so many questions.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a file of questions into a file of answers. Stopped or killed, the same command goes on where it was."""
    from rag.batch import check_output, read_questions, run_batch

    with usage_errors():
        check_output(output)
        settings = settings_of(index=index, model=model, k=k, mode=mode, reader=reader, synonyms=synonyms)
    questions = read_questions(file, column=column, id_column=id_column, max_mb=settings.max_file_mb)
    with _stopped_by_signals():
        engine = opened_with(settings, library)
        with usage_errors(), progress_bars(quiet=as_json) as progress:
            report = run_batch(
                engine,
                questions,
                output,
                sources=source,
                languages=language,
                since=since,
                until=until,
                llm=llm,
                limit=limit,
                progress=progress,
                tell=_tell,
            )
    if as_json:
        print_json(report.to_dict())
    else:
        _show(report)
    if report.failed:
        raise typer.Exit(INCOMPLETE)


def _tell(sentence: str) -> None:
    messages.print(f"[yellow]rag:[/] {escape(sentence)}", soft_wrap=True)


def _show(report: BatchReport) -> None:
    asked = report.questions - report.resumed
    Terminal().print(
        f"{counted(report.questions, 'question')}: {report.answered:,} answered, "
        f"{report.abstained:,} without an answer, {report.failed:,} failed; {asked:,} asked "
        f"in {report.seconds:.1f} s ({report.rate:.1f} a second).\n"
        f"Answers: {escape(str(report.output))}",
        soft_wrap=True,
    )


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """What stopped can say so; the exit code is 128 + the signal's number."""
    with interrupted_by_sigterm() as received:
        try:
            yield
        except KeyboardInterrupt:
            raise typer.Exit(128 + received()) from None
