"""Styles of OpenDocument files, as far as they say what is seen (ODF 1.3, part 3, 16 and 20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

_MOST_PARENTS = 20
_FAMILIES = {"span": "text", "a": "text", "p": "paragraph", "h": "paragraph"}


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says of words; ``None`` where it says nothing.

    Attributes:
        strikes: whether it strikes them out.
        hidden: whether they are not shown.
        raises: whether they stand above the line.
    """

    strikes: bool | None = None
    hidden: bool | None = None
    raises: bool | None = None


_PLAIN = Style()


class Styles:
    """The styles of some parts of a file, by their families and names; later parts come before earlier ones."""

    def __init__(self, *parts: Any) -> None:
        self._styles: dict[tuple[str, str], Style] = {}
        self._parents: dict[tuple[str, str], str] = {}
        self._hidden_tables: set[str] = set()
        for part in parts:
            for style in () if part is None else part.iter("{*}style"):
                key = (value(style, "family"), value(style, "name"))
                self._parents[key] = value(style, "parent-style-name")
                self._styles[key] = _style(style.find("{*}text-properties"))
                properties = style.find("{*}table-properties")
                if properties is not None and value(properties, "display") == "false":
                    self._hidden_tables.add(key[1])

    def of(self, element: Any) -> Style:
        """What the style of a paragraph or a span says, with what it takes from others."""
        family = _FAMILIES.get(name_of(element), "paragraph")
        return self.named(family, value(element, "style-name"))

    def named(self, family: str, name: str) -> Style:
        """What a style of a family says, with what it takes from others."""
        found = _PLAIN
        for _ in range(_MOST_PARENTS):
            own = self._styles.get((family, name))
            if own is None:
                break
            found = Style(
                own.strikes if found.strikes is None else found.strikes,
                own.hidden if found.hidden is None else found.hidden,
                own.raises if found.raises is None else found.raises,
            )
            name = self._parents[family, name]
        return found

    def is_title(self, paragraph: Any) -> bool:
        """Whether it stands in the style Title, or in one that is made of it."""
        name = value(paragraph, "style-name")
        return "Title" in (name, self._parents.get(("paragraph", name), self._parents.get(("", name), "")))

    def hides_table(self, name: str) -> bool:
        """Whether tables and sheets of this style are hidden."""
        return name in self._hidden_tables


def _style(properties: Any) -> Style:
    if properties is None:
        return _PLAIN
    lines = [value(properties, f"text-line-through-{kind}") for kind in ("style", "type")]
    told = [line for line in lines if line]
    shown, position = value(properties, "display"), value(properties, "text-position")
    return Style(
        all(line != "none" for line in told) if told else None,
        shown == "none" if shown else None,
        _is_above(position) if position else None,
    )


def _is_above(position: str) -> bool:
    """Whether a position such as ``super 58%`` or ``33% 58%`` is above the line."""
    first = position.split()[0]
    return first == "super" or (first.endswith("%") and not first.startswith(("-", "0%")))


def name_of(element: Any) -> str:
    """The name of an element without its namespace; empty for comments."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def value(element: Any, name: str) -> str:
    """The value of an attribute, whatever its namespace."""
    return next((str(found) for key, found in element.attrib.items() if key.rpartition("}")[2] == name), "")


def number(element: Any, name: str, default: int) -> int:
    """The number in an attribute, if there is one of a size that means something."""
    said = value(element, name)
    return int(said) if said.isdecimal() and 0 < len(said) < 8 else default
