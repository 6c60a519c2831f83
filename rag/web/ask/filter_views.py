"""The filters as a form that is folded away, and those in use as chips. Pure functions.

The fields of the form are named as in an address, so what a browser makes of the form is what ``Filters`` reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from rag.index.filters import matches_source
from rag.web.html.filters import PASSAGE_COUNTS, Choices, Filters, folders_of
from rag.web.html.markup import attribute, to_html
from rag.web.texts import Texts
from rag.web.texts.tools import TOOL_TEXTS, ToolTexts

_OPTIONS = "shiori-filter-sources"
_WHOLE_DAY = len("2024-05-01")


def filters_html(filters: Filters, choices: Choices, texts: Texts, problem: str = "") -> str:
    """The form and the chips.

    Args:
        filters: those in use.
        choices: what can be chosen.
        texts: the page's words.
        problem: what somebody typed that no document matches.
    """
    tools = TOOL_TEXTS[texts.language]
    chips = _chips(filters, choices, texts)
    count = len(parse_qsl(filters.to_query()))
    badge = ""
    if count:
        said = to_html(tools.filters_active.format(count=count))
        badge = f'<span class="badge" aria-hidden="true">{count}</span><span class="sr-only">{said}</span>'
    return (
        f'<details class="panel filters" id="filters"><summary>{to_html(tools.filters)} {badge}</summary>'
        f'<form class="filter-form" data-filter-form>{_sources(filters, problem, tools)}'
        f"{_languages(filters, choices, texts)}{_days(filters, tools)}{_modes(filters, tools)}{_counts(filters, tools)}"
        f"</form></details>{chips}"
    )


def source_options_html(choices: Choices, texts: Texts) -> str:
    """Folders and documents to choose from, for the browser to offer as one types."""
    tools = TOOL_TEXTS[texts.language]
    folders = "".join(
        f'<option value="{attribute(folder)}" label="{attribute(tools.folder.format(count=count))}"></option>'
        for folder, count in folders_of([source for source, _ in choices.documents])
    )
    documents = "".join(
        f'<option value="{attribute(source)}" label="{attribute(title[:80])}"></option>'
        for source, title in choices.documents
    )
    return f'<datalist id="{_OPTIONS}">{folders}{documents}</datalist>'


def _sources(filters: Filters, problem: str, tools: ToolTexts) -> str:
    kept = "".join(f'<input type="hidden" name="source" value="{attribute(source)}">' for source in filters.sources)
    said, invalid = "", ""
    if problem:
        words = to_html(tools.sources_none.format(text=problem[:80]))
        said = f'<p class="problem" role="alert" id="filter-problem">{words}</p>'
        invalid = ' aria-invalid="true"'
    return (
        f'<div class="field wide"><label for="filter-source">{to_html(tools.sources)}</label>{kept}<div class="adding">'
        f'<input type="search" id="filter-source" name="source" list="{_OPTIONS}" autocomplete="off" spellcheck="false"'
        f' maxlength="300" placeholder="{attribute(tools.sources_placeholder)}" value="{attribute(problem)}"{invalid}'
        f' aria-describedby="filter-source-hint{" filter-problem" if problem else ""}">'
        f'<button type="button" class="quiet" id="filter-add" data-filter-add>{to_html(tools.add)}</button></div>'
        f'<p class="note" id="filter-source-hint">{to_html(tools.sources_hint)}</p>{said}</div>'
    )


def _languages(filters: Filters, choices: Choices, texts: Texts) -> str:
    codes = sorted({*choices.languages, *filters.languages})
    if len(codes) < 2 and not filters.languages:
        return ""
    tools = TOOL_TEXTS[texts.language]
    boxes = "".join(_language(code, code in filters.languages, texts) for code in codes)
    return f'<fieldset class="field"><legend>{to_html(tools.languages)}</legend>{boxes}</fieldset>'


def _language(code: str, checked: bool, texts: Texts) -> str:
    name = to_html(texts.languages.get(code, code))
    return (
        f'<label class="choice"><input type="checkbox" name="language" id="filter-language-{attribute(code)}" '
        f'value="{attribute(code)}"{" checked" if checked else ""}>{name}</label>'
    )


def _days(filters: Filters, tools: ToolTexts) -> str:
    """From when to when."""
    fields = _day("since", tools.since, filters.since) + _day("until", tools.until, filters.until)
    return (
        f'<fieldset class="field wide days"><legend>{to_html(tools.days)}</legend>{fields}'
        f'<p class="note">{to_html(tools.days_hint)}</p></fieldset>'
    )


def _day(name: str, label: str, chosen: str) -> str:
    """A field; a month or a year that an address asks for is kept beside it until a day is chosen."""
    is_day = len(chosen) == _WHOLE_DAY
    kept = f'<input type="hidden" name="{name}" value="{attribute(chosen)}">' if chosen and not is_day else ""
    return (
        f'<label class="choice" for="filter-{name}">{to_html(label)}<input type="date" name="{name}" '
        f'id="filter-{name}" value="{chosen if is_day else ""}" min="1600-01-01" max="9999-12-31"></label>{kept}'
    )


def _modes(filters: Filters, tools: ToolTexts) -> str:
    chosen = filters.mode or "hybrid"
    choices = "".join(
        f'<label class="choice"><input type="radio" name="mode" id="filter-mode-{mode}" '
        f'value="{"" if mode == "hybrid" else mode}"{" checked" if mode == chosen else ""}><span>{to_html(name)}'
        f"<small>{to_html(tools.modes_explained[mode])}</small></span></label>"
        for mode, name in tools.modes.items()
    )
    return f'<fieldset class="field"><legend>{to_html(tools.mode)}</legend>{choices}</fieldset>'


def _counts(filters: Filters, tools: ToolTexts) -> str:
    counts = "".join(
        f'<option value="{k}"{" selected" if k == filters.k else ""}>{to_html(tools.k_count.format(count=k))}</option>'
        for k in PASSAGE_COUNTS
    )
    return (
        f'<div class="field"><label for="filter-k">{to_html(tools.k)}</label><select name="k" id="filter-k">'
        f'<option value="">{to_html(tools.k_default)}</option>{counts}</select></div>'
    )


def _chips(filters: Filters, choices: Choices, texts: Texts) -> str:
    if not filters:
        return ""
    tools = TOOL_TEXTS[texts.language]
    chips = "".join(
        _chip(_chip_words(name, value, choices.documents, texts), filters.without(name, value), tools)
        for name, value in parse_qsl(filters.to_query())
    )
    clear = f'<button type="button" class="quiet" data-filter="">{to_html(tools.clear_filters)}</button>'
    return f'<ul class="filter-chips">{chips}<li>{clear}</li></ul>'


def _chip(words: str, rest: Filters, tools: ToolTexts) -> str:
    label = attribute(tools.remove.format(chip=words))
    return (
        f'<li><button type="button" class="filter-chip" aria-label="{label}" '
        f'data-filter="{attribute(rest.to_query())}"><span>{to_html(words)}</span>'
        '<span aria-hidden="true">×</span></button></li>'
    )


def _chip_words(name: str, value: str, documents: Sequence[tuple[str, str]], texts: Texts) -> str:
    tools = TOOL_TEXTS[texts.language]
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
