"""The API's operations as endpoints of the page's own API, for ``gradio_client``."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, cast

import gradio as gr
from gradio.events import api
from pydantic import ValidationError

from rag.errors import RagError
from rag.web.api.operations import UNEXPECTED, Operations, complaint
from rag.web.libraries import OpenLibraries
from rag.web.turns import QUESTIONS, Kind, Turns, kind_of

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


def add_endpoints(libraries: OpenLibraries, turns: Turns) -> None:
    """Add the operations to the page being built, as the only public endpoints of its Gradio API."""
    for operation in Operations(libraries, turns).all():
        api(_in_gradios_words(operation, turns), api_name=operation.__name__, **QUESTIONS)


def endpoints(page: gr.Blocks) -> dict[int, Kind]:
    """What these endpoints wait for, by their numbers in Gradio's API."""
    public = {number: str(event.api_name) for number, event in page.fns.items() if event.api_visibility == "public"}
    return {number: kind_of(name) for number, name in public.items()}


def _in_gradios_words(operation: Callable[P, R], turns: Turns) -> Callable[P, Awaitable[R]]:
    @functools.wraps(operation)
    async def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            named: dict[str, Any] = inspect.signature(operation).bind(*args, **kwargs).arguments
            # By name, so that complaints have names too.
            call = functools.partial(cast(Callable[..., R], operation), **named)
            return await turns.run(call, kind_of(operation.__name__))
        except ValidationError as error:
            raise gr.Error(complaint(error), print_exception=False) from None
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception:
            log.exception("A call of %s failed.", operation.__name__)
            raise gr.Error(UNEXPECTED, print_exception=False) from None

    return called
