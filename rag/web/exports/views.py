"""The menu that passes an answer on, as HTML."""

from __future__ import annotations

from markupsafe import Markup

from rag.web.exports.content import Content
from rag.web.html.templates import Template
from rag.web.texts import Language
from rag.web.texts.exports import EXPORT_TEXTS

_html = Template("exports/views.html")


def menu_html(content: Content, language: Language) -> Markup:
    """The forms that an answer can be passed on in."""
    return _html.menu(content.to_json(), EXPORT_TEXTS[language])
