"""The settings as HTML. Pure functions; nothing is read here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup
from pydantic import SecretStr

from rag.settings import Origin, Settings
from rag.web.html.templates import Template
from rag.web.texts import Language
from rag.web.texts.settings import SETTINGS_TEXTS, SettingsTexts

_html = Template("settings/views.html")
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
