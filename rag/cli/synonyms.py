"""The command ``rag synonyms``: words that a file of synonyms may need."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from rag.cli.console import messages, print_json, usage_errors
from rag.cli.options import ColumnOption, IndexOption, JsonOption, SynonymsOption


def synonyms(
    file: Annotated[
        Path,
        typer.Argument(help="Questions, as for `rag batch`: those that people asked.", show_default=False),
    ],
    index: IndexOption = None,
    synonyms: SynonymsOption = None,
    column: ColumnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask questions, and suggest synonyms for words of those refused that stand in no document.

    The lines are in the format of a file of synonyms. Look through them, and keep what means the same.
    """
    from rag.batch import read_questions
    from rag.engine import Engine
    from rag.settings import Settings
    from rag.suggesting import lines_of, suggested

    with usage_errors():
        settings = Settings.load(index=index, synonyms=synonyms)
    questions = [each.text for each in read_questions(file, column=column, max_mb=settings.max_file_mb).questions]
    found = suggested(Engine.open(settings=settings), [question for question in questions if question.strip()])
    if as_json:
        print_json([each.to_dict() for each in found])
    elif found:
        typer.echo("\n".join(lines_of(found)))
    else:
        messages.print(escape("No word of a refused question is near one in the documents."))
