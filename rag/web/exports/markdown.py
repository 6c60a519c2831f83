"""An answer with its sources as Markdown, to be pasted elsewhere; what documents say stays text there too."""

from __future__ import annotations

import re

from rag.library import QuotedPlace
from rag.web.exports.content import Content
from rag.web.texts import Texts
from rag.web.texts.tools import TOOL_TEXTS

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_LIST_MARK = re.compile(r"^(\s*\d*)([-+.)])(?=\s)", re.MULTILINE)


def markdown_of(content: Content, texts: Texts) -> str:
    """The question, the answer and its sources."""
    listed = "\n".join(_item(source, texts) for source in content.sources)
    title = TOOL_TEXTS[texts.language].markdown_from
    body = _plain(content.text.strip())
    # A line break is shown only where a backslash says so.
    body = body.replace("\n", "\\\n") if content.is_broken else body
    return f"**{_plain(' '.join(content.question.split()))}**\n\n{body}\n\n{title}\n\n{listed}\n"


def _item(source: QuotedPlace, texts: Texts) -> str:
    file = texts.separator.join([_plain(source.file), _plain(source.where)])
    return f"- \\[{source.number}\\] {_plain(source.title)} ({file})\n  > {_plain(' '.join(source.quote.split()))}"


def _plain(text: str) -> str:
    return _LIST_MARK.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))
