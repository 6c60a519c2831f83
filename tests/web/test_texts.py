"""The page's words: complete in both languages, chosen by the browser's."""

from __future__ import annotations

import dataclasses
import re
from string import Formatter

import pytest

from rag import Engine
from rag.corpus.document import ExclusionReason
from rag.web.ask.examples import examples_for
from rag.web.texts import ENGLISH, JAPANESE, TEXTS, preferred_languages, texts_for


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "ja"),
        ("", "ja"),
        ("ja,en-US;q=0.9,en;q=0.8", "ja"),
        ("en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "en"),
        ("fr-FR,de", "ja"),
        ("en;q=0.2, ja;q=0.7", "ja"),
        ("en;q=0", "ja"),
        (";;;=,,q", "ja"),
    ],
)
def test_the_page_speaks_the_browsers_language(header: str | None, language: str) -> None:
    assert texts_for(header).language == language


def test_a_language_chosen_by_name_wins() -> None:
    assert texts_for("ja", "en") is ENGLISH
    assert texts_for("en", "xx") is ENGLISH
    assert texts_for("en", "ja") is JAPANESE


def test_languages_are_ordered_by_their_weight() -> None:
    assert preferred_languages("de;q=0.3, ja;q=0.9, en-US") == ["en", "ja", "de"]


def fields_of(text: str) -> set[str]:
    return {re.split(r"[:!.]", name)[0] for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_put_the_same_values_into_the_same_sentences() -> None:
    for field in dataclasses.fields(JAPANESE):
        ours, theirs = getattr(JAPANESE, field.name), getattr(ENGLISH, field.name)
        assert type(ours) is type(theirs) and ours, field.name
        if isinstance(ours, str):
            assert fields_of(theirs) <= fields_of(ours) | {"excluded"}, field.name
            assert fields_of(ours) == fields_of(theirs), field.name
        else:
            assert len(ours) == len(theirs), field.name


def test_every_reason_for_leaving_something_out_has_words() -> None:
    reasons = set(ExclusionReason.__args__)  # type: ignore[attr-defined]
    assert set(JAPANESE.exclusion_reasons) == set(ENGLISH.exclusion_reasons) == reasons


def test_examples_are_offered_only_for_documents_in_the_index() -> None:
    assert examples_for(["手帳.txt"], "ja") == []
    assert len(examples_for(["seeds/004_367d6896c485906d.txt"], "en")) == 1


def test_every_example_about_the_seeds_is_answered(engine: Engine) -> None:
    sources = [document.source for document in engine.documents()]
    questions = [question for language in TEXTS for question in examples_for(sources, language)]
    assert len(questions) == 9
    assert [question for question in questions if engine.ask(question).abstained] == []
