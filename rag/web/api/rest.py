"""The API's operations over plain HTTP: a POST with JSON, and JSON comes back, errors with a proper status."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from rag.errors import QuestionError, RagError, SettingsError
from rag.web.api.operations import UNEXPECTED, Operations, UnknownDocumentError, complaint
from rag.web.current import CurrentIndex
from rag.web.turns import Turns

log = logging.getLogger(__name__)


def routes(current: CurrentIndex, turns: Turns) -> APIRouter:
    """``POST /api/ask``, ``/api/search`` and ``/api/documents``; the last also answers a plain GET."""
    router = APIRouter(prefix="/api")
    for operation in Operations(current).all():
        methods = ["GET", "POST"] if operation.__name__ == "documents" else ["POST"]
        router.add_api_route(f"/{operation.__name__}", _route(operation, turns), methods=methods)
    return router


def _route(operation: Callable[..., Any], turns: Turns) -> Callable[..., Any]:
    async def answer(request: Request) -> JSONResponse:
        try:
            arguments = await _arguments(request)
            return JSONResponse(await turns.run(partial(operation, **arguments)))
        except Exception as error:
            return refusal(error)

    return answer


async def _arguments(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        return dict(request.query_params)
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise QuestionError("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise QuestionError("The body must be a JSON object with the arguments by name.")
    return body


def refusal(error: Exception) -> JSONResponse:
    """An error as a response: its words, and the status that programs go by."""
    status, words = _status(error), str(error)
    if isinstance(error, ValidationError):
        words = complaint(error)
    elif not isinstance(error, RagError):
        log.error("A call of the API failed.", exc_info=error)
        words = UNEXPECTED
    headers = {"retry-after": "5"} if status == 503 else None
    return JSONResponse({"error": words}, status, headers)


def _status(error: Exception) -> int:
    if isinstance(error, QuestionError | ValidationError):
        return 422
    if isinstance(error, SettingsError):
        return 400
    if isinstance(error, UnknownDocumentError):
        return 404
    return 503 if isinstance(error, RagError) else 500
