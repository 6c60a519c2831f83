"""What an element of a page is: seen or hidden, a field with a value, struck out, a table of data or of a layout."""

from __future__ import annotations

import re

from lxml import etree

_STRUCK = frozenset(("del", "s", "strike"))
_STRUCK_STYLE = re.compile(r"(?:^|;)\s*text-decoration(?:-line)?\s*:[^;]{0,40}\bline-through", re.IGNORECASE)
_NEVER_STRUCK = frozenset(("html", "body", "main", "article", "table", "tbody", "thead", "tr", "td", "th"))
_LONGEST_STRUCK = 2_000  # characters
_UNSEEN_TAGS = """
head script style noscript template svg iframe object embed audio video canvas select datalist textarea input option
optgroup rt rp rtc title
"""
_UNSEEN = frozenset(_UNSEEN_TAGS.split())
# What is behind a tab or a question is hidden until it is asked for; what is behind these is no part of the article.
_HIDDEN_FRAMES = frozenset(("nav", "aside", "footer", "form", "menu", "dialog", "header", "button"))
_HIDDEN_ROLES = frozenset(
    ("dialog", "alertdialog", "menu", "menubar", "navigation", "search", "alert", "tooltip", "banner")
)
_HIDDEN_NAMES = re.compile(
    r"modal|popup|pop-up|cookie|overlay|menu|nav(?:bar|igation)?\b|drawer|toast|tooltip|sr-only|visually-hidden|skip"
    r"|loading|spinner|lightbox|search|share|template|honeypot|preheader",
    re.IGNORECASE,
)
_TYPED = frozenset(("text", "number", "date", "time", "datetime-local", "month", "week", "email", "tel", "url"))
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


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


def is_seen(element: etree._Element) -> bool:
    """Whether it is for readers: seen at once, or hidden until they press a tab or a question."""
    if element.tag in _UNSEEN:
        return False
    if not is_hidden(element):
        return True
    if element.tag in _HIDDEN_FRAMES or element.get("role") in _HIDDEN_ROLES:
        return False
    return not _HIDDEN_NAMES.search(f"{element.get('class', '')} {element.get('id', '')}")


def is_hidden(element: etree._Element) -> bool:
    return "hidden" in element.attrib or _HIDDEN_STYLE.search(element.get("style", "")) is not None


def value_of(element: etree._Element) -> str:
    """What stands in a field of a form; the choice of a list, a tick in a box."""
    if is_hidden(element):
        return ""
    if element.tag == "textarea":
        return "".join(element.itertext())
    if element.tag == "select":
        options = list(element.iterdescendants("option"))
        chosen = [option for option in options if "selected" in option.attrib] or options[:1]
        return "、".join(" ".join("".join(option.itertext()).split()) for option in chosen)
    kind = element.get("type", "text").lower()
    if kind in ("checkbox", "radio"):
        return "☑" if "checked" in element.attrib else "☐"
    return element.get("value", "") if kind in _TYPED else ""
