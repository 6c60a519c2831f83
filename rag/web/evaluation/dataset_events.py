"""What happens with datasets in the tab of evaluations: one is chosen, uploaded, removed, or emptied."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from rag.errors import RagError
from rag.web.evaluation import views
from rag.web.evaluation.datasets import Datasets, is_upload
from rag.web.html.filters import Filters
from rag.web.jobs.downloads import Downloads
from rag.web.jobs.views import busy_html, error_html
from rag.web.libraries import RightError
from rag.web.rights import refused
from rag.web.texts import Language
from rag.web.texts.evaluation import EVALUATION_TEXTS

log = logging.getLogger(__name__)


class Chosen(NamedTuple):
    """New settings of the parts in which an evaluation is chosen; those not given stay as they are."""

    dataset: Any = gr.skip()
    remove_dataset: Any = gr.skip()
    own_file: Any = gr.skip()
    clear_own: Any = gr.skip()
    upload: Any = gr.skip()
    loaded: Any = gr.skip()
    systems: Any = gr.skip()
    limit: Any = gr.skip()
    answers: Any = gr.skip()
    start: Any = gr.skip()


def libraries_in(about: str) -> tuple[str, ...]:
    """The libraries that are chosen."""
    return Filters.from_query(about or "").libraries


class DatasetEvents:
    """Handlers of these events; each returns what the parts show in which an evaluation is chosen.

    ``about`` is what is asked as an address has it: it says which libraries are chosen.
    """

    def __init__(self, datasets: Datasets) -> None:
        self._datasets, self._downloads = datasets, Downloads()

    def listed(self, owner: str, key: str | None, about: str, language: Language) -> dict[str, Any]:
        """The datasets there are for the libraries that are chosen, with this one chosen, or the first."""
        texts = EVALUATION_TEXTS[language]
        try:
            choices = self._datasets.choices(owner, language, libraries_in(about))
        except RagError as error:
            log.info("%s", error)
            choices = []
        keys = [known for _, known in choices]
        key = key if key in keys else next(iter(keys), None)
        info = "" if choices else texts.dataset_none
        return {
            "dataset": gr.update(label=texts.dataset_label, choices=choices, value=key, info=info),
            **self._tools(key, language),
            "start": gr.update(value=texts.start, interactive=key is not None),
        }

    def _tools(self, key: str | None, language: Language) -> dict[str, Any]:
        """Uploaded datasets can be removed; what readers have marked can be downloaded and emptied."""
        texts, own = EVALUATION_TEXTS[language], self._datasets.marked(key)
        file = self._downloads.copy(own.path) if own is not None else None
        return {
            "remove_dataset": gr.update(value=texts.dataset_remove, visible=is_upload(key)),
            "own_file": gr.update(label=texts.own_download, value=file, visible=file is not None),
            "clear_own": gr.update(value=texts.own_clear, visible=own is not None),
        }

    def choose_dataset(self, owner: str, key: str | None, about: str, language: Language) -> Chosen:
        """Those there are now, this one chosen, and what can be done with it."""
        return Chosen(**self.listed(owner, key, about, language))

    def clear_own(self, owner: str, key: str | None, said: str, about: str, language: Language) -> Chosen:
        """Ask for a second click, then forget what readers have marked."""
        texts = EVALUATION_TEXTS[language]
        try:
            marked = self._datasets.marked(key, "editor")
        except RightError as error:
            raise refused(error.needed, "clear_own") from None
        except RagError as error:
            return Chosen(loaded=error_html(texts.error_dataset, error, language))
        if said != texts.own_clear_surely:
            return Chosen(clear_own=gr.update(value=texts.own_clear_surely))
        if marked is not None:
            marked.clear()
        return Chosen(loaded="", **self.listed(owner, None, about, language))

    def upload(self, owner: str, files: Sequence[str] | None, about: str, language: Language) -> Iterator[Chosen]:
        """Keep what was uploaded, if it is a dataset, and say what is in it."""
        texts = EVALUATION_TEXTS[language]
        if not files:
            return
        yield Chosen(loaded=busy_html(texts.reading), start=gr.update(interactive=False))
        try:
            key = self._datasets.add(owner, [Path(file) for file in files], libraries_in(about))
            loaded = views.loaded_html(self._datasets.load(owner, key, libraries_in(about)), texts)
        except Exception as error:
            problem = error_html(texts.error_dataset, error, language)
            yield Chosen(upload=None, loaded=problem, **self.listed(owner, None, about, language))
            return
        yield Chosen(upload=None, loaded=loaded, **self.listed(owner, key, about, language))

    def remove_dataset(self, owner: str, key: str | None, about: str, language: Language) -> Chosen:
        """Forget an uploaded dataset."""
        self._datasets.remove(owner, key or "")
        return Chosen(loaded="", **self.listed(owner, None, about, language))
