"""Whatever is typed: operators, filters, questions, synonyms, accounts, backups are understood or refused in words."""

from __future__ import annotations

import fnmatch
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.answer.question.understanding import understand
from rag.errors import QuestionError, SettingsError
from rag.index.filters import Filter
from rag.index.operators import parsed
from rag.language.synonyms import Synonyms
from rag.library.archive import About, opened
from rag.library.errors import BackupError
from rag.web.gate.accounts import Accounts
from rag.web.html.filters import Filters

FUZZ = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
PIECES = st.sampled_from(
    [
        *'"“”「」-−()*?[!\\\u3000\u200b\u202eｱがのと。\n\0é𠮷,、:#\ufeff何第号',
        *(" OR ", "title:", "source:", "題:", "か\u3099", "１２", "いくつ", "ですか？", "2024年", "３月"),
        *("how many", "なぜ", "=>", "scrypt:"),
    ]
)
TYPED = st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join)


@FUZZ
@given(TYPED)
def test_any_query_is_understood_and_searches_for_nothing_that_was_not_typed(query: str) -> None:
    try:
        asked = parsed(query)
    except QuestionError as error:
        assert error.argument == "question"
        return
    assert set("".join(asked.text.split())) <= set("".join(query.split()))
    assert parsed(query) == asked


@FUZZ
@given(TYPED)
def test_any_question_is_understood(text: str) -> None:
    question = understand(text)
    assert question.text == text and question.facets
    assert all(condition.text in text for condition in question.literals)
    assert understand(text) == question


@FUZZ
@given(st.lists(TYPED, max_size=4), TYPED, st.sampled_from(["", "2024", "2024-05", "2024-05-01"]))
def test_any_filter_lets_a_source_through_or_not(patterns: list[str], source: str, day: str) -> None:
    within = Filter(sources=frozenset(patterns), since=day)
    assert within.lets(source, "2024-05-02") == (
        not within.sources
        or source in patterns
        or any(fnmatch.fnmatchcase(source, each) for each in patterns if set(each) & set("*?["))
        or any(source.startswith(each) and each.endswith("/") for each in patterns)
    )
    assert within.lets(source, "") == (not day and within.lets(source, "2024-05-02"))


@FUZZ
@given(st.text(max_size=80) | TYPED | st.builds("source={}&k={}&since={}&mode={}".format, TYPED, TYPED, TYPED, TYPED))
def test_the_filters_of_any_address_are_those_of_the_address_they_make(query: str) -> None:
    filters = Filters.from_query(query)
    assert Filters.from_query(filters.to_query()) == filters


@FUZZ
@given(st.lists(TYPED, max_size=5), TYPED)
def test_any_file_of_synonyms_is_read_or_refused_by_line(tmp_path: Path, lines: list[str], text: str) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        words = Synonyms.read(path)
    except SettingsError as error:
        assert str(path) in str(error)
        return
    for found in words.respellings(text, "ja"):
        assert 0 <= found.start < found.end <= len(text)


@settings(FUZZ, max_examples=15)
@given(st.lists(st.builds("{}:{}".format, TYPED, TYPED) | TYPED, max_size=2))
def test_any_lines_are_accounts_or_refused_by_number(lines: list[str]) -> None:
    try:
        accounts = Accounts("\n".join(lines), "accounts")
    except SettingsError as error:
        assert "accounts" in str(error)
        return
    assert accounts.have_passwords


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda each: st.lists(
    each, max_size=3) | st.dictionaries(st.sampled_from(["format", "seal", "files", "created", "settings"]) | st.text(
        max_size=4), each, max_size=4), max_leaves=12)  # fmt: skip


@FUZZ
@given(_JSON)
def test_any_list_of_a_backup_is_one_or_refused(body: object) -> None:
    try:
        About.from_json(json.dumps(body).encode())
    except ValueError as error:
        assert str(error)


@FUZZ
@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda data: b"PK\x05\x06" + data))
def test_any_bytes_are_no_backup(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "backup.zip"
    path.write_bytes(data)
    try:
        with opened(path) as archive:
            archive.check()
    except BackupError as error:
        assert str(path) in str(error)
    else:
        raise AssertionError("it was read")
