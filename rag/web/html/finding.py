"""Words looked for in the document that is open: their places as marks, and the field to step through them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from rag.language.finding import places_of
from rag.web.html.markup import Mark
from rag.web.html.places import MOST_FIND_CHARS, Target
from rag.web.html.templates import Template
from rag.web.texts import Language
from rag.web.texts.finding import FINDING_TEXTS

_html = Template("html/finding.html")


@dataclass(frozen=True, slots=True)
class Finding:
    """Where words stand in a document.

    Attributes:
        words: as they were typed; empty if nothing is looked for.
        marks: all of their places.
        at: number of the current one, from 1; 0 if there is none.
    """

    words: str = ""
    marks: tuple[Mark, ...] = ()
    at: int = 0

    @classmethod
    def of(cls, text: str, words: str, hit: int, since: int = 0) -> Finding:
        """The places of words in a text; the current one is the one with this number or, of 0, the first ``since``."""
        places = places_of(words, text) if words.strip() else []
        if not places:
            return cls(words)
        if hit <= 0:
            hit = next((number for number, (start, _) in enumerate(places, 1) if start >= since), 1)
        at = min(hit, len(places))
        return cls(words, tuple(Mark(*place, "found", n, n == at) for n, place in enumerate(places, 1)), at)

    @property
    def current(self) -> Mark | None:
        """The current place."""
        return self.marks[self.at - 1] if self.at else None


def found_in(text: str, place: Target) -> tuple[Finding, Target]:
    """What a place is to find in a text, and the place with that marked, the current one in place of any other."""
    focus = replace(place, find="").focus()
    finding = Finding.of(text, place.find, place.hit, focus[0] if focus else 0)
    current, window = finding.current, place.window
    if current is None:
        return finding, place
    if window is not None and not window[0] <= current.start < window[1]:
        window = None
    marks = (*(replace(mark, current=False) for mark in place.marks), *finding.marks)
    return finding, replace(place, marks=marks, window=window, hit=finding.at)


def finding_html(finding: Finding, event: str, data: str, language: Language) -> Markup:
    """The field.

    Args:
        event: what Enter triggers in the page.
        data: what goes with it, as JSON; the page adds the words (``find``) and the number of the place (``hit``).
    """
    texts = FINDING_TEXTS[language]
    count = texts.count.format(at=finding.at, count=len(finding.marks)) if finding.marks else texts.none
    shown = count if finding.words.strip() else ""
    return _html.field(finding, event, data, shown, MOST_FIND_CHARS, texts)
