"""Where sentences of prose begin and end, what they cite, and what is asked of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.prose import CheckedSentence
from rag.prose.checking import Checker, cited_numbers, sentence_spans, without_marks

from .fakes import embed, hit_of, same_meaning

HIT = hit_of("谷川鉄道は1996年10月1日に開業した。社長は北原誠である。", title="谷川鉄道の概要")


def check(sentence: str, *texts: str, language: str = "ja") -> CheckedSentence:
    """The verdict on a sentence, given its passages; only facts decide."""
    hits = [hit_of(text, rank=n, language=language) for n, text in enumerate(texts, 1)] or [HIT]
    return Checker(hits, same_meaning, same_meaning).check(sentence, 0, len(sentence))


def kinds(sentence: CheckedSentence) -> list[str]:
    return [problem.kind for problem in sentence.problems]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("甲です[1]。乙です[2]。", ["甲です[1]。", "乙です[2]。"]),
        ("甲です。[1]乙です。[2]", ["甲です。[1]", "乙です。[2]"]),
        ("甲です。[1][2] 乙です。", ["甲です。[1][2]", "乙です。"]),
        ("It is so.[1] They agree [2]. Dr. Smith left.[3]", ["It is so.[1]", "They agree [2].", "Dr. Smith left.[3]"]),
        ("- 甲です [1]\n- 乙です【2】\n", ["- 甲です [1]", "- 乙です【2】"]),
        ("[1]", []),
        ("", []),
    ],
)
def test_marks_belong_to_the_sentence_before_them(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


@given(st.text(alphabet="甲乙です。.! a1[]【】, \n", max_size=60))
def test_sentences_are_in_order_and_hold_every_letter(text: str) -> None:
    spans = sentence_spans(text)
    assert all(a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))
    outside = "".join(
        text[b:c] for b, c in zip([0, *(e for _, e in spans)], [*(s for s, _ in spans), len(text)], strict=True)
    )
    assert not any(char in "甲乙ですa" for char in outside)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("甲[1]", (1,)),
        ("甲[2][1]", (2, 1)),
        ("甲[1, 3]", (1, 3)),
        ("甲【2】", (2,)),
        ("甲［1、2］", (1, 2)),
        ("甲[a]", ()),
        ("配列[1][1]", (1,)),
    ],
)
def test_marks_are_read_in_the_forms_that_models_write(text: str, numbers: tuple[int, ...]) -> None:
    assert cited_numbers(text) == numbers


def test_marks_and_list_signs_are_no_part_of_a_claim() -> None:
    assert without_marks("- **開業**は1996年です[1][2]。") == "開業は1996年です。"
    assert without_marks("1. 開業は1996年です【1】") == "開業は1996年です"


def test_a_fact_may_stand_in_any_of_the_passages_cited() -> None:
    texts = ("谷川鉄道は1996年に開業した。", "谷川鉄道の社長は北原誠である。")
    assert check("谷川鉄道は1996年に開業し、社長は北原誠です[1][2]。", *texts).verdict == "supported"
    assert kinds(check("谷川鉄道は1996年に開業し、社長は北原誠です[1]。", *texts)) == ["name"]


def test_titles_and_headings_count_as_known() -> None:
    assert check("谷川鉄道の概要によると、社長は北原誠です[1]。").verdict == "supported"
    hit = hit_of("1996年に開業した。", title="湯原", heading=("谷川鉄道",))
    sentence = "谷川鉄道は1996年に開業した[1]。"
    assert Checker([hit], same_meaning, same_meaning).check(sentence, 0, len(sentence)).verdict == "supported"


def test_one_citation_that_does_not_exist_spoils_a_sentence() -> None:
    sentence = check("社長は北原誠です[1][4]。")
    assert kinds(sentence) == ["no-such-passage"]
    assert sentence.verdict == "unverified"


def test_zero_is_no_passage() -> None:
    assert kinds(check("社長は北原誠です[0]。")) == ["no-such-passage"]


def test_quoted_names_must_stand_in_the_passage() -> None:
    text = "観光列車「みどり号」が走る。"
    assert check("「みどり号」が走ります[1]。", text).verdict == "supported"
    assert kinds(check("「あおぞら号」が走ります[1]。", text)) == ["name"]


def test_an_english_sentence_is_checked_against_a_japanese_passage() -> None:
    text = "トランプ大統領は2025年7月に米国の計画を発表した。Hugging Faceは7億パラメータのモデルを示した。"
    assert (
        check("President Trump presented the plan of the United States in July 2025 [1].", text).verdict == "supported"
    )
    assert check("Hugging Face showed a model with 700 million parameters [1].", text).verdict == "supported"
    assert kinds(check("President Obama presented the plan in July 2025 [1].", text)) == ["name"]
    assert kinds(check("Mistral showed a model with 7 billion parameters [1].", text)) == ["number", "name"]
    assert kinds(check("President Trump presented the plan in June 2025 [1].", text)) == ["date"]


def test_a_japanese_sentence_is_checked_against_an_english_passage() -> None:
    text = "In 2022, Biden limited exports to China. Python was used by 12 teams."
    assert check("2022年にバイデンは中国への輸出を制限しました[1]。", text, language="en").verdict == "supported"
    assert kinds(check("2022年にオバマは中国への輸出を制限しました[1]。", text, language="en")) == ["name"]
    assert kinds(check("2022年にバイデンはロシアへの輸出を制限しました[1]。", text, language="en")) == ["name"]
    assert check("12のチームがPythonを使いました[1]。", text, language="en").verdict == "supported"


def test_a_sentence_that_leads_to_a_list_claims_nothing_unless_it_has_a_number() -> None:
    assert check("次のとおりです：").verdict == "no-claim"
    assert check("開業は1995年で、次のとおりです：").verdict == "unverified"


def test_meaning_decides_where_there_are_no_facts() -> None:
    checker = Checker([hit_of("犬は庭を走る。猫は窓辺で眠る。")], embed, embed)
    near, far = "猫は窓辺で眠る[1]。", "税金の申告は役所で行う[1]。"
    assert checker.check(near, 0, len(near)).verdict == "supported"
    assert [p.kind for p in checker.check(far, 0, len(far)).problems] == ["meaning"]


def test_a_passage_that_was_not_sent_cannot_be_cited() -> None:
    checker = Checker([HIT, HIT], same_meaning, same_meaning)
    checker.passages = 1
    sentence = "社長は北原誠です[2]。"
    assert [p.kind for p in checker.check(sentence, 0, len(sentence)).problems] == ["no-such-passage"]


def test_support_never_overlaps_itself() -> None:
    sentence = "犬は庭を走る。"
    checker = Checker([hit_of("犬は庭を走る。猫は窓辺で眠る。")], same_meaning, same_meaning)
    spans = [(c.start, c.end) for c in checker.check(f"{sentence}[1]", 0, len(sentence) + 3).support]
    assert spans and all(b <= c or d <= a for i, (a, b) in enumerate(spans) for c, d in spans[i + 1 :])
