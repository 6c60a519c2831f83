"""The menu that passes an answer on, as HTML."""

from __future__ import annotations

from markupsafe import Markup

from rag.web.exports.content import Content
from rag.web.html.templates import Template
from rag.web.texts import Language
from rag.web.texts.exports import EXPORT_TEXTS
from rag.web.texts.saved import SAVED_TEXTS, SavedTexts

_html = Template("exports/views.html")


def keep_html(language: Language) -> Markup:
    """What saves an answer, beside that menu."""
    return _html.keep(SAVED_TEXTS[language])


def menu_html(content: Content, language: Language) -> Markup:
    """The forms that an answer can be passed on in."""
    return _html.menu(content.to_json(), EXPORT_TEXTS[language])


def kept_html(words: str, texts: SavedTexts, *, failed: bool = False) -> Markup:
    """That an answer was saved, or was not."""
    return _html.kept(words, failed, texts)
