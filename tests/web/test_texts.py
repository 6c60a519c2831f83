"""The page's words: complete in every language, chosen by the browser's."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from rag import Engine
from rag.corpus.document import ExclusionReason
from rag.web import texts as texts_package
from rag.web.ask.examples import examples_for
from rag.web.texts import ENGLISH, JAPANESE, LANGUAGES, TEXTS, preferred_languages, texts_for
from rag.web.texts.text import Named, Spoken, Text, in_each_language


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


def fields_of(text: str) -> list[str]:
    """The values of a text; that one is counted in words in one language makes it no other."""
    fields = [(name.partition("|")[0], form) for _, name, form, _ in Formatter().parse(text) if name]
    return sorted(f"{name}:{form}" if form not in ("", ",") else name for name, form in fields)


def test_what_is_one_is_said_in_the_singular() -> None:
    facts = ENGLISH.document_facts
    assert facts.format(chars=1, passages=1) == "1 character · 1 passage"
    assert facts.format(chars=1200, passages=0) == "1,200 characters · 0 passages"
    assert Text(ja="", en="{n|entry|entries}").said["en"].format(n=1) == "1 entry"
    assert Text(ja="", en="{n|entry|entries}").said["en"].format(n=2) == "2 entries"


def test_no_english_text_counts_without_the_singular() -> None:
    of_more = re.compile(r"(?<!of )\{\w+(:,)?\} (files|documents|passages|questions|characters|folders)\b")
    said = [words for _, texts in every_text() for words in [texts["en"]] if isinstance(words, str)]
    assert said and [words for words in said if of_more.search(words)] == []


def test_no_english_text_says_that_one_thing_were() -> None:
    plural = re.compile(r"\{\w+\|[^}]*\}(?! of)[^.;:]*\b(were|are|have|do)\b")
    said = [words for _, texts in every_text() for words in [texts["en"]] if isinstance(words, str)]
    assert [words for words in said if plural.search(words)] == []


def every_text() -> Iterator[tuple[str, Mapping[str, str | tuple[Any, ...]]]]:
    """Each text of the page, and each of those that have a name beside it."""
    for module in pkgutil.iter_modules(texts_package.__path__):
        importlib.import_module(f"{texts_package.__name__}.{module.name}")
    for area in Spoken.__subclasses__():
        for name, text in vars(area).items():
            if isinstance(text, Text):
                yield f"{area.__name__}.{name}", text.said
            elif isinstance(text, Named):
                said = {language: text.__get__(area(language)) for language in LANGUAGES}
                yield from ((f"{name}.{key}", {of: said[of][key] for of in said}) for key in said["ja"])


TEXTS_OF_THE_PAGE = dict(every_text())


@pytest.mark.parametrize("name", TEXTS_OF_THE_PAGE)
def test_every_language_puts_the_same_values_into_the_same_sentences(name: str) -> None:
    ours, *others = TEXTS_OF_THE_PAGE[name].values()
    assert ours
    for theirs in others:
        if isinstance(ours, str) and isinstance(theirs, str):
            assert fields_of(ours) == fields_of(theirs)
        else:
            assert len(ours) == len(theirs)


def test_a_text_is_a_string_of_the_language_it_is_asked_in() -> None:
    class Greetings(Spoken):
        hello = Text(ja="こんにちは", en="Hello")
        days = Named({"mon-day": Text(ja="月", en="Mon")}, sunday=Text(ja="日", en="Sun"))

    greetings = in_each_language(Greetings)
    assert (greetings["ja"].hello, greetings["en"].hello) == ("こんにちは", "Hello")
    assert greetings["en"].days == {"mon-day": "Mon", "sunday": "Sun"}


def test_a_misspelt_text_or_a_missing_language_is_an_error_of_types(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    module = tmp_path / "misspelt.py"
    module.write_text(
        "from rag.web.texts import JAPANESE\nfrom rag.web.texts.text import Text\n"
        'JAPANESE.anwser\nText(ja="あ")\nJAPANESE.answer.upper()\n',
        encoding="utf-8",
    )
    root = Path(__file__).parents[2]
    texts = map(str, (root / "rag" / "web" / "texts").glob("*.py"))  # alone: all that they import would take a minute
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports", "skip", "--cache-dir", str(tmp_path / "c")]
    checked = subprocess.run([*command, str(module), *texts], capture_output=True, text=True, check=False, cwd=root)
    errors = [line for line in checked.stdout.splitlines() if "misspelt.py" in line and "error:" in line]
    assert len(errors) == 2
    assert "misspelt.py:3" in errors[0] and "misspelt.py:4" in errors[1]


def test_every_reason_for_leaving_something_out_has_words() -> None:
    reasons = set(ExclusionReason.__args__)  # type: ignore[attr-defined]
    assert set(JAPANESE.exclusion_reasons) == set(ENGLISH.exclusion_reasons) == reasons


def test_examples_are_offered_only_for_documents_in_the_index() -> None:
    assert examples_for(["手帳.txt"], "ja") == []
    assert len(examples_for(["seeds/004_367d6896c485906d.txt"], "en")) == 1
    assert examples_for(["seeds/004_367d6896c485906d.txt", "手帳.txt"], "en") == []


def test_every_example_about_the_seeds_is_answered(engine: Engine) -> None:
    sources = [document.source for document in engine.documents()]
    questions = [question for language in TEXTS for question in examples_for(sources, language)]
    assert len(questions) == 9
    assert [question for question in questions if engine.ask(question).abstained] == []
