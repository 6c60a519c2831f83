"""Question files in, answer files out; a run that was killed goes on where it stopped.

from rag import Engine
from rag.batch import read_questions, run_batch
run_batch(Engine.open(), read_questions("questions.csv"), "answers.xlsx")
"""

from __future__ import annotations

from rag.batch.questions import Question, QuestionFile
from rag.batch.reading import INPUT_ENDINGS, read_questions
from rag.batch.result import Cited, Result
from rag.batch.runner import BatchEngine, BatchReport, part_file, run_batch
from rag.batch.view import JournalView
from rag.batch.writing import OUTPUT_ENDINGS, check_output

__all__ = [
    "INPUT_ENDINGS",
    "OUTPUT_ENDINGS",
    "BatchEngine",
    "BatchReport",
    "Cited",
    "JournalView",
    "Question",
    "QuestionFile",
    "Result",
    "check_output",
    "part_file",
    "read_questions",
    "run_batch",
]
