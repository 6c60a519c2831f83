"""What stands at the top and bottom of pages: document numbers and revision dates, told once at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.corpus.formats.draft import Draft

_PAGE_NUMBER = re.compile(r"(?:\d+|[０-９]+|page|of|pages|ページ|頁|全|第|[-‐–—−－ー/／・.\s　()（）])+", re.IGNORECASE)


def write_page_texts(draft: Draft, lines: Iterable[str], *, title: str = "") -> None:
    """Append the lines of headers and footers, each once, without pages' numbers and what the title says."""
    shown = (" ".join(line.split()) for line in lines)
    wanted = dict.fromkeys(line for line in shown if line and not _PAGE_NUMBER.fullmatch(line) and line != title)
    if wanted:
        draft.blank()
    for line in wanted:
        draft.line(line)
