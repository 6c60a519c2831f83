"""What needs a role is refused to who has it not, wherever the call comes from."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import gradio as gr
from gradio.context import LocalContext

from rag.web import audit
from rag.web.principal import Role, current_principal
from rag.web.texts import Language, chosen_language
from rag.web.texts.login import LOGIN_TEXTS

P = ParamSpec("P")
R = TypeVar("R")


def needs(role: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have a handler of Gradio's events called only for those who may do what this role may.

    Others are told so in their language, and it stands in the audit log.
    """

    def decorate(handler: Callable[P, R]) -> Callable[P, R]:
        @wraps(handler)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_principal().may(role):
                raise refused(role, handler.__name__)
            return handler(*args, **kwargs)

        return checked

    return decorate


def refused(role: Role, what: str) -> gr.Error:
    """What to raise where somebody lacks a role, here or in a library; it stands in the audit log."""
    audit.record("refused", what=what)
    return gr.Error(_refusal(role), print_exception=False)


def _refusal(role: Role) -> str:
    return LOGIN_TEXTS[spoken_language()].needs[role]


def spoken_language() -> Language:
    """The language of whose event is being answered."""
    request = LocalContext.request.get(None)
    headers, query = (request.headers, request.query_params) if request is not None else ({}, {})
    return chosen_language(headers.get("accept-language"), query.get("lang"))
