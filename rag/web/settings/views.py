"""The settings as HTML: all of them, and forms of those that can be changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape
from pydantic import SecretStr

from rag.errors import RagError
from rag.settings import Origin, Settings
from rag.web.html.templates import Template
from rag.web.jobs import views
from rag.web.settings.changing import LLM, MOST_CHARS, SEARCH, ChangeError, ServerSettings, digest
from rag.web.texts import Language
from rag.web.texts.settings import SETTINGS_TEXTS, SettingsTexts

_html = Template("settings/views.html")
_MOST_PROBLEMS = 10
_LOGIN = re.compile(r"(?<=//)[^/@\s]+(?=@)")

GROUPS: Mapping[str, tuple[str, ...]] = {
    "index": (
        *("index", "cache_dir", "model", "precision", "chunk_tokens", "overlap_sentences", "embed_with"),
        "vector_graph",
    ),
    "search": (
        *("k", "mode", "rerank", "synonyms", "candidates", "dense_weight", "ngram_weight", "bm25_k1", "bm25_b"),
    ),
    "answers": ("reader", "min_confidence", "max_question_chars", "log_questions"),
    "files": ("max_file_mb", "max_added_files", "max_added_mb", "follow_links", "watch_roots", "eval_datasets"),
    "llm": (
        *("llm_url", "llm_model", "llm_key", "llm_key_file", "llm_temperature", "llm_max_tokens"),
        *("llm_context_tokens", "llm_timeout", "llm_retries", "llm_prompts"),
    ),
    "access": (
        *("accounts", "trusted_proxies", "audit_log", "audit_log_mb", "audit_log_files"),
        *("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_client_secret_file", "oidc_scope"),
        *("oidc_name_claim", "oidc_role_claim", "oidc_roles", "oidc_default_role"),
    ),
}
"""Every setting, under what it is about."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is shown."""

    name: str
    value: str
    origin: Origin
    description: str


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a change."""

    words: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One setting to be changed; ``choices`` are values with their names, ``fixed`` says why it cannot be."""

    name: str
    label: str
    value: str
    description: str
    fixed: str
    choices: tuple[tuple[str, str], ...] = ()


def heading_html(settings: ServerSettings, language: Language) -> Markup:
    """What the tab is for, and whether anything can be changed in it."""
    texts = SETTINGS_TEXTS[language]
    return views.heading_html(texts.title, texts.intro if settings.may_change else texts.intro_fixed)


def llm_html(
    settings: ServerSettings, language: Language, said: Said = Said(), typed: Mapping[str, str] | None = None
) -> Markup:
    """The form of the LLM's server; where it cannot be changed, and there is one, it can be tried."""
    if not settings.may_change and not settings.values.llm_url:
        return Markup()
    texts = SETTINGS_TEXTS[language]
    fields = _fields(LLM, settings, texts, typed)
    return _html.form("change_llm", texts.llm_title, fields, said, True, texts)


def search_html(
    settings: ServerSettings, language: Language, said: Said = Said(), typed: Mapping[str, str] | None = None
) -> Markup:
    """The form of what a search does where a question does not say."""
    if not settings.may_change:
        return Markup()
    texts = SETTINGS_TEXTS[language]
    fields = _fields(SEARCH, settings, texts, typed)
    return _html.form("change_search", texts.search_title, fields, said, False, texts)


def synonyms_html(
    settings: ServerSettings, language: Language, said: Said = Said(), typed: str | None = None
) -> Markup:
    """The form of the synonyms, line by line.

    Raises:
        SettingsError: if their file cannot be read.
    """
    if not settings.may_change:
        return Markup()
    texts, kept = SETTINGS_TEXTS[language], settings.synonyms()
    fixed = _why_fixed("synonyms", settings, texts)
    if not fixed and len(kept) > MOST_CHARS:
        fixed = texts.refusals["too-long"].format(most=MOST_CHARS)
    shown = kept if typed is None else typed
    path = settings.values.synonyms
    # In a text field nothing but these characters is markup; a line break at its start would be lost.
    return _html.synonyms(escape(f"\n{shown}"), digest(kept), str(path or ""), fixed, said, texts)


def refusal_words(error: ChangeError | RagError, language: Language) -> str:
    """Why a setting was not changed."""
    texts = SETTINGS_TEXTS[language]
    if isinstance(error, RagError):
        return f"{texts.failed} {error}"
    if not error.problems:
        return texts.refusals[error.code].format(name=texts.names.get(error.name, error.name), **error.facts)
    shown = [
        texts.line.format(number=number, problem=texts.rules[problem.code].format(word=problem.word))
        for number, problem in error.problems[:_MOST_PROBLEMS]
    ]
    more = len(error.problems) - len(shown)
    return "\n".join([*shown, *([texts.more_lines.format(count=more)] if more else [])])


def _fields(
    names: tuple[str, ...], settings: ServerSettings, texts: SettingsTexts, typed: Mapping[str, str] | None
) -> list[Field]:
    return [
        Field(
            name,
            texts.names[name],
            (typed or {}).get(name, _input(getattr(settings.values, name))),
            texts.descriptions[name],
            _why_fixed(name, settings, texts),
            tuple(texts.modes.items()) if name == "mode" else (),
        )
        for name in names
    ]


def _why_fixed(name: str, settings: ServerSettings, texts: SettingsTexts) -> str:
    if not settings.is_fixed(name):
        return ""
    origin = settings.origins[name]
    return texts.fixed[origin].format(variable=f"RAG_{name.upper()}") if origin in texts.fixed else texts.fixed_here


def _input(value: object) -> str:
    return "" if value is None else _LOGIN.sub("…", str(value))


def settings_html(settings: Settings, origins: Mapping[str, Origin], language: Language) -> Markup:
    """All settings, group by group."""
    texts = SETTINGS_TEXTS[language]
    groups = [
        (
            texts.groups[group],
            [
                Setting(name, _value(getattr(settings, name), texts), origins[name], texts.descriptions[name])
                for name in names
            ],
        )
        for group, names in GROUPS.items()
    ]
    return _html.settings(groups, texts)


def tested_html(words: str, answer: str = "", *, failed: bool = False) -> Markup:
    """What came of a test of the LLM's server."""
    return _html.tested(words, answer, failed)


def _value(value: object, texts: SettingsTexts) -> str:
    if isinstance(value, SecretStr):
        return texts.secret
    if isinstance(value, bool):
        return texts.yes if value else texts.no
    if isinstance(value, Mapping):
        value = [f"{name} → {given}" for name, given in value.items()]
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    return texts.unset if value in (None, "") else _LOGIN.sub("…", str(value))
