"""Numbers, dates and names: one form for all spellings, and found across languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.names import Named, names
from rag.language.quantities import Quantities, quantities


def missing(claim: str, source: str, language: str = "ja", source_language: str | None = None) -> list[str]:
    """What of the claim's numbers and dates the source lacks, as written."""
    found: Quantities = quantities(claim, language)
    numbers, dates = found.missing(quantities(source, source_language or language, ordinals=True))
    return [fact.written for fact in (*numbers, *dates)]


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("２０２５年１月２０日", "二〇二五年一月二十日"),
        ("二千二十五年", "2025年"),
        ("2025年1月", "2025年1月20日"),
        ("令和7年", "2025年"),
        ("7億円", "700,000,000円"),
        ("1万人", "10,000名"),
        ("三割", "30%"),
        ("75パーセント", "75％"),
        ("24ヶ月", "2年間"),
        ("1年半", "十八か月"),
        ("半年", "6ヶ月"),
        ("二人", "2名"),
        ("5社", "3〜5社"),
        ("2025年7月", "2025年に始まり、同年7月に終わる"),
        ("一つの理由", "理由がある"),
        ("一方で十分に", "何もない"),
    ],
)
def test_one_quantity_in_two_spellings_is_found(claim: str, source: str) -> None:
    assert missing(claim, source) == []


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("2025年1月21日", "2025年1月20日"),
        ("2024年1月20日", "2025年1月20日"),
        ("2025年7月20日", "2025年1月20日から7月まで"),
        ("6年", "6ヶ月"),
        ("70億", "7億"),
        ("五点", "午後五時"),
        ("三週間", "三点まで、二週間"),
        ("40%", "40人"),
        ("3.5", "3.7"),
        ("平成7年", "2025年"),
    ],
)
def test_another_quantity_is_not_found(claim: str, source: str) -> None:
    assert missing(claim, source)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("January 20, 2025", "2025年1月20日"),
        ("20 January 2025", "2025-01-20"),
        ("Jan. 20", "2025年1月20日"),
        ("in July 2025", "2025年7月下旬"),
        ("from 2016 to 2020", "2016年から2020年"),
        ("700 million parameters", "7億パラメータ"),
        ("about two years", "2年程度"),
        ("a year and a half", "18ヶ月"),
        ("75 percent", "75%"),
        ("twenty-five people", "25人"),
        ("three hundred and fifty companies", "350社"),
        ("one of them", "そのうちのどれか"),
    ],
)
def test_english_quantities_are_found_in_japanese_text(claim: str, source: str) -> None:
    assert missing(claim, source, "en", "ja") == []


def test_digits_inside_a_products_name_are_no_numbers() -> None:
    found = quantities("GPT-4、H100、o1-mini、FLUX.1とDeepSeek-R1", "ja")
    assert found.numbers == () and found.dates == ()


def test_second_may_be_said_of_a_second_machine() -> None:
    assert missing("二台目のクレーン", "a second crane", "ja", "en") == []


@given(st.integers(0, 10**12))
def test_a_number_is_found_with_and_without_separators(value: int) -> None:
    assert missing(f"{value:,}円", f"{value}円") == []
    assert missing(f"{value}円", f"{value:,}円") == []


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error_and_holds_its_own_facts(text: str) -> None:
    for language in ("ja", "en"):
        found = quantities(text, language)
        assert found.missing(found) == ([], [])
        source = Named(text)
        assert all(name.written for name in names(text, language))
        assert isinstance([source.holds(name, across=False) for name in names(text, language)], list)


def held(claim: str, source: str, language: str = "ja", across: bool = False) -> dict[str, bool]:
    """Each name of the claim, and whether the source has it."""
    there = Named(source)
    return {name.written: there.holds(name, across=across) for name in names(claim, language)}


def test_names_are_found_in_other_spellings() -> None:
    source = "ＤｅｅｐＳｅｅｋ－Ｒ１とヴァイオリン社のサーバー、アメリカの服部一馬氏。"
    assert all(held("DeepSeek-R1を米国の服部一馬が", source).values())
    assert held("服部二郎が", source) == {"服部": True, "二郎": False}


def test_names_are_found_by_their_sound_in_the_other_language() -> None:
    source = "トランプ大統領、アモデイ氏、ザッカーバーグ氏、エヌビディア、マイクロソフトと東京の高橋直子。"
    claim = "We met Trump, Amodei, Zuckerberg, Nvidia, Microsoft, Tokyo and Takahashi."
    assert all(held(claim, source, "en", across=True).values())
    others = held("We met Obama, Altman, Musk, Intel, Osaka and Yamamoto.", source, "en", across=True)
    assert others and not any(others.values())


def test_countries_are_one_under_all_their_names() -> None:
    assert held("They spoke of the U.S. and China.", "米中の競争", "en", across=True) == {"U.S": True, "China": True}
    assert held("英国と米国", "the United Kingdom", across=True) == {"英国": True, "米国": False}


def test_loan_words_of_the_dictionary_are_no_names_but_a_companys_name_made_of_them_is() -> None:
    assert names("モデルのリスクとメリット", "ja") == []
    assert [name.written for name in names("マイクロソフトのモデル", "ja")] == ["マイクロソフト"]


def test_words_that_begin_an_english_sentence_are_no_names() -> None:
    assert names("The model is open. Researchers agree. Although it rained, However long.", "en") == []
    assert [name.written for name in names("Google agrees.", "en")] == ["Google"]


def test_half_of_a_long_name_is_enough_only_across_languages() -> None:
    assert held("the Allen Institute of Seattle", "アレン人工知能研究所", "en", across=True)["Allen Institute"]
    assert not held("Meta AIのチーム", "AIのチーム")["Meta AI"]
