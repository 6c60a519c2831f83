"""Question files and their answers as HTML. Pure functions; nothing is read here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rag.batch import Question, QuestionFile, Result
from rag.corpus.document import Place as PlaceInDocument
from rag.web.ask.answers import confidence_level
from rag.web.batch.state import State
from rag.web.html.markup import Mark, attribute, to_html
from rag.web.html.places import Place
from rag.web.jobs.views import note_html, problem_html, progress_panel, time_left
from rag.web.texts import TEXTS, Language
from rag.web.texts.batch import BATCH_TEXTS, BatchTexts
from rag.web.texts.jobs import JOB_TEXTS, JobTexts

_SHOWN_QUESTIONS = 5
_SHOWN_CHARS = 400
_MARKER = re.compile(r"\[(\d+)\]")


def understood_html(file: QuestionFile, texts: BatchTexts) -> str:
    """What was read from a question file: how many questions, from which column, and the first of them."""
    alone = file.columns == ("question",)
    column = texts.column_alone if alone else texts.column_found.format(column=file.question_column)
    title = texts.understood.format(name=file.name, questions=len(file.questions))
    items = "".join(f"<li>{_shortened(q.text, texts)}</li>" for q in file.questions[:_SHOWN_QUESTIONS])
    rest = len(file.questions) - _SHOWN_QUESTIONS
    more = f'<p class="note">{to_html(texts.more_questions.format(count=rest))}</p>' if rest > 0 else ""
    return (
        f'<section class="understood" role="status"><h3>{to_html(title)}</h3><p class="note">{to_html(column)}</p>'
        f'<ol aria-label="{attribute(texts.first_questions)}">{items}</ol>{more}</section>'
    )


def _shortened(text: str, texts: BatchTexts) -> str:
    text = " ".join(text.split())
    if not text:
        return f'<span class="note">{to_html(texts.empty_question)}</span>'
    return to_html(text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…")


def file_line(state: State, language: Language) -> str:
    """One line about a file, for the list of them."""
    stage = JOB_TEXTS[language].stages[state.stage]
    when = datetime.fromtimestamp(state.created).strftime("%m/%d %H:%M")
    return BATCH_TEXTS[language].file_line.format(name=state.name, when=when, total=state.total, stage=stage)


def progress_html(state: State, language: Language) -> str:
    """How far a file is: a bar, counts, rate, time left, and what can be done next."""
    texts, words = BATCH_TEXTS[language], JOB_TEXTS[language]
    done = texts.progress.format(done=state.done, total=state.total)
    counts = texts.counts.format(**{name: state.counts[name] for name in ("answered", "abstained", "failed")})
    facts = f'<p class="job-facts"><strong>{to_html(done)}</strong><span>{to_html(counts)}</span></p>'
    notes = "".join(map(note_html, _notes(state, texts, words)))
    failure = _failure(state, words) if state.stage == "failed" else ""
    return progress_panel(state.name, state.stage, state.done, state.total, done, facts + notes + failure, words)


def _notes(state: State, texts: BatchTexts, words: JobTexts) -> list[str]:
    notes = [texts.anew_note] if state.anew and state.is_live else []
    if state.stage == "waiting":
        notes.append(words.ahead.format(ahead=state.ahead))
    elif state.writing:
        notes.append(texts.writing)
    elif state.stage == "running":
        rate = f"{texts.separator}{texts.rate.format(rate=state.rate)}" if state.rate else ""
        notes.append(time_left(state.seconds_left, words) + rate)
    elif state.stage == "stopped":
        notes.append(words.stopped_note)
    elif state.stage == "done":
        notes.append(texts.done_note)
    return notes


def _failure(state: State, words: JobTexts) -> str:
    said = words.stopped_note if state.done else "" if state.error else words.error_internal
    return problem_html(words.error_failed, said, state.error)


def results_html(
    rows: Sequence[tuple[Question, Result]], first: int, done: int, is_live: bool, language: Language
) -> str:
    """One page of results as a table; each citation opens its source.

    Args:
        rows: questions and results, in the file's order.
        first: number of the first of them, from 0.
        done: how many results there are in all.
        is_live: whether more are coming.
        language: the page's.
    """
    texts = BATCH_TEXTS[language]
    if not rows:
        return f'<p class="note no-results">{to_html(texts.no_results)}</p>' if is_live else ""
    shown = texts.range.format(first=first + 1, last=first + len(rows), done=done)
    heads = "".join(
        f'<th scope="col">{to_html(name)}</th>'
        for name in (texts.number, texts.question, texts.answer, texts.confidence)
    )
    body = "".join(_row(question, result, language) for question, result in rows)
    return (
        f'<section class="results" aria-label="{attribute(texts.results)}"><div class="results-head">'
        f'<h3>{to_html(texts.results)}</h3><p class="note" role="status">{to_html(shown)}</p></div>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></section>"
    )


def _row(question: Question, result: Result, language: Language) -> str:
    texts = BATCH_TEXTS[language]
    return (
        f'<tr class="{result.status}"><td class="number">{to_html(question.id)}</td>'
        f'<th scope="row" class="question">{_shortened(question.text, texts)}</th>'
        f'<td class="answered-with">{_answer(question, result, language)}</td>'
        f'<td class="sure">{_sureness(result, language)}</td></tr>'
    )


def _sureness(result: Result, language: Language) -> str:
    status = to_html(BATCH_TEXTS[language].statuses[result.status])
    if result.status != "answered" or result.confidence is None:
        return f'<span class="status {result.status}">{status}</span>'
    level = confidence_level(result.confidence)
    word = to_html(TEXTS[language].confidence_words[level])
    return f'<span class="status level-{level}">{word}</span> <span class="note">{result.confidence:.0%}</span>'


def _answer(question: Question, result: Result, language: Language) -> str:
    texts = TEXTS[language]
    if result.status == "failed" and not question.text.strip():
        return f'<p class="note">{to_html(texts.error_empty)}</p>'
    if result.status == "failed":
        return f'<p lang="en">{to_html(result.error or "")}</p>'
    if result.status == "abstained":
        return f'<p class="note">{to_html(texts.abstained)}</p>'
    citations: list[Mapping[str, Any]] = list(result.body.get("citations", ()))
    conflict = f'<p class="note">{to_html(texts.conflict)}</p>' if result.conflict else ""
    sources = "".join(f"<li>{_source(citation, citations, language)}</li>" for citation in citations)
    return f"<p>{_with_buttons(result.answer, citations, language)}</p>{conflict}<ul class='cited-in'>{sources}</ul>"


def _with_buttons(text: str, citations: Sequence[Mapping[str, Any]], language: Language) -> str:
    """The answer's text with its markers as buttons; a ``[1]`` inside a quote is the document's own."""
    by_number = {citation["number"]: citation for citation in citations}
    quoted = [
        (at, at + len(quote))
        for quote in (" ".join(str(c["quote"]).split()) for c in citations)
        if quote and (at := text.find(quote)) >= 0
    ]
    pieces, position = [], 0
    for marker in _MARKER.finditer(text):
        inside = any(a <= marker.start() and marker.end() <= b for a, b in quoted)
        if (citation := by_number.get(int(marker[1]))) is not None and not inside:
            pieces.append(to_html(text[position : marker.start()]))
            pieces.append(_button(citation, citations, f"[{marker[1]}]", "cite", language))
            position = marker.end()
    return "".join(pieces) + to_html(text[position:])


def _source(citation: Mapping[str, Any], citations: Sequence[Mapping[str, Any]], language: Language) -> str:
    where = f"{citation['document']['title']}{BATCH_TEXTS[language].separator}{_where(citation, language)}"
    return _button(citation, citations, where, "quiet", language, number=True)


def _where(citation: Mapping[str, Any], language: Language) -> str:
    place = citation.get("place")
    found = None if place is None else PlaceInDocument(0, place["kind"], place["label"])
    return TEXTS[language].where(citation["line"], found)


def _button(
    citation: Mapping[str, Any],
    citations: Sequence[Mapping[str, Any]],
    words: str,
    kind: str,
    language: Language,
    number: bool = False,
) -> str:
    label = BATCH_TEXTS[language].open_citation.format(
        number=citation["number"], title=citation["document"]["title"], where=_where(citation, language)
    )
    shown = f'<span class="number" aria-hidden="true">{citation["number"]}</span>' if number else ""
    return (
        f'<button type="button" class="{kind}" aria-label="{attribute(label)}" title="{attribute(citation["quote"])}" '
        f'data-open="{_place(citation, citations).to_attribute()}">{shown}{to_html(words)}</button>'
    )


def _place(citation: Mapping[str, Any], citations: Sequence[Mapping[str, Any]]) -> Place:
    """The source of a citation, with the answer's other citations of the same document marked too."""
    document = citation["document"]["id"]
    marks = [
        Mark(c["start"], c["end"], "cited", c["number"], current=c is citation)
        for c in citations
        if c["document"]["id"] == document
    ]
    return Place(document, tuple(marks))
