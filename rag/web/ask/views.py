"""The page's states as HTML: start, loading, error, no index. Pure functions; nothing is read here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.web.html.markup import attribute, to_html
from rag.web.html.places import Place
from rag.web.html.scope import Listing, Scope
from rag.web.texts import LANGUAGES, TEXTS, Texts
from rag.web.texts.login import LOGIN_TEXTS
from rag.web.texts.prose import PROSE_TEXTS
from rag.web.texts.tools import TOOL_TEXTS

_LOGO = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><path class="page" '
    'd="M7 3h18a2 2 0 0 1 2 2v22a2 2 0 0 1-2 2H7a2 '
    '2 0 0 1-2-2V5a2 2 0 0 1 2-2z"/><path class="ribbon" d="M15 3h7v15l-3.5-3-3.5 3z"/></svg>'
)
_SUN = (
    '<svg class="sun" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 '
    '12h2M19 12h2M5.6 5.6l1.5 1.5M16.9 16.9l1.5 1.5M5.6 18.4l1.5-1.5M16.9 7.1l1.5-1.5"/></svg>'
)
_MOON = (
    '<svg class="moon" viewBox="0 0 24 24" aria-hidden="true"><path '
    'd="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/></svg>'
)
_DOTS = '<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>'
_SHOWN_DOCUMENTS = 20
_SHOWN_QUESTION = 300


def header_html(texts: Texts, log_out: bool = False) -> str:
    """Name, purpose, a link to the page in each other language, and one to log out where the page has a password."""
    tools = TOOL_TEXTS[texts.language]
    languages = "".join(
        f'<a class="language" href="?lang={language}" lang="{language}" hreflang="{language}">'
        f"{to_html(TEXTS[language].own_name)}</a>"
        for language in LANGUAGES
        if language != texts.language
    )
    leave = f'<a class="log-out" href="logout">{to_html(LOGIN_TEXTS[texts.language].log_out)}</a>' if log_out else ""
    return (
        f'<header class="site" data-lang="{texts.language}"><a class="brand" href="?lang={texts.language}">{_LOGO}'
        f'<span class="name">栞<small>Shiori</small></span></a><p class="tagline">{to_html(texts.tagline)}</p>'
        f'<button type="button" class="theme" data-theme-switch data-to-light="{attribute(tools.to_light)}" '
        f'data-to-dark="{attribute(tools.to_dark)}">{_SUN}{_MOON}</button>'
        f"{languages}{leave}</header>"
    )


def hint_html(texts: Texts) -> str:
    """The keys that ask and that break a line."""
    return f'<p class="hint">{to_html(texts.key_hint)}</p>'


def footer_html(scope: Scope | None, texts: Texts, llm_host: str = "") -> str:
    """What is searched, and the promise that it stays here, or what is sent to an LLM's server when it is asked."""
    if scope is None:
        words = texts.footer_without_index
    else:
        words = texts.footer.format(documents=len(scope.documents), passages=scope.passages, model=scope.model)
    if llm_host:
        words += texts.separator + PROSE_TEXTS[texts.language].footer.format(host=llm_host)
    return f'<p class="site-footer">{to_html(words)}</p>'


def home_html(scope: Scope, examples: Sequence[str], texts: Texts) -> str:
    """Before the first question: examples that suit the index, and its documents."""
    asks = "".join(
        f'<li><button type="button" class="example" data-ask="{attribute(q)}">{to_html(q)}</button></li>'
        for q in examples
    )
    chosen = f'<h2>{to_html(texts.examples)}</h2><ul class="examples">{asks}</ul>' if examples else ""
    tools = TOOL_TEXTS[texts.language]
    documents = "".join(_listing(listing, texts) for listing in scope.documents[:_SHOWN_DOCUMENTS])
    hidden = len(scope.documents) - _SHOWN_DOCUMENTS
    more = f'<p class="note">{to_html(tools.more_documents.format(count=hidden))}</p>' if hidden > 0 else ""
    return (
        f'<div class="home"><section class="recent" data-recent hidden><h2>{to_html(tools.recent)}</h2>'
        f'<ul class="examples"></ul></section>{chosen}<h2>{to_html(texts.documents)} '
        f'<span class="count">{len(scope.documents)}</span>'
        "</h2>"
        f'<ul class="documents">{documents}</ul>{more}</div>'
    )


def _listing(listing: Listing, texts: Texts) -> str:
    share = listing.excluded_chars / listing.chars if listing.chars else 0.0
    facts = (texts.document_facts_excluded if share >= 0.005 else texts.document_facts).format(
        chars=listing.chars, passages=listing.passages, excluded=share
    )
    label = attribute(texts.open_document.format(title=listing.title))
    return (
        f'<li><button type="button" class="document" title="{label}" '
        f'data-open="{Place(listing.id).to_attribute()}">'
        f'<span class="title">{to_html(listing.title)}</span><span class="file">'
        f"{to_html(listing.source)}{texts.separator}{to_html(facts)}"
        f"</span></button></li>"
    )


def loading_html(question: str, texts: Texts, model_is_ready: bool) -> str:
    """While an answer is being found; says so when the model itself has still to be loaded."""
    title = texts.searching if model_is_ready else texts.loading_model
    hint = "" if model_is_ready else f'<p class="note">{to_html(texts.loading_model_hint)}</p>'
    return (
        f'<div class="loading" role="status">{question_html(question, texts)}<p class="busy">{_DOTS}'
        f"{to_html(title)}</p>{hint}"
        f'<div class="skeleton" aria-hidden="true"><i></i><i></i><i></i></div></div>'
    )


def waiting_html(question: str, before: int, texts: Texts) -> str:
    """While other questions are answered first."""
    tools = TOOL_TEXTS[texts.language]
    return (
        f'<div class="loading" role="status">{question_html(question, texts)}<p class="busy">{_DOTS}'
        f'{to_html(tools.waiting.format(before=before))}</p><p class="note">{to_html(tools.waiting_hint)}</p></div>'
    )


def question_html(question: str, texts: Texts) -> str:
    """The question above its answer; a very long one is cut."""
    shown = question if len(question) <= _SHOWN_QUESTION else f"{question[:_SHOWN_QUESTION]}…"
    return f'<p class="asked"><span class="sr-only">{to_html(texts.your_question)}: </span>{to_html(shown)}</p>'


def error_html(message: str, texts: Texts, details: str = "") -> str:
    """A failure in the page's language; ``details`` is the error's own words, folded away."""
    more = (
        f"<details><summary>{to_html(texts.error_details)}</summary><p>{to_html(details)}</p></details>"
        if details
        else ""
    )
    return f'<div class="error" role="alert"><h2>{to_html(texts.error_title)}</h2><p>{to_html(message)}</p>{more}</div>'


def no_index_html(index: Path | None, details: str, texts: Texts) -> str:
    """How to build an index, when there is none to ask."""
    command = "rag build documents/" + ("" if index is None else f" --index {index}")
    first, second, third = (to_html(step) for step in texts.no_index_steps)
    return (
        f'<div class="no-index"><h2>{to_html(texts.no_index_title)}</h2><p>{to_html(texts.no_index)}</p><ol><li>'
        f"{first}</li>"
        f"<li>{second}<pre><code>{to_html(command)}</code></pre></li><li>{third}</li></ol>"
        f"<details><summary>{to_html(texts.error_details)}</summary><p>{to_html(details)}</p></details></div>"
    )
