"""Work that takes the server a while, as HTML. Pure functions; nothing is read here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from math import ceil
from typing import Final, Literal

from markupsafe import Markup

from rag.errors import BusyError, RagError, SnapshotError
from rag.library import NamedLibrary, UnknownLibraryError
from rag.web.html.templates import Template
from rag.web.texts import Language
from rag.web.texts.jobs import JOB_TEXTS, JobTexts
from rag.web.texts.libraries import LIBRARY_TEXTS, library_name

log = logging.getLogger(__name__)

_html, _parts = Template("jobs/views.html"), Template("html/parts.html")

JobStage = Literal["waiting", "running", "stopping", "stopped", "done", "failed"]
IN_LINE: Final[tuple[JobStage, ...]] = ("waiting", "running", "stopping")


def work_name(name: str, libraries: Sequence[NamedLibrary], language: Language) -> str:
    """What a piece of work is called: its name, and the libraries that it is about where there are several."""
    if not libraries:
        return name
    names = " + ".join(library_name(library, language) for library in libraries)
    return JOB_TEXTS[language].about.format(name=name, libraries=names)


def heading_html(title: str, intro: str) -> Markup:
    """What a tab is for."""
    return _html.heading(title, intro)


def note_html(note: str) -> Markup:
    """A line in small letters."""
    return _parts.note(note)


def busy_html(words: str) -> Markup:
    """While something is read that takes a moment."""
    return _html.busy(words)


def problem_html(title: str, message: str, details: str) -> Markup:
    """A failure in the page's language; ``details`` is the error's own words."""
    return _html.problem(title, message, details)


def error_html(title: str, error: Exception, language: Language) -> Markup:
    """An error in words of the page's language, as far as it has them; what nobody expected is logged."""
    texts = JOB_TEXTS[language]
    if isinstance(error, BusyError):
        return problem_html(title, texts.error_busy, str(error))
    if isinstance(error, SnapshotError):
        return problem_html(title, texts.error_no_index, str(error))
    if isinstance(error, UnknownLibraryError):
        return problem_html(title, LIBRARY_TEXTS[language].unknown, "")
    if isinstance(error, RagError):
        return problem_html(title, "", str(error))
    log.error("Work behind the page met an error.", exc_info=error)
    return problem_html(title, texts.error_internal, "")


def progress_panel(
    name: str, stage: JobStage, done: int, total: int, said: str, body: Markup, texts: JobTexts
) -> Markup:
    """How far a piece of work is.

    Args:
        name: what it is about.
        stage: what is going on with it.
        done, total: how much of it is done.
        said: the same in words.
        body: what stands below the bar.
        texts: the page's words.
    """
    share = min(1.0, done / total) if total else float(stage == "done")
    return _html.progress(name, stage, texts.stages[stage], done, total, said, share, body)


def time_left(seconds: float | None, texts: JobTexts) -> str:
    """An estimate in words, no more exact than it is."""
    if seconds is None:
        return texts.estimating
    return texts.left.format(time=took(max(5, 5 * ceil(seconds / 5)), texts))


def took(seconds: float, texts: JobTexts) -> str:
    """A time in words, no more exact than anyone needs."""
    minutes = ceil(seconds / 60)
    if seconds <= 55:
        return texts.seconds.format(count=max(1, ceil(seconds)))
    if minutes < 60:
        return texts.minutes.format(count=minutes)
    return texts.hours.format(hours=minutes // 60, minutes=minutes % 60)
