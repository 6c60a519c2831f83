"""Questions as they come: checked, taken in a few at a time, each with its own error."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TypeVar

from rag.errors import InternalError, QuestionError, RagError
from rag.language.terms import compose

logger = logging.getLogger(__name__)

T = TypeVar("T")


def checked(question: object, most_chars: int) -> str:
    """The question without white space around it, its characters in usual forms.

    Raises:
        QuestionError: if it is no text, empty, or longer than ``most_chars``.
    """
    if not isinstance(question, str):
        raise QuestionError(f"The question is {question!r}, and must be a text.")
    question = compose(question.strip())
    if not question:
        raise QuestionError("The question is empty.", hint="Write what you would like to know.")
    if len(question) > most_chars:
        raise QuestionError(
            f"The question has {len(question):,} characters, more than {most_chars:,}.",
            hint="Ask about one thing, or raise max_question_chars.",
        )
    return question


def checked_or_error(question: object, most_chars: int) -> str | QuestionError:
    """As ``checked``, with the error instead of the question."""
    try:
        return checked(question, most_chars)
    except QuestionError as error:
        return error


def several(name: str, texts: Iterable[str]) -> Iterable[str]:
    """The texts of an argument of this name.

    Raises:
        QuestionError: if they are one text, or none.
    """
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise QuestionError(
            f"{name} is {texts!r}, and must be a list of texts.", argument=name, hint=f"Write {name}=[…]."
        )
    return texts


def in_blocks(questions: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    """The questions, so many at a time, each taken in when it is its turn."""
    rest = iter(questions)
    while some := list(islice(rest, size)):
        yield some


def each_or_error(find: Callable[[Sequence[str]], list[T]], asked: Sequence[str]) -> list[T | InternalError]:
    """What is found for all together; if that trips over one of them, for each by itself, or its error."""
    together = or_error(lambda: find(asked))
    if not isinstance(together, InternalError):
        return [*together]
    if len(asked) == 1:
        return [together]
    alone = [or_error(partial(find, [question])) for question in asked]
    return [one if isinstance(one, InternalError) else one[0] for one in alone]


def or_error(work: Callable[[], T]) -> T | InternalError:
    """What comes of some work on a question; a bug of ours is that question's error, and the log has its trace."""
    try:
        return work()
    except RagError:
        raise
    except Exception as error:
        logger.exception("A question cannot be answered.")
        internal = InternalError("The question cannot be answered", error)
        internal.__cause__ = error
        return internal
