"""Question files and their answers as HTML. Pure functions; nothing is read here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from rag.answer.result import confidence_level
from rag.answer.wording import words_in
from rag.batch import Question, QuestionFile, Result
from rag.corpus.document import Place
from rag.web.batch.state import State
from rag.web.html.answers import own_markers, with_buttons
from rag.web.html.markup import Mark
from rag.web.html.places import Target
from rag.web.html.templates import Template
from rag.web.jobs.views import note_html, problem_html, progress_panel, time_left, work_name
from rag.web.texts import TEXTS, Language
from rag.web.texts.batch import BATCH_TEXTS, BatchTexts
from rag.web.texts.jobs import JOB_TEXTS, JobTexts

_SHOWN_QUESTIONS = 5
_SHOWN_CHARS = 400
_html = Template("batch/views.html")


def understood_html(file: QuestionFile, texts: BatchTexts) -> Markup:
    """What was read from a question file: how many questions, from which column, and the first of them."""
    alone = file.columns == ("question",)
    column = texts.column_alone if alone else texts.column_found.format(column=file.question_column)
    title = texts.understood.format(name=file.name, questions=len(file.questions))
    first = [_shortened(question.text) for question in file.questions[:_SHOWN_QUESTIONS]]
    return _html.understood(title, column, first, len(file.questions) - len(first), texts)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


def file_line(state: State, language: Language) -> str:
    """One line about a file, for the list of them."""
    stage = JOB_TEXTS[language].stages[state.stage]
    when = datetime.fromtimestamp(state.created).strftime("%m/%d %H:%M")
    name = work_name(state.name, state.libraries, language)
    return BATCH_TEXTS[language].file_line.format(name=name, when=when, total=state.total, stage=stage)


def progress_html(state: State, language: Language) -> Markup:
    """How far a file is: a bar, counts, rate, time left, and what can be done next."""
    texts, words = BATCH_TEXTS[language], JOB_TEXTS[language]
    done = texts.progress.format(done=state.done, total=state.total)
    counts = texts.counts.format(**{name: state.counts[name] for name in ("answered", "abstained", "failed")})
    failure = _failure(state, words) if state.stage == "failed" else ""
    body = _html.progress(done, counts, _notes(state, texts, words), failure)
    name = work_name(state.name, state.libraries, language)
    return progress_panel(name, state.stage, state.done, state.total, done, body, words)


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


def _failure(state: State, words: JobTexts) -> Markup:
    said = words.stopped_note if state.done else "" if state.error else words.error_internal
    return problem_html(words.error_failed, said, state.error)


def results_html(
    rows: Sequence[tuple[Question, Result]], first: int, done: int, is_live: bool, language: Language
) -> Markup:
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
        return _html.no_results(texts.no_results) if is_live else Markup()
    shown = texts.range.format(first=first + 1, last=first + len(rows), done=done)
    return _html.results(shown, [_row(question, result, language) for question, result in rows], texts)


def _row(question: Question, result: Result, language: Language) -> tuple[str, str, Result, Markup, str, str]:
    """Id and text of the question, its result, the answer, and how sure it is, as a class and in a word."""
    kind, word = str(result.status), BATCH_TEXTS[language].statuses[result.status]
    if result.status == "answered" and result.confidence is not None:
        level = confidence_level(result.confidence)
        kind, word = f"level-{level}", TEXTS[language].confidence_words[level]
    return question.id, _shortened(question.text), result, _answer(question, result, language), kind, word


def _answer(question: Question, result: Result, language: Language) -> Markup:
    texts = TEXTS[language]
    if result.status == "failed":
        return _html.failed(result.error or "") if question.text.strip() else note_html(texts.error_empty)
    if result.status == "abstained":
        missing = words_in(language).refusal(result.reason, result.missing) if result.missing else ""
        return note_html(missing or texts.abstained)
    citations: list[Mapping[str, Any]] = list(result.body.get("citations", ()))
    numbered = {int(citation["number"]): citation for citation in citations}
    marks = own_markers(result.answer, [str(citation["quote"]) for citation in citations])
    buttons = [
        (mark, _button(numbered[int(mark[1])], citations, mark[0], "cite", language))
        for mark in marks
        if int(mark[1]) in numbered
    ]
    sources = [_source(citation, citations, language) for citation in citations]
    conflict = texts.conflict if result.conflict else ""
    return _html.answered(with_buttons(result.answer, buttons), conflict, sources)


def _source(citation: Mapping[str, Any], citations: Sequence[Mapping[str, Any]], language: Language) -> Markup:
    document, between = citation["document"], BATCH_TEXTS[language].separator
    library = TEXTS[language].library(document["library"]) if document.get("library") else ""
    where = between.join(filter(None, (library, document["title"], _where(citation, language))))
    return _button(citation, citations, where, "quiet", language, citation["number"])


def _where(citation: Mapping[str, Any], language: Language) -> str:
    place = citation.get("place")
    found = None if place is None else Place(0, place["kind"], place["label"])
    return TEXTS[language].where(citation["line"], found)


def _button(
    citation: Mapping[str, Any],
    citations: Sequence[Mapping[str, Any]],
    words: str,
    kind: str,
    language: Language,
    number: int = 0,
) -> Markup:
    label = BATCH_TEXTS[language].open_citation.format(
        number=citation["number"], title=citation["document"]["title"], where=_where(citation, language)
    )
    return _html.button(kind, label, citation["quote"], _place(citation, citations), number, words)


def _place(citation: Mapping[str, Any], citations: Sequence[Mapping[str, Any]]) -> Target:
    """The source of a citation, with the answer's other citations of the same document marked too."""
    document = citation["document"]["id"]
    marks = [
        Mark(c["start"], c["end"], "cited", c["number"], current=c is citation)
        for c in citations
        if c["document"]["id"] == document
    ]
    return Target(document, tuple(marks))
