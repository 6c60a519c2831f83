"""How to search, whatever is asked: what ``Engine.search`` takes beside the question, checked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from operator import index
from typing import TypedDict, get_args

from rag.corpus.dates import normal_date
from rag.errors import QuestionError
from rag.index.filters import EVERYTHING, MOST_PATTERN_CHARS, MOST_PATTERNS, Filter, is_between, is_pattern
from rag.index.store import DocumentInfo, Store
from rag.settings import Mode

_NAMED = 3
"""Sources that a message names."""
_COMPARED = 5_000


class Options(TypedDict, total=False):
    """The arguments of ``Query.of``, as the Engine's methods take them by name."""

    k: int | None
    mode: Mode | None
    sources: Collection[str] | None
    languages: Collection[str] | None
    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """How to search.

    Attributes:
        k: how many hits at most; ``None`` for the settings' number.
        mode: which retrievers; ``None`` for the settings' mode.
        within: what may be found.
    """

    k: int | None = None
    mode: Mode | None = None
    within: Filter = EVERYTHING

    @classmethod
    def of(
        cls,
        *,
        k: int | None = None,
        mode: Mode | None = None,
        sources: Collection[str] | None = None,
        languages: Collection[str] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Query:
        """What somebody asked for.

        Args:
            k: how many hits at most.
            mode: ``hybrid``, ``dense`` or ``lexical``.
            sources: search only these: exact sources, folders ending in ``/``, or patterns with ``*`` and ``?``.
            languages: search only passages in these languages, as ISO 639-1 codes.
            since, until: search only documents of these days, both included: ``2024``, ``2024-05`` or ``2024-05-01``.

        Raises:
            QuestionError: if one of them makes no sense, naming it.
        """
        within = Filter(
            _patterns(_texts("sources", sources)),
            _texts("languages", languages),
            _date("since", since),
            _date("until", until),
        )
        if within.since and within.until and not is_between(within.since, within.until):
            raise QuestionError(
                f"since ({within.since}) is after until ({within.until}), so that no document can be between them.",
                argument="since",
            )
        return cls(_count(k), _mode(mode), within)

    def check_finds(self, store: Store) -> None:
        """Raise a QuestionError if no passage of the index is within the filters; it says which there are."""
        mask = store.mask(self.within)
        if mask is not None and not mask.any():
            raise _nothing(self.within, store)


def _count(k: int | None) -> int | None:
    try:
        number = None if k is None else index(k)
    except TypeError:
        number = 0
    if isinstance(k, bool) or (number is not None and number < 1):
        raise QuestionError(f"k is {k!r}, and must be a whole number from 1 up.", argument="k")
    return number


def _mode(mode: Mode | None) -> Mode | None:
    if mode is not None and mode not in get_args(Mode):
        raise QuestionError(f"mode is {mode!r}, and must be one of {', '.join(get_args(Mode))}.", argument="mode")
    return mode


def _texts(name: str, given: Collection[str] | None) -> frozenset[str]:
    if isinstance(given, str):
        raise QuestionError(
            f"{name} is one text, and must be a list of them.", argument=name, hint=f"Write {name}=[{given!r}]."
        )
    try:
        texts = frozenset(given or ())
    except TypeError:
        raise QuestionError(f"{name} is {given!r}, and must be a list of texts.", argument=name) from None
    unfit = [text for text in texts if not isinstance(text, str) or not text.strip()]
    if unfit:
        raise QuestionError(f"{name} holds {unfit[0]!r}, which is none.", argument=name)
    return texts


def _patterns(sources: frozenset[str]) -> frozenset[str]:
    wild = sum(is_pattern(source) for source in sources)
    if wild > MOST_PATTERNS:
        raise QuestionError(
            f"sources holds {wild:,} patterns, more than {MOST_PATTERNS:,}.",
            argument="sources",
            hint="Name folders or documents instead, of which there may be any number.",
        )
    if any(len(source) > MOST_PATTERN_CHARS for source in sources):
        raise QuestionError(f"A source has more than {MOST_PATTERN_CHARS:,} characters.", argument="sources")
    return sources


def _date(name: str, written: str | None) -> str:
    if written is None:
        return ""
    date = normal_date(written) if isinstance(written, str) else ""
    if not date and not (isinstance(written, str) and not written.strip()):
        raise QuestionError(
            f"{name} is {written!r}, which is not a date.",
            argument=name,
            hint="Write it as 2024, 2024-05 or 2024-05-01.",
        )
    return date


def _nothing(within: Filter, store: Store) -> QuestionError:
    """Which of the filters keeps everything out, and what there is instead."""
    documents = store.documents()
    if within.sources and not any(Filter(sources=within.sources).lets(d.source, d.date) for d in documents):
        return QuestionError(
            f"sources ({', '.join(sorted(within.sources))}) names no document of the index.",
            argument="sources",
            hint=_nearest(sorted(within.sources), [document.source for document in documents]),
        )
    if within.languages.isdisjoint(store.languages) and within.languages:
        return QuestionError(
            f"languages ({', '.join(sorted(within.languages))}): no passage of the index is in them.",
            argument="languages",
            hint=f"There are: {', '.join(sorted(store.languages))}.",
        )
    days = Filter(since=within.since, until=within.until)
    if days and not any(days.lets(document.source, document.date) for document in documents):
        name = "since" if within.since else "until"
        return QuestionError(
            f"No document of the index is of these days (since {within.since or '…'}, until {within.until or '…'}).",
            argument=name,
            hint=_days(documents),
        )
    return QuestionError("No document meets all of the filters at once.", argument="sources", hint="Leave one out.")


def _nearest(wanted: Sequence[str], sources: Sequence[str]) -> str:
    folders = {source[: source.rindex("/") + 1] for source in sources[:_COMPARED] if "/" in source}
    known = [*sources[:_COMPARED], *sorted(folders)]
    near = [name for each in wanted[:_NAMED] for name in get_close_matches(each, known, n=_NAMED)]
    if near:
        return f"Is it {' or '.join(dict.fromkeys(near[:_NAMED]))}?"
    return f"It holds {len(sources):,}: {', '.join(sources[:_NAMED])}{', …' if len(sources) > _NAMED else '.'}"


def _days(documents: Sequence[DocumentInfo]) -> str:
    dates = sorted(document.date for document in documents if document.date)
    return f"Their dates go from {dates[0]} to {dates[-1]}." if dates else "None of them has a date."
