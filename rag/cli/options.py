"""Options that several commands have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def as_typed(words: str) -> str:
    """What was typed in UTF-8, where the locale could not read it; bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(words).decode("utf-8", "replace")


IndexOption = Annotated[
    str | None,
    typer.Option(
        "--index",
        "-i",
        metavar="PATH",
        help="Folder of the index, or postgresql://user@host/database [default: index/default].",
    ),
]
LibraryOption = Annotated[str | None, typer.Option("--library", help="A library that `rag library` has made, by name.")]
LibrariesOption = Annotated[
    list[str] | None, typer.Option("--library", help="Ask this library, by name. Repeatable: several are asked as one.")
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
SinceOption = Annotated[
    str | None, typer.Option("--since", help="Only documents of this day or later: 2024, 2024-05 or 2024-05-01.")
]
UntilOption = Annotated[str | None, typer.Option("--until", help="Only documents of this day or earlier.")]
ReaderOption = Annotated[
    str | None, typer.Option("--reader", help="bundled marks exact answers; none quotes whole sentences.")
]
SynonymsOption = Annotated[
    Path | None, typer.Option("--synonyms", help="A file of words that mean the same, as 有給, 有休 or PC => パソコン.")
]
ColumnOption = Annotated[
    str | None,
    typer.Option("--column", help="Column of the questions [default: question, 質問, query, 問い or 設問]."),
]
LlmOption = Annotated[
    bool, typer.Option("--llm", help="Also have the LLM at llm_url write prose; it is sent the question and passages.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
