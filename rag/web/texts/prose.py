"""What the page says of prose by an LLM and of follow-up questions, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class ProseTexts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    switch: str
    footer: str
    title: str
    quotes: str
    by: str
    writing: str
    stop: str
    unverified: str
    why: str
    checked: str
    little: str
    by_llm: str
    by_rule: str
    ask_alone: str


_TEXTS: Mapping[Language, ProseTexts] = {
    "ja": ProseTexts(
        switch="LLM で文章にする（質問と見つかった箇所を {host} に送ります）",
        footer="LLM で文章にするときだけ、質問と見つかった箇所を {host} に送ります",
        title="回答（LLM による文章）",
        quotes="文書からの引用",
        by="{model} ・ {host}",
        writing="書いています",
        stop="止める",
        unverified="未確認",
        why="出典で確かめられなかった文",
        checked="{claims} 文のうち {supported} 文を出典で確かめました",
        little="出典で確かめられない文が多いため、文書からの引用を先に示します。",
        by_llm="LLM が次のように言い換えて調べました:",
        by_rule="前の質問の言葉を補って調べました:",
        ask_alone="補わずに尋ねる",
    ),
    "en": ProseTexts(
        switch="Write prose with an LLM (sends the question and the passages found to {host})",
        footer="except that prose by an LLM sends the question and the passages found to {host}",
        title="Answer (written by an LLM)",
        quotes="Quoted from the documents",
        by="{model} · {host}",
        writing="Writing",
        stop="Stop",
        unverified="unverified",
        why="Sentences that could not be verified",
        checked="{supported} of {claims} sentences verified against their sources",
        little="Much of the prose could not be verified, so the quotes come first.",
        by_llm="The LLM put it this way, and that was searched:",
        by_rule="Words of the last question were added, and this was searched:",
        ask_alone="Ask without them",
    ),
}


def prose_texts(language: Language) -> ProseTexts:
    """The words of a language."""
    return _TEXTS[language]
