"""What comes out of PDF files of the kinds that offices have: by Shiori, and by the libraries that are taken for it.

    pip install -e '.[compared]'
    python -m benchmarks.pdf_text --write docs/results.md

The files are drawn here (``papers.py``), so that what stands in them, and in which order it is read, is known. A
paragraph, heading, note or cell is whole if it comes out with nothing between its characters: no part of another
column, cell or head of a page, no space within a word. Line breaks do not count: most libraries give lines. Order
is how much of the text comes in the order in which it is read: twice the longest common subsequence over the length of
both, white space aside. A column stands for each library that is installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from time import perf_counter

from benchmarks.papers import KINDS, SCRIPTS, SPACED, Paper, papers
from benchmarks.report import edition, parser, publish, table
from benchmarks.texts import read_texts
from rag.corpus.formats.pdf import read

Reader = Callable[[bytes], str]


def shiori(data: bytes) -> str:
    """The text of which passages are made: running heads, which are marked, are left out."""
    parsed = read(data)
    text = parsed.text
    for each in sorted(parsed.excluded, key=lambda each: -each.start):
        text = text[: each.start] + text[each.end :]
    return text


def by_pypdf(data: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def by_pdfminer(data: bytes) -> str:
    from pdfminer.high_level import extract_text

    return str(extract_text(BytesIO(data)))


def by_pdfplumber(data: bytes) -> str:
    import pdfplumber

    with pdfplumber.open(BytesIO(data)) as document:
        return "\n".join(page.extract_text() for page in document.pages)


def by_pdfium(data: bytes) -> str:
    from pypdfium2 import PdfDocument

    document = PdfDocument(data)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


READERS: tuple[tuple[str, str, Reader], ...] = (
    ("Shiori", "", shiori),
    ("pypdf", "pypdf", by_pypdf),
    ("pdfminer.six", "pdfminer.six", by_pdfminer),
    ("pdfplumber", "pdfplumber", by_pdfplumber),
    ("pypdfium2", "pypdfium2", by_pdfium),
)
"""Name, distribution whose version is shown, and function."""


@dataclass(frozen=True)
class Outcome:
    """A reader over all papers: for each how many of its units are whole, and the order."""

    name: str
    whole: Sequence[int]
    order: Sequence[float]
    seconds: float

    def shown(self, chosen: Sequence[tuple[int, Paper]]) -> str:
        """Both over these papers."""
        units = sum(len(paper.units) for _, paper in chosen)
        whole = sum(self.whole[number] for number, _ in chosen) / units
        return f"{whole:.3f} / {sum(self.order[number] for number, _ in chosen) / len(chosen):.3f}"


def measured(name: str, read_text: Reader, drawn: Sequence[Paper]) -> Outcome:
    """One reader over all papers, after a first that is not counted: libraries load their tables with it."""
    read_text(drawn[0].data)
    begun = perf_counter()
    found = [read_text(paper.data) for paper in drawn]
    seconds = perf_counter() - begun
    pairs = list(zip(drawn, found, strict=True))
    return Outcome(name, [whole(*pair) for pair in pairs], [order(*pair) for pair in pairs], seconds)


def whole(paper: Paper, text: str) -> int:
    """How many of the units come out in one piece."""
    found = _joined(text, paper.language)
    return sum(_joined(unit, paper.language) in found for unit in paper.units)


def _joined(text: str, language: str) -> str:
    """The lines as one, with a space between them if the script has spaces."""
    lines = [line.strip() for line in re.split(r"[\r\n\f]+", text.replace("\0", ""))]
    return re.sub(r"\s+", " ", (" " if language in SPACED else "").join(lines))


def order(paper: Paper, text: str) -> float:
    """How much comes in the order in which it is read, from 0 to 1."""
    wanted, found = (re.sub(r"\s", "", each) for each in ("".join(paper.units), text))
    return 2 * _common(wanted, found) / (len(wanted) + len(found))


def _common(a: str, b: str) -> int:
    """Length of the longest common subsequence, a row a step in the bits of one number (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for number, char in enumerate(a):
        places[char] = places.get(char, 0) | 1 << number
    every = (1 << len(a)) - 1
    row = every
    for char in b:
        met = row & places.get(char, 0)
        row = ((row + met) | (row - met)) & every
    return len(a) - row.bit_count()


def main() -> None:
    """Print the tables, or write them into the document."""
    options = parser(__doc__)
    options.add_argument("--number", type=int, default=4, help="papers of each kind in each language")
    arguments = options.parse_args()
    drawn = list(papers(read_texts(), arguments.number))
    outcomes, missing = [], []
    for name, distribution, read_text in READERS:
        found = edition(distribution)
        if found is None:
            missing.append(name)
        else:
            outcomes.append(measured(name + found, read_text, drawn))
    pages = sum(paper.pages for paper in drawn)
    told = f"{len(drawn)} papers, {pages} pages, {sum(len(paper.units) for paper in drawn):,} paragraphs and cells."
    if missing:
        told += f" Not installed: {', '.join(missing)}."
    numbered = list(enumerate(drawn))
    names = [each.name for each in outcomes]
    japanese = []
    for kind in KINDS:
        chosen = [each for each in numbered if each[1].kind == kind and each[1].language == "ja"]
        japanese.append([kind, *(each.shown(chosen) for each in outcomes)])
    scripts = []
    for language, script in SCRIPTS.items():
        chosen = [each for each in numbered if each[1].language == language]
        scripts.append([script, *(each.shown(chosen) for each in outcomes)])
    speed = ["pages/s", *(f"{pages / each.seconds:,.0f}" for each in outcomes)]
    body = f"{told}\n\n{table(['Japanese: whole / order', *names], japanese)}"
    publish("pdf_text", f"{body}\n\n{table(['all kinds: whole / order', *names], [*scripts, speed])}", arguments.write)


if __name__ == "__main__":
    main()
