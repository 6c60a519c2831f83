"""Writes paragraphs and tables that go on from page to page, and what stands between their pages behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.corpus.formats.draft import Draft, DraftCell, printable
from rag.corpus.formats.pdf_layout import PageTable
from rag.corpus.formats.pdf_lines import DIVIDED, joined
from rag.corpus.formats.struck import write_struck

_MOST_HEADS = 3  # rows that are said again on each page
_LEAST_BROKEN = 12  # characters of a cell that may break off
_SENTENCE_END = re.compile(r"[。．.！？!?][」』）)]?$")


class Written:
    """Collects lines until a paragraph or a table ends; then writes it."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._text = ""
        self._level = 0
        self._table: PageTable | None = None
        self._rows: list[list[str]] = []
        self._spans: dict[tuple[int, int], tuple[int, int]] = {}
        self._pages: list[tuple[int, str]] = []
        self._turned: str | None = None
        self._aside: list[str] = []
        self._notes: list[str] = []
        self._struck: list[str] = []

    @property
    def holds_table(self) -> bool:
        """Whether a table is open."""
        return self._table is not None

    def holds_table_like(self, table: PageTable) -> bool:
        """Whether a table is open whose columns begin where those of this one do: it goes on."""
        last = self._table
        return (
            last is not None
            and len(last.begins) == len(table.begins)
            and all(abs(a - b) <= 1.5 * table.size for a, b in zip(last.begins, table.begins, strict=True))
        )

    def begin(self, text: str, level: int, *, blank: bool) -> None:
        self.end()
        if blank:
            self._draft.blank()
        self._text, self._level = text, level

    def add(self, text: str) -> None:
        self._text = joined(self._text, text)
        if self._turned is not None:
            self._pages.append((len(self._text) - len(text), self._turned))
            self._turned = None

    def table(self, table: PageTable) -> None:
        """A table, or the rows on the page that was turned to.

        A head that is said again is left out, and the rest of a row that was cut goes on with its cells.
        """
        rows = [[_cell(cell) for cell in row] for row in table.rows]
        if self._turned is not None and self.holds_table_like(table):
            again = 0
            while again < min(_MOST_HEADS, len(rows) - 1) and rows[again : again + 1] == self._rows[again : again + 1]:
                again += 1
            if not again and self._goes_on(rows[0], is_open=table.is_open):
                self._pages.append((self._join(rows[0]), self._turned))
                again = 1
            else:
                self._pages.append((_length(self._rows), self._turned))
            self._turned = None
            by = len(self._rows) - again
            self._spans |= {(row + by, column): span for (row, column), span in table.spans.items() if row >= again}
            self._rows += rows[again:]
            return
        self.end()
        self._draft.blank()
        self._table, self._rows, self._spans = table, rows, dict(table.spans)

    def _goes_on(self, row: Sequence[str], *, is_open: bool) -> bool:
        """Whether a row is the rest of the last one: of cells that break off in a sentence, below an empty first."""
        pairs = [(above, below) for above, below in zip(self._rows[-1], row, strict=True) if below]
        if row[0] and not is_open:
            return False
        broken = any(len(above) >= _LEAST_BROKEN and not _SENTENCE_END.search(above) for above, _ in pairs)
        return all(above for above, _ in pairs) and (is_open or broken)

    def _join(self, row: Sequence[str]) -> int:
        """Append the words of a row to the cells of the last one; gives the offset at which the first of them begin."""
        last = self._rows[-1]
        first = next(column for column, words in enumerate(row) if words)
        offset = _length(self._rows[:-1]) + len("\t".join(last[: first + 1]))
        self._rows[-1] = [
            joined(above, below) if above and below else above or below for above, below in zip(last, row, strict=True)
        ]
        return offset

    def turn_page(self, label: str, aside: Sequence[str]) -> None:
        self._turned = label
        self._aside += aside

    def aside(self, notes: Sequence[str], struck: Sequence[str] = ()) -> None:
        """What stands below a page and is read behind what goes on over it; what is struck out, behind that."""
        self._notes += notes
        self._struck += struck

    def end(self) -> None:
        for offset, page in self._pages:
            self._draft.place("page", page, ahead=offset)
        if self._table is not None:
            self._draft.table(list(self._with_spans()))
        self._draft.line(self._text.replace(DIVIDED, "-"), level=self._level)
        for text in self._aside:
            self._draft.line(text.replace(DIVIDED, "-"), reason="running-head")
        for text in self._notes:
            self._draft.line(text.replace(DIVIDED, "-"))
        write_struck(self._draft, self._struck)
        self._text, self._level, self._table, self._rows = "", 0, None, []
        self._pages, self._aside, self._notes, self._struck, self._spans = [], [], [], [], {}

    def _with_spans(self) -> Iterator[list[DraftCell | str | None]]:
        covered = {
            (row + below, column + beside)
            for (row, column), (rows, columns) in self._spans.items()
            for below in range(rows)
            for beside in range(columns)
        } - self._spans.keys()
        for number, row in enumerate(self._rows):
            yield [
                None
                if (number, column) in covered and not words
                else DraftCell(words, *self._spans.get((number, column), (1, 1)))
                for column, words in enumerate(row)
            ]


def _cell(words: str) -> str:
    return " ".join(printable(words.replace(DIVIDED, "-")).split())


def _length(rows: Sequence[Sequence[str]]) -> int:
    """How many characters a draft writes for these rows."""
    return sum(len("\t".join(row).rstrip("\t")) + 1 for row in rows if any(row))
