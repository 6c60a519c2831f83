"""An answer with its sources as a document for Word."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
from docx.oxml.ns import qn

from rag.batch.writing.workbook import writable
from rag.web.exports.content import Content
from rag.web.texts import TEXTS, Language
from rag.web.texts.exports import EXPORT_TEXTS

_JAPANESE_FONT = "Yu Gothic"


def word_of(content: Content, language: Language) -> bytes:
    """The question as the heading, the answer, and each place with its words."""
    texts, separator = EXPORT_TEXTS[language], TEXTS[language].separator
    document = docx.Document()
    for name in ("Normal", "Heading 1", "Heading 2"):
        _set_font(document.styles[name])
    title = writable(" ".join(content.question.split()))
    document.core_properties.title, document.core_properties.author = title[:255], ""
    document.add_heading(title, 1)
    for paragraph in content.text.strip().split("\n" if content.is_broken else "\n\n"):
        document.add_paragraph(writable(paragraph.strip()))
    document.add_heading(texts.sources, 2)
    for source in content.sources:
        named = document.add_paragraph()
        named.paragraph_format.keep_with_next = True
        named.add_run(writable(f"[{source.number}] {source.title}")).bold = True
        named.add_run(writable(f"{separator}{source.file}{separator}{source.where}"))
        document.add_paragraph(writable(" ".join(source.quote.split())), style="Quote")
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _set_font(style: Any) -> None:
    """Japanese in one font, which Word would choose by the machine's language."""
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _JAPANESE_FONT)
