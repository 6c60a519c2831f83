"""Answers over the papers that offices have: right, refused and wrong by kind of question.

    python -m benchmarks.office DOCUMENTS QUESTIONS [--name …] [--write docs/results.md]

QUESTIONS is JSON Lines as in ``benchmarks/office``: an answer is right when every required part of it stands in what is
shown and quoted, in one of its forms; where no document holds an answer, a refusal is right. ``benchmarks/office`` has
three sets; ``benchmarks.answers`` measures short facts of an encyclopedia.
"""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import parser, publish, table
from rag import Engine, build
from rag.answer.result import Answer

CONFIDENT = 0.8
LONGEST = 400
"""Characters of an answer that are looked at: a dump of the passage is no answer."""
DEPTH = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question."""

    kind: str
    answerable: bool
    abstained: bool
    right: bool
    found: bool
    confidence: float
    length: int


def main() -> None:
    """Ask, judge, print."""
    options = parser(__doc__)
    options.add_argument("documents", type=Path)
    options.add_argument("questions", type=Path)
    options.add_argument("--name", default="office")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build([arguments.documents], index=Path(folder))
        engine = Engine.open(Path(folder))
        questions = [json.loads(line) for line in arguments.questions.read_text(encoding="utf-8").splitlines()]
        outcomes = [_asked(engine, question) for question in questions]
    publish(arguments.name, f"{_by_kind(outcomes)}\n\n{_summary(outcomes)}", arguments.write)


def _asked(engine: Engine, question: dict[str, Any]) -> Outcome:
    history = [question["previous"]] if question.get("previous") else []
    answer = engine.ask(question["question"], history=history)
    wanted = question["answers"]
    right = is_right(answer, wanted)
    text = _text(answer)
    hits = [(Path(hit.document.source).name, _plain(hit.text)) for hit in answer.hits[:DEPTH]]
    found = any(
        name == one["source"] and _shares(text, one["quote"]) for name, text in hits for one in question["evidence"]
    )
    return Outcome(question["kind"], bool(wanted), answer.abstained, right, found, answer.confidence, len(text))


def is_right(answer: Answer, wanted: Sequence[Sequence[str]]) -> bool:
    """Whether all that is wanted stands in what is shown and quoted, each part in one of its forms; or a refusal is."""
    if not wanted or answer.abstained:
        return answer.abstained and not wanted
    return share(shown(answer), wanted) == 1.0


def shown(answer: Answer) -> str:
    """What is shown and quoted, as far as it is looked at."""
    return " ".join([_text(answer), *(citation.quote for citation in answer.citations)])[:LONGEST]


def share(text: str, wanted: Sequence[Sequence[str]]) -> float:
    """Share of what is wanted that stands in a text, each part in one of its forms."""
    plain = _plain(text)
    return sum(any(_plain(form) in plain for form in part) for part in wanted) / len(wanted)


def _text(answer: Answer) -> str:
    return re.sub(r"\[\d+\]", "", answer.answer)[:LONGEST]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _shares(passage: str, quote: str) -> bool:
    pieces = [piece for piece in map(_plain, re.split(r"[\t\n|]", quote)) if piece]
    return any(piece in passage for piece in pieces)


def _by_kind(outcomes: Sequence[Outcome]) -> str:
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        kinds[outcome.kind].append(outcome)
    rows = [
        [
            kind,
            len(some),
            _share(some, lambda o: o.right),
            _share(some, lambda o: o.abstained),
            _share(some, lambda o: not o.right and not o.abstained),
            _share(some, lambda o: o.found),
        ]
        for kind, some in sorted(kinds.items())
    ]
    return table(["kind", "questions", "right", "refused", "wrong", f"evidence in {DEPTH}"], rows)


def _summary(outcomes: Sequence[Outcome]) -> str:
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.answerable]
    given = [outcome for outcome in outcomes if not outcome.abstained]
    sure = [outcome for outcome in given if outcome.confidence >= CONFIDENT]
    rows: list[list[object]] = [
        ["right, of the answerable", _share(answerable, lambda o: o.right)],
        ["refused, of the answerable", _share(answerable, lambda o: o.abstained)],
        ["refused, of the unanswerable", _share(unanswerable, lambda o: o.abstained)],
        ["wrong, of those given", _share(given, lambda o: not o.right)],
        [f"sure (confidence of {CONFIDENT} or more)", len(sure)],
        ["wrong, of the sure", _share(sure, lambda o: not o.right)],
        [f"evidence in the first {DEPTH} passages, of the answerable", _share(answerable, lambda o: o.found)],
        ["characters of an answer, on average", round(sum(o.length for o in given) / max(1, len(given)))],
    ]
    return table(["over all", ""], rows)


def _share(some: Sequence[Outcome], test: Callable[[Outcome], bool]) -> str:
    return f"{sum(map(test, some)) / len(some):.2f}" if some else "–"


if __name__ == "__main__":
    main()
