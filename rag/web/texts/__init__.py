"""Everything the page says, in Japanese and English: a module for each part of it, and the choice between them."""

from __future__ import annotations

from collections.abc import Mapping

from rag.web.texts.ask import ENGLISH, JAPANESE, Texts
from rag.web.texts.choice import Language, chosen_language, preferred_languages

__all__ = ["ENGLISH", "JAPANESE", "TEXTS", "Language", "Texts", "chosen_language", "preferred_languages", "texts_for"]

TEXTS: Mapping[Language, Texts] = {"ja": JAPANESE, "en": ENGLISH}


def texts_for(accept_language: str | None, chosen: str | None = None) -> Texts:
    """The words around a question, in the language that ``chosen_language`` gives."""
    return TEXTS[chosen_language(accept_language, chosen)]
