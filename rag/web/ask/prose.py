"""Prose of an LLM as HTML, while it is written and when it is checked. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.prose import CheckedSentence, Draft, Prose, Standalone, notice_words, problem_words
from rag.prose.checking import CITATION_MARK, cited_numbers
from rag.web.ask.answers import preview_attributes
from rag.web.ask.views import question_html
from rag.web.html.markup import Mark, attribute, to_html
from rag.web.html.places import Place
from rag.web.texts import Texts
from rag.web.texts.prose import PROSE_TEXTS

_JOINED_CHARS = 2


def asked_html(follow: Standalone, texts: Texts) -> str:
    """The question as asked, and what was searched instead if that is another one."""
    html = question_html(follow.asked, texts)
    if follow.by is None:
        return html
    words = PROSE_TEXTS[texts.language]
    return (
        f'{html}<div class="follow-up"><p>{to_html(words.by_llm if follow.by == "llm" else words.by_rule)} '
        f'<q class="searched">{to_html(follow.question)}</q></p>'
        f'<button type="button" class="quiet" data-ask-alone="{attribute(follow.asked)}">'
        f"{to_html(words.ask_alone)}</button></div>"
    )


def draft_html(draft: Draft, answer: Answer, by: str, texts: Texts) -> str:
    """Prose while it is written: what is checked is marked, and it can be stopped."""
    words = PROSE_TEXTS[texts.language]
    busy = (
        f'<p class="busy" role="status"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>'
        f'<span class="sr-only">{to_html(words.writing)}</span></p>'
        f'<button type="button" class="quiet stop" data-stop>{to_html(words.stop)}</button>'
    )
    body = _text(draft.text, draft.sentences, answer, texts)
    text = f'<div class="answer-text prose-text" aria-busy="true"><p>{body}</p></div>' if draft.text.strip() else ""
    return f'<article class="written in-progress">{_head(by, busy, texts)}{text}</article>'


def prose_html(prose: Prose, answer: Answer, by: str, texts: Texts) -> str:
    """Checked prose, or only a notice if there is none."""
    notice = "" if prose.notice is None else _notice(prose, texts)
    if not prose.text.strip():
        return f'<article class="written failed">{notice}</article>'
    body = _text(prose.text, prose.sentences, answer, texts)
    kind = "trusted" if prose.trusted else "doubtful"
    return (
        f'<article class="written {kind}">{_head(by, _checked(prose, texts), texts)}{notice}'
        f'<div class="answer-text prose-text"><p>{body}</p></div>'
        f"{_reasons(prose.sentences, texts)}{_sources(prose.sentences, answer, texts)}</article>"
    )


def little_html(texts: Texts) -> str:
    """Why the quotes come before the prose."""
    return f'<p class="notice" role="status">{to_html(PROSE_TEXTS[texts.language].little)}</p>'


def by_html(model: str, host: str, texts: Texts) -> str:
    """Who writes: the model and its server."""
    return to_html(PROSE_TEXTS[texts.language].by.format(model=model, host=host) if model else host)


def _head(by: str, beside: str, texts: Texts) -> str:
    title = to_html(PROSE_TEXTS[texts.language].title)
    return (
        f'<div class="answer-head"><h2 id="prose" tabindex="-1">{title} <span class="by">{by}</span></h2>'
        f'<div class="beside">{beside}</div></div>'
    )


def _notice(prose: Prose, texts: Texts) -> str:
    assert prose.notice is not None
    words = notice_words(prose.notice, prose.host, texts.language)
    detail = prose.notice.detail
    more = (
        f"<details><summary>{to_html(texts.error_details)}</summary><p>{to_html(detail)}</p></details>"
        if detail
        else ""
    )
    return f'<div class="notice" role="status"><p>{to_html(words)}</p>{more}</div>'


def _checked(prose: Prose, texts: Texts) -> str:
    claims = [s for s in prose.sentences if s.verdict != "no-claim"]
    supported = sum(s.verdict == "supported" for s in claims)
    words = PROSE_TEXTS[texts.language].checked.format(claims=len(claims), supported=supported)
    return f'<p class="note">{to_html(words)}</p>' if claims else ""


def _text(text: str, sentences: Sequence[CheckedSentence], answer: Answer, texts: Texts) -> str:
    pieces, position = [], 0
    for sentence in sentences:
        pieces.append(_with_buttons(text[position : sentence.start], (), answer, texts))
        pieces.append(_sentence(sentence, answer, texts))
        position = sentence.end
    return "".join(pieces) + _with_buttons(text[position:], (), answer, texts)


def _sentence(sentence: CheckedSentence, answer: Answer, texts: Texts) -> str:
    inside = _with_buttons(sentence.text, (sentence,), answer, texts)
    if sentence.verdict != "unverified":
        return f'<span class="sentence {sentence.verdict}">{inside}</span>'
    reason = _reason(sentence, texts)
    label = PROSE_TEXTS[texts.language].unverified
    return (
        f'<span class="sentence unverified" title="{attribute(reason)}">{inside}'
        f'<span class="doubt">{to_html(label)}<span class="sr-only">: {to_html(reason)}</span></span></span>'
    )


def _reason(sentence: CheckedSentence, texts: Texts) -> str:
    return texts.separator.join(dict.fromkeys(problem_words(problem, texts.language) for problem in sentence.problems))


def _with_buttons(text: str, sentences: Sequence[CheckedSentence], answer: Answer, texts: Texts) -> str:
    """``text`` with citation marks of passages that exist as buttons; others stay text."""
    pieces, position = [], 0
    for match in CITATION_MARK.finditer(text):
        numbers = cited_numbers(match[0])
        if not all(1 <= number <= len(answer.hits) for number in numbers):
            continue
        joined = max(position, match.start() - _JOINED_CHARS)
        buttons = "".join(_button(number, sentences, answer, texts) for number in numbers)
        pieces.append(to_html(text[position:joined]))
        pieces.append(f'<span class="nowrap">{to_html(text[joined : match.start()])}{buttons}</span>')
        position = match.end()
    return "".join(pieces) + to_html(text[position:])


def _button(number: int, sentences: Iterable[CheckedSentence], answer: Answer, texts: Texts) -> str:
    hit, supporting = answer.hits[number - 1], _supporting(number, sentences)
    quote = supporting.quote if supporting else hit.text
    preview = preview_attributes(hit.document, _where(number, sentences, answer, texts), quote, texts)
    return (
        f'<button type="button" class="cite" data-prose-cite="{number}" '
        f'aria-label="{_label(number, sentences, answer, texts)}" {preview} '
        f'data-open="{_place(number, sentences, answer).to_attribute()}">[{number}]</button>'
    )


def _label(number: int, sentences: Iterable[CheckedSentence], answer: Answer, texts: Texts) -> str:
    title, where = answer.hits[number - 1].document.title, _where(number, sentences, answer, texts)
    return attribute(texts.open_citation.format(number=number, title=title, where=where))


def _supporting(number: int, sentences: Iterable[CheckedSentence]) -> Citation | None:
    """The first stretch of a passage that supports the sentences."""
    return next((c for s in sentences for c in s.support if c.number == number), None)


def _where(number: int, sentences: Iterable[CheckedSentence], answer: Answer, texts: Texts) -> str:
    found = _supporting(number, sentences) or answer.hits[number - 1]
    return texts.where(found.line, found.place)


def _place(number: int, sentences: Iterable[CheckedSentence], answer: Answer) -> Place:
    """What supports the sentences in the passage cited, or the whole passage if nothing does."""
    hit = answer.hits[number - 1]
    spans = dict.fromkeys((c.start, c.end) for s in sentences for c in s.support if c.number == number)
    passage = Mark(hit.start, hit.end, "passage", current=not spans)
    cited = (Mark(start, end, "cited", number, current=i == 0) for i, (start, end) in enumerate(spans))
    return Place(hit.document.id, (passage, *cited))


def _reasons(sentences: Sequence[CheckedSentence], texts: Texts) -> str:
    """The reasons in the open too: not everyone can hover over a sentence."""
    items = "".join(
        f"<li><q>{to_html(' '.join(s.text.split()))}</q> <span>{to_html(_reason(s, texts))}</span></li>"
        for s in sentences
        if s.verdict == "unverified"
    )
    title = to_html(PROSE_TEXTS[texts.language].why)
    return f'<details class="doubts"><summary>{title}</summary><ul>{items}</ul></details>' if items else ""


def _sources(sentences: Sequence[CheckedSentence], answer: Answer, texts: Texts) -> str:
    """The documents cited, with a button for each passage."""
    cited = sorted({n for s in sentences for n in s.cited if 1 <= n <= len(answer.hits)})
    by_document: dict[str, list[int]] = {}
    for number in cited:
        by_document.setdefault(answer.hits[number - 1].document.id, []).append(number)
    items = "".join(_source(numbers, sentences, answer, texts) for numbers in by_document.values())
    return f'<div class="sources"><h3>{to_html(texts.sources)}</h3><ol>{items}</ol></div>' if items else ""


def _source(numbers: Sequence[int], sentences: Sequence[CheckedSentence], answer: Answer, texts: Texts) -> str:
    document = answer.hits[numbers[0] - 1].document
    buttons = "".join(_source_line(number, sentences, answer, texts) for number in numbers)
    return (
        f'<li><span class="title">{to_html(document.title)}</span><span class="places"><span class="file">'
        f"{to_html(document.source)}</span>{buttons}</span></li>"
    )


def _source_line(number: int, sentences: Sequence[CheckedSentence], answer: Answer, texts: Texts) -> str:
    where = _where(number, sentences, answer, texts)
    return (
        f'<button type="button" class="source-line" data-open="{_place(number, sentences, answer).to_attribute()}">'
        f'<span class="sr-only">{_label(number, sentences, answer, texts)}</span>'
        f'<span aria-hidden="true"><span class="number">{number}</span>{to_html(where)}</span></button>'
    )
