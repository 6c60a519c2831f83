"""Rows of text as cells, and which rows and columns of a table are its heads."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.corpus.cleaning.lines import Line, Span

RawCell = tuple[int, int, str]
"""Start and end of a cell's words in the document's text, and the words."""

_VALUE = re.compile(
    r"[〇一二三四五六七八九十百千]{1,8}(?:[万億]?円|[万個人件台枚本名回日年時分階冊部脚])|[〇一二三四五六七八九十百千]{2,8}"
    r"|[¥￥$€△▲+-]?\s?\d[\d,.]*\s*(?:[%％‰]|[^\d\s]{0,4})|[○◯×✕✖△▲●◎―ー–—-]|(?:有|無|あり|なし|可|不可|該当|非該当)"
)
_HAS_NUMBER = re.compile(r"\d")
_YEAR = re.compile(r"(?:(?:19|20)\d\d|(?:令和|平成|昭和|[RHS])\s?(?:\d{1,2}|元))\s?(?:年度?)?(?:\s?\S{0,6})?")
_DAY = re.compile(
    r"(?:(?:明治|大正|昭和|平成|令和)\s?(?:\d{1,2}|元)\s?年|[MTSHR]\d{1,2}[./]|(?:19|20)\d\d\s?[年/.-])\s?\d{1,2}\s?[月/.-]\s?\d{1,2}"
    r"\s?日?(?:\s?\(.\))?"
)
_TELEPHONE = re.compile(r"\(?0\d{1,4}\)?[- ]?\d{1,4}-\d{3,4}")
_COLUMN_NAMES = re.compile(
    r"(?:項目|番号|氏名|名前|名称|品名|品目|品番|型番|型式|内容|担当|担当者|期限|期日|備考|摘要|単価|価格|金額|数量|日付|月日|日時|日程|"
    r"部署|所属|役職|内線|電話|区分|分類|種類|種別|条件|対象|年度|年月|曜日|時間|時刻|場所|表示|原因|対処|対応|理由|方法|状態|状況|結果|"
    r"判定|記号|基準|単位|割合|率|件数|人数|個数|台数|枚数|点数|回数|日数|数|"
    r"科目|学部|学年|コード|略称|意味|説明|冊数|本数|箱数|名数|用語|注記|手続き?|期間|会議室|支店|講師|研修名|機器名?|"
    r"問い?|答え?|[QA]|質問(?:内容|事項)?|回答(?:内容|例)?|設問|詳細|question|answer|"
    r"no\.?|item|name|code|description|cause|action|remedy|date|year|price|amount|quantity|unit|type|model|value|"
    r"interval|task|term|meaning|feature|parameter|specification|part|error|symptom|status|notes?|remarks?)",
    re.IGNORECASE,
)
_FIELDS = re.compile(
    rf"{_COLUMN_NAMES.pattern}|件名|納期|住所|所在地|年齢|性別|生年月日|連絡先|宛先|差出人|申請者|届出者|依頼者|責任者|代表者|"
    r"(?:開催|実施|開始|終了|申請|提出|締切|契約|作成|発行|受付|有効|利用|使用|支払|納入|納品|履行|申込|回答|保存|点検|工事)?"
    r"(?:日時?|月日|期間|期日|期限|場所|時間|者|条件|方法)|"
    r"(?:手数|使用|利用|参加|受講)料|費用|会費|定員|人数|持ち?物|目的|趣旨|議題|講師|会場|主催|締切|資本金|設立|従業員数?|業種|"
    r"(?:会社|法人|団体|事業者|商品|製品|工事|業務|案件|学校|施設)名|郵便番号|e-?mail|メール(?:アドレス)?|fax|url|tel",
    re.IGNORECASE,
)
_ITEMS = re.compile(r"項目名?|事項|内容|item|field|key", re.IGNORECASE)
_LONGEST_HEAD = 24
_PIPES = "|│┃║"
_BORDER = re.compile(r"(?<!\\)\||[│┃║]")
_FRAME = re.compile(r"[+＋][-=+＋－＝]{3,}[+＋]|[┌┏╔├┣╠└┗╚╭╰┠┝┟][─━═┬┳╦┼╋╬┴┻╩┐┓╗┤┫╣┘┛╝┯┷┿╂┰┸╮╯ 　-]{2,}[┐┓╗┤┫╣┘┛╝╮╯┨┥]")
_SPACES = re.compile(r"[ 　]*(?:　　|  |　 | 　)[ 　]*")
_LONGEST_SPACED = 300
_FEWEST = 2  # cells of a row


def tab_cells(line: Line) -> list[RawCell]:
    """The cells of a line with tabs between them."""
    return list(_split(line.text, line.start, "\t"))


def pipe_cells(line: Line) -> list[RawCell]:
    """The cells of a row of a Markdown table; ``\\|`` is no border."""
    text = line.text
    first = 1 if text.startswith(tuple(_PIPES)) else 0
    ends = text.endswith(tuple(_PIPES)) and not text.endswith("\\|") and len(text) > 1
    last = len(text) - 1 if ends else len(text)
    borders = [first - 1, *(m.start() for m in _BORDER.finditer(text) if first <= m.start() < last), last]
    return [trimmed(text, line.start, start + 1, end) for start, end in pairwise(borders)]


def is_rule(text: str) -> bool:
    """Whether this is a line of dashes or of a frame, as under the head of a table drawn with characters."""
    if _FRAME.fullmatch(text):
        return True
    cells = text.strip().removeprefix("|").removesuffix("|").split("|")
    return "|" in text and all(re.fullmatch(r":?-+:?", cell.strip()) for cell in cells)


def is_piped(line: Line) -> bool:
    """Whether it is a row of a table drawn with characters, or a part of its frame."""
    text = line.text
    return (text.startswith(tuple(_PIPES)) and len(_BORDER.findall(text)) > 1) or _FRAME.fullmatch(text) is not None


def is_spaced(text: str) -> bool:
    """Whether it has two cells or more with two spaces at least between them, and no sentence in it."""
    return (
        len(text) <= _LONGEST_SPACED
        and "  " in text.replace("　", "  ")
        and len(_spaced(text)) > 1
        and "。" not in text
    )


def spaced_cells(lines: Sequence[Line]) -> list[list[RawCell]]:
    """The rows from the first line on whose cells stand in columns: each begins or ends where one above it does.

    Where fonts have widths of their own only the number of cells tells: then each line has three at least, and as many.
    """
    rows: list[Sequence[Span | None]] = []
    full = 0  # the last row without an empty cell
    for number, line in enumerate(lines):
        row: Sequence[Span | None] | None = _spaced(line.text)
        if rows and len(rows[0]) > _FEWEST:
            row = _as_full(line.text, _spaced(line.text), lines[full].text, rows[full])
        elif rows and (len(row or ()) != _FEWEST or not _stands_below(lines, rows, number)):
            row = None
        if row is None:
            break
        rows.append(row)
        full = full if None in row else number
    return [_raw_cells(line, row) for line, row in zip(lines, rows, strict=False)]


def _as_full(text: str, row: Sequence[Span], above: str, full: Sequence[Span | None]) -> Sequence[Span | None] | None:
    """A row of three columns or more: as it is, parted at single wide spaces, or with empty cells."""
    if len(row) == len(full):
        return row
    begins = {_places(above, cell)[0] for cell in full[1:] if cell is not None}
    cut = [span for cell in row for span in _cut(text, *cell, begins)]
    if len(cut) == len(full):
        return cut
    parted = [span for cell in row for span in _parted(text, *cell)]
    if len(parted) == len(full) and (found := _below(text, parted, above, full)) is not None:
        return found
    return _below(text, row, above, full)


def _parted(text: str, start: int, end: int) -> Iterator[Span]:
    """The pieces of a cell between single wide spaces."""
    for piece in text[start:end].split("　"):
        if piece:
            yield start, start + len(piece)
        start += len(piece) + 1


def _cut(text: str, start: int, end: int, begins: set[int]) -> Iterator[Span]:
    """The pieces of a cell between the single wide spaces behind which columns begin: a long label fills its own."""
    first = start
    for piece, _ in _parted(text, start, end):
        if piece > first and _places(text, (piece, piece))[0] in begins:
            yield first, piece - 1
            first = piece
    yield first, end


def _raw_cells(line: Line, row: Sequence[Span | None]) -> list[RawCell]:
    cells: list[RawCell] = []
    for cell in row:
        position = cells[-1][1] if cells else line.start
        cells.append((position, position, "") if cell is None else trimmed(line.text, line.start, *cell))
    return cells


def _below(text: str, row: Sequence[Span], above: str, full: Sequence[Span | None]) -> list[Span | None] | None:
    """A row with fewer cells than the full one above, each below one of its cells; ``None`` if they are not."""
    if len(row) < _FEWEST or len(row) > len(full):
        return None
    places = [_places(above, cell) for cell in full if cell is not None]
    found: list[Span | None] = []
    for cell in row:
        begin, end = _places(text, cell)
        while len(found) < len(places) and begin != places[len(found)][0] and end != places[len(found)][1]:
            found.append(None)
        if len(found) == len(places):
            return None
        found.append(cell)
    return [*found, *([None] * (len(places) - len(found)))]


def _spaced(text: str) -> list[tuple[int, int]]:
    borders = [(0, 0), *(m.span() for m in _SPACES.finditer(text)), (len(text), len(text))]
    return [(a, b) for (_, a), (b, _) in pairwise(borders) if a < b]


def _stands_below(lines: Sequence[Line], rows: Sequence[Sequence[Span | None]], number: int) -> bool:
    """Whether the second cell begins or ends in the same column of characters as that of the row above."""
    before, own = rows[number - 1][1], _spaced(lines[number].text)[1]
    assert before is not None, "rows of two cells have no empty one"
    (begin, end), (above, last) = _places(lines[number].text, own), _places(lines[number - 1].text, before)
    return begin == above or end == last


def _places(text: str, cell: tuple[int, int]) -> tuple[int, int]:
    begin, end = (sum(1 + (unicodedata.east_asian_width(char) in "FWA") for char in text[:place]) for place in cell)
    return begin, end


def _split(text: str, offset: int, separator: str) -> Iterator[RawCell]:
    position = 0
    for piece in text.split(separator):
        yield trimmed(text, offset, position, position + len(piece))
        position += len(piece) + len(separator)


def trimmed(text: str, offset: int, start: int, end: int) -> RawCell:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return offset + start, offset + end, text[start:end]


def header_rows(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """How many rows at the top name the columns, and how many columns at the left name the rows.

    A row names columns if what stands below its cells is of another kind (numbers, dates, signs), or if its cells are
    what columns are usually called. Two columns without such a row are names and values.
    """
    filled = [[_folded(cell) for cell in row] for row in rows]
    if not filled:
        return 0, 1
    columns = max(map(len, filled))
    if columns < 2:
        return 0, 0
    if len(filled) == 2 and columns > 2 and len(filled[0]) >= len(filled[1]):
        return 1, 1
    if (columns == 2 and _is_form(filled)) or (columns > 2 and _is_wide_form(filled)):
        return 0, 1
    count = int(
        columns > 2 and sum(map(bool, filled[0])) == 1 and bool(filled[0][0]) and _is_head_below(filled, columns)
    )
    while count < min(3, len(filled) - 1) and _names_columns(filled, count, columns):
        count += 1
        if sum(map(bool, filled[count - 1])) >= 0.8 * columns and not _spans(filled, count - 1, columns):
            break
    return count, 1


def _is_head_below(rows: Sequence[Sequence[str]], columns: int) -> bool:
    """Whether a row with one cell alone, as the name of a table that reaches over all of it, stands above its heads."""
    return len(rows) > 2 and sum(map(bool, rows[1])) >= 0.8 * columns and _names_columns(rows, 1, columns)


def _is_form(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of two columns holds what values are called (氏名, 納期, 住所), and not the first row."""
    if all(row and row[0].endswith(":") for row in rows):
        return True
    names = [_FIELDS.fullmatch(_bare(row[0])) is not None for row in rows[1:] if row and row[0]]
    first, *values = (*rows[0], "")
    is_head = _ITEMS.fullmatch(_bare(first)) or any(_FIELDS.fullmatch(_bare(value)) for value in values)
    return sum(names) > len(names) / 2 and not is_head


def _is_wide_form(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is a label with its value, of a form that has two labels in some of its rows."""
    first = [cell for cell in rows[0] if cell]
    labels = [row[0] for row in rows if row and row[0]]
    named = sum(_FIELDS.fullmatch(_bare(label)) is not None for label in labels)
    is_labelled = len(first) == _FEWEST and bool(rows[0][0]) and _FIELDS.fullmatch(_bare(first[0])) is not None
    return is_labelled and named > len(labels) / 2 and not _FIELDS.fullmatch(_bare(first[1]))


def _folded(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def _spans(rows: Sequence[Sequence[str]], row: int, columns: int) -> bool:
    """Whether the next row repeats or refines a head: its first cell is empty or the same."""
    here, below = rows[row], rows[row + 1] if row + 1 < len(rows) else []
    return bool(below) and bool(here) and (not below[0] or below[0] == here[0]) and not _has_values(below)


def _has_values(row: Sequence[str]) -> bool:
    return any(map(_is_value, row[1:]))


def _is_value(cell: str) -> bool:
    """Whether it is a number, a sign, a day or the like, which names no column; years do."""
    if _DAY.fullmatch(cell) or _TELEPHONE.fullmatch(cell):
        return True
    return _VALUE.fullmatch(cell) is not None and not _YEAR.fullmatch(cell)


def _names_columns(rows: Sequence[Sequence[str]], number: int, columns: int) -> bool:
    head, body = rows[number], rows[number + 1 : number + 12]
    cells = [cell for cell in head if cell]
    if number == 0 and len(rows) > 1 and _is_counted(head, rows[1]):
        return False
    if not cells or any(len(cell) > _LONGEST_HEAD or cell.endswith(("。", "い.", "る.")) for cell in cells):
        return False
    is_second = number > 0 and _spans(rows, number - 1, columns)  # what it refines are some of the heads above
    if not is_second and len(cells) < max(
        1, len([cell for row in body for cell in row if cell]) / max(1, len(body)) * 0.4
    ):
        return False
    named = sum(_COLUMN_NAMES.fullmatch(_bare(cell)) is not None for cell in cells)
    if columns > 2 and (named >= max(1, len(cells) // 2) or _has_numbers_of_its_own(head, body)):
        return True
    if any(map(_is_value, cells[1:])):
        return False
    if named >= max(1, len(cells) // 2) and (named == len(cells) or _differs(head, body, first=0)):
        return True
    return _differs(head, body) or (columns > 2 and _is_short(head, body))


def _is_counted(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the first cells of two rows count from one: items of a letter, of which none names the others."""
    marks = [row[0].strip("()（）.．、 ") if row else "" for row in (first, second)]
    return marks in (["1", "2"], ["一", "二"], ["①", "②"])


def _bare(cell: str) -> str:
    return re.sub(r"[(（\[].*?[)）\]]", "", cell).strip()


def _has_numbers_of_its_own(head: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether two cells or more of a row hold numbers (7月, 1か月, 0歳), and no cell below them is of their form."""
    numbered = [column for column in range(1, len(head)) if _HAS_NUMBER.search(head[column])]
    below = {column: {_form(row[column]) for row in body if column < len(row)} - {""} for column in numbered}
    return len(numbered) > 1 and all(below[column] and _form(head[column]) not in below[column] for column in numbered)


def _form(cell: str) -> str:
    """A cell with its numbers alike: 7月 and 12月 are of one form."""
    return re.sub(r"\d[\d,.]*", "0", cell)


def _differs(head: Sequence[str], body: Sequence[Sequence[str]], first: int = 1) -> bool:
    """Whether a column from the first on holds mostly values, but not in this row."""
    for column in range(first, len(head)):
        below = [row[column] for row in body if column < len(row) and row[column]]
        numbers = sum(_HAS_NUMBER.search(cell) is not None or _VALUE.fullmatch(cell) is not None for cell in below)
        is_value = _HAS_NUMBER.search(head[column]) is not None and not _YEAR.fullmatch(head[column])
        if below and head[column] and numbers > 0.6 * len(below) and not is_value:
            return True
    return False


def _is_short(head: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether all its cells are filled, short and different, and the cells below are longer on the whole."""
    cells = [cell for cell in head if cell]
    below = [cell for row in body for cell in row if cell]
    if len(cells) < len(head) or len(set(cells)) < len(cells) or not below:
        return False
    return sum(map(len, cells)) / len(cells) <= sum(map(len, below)) / len(below) + 2
