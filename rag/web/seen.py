"""What a browser shows already: parts that stay as they are keep focus and scroll, and cost nothing to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Seen = dict[str, Any]
"""Last contents by the name of the part."""


def unseen(now: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    """Of the new contents, those that differ from what is shown."""
    return {name: value for name, value in now.items() if name not in seen or seen[name] != value}
