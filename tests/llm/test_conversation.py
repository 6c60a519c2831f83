"""Follow-up questions: rewritten by the LLM, or completed by a simple rule."""

from __future__ import annotations

import pytest

from rag.answer.followup import standalone_by_rule
from rag.prose import ChatServer, Standalone, Turn, standalone_question

from .fake_server import FakeServer, Reply, scripted

TURNS = [Turn("DeepSeek-R1はいつ公開されましたか？", "2025年1月20日です[1]。")]


@pytest.mark.parametrize(
    ("asked", "carried"),
    [
        ("それはどの会社のものですか？", "DeepSeek-R1"),
        ("その会社はどこですか？", "DeepSeek-R1"),
        ("なぜですか？", "DeepSeek-R1"),
        ("もっと詳しく教えてください", "DeepSeek-R1"),
        ("いつ？", "DeepSeek-R1"),
        ("Why does it matter?", "DeepSeek-R1"),
    ],
)
def test_a_question_that_points_back_takes_the_last_questions_words(asked: str, carried: str) -> None:
    found = standalone_question(asked, TURNS)
    assert found.by == "rule"
    assert carried in found.carried and carried in found.question
    assert found.asked == asked


@pytest.mark.parametrize("asked", ["H20は規制の対象ですか？", "What is sovereign AI?", "その他の規制対象はH20ですか？"])
def test_a_question_with_words_of_its_own_is_left_as_it_is(asked: str) -> None:
    assert standalone_question(asked, TURNS) == Standalone(asked, asked)


def test_the_first_question_is_never_changed() -> None:
    with scripted("…") as fake:
        assert standalone_question("それは？", [], server_at(fake)) == Standalone("それは？", "それは？")
    assert fake.requests == []


def test_a_question_never_grows_beyond_what_is_allowed() -> None:
    assert standalone_question("それは？", TURNS, most_chars=5) == Standalone("それは？", "それは？")


def server_at(fake: FakeServer) -> ChatServer:
    return ChatServer(fake.url, timeout=5.0, retries=0)


def test_the_llm_sees_the_conversation_and_its_question_is_taken() -> None:
    with scripted("質問: DeepSeek-R1はどの会社が公開しましたか？\n") as fake:
        found = standalone_question("それはどの会社？", TURNS, server_at(fake))
    assert found == Standalone("DeepSeek-R1はどの会社が公開しましたか？", "それはどの会社？", "llm")
    sent = fake.requests[0].body["messages"][0]["content"]
    assert TURNS[0].question in sent and TURNS[0].answer in sent and "それはどの会社？" in sent


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500),
        "",
        "了解しました。\nそれでは、DeepSeek-R1について説明します。\n中国の会社です。",
        "What company published DeepSeek-R1?",
        "あ" * 5000,
    ],
)
def test_where_the_llm_gives_no_question_the_rule_does(reply: Reply | str) -> None:
    with scripted(reply) as fake:
        found = standalone_question("それはどの会社？", TURNS, server_at(fake))
    assert found.by == "rule"
    assert "DeepSeek-R1" in found.question


@pytest.mark.parametrize(
    ("last", "asked", "made"),
    [
        ("南倉庫2階の消火器点検はいつですか", "北倉庫は？", "北倉庫2階の消火器点検はいつですか"),
        ("受付の桑名さんの内線は", "槙野さんは？", "受付の槙野さんの内線は"),
        ("昇給は3年目だといくら", "じゃあ5年目は？", "昇給は5年目だといくら"),
        ("夏休みは何日", "冬休みだと？", "冬休みは何日"),
        ("What is the fee for the first year?", "And in the second year?", "What is the fee for the second year?"),
        ("E-214というエラーは何？", "じゃあ310は？", "E-310というエラーは何?"),
    ],
)
def test_a_thing_alone_takes_the_place_of_one_of_its_kind(last: str, asked: str, made: str) -> None:
    assert standalone_by_rule(asked, Turn(last, "")).question == made


@pytest.mark.parametrize(("last", "asked"), [("本社の電話番号は", "納期は？"), ("入会金はいくら", "申込方法は？")])
def test_another_thing_asked_takes_no_place(last: str, asked: str) -> None:
    assert standalone_by_rule(asked, Turn(last, "")).question == asked
