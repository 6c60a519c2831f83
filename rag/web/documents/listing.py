"""The list of documents as HTML. Pure functions."""

from __future__ import annotations

from datetime import datetime

from rag.web.documents.catalogue import Catalogue, Column, Part, Row, View, part_of
from rag.web.documents.views import button, problem_words, short_name
from rag.web.html.markup import attribute, to_html
from rag.web.texts import TEXTS
from rag.web.texts.documents import DocumentTexts

_COLUMNS: tuple[Column, ...] = ("chars", "passages", "language", "excluded", "indexed")
_ARROWS = {"ascending": "↑", "descending": "↓"}


def listing_html(catalogue: Catalogue, view: View, texts: DocumentTexts) -> str:
    """The documents of a view, those that were taken out, and the files that could not be read."""
    part = part_of(catalogue.rows, view)
    return (
        f'<section class="doc-list" aria-labelledby="doc-list-title">{_head(catalogue, part, view, texts)}'
        f"{_body(catalogue, part, view, texts)}</section>{_removed(catalogue, texts)}{_unread(catalogue, texts)}"
        f"{_dialog(texts)}"
    )


def no_list_html(texts: DocumentTexts) -> str:
    """In place of the list where there is no index."""
    return f'<p class="doc-empty">{to_html(texts.empty)}</p>'


def shown_time(time: str) -> str:
    """A time in ISO 8601 as it is where the server stands; empty if it is none."""
    try:
        return datetime.fromisoformat(time).astimezone().strftime("%Y/%m/%d %H:%M")
    except ValueError:
        return ""


def shown_share(share: float, texts: DocumentTexts) -> str:
    """A share in [0, 1] in per cent; what is less than half of one is told apart from nothing."""
    if share <= 0:
        return texts.not_excluded
    return "<1%" if share < 0.01 else f"{share:.0%}"


def language_name(language: str, texts: DocumentTexts) -> str:
    return TEXTS[texts.language].languages.get(language, language)


def _head(catalogue: Catalogue, part: Part, view: View, texts: DocumentTexts) -> str:
    total = len(catalogue.rows)
    count = texts.count_found.format(found=part.found, count=total) if view.words else texts.count.format(count=total)
    return (
        f'<h2 id="doc-list-title">{to_html(texts.list_title)} <span class="count" role="status">{to_html(count)}'
        "</span></h2>"
    )


def _body(catalogue: Catalogue, part: Part, view: View, texts: DocumentTexts) -> str:
    if not part.rows:
        words = short_name(view.words)
        return f'<p class="doc-empty">{to_html(texts.none_found.format(words=words))}</p>'
    heads = f'<th scope="col" role="columnheader"{_sorted(view, "title")}>{_sorter(view, "title", texts)}'
    heads += f"{_sorter(view, 'source', texts)}</th>"
    for column in _COLUMNS:
        heads += f'<th scope="col" role="columnheader"{_sorted(view, column)}>{_sorter(view, column, texts)}</th>'
    rows = "".join(_row(row, catalogue.can_change, texts) for row in part.rows)
    return (
        f'<table role="table"><thead role="rowgroup"><tr role="row">{heads}<td role="cell"></td></tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>{_pages(part, texts)}'
    )


def _sorted(view: View, column: Column) -> str:
    shown = view.column == column or (column == "title" and view.column == "source")
    return f' aria-sort="{"descending" if view.descending else "ascending"}"' if shown else ""


def _sorter(view: View, column: Column, texts: DocumentTexts) -> str:
    label = texts.columns[column]
    spoken = texts.sort_by.format(column=label)
    if view.column == column:
        order = "descending" if view.descending else "ascending"
        label = f"{label} {_ARROWS[order]}"
        spoken += f" ({getattr(texts, order)})"
    return button(label, "sort_documents", {"column": column}, key=f"sort-{column}", name=spoken, kind="sorter")


def _row(row: Row, can_change: bool, texts: DocumentTexts) -> str:
    chips = f'<span class="chip">{to_html(texts.added_here)}</span>' if row.is_added else ""
    chips += f'<span class="chip leaving">{to_html(texts.leaving)}</span>' if row.is_leaving else ""
    opener = button(
        row.title,
        "open_document",
        {"document": row.id},
        key=f"open-{row.id}",
        name=texts.open.format(title=row.title),
        kind="doc-open",
    )
    cells = {
        "chars": texts.chars.format(chars=row.chars),
        "passages": texts.passages.format(passages=row.passages),
        "language": language_name(row.language, texts),
        "excluded": shown_share(row.excluded, texts),
        "indexed": shown_time(row.indexed),
    }
    rest = "".join(
        f'<td role="cell" class="{column}" data-label="{attribute(texts.columns[column])}">{to_html(cell)}</td>'
        for column, cell in cells.items()
    )
    return (
        f'<tr role="row"{" class=leaving" if row.is_leaving else ""}><td role="cell" class="what">{opener}'
        f'<span class="file">{to_html(row.source)}{chips}</span></td>{rest}'
        f'<td role="cell" class="act">{_action(row, texts) if can_change else ""}</td></tr>'
    )


def _action(row: Row, texts: DocumentTexts) -> str:
    if row.is_leaving:
        return button(texts.keep, "take_back", {"source": row.source}, key=f"act-{row.id}")
    label = attribute(texts.remove_label.format(title=row.title))
    note = texts.confirm_added if row.is_added else texts.confirm_own
    return (
        f'<button type="button" class="quiet" data-confirm="{attribute(row.id)}" data-key="act-{attribute(row.id)}" '
        f'data-title="{attribute(row.title)}" data-note="{attribute(note)}" aria-label="{label}">'
        f"{to_html(texts.remove)}</button>"
    )


def _pages(part: Part, texts: DocumentTexts) -> str:
    if part.pages == 1:
        return ""
    here = to_html(texts.page.format(page=part.page + 1, pages=part.pages))
    earlier = button(texts.previous, "turn_page", {"page": part.page - 1}, key="previous", kind="framed")
    later = button(texts.next, "turn_page", {"page": part.page + 1}, key="next", kind="framed")
    return (
        f'<nav class="doc-pages" aria-label="{attribute(texts.pages)}">{earlier if part.page else ""}'
        f'<span role="status">{here}</span>{later if part.page + 1 < part.pages else ""}</nav>'
    )


def _removed(catalogue: Catalogue, texts: DocumentTexts) -> str:
    if not catalogue.removed:
        return ""
    rows = "".join(
        f'<li><span class="name">{to_html(out.title)}</span><span class="file">{to_html(out.source)}</span>'
        + button(
            texts.take_back,
            "take_back",
            {"source": out.source},
            key=f"back-{out.source}",
            name=texts.take_back_label.format(title=out.title),
        )
        + "</li>"
        for out in catalogue.removed
    )
    return (
        f'<section class="doc-removed" aria-labelledby="doc-removed-title"><h2 id="doc-removed-title">'
        f'{to_html(texts.removed_title)}</h2><p class="note">{to_html(texts.removed_note)}</p><ul>{rows}</ul></section>'
    )


def _unread(catalogue: Catalogue, texts: DocumentTexts) -> str:
    if not catalogue.refused:
        return ""
    rows = "".join(
        f'<li><span class="name">{to_html(short_name(file.source))}</span>'
        f'<span class="why">{to_html(problem_words(file.message, file.hint, texts))}</span>'
        + (
            button(texts.delete_file, "discard_file", {"name": name}, key=f"discard-{name}")
            if name and name == file.source.removeprefix("added/")
            else ""
        )
        + "</li>"
        for file, name in catalogue.refused[:100]
    )
    more = len(catalogue.refused) - 100
    rest = f'<li class="note">{to_html(texts.more_files.format(count=more))}</li>' if more > 0 else ""
    return (
        f'<section class="doc-unread" aria-labelledby="doc-unread-title"><h2 id="doc-unread-title">'
        f'{to_html(texts.unread_title)}</h2><p class="note">{to_html(texts.unread_note)}</p>'
        f"<ul>{rows}{rest}</ul></section>"
    )


def _dialog(texts: DocumentTexts) -> str:
    return (
        f'<dialog class="doc-confirm" aria-labelledby="doc-confirm-title" data-ask="{attribute(texts.confirm_title)}">'
        '<h2 id="doc-confirm-title"></h2><p></p><div class="choices">'
        f'<button type="button" class="framed" data-answer="no" autofocus>{to_html(texts.cancel)}</button>'
        f'<button type="button" class="strong danger" data-answer="yes">{to_html(texts.confirm)}</button>'
        "</div></dialog>"
    )
