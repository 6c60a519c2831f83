"""Retrieval evaluation: standard datasets, standard measures, differences that are real.

from rag.evaluation import load_dataset, evaluate
print(evaluate(load_dataset("jaquad/dev"), ["dense", "hybrid"]))
"""

from __future__ import annotations

from rag.evaluation.answers import character_f1, exact_match
from rag.evaluation.comparison import Difference, compare
from rag.evaluation.datasets import Dataset, Judgement, Query, load_dataset
from rag.evaluation.evaluation import Evaluation, evaluate
from rag.evaluation.systems import System, read_systems

__all__ = [
    "Dataset",
    "Difference",
    "Evaluation",
    "Judgement",
    "Query",
    "System",
    "character_f1",
    "compare",
    "evaluate",
    "exact_match",
    "load_dataset",
    "read_systems",
]
