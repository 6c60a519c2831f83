"""Checks each sentence of an LLM's answer against the passages it cites.

A sentence is supported if its numbers, dates and names all stand in what it cites, and its meaning is close to a
sentence there. What cannot be told this way, such as a negation turned round, is not found.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from rag.answer.citation import Citation
from rag.answer.prose import CheckedSentence, Problem, Verdict
from rag.arrays import Floats
from rag.language.detection import detect_language
from rag.language.names import Name, Named, names
from rag.language.quantities import Quantities, quantities
from rag.language.sentences import sentences
from rag.language.terms import term_spans
from rag.search import Hit

Embed = Callable[[Sequence[str]], Floats]
Span = tuple[int, int]

MIN_NEARNESS = 0.96
"""Below this, cosine plus ``WORDS_WEIGHT`` times the share of words in common, a sentence says something else."""
MIN_NEARNESS_ACROSS = 0.83
"""The same where sentence and passage are in two languages and have no words in common: cosine alone."""
WORDS_WEIGHT = 0.15
FACT_BONUS = 0.06
"""What a number, date or, across languages, a name that is found adds: invented claims seldom have one."""
_MOST_SUPPORT = 3
CITATION_MARK = re.compile(r"[\[［【]\s*\^?(\d{1,3}(?:\s*[,、，;・]\s*\d{1,3})*)\s*[\]］】]")
_TRAILING_MARK = re.compile(rf"[ \t]*{CITATION_MARK.pattern}[。.]?")
_NUMBER = re.compile(r"\d+")
_LETTER = re.compile(r"\w")
_ABSENT = re.compile(
    r"(?:記載|記述|情報|言及|答え|説明|回答)[^。]{0,12}(?:ありません|ない|見つかりません|見当たりません|されていません|できません)|"
    r"(?:わかりません|分かりません|書かれていません|述べられていません|示されていません|確認できません|見つかりません)|"
    r"\b(?:do|does|did|is|are|was|were|can|could)(?: not|n['’]t)\b[^.]{0,40}\b"
    r"(?:say|state|mention|contain|hold|provide|include|answer|found|find|specif|tell|given|stated|mentioned|know)|"
    r"\bno (?:information|mention|answer)\b|\b(?:cannot|can['’]t|unable to) (?:answer|find|tell)\b",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(r"[:：]\s*$")


def cited_numbers(text: str) -> tuple[int, ...]:
    """The numbers in a text's citation marks, ``[1]``, ``[1, 2]`` or ``【3】``, each once, in their order."""
    found = (int(number) for match in CITATION_MARK.finditer(text) for number in _NUMBER.findall(match[1]))
    return tuple(dict.fromkeys(found))


def without_marks(text: str) -> str:
    """A text without its citation marks and what Markdown puts in front of a line."""
    return re.sub(r"^\s*(?:[-*•・]|#+|\d{1,2}[.)．]) ?|[*_`]{2,}", "", CITATION_MARK.sub("", text)).strip()


def sentence_spans(text: str) -> list[Span]:
    """Offsets of the sentences; marks behind a full stop belong to the sentence before them."""
    # Marks are made spaces, so that they neither hide the end of a sentence nor look like one.
    blank = CITATION_MARK.sub(lambda match: " " * len(match[0]), text)
    found = [(start, end) for start, end in sentences(blank) if _LETTER.search(blank[start:end])]
    edges = [*(start for start, _ in found), len(text)]
    return [(start, _end_of_marks(text, end, limit)) for (start, end), limit in zip(found, edges[1:], strict=True)]


def _end_of_marks(text: str, end: int, limit: int) -> int:
    while match := _TRAILING_MARK.match(text, end, limit):
        end = match.end()
    return end


class Checker:
    """Checks sentences that cite hits by rank. What a passage holds is found out when it is first cited.

    Args:
        hits: the passages given to the LLM; ``[n]`` is the n-th of them.
        embed_claims: sentences to unit vectors as of queries, shape ``(texts, dimension)``.
        embed_passages: stretches of passages to unit vectors.

    Attributes:
        passages: how many of the hits were given to the LLM; others cannot be cited.
    """

    def __init__(self, hits: Sequence[Hit], embed_claims: Embed, embed_passages: Embed) -> None:
        self.passages = len(hits)
        self._hits = hits
        self._embed_claims = embed_claims
        self._embed_passages = embed_passages
        self._sources: dict[int, _Source] = {}

    def check(self, text: str, start: int, end: int) -> CheckedSentence:
        """The verdict on the sentence ``text[start:end]``."""
        sentence = text[start:end]
        cited = cited_numbers(sentence)
        claim = without_marks(sentence)
        sources = [self._source(number) for number in cited if 1 <= number <= self.passages]
        problems = [Problem("no-such-passage", f"[{n}]") for n in cited if not 1 <= n <= self.passages]
        language = detect_language(claim, default="ja")
        checked = CheckedSentence(start, end, sentence, cited, "unverified")
        if not sources:
            if not problems and self._claims_nothing(claim, language):
                return replace(checked, verdict="no-claim")
            return replace(checked, problems=tuple(problems or [Problem("no-citation")]))
        facts = _Facts.of(claim, language)
        problems += facts.missing(sources, language)
        same = any(source.hit.language == language for source in sources)
        closeness, support = self._nearest(claim, language, sources, FACT_BONUS * facts.tell(across=not same))
        if not support:
            problems.append(Problem("meaning"))
        verdict: Verdict = "unverified" if problems else "supported"
        return replace(
            checked,
            verdict=verdict,
            problems=tuple(problems),
            support=support if verdict == "supported" else (),
            closeness=closeness,
        )

    def _source(self, number: int) -> _Source:
        if number not in self._sources:
            self._sources[number] = _Source(number, self._hits[number - 1], self._embed_passages)
        return self._sources[number]

    def _claims_nothing(self, claim: str, language: str) -> bool:
        """Whether a sentence only says that the passages do not tell, or leads on to others; names make it a claim."""
        if not (_ABSENT.search(claim) or _LEADS_ON.search(claim)):
            return False
        found = quantities(claim, language)
        return not found.numbers and not found.dates

    def _nearest(
        self, claim: str, language: str, sources: Sequence[_Source], bonus: float
    ) -> tuple[float, tuple[Citation, ...]]:
        """How close the best stretch of the cited passages is, and the stretches close enough to support the claim."""
        vector = self._embed_claims([claim])[0]
        words = set(simple_terms(claim, language))
        found = []
        for source in sources:
            needed = source.nearness_needed(words, language) - bonus
            for (start, end), cosine in zip(source.stretches, source.vectors @ vector, strict=True):
                found.append((float(cosine), float(cosine) >= needed, source, start, end))
        found.sort(key=lambda item: -item[0])
        closeness = max(0.0, min(1.0, found[0][0]))
        return closeness, tuple(_citations([(c, source, a, b) for c, is_near, source, a, b in found if is_near]))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What of a claim must stand in the passages."""

    quantities: Quantities
    names: tuple[Name, ...]

    @classmethod
    def of(cls, claim: str, language: str) -> _Facts:
        return cls(quantities(claim, language), tuple(names(claim, language)))

    def tell(self, across: bool) -> bool:
        """Whether there are any that an invented claim would hardly get right."""
        return bool(
            self.quantities.numbers or self.quantities.dates or (across and any(name.sure for name in self.names))
        )

    def missing(self, sources: Sequence[_Source], language: str) -> Iterator[Problem]:
        held = Quantities(
            tuple(n for source in sources for n in source.quantities.numbers),
            tuple(d for source in sources for d in source.quantities.dates),
        )
        numbers, dates = self.quantities.missing(held)
        yield from (Problem("number", number.written) for number in numbers)
        yield from (Problem("date", date.written) for date in dates)
        yield from (Problem("name", name.written) for name in self.names if not _is_held(name, sources, language))


def _is_held(name: Name, sources: Sequence[_Source], language: str) -> bool:
    return any(source.named.holds(name, across=source.hit.language != language) for source in sources)


def simple_terms(text: str, language: str) -> list[str]:
    """The terms of a text without compounds, whose parts are terms as well."""
    spans = sorted(term_spans(text, language))
    starts = [start for start, _, _ in spans]
    return [
        term
        for start, end, term in spans
        if not any(
            (a, b) != (start, end) and b <= end
            for a, b, _ in spans[bisect_left(starts, start) : bisect_left(starts, end)]
        )
    ]


def _citations(near: Sequence[tuple[float, _Source, int, int]]) -> Iterator[Citation]:
    """The best stretches, none inside another."""
    taken: list[tuple[int, int, int]] = []
    for cosine, source, start, end in near:
        if any(n == source.number and start < b and a < end for n, a, b in taken):
            continue
        taken.append((source.number, start, end))
        yield source.citation(start, end, cosine)
        if len(taken) == _MOST_SUPPORT:
            return


@dataclass(frozen=True)
class _Source:
    """A cited passage, with what is looked up in it; offsets count in the passage."""

    number: int
    hit: Hit
    embed: Embed

    @cached_property
    def known(self) -> str:
        """What a reader of the passage knows: its title and headings too."""
        return "\n".join([self.hit.document.title, *self.hit.heading, self.hit.text])

    @cached_property
    def quantities(self) -> Quantities:
        return quantities(self.known, self.hit.language, ordinals=True)

    @cached_property
    def named(self) -> Named:
        return Named(self.known)

    @cached_property
    def stretches(self) -> list[Span]:
        """Each sentence, and each two that follow one another."""
        single = sentences(self.hit.text)
        return [*single, *((start, end) for (start, _), (_, end) in pairwise(single))]

    @cached_property
    def vectors(self) -> Floats:
        return self.embed([self.hit.text[start:end] for start, end in self.stretches])

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(simple_terms(self.known, self.hit.language))

    def nearness_needed(self, words: set[str], language: str) -> float:
        """The cosine from which on a stretch supports a claim with these words."""
        if language != self.hit.language or not words:
            return MIN_NEARNESS_ACROSS
        return MIN_NEARNESS - WORDS_WEIGHT * len(words & self.words) / len(words)

    def citation(self, start: int, end: int, score: float) -> Citation:
        hit = self.hit
        line = hit.line + hit.text.count("\n", 0, start)
        quote = hit.text[start:end]
        return Citation(
            self.number,
            hit.document,
            hit.start + start,
            hit.start + end,
            line,
            quote,
            max(0.0, min(1.0, score)),
            hit.rank,
        )
