"""What is said of an answer wherever one is shown as plain text, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """The words of one language.

    Attributes:
        abstentions: why there is no answer, by ``Answer.reason``.
        conflict: that the citations say different things.
        confidence: the name of that figure.
    """

    abstentions: Mapping[str, str]
    conflict: str
    confidence: str


JAPANESE: Final = AnswerWords(
    abstentions={
        "no-hits": "答えになりそうな箇所が見つかりませんでした。",
        "low-confidence": "文書の中に、答えといえる箇所は見つかりませんでした。",
    },
    conflict="文書によって答えが異なります。",
    confidence="確信度",
)
ENGLISH: Final = AnswerWords(
    abstentions={
        "no-hits": "No passage was found that could hold the answer.",
        "low-confidence": "The documents do not seem to hold the answer.",
    },
    conflict="The documents contradict each other.",
    confidence="confidence",
)
