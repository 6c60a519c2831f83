"""Answers over the papers that offices have: right, refused and wrong by organisation and by kind of question.

    python -m benchmarks.office SET… [--name …] [--write docs/results.md]

A SET is a folder as those of ``benchmarks/office``, with ``documents/`` and ``questions.jsonl``. An answer is right
when every required part of it stands in what is shown and quoted, in one of its forms; where no document holds an
answer, a refusal is right. ``benchmarks.answers`` measures short facts of an encyclopedia.
"""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sklearn.metrics import roc_auc_score

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
    options.add_argument("sets", type=Path, nargs="+")
    options.add_argument("--name", default="office")
    arguments = options.parse_args()
    found = {place.name: ask_all(place) for place in arguments.sets}
    everything = [outcome for outcomes in found.values() for outcome in outcomes]
    publish(arguments.name, f"{_by_set(found)}\n\n{_by_kind(everything)}", arguments.write)


def ask_all(place: Path) -> list[Outcome]:
    """What becomes of the questions of a set, over an index of its documents."""
    questions = [json.loads(line) for line in (place / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        build([place / "documents"], index=Path(folder))
        engine = Engine.open(Path(folder))
        return [_asked(engine, question) for question in questions]


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


def _by_set(found: Mapping[str, Sequence[Outcome]]) -> str:
    rows = []
    for name, outcomes in found.items():
        answerable = [outcome for outcome in outcomes if outcome.answerable]
        unanswerable = [outcome for outcome in outcomes if not outcome.answerable]
        given = [outcome for outcome in outcomes if not outcome.abstained]
        sure = [outcome for outcome in given if outcome.confidence >= CONFIDENT]
        rows.append(
            [
                name,
                len(outcomes),
                _share(answerable, lambda o: o.right),
                _share(answerable, lambda o: o.abstained),
                _share(unanswerable, lambda o: o.abstained),
                _share(given, lambda o: not o.right),
                len(sure),
                _share(sure, lambda o: not o.right),
                _auroc(answerable),
                _share(answerable, lambda o: o.found),
                round(sum(o.length for o in given) / max(1, len(given))),
            ]
        )
    header = [
        *(
            "papers of",
            "questions",
            "right",
            "refused",
            "unanswerable refused",
            "given and wrong",
            f"sure ({CONFIDENT})",
        ),
        *("sure and wrong", "AUROC", f"evidence in {DEPTH}", "characters"),
    ]
    return table(header, rows)


def _auroc(answerable: Sequence[Outcome]) -> str:
    """How well confidence tells right answers from others, of questions that have one; a refusal's is 0."""
    right = [outcome.right for outcome in answerable]
    told = [0.0 if outcome.abstained else outcome.confidence for outcome in answerable]
    return f"{roc_auc_score(right, told):.2f}" if len(set(right)) == 2 else "–"


def _share(some: Sequence[Outcome], test: Callable[[Outcome], bool]) -> str:
    return f"{sum(map(test, some)) / len(some):.2f}" if some else "–"


if __name__ == "__main__":
    main()
