"""PowerPoint files: titles as headings, texts, tables and speaker notes, a slide a place; by python-pptx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pptx
from lxml import etree
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.exc import PackageNotFoundError

from rag.corpus.formats.draft import Draft, DraftCell
from rag.corpus.formats.office import facts_of
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.zipped import damaged, open_zip

_KIND = "a PowerPoint file"
_MAX_NESTED_GROUPS = 30


def read(data: bytes) -> Parsed:
    """All slides in their order, hidden ones too.

    Raises:
        DocumentError: if it is encrypted, damaged, or no PowerPoint file.
    """
    open_zip(data, _KIND).close()
    try:
        presentation = pptx.Presentation(BytesIO(data))
        slides = list(presentation.slides)
    except (KeyError, ValueError, AttributeError, PackageNotFoundError, etree.LxmlError) as error:
        raise damaged(_KIND) from error
    draft, first = Draft(), ""
    for number, slide in enumerate(slides, 1):
        draft.blank()
        draft.place("slide", str(number))
        title = slide.shapes.title
        if title is not None and title.text_frame.text.strip():
            first = first or title.text_frame.text
            draft.line(title.text_frame.text, level=1)
        for shape in _flat(slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                _write_shape(draft, shape)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            draft.blank()
            draft.line(slide.notes_slide.notes_text_frame.text)
    facts = facts_of(presentation.core_properties)
    named = facts.pop("title", "")
    return draft.parsed(" ".join(first.split()) or named, facts, plain=True)


def _flat(shapes: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """Shapes in their order, those of groups in the groups' places."""
    for shape in shapes:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            if depth < _MAX_NESTED_GROUPS:
                yield from _flat(shape.shapes, depth + 1)
        else:
            yield shape


def _write_shape(draft: Draft, shape: Any) -> None:
    if shape.has_text_frame:
        paragraphs = [paragraph for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()]
        if shape.is_placeholder and len(paragraphs) > 1 and not any("\v" in each.text for each in paragraphs):
            draft.items([each.text for each in paragraphs], [each.level for each in paragraphs])
        else:
            for paragraph in paragraphs:
                draft.line(paragraph.text)
    elif getattr(shape, "has_table", False):
        draft.blank()
        draft.table([[_cell(cell) for cell in row.cells] for row in shape.table.rows])
        draft.blank()


def _cell(cell: Any) -> DraftCell | None:
    if cell.is_spanned:
        return None
    return DraftCell(cell.text, cell.span_height, cell.span_width) if cell.is_merge_origin else DraftCell(cell.text)
