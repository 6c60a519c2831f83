"""What the HTTP API takes and gives: in OpenAPI 3.1 (``/openapi.json``), and as a page to read (``/docs``)."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, get_type_hints

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from markupsafe import Markup
from pydantic import create_model
from typing_extensions import TypedDict

from rag.library.questions import MOST_PLACES
from rag.web.html.templates import Template, style_of
from rag.web.texts import chosen_language
from rag.web.texts.api import API_TEXTS

_html = Template("api/docs.html")
_MOST_CHARS = 2000
_DAY = r"^(\d{4}(-\d{2}(-\d{2})?)?)?$"
_BOUNDS: Mapping[str, Mapping[str, Any]] = {
    "question": {"minLength": 1, "maxLength": _MOST_CHARS},
    "query": {"minLength": 1, "maxLength": _MOST_CHARS},
    "evidence": {"maxItems": MOST_PLACES},
    "answers": {"maxItems": MOST_PLACES},
    "since": {"pattern": _DAY},
    "until": {"pattern": _DAY},
}
"""What the engine checks of arguments, beside their types."""
_STATUSES = {
    400: "The body is not JSON in UTF-8, or the settings lack what is asked for.",
    401: "No password, or a wrong one.",
    403: "The request comes from another site's page.",
    404: "There is no such document, or no such library for who asks.",
    413: "The body is too large.",
    415: "The body is of another type.",
    421: "The request means another server.",
    422: "An argument is missing, of the wrong type, out of its range, or leaves nothing to search.",
    429: "Too many wrong passwords.",
    503: "There is no index yet, or too much is asked at once; Retry-After says when to come again.",
}


class ErrorResult(TypedDict):
    """Why a request was refused."""

    error: str


def description(operation: Callable[..., Any], method: str) -> dict[str, Any]:
    """How FastAPI is to describe a route that calls an operation."""
    about = inspect.cleandoc(operation.__doc__ or "")
    said = dict(re.findall(r"^    (\w+): (.+(?:\n        .+)*)", about, re.MULTILINE))
    schema = _arguments(operation, {name: " ".join(words.split()) for name, words in said.items()})
    if method == "GET":
        required = schema.get("required", ())
        extra: dict[str, Any] = {
            "parameters": [
                {"name": name, "in": "query", "required": name in required, "schema": _not_null(each)}
                for name, each in schema["properties"].items()
            ]
        }
    else:
        extra = {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
    return {
        "operation_id": operation.__name__ + ("_by_get" if method == "GET" else ""),
        "summary": about.partition("\n")[0],
        "responses": {200: {"model": get_type_hints(operation)["return"], "description": "The result."}}
        | {status: {"model": ErrorResult, "description": words} for status, words in _STATUSES.items()},
        "openapi_extra": extra,
    }


def _arguments(operation: Callable[..., Any], said: Mapping[str, str]) -> dict[str, Any]:
    hints = get_type_hints(operation, include_extras=True)
    parameters = inspect.signature(operation).parameters.values()
    fields: dict[str, Any] = {
        each.name: (hints[each.name], ... if each.default is each.empty else each.default) for each in parameters
    }
    schema = create_model("Arguments", **fields).model_json_schema()
    for name, each in schema["properties"].items():
        each.pop("title", None)
        each |= {"description": said.get(name, ""), **_BOUNDS.get(name, {})}
    return {**schema, "title": f"{operation.__name__}_arguments", "additionalProperties": False}


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query of an address cannot hold null."""
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return {**kinds[0], "description": schema["description"]} if kinds else schema


def routes(app: FastAPI, protected: bool) -> APIRouter:
    """``/openapi.json`` and ``/docs``, of the routes that ``app`` has by the time they are asked for."""
    router = APIRouter(include_in_schema=False)

    def described() -> dict[str, Any]:
        schema: dict[str, Any] = app.openapi()
        if protected:
            schema.setdefault("components", {})["securitySchemes"] = {"basic": {"type": "http", "scheme": "basic"}}
            schema["security"] = [{"basic": []}]
        return schema

    @router.get("/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(described())

    @router.get("/docs")
    async def docs(request: Request) -> Response:
        language = chosen_language(request.headers.get("accept-language"), request.query_params.get("lang"))
        return HTMLResponse(_page(described(), API_TEXTS[language]))

    return router


def _page(schema: dict[str, Any], texts: Any) -> Markup:
    operations = [
        _operation(path, method, each) for path, methods in schema["paths"].items() for method, each in methods.items()
    ]
    return _html.page(style_of("theme.css", "login.css"), operations, texts)


def _operation(path: str, method: str, described: dict[str, Any]) -> SimpleNamespace:
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    named = body.get("properties") or {each["name"]: each["schema"] for each in described.get("parameters", ())}
    arguments = [
        (name, _kind(each), each.get("description", ""), name in body.get("required", ()))
        for name, each in named.items()
    ]
    statuses = [(status, each["description"]) for status, each in described["responses"].items()]
    return SimpleNamespace(
        method=method.upper(), path=path, summary=described["summary"], arguments=arguments, statuses=statuses
    )


def _kind(schema: dict[str, Any]) -> str:
    kinds = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    return " | ".join(json.dumps(each["enum"]) if "enum" in each else str(each.get("type", "")) for each in kinds)
