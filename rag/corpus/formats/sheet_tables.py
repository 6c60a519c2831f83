"""The rows of a sheet as tables and lines: where a table ends, which cells are merged, paper of squares joined."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.corpus.formats.book import Area, Hidden, SheetCell
from rag.corpus.formats.draft import Draft, DraftCell
from rag.corpus.marks import is_marked
from rag.corpus.tables import header_rows

Row = list[SheetCell]
Merged = Mapping[tuple[int, int], Area]

HIDDEN = "（非表示）"
"""Stands behind the name of a sheet, or the first words of a row or a column, that is not shown."""

_SHORTEST_RUN = 5  # one less where kana show that it is a sentence
_HIRAGANA = re.compile(r"[ぁ-ん]")
_MARKS = re.compile(r"[月火水木金土日祝○◯●×✕△▲◎□■―ー\-\d０-９A-Za-z早遅夜休公有明出]+")
_NUMBER = re.compile(r"[\d０-９][\d０-９\-]{6,}")
_COUNTING = "1234567890"
_ASIDE = re.compile(
    r"[※＊*【■●◆□○〇▼▽◇(（<＜]|注\s?[\d０-９)）:：]|[注備]考?[:：]|表\s?[\d０-９]|第\s?[\d０-９]+\s?[表章節]"
)
_ENDS = re.compile(r"[。：:]$")
_LONGEST_NAME = 30
_DIFFERENT = 0.85
_SUBTOTAL = re.compile(r"[ 　]?(?:の?(?:集計|小計|合計|計)|[Tt]otal)")
_SUM = re.compile(r"[総合小累]?\s*計|平均|差引|消費税|税|[Tt]otal|[Ss]um|[Aa]verage")
_LEAST_OF_TABLE = 3  # columns
_MOST_APART = 20  # rows
_MOST_BESIDE = 8
_LEAST_ROWS, _LEAST_COLUMNS = 2, 2  # of tables that stand beside each other


@dataclass
class _Table:
    """Rows that make a table, those that a merged cell covers from above too."""

    rows: list[Row]


def write_rows(
    draft: Draft, rows: Iterable[Row], merged: Merged, notes: dict[tuple[int, int], str], hidden: Hidden
) -> None:
    """Append the rows of a sheet: tables, lines for rows of one cell, and behind each what the notes on it say.

    Args:
        notes: by row and column; those that are written are taken out.
        hidden: what is marked as not shown.
    """
    merged = _apart(merged)
    joined = list(_joined(list(rows), merged))
    waiting = sorted(notes)
    for group in _groups(joined, merged):
        if isinstance(group, _Table):
            for part in _beside(group.rows, merged):
                _write_table(draft, part, merged, hidden)
            last = group.rows[-1][0].row
        else:
            is_hidden = group.row in hidden.rows or group.column in hidden.columns
            lines = list(_lines(group.words + (HIDDEN if is_hidden else "")))
            for line in lines:
                draft.line(line)
            if len(lines) > 1:
                draft.blank()
            last = group.row
        for place in waiting[: bisect_left(waiting, (last + 1, 0))]:
            draft.line(notes.pop(place))
        waiting = waiting[bisect_left(waiting, (last + 1, 0)) :]


def note_line(row: Row, column: int, words: Iterable[str]) -> str:
    """What notes on a cell say, behind the first words of its row and those of the cell itself."""
    near = (cell.words[:60].replace("\n", " ") for cell in row if cell is row[0] or cell.column == column)
    about = " ".join(dict.fromkeys(near))
    return f"（注：{about} → {' / '.join(words)}）" if about else f"（注：{' / '.join(words)}）"


def _lines(words: str) -> Iterator[str]:
    """The lines of a cell that stands alone: items, and what follows a sentence or a label, have their own."""
    pieces = words.split("\n")
    line = pieces[0]
    for before, piece in pairwise(pieces):
        if is_marked(piece) or _ENDS.search(before):
            yield line
            line = piece
        else:
            line = f"{line} {piece}"
    yield line


def _apart(merged: Merged) -> Merged:
    """Those that do not overlap one before, as no program writes them."""
    kept: dict[tuple[int, int], Area] = {}
    taken: set[tuple[int, int]] = set()
    budget = 2_000_000
    for start, area in sorted(merged.items()):
        places = [(r, c) for r in range(area[0], area[2] + 1) for c in range(area[1], area[3] + 1)]
        budget -= len(places)
        if budget < 0:
            break
        if taken.isdisjoint(places):
            taken.update(places)
            kept[start] = area
    return kept


def _joined(rows: Sequence[Row], merged: Merged) -> Iterator[Row]:
    """Rows with a character a cell, as on paper of squares, with each run of them in one cell.

    Where some rows are so, those are too that hold short runs (氏 名, 山 田 太 郎) and nothing else.
    """
    runs_of = {id(row): list(_runs(row, merged)) for row in rows}
    if any(runs_of.values()):
        runs_of |= {
            id(row): list(_runs(row, merged, shortest=2))
            for row in rows
            if not runs_of[id(row)] and all(len(cell.words) == 1 for cell in row)
        }
    for number, row in enumerate(rows):
        near = [
            rows[n] for n in (number - 1, number + 1) if 0 <= n < len(rows) and abs(rows[n][0].row - row[0].row) == 1
        ]
        beside = {span for other in near for span in runs_of[id(other)] if _repeats(row, other, span)}
        wanted = [span for span in runs_of[id(row)] if span not in beside]
        if not wanted:
            yield row
            continue
        wanted += [span for span in _runs(row, merged, shortest=2) if span not in runs_of[id(row)]]
        result: Row = []
        for cell in row:
            run = next((span for span in wanted if span[0] <= cell.column <= span[1]), None)
            if run is None or cell.column == run[0]:
                result.append(cell)
            else:
                result[-1] = replace(result[-1], words=result[-1].words + cell.words)
        yield result


def _repeats(row: Row, other: Row, span: tuple[int, int]) -> bool:
    """Whether letters come again in the same columns of two rows, as the marks of a roster do."""
    letters = [cell.words for each in (row, other) for cell in each if span[0] <= cell.column <= span[1]]
    return len(set(letters)) < _DIFFERENT * len(letters)


def _runs(row: Row, merged: Merged, shortest: int = _SHORTEST_RUN) -> Iterator[tuple[int, int]]:
    """First and last column of each run of cells with one letter each that are no marks of a roster.

    A number of many digits is none of those either, unless it counts up as days of a month do.
    """
    first = 0
    for index in range(1, len(row) + 1):
        if (
            index == len(row)
            or len(row[index].words) != 1
            or len(row[index - 1].words) != 1
            or row[index].column != row[index - 1].column + 1
        ):
            words = "".join(cell.words for cell in row[first:index])
            least = min(shortest, _SHORTEST_RUN - (_HIRAGANA.search(words) is not None))
            is_merged = any((cell.row, cell.column) in merged for cell in row[first:index])
            is_word = not _MARKS.fullmatch(words) or (_NUMBER.fullmatch(words) and words not in _COUNTING * 4)
            if len(words) == index - first >= least and not is_merged and is_word:
                yield row[first].column, row[index - 1].column
            first = index


def _groups(rows: Sequence[Row], merged: Merged) -> Iterator[_Table | SheetCell]:
    """Tables and single cells, in order.

    A row of one cell stands by itself, unless it is amid the rows of a table and looks like a row with empty cells. A
    blank row ends a table if what follows begins with a row that names columns.
    """
    table: list[Row] = []
    for index, row in enumerate(rows):
        follows = bool(table) and row[0].row <= _bottom(table[-1], merged) + 1
        if len(row) == 1 and not _is_covered(row, table, merged) and not (follows and _goes_on(rows, index, merged)):
            if table:
                yield _Table(table)
            table = []
            yield row[0]
            continue
        if table and not follows and (_begins_table(rows, index) or _is_apart(rows, index, table)):
            yield _Table(table)
            table = []
        if not table and _is_caption(rows, index):
            yield replace(row[0], words="\u3000".join(cell.words for cell in row))
            continue
        table.append(row)
    if table:
        yield _Table(table)


def _beside(rows: Sequence[Row], merged: Merged) -> list[Sequence[Row]]:
    """Tables that stand beside each other, with an empty column between: each begins with a row that names columns."""
    filled = {cell.column for row in rows for cell in row}
    covered = {
        column
        for row in rows
        for cell in row
        if (area := merged.get((cell.row, cell.column)))
        for column in range(area[1], area[3] + 1)
    }
    columns = sorted(filled | covered)
    cuts = [after for before, after in pairwise(columns) if after > before + 1]
    if not cuts or len(cuts) >= _MOST_BESIDE:
        return [rows]
    parts: list[Sequence[Row]] = []
    for first, last in pairwise([columns[0], *cuts, columns[-1] + 1]):
        part = [inside for row in rows if (inside := [cell for cell in row if first <= cell.column < last])]
        if len(part) < _LEAST_ROWS or part[0][0].row != rows[0][0].row or len(part[0]) < _LEAST_COLUMNS:
            return [rows]
        if len({cell.column for row in part for cell in row}) < _LEAST_COLUMNS or not _begins_table(part, 0):
            return [rows]
        parts.append(part)
    return parts


def _bottom(row: Row, merged: Merged) -> int:
    return max(merged[place][2] if (place := (cell.row, cell.column)) in merged else cell.row for cell in row)


def _is_covered(row: Row, table: Sequence[Row], merged: Merged) -> bool:
    """Whether a merged cell of the table reaches into this row from above."""
    number = row[0].row
    return any(
        place in merged and merged[place][2] >= number
        for above in table[-50:]
        for cell in above
        if (place := (cell.row, cell.column))
    )


def _goes_on(rows: Sequence[Row], index: int, merged: Merged) -> bool:
    """Whether a row of one cell is a row of the table around it: short, not merged across, and more rows follow."""
    (cell,) = rows[index]
    area = merged.get((cell.row, cell.column))
    if _ASIDE.match(cell.words) or len(cell.words) > _LONGEST_NAME or (area is not None and area[3] - area[1] > 1):
        return False
    following = rows[index + 1] if index + 1 < len(rows) else None
    if following is None or following[0].row > cell.row + 1:
        return False
    return len(following) > 1 and not _begins_table(rows, index + 1)


def _is_apart(rows: Sequence[Row], index: int, table: Sequence[Row]) -> bool:
    """Whether the rows up to the next blank one only say who made the table and when: pairs, and no sums."""
    columns = {cell.column for row in table for cell in row}
    run = [rows[index]]
    for row in rows[index + 1 : index + 1 + _MOST_APART]:
        if row[0].row > run[-1][0].row + 1:
            break
        run.append(row)
    return len(columns) >= _LEAST_OF_TABLE and all(
        len(row) <= 2 and not _SUM.match(row[0].words) and _names(row[0].words) for row in run
    )


def _names(words: str) -> bool:
    return any(char.isalpha() for char in words)


def _is_caption(rows: Sequence[Row], index: int) -> bool:
    """Whether a row is the title of the table below it, with the office and the date that stand beside it."""
    row, following = rows[index], rows[index + 1] if index + 1 < len(rows) else []
    if 2 * len(row) > len(following) or following[0].row > row[0].row + 1:
        return False
    return not _begins_table(rows, index) and _begins_table(rows, index + 1)


def _begins_table(rows: Sequence[Row], index: int) -> bool:
    """Whether the rows from here on begin with one that names columns."""
    run: list[Row] = []
    for row in rows[index : index + 12]:
        if run and (len(row) == 1 or row[0].row > run[-1][0].row + 1):
            break
        run.append(row)
    columns = sorted({cell.column for row in run for cell in row})
    return len(run) > 1 and len(run[0]) > 1 and header_rows([_words(row, columns) for row in run])[0] > 0


def _words(row: Row, columns: Sequence[int]) -> list[str]:
    own = {cell.column: cell.words for cell in row}
    return [own.get(column, "").replace("\n", " ") for column in columns]


def _write_table(draft: Draft, rows: Sequence[Row], merged: Merged, hidden: Hidden) -> None:
    """A table without the columns in which no cell begins."""
    columns = sorted({cell.column for row in rows for cell in row})
    numbers = [row[0].row for row in rows]
    covered: set[tuple[int, int]] = set()
    lines: list[list[DraftCell | str | None]] = []
    for number, row in zip(numbers, rows, strict=True):
        own = {cell.column: cell for cell in row}
        line: list[DraftCell | str | None] = []
        for column in columns:
            cell = own.get(column)
            area = merged.get((number, column))
            if (number, column) in covered and cell is None:
                line.append(None)
            elif cell is None or area is None:
                line.append("" if cell is None else cell.words)
            else:
                below, beside = _between(numbers, number, area[2]), _between(columns, column, area[3])
                line.append(DraftCell(cell.words, len(below), len(beside)))
                covered |= {(each, other) for each in below for other in beside}
        lines.append(line)
    lines = _with_labels(lines)
    draft.table(
        _marked(lines, [number in hidden.rows for number in numbers], [each in hidden.columns for each in columns])
    )


def _marked(
    lines: list[list[DraftCell | str | None]], hidden_rows: Sequence[bool], hidden_columns: Sequence[bool]
) -> list[list[DraftCell | str | None]]:
    """The rows, the first words of those that are hidden marked, as those of hidden columns.

    These are words of no other row or column, if there are such.
    """
    if not any(hidden_rows) and not any(hidden_columns):
        return lines
    cells = [[DraftCell(cell) if isinstance(cell, str) else cell for cell in line] for line in lines]
    filled = [(r, c, cell) for r, line in enumerate(cells) for c, cell in enumerate(line) if cell and cell.words]
    of_row: dict[int, tuple[bool, int]] = {}
    of_column: dict[int, tuple[bool, int]] = {}
    for row, column, cell in filled:
        if hidden_rows[row]:
            of_row[row] = min(of_row.get(row, (True, column)), (cell.rows > 1, column))
        if hidden_columns[column]:
            of_column[column] = min(of_column.get(column, (True, row)), (cell.columns > 1, row))
    places = {(row, column) for row, (_, column) in of_row.items()}
    places |= {(row, column) for column, (_, row) in of_column.items()}
    for row, column, cell in filled:
        if (row, column) in places:
            lines[row][column] = replace(cell, mark=HIDDEN)
    return lines


def _with_labels(lines: list[list[DraftCell | str | None]]) -> list[list[DraftCell | str | None]]:
    """The rows with each name in the first column reaching down to its subtotal: 神戸, two empty cells, 神戸 集計."""
    first: int | None = None
    for number, line in enumerate(lines):
        label = line[0] if isinstance(line[0], str) else None
        above = lines[first][0] if first is not None else None
        if label == "":
            continue
        if label and first is not None and isinstance(above, str) and number > first + 1:
            rest = label.removeprefix(above) if label != above else label
            if rest != label and _SUBTOTAL.fullmatch(rest):
                lines[first][0] = DraftCell(above, number - first)
                for covered in lines[first + 1 : number]:
                    covered[0] = None
        first = number if label else None
    return lines


def _between(places: Sequence[int], first: int, last: int) -> Sequence[int]:
    """Those of the sorted places from the first to the last."""
    return places[bisect_left(places, first) : bisect_left(places, last + 1)]
