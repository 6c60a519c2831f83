"""Cells of a workbook as JSON values, on their way between two processes."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

_TIMES: dict[str, type[datetime] | type[date] | type[time]] = {"datetime": datetime, "date": date, "time": time}
_PLAIN = (str, bool, int, float, type(None))


def to_json(cell: Any) -> Any:
    """A cell's value; days and times, which JSON lacks, by the name of their type."""
    if isinstance(cell, _PLAIN):
        return cell
    name = type(cell).__name__
    return {name: cell.isoformat()} if name in _TIMES else str(cell)


def value(cell: Any) -> Any:
    """A cell's value from its JSON form."""
    if isinstance(cell, dict):
        ((name, written),) = cell.items()
        return _TIMES[name].fromisoformat(written)
    return cell
