"""Ids in TREC files, which separate their fields by white space.

Spaces, control characters and ``%`` are percent-encoded as in RFC 3986, so that any id survives a run or qrels file and
can be read back; all other characters, Japanese included, stay as they are.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, unquote


@lru_cache(maxsize=1 << 17)
def encoded(name: str) -> str:
    """The id as one field of a TREC file."""
    if name.isprintable() and not any(character.isspace() or character == "%" for character in name):
        return name
    return "".join(_encoded(character) for character in name)


def decoded(field: str) -> str:
    """The id that ``encoded`` made this field of."""
    return unquote(field, errors="surrogatepass")


def _encoded(character: str) -> str:
    if character.isprintable() and not character.isspace() and character != "%":
        return character
    return quote(character, safe="", errors="surrogatepass")
