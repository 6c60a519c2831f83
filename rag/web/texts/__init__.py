"""Everything the page says, in each language it speaks: a module for each part of it, and the choice between them."""

from __future__ import annotations

from rag.web.texts.ask import TEXTS, Texts
from rag.web.texts.choice import LANGUAGES, Language, chosen_language, preferred_languages

__all__ = [
    "ENGLISH",
    "JAPANESE",
    "LANGUAGES",
    "TEXTS",
    "Language",
    "Texts",
    "chosen_language",
    "preferred_languages",
    "texts_for",
]

JAPANESE, ENGLISH = TEXTS["ja"], TEXTS["en"]


def texts_for(accept_language: str | None, chosen: str | None = None) -> Texts:
    """The words around a question, in the language that ``chosen_language`` gives."""
    return TEXTS[chosen_language(accept_language, chosen)]
