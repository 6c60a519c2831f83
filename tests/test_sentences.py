"""Sentence boundaries."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.sentences import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今日は晴れ。明日は雨。", ["今日は晴れ。", "明日は雨。"]),
        ("「そうだ。」と彼は言った。次の文。", ["「そうだ。」と彼は言った。", "次の文。"]),
        ("「はい。」「いいえ。」", ["「はい。」", "「いいえ。」"]),
        ("えっ！と思った。", ["えっ！と思った。"]),
        ("本当？嘘！", ["本当？", "嘘！"]),
        ("Yahoo!ニュースで見た。", ["Yahoo!ニュースで見た。"]),
        ("値は3.5です。次。", ["値は3.5です。", "次。"]),
        ("これは(括弧。二つ目。)続く。", ["これは(括弧。二つ目。)続く。"]),
        ("そう……。でも。", ["そう……。", "でも。"]),
        ("It costs $3.50. He left.", ["It costs $3.50.", "He left."]),
        ("Dr. Smith came. He sat.", ["Dr. Smith came.", "He sat."]),
        ("U.S. allies agree. They act.", ["U.S. allies agree.", "They act."]),
        ("He lives in the U.S. The end.", ["He lives in the U.S.", "The end."]),
        ("Use e.g. this one. Done.", ["Use e.g. this one.", "Done."]),
        ("“Really?” he asked. He left.", ["“Really?” he asked.", "He left."]),
        ("見出し\n\n本文。", ["見出し", "本文。"]),
        ("1. 項目。\n2. 次の項目。", ["1. 項目。", "2. 次の項目。"]),
        ("日本語です。This is English. 続き。", ["日本語です。", "This is English.", "続き。"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_stray_bracket_does_not_swallow_the_sentences_behind_it() -> None:
    assert split("「閉じない。次。三つ目。") == ["「閉じない。", "次。", "三つ目。"]


def test_lines_wrapped_to_one_width_are_read_as_one_paragraph() -> None:
    text = (
        "English text that is wrapped at some width so that the lines\n"
        "break within a sentence. The second one is here and it\n"
        "goes on."
    )
    assert split(text) == [
        "English text that is wrapped at some width so that the lines\nbreak within a sentence.",
        "The second one is here and it\ngoes on.",
    ]


@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from("あ。！？「」『』（）().?! \n\t’”AaU1")), max_size=200)
)
def test_sentences_hold_every_character_once_and_in_order(text: str) -> None:
    spans = sentences(text)
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(st.text(alphabet="あ。「」 \n", max_size=60), st.text(alphabet="あ。「」 \n", max_size=60))
def test_a_part_of_a_text_is_split_by_offsets_into_the_whole(before: str, text: str) -> None:
    inside = sentences(before + text, len(before))
    assert [(start - len(before), end - len(before)) for start, end in inside] == sentences(text)


@pytest.mark.parametrize("unit", ["あ", "「", "「あ。", "。)", "a. ", "(", "！"])
def test_a_long_line_is_split_in_linear_time(unit: str) -> None:
    started = time.perf_counter()
    sentences(unit * 100_000)
    assert time.perf_counter() - started < 10
