"""What stands around an answer as HTML: history, keys, the window that shows a quote, copying, waiting. Pure functions.

The history itself is the browser's: these are its frame and the words that the script fills it with.
"""

from __future__ import annotations

from rag.web.html.filters import Filters, link_to
from rag.web.html.markup import attribute, to_html
from rag.web.texts import Texts
from rag.web.texts.tools import TOOL_TEXTS


def history_html(texts: Texts) -> str:
    """Earlier questions, folded away, and the list of keys."""
    tools = TOOL_TEXTS[texts.language]
    keys = "".join(
        f"<div><dt>{''.join(f'<kbd>{to_html(k)}</kbd>' for k in key.split())}</dt><dd>{to_html(what)}</dd></div>"
        for key, what in ((key.replace(" + ", "+"), what) for key, what in tools.keys_list)
    )
    return (
        f'<details class="panel history" id="history" data-delete="{attribute(tools.history_delete)}" '
        f'data-cleared="{attribute(tools.history_cleared)}"><summary>{to_html(tools.history)} '
        '<span class="badge" data-history-count hidden></span></summary>'
        f'<div class="history-body"><p class="note" data-history-empty>{to_html(tools.history_empty)}</p>'
        f'<ol class="history-list" data-history-list></ol><div class="history-foot">'
        f'<p class="note">{to_html(tools.history_kept)}</p>'
        f'<button type="button" class="quiet" data-history-clear hidden>{to_html(tools.history_clear)}</button>'
        "</div></div></details>"
        f'<button type="button" class="quiet keys-button" data-keys aria-haspopup="dialog">{to_html(tools.keys)}'
        "<kbd aria-hidden='true'>?</kbd></button>"
        f'<dialog class="keys" aria-labelledby="keys-title"><div class="keys-head"><h2 id="keys-title">'
        f"{to_html(tools.keys_title)}</h2>"
        f'<button type="button" class="quiet" data-keys-close>{to_html(tools.keys_close)}</button></div>'
        f'<dl>{keys}</dl><label class="choice"><input type="checkbox" data-keys-single checked>'
        f"{to_html(tools.keys_single)}</label></dialog>"
    )


def floats_html(texts: Texts) -> str:
    """The window that shows a citation's quote, and the place where confirmations are said."""
    return (
        '<div class="quote-window" id="shiori-quote" popover="manual"><p class="quote-where">'
        "<strong data-title></strong><span data-where></span></p><blockquote data-quote></blockquote>"
        f'<button type="button" class="quiet" data-quote-open tabindex="-1">{to_html(texts.show_in_source)}'
        "</button></div>"
        '<p class="said" role="status" aria-live="polite" data-said></p>'
    )


def actions_html(question: str, filters: Filters, markdown: str, texts: Texts) -> str:
    """Buttons that copy the answer (if there is one) and a link to it; the script takes the question's address here."""
    tools = TOOL_TEXTS[texts.language]
    copy = (
        f'<button type="button" class="quiet copy" data-copy="{attribute(markdown)}" '
        f'data-copied="{attribute(tools.answer_copied)}" data-failed="{attribute(tools.copy_failed)}">'
        f"{to_html(tools.copy_answer)}</button>"
        if markdown
        else ""
    )
    link = attribute(link_to(question, filters))
    return (
        f'<div class="actions" data-link="{link}" data-question="{attribute(question)}">{copy}'
        f'<button type="button" class="quiet copy" data-copy-link="{link}" '
        f'data-copied="{attribute(tools.link_copied)}" data-failed="{attribute(tools.copy_failed)}">'
        f"{to_html(tools.copy_link)}</button></div>"
    )


def restored_html(link: str, loading: str) -> str:
    """What stands where the answer will be when an address asks a question: the script asks it once the page is up."""
    return f'<div class="restored" data-ask-now="{attribute(link)}">{loading}</div>'
