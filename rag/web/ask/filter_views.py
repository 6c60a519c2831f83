"""The filters as a form that is folded away, and those in use as chips. Pure functions.

The fields of the form are named as in an address, so what a browser makes of the form is what ``Filters`` reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from rag.index.filters import matches_source
from rag.web.html.filters import PASSAGE_COUNTS, Choices, Filters, folders_of
from rag.web.html.templates import Template
from rag.web.texts import Texts

_html = Template("ask/filters.html")
_OPTIONS = "shiori-filter-sources"


def filters_html(filters: Filters, choices: Choices, texts: Texts, problem: str = "") -> Markup:
    """The switch between answers and passages, and the form.

    Args:
        filters: those in use.
        choices: what can be chosen.
        texts: the page's words.
        problem: what somebody typed that no document matches.
    """
    codes = sorted({*choices.languages, *filters.languages})
    languages = codes if len(codes) > 1 or filters.languages else []
    kinds = [(name, replace(filters, passages_only=name == "passages")) for name in texts.tools.kinds]
    switch = _html.kinds(kinds, filters, texts.tools)
    return switch + _html.form(filters, len(filters.in_use()), problem, languages, _OPTIONS, PASSAGE_COUNTS, texts)


def chips_html(filters: Filters, choices: Choices, texts: Texts) -> Markup:
    """The filters in use, each to be taken away; nothing if there are none."""
    named = [
        (_chip(name, value, choices.documents, texts), filters.without(name, value)) for name, value in filters.in_use()
    ]
    return (
        _html.chips(named, replace(filters.unfiltered, passages_only=filters.passages_only), texts.tools)
        if named
        else Markup()
    )


def source_options_html(choices: Choices, texts: Texts) -> Markup:
    """Folders and documents to choose from, for the browser to offer as one types."""
    folders = folders_of([source for source, _ in choices.documents])
    return _html.options(_OPTIONS, folders, choices.documents, texts.tools)


def _chip(name: str, value: str, documents: Sequence[tuple[str, str]], texts: Texts) -> str:
    tools = texts.tools
    if name == "source":
        known = any(matches_source(source, [value]) for source, _ in documents)
        title = next((title for source, title in documents if source == value and title), value)
        return tools.chip_source.format(value=title) + ("" if known else tools.chip_no_match)
    if name == "language":
        return tools.chip_language.format(value=texts.languages.get(value, value))
    if name in ("since", "until"):
        return (tools.chip_since if name == "since" else tools.chip_until).format(value=value)
    if name == "mode":
        return f"{tools.mode}: {tools.modes[value]}"
    return f"{tools.k}: {tools.k_count.format(count=value)}"
