"""What a question is restricted to, and the form in an address that says so. Anybody can write such an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

from rag.corpus.dates import normal_date
from rag.index.filters import matches_source
from rag.library import DEFAULT_ID, is_library_id
from rag.settings import Mode

PASSAGE_COUNTS = (5, 10, 20, 50)
"""How many passages the page offers to look at."""
_MOST_SOURCES = 20
_MOST_LANGUAGES = 20
_MOST_CHARS = 500
_MOST_FIELDS = 100
_LINK_CHARS = 20_000
_PASSAGES = ("show", "passages")


@dataclass(frozen=True, slots=True)
class Filters:
    """What to search, and how.

    Attributes:
        sources: documents, folders ending in ``/`` or patterns, as ``Engine.ask`` takes them; none for all.
        languages: ISO 639-1 codes; none for all.
        since, until: days that documents are of, as ``2024-05-01``; empty for any.
        k: number of passages; 0 for the settings' number.
        mode: ``None`` for the settings' mode.
        passages_only: whether passages are wanted and no answer.
        libraries: ids of those to ask; none for the default one.
    """

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    k: int = 0
    mode: Mode | None = None
    passages_only: bool = False
    libraries: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: str) -> Filters:
        """The filters of an address like ``?source=notes/&language=ja&k=5&mode=dense``; what is unfit is left out."""
        fields = _fields(query)
        sources = (value.strip()[:_MOST_CHARS] for name, value in fields if name == "source")
        languages = (value for name, value in fields if name == "language" and value.isascii() and value.isalpha())
        counts = [int(value) for name, value in fields if name == "k" and value in map(str, PASSAGE_COUNTS)]
        days = {name: normal_date(value) for name, value in reversed(fields) if normal_date(value)}
        modes: list[Mode] = [mode for mode in get_args(Mode) if ("mode", mode) in fields]
        libraries = tuple(dict.fromkeys(value for name, value in fields if name == "library" and is_library_id(value)))
        return cls(
            tuple(dict.fromkeys(filter(None, sources)))[:_MOST_SOURCES],
            tuple(dict.fromkeys(languages))[:_MOST_LANGUAGES],
            days.get("since", ""),
            days.get("until", ""),
            counts[0] if counts else 0,
            modes[0] if modes else None,
            _PASSAGES in fields,
            () if libraries == (DEFAULT_ID,) else libraries[:_MOST_SOURCES],
        )

    def to_query(self) -> str:
        """The filters as the part of an address behind ``?``; empty if there are none."""
        return urlencode(self._pairs())

    def _pairs(self) -> list[tuple[str, str]]:
        pairs = [*(("source", s) for s in self.sources), *(("language", code) for code in self.languages)]
        pairs += [(name, day) for name, day in (("since", self.since), ("until", self.until)) if day]
        if self.k:
            pairs.append(("k", str(self.k)))
        if self.mode:
            pairs.append(("mode", self.mode))
        if self.passages_only:
            pairs.append(_PASSAGES)
        pairs += [("library", library) for library in self.libraries]
        return pairs

    def in_use(self) -> list[tuple[str, str]]:
        """Each filter, named as in an address; which libraries are asked is none."""
        return [pair for pair in self._pairs() if pair != _PASSAGES and pair[0] != "library"]

    def arguments(self) -> dict[str, Any]:
        """The arguments for ``Engine.ask``; only those that are set."""
        given = {name: getattr(self, name) for name in ("sources", "languages", "since", "until", "k", "mode")}
        return {name: value for name, value in given.items() if value}

    def without(self, name: str, value: str) -> Filters:
        """The same but for one of them, named as in the address."""
        return Filters.from_query(urlencode([pair for pair in self._pairs() if pair != (name, value)]))

    @property
    def unfiltered(self) -> Filters:
        """The same libraries, whole."""
        return Filters(libraries=self.libraries)

    @property
    def restrict(self) -> bool:
        """Whether some documents are left out."""
        return bool(self.sources or self.languages or self.since or self.until)

    def __bool__(self) -> bool:
        return bool(self._pairs())


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters can be set to in one index.

    Attributes:
        documents: source and title of each.
        languages: ISO 639-1 codes of the documents.
    """

    documents: Sequence[tuple[str, str]] = ()
    languages: Sequence[str] = ()

    def resolve(self, text: str) -> str | None:
        """The source that is meant by what somebody typed: its own name, its title, or a part of either.

        Returns:
            A source, folder or pattern that some document matches; ``None`` if there is none.
        """
        sources = [source for source, _ in self.documents]
        if any(matches_source(source, [text]) for source in sources):
            return text
        titled = [source for source, title in self.documents if title == text]
        pattern = f"*{text.replace('[', '[[]')}*"
        if titled:
            return titled[0]
        if any(matches_source(source, [pattern]) for source in sources):
            return pattern
        return next((source for source, title in self.documents if text in title), None)


def link_to(question: str, filters: Filters) -> str:
    """The address that asks a question again, relative to the page."""
    return f"?{urlencode([('q', question), *filters._pairs()])}"


def question_in(query: str) -> str:
    """The question of an address; empty if it asks none."""
    return next((value for name, value in _fields(query) if name == "q" and value.strip()), "")


def _fields(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query[:_LINK_CHARS].removeprefix("?"), max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError:
        return []


def folders_of(sources: Sequence[str]) -> list[tuple[str, int]]:
    """Every folder that holds documents, itself or in its folders, and how many."""
    counts: dict[str, int] = {}
    for source in sources:
        end = source.find("/")
        while end >= 0:
            counts[source[: end + 1]] = counts.get(source[: end + 1], 0) + 1
            end = source.find("/", end + 1)
    return sorted(counts.items())
