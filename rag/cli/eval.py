"""The command ``rag eval``: a thin layer over `rag.evaluation`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from rag.cli.console import Terminal, messages, print_json, print_left_out, progress_bars, usage_errors
from rag.cli.options import JsonOption, ModelOption
from rag.errors import RagError, SettingsError

if TYPE_CHECKING:
    from rag.evaluation import Evaluation, System

SHOWN_REFUSALS = 10
INCOMPLETE = 3


def evaluate(
    dataset: Annotated[
        list[Path],
        typer.Argument(
            help="A BEIR folder, SQuAD-style JSON (files or a folder), a folder with TREC topics and qrels, or a "
            "question file with quoted evidence.",
            show_default=False,
        ),
    ],
    systems: Annotated[
        str | None, typer.Option("--systems", help="Built-in systems, with commas [default: dense,lexical,hybrid].")
    ] = None,
    systems_file: Annotated[
        Path | None,
        typer.Option("--systems-file", help="TOML file with a table \\[systems.NAME] of settings for each."),
    ] = None,
    measures: Annotated[
        str | None,
        typer.Option(
            "--measures", help="Measures of ir_measures, with commas [default: nDCG@10,RR@10,R@1,R@5,R@10,R@100]."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for metrics.json, runs, plots and report.html; also resumes."),
    ] = None,
    protocol: Annotated[
        Literal["passages", "documents"] | None,
        typer.Option("--protocol", help="Index passages as given, or documents through our own chunking."),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option("--baseline", help="System the others are tested against [default: the first].")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Ask a random sample of so many queries.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the random sample and of the significance test.")] = 0,
    answers: Annotated[bool, typer.Option("--answers", help="Ask every question, too: EM, F1, found, cited.")] = False,
    refusals: Annotated[
        bool,
        typer.Option("--refusals", help="Ask every question while every second article is missing: AUROC, refusal F1."),
    ] = False,
    documents: Annotated[
        Path | None, typer.Option("--documents", help="Folder of the documents that topics or questions are about.")
    ] = None,
    format: Annotated[  # noqa: A002
        Literal["beir", "squad", "trec", "questions"] | None,
        typer.Option("--format", help="The dataset's format, where its path does not tell."),
    ] = None,
    split: Annotated[str | None, typer.Option("--split", help="Of a BEIR folder: qrels/SPLIT.tsv.")] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure retrieval on a test collection: a table, what differs significantly, and where it fails."""
    from rag.evaluation import evaluate as run
    from rag.evaluation import load_dataset
    from rag.evaluation.evaluation import DEFAULT_SYSTEMS
    from rag.evaluation.measures import parse_measures
    from rag.evaluation.systems import checked_systems
    from rag.extras import require
    from rag.settings import Settings

    require("eval", "Evaluation")
    with usage_errors():
        chosen = _systems(systems, systems_file, DEFAULT_SYSTEMS)
        settings = Settings.load(model=model)
        checked_systems(chosen, settings)
        measured = _listed(measures) or None
        parse_measures(measured or [])
        if baseline is not None and baseline not in [system.name for system in chosen]:
            raise SettingsError(f"The baseline {baseline!r} is none of the systems.")
    loaded = load_dataset(dataset, protocol=protocol, format=format, documents=documents, split=split)
    _show_refusals(loaded.refusals)
    with progress_bars(quiet=as_json) as progress:
        evaluation = run(
            loaded,
            chosen,
            measures=measured,
            settings=settings,
            baseline=baseline,
            limit=limit,
            seed=seed,
            answers=answers,
            refusals=refusals,
            output=output,
            progress=progress,
        )
    _show(evaluation, output, as_json)
    if evaluation.failures or loaded.refusals:
        raise typer.Exit(INCOMPLETE)


def _systems(names: str | None, file: Path | None, default: Sequence[str]) -> list[System]:
    """Built-in systems named, then those of the file; the default ones if neither is given."""
    from rag.evaluation.systems import read_systems, systems_named

    described = [] if file is None else read_systems(file)
    named = _listed(names) if names is not None or described else list(default)
    return [*systems_named(named), *described]


def _listed(words: str | None) -> list[str]:
    """Words separated by commas that are not inside brackets, as in ``nDCG@10,RR(rel=2)@10``."""
    parts, depth = [""], 0
    for character in words or "":
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def _show_refusals(refusals: Sequence[RagError]) -> None:
    for refusal in refusals[:SHOWN_REFUSALS]:
        print_left_out(refusal)
    if len(refusals) > SHOWN_REFUSALS:
        messages.print(f"[yellow]and {len(refusals) - SHOWN_REFUSALS:,} more records were left out.[/]")


def _show(evaluation: Evaluation, output: Path | None, as_json: bool) -> None:
    from rag.evaluation.table import print_tables

    if as_json:
        print_json(evaluation.to_dict())
    else:
        print_tables(evaluation, Terminal())
    for name, error in evaluation.failures.items():
        messages.print(f"[red]{escape(name)} was not evaluated:[/] {escape(str(error))}")
    if output is not None:
        messages.print(f"Report: {escape(str(output / 'report.html'))}")
