"""What an element of a page is: whether it strikes out words, and whether a table holds data or a layout."""

from __future__ import annotations

import re

from lxml import etree

_STRUCK = frozenset(("del", "s", "strike"))
_STRUCK_STYLE = re.compile(r"(?:^|;)\s*text-decoration(?:-line)?\s*:[^;]{0,40}\bline-through", re.IGNORECASE)
_NEVER_STRUCK = frozenset(("html", "body", "main", "article", "table", "tbody", "thead", "tr", "td", "th"))
_LONGEST_STRUCK = 2_000  # characters


def strikes(element: etree._Element) -> bool:
    """Whether it strikes out what is in it."""
    if element.tag in _NEVER_STRUCK:
        return False
    return element.tag in _STRUCK or _STRUCK_STYLE.search(element.get("style", "")) is not None


def is_short(element: etree._Element) -> bool:
    """Whether it holds little text; what nothing closes holds all the rest of a page."""
    length = 0
    for words in element.itertext():
        length += len(words)
        if length > _LONGEST_STRUCK:
            return False
    return True


def is_data_table(table: etree._Element) -> bool:
    """Whether its rows are lines: no table inside, and no cell of several paragraphs as in tables made for layout.

    One that names its columns or itself is made for data, whatever is in its cells.
    """
    if next(table.iterdescendants("table"), None) is not None:
        return False
    if next(table.iterdescendants("thead", "caption"), None) is not None or _has_head(table):
        return True
    return all(
        sum(1 for _ in cell.iterchildren("p", "div", "h1", "h2", "h3", "ul", "ol")) <= 1
        for cell in table.iterdescendants("td")
    )


def _has_head(table: etree._Element) -> bool:
    """Whether its first row is of two heads or more and nothing else."""
    row = next(table.iterdescendants("tr"), None)
    cells = [] if row is None else [cell.tag for cell in row.iterchildren("th", "td")]
    return len(cells) > 1 and set(cells) == {"th"}
