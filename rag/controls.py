"""Control characters made visible: a terminal must not obey what stands in somebody's document."""

from __future__ import annotations

_KEPT = "\n\t"
_PICTURES = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in _KEPT},
    0x7F: "\u2421",
    # Those of eight bits have no pictures; half a character (a byte of a name not in UTF-8) can be written nowhere.
    **dict.fromkeys((*range(0x80, 0xA0), *range(0xD800, 0xE000)), "\ufffd"),
}


def pictured(text: str) -> str:
    """The text, as long as before, with pictures for control characters (␛ for ESC), but for line ends and tabs."""
    return text.translate(_PICTURES)
