"""Saved answers: kept as they were, one's own alone, and told apart from what the documents have become."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.corpus import Document
from rag.library import LibraryError, QuotedPlace, SavedAnswer, SavedAnswers

TEXT = "休暇の決まり\n\n夏の休暇は五日とする。\n"
QUOTE = "夏の休暇は五日とする。"
START = TEXT.index(QUOTE)
PLACE = QuotedPlace(1, "休暇の決まり", "休暇.txt", "3 行目", QUOTE, "0" * 16, START, START + len(QUOTE))
ANSWER = SavedAnswer("夏の休暇は？", "五日[1]", (PLACE,))


def document(text: str) -> Document:
    return Document("休暇.txt", "休暇の決まり", text, "ja")


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(text=st.text(), note=st.text(), tags=st.lists(st.text()))
def test_an_answer_comes_back_as_it_was_whatever_stands_in_it(
    tmp_path: Path, text: str, note: str, tags: list[str]
) -> None:
    saved = SavedAnswers(tmp_path)
    kept = saved.put(SavedAnswer(text, text, (QuotedPlace(1, text, text, text, text),)).noted(note, tags))
    assert SavedAnswers(tmp_path).of()[0] == kept
    assert all(tag and tag == " ".join(tag.split()) for tag in kept.tags)


def test_each_account_sees_and_changes_its_own(tmp_path: Path) -> None:
    saved = SavedAnswers(tmp_path)
    mine = saved.put(ANSWER.noted("会議", ["規程", " 規程 ", ""]))
    theirs = saved.put(SavedAnswer("q", "a", (), account="hanako"))
    assert mine.tags == ("規程",)
    assert saved.of() == [mine] and saved.of("hanako") == [theirs]
    changed = saved.put(mine.noted("済", []))
    saved.remove(theirs.id)  # not one's own
    saved.put(SavedAnswer("x", "y", (), id=mine.id, account="jiro"))  # nor by its id
    assert saved.of() == [changed] and saved.of("hanako") == [theirs] and saved.of("jiro") == []
    saved.remove(mine.id)
    assert saved.of() == []


def test_the_last_comes_first_and_a_damaged_file_is_not_guessed_at(tmp_path: Path) -> None:
    saved = SavedAnswers(tmp_path)
    for question in ("一", "二"):
        saved.put(SavedAnswer(question, "", ()))
    assert [answer.question for answer in saved.of()] == ["二", "一"]
    saved.path.write_text('{"question": 1}\n', encoding="utf-8")
    for call in (saved.of, lambda: saved.put(ANSWER)):
        with pytest.raises(LibraryError, match="damaged"):
            call()


@pytest.mark.parametrize(
    ("text", "standing", "start"),
    [
        (TEXT, "there", START),
        (f"改正：2025 年\n{TEXT}", "moved", START + len("改正：2025 年\n")),
        (TEXT.replace("五日", "七日"), "changed", 0),
        (None, "gone", 0),
    ],
)
def test_a_place_tells_whether_its_document_is_as_it_was(text: str | None, standing: str, start: int) -> None:
    found = PLACE.standing(document(text) if text is not None else None)
    assert found[:2] == (standing, start)
    if text is not None and standing != "changed":
        assert text[found[1] : found[2]] == QUOTE
