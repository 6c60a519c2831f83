"""What kind of answer a question wants: rules in the order in which they are asked.

A rule is a pattern that must be found and one that must not. 「を教えて」 alone decides nothing: it stands behind
facts, lists and procedures alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.answer.question.values import WantedType

Kind = Literal[
    "fact", "number", "date", "person", "definition", "why", "how", "list", "exception", "comparison", "yesno",
    "summary", "metadata", "overview", "keyword",
]  # fmt: skip

KIND_OF_TYPE: dict[WantedType, Kind] = {
    "amount": "number", "number": "number", "count": "number", "percent": "number", "duration": "number",
    "date": "date", "time": "date", "weekday": "date", "person": "person",
}  # fmt: skip
"""The kind of a question that wants a value of a type; the other types are facts."""


@dataclass(frozen=True, slots=True)
class Rule:
    kind: Kind
    when: re.Pattern[str]
    unless: re.Pattern[str] | None = None

    def holds(self, text: str) -> bool:
        return self.when.search(text) is not None and (self.unless is None or not self.unless.search(text))


def rules(*rows: tuple[Kind, str] | tuple[Kind, str, str]) -> tuple[Rule, ...]:
    return tuple(Rule(row[0], *(re.compile(pattern, re.IGNORECASE) for pattern in row[1:])) for row in rows)


def first(ordered: tuple[Rule, ...], text: str) -> Kind | None:
    return next((rule.kind for rule in ordered if rule.holds(text)), None)
