"""The encoding that a page names for itself, for which it need not be parsed."""

from __future__ import annotations

import re

_DECLARED = re.compile(
    rb"""<meta[^>]{0,500}?charset\s{0,5}=\s{0,5}["']?\s{0,5}([\w.:-]{2,40})|<\?xml[^>]{0,200}?encoding\s{0,5}=\s{0,5}["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096


def declared_encoding(data: bytes) -> str | None:
    """Encoding that ``<meta charset>``, ``<meta http-equiv>`` or the XML declaration names."""
    match = _DECLARED.search(data[:_DECLARED_WITHIN])
    return (match[1] or match[2]).decode("ascii", "replace") if match else None
