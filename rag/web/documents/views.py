"""Adding documents, and what becomes of them, as HTML. Pure functions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from rag.corpus.files import FORMATS
from rag.web.documents.updates import Failure, FileStatus, State, Status, Work
from rag.web.html.markup import attribute, to_html
from rag.web.texts.documents import DocumentTexts
from rag.web.texts.unreadable import problem_in_japanese

_MOST_SHOWN = 200
_URGENT: tuple[State, ...] = ("refused", "unread", "waiting", "read", "indexed", "same")


def button(
    label: str, event: str, data: Mapping[str, object] | None = None, *, key: str = "", name: str = "", kind: str = ""
) -> str:
    """A button that triggers an event of the tab.

    Args:
        label: what it says.
        event: one of the events of ``tab.EVENTS``.
        data: what the event brings.
        key: keeps the focus on it when it is drawn again.
        name: what a screen reader says instead of the label.
        kind: its classes.
    """
    fields = {"do": event, "with": json.dumps(data or {}), "key": key or event}
    attributes = "".join(f' data-{n}="{attribute(value)}"' for n, value in fields.items())
    spoken = f' aria-label="{attribute(name)}"' if name else ""
    return f'<button type="button" class="{kind or "quiet"}"{attributes}{spoken}>{to_html(label)}</button>'


def add_html(texts: DocumentTexts, max_file_mb: float) -> str:
    """Where files are dropped or chosen."""
    facts = {
        "sending": texts.sending,
        "nothing": texts.sent_nothing,
        "endings": " ".join(FORMATS),
        "most": str(int(max_file_mb * 1e6)),
    }
    data = "".join(f' data-{name}="{attribute(value)}"' for name, value in facts.items())
    return (
        f'<section class="doc-add" aria-labelledby="doc-add-title"><h2 id="doc-add-title">{to_html(texts.add_title)}'
        f'</h2><div class="drop"{data}><p class="drop-here" aria-hidden="true">{to_html(texts.drop_here)}</p>'
        f'<p class="choices"><button type="button" class="strong" data-pick="files">{to_html(texts.choose_files)}'
        f'</button><button type="button" class="framed" data-pick="folder">{to_html(texts.choose_folder)}</button></p>'
        f'<p class="note">{to_html(texts.add_explained.format(size=max_file_mb))}</p>'
        '<input type="file" multiple hidden data-chosen="files">'
        '<input type="file" webkitdirectory multiple hidden data-chosen="folder">'
        '<p class="sending" role="status"></p></div></section>'
    )


def cannot_add_html(reason: str) -> str:
    """Why nothing can be added; the reason is HTML."""
    return f'<p class="doc-closed">{reason}</p>'


def notice_html(notice: str) -> str:
    """Why something that was asked for is not done."""
    return f'<p class="doc-state failed" role="alert">{to_html(notice)}</p>' if notice else ""


def progress_html(status: Status, texts: DocumentTexts, stopping: bool = False) -> str:
    """What is being done, why the last update did not come about, and how far each file sent has come."""
    if status.work is not None:
        state = _work(status.work, texts, stopping)
    elif status.failure is not None:
        state = _failure(status.failure, texts)
    elif status.stopped:
        again = button(texts.go_on, "update_again", kind="framed")
        state = f'<div class="doc-state" role="status"><p>{to_html(texts.stopped)}</p>{again}</div>'
    else:
        state = ""
    files = _files(status, texts)
    return f'<div class="doc-progress">{state}{files}</div>' if state or files else ""


def _work(work: Work, texts: DocumentTexts, stopping: bool) -> str:
    counted = texts.stages_counted.get(work.stage, "") if work.total else ""
    words = counted.format(done=work.done, total=work.total) if counted else texts.stages[work.stage]
    bar = (
        f'<progress value="{work.done}" max="{work.total}" aria-label="{attribute(texts.stages[work.stage])}">'
        "</progress>"
        if counted
        else '<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>'
    )
    stop = f"<span>{to_html(texts.stopping)}</span>" if stopping else button(texts.stop, "stop_update", kind="framed")
    return (
        f'<div class="doc-state busy" data-stage="{work.stage}"><p role="status">'
        f"{to_html(texts.stages[work.stage])}</p>{stop}{bar}"
        f'<p class="note">{to_html(words if counted else texts.working_note)}</p></div>'
    )


def _failure(failure: Failure, texts: DocumentTexts) -> str:
    words = to_html(texts.troubles[failure.trouble].format(path=failure.path))
    details = (
        f"<details><summary>{to_html(texts.details)}</summary><p>{to_html(failure.detail)}</p></details>"
        if failure.detail
        else ""
    )
    again = button(texts.retry, "update_again", kind="framed")
    return f'<div class="doc-state failed" role="alert"><p>{words}</p>{again}{details}</div>'


def _files(status: Status, texts: DocumentTexts) -> str:
    if not status.files:
        return ""
    counts = Counter(file.state for file in status.files)
    summary = texts.separator.join(texts.uploads_counted[s].format(count=counts[s]) for s in _URGENT[::-1] if counts[s])
    shown = sorted(status.files, key=lambda file: _URGENT.index(file.state))[:_MOST_SHOWN]
    rows = "".join(_file(file, texts) for file in shown)
    more = len(status.files) - len(shown)
    rest = f'<li class="note">{to_html(texts.more_files.format(count=more))}</li>' if more else ""
    clear = button(texts.clear, "forget_files") if status.work is None else ""
    return (
        f'<section class="doc-files" aria-labelledby="doc-files-title"><div class="head"><h3 id="doc-files-title">'
        f'{to_html(texts.uploads)}</h3><p class="note">{to_html(summary)}</p>{clear}</div>'
        f"<ul>{rows}{rest}</ul></section>"
    )


def _file(file: FileStatus, texts: DocumentTexts) -> str:
    notes = []
    if file.state == "indexed":
        notes.append(texts.indexed_passages.format(passages=file.passages))
    if file.replaced:
        notes.append(texts.replaced)
    refusal = file.refusal
    if refusal is not None:
        size = refusal.size / 1e6
        notes.append(texts.refusals[refusal.reason].format(limit=refusal.limit, size=size, detail=refusal.detail))
    if file.problem:
        notes.append(problem_words(file.problem, file.hint, texts))
    note = f'<span class="why">{to_html(texts.separator.join(notes))}</span>' if notes else ""
    return (
        f'<li class="{file.state}"><span class="name">{to_html(short_name(file.name))}</span>'
        f'<span class="state">{to_html(texts.states[file.state])}</span>{note}</li>'
    )


def problem_words(message: str, hint: str, texts: DocumentTexts) -> str:
    """What is wrong with a file, as plain text in the page's language."""
    return problem_in_japanese(message) if texts.language == "ja" else f"{message} {hint}".strip()


def short_name(name: str) -> str:
    """A name of bearable length: its beginning and its end."""
    shown = name or "?"
    return shown if len(shown) <= 120 else f"{shown[:70]}…{shown[-40:]}"
