"""Precision and recall of what is left out as boilerplate, by lines, on a labelled set of pages and office documents.

The set (``boilerplate.jsonl``) holds a document a line: its format, and its lines, each behind ``B|`` if it belongs to
the page around an article, or ``C|`` if it is content. Half of the documents have no boilerplate at all, but the words
that boilerplate is known by: 広告, お問い合わせはこちら. Libraries that clean web pages get each document as a page
with a paragraph for each line.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import parser, publish, table
from rag.corpus.assembly import document_from, document_of
from rag.corpus.document import Document
from rag.corpus.formats.parsed import Parsed

SET = Path(__file__).with_suffix(".jsonl")
_ENDINGS = {"text": ".txt", "markdown": ".md", "html": ".html", "data": ".csv"}


@dataclass(frozen=True)
class Labelled:
    """A document of the set; ``wanted`` are its lines with words, each with whether it is boilerplate."""

    name: str
    file_format: str
    lines: tuple[str, ...]
    wanted: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        """As a file would hold it."""
        return "\n".join(self.lines) + "\n"

    @property
    def page(self) -> str:
        """As a web page, a paragraph for each line."""
        body = "".join(f"<p>{html.escape(line)}</p>" for line in self.lines if line)
        return f"<html><head><title>{html.escape(self.name)}</title></head><body>{body}</body></html>"


Cleaner = Callable[[Labelled], set[str]]
"""Gives the lines that are kept."""


def read_set(path: Path = SET) -> list[Labelled]:
    """The labelled documents."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        pairs = [(each[2:], each[0] == "B") for each in item["lines"]]
        wanted = tuple((words, is_boilerplate) for words, is_boilerplate in pairs if words)
        found.append(Labelled(item["name"], item["format"], tuple(words for words, _ in pairs), wanted))
    return found


def ours(item: Labelled) -> set[str]:
    """The lines that Shiori keeps; formats of office programs as their readers give them."""
    name = item.name + _ENDINGS.get(item.file_format, "")
    if item.file_format == "html":
        return set(_kept(document_from("html", name, item.page.encode(), {"format": "html"})))
    if item.file_format in _ENDINGS:
        document = document_from(item.file_format, name, item.text.encode(), {"format": item.file_format})
    else:
        document = document_of(name, Parsed(item.text), {"format": item.file_format})
    return set(_kept(document))


def _kept(document: Document) -> Iterator[str]:
    position = 0
    for line in document.text.split("\n"):
        start, end = position, position + len(line)
        position = end + 1
        lost = sum(max(0, min(end, e.end) - max(start, e.start)) for e in document.excluded if not e.is_inline)
        if line.strip() and lost < len(line) / 2:
            yield line.strip()


def by_trafilatura(item: Labelled) -> set[str]:
    """The lines of what trafilatura takes for the page's main text."""
    from trafilatura import extract

    text = extract(item.page, include_comments=False, include_tables=True, favor_recall=True) or ""
    return {line.strip() for line in text.splitlines()}


def by_justext(item: Labelled) -> set[str]:
    """The paragraphs that jusText keeps, with its word list of the language where it has one."""
    import justext

    stop = justext.get_stoplist("English") if item.text.isascii() else frozenset()
    found = justext.justext(item.page.encode(), stop, length_low=10, length_high=40, stopwords_low=0, stopwords_high=0)
    return {paragraph.text.strip() for paragraph in found if not paragraph.is_boilerplate}


def measured(items: Sequence[Labelled], clean: Cleaner) -> tuple[float, float, int]:
    """Precision and recall of the lines left out, and how many lines of content are lost."""
    right = out = there = 0
    for item in items:
        kept = clean(item)
        for words, is_boilerplate in item.wanted:
            is_out = words.strip() not in kept
            out += is_out
            there += is_boilerplate
            right += is_out and is_boilerplate
    return (right / out if out else 1.0), (right / there if there else 1.0), out - right


def main() -> None:
    """Print the table, or write it into the document."""
    arguments = parser(__doc__).parse_args()
    items = read_set()
    pages = [item for item in items if any(is_boilerplate for _, is_boilerplate in item.wanted)]
    others = [item for item in items if item not in pages]
    cleaners: list[tuple[str, Cleaner]] = [
        ("Shiori", ours),
        ("trafilatura", by_trafilatura),
        ("jusText", by_justext),
    ]
    rows = []
    for name, clean in cleaners:
        precision, recall, lost = measured(pages, clean)
        rows.append([name, precision, recall, lost, measured(others, clean)[2]])
    lines = sum(len(item.wanted) for item in pages), sum(len(item.wanted) for item in others)
    head = ["", "precision", "recall", f"content lost on pages ({lines[0]} lines)", f"in documents ({lines[1]} lines)"]
    body = f"{len(pages)} pages and {len(others)} documents without boilerplate.\n\n{table(head, rows)}"
    publish("boilerplate", body, arguments.write)


if __name__ == "__main__":
    main()
