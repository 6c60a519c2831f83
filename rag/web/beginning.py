"""What happens when the page is opened: each tab says what it begins with, and two requests fetch it all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Part:
    handler: Callable[..., Any]
    inputs: tuple[Component, ...]
    outputs: tuple[Any, ...]

    def contents(self, given: dict[Component, Any], request: gr.Request) -> tuple[Any, ...]:
        """New contents of the outputs; they stay as they are if our own code fails, and the other parts begin."""
        try:
            found = self.handler(*(given[each] for each in self.inputs), request)
        except Exception:
            log.exception("A part of the page cannot begin.")
            return tuple(gr.skip() for _ in self.outputs)
        return found if len(self.outputs) > 1 else (found,)


class Beginning:
    """Collects what parts of the page begin with."""

    def __init__(self) -> None:
        self._first: list[_Part] = []
        self._others: list[_Part] = []

    def add(
        self, handler: Callable[..., Any], inputs: Sequence[Component], outputs: Sequence[Any], *, first: bool = False
    ) -> None:
        """Have outputs filled when the page is opened.

        Args:
            handler: given the inputs and the request; a value for each output, in a tuple if there are several.
            inputs: what it needs of the page.
            outputs: what it fills. Of two that fill the same, the later one does, unless it skips it.
            first: whether it is waited for: who asks at once must not have it come after the answer.
        """
        (self._first if first else self._others).append(_Part(handler, tuple(inputs), tuple(outputs)))

    def listen(self, page: gr.Blocks, **options: Any) -> None:
        """Have all of it done when the page is opened, by two events with these options."""
        for parts in (self._first, self._others):
            _listen(page, parts, options)


def _listen(page: gr.Blocks, parts: Sequence[_Part], options: dict[str, Any]) -> None:
    inputs = list(dict.fromkeys(each for part in parts for each in part.inputs))
    outputs = list(dict.fromkeys(each for part in parts for each in part.outputs))

    def begin(request: gr.Request, *given: Any) -> list[Any]:
        by_input = dict(zip(inputs, given, strict=True))
        contents = dict.fromkeys(outputs, gr.skip())
        for part in parts:
            news = zip(part.outputs, part.contents(by_input, request), strict=True)
            contents.update((output, value) for output, value in news if value != gr.skip())
        return list(contents.values())

    page.load(begin, inputs, outputs, queue=False, **options)
