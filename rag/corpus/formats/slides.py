"""PowerPoint files: titles as headings, texts, tables, charts, notes and comments, a slide a place; by python-pptx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pptx
from lxml import etree
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.exc import PackageNotFoundError

from rag.corpus.formats.draft import Draft, DraftCell
from rag.corpus.formats.drawings import paragraphs, write_drawing
from rag.corpus.formats.office import facts_of, ordinary
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.slide_lists import write_paragraphs
from rag.corpus.formats.slide_order import Box, ordered
from rag.corpus.formats.struck import take_struck_drawn, write_struck
from rag.corpus.formats.zipped import damaged

_KIND = "a PowerPoint file"
_MAX_NESTED_GROUPS = 30
_HIDDEN = "（非表示のスライド）"
_SAME_ROW = 250_000  # English metric units, a quarter of an inch
_PAGE_PARTS = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.HEADER)
_LARGER = 1.2  # than all other letters, of a title that is a mere box
_USUAL_SIZE = 18.0  # points
_LONGEST_TITLE = 60
_MOST_TITLE_LINES = 2
_PICTURES = (MSO_SHAPE_TYPE.PICTURE, MSO_SHAPE_TYPE.LINKED_PICTURE, MSO_SHAPE_TYPE.LINE, MSO_SHAPE_TYPE.MEDIA)
_SIZED = tuple(f"{{http://schemas.openxmlformats.org/drawingml/2006/main}}{name}" for name in ("rPr", "defRPr"))
_GRAPHIC = "{http://schemas.openxmlformats.org/drawingml/2006/main}graphicData"


def read(data: bytes) -> Parsed:
    """All slides in their order, hidden ones marked; what stands on every slide once, behind the first.

    Raises:
        DocumentError: if it is encrypted, damaged, or no PowerPoint file.
    """
    data = ordinary(data, _KIND)
    try:
        presentation = pptx.Presentation(BytesIO(data))
        slides = list(presentation.slides)
    except (KeyError, ValueError, AttributeError, PackageNotFoundError, etree.LxmlError) as error:
        raise damaged(_KIND) from error
    draft, first, repeated = Draft(), "", set[str]()
    layers: dict[str, list[str]] = {}
    for number, slide in enumerate(slides, 1):
        draft.blank()
        draft.place("slide", str(number))
        struck = take_struck_drawn(slide._element)
        title = _title_of(slide)
        words = "" if title is None else str(title.text_frame.text)
        first = first or words
        hidden = _HIDDEN if slide._element.get("show") in ("0", "false") else ""
        draft.line(f"{words}{hidden}" if words else "", level=1)
        begun = draft.length
        for shape in _in_order(slide.shapes, None if title is None else title.shape_id):
            _write_shape(draft, shape)
        for words in dict.fromkeys(_page_texts(slide, layers)):
            if words not in repeated:
                draft.line(words)
                repeated.add(words)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            draft.blank()
            draft.line(slide.notes_slide.notes_text_frame.text)
        for words in _comments(slide):
            draft.line(words)
        if not words and draft.length > begun:
            draft.line(hidden)
        write_struck(draft, struck)
    facts = facts_of(presentation.core_properties)
    named = facts.pop("title", "")
    return draft.parsed(" ".join(first.split()) or named, facts, plain=True)


def _title_of(slide: Any) -> Any:
    """The box that is a slide's title: the one that says so, or the one above all others in the largest letters."""
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        return title
    boxes = [shape for shape in _flat(slide.shapes) if shape.has_text_frame and shape.text_frame.text.strip()]
    boxes = [box for box in boxes if not _is_page_part(box)]
    top = min(boxes, key=lambda box: _measures(box)[:2], default=None)
    if top is None or top.is_placeholder or not _is_like_title(top.text_frame):
        return None
    others = [_size(box.text_frame) for box in boxes if box is not top]
    return top if _size(top.text_frame) >= _LARGER * max(others, default=_USUAL_SIZE) else None


def _is_like_title(frame: Any) -> bool:
    words = frame.text.strip()
    is_short = len(words) <= _LONGEST_TITLE and len(words.split("\n")) <= _MOST_TITLE_LINES
    return is_short and not words.endswith("。") and any(char.isalpha() for char in words)


def _size(frame: Any) -> float:
    """The size of the largest letters of a box, in points; what it does not say is the usual one."""
    sizes = [each.get("sz") or "" for each in frame._txBody.iter(*_SIZED)]
    return max((int(size) / 100 for size in sizes if size.isdecimal() and len(size) < 6), default=_USUAL_SIZE)


def _in_order(shapes: Iterable[Any], without: int | None, depth: int = 0) -> Iterator[Any]:
    """The shapes of a slide or a group but its title and what repeats; those of a group together."""
    boxes = []
    for shape in shapes:
        if shape.shape_id == without or _is_page_part(shape):
            continue
        top, left, height, width = _measures(shape)
        boxes.append(Box(top, left, top + height, left + width, shape))
    for shape in ordered([box for box in boxes if _says_something(box.shape)], apart=_SAME_ROW):
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            if depth < _MAX_NESTED_GROUPS:
                yield from _in_order(shape.shapes, without, depth + 1)
        else:
            yield shape


def _says_something(shape: Any) -> bool:
    if shape.has_text_frame:
        return bool(shape.text_frame.text.strip())
    return shape.shape_type not in _PICTURES


def _measures(shape: Any) -> tuple[int, int, int, int]:
    """Top, left, height and width; 0 for a measure that is none."""
    top, left, height, width = (each or 0 for each in _told_measures(shape))
    return top, left, height, width


def _told_measures(shape: Any) -> list[int | None]:
    """As told by a shape, or else by that of its layout or master, looked for once and not for each measure."""
    own = [_number(shape._element, name) for name in ("y", "x", "cy", "cx")]
    if None not in own:
        return own
    try:
        base = getattr(shape, "_base_placeholder", None)
    except (ValueError, AttributeError, TypeError):
        return own
    above = own if base is None else _told_measures(base)
    return [inherited if measure is None else measure for measure, inherited in zip(own, above, strict=True)]


def _number(element: Any, name: str) -> int | None:
    try:
        value = getattr(element, name)
    except (ValueError, AttributeError, TypeError):  # a measure that is none
        return 0
    return None if value is None else int(value)


def _flat(shapes: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """Shapes in their order, those of groups in the groups' places."""
    for shape in shapes:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            if depth < _MAX_NESTED_GROUPS:
                yield from _flat(shape.shapes, depth + 1)
        else:
            yield shape


def _is_page_part(shape: Any) -> bool:
    """Whether it is a slide's number, footer or date."""
    if not shape.is_placeholder:
        return False
    return shape.placeholder_format.type in (*_PAGE_PARTS, PP_PLACEHOLDER.SLIDE_NUMBER)


def _page_texts(slide: Any, layers: dict[str, list[str]]) -> Iterator[str]:
    """Footer and date of a slide, and what its layout and master write on each of theirs.

    Args:
        layers: what those of other slides write, by the names of their parts.
    """
    for shape in slide.shapes:
        if _is_page_part(shape) and shape.placeholder_format.type in _PAGE_PARTS and shape.text_frame.text.strip():
            yield " ".join(shape.text_frame.text.split())
    for layer in (slide.slide_layout, slide.slide_layout.slide_master):
        name = str(layer.part.partname)
        if name not in layers:
            layers[name] = list(_layer_texts(layer))
        yield from layers[name]


def _layer_texts(layer: Any) -> Iterator[str]:
    for shape in _flat(layer.shapes):
        if not shape.is_placeholder and shape.has_text_frame and shape.text_frame.text.strip():
            yield " ".join(shape.text_frame.text.split())


def _write_shape(draft: Draft, shape: Any) -> None:
    if shape.has_text_frame:
        are_items = shape.is_placeholder and shape.placeholder_format.type != PP_PLACEHOLDER.SUBTITLE
        write_paragraphs(draft, shape.text_frame.paragraphs, are_items=are_items)
    elif getattr(shape, "has_table", False):
        draft.blank()
        draft.table([[_cell(cell) for cell in row.cells] for row in shape.table.rows])
        draft.blank()
    elif next(shape._element.iter(_GRAPHIC), None) is not None:
        write_drawing(draft, shape._element, lambda name: _related(shape.part, name))


def _cell(cell: Any) -> DraftCell | None:
    if cell.is_spanned:
        return None
    return DraftCell(cell.text, cell.span_height, cell.span_width) if cell.is_merge_origin else DraftCell(cell.text)


def _related(part: Any, name: str) -> Any:
    """The tree of a part that a slide names."""
    relation = part.rels.get(name)
    if relation is None or relation.is_external:
        return None
    return _tree(relation.target_part.blob)


def _tree(data: bytes) -> Any:
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None


def _comments(slide: Any) -> Iterator[str]:
    """What comments on a slide say, in both forms that PowerPoint has written."""
    for relation in slide.part.rels.values():
        if relation.is_external or not relation.reltype.endswith("/comments"):
            continue
        tree = _tree(relation.target_part.blob)
        for comment in () if tree is None else tree.iter("{*}cm", "{*}reply"):
            body = comment.find("{*}txBody")
            words = comment.findtext("{*}text") or "" if body is None else " ".join(paragraphs(body))
            if words.strip():
                yield f"（コメント：{' '.join(words.split())}）"
