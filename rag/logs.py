"""What ``rag -v`` shows: log records on standard error, as lines for people or as JSON for programs.

python-json-logger writes the JSON: it keeps the fields that a record carries beside its message.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar

from rag.controls import pictured

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; it stands in each record that is logged meanwhile."""


def configure(verbosity: int, *, as_json: bool = False) -> None:
    """Send log records to standard error.

    Args:
        verbosity: 0 warnings; 1 what Shiori does; 2 its details; 3 those of the libraries, too.
        as_json: one JSON object a line: ``time`` (ISO 8601), ``level``, ``logger``, ``message`` and the record's own
            fields. What was asked is in none of them unless ``log_questions`` is set.
    """
    handler = logging.StreamHandler(sys.stderr)
    fields = {"asctime": "time", "levelname": "level", "name": "logger", "message": "message"}
    handler.setFormatter(json_formatter(fields) if as_json else _Lines("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(_with_request_id)
    logging.basicConfig(handlers=[handler], level=logging.INFO if verbosity > 2 else logging.WARNING, force=True)
    logging.getLogger("rag").setLevel((logging.WARNING, logging.INFO)[verbosity] if verbosity < 2 else logging.DEBUG)


def _with_request_id(record: logging.LogRecord) -> bool:
    if request_id := REQUEST_ID.get():
        record.request_id = request_id
    return True


class _Lines(logging.Formatter):
    """Lines for a terminal, which must not obey what stands in names of files and in texts."""

    def format(self, record: logging.LogRecord) -> str:
        request_id = getattr(record, "request_id", "")
        return pictured(super().format(record) + (f" [{request_id}]" if request_id else ""))


def json_formatter(fields: Mapping[str, str]) -> logging.Formatter:
    """Writes a record as one JSON object: these fields of it under these names, and then its own, such as ``extra``."""
    from pythonjsonlogger.json import JsonFormatter

    return JsonFormatter(
        "".join(f"{{{field}}}" for field in fields),
        style="{",
        rename_fields=dict(fields),
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        json_ensure_ascii=False,
    )
