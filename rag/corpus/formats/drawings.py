"""What is drawn in Office files: text boxes, charts as tables of their data, SmartArt as lists (ECMA-376, 20-21).

The three programs draw with the same elements; names are compared without their namespaces, which strict files change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.number_formats import shown_value

_MOST_POINTS = 20_000
_MOST_NODES = 5_000
_DEEPEST = 8
_RELATIONS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)

Related = Callable[[str], "etree._Element | None"]
"""The tree of a part, by the name that the drawing uses for it; ``None`` if it is missing."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Something drawn: where it begins (rows from the top, columns from the left), and its element."""

    row: int
    column: int
    element: etree._Element


def anchored(drawing: etree._Element) -> list[Drawn]:
    """What is on a sheet, from top to bottom."""
    found = []
    for anchor in drawing.iterchildren("{*}twoCellAnchor", "{*}oneCellAnchor", "{*}absoluteAnchor"):
        row, column = (anchor.findtext(f"{{*}}from/{{*}}{name}") or "0" for name in ("row", "col"))
        found.append(Drawn(_integer(row), _integer(column), anchor))
    return sorted(found, key=lambda drawn: (drawn.row, drawn.column))


def write_drawing(draft: Draft, element: etree._Element, related: Related) -> None:
    """Append the texts, charts and SmartArt in an element, in their order."""
    walk = etree.iterwalk(element, events=("start",))
    for _, each in walk:
        name = _name(each)
        if name == "Fallback":
            walk.skip_subtree()
        elif name == "txBody":
            for paragraph in paragraphs(each):
                draft.line(paragraph)
            walk.skip_subtree()
        elif name == "chart" and (tree := _named(each, "id", related)) is not None:
            write_chart(draft, tree)
        elif name == "relIds" and (tree := _named(each, "dm", related)) is not None:
            write_smart_art(draft, tree)


def paragraphs(body: etree._Element) -> Iterator[str]:
    """The paragraphs of a text box that say something."""
    for paragraph in body.iterchildren("{*}p"):
        pieces = [each.text or "" if _name(each) == "t" else "\n" for each in paragraph.iter("{*}t", "{*}br")]
        if "".join(pieces).strip():
            yield "".join(pieces)


def write_chart(draft: Draft, chart: etree._Element) -> None:
    """Append a chart's title, and its data as a table: a row a category, a column a series."""
    rows = list(_chart_rows(chart))
    title = next(chart.iter("{*}title"), None)
    words = "" if title is None else "".join(each.text or "" for each in title.iter("{*}t"))
    if not rows and not words.strip():
        return
    draft.blank()
    draft.line(words)
    if rows:
        draft.table(rows, header_rows=1 if any(rows[0][1:]) else None)
    draft.blank()


def _chart_rows(chart: etree._Element) -> Iterator[list[str]]:
    names: list[str] = []
    values: list[dict[int, str]] = []
    labels: dict[int, str] = {}
    for series in chart.iter("{*}ser"):
        name = series.find("{*}tx")
        names.append("" if name is None else " ".join(each.text or "" for each in name.iter("{*}v")).strip())
        for axis in ("cat", "xVal"):
            labels |= {k: v for k, v in _points(series.find(f"{{*}}{axis}")).items() if k not in labels}
        values.append(_points(series.find("{*}val")) or _points(series.find("{*}yVal")))
    if not any(values):
        return
    yield ["", *names]
    places = sorted({place for each in values for place in each} | set(labels))
    for place in places[:_MOST_POINTS]:
        yield [labels.get(place, str(place + 1)), *(each.get(place, "") for each in values)]


def _points(data: etree._Element | None) -> dict[int, str]:
    """The values of an axis or a series as they were last shown; categories of several levels are joined."""
    found: dict[int, str] = {}
    if data is None:
        return found
    number_format = next((each.text or "" for each in data.iter("{*}formatCode")), "")
    is_number = data.find("{*}numRef") is not None or data.find("{*}numLit") is not None
    for point in data.iter("{*}pt"):
        words = (point.findtext("{*}v") or "").strip()
        if words and len(found) < _MOST_POINTS:
            words = _as_number(words, point.get("formatCode") or number_format) if is_number else words
            place = _integer(point.get("idx") or "0")
            found[place] = f"{words} {found[place]}" if place in found else words
    return found


def _as_number(words: str, number_format: str) -> str:
    try:
        return shown_value(float(words), number_format)
    except ValueError:
        return words


def write_smart_art(draft: Draft, data: etree._Element) -> None:
    """Append the words of a diagram as a list, nested as its shapes are."""
    words, depths = [], []
    for text, depth in _nodes(data):
        words.append(text)
        depths.append(depth)
    if words:
        draft.blank()
        draft.items(words, depths)
        draft.blank()


def _nodes(data: etree._Element) -> Iterator[tuple[str, int]]:
    points = {each.get("modelId", ""): each for each in data.iter("{*}pt")}
    below: dict[str, list[tuple[int, str]]] = {}
    for link in data.iter("{*}cxn"):
        if link.get("type", "parOf") == "parOf":
            below.setdefault(link.get("srcId", ""), []).append((_integer(link.get("srcOrd")), link.get("destId", "")))
    roots = [name for name, each in points.items() if each.get("type") == "doc"]
    stack, seen = [(name, 0) for name in reversed(roots)], set[str]()
    while stack and len(seen) < _MOST_NODES:
        name, depth = stack.pop()
        if name in seen or name not in points:
            continue
        seen.add(name)
        body = points[name].find("{*}t")
        text = "" if body is None else " ".join(paragraphs(body))
        if text:
            yield text, min(max(depth - 1, 0), _DEEPEST)
        stack += [(child, depth + 1) for _, child in sorted(below.get(name, ()), reverse=True)]
    for name, each in points.items():  # those that nothing links, as in a damaged file
        body = each.find("{*}t")
        if name not in seen and each.get("type", "node") == "node" and body is not None and any(paragraphs(body)):
            yield " ".join(paragraphs(body)), 0


def in_reading_order(boxes: Sequence[tuple[int, int, Any]], *, apart: int) -> list[Any]:
    """Boxes from top to bottom, those of about one height from left to right.

    Args:
        boxes: top, left, and the box.
        apart: how much lower a box of the same row may begin.
    """
    ordered: list[Any] = []
    row: list[tuple[int, int, Any]] = []
    for box in sorted(boxes, key=lambda box: box[:2]):
        if row and box[0] - row[0][0] > apart:
            ordered += [each for _, _, each in sorted(row, key=lambda each: each[1])]
            row = []
        row.append(box)
    return ordered + [each for _, _, each in sorted(row, key=lambda each: each[1])]


def _named(element: etree._Element, name: str, related: Related) -> etree._Element | None:
    identifier = next((value for space in _RELATIONS if (value := element.get(space + name))), "")
    return related(identifier) if identifier else None


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _integer(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 10 else 0
