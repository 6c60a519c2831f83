"""Which language a text is in: by its script first, by py3langid where the script does not tell."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal

from rag.language.stemming import STEMMERS

_SAMPLE_CHARS = 20_000
_SHORT_CHARS = 60
_CHINESE_MIN_HAN = 100
_CHINESE_SHARE = 0.015  # of its characters; a table of Japanese names and terms has none of them
_JAPANESE_WEIGHT = 4  # a kana or a kanji says about as much as four Latin letters
_MIN_PROBABILITY = 0.5  # measured: names and short noun phrases stay below, questions of four words are above

_HIRAGANA = re.compile(r"[\u3041-\u309f]")
_KANA = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_CHINESE_WORDS = re.compile("[的是了們们這这她它您你吗嗎呢么麼说說还還没沒給给让讓對对会會個个为為时時与與那我]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENGLISH_WORDS = """
the what who whose which how why when where does did is are was were of and with from this that these those they their
have has been would should could about into than it its by on
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())


def detect_language(text: str, default: str = "en") -> str:
    """ISO 639-1 code of the language most of ``text`` is in.

    Kana make a text Japanese, Hangul Korean; Han characters alone are taken for Japanese unless there are many of them,
    words that Chinese is full of among them.
    Anything else is told by py3langid among the languages whose words are stemmed.

    Args:
        text: only its first 20,000 characters are looked at.
        default: what to answer when the text does not tell, as a product name or a number does not.
    """
    sample = text[:_SAMPLE_CHARS]
    kana, han, hangul = (len(pattern.findall(sample)) for pattern in (_KANA, _HAN, _HANGUL))
    letters = len(_LETTER.findall(sample)) - kana - han - hangul
    if hangul and hangul > kana and _JAPANESE_WEIGHT * (hangul + han) >= letters:
        return "ko"
    if kana + han and _is_east_asian(sample, kana + han, letters):
        is_chinese = han >= _CHINESE_MIN_HAN and kana * 50 < han
        return "zh" if is_chinese and len(_CHINESE_WORDS.findall(sample)) >= _CHINESE_SHARE * han else "ja"
    return _detect_by_words(sample, default)


def spoken_language(text: str) -> Literal["ja", "en"]:
    """In which of the two languages that Shiori speaks it answers who wrote ``text``: English unless it is Japanese."""
    return "ja" if detect_language(text, default="ja") == "ja" else "en"


def _is_east_asian(sample: str, characters: int, other_letters: int) -> bool:
    if len(sample) < _SHORT_CHARS and _HIRAGANA.search(sample):
        return True  # hiragana is grammar: "OpenAI GPT-4 Claude Gemini の違い" is Japanese
    return _JAPANESE_WEIGHT * characters >= other_letters


def _detect_by_words(sample: str, default: str) -> str:
    words = [word.lower() for word in _WORD.findall(sample)]
    if not words:
        return default
    if sample.isascii() and len(_ENGLISH.intersection(words)) >= 2:
        return "en"  # spares the model's second of loading for the usual English question
    if len(words) == 1:
        return default
    language, probability = _identifier().classify(_without_names(sample) or sample)
    return str(language) if probability >= _MIN_PROBABILITY else default


def _without_names(sample: str) -> str:
    """The words that do not look like product names or acronyms (``DeepSeek-R1``, ``GPT``); those mislead the model."""
    return " ".join(word for word in sample.split() if not re.search(r"\d|[^\W\d_][A-Z]", word))


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(STEMMERS.keys() & set(identifier.labels)))
    return identifier
