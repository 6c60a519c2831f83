"""Retrieval evaluation: standard datasets, standard measures, differences that are real.

from rag.evaluation import evaluate, load_dataset, plain_table
print(plain_table(evaluate(load_dataset("jaquad/dev"), ["dense", "hybrid"])))
"""

from __future__ import annotations

from rag.evaluation.answers import character_f1, exact_match
from rag.evaluation.comparison import Difference, compare
from rag.evaluation.datasets import Dataset, Judgement, Query, load_dataset
from rag.evaluation.evaluation import evaluate
from rag.evaluation.report import save
from rag.evaluation.result import Evaluation
from rag.evaluation.systems import System, read_systems
from rag.evaluation.table import plain_table

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
    "plain_table",
    "read_systems",
    "save",
]
