"""A text of the page, which stands once, in each language the page speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from rag.counting import Counted
from rag.web.texts.choice import LANGUAGES, Language

T = TypeVar("T")
S = TypeVar("S", bound="Spoken")


def _said(words: T) -> T:
    return Counted(words) if isinstance(words, str) and "|" in words else words  # type: ignore[return-value]


class Text(Generic[T]):
    """What is said in each language: one string, or several in a tuple.

    In a class of ``Spoken`` it is an attribute that gives what is said in the language of the object, with its own
    type. ``{name}`` stands for a value put in with ``str.format``, ``{count|file}``
    for "1 file" or "2 files". A text without one of the languages is an error of
    types, so another language is one more argument here.
    """

    def __init__(self, *, ja: T, en: T) -> None:
        self.said: Mapping[Language, T] = {"ja": ja, "en": _said(en)}

    def __get__(self, texts: Spoken, _owner: object = None) -> T:
        return self.said[texts.language]


class Named:
    """Texts by a name that code has for them; as an attribute, what each of them says."""

    def __init__(self, others: Mapping[str, Text[str]] | None = None, /, **texts: Text[str]) -> None:
        """``others`` are those whose names are none of Python's."""
        named = {**(others or {}), **texts}
        self._said = {language: {name: text.said[language] for name, text in named.items()} for language in LANGUAGES}

    def __get__(self, texts: Spoken, _owner: object = None) -> Mapping[str, str]:
        return self._said[texts.language]


@dataclass(frozen=True)
class Spoken:
    """Texts of one part of the page in one language."""

    language: Language


def in_each_language(texts: type[S]) -> Mapping[Language, S]:
    """Texts by the language they are in."""
    return {language: texts(language) for language in LANGUAGES}
