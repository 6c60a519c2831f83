"""Jupyter notebooks (nbformat 3 and 4): prose and code of each cell, which is a place; outputs are left out."""

from __future__ import annotations

import json
from typing import Any

from rag.corpus.charset.encoding import decode
from rag.corpus.formats import markdown
from rag.corpus.formats.draft import Draft, printable
from rag.corpus.formats.parsed import Parsed
from rag.errors import DocumentError


def read(data: bytes) -> Parsed:
    """Markdown cells with their headings, code cells as they are.

    Raises:
        DocumentError: if it is no notebook.
    """
    try:
        notebook = json.loads(decode(data, "utf-8")[0])
        cells = _cells(notebook)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise DocumentError(
            "The file is damaged, or not a notebook.", code="damaged", hint="Save it again from Jupyter."
        ) from error
    draft, title = Draft(), ""
    for number, (kind, source) in enumerate(cells, 1):
        draft.blank()
        draft.place("cell", str(number))
        source = printable(source).replace("\r\n", "\n").replace("\r", "\n")
        if not source.strip():
            continue
        if kind == "markdown":
            part = markdown.parse(source)
            title = title or part.title
            draft.parsed_block(part)
        else:
            draft.block(source)
    return draft.parsed(title)


def _cells(notebook: dict[str, Any]) -> list[tuple[str, str]]:
    cells = notebook["cells"] if "cells" in notebook else [c for s in notebook["worksheets"] for c in s["cells"]]
    return [(str(cell["cell_type"]), _source(cell)) for cell in cells]


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return source if isinstance(source, str) else "".join(map(str, source))
