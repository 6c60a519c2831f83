"""The API's operations over plain HTTP: a POST with JSON, and JSON comes back, errors with a proper status.

Who asks for ``application/x-ndjson`` gets a line with the passages as soon as they are found, then one with the answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Final

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import ValidationError

from rag.errors import QuestionError, RagError, SettingsError
from rag.library import Library, UnknownLibraryError
from rag.search import SearchResult
from rag.web.api.describing import description
from rag.web.api.operations import UNEXPECTED, Operations, UnknownDocumentError, complaint
from rag.web.libraries import OpenLibraries, RightError
from rag.web.turns import Turns, kind_of

log = logging.getLogger(__name__)

LINES: Final = "application/x-ndjson"
_LISTED: Final = ("documents", "libraries")
"""Operations that answer a plain GET, too."""
Route = Callable[[Request], Awaitable[Response]]


def routes(libraries: OpenLibraries, turns: Turns) -> APIRouter:
    """``POST /api/ask``, ``/api/search``, ``/api/mark``, and ``/api/documents``, ``/api/libraries``, also by GET.

    ``GET /api/questions`` gives the file of what was marked.
    """
    router = APIRouter(prefix="/api")
    operations = Operations(libraries, turns)
    for operation in (*operations.all(), operations.mark()):
        route = _route(operation, turns)
        if operation.__name__ == "ask":
            route = _in_lines_or(route, libraries, turns)
        for method in ("GET", "POST") if operation.__name__ in _LISTED else ("POST",):
            about = description(operation, method)
            router.add_api_route(f"/{operation.__name__}", route, methods=[method], **about)
    router.add_api_route("/questions", _questions(libraries), methods=["GET"], include_in_schema=False)
    return router


def _questions(libraries: OpenLibraries) -> Route:
    def read(name: str) -> bytes:
        path = Library(libraries.index(libraries.get(name)).engine().settings.index).questions.path
        return path.read_bytes() if path.exists() else b""

    async def answer(request: Request) -> Response:
        name = request.query_params.get("library", "")
        try:
            marked = await anyio.to_thread.run_sync(partial(read, name))
            return Response(marked, media_type="application/jsonl; charset=utf-8")
        except Exception as error:
            return refusal(error)

    return answer


def _route(operation: Callable[..., Any], turns: Turns) -> Route:
    async def answer(request: Request) -> Response:
        try:
            arguments = await _arguments(request)
            return JSONResponse(await turns.run(partial(operation, **arguments), kind_of(operation.__name__)))
        except Exception as error:
            return refusal(error)

    return answer


def _in_lines_or(whole: Route, libraries: OpenLibraries, turns: Turns) -> Route:
    async def answer(request: Request) -> Response:
        if LINES not in request.headers.get("accept", ""):
            return await whole(request)
        loop = asyncio.get_running_loop()
        found: asyncio.Queue[SearchResult] = asyncio.Queue()

        def tell(result: SearchResult) -> None:
            loop.call_soon_threadsafe(found.put_nowait, result)

        ask = Operations(libraries, turns, tell).ask()
        try:
            arguments = await _arguments(request)
        except Exception as error:
            return refusal(error)
        answering = asyncio.ensure_future(turns.run(partial(ask, **arguments)))
        finding = asyncio.ensure_future(found.get())
        await asyncio.wait([answering, finding], return_when=asyncio.FIRST_COMPLETED)
        if not finding.done():  # nothing was found without a mistake
            finding.cancel()
            wrong = answering.exception()
            return refusal(wrong if isinstance(wrong, Exception) else RuntimeError("Nothing was found."))
        return StreamingResponse(_lines(finding.result(), answering), media_type=LINES)

    return answer


async def _lines(found: SearchResult, answering: asyncio.Future[Any]) -> AsyncIterator[str]:
    yield _line({"found": found.to_dict()})
    try:
        yield _line({"answer": await answering})
    except Exception as error:
        yield bytes(refusal(error).body).decode() + "\n"


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"


async def _arguments(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        asked: dict[str, Any] = dict(request.query_params)
        return asked | ({"library": request.query_params.getlist("library")} if "library" in asked else {})
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
    if isinstance(error, UnknownDocumentError | UnknownLibraryError):
        return 404
    if isinstance(error, RightError):
        return 403
    return 503 if isinstance(error, RagError) else 500
