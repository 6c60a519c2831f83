"""Words of Japanese and English for one another."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from rag import Engine, build
from rag.answer.coverage import coverage, coverages, wanted_terms
from rag.index.lexical import Lexical
from rag.language.glossary import english_key, near, translated
from training.glossary import Entry, both_ways, translations, write


def others(text: str, language: str) -> dict[str, tuple[str, ...]]:
    return {word.text: word.others for word in translated(text, language)}


@pytest.mark.parametrize(
    ("text", "word", "other"),
    [
        ("潤滑油の引火点は何度ですか", "引火点", "flash point"),
        ("契約の最低購入台数は", "最低", "minimum"),
        ("支払いが遅れたときの利息", "利息", "interest"),
        ("手袋は必要ですか", "手袋", "glove"),
        ("ポンプを止めるには", "止める", "stop"),
        ("荷物を運んだ", "運ん", "carry"),
        ("ｺﾝﾊﾟｲﾗの版", "ｺﾝﾊﾟｲﾗ", "compiler"),
    ],
)
def test_words_of_japanese_are_known_as_they_stand(text: str, word: str, other: str) -> None:
    assert other in others(text, "ja")[word]


@pytest.mark.parametrize(
    ("text", "word", "other"),
    [
        ("How long are the gloves worn?", "gloves", "手袋"),
        ("What is the flash point?", "flash point", "引火点"),
        ("Which contracts end?", "contracts", "契約"),
        ("annual depreciation", "depreciation", "減価償却"),
    ],
)
def test_words_of_english_are_known_in_every_form(text: str, word: str, other: str) -> None:
    assert other in others(text, "en")[word]


@pytest.mark.parametrize(
    ("text", "word", "other"),
    [
        ("ボーナスはいつ出ますか", "ボーナス", "賞与"),
        ("ヨーロッパの日当", "ヨーロッパ", "欧州"),
        ("医者に行った", "医者", "医師"),
        ("引っ越しをした", "引っ越し", "転居"),
    ],
)
def test_words_of_one_language_with_the_same_usual_translation_are_near(text: str, word: str, other: str) -> None:
    found = {each.text: each.others for each in near(text, "ja")}
    assert other in found[word]
    assert word not in found[word]


def test_what_only_near_words_cover_is_told_apart() -> None:
    wanted = wanted_terms("ボーナスの支給日", lambda words: dict.fromkeys(words, 1.0))

    held, nearly = coverages(wanted, "賞与は七月に支給する。", "ja")
    assert 0 < held < 1
    assert nearly > 0
    assert coverages(wanted, "ボーナスを支給する。", "ja")[1] == 0


def test_what_counts_is_no_word_of_its_own() -> None:
    assert "目" not in others("2年目の台数", "ja")
    assert "台" not in others("トラック3台の鍵", "ja")
    assert "鍵" in others("トラック3台の鍵", "ja")


def test_grammar_numbers_and_other_languages_are_not_known() -> None:
    assert not others("それは何ですか", "ja")
    assert not others("这是什么", "zh")
    assert english_key("the of") == "" and english_key("flash points") == english_key("Flash point")


def test_where_each_word_stands_is_told() -> None:
    for text, language in (("切削油の 引火点は何度ですか", "ja"), ("The flash point, in degrees", "en")):
        found = translated(text, language)
        assert found and all(text[word.start : word.end] == word.text for word in found)


def test_threads_share_it() -> None:
    texts = [f"契約{number}の引火点" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert all("引火点" in each for each in pool.map(others, texts, ["ja"] * len(texts)))


def test_keys_are_made_as_terms_are_now() -> None:
    """The table is of no use where the stems that it was made with are not those of questions."""
    for words in ("flash point", "depreciation", "procedures", "employee", "annual leave", "purchase"):
        assert others(words, "en"), words


def test_a_dictionary_becomes_a_table_of_both_languages(tmp_path: Path) -> None:
    found = [
        Entry(("手袋",), ("glove", "mitten"), rarity=3),
        Entry(("引火点",), ("flash point",), rarity=50),
        Entry(("グローブ",), ("glove",), rarity=50),
    ]
    words = both_ways(found)
    assert words["手袋"] == ["glove", "mitten"] and words["glove"] == ["手袋", "グローブ"]
    assert words[english_key("flash points")] == ["引火点"]
    write(words, tmp_path / "glossary.db")
    with closing(sqlite3.connect(tmp_path / "glossary.db")) as database:
        assert dict(database.execute("SELECT word, others FROM glossary"))["手袋"] == "glove\tmitten"


def test_short_glosses_of_the_first_senses_are_kept() -> None:
    senses = [["to purchase (esp. goods)", "to buy", "acquisition of something by payment"], ["the order"]]
    assert translations(senses) == ("purchase", "buy", "order")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """English papers beside Japanese ones that answer nothing that is asked."""
    folder = tmp_path_factory.mktemp("mixed")
    texts = {
        "coolant.txt": "Coolant K4. The flash point of this fluid is 148 degrees. Wear gloves of nitrile rubber.",
        "lease.txt": "The tenant pays the rent in advance. Interest on late payment is six percent a year.",
        "窓口.txt": "総務課の窓口は一階にあります。受付は午前九時から午後五時までです。",
        "倉庫.txt": "倉庫の鍵は守衛室で借りてください。返却は当日中です。",
        "駐車場.txt": "来客用の駐車場は正門の右にあります。事前の申請が必要です。",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    build(folder, index=folder / "index")
    return Engine.open(folder / "index")


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("引火点は何度ですか", "coolant.txt"),
        ("どんな手袋を使いますか", "coolant.txt"),
        ("支払いが遅れたときの利息は", "lease.txt"),
        ("家賃を前もって払うのは誰ですか", "lease.txt"),
        ("Where do I borrow the key of the warehouse?", "倉庫.txt"),
        ("Where can visitors find the parking lot?", "駐車場.txt"),
    ],
)
def test_words_alone_find_what_is_in_the_other_language(mixed: Engine, question: str, source: str) -> None:
    language = "en" if source.isascii() else "ja"
    hits = mixed.search(question, mode="lexical", languages=[language]).hits
    assert hits and hits[0].document.source == source


def test_a_translation_counts_no_more_than_the_word_itself(mixed: Engine) -> None:
    lexical: Lexical = mixed._finder.snapshot.lexical
    gains = lexical.translated("引火点は何度ですか", "ja", 0.3)
    assert gains.max() > 0
    assert gains.max() <= lexical.most("引火点は何度ですか", "ja", 0.3)
    assert np.count_nonzero(lexical.translated("这是什么", "zh", 0.3)) == 0


def test_what_is_shared_with_a_text_in_the_other_language_is_counted() -> None:
    def weigh(terms: object) -> dict[str, float]:
        return dict.fromkeys(terms, 1.0)  # type: ignore[call-overload,no-any-return]

    wanted = wanted_terms("手袋の材質", weigh)
    assert coverage(wanted, "Wear gloves of nitrile rubber.", "en") > 0
    assert coverage(wanted, "Wear boots.", "en") == 0
    assert coverage(wanted, "手袋はニトリル製です。glove", "ja") < 1
