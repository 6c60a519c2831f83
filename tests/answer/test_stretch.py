from __future__ import annotations

from pathlib import Path

from rag.answer.coverage import best_stretch, wanted_terms
from tests.answer.making import document, hit_of, weigh

OTHERS = "".join(f"第{number}棟は{number}階建てである。" for number in range(1, 21))
RULE = "図書室の開館時間は九時から十七時までとする。"


def stretch(folder: Path, question: str, text: str, longest: int) -> str:
    hit = hit_of(document(folder, "案内.txt", text))
    start, end = best_stretch(wanted_terms(question, weigh), hit, longest)
    return hit.text[start:end]


def test_of_a_long_passage_the_sentences_about_the_question_are_read(tmp_path: Path) -> None:
    found = stretch(tmp_path, "図書室の開館時間は？", OTHERS + RULE + OTHERS, 80)

    assert RULE in found
    assert 40 < len(found) <= 80


def test_what_is_short_or_shares_no_word_is_read_whole(tmp_path: Path) -> None:
    assert stretch(tmp_path, "図書室の開館時間は？", RULE, 80) == RULE
    assert stretch(tmp_path, "給与の締め日は？", OTHERS, 80) == OTHERS


def test_a_sentence_longer_than_all_that_is_read_is_read_alone(tmp_path: Path) -> None:
    long = RULE.replace("。", "、" + "ただし休日を除き、" * 12 + "この限りでない。")
    assert stretch(tmp_path, "図書室の開館時間は？", OTHERS + long + OTHERS, 80) == long
