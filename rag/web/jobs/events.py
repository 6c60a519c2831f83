"""What happens in a tab of long work: one piece is chosen, looked at, stopped, taken up again, removed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import gradio as gr

from rag.errors import RagError
from rag.web.jobs.work import KeptWork
from rag.web.texts import Language
from rag.web.texts.jobs import JOB_TEXTS

Shown = TypeVar("Shown")


class WorkEvents(ABC, Generic[Shown]):
    """Handlers that tabs of long work share; each returns what the tab's parts show.

    ``where`` stands for what the browser shows: what a tab's ``_show`` takes behind owner and name, the language last.

    Args:
        work: what is done.
        shown: makes the new contents of some parts, by their names.
        afresh: where to look when nothing is shown yet, but for the language.
    """

    def __init__(self, work: KeptWork[Any], shown: Callable[..., Shown], afresh: tuple[Any, ...]) -> None:
        self._work = work
        self._shown = shown
        self._afresh = afresh

    @abstractmethod
    def _show(self, owner: str, name: str | None, *where: Any) -> Shown:
        """The list of all pieces of work and the one of this id; of what is shown already, nothing is sent."""

    @abstractmethod
    def _problem(self, title: str, error: Exception, language: Language) -> str:
        """An error in words of the page's language."""

    def choose(self, owner: str, name: str | None, language: Language) -> Shown:
        """Show another one."""
        return self._show(owner, name, *self._afresh, language)

    def look(self, owner: str, name: str | None, *where: Any) -> Shown:
        """Show what has changed."""
        return self._show(owner, name, *where)

    def stop(self, owner: str, name: str | None, *where: Any) -> Shown:
        """End the work on it."""
        self._work.stop(owner, name or "")
        return self._show(owner, name, *where)

    def go_on(self, owner: str, name: str | None, *where: Any) -> Shown:
        """Take the work up again."""
        try:
            self._work.go_on(owner, name or "")
        except RagError as error:
            language = where[-1]
            return self._shown(progress=self._problem(JOB_TEXTS[language].error_start, error, language), seen={})
        return self._show(owner, name, *where)

    def remove(self, owner: str, name: str | None, armed: str, language: Language) -> Shown:
        """Ask for a second click, then forget it."""
        if name != armed:
            return self._shown(remove=gr.update(value=JOB_TEXTS[language].remove_surely), armed=name or "")
        self._work.remove(owner, name or "")
        return self._newest(owner, language)

    def _newest(self, owner: str, language: Language) -> Shown:
        try:
            states = self._work.states(owner)
        except RagError:
            states = []
        return self._show(owner, states[0].id if states else None, *self._afresh, language)
