"""What happens in the tab of question files: a file is read, answered, stopped, looked into, removed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from rag.batch import INPUT_ENDINGS
from rag.errors import DatasetError, RagError
from rag.prose import ChatServer
from rag.web.batch import views
from rag.web.batch.batches import MOST_QUESTIONS, Batches
from rag.web.batch.state import Options, State
from rag.web.frame import Parts, browser_language, changed_parts
from rag.web.html.filters import Filters
from rag.web.jobs.events import WorkEvents
from rag.web.jobs.views import busy_html, error_html, heading_html, note_html, problem_html
from rag.web.texts import Language
from rag.web.texts.batch import BATCH_TEXTS
from rag.web.texts.jobs import JOB_TEXTS

log = logging.getLogger(__name__)

ROWS = 25
"""Results on one page of the table."""
LARGEST_K = 50


class Chosen(NamedTuple):
    """New settings of the parts for options; those not given stay as they are."""

    upload: Any = gr.skip()
    understood: Any = gr.skip()
    ending: Any = gr.skip()
    more: Any = gr.skip()
    mode: Any = gr.skip()
    k: Any = gr.skip()
    column: Any = gr.skip()
    llm: Any = gr.skip()
    start: Any = gr.skip()


class Shown(NamedTuple):
    """What the parts show of the files so far and of the one chosen."""

    files: Any = gr.skip()
    progress: Any = gr.skip()
    stop: Any = gr.skip()
    go_on: Any = gr.skip()
    download: Any = gr.skip()
    remove: Any = gr.skip()
    results: Any = gr.skip()
    first: Any = gr.skip()
    previous: Any = gr.skip()
    following: Any = gr.skip()
    last: Any = gr.skip()
    page: Any = gr.skip()
    armed: Any = gr.skip()
    seen: Any = gr.skip()
    timer: Any = gr.skip()


class BatchEvents(WorkEvents[Shown]):
    """Handlers of the tab's events; each returns what its outputs show."""

    def __init__(self, batches: Batches) -> None:
        super().__init__(batches, Shown, (0, {}))
        self._batches = batches

    def open_page(self, owner: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Everything the tab shows when the page is opened, in the browser's language."""
        language = browser_language(request)
        intro, chosen = self._options(language)
        return intro, *chosen, *self._newest(owner or "", language)

    def _options(self, language: Language) -> tuple[str, Chosen]:
        texts = BATCH_TEXTS[language]
        intro = heading_html(texts.title, texts.intro)
        host, k, megabytes = "", 10, 64.0
        try:
            settings = self._batches.settings
            k, megabytes = settings.k, settings.max_file_mb
            server = ChatServer.from_settings(settings)
            host = "" if server is None else server.host
        except RagError as error:
            log.info("%s", error)
        note = texts.upload_note.format(endings=" ".join(INPUT_ENDINGS), questions=MOST_QUESTIONS, megabytes=megabytes)
        return intro + note_html(note), Chosen(
            upload=gr.update(label=texts.upload),
            understood="",
            ending=gr.update(label=texts.format_label, choices=_swapped(texts.formats)),
            more=gr.update(label=texts.more_options),
            mode=gr.update(label=texts.mode_label, choices=_swapped(texts.modes)),
            k=gr.update(label=texts.passages_label, value=min(k, LARGEST_K)),
            column=gr.update(label=texts.column_label, info=texts.column_hint),
            llm=gr.update(label=texts.llm_label.format(host=host), visible=bool(host), value=False),
            start=gr.update(value=texts.start, interactive=False),
        )

    def read(self, file: str | None, column: str | None, language: Language) -> Iterator[tuple[Any, Any]]:
        """What is read from a file, and whether it can be answered."""
        texts = BATCH_TEXTS[language]
        if not file:
            yield "", gr.update(interactive=False)
            return
        yield busy_html(texts.reading), gr.update(interactive=False)
        try:
            found = self._batches.read(Path(file), (column or "").strip() or None)
            yield views.understood_html(found, texts), gr.update(interactive=True)
        except Exception as error:
            yield self._problem(texts.error_file, error, language), gr.update(interactive=False)

    def start(
        self,
        owner: str,
        file: str | None,
        ending: str,
        mode: str,
        k: float,
        column: str | None,
        llm: bool,
        about: str,
        language: Language,
    ) -> tuple[Any, ...]:
        """Put the file into the line and show it."""
        if not file:
            return *Chosen(start=gr.update(interactive=False)), *Shown()
        try:
            options = _checked(Options(ending, mode, round(k), bool(llm), (column or "").strip() or None))  # type: ignore[arg-type]
            libraries = Filters.from_query(about or "").libraries
            name = self._batches.start(owner, Path(file), options, libraries)
        except Exception as error:
            return *Chosen(understood=self._problem(JOB_TEXTS[language].error_start, error, language)), *Shown()
        cleared = Chosen(upload=None, understood="", start=gr.update(interactive=False))
        return *cleared, *self._show(owner, name, 0, {}, language)

    def _show(self, owner: str, name: str | None, *where: Any) -> Shown:
        """The list of files and the one of this id; of what is shown already, nothing is sent."""
        page, seen, language = where
        try:
            states = self._batches.states(owner)
        except RagError as error:
            return _nothing(self._problem(JOB_TEXTS[language].error_start, error, language) if name else "")
        state = next((each for each in states if each.id == name), None)
        if state is None:
            return _nothing("", self._files(states, None, language))
        pages = max(1, -(-state.done // ROWS))
        page = pages - 1 if page < 0 else min(page, pages - 1)
        rows = self._batches.results(owner, state.id, page * ROWS, ROWS)
        shown = Shown(
            files=self._files(states, state, language),
            progress=views.progress_html(state, language),
            results=views.results_html(rows, page * ROWS, state.done, state.is_live, language),
            page=page,
            timer=gr.update(active=state.is_live),
            **self._buttons(state, language),
            **_pager(page, pages, language),
        )
        return _changed(shown, seen)

    def _problem(self, title: str, error: Exception, language: Language) -> str:
        if isinstance(error, DatasetError) and "--column" in error.hint:
            return problem_html(title, BATCH_TEXTS[language].error_column, str(error))
        return error_html(title, error, language)

    def _files(self, states: list[State], chosen: State | None, language: Language) -> Any:
        texts = BATCH_TEXTS[language]
        choices = [(views.file_line(state, language), state.id) for state in states]
        value = chosen.id if chosen is not None else None
        return gr.update(label=texts.files, choices=choices, value=value, visible=bool(choices))

    def _buttons(self, state: State, language: Language) -> dict[str, Any]:
        texts, words = BATCH_TEXTS[language], JOB_TEXTS[language]
        is_done = state.stage == "done"
        file = None if state.is_live else self._batches.download(state)
        return {
            "stop": gr.update(value=words.stop, visible=state.is_live, interactive=state.stage != "stopping"),
            "go_on": gr.update(value=words.go_on, visible=state.stage in ("stopped", "failed")),
            "download": gr.update(
                label=f"{texts.download if is_done else texts.download_partial} ({state.ending})",
                value=file,
                visible=file is not None,
            ),
            "remove": gr.update(value=words.remove, visible=not state.is_live),
        }


def _changed(shown: Shown, seen: Parts) -> Shown:
    """What differs from what the browser shows already."""
    now = {name: value for name, value in shown._asdict().items() if name not in ("page", "armed", "seen")}
    return Shown(**changed_parts(now, seen), page=shown.page, armed=gr.skip() if seen else "", seen=now)


def _nothing(progress: str, files: Any = None) -> Shown:
    hidden = gr.update(visible=False)
    return Shown(
        files=hidden if files is None else files,
        progress=progress,
        stop=hidden,
        go_on=hidden,
        download=hidden,
        remove=hidden,
        results="",
        first=hidden,
        previous=hidden,
        following=hidden,
        last=hidden,
        page=0,
        armed="",
        seen={},
        timer=gr.update(active=False),
    )


def _pager(page: int, pages: int, language: Language) -> dict[str, Any]:
    texts = BATCH_TEXTS[language]
    back, forth, visible = page > 0, page < pages - 1, pages > 1
    return {
        "first": gr.update(value=texts.first_page, interactive=back, visible=visible),
        "previous": gr.update(value=texts.previous_page, interactive=back, visible=visible),
        "following": gr.update(value=texts.next_page, interactive=forth, visible=visible),
        "last": gr.update(value=texts.last_page, interactive=forth, visible=visible),
    }


def _swapped(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(label, value) for value, label in names.items()]


def _checked(options: Options) -> Options:
    """The options as they came from a browser, if they are such as the page offers."""
    texts = BATCH_TEXTS["ja"]
    if options.ending not in texts.formats or options.mode not in texts.modes or not 1 <= (options.k or 0) <= LARGEST_K:
        raise DatasetError("These options are not offered.", hint="Reload the page.")
    return options
