"""Telling the language of documents, passages and short questions."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rag.language.detection import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("主権AIとは何ですか？", "ja"),
        ("DeepSeek-R1はいつリリースされましたか？", "ja"),
        ("OpenAI GPT-4 Claude Gemini の違い", "ja"),
        ("人工知能", "ja"),
        ("ﾃﾞｰﾀﾍﾞｰｽ", "ja"),
        ("What is sovereign AI?", "en"),
        ("Which Chinese open-weight models are gaining adoption outside the U.S.?", "en"),
        ("What does 主権AI mean for a country that has no chips of its own?", "en"),
        ("WHO WON THE NOBEL PRIZE?", "en"),
        ("Was sagt Amodei über China?", "de"),
        ("Qu'est-ce que l'IA souveraine ?", "fr"),
        ("¿Qué es la inteligencia artificial soberana?", "es"),
        ("Что такое суверенный искусственный интеллект?", "ru"),
        ("주권 AI란 무엇입니까?", "ko"),
        ("主权人工智能是指一个国家不依赖外国就能使用人工智能技术的能力。" * 5, "zh"),
    ],
)
def test_the_language_of_a_question_is_told(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["DeepSeek-R1", "GPT-5", "", "12345", "!?", "Hugging Face", "K2 Think"])
def test_names_and_numbers_are_in_the_default_language(text: str) -> None:
    assert detect_language(text, default="ja") == "ja"
    assert detect_language(text, default="en") == "en"


def test_a_japanese_question_does_not_load_the_model() -> None:
    code = (
        "import sys; from rag.language.detection import detect_language; detect_language('潮は何時に引く?'); "
        "sys.exit('py3langid' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
