"""Prose of an LLM as HTML, while it is written and when it is checked. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from re import Match

from markupsafe import Markup

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.prose import CheckedSentence, Draft, Prose, Standalone, notice_words, problem_words
from rag.prose.checking import CITATION_MARK, cited_numbers
from rag.web.ask.answers import Cited, by_document
from rag.web.ask.views import question_html
from rag.web.html.answers import with_buttons
from rag.web.html.markup import Mark
from rag.web.html.places import Target
from rag.web.html.templates import Template
from rag.web.texts import Texts

_html = Template("ask/prose.html")


def asked_html(follow: Standalone, texts: Texts) -> Markup:
    """The question as asked, and what was searched instead if that is another one."""
    question = question_html(follow.asked, texts)
    if follow.by is None:
        return question
    return _html.asked(question, follow.by, follow.question, follow.asked, texts.prose)


def draft_html(draft: Draft, answer: Answer, by: str, texts: Texts) -> Markup:
    """Prose while it is written: what is checked is marked, and it can be stopped."""
    body = _text(draft.text, draft.sentences, answer, texts) if draft.text.strip() else ""
    return _html.draft(by, body, texts.prose)


def prose_html(prose: Prose, answer: Answer, by: str, texts: Texts) -> Markup:
    """Checked prose, or only a notice if there is none."""
    notice = "" if prose.notice is None else _notice(prose, texts)
    if not prose.text.strip():
        return _html.only(notice)
    body = _text(prose.text, prose.sentences, answer, texts)
    kind = "trusted" if prose.trusted else "doubtful"
    unverified = [sentence for sentence in prose.sentences if sentence.verdict == "unverified"]
    # The reasons in the open too: not everyone can hover over a sentence.
    doubts = [(" ".join(sentence.text.split()), _reason(sentence, texts)) for sentence in unverified]
    numbers = sorted({n for s in prose.sentences for n in s.cited if 1 <= n <= len(answer.hits)})
    documents = by_document(_cited(number, prose.sentences, answer, texts) for number in numbers)
    return _html.prose(kind, by, _checked(prose, texts), notice, body, doubts, documents, texts)


def little_html(texts: Texts) -> Markup:
    """Why the quotes come before the prose."""
    return _html.little(texts.prose)


def by_words(model: str, host: str, texts: Texts) -> str:
    """Who writes: the model and its server."""
    return texts.prose.by.format(model=model, host=host) if model else host


def _notice(prose: Prose, texts: Texts) -> Markup:
    assert prose.notice is not None
    words = notice_words(prose.notice, prose.host, texts.language)
    return _html.notice(words, texts.error_details, prose.notice.detail)


def _checked(prose: Prose, texts: Texts) -> str:
    claims = [s for s in prose.sentences if s.verdict != "no-claim"]
    supported = sum(s.verdict == "supported" for s in claims)
    return texts.prose.checked.format(claims=len(claims), supported=supported) if claims else ""


def _text(text: str, sentences: Sequence[CheckedSentence], answer: Answer, texts: Texts) -> Markup:
    pieces, position = [], 0
    for sentence in sentences:
        pieces.append(_with_buttons(text[position : sentence.start], (), answer, texts))
        pieces.append(_sentence(sentence, answer, texts))
        position = sentence.end
    return Markup("").join([*pieces, _with_buttons(text[position:], (), answer, texts)])


def _sentence(sentence: CheckedSentence, answer: Answer, texts: Texts) -> Markup:
    inside = _with_buttons(sentence.text, (sentence,), answer, texts)
    if sentence.verdict != "unverified":
        return _html.sentence(sentence.verdict, inside)
    return _html.doubtful(inside, _reason(sentence, texts), texts.prose)


def _reason(sentence: CheckedSentence, texts: Texts) -> str:
    return texts.separator.join(dict.fromkeys(problem_words(problem, texts.language) for problem in sentence.problems))


def _with_buttons(text: str, sentences: Sequence[CheckedSentence], answer: Answer, texts: Texts) -> Markup:
    """``text`` with citation marks of passages that exist as buttons; others stay text."""

    def buttons() -> Iterator[tuple[Match[str], Markup]]:
        for mark in CITATION_MARK.finditer(text):
            numbers = cited_numbers(mark[0])
            if all(1 <= number <= len(answer.hits) for number in numbers):
                yield mark, Markup("").join(_cited(n, sentences, answer, texts).button() for n in numbers)

    return with_buttons(text, buttons())


def _cited(number: int, sentences: Iterable[CheckedSentence], answer: Answer, texts: Texts) -> Cited:
    """A passage, or the first stretch of it that supports the sentences."""
    hit = answer.hits[number - 1]
    support: list[Citation] = [c for s in sentences for c in s.support if c.number == number]
    found = support[0] if support else hit
    quote = support[0].quote if support else hit.text
    place = _place(number, [(c.start, c.end) for c in support], answer)
    return Cited("data-prose-cite", number, hit.document, texts.where(found.line, found.place), quote, place, texts)


def _place(number: int, support: Iterable[tuple[int, int]], answer: Answer) -> Target:
    """What supports the sentences in the passage cited, or the whole passage if nothing does."""
    hit, spans = answer.hits[number - 1], list(dict.fromkeys(support))
    passage = Mark(hit.start, hit.end, "passage", current=not spans)
    cited = (Mark(start, end, "cited", number, current=i == 0) for i, (start, end) in enumerate(spans))
    return Target(hit.document.id, (passage, *cited))
