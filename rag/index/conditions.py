"""What passages must meet beside a filter: which phrases stand in them, in the titles and in the sources of documents.

Which passages hold a phrase tells the index of character bigrams, and then the text of those that have all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import regex

from rag.index.lexical import Lexical
from rag.index.store import Store
from rag.language.terms import normalize

Where = Literal["text", "title", "source"]
Mask = npt.NDArray[np.bool_]

_FOREIGN = r"[[\p{L}\p{M}\p{Nd}]--[\p{Han}\p{Hiragana}\p{Katakana}ー]]"
_IS_FOREIGN = regex.compile(rf"(?V1){_FOREIGN}")
_READ_AT_ONCE = 5_000
_MASKS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Condition:
    """What stands in a passage's text, or in the title or source of its document.

    Attributes:
        words: ``folded``, with a letter or figure among them.
        where: where they stand.
    """

    words: str
    where: Where = "text"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What passages must meet; as it is made, nothing.

    Attributes:
        needed: of each of these at least one holds.
        barred: none of these holds.
        alone: whether nothing else is asked for, so that every passage that meets them is wanted.
    """

    needed: tuple[tuple[Condition, ...], ...] = ()
    barred: tuple[Condition, ...] = ()
    alone: bool = False

    def __bool__(self) -> bool:
        return bool(self.needed or self.barred)


ANYTHING = Conditions()


def folded(text: str) -> str:
    """A text without differences of width, case and white space; old forms of characters are the usual ones."""
    return " ".join(normalize(text).casefold().split())


def holds(text: str, phrase: str) -> bool:
    """Whether a phrase stands in a text, both folded.

    Words of scripts that part them are whole: ``AI`` stands in ``AI企業``, and not in ``said``.
    """
    if phrase not in text:
        return False
    whole = _whole(phrase)
    return whole is None or whole.search(text) is not None


@lru_cache(maxsize=256)
def _whole(phrase: str) -> regex.Pattern[str] | None:
    """The phrase with no letter or figure beside it; ``None`` where none of these is at its own ends."""
    first, last = _IS_FOREIGN.match(phrase[0]), _IS_FOREIGN.match(phrase[-1])
    if not (first or last):
        return None
    before, behind = f"(?<!{_FOREIGN})" if first else "", f"(?!{_FOREIGN})" if last else ""
    return regex.compile(f"(?V1){before}{regex.escape(phrase)}{behind}")


class Meeting:
    """Finds the passages of a Snapshot that meet conditions. Safe to share between threads."""

    def __init__(self, store: Store, lexical: Lexical) -> None:
        self._store, self._lexical = store, lexical
        self._known: dict[Condition, Mask] = {}

    def mask(self, conditions: Conditions) -> Mask:
        """Which passages meet them all, shape ``(passages,)``."""
        met = np.ones(len(self._store.passage_documents), dtype=bool)
        for alternatives in conditions.needed:
            met &= np.logical_or.reduce([self._of(condition) for condition in alternatives])
        for condition in conditions.barred:
            met &= ~self._of(condition)
        return met

    def _of(self, condition: Condition) -> Mask:
        known = self._known.get(condition)
        if known is None:
            known = self._in_text(condition.words) if condition.where == "text" else self._in_names(condition)
            if len(self._known) >= _MASKS_KEPT:
                self._known.clear()
            self._known[condition] = known
        return known

    def _in_text(self, words: str) -> Mask:
        found = self._lexical.may_hold(words)
        rows = np.flatnonzero(found)
        for first in range(0, len(rows), _READ_AT_ONCE):
            for row, text in self._store.words(rows[first : first + _READ_AT_ONCE].tolist()):
                found[row] = holds(folded(text), words)
        return found

    def _in_names(self, condition: Condition) -> Mask:
        """By title, or by source: that one may hold the words as a part of others, as file names do."""
        titles, sources = self._names
        if condition.where == "title":
            met = [holds(title, condition.words) for title in titles]
        else:
            met = [condition.words in source for source in sources]
        return np.array(met, dtype=bool)[self._store.passage_documents]

    @cached_property
    def _names(self) -> tuple[Sequence[str], Sequence[str]]:
        """Titles and sources of the documents, folded."""
        titles, sources = zip(*self._store.names(), strict=True)
        return [folded(title) for title in titles], [folded(source) for source in sources]
