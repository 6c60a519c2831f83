"""Stems of words by Snowball, and so the languages that Shiori tells apart."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho", "sv": "swedish",
    "ta": "tamil", "tr": "turkish",
}  # fmt: skip
"""Snowball's stemmer of each language, by ISO 639-1 code."""

_local = threading.local()


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The stem of a folded word; one with digits is a name, and stays. English where a language has no stemmer."""
    if any(char.isdigit() for char in word):
        return word
    return str(_stemmer(STEMMERS.get(language, "english")).stemWord(word))


def _stemmer(name: str) -> Any:
    """One of each per thread: a stemmer keeps the word it works at inside."""
    stemmers: dict[str, Any] = _local.__dict__.setdefault("stemmers", {})
    if name not in stemmers:
        import snowballstemmer

        stemmers[name] = snowballstemmer.stemmer(name)
    return stemmers[name]
