"""``POST /exports/word`` and ``/exports/excel``: an answer that a browser shows, as a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from rag.web.exports.content import Content
from rag.web.exports.excel import excel_of
from rag.web.exports.word import word_of
from rag.web.texts import Language, chosen_language

_OFFICE = "application/vnd.openxmlformats-officedocument"
_KINDS: Mapping[str, tuple[Callable[[Content, Language], bytes], str]] = {
    "word": (word_of, f"{_OFFICE}.wordprocessingml.document"),
    "excel": (excel_of, f"{_OFFICE}.spreadsheetml.sheet"),
}


def routes() -> APIRouter:
    """Nothing is read or kept here: what is sent comes back in another form."""
    router = APIRouter(prefix="/exports")

    async def export(kind: str, request: Request) -> Response:
        if kind not in _KINDS:
            return JSONResponse({"error": "There is no such form."}, 404)
        language = chosen_language(request.headers.get("accept-language"), request.query_params.get("lang"))
        try:
            content = Content.from_dict(json.loads(await request.body()))
        except ValueError:
            return JSONResponse({"error": "This is no answer."}, 422)
        written, media_type = _KINDS[kind]
        data = await anyio.to_thread.run_sync(partial(written, content, language))
        return Response(data, media_type=media_type, headers={"cache-control": "no-store"})

    router.add_api_route("/{kind}", export, methods=["POST"])
    return router
