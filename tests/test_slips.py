"""Words as they were meant: kana, romaji, words that sound alike, a wrong letter; and what is taken at its word."""

from __future__ import annotations

import pytest

from rag import Engine, build
from rag.language.slips import Vocabulary, fold, replaced, slips

TEXTS = (
    "駐輪場の定期利用は有給休暇の間も続く。試用期間の会員は登録料を払わない。定年を過ぎた会員も同じである。",
    "フレックスタイム、リミットスイッチ、ウイルス対策、アイスランドの避難タワー、零点調整、西部支店の売上、消火器。",
)
VOCABULARY = Vocabulary(TEXTS)


def meant(question: str) -> dict[str, str]:
    found = slips(question, lambda word: any(word in text for text in TEXTS), lambda: VOCABULARY)
    assert all(question[each.start : each.end] == each.typed for each in found)
    return {each.typed: each.meant for each in found}


@pytest.mark.parametrize(
    ("question", "slip"),
    [
        ("ゆうきゅうきゅうかは何日ですか", {"ゆうきゅうきゅうか": "有給休暇"}),
        ("会社のていねんは何歳", {"ていねん": "定年"}),
        ("しようきかんについて教えて", {"しようきかん": "試用期間"}),
        ("氏用期間は何か月ですか", {"氏用期間": "試用期間"}),
        ("非難タワーに犬は入れますか", {"非難タワー": "避難タワー"}),
        ("零点調製のやり方", {"零点調製": "零点調整"}),
        ("yuukyuu wa nannichi", {"yuukyuu": "有給"}),
        ("リミットスィッチの棚番", {"リミットスィッチ": "リミットスイッチ"}),
        ("フレクスタイムは何時から", {"フレクスタイム": "フレックスタイム"}),
        ("ウィルス対策は？", {"ウィルス対策": "ウイルス対策"}),
    ],
)
def test_what_sounds_like_a_word_of_the_documents_is_taken_for_it(question: str, slip: dict[str, str]) -> None:
    assert meant(question) == slip


@pytest.mark.parametrize(
    "question",
    [
        "北部支店の売上は？",  # another branch
        "アイルランドの避難先は？",  # a word of its own, a letter from another
        "有給休暇は何日でしょうか",  # not 消火
        "講演の試用期間は？",
        "「ていねん」とは何ですか",
        "定年は何歳ですか。どうすればいいですか",
        "",
    ],
)
def test_words_are_taken_as_they_are_typed(question: str) -> None:
    assert meant(question) == {}


def test_nothing_is_learnt_where_everything_is_known() -> None:
    def none() -> Vocabulary:
        pytest.fail("No word was needed.")

    assert slips("ゆうきゅうきゅうかは何日ですか", lambda _: True, none) == []


def test_small_letters_and_long_vowels_do_not_tell_words_apart() -> None:
    assert fold("ヴァイオリン・ケース") == fold("ヴアイオリンケス")
    assert replaced("あいう", []) == "あいう"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("slips")
    for number, text in enumerate(TEXTS):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    build(folder, index=folder / "index")
    return Engine.open(folder / "index")


def test_a_search_says_what_was_searched_for(engine: Engine) -> None:
    found = engine.search("しようきかんの会員")
    assert found.query == "しようきかんの会員"
    assert found.to_dict()["searched"] == "試用期間の会員"
    assert "試用期間" in found.hits[0].text
    assert "searched" not in engine.search("試用期間の会員").to_dict()
    assert "searched" not in engine.search('"しようきかん" 会員').to_dict()


def test_an_answer_says_what_was_searched_for(engine: Engine) -> None:
    asked = "氏用期間の会員は登録料を払いますか"
    found, answer = engine.ask_in_steps(asked)
    assert (answer.question, answer.searched) == (asked, "試用期間の会員は登録料を払いますか")  # type: ignore[union-attr]
    assert found.searched == answer.searched  # type: ignore[union-attr]
    (batched,) = engine.batch([asked])
    assert batched == answer
