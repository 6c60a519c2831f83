"""Prose with its sentences checked: what supports each, or why it could not be verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from rag.answer.citation import Citation

ProblemKind = Literal["no-citation", "no-such-passage", "number", "date", "name", "meaning"]
Verdict = Literal["supported", "unverified", "no-claim"]
FailureCode = Literal[
    "not-installed", "unreachable", "silent", "key-refused", "model-unknown", "rate-limited", "too-long", "redirected",
    "failed", "cut", "malformed", "empty", "cancelled",
]  # fmt: skip
NoticeCode = FailureCode | Literal["length", "filtered", "no-passages"]

TRUSTED_SHARE = 0.6
"""Share of the claims, by length, that must be supported for prose to stand before the quotes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a sentence could not be verified; ``detail`` is what was not found, as the sentence writes it."""

    kind: ProblemKind
    detail: str = ""

    def to_dict(self) -> dict[str, str]:
        return {"kind": self.kind, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence ``prose.text[start:end]`` and what became of its check.

    Attributes:
        start, end: offsets into the prose, in characters; its citation marks are inside.
        text: the sentence with its marks.
        cited: numbers it cites, in their order.
        verdict: ``no-claim`` for a sentence that only says the passages do not tell, or leads to a list.
        problems: why it is ``unverified``.
        support: what the cited documents say of it, closest first; ``Citation.number`` is the number cited.
        closeness: how close its meaning is to what it cites, in [0, 1]; 0 where that was not asked.
    """

    start: int
    end: int
    text: str
    cited: tuple[int, ...]
    verdict: Verdict
    problems: tuple[Problem, ...] = ()
    support: tuple[Citation, ...] = ()
    closeness: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "cited": list(self.cited),
            "verdict": self.verdict,
            "problems": [problem.to_dict() for problem in self.problems],
            "support": [citation.to_dict() for citation in self.support],
            "closeness": round(self.closeness, 4),
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """Why there is no prose, or not all of it; ``rag.prose.words`` says it in a sentence."""

    code: NoticeCode
    detail: str = ""

    def to_dict(self) -> dict[str, str]:
        return {"code": self.code, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Prose:
    """What an LLM wrote, checked.

    Attributes:
        text: as it came, with ``[n]`` for the n-th hit of the answer.
        sentences: all of it, in order.
        model: the model's name.
        host: the server that wrote it.
        finished: True if it came to its end.
        notice: why it did not, or why there is none.
    """

    text: str
    sentences: tuple[CheckedSentence, ...]
    model: str
    host: str
    finished: bool
    notice: Notice | None = None

    @property
    def supported_share(self) -> float:
        """Share of the claims that are supported, by length, in [0, 1]; 0 if it claims nothing."""
        claims = [s for s in self.sentences if s.verdict != "no-claim"]
        total = sum(len(s.text) for s in claims)
        return sum(len(s.text) for s in claims if s.verdict == "supported") / total if total else 0.0

    @property
    def trusted(self) -> bool:
        """Whether it may stand before the quotes: enough of it is supported, or it says that there is no answer."""
        if not self.text.strip():
            return False
        return self.supported_share >= TRUSTED_SHARE or all(s.verdict == "no-claim" for s in self.sentences)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "text": self.text,
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "model": self.model,
            "host": self.host,
            "finished": self.finished,
            "notice": None if self.notice is None else self.notice.to_dict(),
            "supported_share": round(self.supported_share, 4),
            "trusted": self.trusted,
        }
