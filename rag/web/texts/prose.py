"""What the page says of prose by an LLM and of follow-up questions, in Japanese and English."""

from __future__ import annotations

from rag.web.texts.text import Spoken, Text, in_each_language


class ProseTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    switch = Text(
        ja="LLM で文章にする（質問と見つかった箇所を {host} に送ります）",
        en="Write prose with an LLM (sends the question and the passages found to {host})",
    )
    footer = Text(
        ja="LLM で文章にするときだけ、質問と見つかった箇所を {host} に送ります",
        en="except that prose by an LLM sends the question and the passages found to {host}",
    )
    title = Text(ja="回答（LLM による文章）", en="Answer (written by an LLM)")
    quotes = Text(ja="文書からの引用", en="Quoted from the documents")
    by = Text(ja="{model} ・ {host}", en="{model} · {host}")
    writing = Text(ja="書いています", en="Writing")
    stop = Text(ja="止める", en="Stop")
    unverified = Text(ja="未確認", en="unverified")
    why = Text(ja="出典で確かめられなかった文", en="Sentences that could not be verified")
    checked = Text(
        ja="{claims} 文のうち {supported} 文を出典で確かめました",
        en="{supported} of {claims} sentences verified against their sources",
    )
    little = Text(
        ja="出典で確かめられない文が多いため、文書からの引用を先に示します。",
        en="Much of the prose could not be verified, so the quotes come first.",
    )
    by_llm = Text(ja="LLM が次のように言い換えて調べました:", en="The LLM put it this way, and that was searched:")
    by_rule = Text(
        ja="前の質問の言葉を補って調べました:", en="Words of the last question were added, and this was searched:"
    )
    ask_alone = Text(ja="補わずに尋ねる", en="Ask without them")


PROSE_TEXTS = in_each_language(ProseTexts)
