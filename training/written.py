"""Written questions -> what is read for them in use: ``python -m training.written PREFIX… --output FILE``.

A set is two files of JSON Lines: ``PREFIX.documents.jsonl`` (id, title, language, text) and ``PREFIX.questions.jsonl``
(id, document, kind, language, question, ``units``: the sentences, items and rows that answer together, ``spans``: the
characters that answer, both as they stand in the text, both empty where the document does not say).

Each set becomes a library of its own, cut by our own chunking, and every question is asked of it. For each, a line of
JSON holds its passages and its units as the reader sees them, which of them answer, and where the answer stands.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag import Engine, build
from rag.answer.choosing import promising
from rag.answer.compose import READ_HITS, units_in
from rag.answer.coverage import wanted_terms
from rag.answer.evidence import Unit
from rag.answer.features import row_matches, seen
from rag.answer.question import understand
from rag.answer.sources import Sources
from rag.errors import DatasetError
from rag.search import Hit
from rag.settings import Settings

logger = logging.getLogger(__name__)

DEPTH = 20
RIVALS = 12
"""Units that a question is taught with: more than are read in use."""
_WHOLE = ("list", "how", "comparison", "multi")
"""Kinds of which all units together are the answer, so that a list that holds them is one."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of text that the reader reads.

    Attributes:
        text: as it is read.
        document: the file that it is from.
        answers: whether it does; ``None`` where that is not known.
        span: where the answer stands in it, as ``[start, end)`` characters; ``None`` where it is not one stretch.
        fused: score by the hybrid search, of a passage; 0 of a unit.
    """

    text: str
    document: str
    answers: bool | None
    span: tuple[int, int] | None = None
    fused: float = 0.0


@dataclass(frozen=True, slots=True)
class Written:
    """A written question and what is read for it."""

    id: str
    kind: str
    question: str
    document: str
    passages: tuple[Marked, ...]
    units: tuple[Marked, ...]


def collect(prefix: Path) -> Iterator[Written]:
    """Every question of a set, asked of a library of its documents.

    Raises:
        DatasetError: a unit or a span does not stand where it should.
    """
    documents, questions = read_set(prefix)
    with tempfile.TemporaryDirectory() as folder:
        files, index = Path(folder) / "documents", Path(folder) / "index"
        write_documents(documents, files)
        build(files, index=index)
        engine = Engine.open(index, Settings.load().updated(reader="none"))
        texts = {Path(info.source).parent.name: engine.document(info.id).text for info in engine.documents()}
        for question in questions:
            yield _asked(engine, question, _marks(question, texts[question["document"]]))


def read_set(prefix: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Documents and questions of a set.

    Raises:
        DatasetError: a file is missing or no JSON Lines.
    """
    return _lines(prefix, "documents"), _lines(prefix, "questions")


def write_documents(documents: Sequence[dict[str, Any]], folder: Path) -> None:
    """Each as a text file, named by its title, in a folder named by its id."""
    for each in documents:
        path = folder / each["id"] / f"{re.sub(r'[/:*?<>|]', '_', each['title'])[:60]}.txt"
        path.parent.mkdir(parents=True)
        path.write_text(each["text"], encoding="utf-8")


def _lines(prefix: Path, part: str) -> list[dict[str, Any]]:
    path = prefix.with_name(f"{prefix.name}.{part}.jsonl")
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, ValueError) as error:
        raise DatasetError(f"Not a file of written {part}: {error}.", path=path) from error


Mark = tuple[int, int, tuple[int, int] | None]
"""A unit that answers: its start and end in the text, and those of the span in it."""


def _marks(question: dict[str, Any], text: str) -> list[Mark]:
    found: list[Mark] = []
    for unit in question["units"]:
        pattern = r"\s*".join(map(re.escape, re.sub(r"\s", "", unit)))
        stands = re.search(pattern, text)
        if stands is None:
            raise DatasetError(f"Question {question['id']}: this does not stand in its document: {unit}")
        span = next((s for s in question["spans"] if s in unit), None)
        at = re.search(r"\s*".join(map(re.escape, re.sub(r"\s", "", span))), stands[0]) if span else None
        begin = stands.start()
        found.append((begin, stands.end(), (begin + at.start(), begin + at.end()) if at else None))
    return found


def _asked(engine: Engine, question: dict[str, Any], marks: Sequence[Mark]) -> Written:
    found = engine.search(question["question"], operators=False, k=DEPTH).hits
    store = engine.snapshot.store
    asked = understand(question["question"])
    weigh = engine.snapshot.lexical.weights
    sources = Sources(store.blocks, store.text, lambda *_: [], weigh, store.date, lambda _: True, lambda *_: ())
    name = question["document"]
    own = engine.search(question["question"], operators=False, k=3, sources=[f"{name}/"]).hits
    units = units_in([*found[:READ_HITS], *own], sources)
    rows = row_matches(asked, units, store.text, weigh)
    known = seen(asked, units, wanted_terms(question["question"], weigh), rows, store.text)
    chosen = [each.unit for each in promising(known, enough=1.0, most=RIVALS)]
    answering = [unit for unit in units if _source(unit.hit) == name and unit not in chosen and _holds(unit, marks)]
    whole = question["kind"] in _WHOLE
    return Written(
        question["id"],
        question["kind"],
        question["question"],
        name,
        tuple(_passage(hit, name, marks) for hit in found),
        tuple(_unit(unit, name, marks, whole=whole) for unit in [*answering, *chosen]),
    )


def _source(hit: Hit) -> str:
    return Path(hit.document.source).parent.name


def _passage(hit: Hit, document: str, marks: Sequence[Mark]) -> Marked:
    inside = [mark for mark in marks if hit.start <= mark[0] and mark[1] <= hit.end] if _source(hit) == document else []
    span = next((span for _, _, span in inside if span is not None), None)
    moved = (span[0] - hit.start, span[1] - hit.start) if span else None
    return Marked(hit.text, _source(hit), bool(inside), moved, round(hit.score, 4))


def _holds(unit: Unit, marks: Sequence[Mark]) -> bool:
    return any(_overlap(unit, mark) for mark in marks)


def _overlap(unit: Unit, mark: Mark) -> bool:
    """Whether a unit and a mark are for the most part the same words."""
    shared = min(unit.end, mark[1]) - max(unit.start, mark[0])
    return shared > 0.6 * min(unit.end - unit.start, mark[1] - mark[0])


def _unit(unit: Unit, document: str, marks: Sequence[Mark], *, whole: bool) -> Marked:
    """The unit as it is read; a list with one item that answers is neither right nor wrong."""
    lead = len(unit.read_as) - len(unit.text)
    source = _source(unit.hit)
    held = [mark for mark in marks if _overlap(unit, mark)] if source == document else []
    answers: bool | None = bool(held)
    if held and unit.kind in ("list", "steps"):
        answers = True if whole and len(held) > 1 and 2 * len(held) >= len(marks) else None
    span = held[0][2] if answers and len(held) == 1 else None
    if span is not None and not unit.start <= span[0] <= span[1] <= unit.end:
        span = None
    moved = (span[0] - unit.start + lead, span[1] - unit.start + lead) if span else None
    return Marked(unit.read_as, source, answers, moved)


def read_written(path: Path) -> list[Written]:
    """What ``collect`` found, from the file that ``main`` wrote.

    Raises:
        DatasetError: it is not such a file.
    """
    try:
        return [_written(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"Not a file that training.written wrote: {error!r}.", path=path) from error


def _written(record: dict[str, Any]) -> Written:
    parts = {
        part: tuple(Marked(**{**one, "span": tuple(one["span"]) if one["span"] else None}) for one in record[part])
        for part in ("passages", "units")
    }
    return Written(**{**record, **parts})


def main(arguments: Sequence[str] | None = None) -> None:
    """Collect all sets into one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sets", type=Path, nargs="+", help="PREFIX of PREFIX.documents.jsonl and PREFIX.questions.jsonl"
    )
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    part = options.output.with_suffix(".part")
    with part.open("w", encoding="utf-8") as output:
        for prefix in options.sets:
            found = list(collect(prefix))
            output.writelines(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in found)
            answered = [each for each in found if each.kind != "unanswerable"]
            reached = sum(any(unit.answers for unit in each.units) for each in answered)
            logger.info(
                "%s: %d questions, an answer among the units for %d of %d", prefix, len(found), reached, len(answered)
            )
    part.replace(options.output)


if __name__ == "__main__":
    main()
