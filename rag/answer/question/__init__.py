"""A question, understood by rules: its kind, what it asks, the type of value it wants, what must hold for an answer.

from rag.answer.question import understand
understand("PX-300とPX-350の騒音値は？").facets
"""

from __future__ import annotations

from rag.answer.question.facets import Facet
from rag.answer.question.kinds import KIND_OF_TYPE, Kind
from rag.answer.question.literals import Condition
from rag.answer.question.signs import Edition, Operation, Superlative
from rag.answer.question.understanding import Question, understand
from rag.answer.question.values import WantedType

__all__ = [
    "KIND_OF_TYPE",
    "Condition",
    "Edition",
    "Facet",
    "Kind",
    "Operation",
    "Question",
    "Superlative",
    "WantedType",
    "understand",
]
