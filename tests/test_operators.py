"""Operators of a query: what they say, and that every hit is as they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag import Engine, Settings
from rag.address import IndexPlace
from rag.building import build_documents
from rag.corpus import Document
from rag.corpus.document import Exclusion
from rag.errors import QuestionError
from rag.index.conditions import Condition, Meeting, folded, holds
from rag.index.operators import parsed
from rag.settings import Mode

MODES: tuple[Mode, ...] = get_args(Mode)
DOCUMENTS = {
    "規程/leave.txt": ("就業規則", "有給休暇は年に20日です。申請はポータルから行います。\nAI企業の例も見てください。"),
    "規程/travel.txt": ("出張旅費規程", "旅費の申請は出張の前に行います。有給の休暇とは別です。夜行は23番です。"),
    "notes/ai.md": ("Notes on AI", "She said that paid\nleave is 20 days. The AI portal takes requests; category A."),
    "notes/old.txt": ("古い規則", "年休はＰＯＲＴＡＬから申し込む。髙橋が受け付ける。栞は付けない。"),
    "notes/cats.txt": ("Cats", "Paid leave for cats is said to be none. A cat sleeps, and 2023 was quiet."),
    "notes/marked.md": ("Markup", "休暇の**申請**書は紙でも出せます。半休は別です。"),
}


@pytest.fixture(scope="module")
def shelf(new_index: Callable[[], IndexPlace]) -> Iterator[Engine]:
    """An Engine over a few short documents, a passage each; the asterisks of one are markup."""
    documents = [
        Document(
            source,
            title,
            text,
            "ja" if re.search("[ぁ-ん]", text) else "en",
            excluded=tuple(Exclusion(*match.span(), "markup") for match in re.finditer(r"\*\*", text)),
        )
        for source, (title, text) in DOCUMENTS.items()
    ]
    index = new_index()
    build_documents(documents, index, Settings.load())
    engine = Engine.open(index, Settings.load(reader="none"))
    yield engine
    engine.snapshot.close()


def found(engine: Engine, query: str, mode: Mode = "hybrid") -> set[str]:
    return {hit.document.source for hit in engine.search(query, mode=mode, k=100).hits}


@pytest.mark.parametrize(
    ("query", "text", "needed", "barred"),
    [
        ('"有給休暇"', "有給休暇", [["有給休暇"]], []),
        ("“有給　休暇” の日数", "有給　休暇 の日数", [["有給 休暇"]], []),
        ("”ＡＩ”", "ＡＩ", [["ai"]], []),
        ('規程の"有給休暇"とは', "規程の有給休暇とは", [["有給休暇"]], []),
        ('"paid"leave', "paid leave", [["paid"]], []),
        ('"2024" と "2025"', "2024 と 2025", [["2024"], ["2025"]], []),
        ("有給 -派遣", "有給", [], ["派遣"]),
        ("有給　－派遣", "有給", [], ["派遣"]),
        ('-"派遣 社員" 有給', "有給", [], ["派遣 社員"]),
        ("-派遣", "", [], ["派遣"]),
        ("有給 OR 年休", "有給 年休", [["有給", "年休"]], []),
        ('有給 OR 年休 OR "特別 休暇" 日数', "有給 年休 特別 休暇 日数", [["有給", "年休", "特別 休暇"]], []),
        ("有給 ＯＲ 年休", "有給 年休", [["有給", "年休"]], []),
        ("有給 OR -年休", "有給 OR", [], ["年休"]),
        ("title:規程", "", [["title:規程"]], []),
        ('title:"就業 規則" 有給', "有給", [["title:就業 規則"]], []),
        ("source：２０２４ 有給", "有給", [["source:2024"]], []),
        ("有給 -title:案", "有給", [], ["title:案"]),
        ("title:規程 OR title:規則", "", [["title:規程", "title:規則"]], []),
    ],
)
def test_a_query_says(query: str, text: str, needed: list[list[str]], barred: list[str]) -> None:
    asked = parsed(query)
    said = [[_written(condition) for condition in group] for group in asked.conditions.needed]
    assert (asked.text, said, [_written(each) for each in asked.conditions.barred]) == (text, needed, barred)


def _written(condition: Condition) -> str:
    return condition.words if condition.where == "text" else f"{condition.where}:{condition.words}"


@pytest.mark.parametrize(
    "query",
    [
        "有給休暇は何日ですか？",
        "-20度 の MS-204B",
        "a - b -- c",
        '予算 "未完',
        '予算 -"未完',
        'title:"未完',
        '""',
        '" "',
        '"%" -"%"',
        '12" と 14" の画面',
        "OR 有給",
        "有給 OR",
        "有給 OR OR 年休",
        "有給 or 年休",
        "有給OR年休",
        "title: 規程",
        "subtitle:規程",
        "title:%",
        "国-地方",
    ],
)
def test_what_is_no_operator_is_text(query: str) -> None:
    asked = parsed(query)
    assert asked.text == query
    assert not asked.conditions


def test_more_operators_than_an_index_can_answer_at_once_are_refused(shelf: Engine) -> None:
    assert len(parsed(" ".join(f'"{number}"' for number in range(50))).conditions.needed) == 50
    with pytest.raises(QuestionError, match="51 phrases"):
        shelf.search(" ".join(f'"{number}"' for number in range(51)))


@given(st.text(alphabet='あa1 "“-OR:title%\n', max_size=30))
def test_any_text_can_be_asked(query: str) -> None:
    asked = parsed(query)
    assert all(condition.words for group in asked.conditions.needed for condition in group)
    assert asked.conditions or asked.text == query


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ('"有給休暇"', {"規程/leave.txt"}),
        ('"有給の休暇"', {"規程/travel.txt"}),
        ('"ﾎﾟｰﾀﾙ"', {"規程/leave.txt"}),
        ('"portal"', {"notes/ai.md", "notes/old.txt"}),
        ('"paid  LEAVE"', {"notes/ai.md", "notes/cats.txt"}),
        ('"高橋"', {"notes/old.txt"}),
        ('"栞"', {"notes/old.txt"}),
        ('"AI"', {"規程/leave.txt", "notes/ai.md"}),
        ('"cat"', {"notes/cats.txt"}),
        ('"23"', {"規程/travel.txt"}),
        ('"申請書"', {"notes/marked.md"}),
        ('"申請" -出張', {"規程/leave.txt", "notes/marked.md"}),
        ('-"申請" -paid', {"notes/old.txt"}),
        ("有給 OR 年休", {"規程/leave.txt", "規程/travel.txt", "notes/old.txt"}),
        ('半休 OR "20日"', {"規程/leave.txt", "notes/marked.md"}),
        ("title:規則", {"規程/leave.txt", "notes/old.txt"}),
        ("title:ai", {"notes/ai.md"}),
        ('title:"notes ON"', {"notes/ai.md"}),
        ("source:規程/", {"規程/leave.txt", "規程/travel.txt"}),
        ("source:OLD", {"notes/old.txt"}),
        ('title:規則 "申請"', {"規程/leave.txt"}),
        ("-title:規則 -source:notes", {"規程/travel.txt"}),
        ('"休暇有給"', set()),
        ('"有給休暇" -申請', set()),
        ("title:存在しない", set()),
    ],
)
def test_exactly_what_is_as_the_operators_say_is_found(
    shelf: Engine, query: str, sources: set[str], mode: Mode
) -> None:
    assert found(shelf, query, mode) == sources


def test_of_what_the_operators_let_through_the_rest_of_the_query_chooses(shelf: Engine) -> None:
    assert found(shelf, '夜行 "申請"', "lexical") == {"規程/travel.txt", "規程/leave.txt", "notes/marked.md"}
    assert shelf.search('夜行 "申請"').hits[0].document.source == "規程/travel.txt"
    assert found(shelf, "紙 title:規則", "lexical") == set()


def test_the_result_names_the_query_as_it_was_written(shelf: Engine) -> None:
    assert [result.query for result in shelf.search_many(['"栞" -出張', "-栞"])] == ['"栞" -出張', "-栞"]


def test_operators_go_with_filters(shelf: Engine) -> None:
    hits = shelf.search('"portal"', sources=["notes/*.md"]).hits
    assert {hit.document.source for hit in hits} == {"notes/ai.md"}


def test_a_search_can_take_the_query_as_text(shelf: Engine) -> None:
    plain = shelf.search('"栞" -申請', operators=False)
    assert len(plain.hits) > 1


def test_a_question_that_is_asked_has_no_operators(shelf: Engine) -> None:
    (answer,) = shelf.batch(['"存在しない言葉" -有給 有給休暇は何日ですか？'])
    assert not isinstance(answer, Exception) and answer.hits


def test_ranking_for_measures_takes_queries_as_text(shelf: Engine) -> None:
    assert len(shelf.rank_many(['"存在しない言葉"'], k=10)[0].rows) > 0


def test_without_words_to_rank_by_passages_come_in_the_order_of_the_index(shelf: Engine) -> None:
    hits = shelf.search("-存在しない", k=100).hits
    assert [hit.passage_id for hit in hits] == sorted(hit.passage_id for hit in hits)
    assert {hit.document.source for hit in hits} == set(DOCUMENTS)
    assert all(hit.score == 0 and not hit.retrievers for hit in hits)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("words", ["AI", "米国", "the", "輸出規制", "モデル", "DeepSeek", "20"])
def test_every_hit_of_a_phrase_holds_it_and_no_hit_of_a_minus(engine: Engine, words: str, mode: Mode) -> None:
    with_it = {hit.passage_id for hit in engine.search(f'"{words}"', mode=mode, k=1000).hits}
    without = {hit.passage_id for hit in engine.search(f'中国 -"{words}"', mode="dense", k=1000).hits}
    assert with_it and without and not with_it & without
    for stored in engine.snapshot.store.all_passages():
        there = holds(folded(stored.passage.text), folded(words))
        assert not (there and stored.row in without)
        assert there or stored.row not in with_it


_PIECES = st.text(alphabet="有給休暇のＡＩaicat 1２。-\nがか゛", min_size=1, max_size=6)


@pytest.fixture(scope="module")
def scribbles(new_index: Callable[[], IndexPlace]) -> Iterator[Engine]:
    """An Engine over passages of random characters of few kinds."""
    random = np.random.default_rng(1)
    alphabet = list("有給休暇のＡＩaicat 1２。-\nがか")
    documents = [Document(f"{n}.txt", "", "文" + "".join(random.choice(alphabet, 40)) + "文", "ja") for n in range(150)]
    index = new_index()
    build_documents(documents, index, Settings.load(), whole=True)
    engine = Engine.open(index, Settings.load(reader="none"))
    yield engine
    engine.snapshot.close()


@given(_PIECES.filter(lambda text: re.search(r"\w", text)))
@example("休")
@example("a")
@example("ai")
@hypothesis_settings(max_examples=150)
def test_the_index_misses_no_passage_that_holds_a_phrase(scribbles: Engine, phrase: str) -> None:
    words = folded(phrase)
    snapshot = scribbles.snapshot
    (condition,) = parsed(f'"{phrase}"').conditions.needed[0]
    mask = Meeting(snapshot.store, snapshot.lexical)._of(condition)
    there = [holds(folded(stored.passage.text), words) for stored in snapshot.store.all_passages()]
    assert mask.tolist() == there


def test_what_is_remembered_of_phrases_stays_small(shelf: Engine) -> None:
    meeting = Meeting(shelf.snapshot.store, shelf.snapshot.lexical)
    for number in range(60):
        meeting.mask(parsed(f'"{number}"').conditions)
    assert len(meeting._known) <= 16
