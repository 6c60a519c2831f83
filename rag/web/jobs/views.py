"""Work that takes the server a while, as HTML. Pure functions; nothing is read here."""

from __future__ import annotations

import logging
from math import ceil
from typing import Final, Literal

from rag.errors import BusyError, RagError, SnapshotError
from rag.web.html.markup import attribute, to_html
from rag.web.texts import Language
from rag.web.texts.jobs import JOB_TEXTS, JobTexts

log = logging.getLogger(__name__)

JobStage = Literal["waiting", "running", "stopping", "stopped", "done", "failed"]
IN_LINE: Final[tuple[JobStage, ...]] = ("waiting", "running", "stopping")


def heading_html(title: str, intro: str) -> str:
    """What a tab is for."""
    return f'<div class="job-heading"><h2>{to_html(title)}</h2><p>{to_html(intro)}</p></div>'


def note_html(note: str) -> str:
    """A line in small letters."""
    return f'<p class="note">{to_html(note)}</p>'


def busy_html(words: str) -> str:
    """While something is read that takes a moment."""
    dots = '<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>'
    return f'<p class="busy" role="status">{dots}{to_html(words)}</p>'


def problem_html(title: str, message: str, details: str) -> str:
    """A failure in the page's language; ``details`` is the error's own words."""
    said = f"<p>{to_html(message)}</p>" if message else ""
    more = f'<p class="note" lang="en">{to_html(details)}</p>' if details else ""
    return f'<div class="error" role="alert"><h2>{to_html(title)}</h2>{said}{more}</div>'


def error_html(title: str, error: Exception, language: Language) -> str:
    """An error in words of the page's language, as far as it has them; what nobody expected is logged."""
    texts = JOB_TEXTS[language]
    if isinstance(error, BusyError):
        return problem_html(title, texts.error_busy, str(error))
    if isinstance(error, SnapshotError):
        return problem_html(title, texts.error_no_index, str(error))
    if isinstance(error, RagError):
        return problem_html(title, "", str(error))
    log.error("Work behind the page met an error.", exc_info=error)
    return problem_html(title, texts.error_internal, "")


def progress_panel(name: str, stage: JobStage, done: int, total: int, said: str, body: str, texts: JobTexts) -> str:
    """How far a piece of work is.

    Args:
        name: what it is about.
        stage: what is going on with it.
        done, total: how much of it is done.
        said: the same in words.
        body: HTML below the bar.
        texts: the page's words.
    """
    label = attribute(f"{name}: {texts.stages[stage]}")
    share = min(1.0, done / total) if total else float(stage == "done")
    return (
        f'<section class="job-progress {stage}" aria-label="{label}"><div class="job-head"><h3>{to_html(name)}</h3>'
        f'<span class="stage" role="status">{to_html(texts.stages[stage])}</span></div>'
        f'<div class="job-bar" role="progressbar" aria-label="{label}" aria-valuemin="0" aria-valuemax="{total}" '
        f'aria-valuenow="{done}" aria-valuetext="{attribute(said)}"><i style="width:{share:.1%}"></i></div>'
        f"{body}</section>"
    )


def time_left(seconds: float | None, texts: JobTexts) -> str:
    """An estimate in words, no more exact than it is."""
    if seconds is None:
        return texts.estimating
    minutes = ceil(seconds / 60)
    if seconds < 55:
        time = texts.seconds.format(count=max(5, 5 * ceil(seconds / 5)))
    elif minutes < 60:
        time = texts.minutes.format(count=minutes)
    else:
        time = texts.hours.format(hours=minutes // 60, minutes=minutes % 60)
    return texts.left.format(time=time)
