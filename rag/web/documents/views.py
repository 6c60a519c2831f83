"""Adding documents, and what becomes of them, as HTML. Pure functions."""

from __future__ import annotations

import time
from collections import Counter

from markupsafe import Markup

from rag.corpus.files import FORMATS
from rag.errors import Facts
from rag.library import RefusedFile
from rag.web.documents.updates import FileStatus, Outcome, State, Status, Work
from rag.web.html.templates import Template
from rag.web.jobs.views import time_left, took
from rag.web.texts.documents import DocumentTexts
from rag.web.texts.jobs import JOB_TEXTS
from rag.web.texts.unreadable import problem_in_japanese

_html = Template("documents/views.html")
_MOST_SHOWN = 200
_URGENT: tuple[State, ...] = ("refused", "unread", "waiting", "read", "indexed", "same")


def add_html(texts: DocumentTexts, max_file_mb: float) -> Markup:
    """Where files are dropped or chosen."""
    return _html.add(" ".join(FORMATS), int(max_file_mb * 1e6), max_file_mb, texts)


def cannot_add_html(words: str, command: str = "") -> Markup:
    """Why nothing can be added; the command stands where the words have ``{command}``."""
    return _html.cannot_add(words, command)


def notice_html(notice: str) -> Markup:
    """Why something that was asked for is not done."""
    return _html.notice(notice) if notice else Markup()


def gone_html(texts: DocumentTexts) -> Markup:
    """In place of a document that is not there any more."""
    return _html.gone(texts)


def progress_html(status: Status, texts: DocumentTexts, stopping: bool = False) -> Markup:
    """What is being done, why the last update did not come about, and how far each file sent has come."""
    state = Markup()
    if (work := status.work) is not None:
        state = _html.work(work, _facts(work, texts), stopping, texts)
    elif (failure := status.failure) is not None:
        state = _html.failure(texts.troubles[failure.trouble].format(path=failure.path), failure.detail, texts)
    elif status.stopped:
        state = _html.stopped(texts)
    elif (outcome := status.outcome) is not None:
        state = _html.finished(_said_of(outcome, texts), outcome.ended, not status.files, texts)
    files = _files(status, texts)
    return _html.progress(state, files) if state or files else Markup()


def _facts(work: Work, texts: DocumentTexts) -> str:
    counted = texts.stages_counted.get(work.stage, "") if work.total else ""
    if not counted:
        return texts.working_note
    now, jobs = time.monotonic(), JOB_TEXTS[texts.language]
    facts = [counted.format(done=work.done, total=work.total)]
    if work.stage == "embedding" and (pace := work.a_second(now)) is not None:
        facts.append(texts.pace.format(passages=pace))
    return texts.separator.join((*facts, time_left(work.seconds_left(now), jobs)))


def _said_of(outcome: Outcome, texts: DocumentTexts) -> str:
    """What an update that is done has done."""
    jobs, counts = JOB_TEXTS[texts.language], (outcome.added, outcome.changed, outcome.removed)
    if not any(counts):
        return texts.finished_same
    words = texts.finished.format(added=outcome.added, changed=outcome.changed, removed=outcome.removed)
    time = took(outcome.seconds, jobs)
    return texts.separator.join((words, texts.finished_passages.format(passages=outcome.embedded, time=time)))


def _files(status: Status, texts: DocumentTexts) -> Markup:
    if not status.files:
        return Markup()
    counts = Counter(file.state for file in status.files)
    summary = texts.separator.join(texts.uploads_counted[s].format(count=counts[s]) for s in _URGENT[::-1] if counts[s])
    shown = sorted(status.files, key=lambda file: _URGENT.index(file.state))[:_MOST_SHOWN]
    rows = [(file.state, short_name(file.name), _why(file, texts)) for file in shown]
    return _html.files(summary, rows, len(status.files) - len(shown), status.work is None, texts)


def _why(file: FileStatus, texts: DocumentTexts) -> str:
    notes = []
    if file.state == "indexed":
        notes.append(texts.indexed_passages.format(passages=file.passages))
    if file.replaced:
        notes.append(texts.replaced)
    if (refusal := file.refusal) is not None:
        size = refusal.size / 1e6
        notes.append(texts.refusals[refusal.reason].format(limit=refusal.limit, size=size, detail=refusal.detail))
    if file.problem:
        notes.append(problem_words(f"{file.problem} {file.hint}", file.code, file.facts, texts))
    return texts.separator.join(notes)


def problem_words(english: str, code: str, facts: Facts, texts: DocumentTexts) -> str:
    """What is wrong with a file, as plain text in the page's language."""
    return problem_in_japanese(code, facts) if texts.language == "ja" else english.strip()


def unread_words(file: RefusedFile, texts: DocumentTexts) -> str:
    """What is wrong with a file that a build could not read."""
    return problem_words(f"{file.message} {file.hint}", file.code, file.facts, texts)


def short_name(name: str) -> str:
    """A name of bearable length: its beginning and its end."""
    shown = name or "?"
    return shown if len(shown) <= 120 else f"{shown[:70]}…{shown[-40:]}"
