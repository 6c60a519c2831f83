from __future__ import annotations

import pytest

from rag.answer.asking import wants_explanation


@pytest.mark.parametrize(
    "question",
    [
        "主権AIとは何ですか？",
        "主権AIとは",
        "ベンダーロックインって何?",
        "Universal Commerce Protocolは何のためのものですか？",
        "オープンウェイトとはどういう状態のことですか？",
        "なぜ規制するのですか",
        "What is sovereign AI?",
        "Why are open weights important?",
        "How does speculative decoding work?",
    ],
)
def test_what_why_and_how_want_an_explanation(question: str) -> None:
    assert wants_explanation(question)


@pytest.mark.parametrize(
    "question",
    [
        "DeepSeek-R1はいつリリースされましたか？",
        "FLUX.1を開発した会社はどこですか？",
        "業務でのChatGPT利用を禁止している日本企業の割合は？",
        "What is the capital of France?",
        "How many chips were exported?",
        "Who founded the company?",
    ],
)
def test_names_dates_and_numbers_do_not(question: str) -> None:
    assert not wants_explanation(question)
