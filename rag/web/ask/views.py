"""The page's states as HTML: start, loading, no index, and what stands around an answer. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from rag.web.html.filters import Filters, link_to
from rag.web.html.places import Target
from rag.web.html.scope import Scope
from rag.web.html.templates import Template
from rag.web.principal import Role, covers
from rag.web.texts import LANGUAGES, TEXTS, Texts
from rag.web.texts.login import LOGIN_TEXTS

_html = Template("ask/views.html")
_SHOWN_DOCUMENTS = 20
_SHOWN_QUESTION = 300


def header_html(texts: Texts, log_out: bool = False, role: Role = "administrator") -> Markup:
    """Name, purpose, a link to the page in each other language, and to sessions and out where there is a login."""
    others = [TEXTS[language] for language in LANGUAGES if language != texts.language]
    return _html.header(texts, others, LOGIN_TEXTS[texts.language] if log_out else None, role, covers(role, "editor"))


def footer_html(scope: Scope | None, texts: Texts, llm_host: str = "") -> Markup:
    """What is searched, and the promise that it stays here, or what is sent to an LLM's server when it is asked."""
    if scope is None:
        words = texts.footer_without_index
    else:
        words = texts.footer.format(documents=len(scope.documents), passages=scope.passages, model=scope.model)
    if llm_host:
        words += texts.separator + texts.prose.footer.format(host=llm_host)
    return _html.footer(words)


def home_html(scope: Scope, examples: Sequence[str], texts: Texts) -> Markup:
    """Before the first question: examples that suit the index, and its documents."""
    shown = [(document, Target(document.id)) for document in scope.documents[:_SHOWN_DOCUMENTS]]
    return _html.home(shown, len(scope.documents), examples, texts)


def loading_html(question: str, texts: Texts, model_is_ready: bool) -> Markup:
    """While an answer is being found; says so when the model itself has still to be loaded."""
    asked = question_html(question, texts)
    if model_is_ready:
        return _html.searching(asked, texts.searching, "")
    return _html.searching(asked, texts.loading_model, texts.loading_model_hint)


def reading_html(question: str, texts: Texts) -> Markup:
    """While the passages that were found are being read; they stand below already."""
    return _html.searching(question_html(question, texts), texts.reading, "")


def waiting_html(question: str, before: int, texts: Texts) -> Markup:
    """While other questions are answered first."""
    words = texts.tools.waiting.format(before=before)
    return _html.loading(question_html(question, texts), words, texts.tools.waiting_hint)


def question_html(question: str, texts: Texts) -> Markup:
    """The question above its answer; a very long one is cut."""
    shown = question if len(question) <= _SHOWN_QUESTION else f"{question[:_SHOWN_QUESTION]}…"
    return _html.asked(shown, texts)


def no_index_html(index: Path | None, details: str, texts: Texts) -> Markup:
    """How to make an index, when there is none to ask: in the page if it has a place, or in a terminal."""
    command = "rag build documents/" + ("" if index is None else f" --index {index}")
    return _html.no_index(index is not None, command, details, texts)


def history_html(texts: Texts) -> Markup:
    """Earlier questions, folded away, and the list of keys."""
    return _html.history(texts.tools)


def floats_html(texts: Texts) -> Markup:
    """The window that shows a citation's quote, and the place where confirmations are said."""
    return _html.floats(texts)


def actions_html(
    question: str,
    filters: Filters,
    texts: Texts,
    *,
    markdown: str = "",
    more: Sequence[Markup] = (),
) -> Markup:
    """Buttons that copy the answer (if there is one) and a link to it, and what else can be done with it.

    The script takes the question's address here.
    """
    return _html.actions(question, link_to(question, filters), markdown, more, texts.tools)


def restored_html(link: str, loading: Markup) -> Markup:
    """What stands where the answer will be when an address asks a question: the script asks it once the page is up."""
    return _html.restored(link, loading)
