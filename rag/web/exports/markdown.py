"""An answer with its sources as Markdown, to be pasted elsewhere; what documents say stays text there too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.answer.wording import AnswerWords, words_in
from rag.prose import Prose
from rag.web.texts import Texts
from rag.web.texts.tools import TOOL_TEXTS

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_LIST_MARK = re.compile(r"^(\s*\d*)([-+.)])(?=\s)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Source:
    number: int
    title: str
    file: str
    where: str
    quote: str


def answer_markdown(answer: Answer, texts: Texts, prose: Prose | None = None) -> str:
    """The question, the answer and its sources; empty if there is no answer.

    Args:
        answer: what was found.
        texts: the page's words.
        prose: if given, it is the answer, and the passages it cites are its sources.
    """
    if prose is not None:
        cited = sorted({n for s in prose.sentences for n in s.cited if 1 <= n <= len(answer.hits)})
        hits = [(n, answer.hits[n - 1]) for n in cited]
        sources = [
            _Source(n, h.document.title, h.document.source, texts.where(h.line, h.place), h.text) for n, h in hits
        ]
        return _markdown(answer.question, prose.text, sources, texts)
    if answer.abstained:
        return ""
    quotes = [
        _Source(c.number, c.document.title, c.document.source, texts.where(c.line, c.place), _quote(c))
        for c in answer.citations
    ]
    words = words_in(texts.language)
    lines = [*answer.answer.split("\n"), *_not_found(answer, words)]
    # A line break is shown only where a backslash says so.
    return _markdown(answer.question, "\n".join(lines), quotes, texts, broken=bool(answer.parts))


def _not_found(answer: Answer, words: AnswerWords) -> list[str]:
    missed = [part for part in answer.parts if not part.found]
    return [words.part_refusal(part.question, part.missing).strip() for part in missed]


def _quote(citation: Citation) -> str:
    """The whole sentence where only some words of it are the answer."""
    return citation.context.text if citation.context else citation.quote


def _markdown(question: str, text: str, sources: Iterable[_Source], texts: Texts, broken: bool = False) -> str:
    listed = "\n".join(_item(source, texts) for source in sources)
    title = TOOL_TEXTS[texts.language].markdown_from
    body = _plain(text.strip())
    body = body.replace("\n", "\\\n") if broken else body
    return f"**{_plain(' '.join(question.split()))}**\n\n{body}\n\n{title}\n\n{listed}\n"


def _item(source: _Source, texts: Texts) -> str:
    file = texts.separator.join([_plain(source.file), _plain(source.where)])
    return f"- \\[{source.number}\\] {_plain(source.title)} ({file})\n  > {_plain(' '.join(source.quote.split()))}"


def _plain(text: str) -> str:
    return _LIST_MARK.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))
