"""Which language the page speaks to a browser."""

from __future__ import annotations

import re
from typing import Literal, get_args

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def chosen_language(accept_language: str | None, chosen: str | None = None) -> Language:
    """The language for a browser.

    Args:
        accept_language: the ``Accept-Language`` header (RFC 9110, 12.5.4).
        chosen: a language the user asked for by name; wins if the page speaks it.

    Returns:
        The first language of the browser's list that the page speaks; Japanese if it speaks none of them.
    """
    wanted = (chosen or "", *preferred_languages(accept_language or ""))
    return next((language for code in wanted for language in LANGUAGES if language == code), LANGUAGES[0])


def preferred_languages(accept_language: str) -> list[str]:
    """Primary subtags of an ``Accept-Language`` header, most wanted first; those with ``q=0`` are left out."""
    weighted = []
    for item in accept_language.split(","):
        tag, _, parameters = item.partition(";")
        if weight := _quality(parameters):
            weighted.append((-weight, tag.strip().lower().partition("-")[0]))
    return [code for _, code in sorted(weighted, key=lambda pair: pair[0])]


def _quality(parameters: str) -> float:
    found = re.search(r"q\s*=\s*([01](?:\.\d{0,3})?)", parameters)
    return float(found.group(1)) if found else 1.0
