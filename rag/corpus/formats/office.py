"""What Word, PowerPoint and Excel files have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def facts_of(properties: Any) -> dict[str, str]:
    """Title, author and date that a file names; programs leave "PowerPoint Presentation" and the like for a title.

    Args:
        properties: the file's core properties, as python-docx, python-pptx and openpyxl give them.
    """
    facts: dict[str, str] = {}
    for name, fields in (("title", ("title",)), ("author", ("author", "creator")), ("date", ("modified", "created"))):
        for each in fields:
            value = _value(properties, each)
            if value and name not in facts:
                facts[name] = value
    if facts.get("title", "").startswith(("PowerPoint ", "プレゼンテーション", "Microsoft ", "スライド")):
        del facts["title"]
    if facts.get("author") in ("python-docx", "openpyxl"):
        del facts["author"]
    return facts


def _value(properties: Any, name: str) -> str:
    try:
        value = getattr(properties, name, None)
    except (ValueError, TypeError, AttributeError, OverflowError):  # a date that is none
        return ""
    return value.date().isoformat() if isinstance(value, datetime) else str(value or "")
