"""An HTML tree -> the lines a reader sees: a block, a list item or a table row each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from rag.corpus.formats.elements import is_data_table, is_hidden, is_seen, is_short, strikes, value_of
from rag.corpus.formats.equations import mathml
from rag.corpus.formats.mail_quotes import heads, quotes
from rag.corpus.formats.page_lists import PageList
from rag.corpus.formats.raised import raised
from rag.corpus.formats.struck import struck_line

_BLOCK_TAGS = """
html body address article aside blockquote button caption center dd details dialog dir div dl dt fieldset figcaption
figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre search section summary table
tbody tfoot thead tr ul
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_MOST_LONG = 100  # elements of a page that strike out more, and are taken for errors
_SET_OFF = frozenset(("figure", "blockquote", "pre"))
_FRAME = frozenset(("nav", "aside", "footer", "form", "menu", "dialog"))
_HEADING = re.compile(r"h[1-6]")
_SPACES = re.compile(r"[ \t\n\r\f\v]+")
_MOST_SPANNED = 1000
_LINE_BREAK = "\v"  # <br>, and line ends within <pre>: no parser lets it through from a page


@dataclass(frozen=True, slots=True)
class ShownItem:
    """The item of a list that a line stands in.

    Attributes:
        list: number of the outermost list around it.
        number: of the item on the page.
        depth: how many lists are around that list.
        ordered: whether the list is numbered.
    """

    list: int
    number: int
    depth: int
    ordered: bool


@dataclass(frozen=True, slots=True)
class ShownCell:
    """How many rows and columns a cell covers, and whether it is a head (``th``)."""

    rows: int
    columns: int
    is_head: bool


@dataclass(frozen=True)
class ShownLine:
    """One line of the page.

    Attributes:
        text: without spaces at its ends, but for those before preformatted text, and never empty.
        level: 1 to 6 for a heading, else 0.
        container: number of the element around the line's block, the same for all paragraphs of an article.
        in_frame: whether the line stands in a menu, sidebar, footer or form.
        link_share: share of its characters that are links.
        item: the item of a list it stands in, if it does.
        table: number of the table it is a row of; 0 if it is none.
        cells: of a row, its cells, between tabs in the text.
        pair: number of the term or question it belongs to, or is itself; 0 if there is none.
        is_term: whether it is the term or the question.
        is_hidden: whether a reader sees it only on asking: behind a tab, or a question that opens.
        is_set_off: whether it stands in a figure, a quotation or preformatted text.
        pre: number of the preformatted text (``pre``) it is a line of, with the spaces before it; 0 if it is none.
        is_apart: whether an empty line stands above it there.
        is_struck: whether it only tells what is struck out on the page.
        quotes: how many elements around it quote another message; of mails alone.
        is_head: whether it is of the head of a message that is quoted; of mails alone.
        label: the number of an item that it begins with, which the page's source does not hold.
    """

    text: str
    level: int
    container: int
    in_frame: bool
    link_share: float
    item: ShownItem | None = None
    table: int = 0
    cells: tuple[ShownCell, ...] = ()
    pair: int = 0
    is_term: bool = False
    is_hidden: bool = False
    is_set_off: bool = False
    pre: int = 0
    is_apart: bool = False
    is_struck: bool = False
    quotes: int = 0
    is_head: bool = False
    label: str = ""


def placed(lines: Sequence[ShownLine]) -> tuple[str, list[int]]:
    """The text of a page, a line each, and where each begins."""
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    for line in lines:
        before = ("\n" if pieces else "") + ("\n" if line.is_apart else "")
        starts.append(length + len(before))
        pieces += [before, line.text]
        length = starts[-1] + len(line.text)
    return "".join(pieces), starts


def render(tree: etree._Element, *, is_mail: bool = False) -> list[ShownLine]:
    """The visible text of ``tree``. Ruby readings are left out, since they would stand in the middle of words.

    Args:
        is_mail: whether it is the words of a mail, which may quote others.
    """
    page = _Page(is_mail=is_mail)
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start" and not is_seen(element):
            walk.skip_subtree()
            page.hidden.add(element)
            page.add_value(element)
        elif event == "start" and element.tag == "math":
            walk.skip_subtree()
            page.hidden.add(element)
            page.add(mathml(element))
        elif event == "start" and page.is_struck(element):
            walk.skip_subtree()
            page.hidden.add(element)
            page.strike(element)
        elif event == "start":
            page.open(element)
            page.add(element.text)
        else:
            if event == "end" and element in page.hidden:
                page.hidden.discard(element)
            elif event == "end":
                page.close(element)
            if element is not tree:
                page.add(element.tail)
    page.flush()
    return [*page.blocks, *page.struck()]


class _Pair:
    """Where the walk is in a list of terms, or in a question that opens."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._is_term: bool | None = None
        self._last = False

    @property
    def state(self) -> tuple[int, bool]:
        """Number of the term, 0 outside of both; and whether this is the term."""
        return (0, False) if self._is_term is None else (self._number, self._is_term)

    def enter(self, number: int, *, is_term: bool) -> None:
        if is_term and not self._last:
            self._number = number
        self._is_term = self._last = is_term

    def leave(self, *, is_answer_next: bool) -> None:
        self._is_term = False if is_answer_next else None


class _Page:
    """Collects pieces of text until a block ends."""

    def __init__(self, *, is_mail: bool) -> None:
        self.blocks: list[ShownLine] = []
        self.hidden: set[etree._Element] = set()
        self._pieces: list[str] = []
        self._linked = 0
        self._links = 0
        self._frames = 0
        self._pre = 0
        self._pres = 0
        self._set_off = 0
        self._raised = 0
        self._level = 0
        self._cells = 0
        self._containers: list[int] = [0]
        self._data_tables: list[bool] = []
        self._tables = 0
        self._row: list[ShownCell] = []
        self._lists: list[tuple[int, PageList]] = []
        self._labels: list[str] = []  # of the items that are open and have no words yet
        self._label = ""
        self._items: list[ShownItem] = []
        self._count = 0
        self._hidden = 0
        self._pairs: list[_Pair] = []
        self._struck: list[str] = []
        self._long = 0
        self._is_mail = is_mail
        self._quoting: set[etree._Element] = set()
        self._heads = 0

    def is_struck(self, element: etree._Element) -> bool:
        """Whether it strikes out words or paragraphs, and not a page."""
        if self._long >= _MOST_LONG or not strikes(element):
            return False
        found = is_short(element)
        self._long += not found
        return found

    def strike(self, element: etree._Element) -> None:
        """Note what is struck out, and leave a space before what stands instead of it; an item still counts."""
        if element.tag == "li" and self._lists:
            self._lists[-1][1].label(element)
        self._struck.append("".join(element.itertext()))
        if element.tag in _BLOCKS:
            self._break()
        else:
            self._pieces.append(" ")

    def struck(self) -> list[ShownLine]:
        """A line for each thing that is struck out."""
        lines = dict.fromkeys(struck_line(words) for words in self._struck if words.strip())
        return [ShownLine(line, 0, 0, False, 0.0, is_struck=True) for line in lines]

    def open(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._break()
            self._count += 1
            # What is set off stands in the element around it, as the paragraphs beside it do.
            self._containers.append(self._containers[-1] if tag in _SET_OFF else self._count)
        if self._is_mail:
            self._heads += heads(element)
            if quotes(element, self.blocks[-1].text if self.blocks else ""):
                self._quoting.add(element)
        if tag == "table":
            self._data_tables.append(is_data_table(element))
            self._tables += 1
        elif tag in ("td", "th"):
            self._open_cell(element)
        elif tag in ("ul", "ol"):
            self._lists.append((self._count, PageList(element)))
        elif tag == "li" and self._lists:
            own = self._lists[-1][1]
            self._items.append(ShownItem(self._lists[0][0], self._count, len(self._lists) - 1, own.is_ordered))
            self._labels.append(own.label(element))
        elif tag == "br":
            self._pieces.append(_LINE_BREAK if not self._level and not self._cells else " ")
        if tag in ("dl", "details"):
            self._pairs.append(_Pair(self._count))
        elif tag in ("dt", "dd", "summary") and self._pairs:
            self._pairs[-1].enter(self._count, is_term=tag != "dd")
        self._hidden += is_hidden(element)
        self._frames += tag in _FRAME
        self._links += tag == "a"
        self._pre += tag == "pre"
        self._pres += tag == "pre"
        self._set_off += tag in _SET_OFF
        self._raised += tag == "sup"
        if isinstance(tag, str) and _HEADING.fullmatch(tag):
            self._level = int(tag[1])

    def close(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._break()
            self._containers.pop()
        self._quoting.discard(element)
        self._heads -= self._is_mail and heads(element)
        if tag == "table":
            self._data_tables.pop()
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "li" and self._items:
            self._items.pop()
            if self._labels:
                self._labels.pop()
        elif tag in ("td", "th") and self._in_data_table():
            self._cells -= 1
        elif tag in ("td", "th"):
            self.flush()
        if tag in ("dl", "details") and self._pairs:
            self._pairs.pop()
        elif tag in ("dt", "dd", "summary") and self._pairs:
            self._pairs[-1].leave(is_answer_next=tag == "summary")
        self._hidden -= is_hidden(element)
        self._frames -= tag in _FRAME
        self._links -= tag == "a"
        self._pre -= tag == "pre"
        self._set_off -= tag in _SET_OFF
        self._raised -= tag == "sup"
        if isinstance(tag, str) and _HEADING.fullmatch(tag):
            self._level = 0

    def add(self, text: str | None) -> None:
        if text:
            if self._labels and text.strip():
                label = "".join(self._labels)
                self._labels = []
                self._label = self._label or label
                self._pieces.append(label)
            self._linked += len(text) if self._links else 0
            text = text.replace(_LINE_BREAK, " ")
            text = raised(text, self._pieces[-1] if self._pieces else "") if self._raised else text
            self._pieces.append(text.replace("\n", _LINE_BREAK) if self._pre else text)

    def add_value(self, element: etree._Element) -> None:
        """What a reader sees of an element that is skipped: the value of a field."""
        if element.tag in ("input", "select", "textarea") and (value := value_of(element).strip()):
            self.add(f" {value} ")

    def flush(self) -> None:
        whole = "".join(self._pieces)
        length = max(1, len(whole))
        pre = self._pres if self._pre and not self._cells else 0
        is_apart, begun, label = False, False, self._label.rstrip()
        for raw in whole.split(_LINE_BREAK):
            before, *cells = (raw.expandtabs(4).rstrip(),) if pre else (_one_line(cell) for cell in raw.split("\0"))
            text = "\t".join([*filter(None, [before]), *cells]).rstrip("\t")
            if text.strip():
                share = min(1.0, self._linked / length)
                row = tuple(self._row) if cells and not before and len(self._row) == len(cells) else ()
                self.blocks.append(
                    ShownLine(
                        text,
                        self._level,
                        self._container(),
                        self._frames > 0,
                        share,
                        self._items[-1] if self._items else None,
                        self._tables if row else 0,
                        row,
                        *(self._pairs[-1].state if self._pairs else (0, False)),
                        self._hidden > 0,
                        self._set_off > 0,
                        pre,
                        is_apart and begun,
                        quotes=len(self._quoting),
                        is_head=self._heads > 0,
                        label=label if text.startswith(label) else "",
                    )
                )
                begun, label = True, ""
            is_apart = pre > 0 and not text.strip()
        self._pieces = []
        self._row = []
        self._linked = 0
        self._label = ""

    def _break(self) -> None:
        if self._cells:
            self._pieces.append(" ")  # a row of a table stays one line
        else:
            self.flush()

    def _open_cell(self, element: etree._Element) -> None:
        if self._in_data_table():
            self._cells += 1
            self._row.append(ShownCell(_span(element, "rowspan"), _span(element, "colspan"), element.tag == "th"))
            self._pieces.append("\0")  # between cells; pages cannot hold it
        else:
            self.flush()

    def _in_data_table(self) -> bool:
        return bool(self._data_tables and self._data_tables[-1])

    def _container(self) -> int:
        """The element around the innermost open block."""
        return self._containers[-2] if len(self._containers) > 1 else 0


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name, "").strip()
    return min(int(value), _MOST_SPANNED) if re.fullmatch(r"[1-9]\d{0,4}", value) else 1


def _one_line(raw: str) -> str:
    """Spaces as a browser shows them: a run is one, a line end between full-width characters none (CSS Text 3)."""
    return _SPACES.sub(_collapsed, raw).strip()


def _collapsed(match: re.Match[str]) -> str:
    around = match.string[match.start() - 1 : match.start()] + match.string[match.end() : match.end() + 1]
    wide = len(around) == 2 and all(unicodedata.east_asian_width(char) in "FW" for char in around)
    return "" if wide and "\n" in match.group() else " "
