"""Markdown: headings and code blocks as CommonMark defines them; the text stays as it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.corpus.blocks import Block, Cell, Span, Table
from rag.corpus.cleaning.lines import lines_of
from rag.corpus.document import Exclusion, Heading
from rag.corpus.formats.markdown_lists import lists_of
from rag.corpus.formats.markdown_marks import marks
from rag.corpus.formats.parsed import Parsed
from rag.corpus.tables import is_rule, pipe_cells

_FRONT_MATTER = re.compile(
    r"(---|\+\+\+)[ \t]*\n(?P<body>(?:(?!(?:---|\+\+\+|\.\.\.)[ \t]*$)[^\n]*\n)*?)(?:---|\+\+\+|\.\.\.)[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
_FIELD = re.compile(
    r"^(?P<name>title|date|author)[ \t]*[:=](?P<value>[^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)


_EMPHASIS = re.compile(r"\*+|`+|~~")


def parse(text: str) -> Parsed:
    """Headings (ATX and setext), code blocks, front matter (YAML or TOML) with its title, date and author."""
    front, fields = _front_matter(text)
    starts = _line_starts(text)
    offset = text.count("\n", 0, front)
    headings: list[Heading] = []
    protected: list[Span] = []
    blocks: list[Block] = []
    spans_of_tables: set[Span] = set()
    tokens = _parser().parse(text[front:])
    for token, inline in pairwise([*tokens, None]):
        if token is None or token.map is None:
            continue
        first, last = token.map[0] + offset, token.map[1] + offset
        if token.type == "heading_open" and inline is not None:
            headings += _heading(text, starts, first, token, inline)
        elif token.type == "table_open":
            span = starts[first], starts[last] - 1 if last < len(starts) else len(text)
            protected.append(span)
            spans_of_tables.add(span)
            blocks.append(_table(text, span))
        elif token.type in ("fence", "code_block"):
            protected.append((starts[first], starts[min(last, len(starts) - 1)] if last < len(starts) else len(text)))
    blocks += lists_of(text, starts, offset, tokens)
    blocks.sort(key=lambda block: block.start)
    excluded = [Exclusion(0, len(text[:front].rstrip()), "front-matter")] if front else []
    excluded += marks(text, front, [span for span in protected if span not in spans_of_tables])
    title = fields.pop("title", "") or (_plain(text[headings[0].start : headings[0].end]) if headings else "")
    return Parsed(text, title, headings, excluded, protected, fields, blocks=blocks)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])


def _table(text: str, span: Span) -> Block:
    lines = [replace(line, start=line.start + span[0], end=line.end + span[0]) for line in lines_of(text[slice(*span)])]
    rows = [pipe_cells(line) for line in lines if not is_rule(line.text)]
    cells = [
        Cell(start, end, row, column) for row, line in enumerate(rows) for column, (start, end, _) in enumerate(line)
    ]
    return Block(lines[0].start, lines[-1].end, "table", table=Table(tuple(cells), header_rows=1))


def _front_matter(text: str) -> tuple[int, dict[str, str]]:
    """Where the text after the front matter begins, and what the front matter says."""
    match = _FRONT_MATTER.match(text)
    if match is None or not re.search(r"^[\w-]+[ \t]*[:=]", match["body"], re.MULTILINE):
        return 0, {}
    fields = {field["name"].lower(): _unquoted(field["value"].strip()) for field in _FIELD.finditer(match["body"])}
    return match.end(), {name: value for name, value in fields.items() if value}


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _heading(text: str, starts: list[int], line: int, token: Token, inline: Token) -> Iterator[Heading]:
    words = inline.content.split("\n")[0].strip()
    end = text.find("\n", starts[line])
    start = text.find(words, starts[line], len(text) if end < 0 else end) if words else -1
    if start >= 0:
        yield Heading(start, start + len(words), int(token.tag[1]))


def _plain(words: str) -> str:
    """Without the marks of emphasis, code and links."""
    words = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", words)
    counts = Counter(_EMPHASIS.findall(words))
    return _EMPHASIS.sub(lambda run: "" if counts[run.group()] > 1 else run.group(), words)


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]
