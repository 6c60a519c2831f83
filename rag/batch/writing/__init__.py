"""Results -> an output file, in the format its name ends in; it appears whole, by rename."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.batch.questions import Question, QuestionFile
from rag.batch.result import Result
from rag.errors import SettingsError, StorageError
from rag.files import replacing

Rows = Iterator[tuple[Question, Result]]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a writer has to know before the first row.

    Attributes:
        questions: how many there are.
        statuses: how many came out ``answered``, ``abstained``, ``failed``.
        most_citations: of any one answer.
        prose: whether an LLM has written anything; tables then have a column for it.
    """

    questions: int
    statuses: Mapping[str, int]
    most_citations: int
    prose: bool = False


Write = Callable[[Path, QuestionFile, Totals, Rows], None]


def check_output(output: Path) -> None:
    """Raises SettingsError if nothing can be written under this name."""
    if output.suffix.lower() not in _WRITERS:
        raise SettingsError(
            f"Answers are not written as {output.suffix or 'files without ending'}.",
            path=output,
            hint=f"Use one of {', '.join(OUTPUT_ENDINGS)}.",
        )
    if output.is_dir():
        raise SettingsError("The output is a folder.", path=output, hint="Name a file.")


def write_output(output: Path, questions: QuestionFile, totals: Totals, rows: Rows) -> None:
    """Writes all rows; whoever looks sees the file before or the finished one, also after a power cut.

    Raises:
        StorageError: if it cannot be written.
    """
    try:
        with replacing(output) as unfinished:
            _WRITERS[output.suffix.lower()](unfinished, questions, totals, rows)
    except OSError as error:
        raise StorageError(
            f"The file cannot be written: {error.strerror or error}.", path=output, hint="Make room, or close it."
        ) from None


def _jsonl(path: Path, questions: QuestionFile, totals: Totals, rows: Rows) -> None:
    from rag.batch.writing.plain import write_jsonl

    write_jsonl(path, rows)


def _csv(path: Path, questions: QuestionFile, totals: Totals, rows: Rows) -> None:
    from rag.batch.writing.plain import write_csv

    write_csv(path, questions, totals.prose, rows)


def _xlsx(path: Path, questions: QuestionFile, totals: Totals, rows: Rows) -> None:
    from rag.batch.writing.workbook import write_xlsx

    write_xlsx(path, questions, totals, rows)


def _html(path: Path, questions: QuestionFile, totals: Totals, rows: Rows) -> None:
    from rag.batch.writing.pages import write_page

    write_page(path, "html", questions, totals, rows)


def _markdown(path: Path, questions: QuestionFile, totals: Totals, rows: Rows) -> None:
    from rag.batch.writing.pages import write_page

    write_page(path, "md", questions, totals, rows)


_WRITERS: dict[str, Write] = {".jsonl": _jsonl, ".csv": _csv, ".xlsx": _xlsx, ".md": _markdown, ".html": _html}
OUTPUT_ENDINGS = tuple(_WRITERS)
"""What output files may end in."""
