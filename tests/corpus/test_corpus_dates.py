"""Dates, however documents write them, in one form that sorts."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus import Document, read_documents
from rag.corpus.dates import normal_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-01", "2024-05-01"),
        ("2024-05-01T10:00:00+09:00", "2024-05-01"),
        ("2024/5/1", "2024-05-01"),
        ("２０２４年５月１日（水）", "2024-05-01"),
        ("2024年5月", "2024-05"),
        ("2024", "2024"),
        ("20240501", "2024-05-01"),
        ("D:20240501101500+09'00'", "2024-05-01"),
        ("令和6年5月1日", "2024-05-01"),
        ("平成元年", "1989"),
        ("昭和64年1月7日", "1989-01-07"),
        ("2024-02-31", "2024-02"),
        ("2024-13", "2024"),
        ("yesterday", ""),
        ("0000", ""),
        ("12345", ""),
        ("", ""),
    ],
)
def test_dates_are_read_as_exactly_as_they_are_written(written: str, expected: str) -> None:
    assert normal_date(written) == expected


@given(st.dates())
def test_a_day_is_read_as_it_was_written(day: object) -> None:
    assert normal_date(str(day)) == str(day)


@given(st.text(max_size=40))
def test_any_text_gives_a_date_or_nothing(text: str) -> None:
    assert len(normal_date(text)) in (0, 4, 7, 10)


def test_a_document_without_a_date_is_of_the_day_its_file_was_written(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("会議の議事録です。", encoding="utf-8")
    (tmp_path / "dated.md").write_text("---\ndate: 2020-02-02\n---\n\n# 題\n\n本文です。", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.writestr("inside.txt", "書庫の中の文書です。")
    for file in tmp_path.iterdir():
        os.utime(file, (1_600_000_000, 1_600_000_000))
    dates = {d.source: d.date for d in read_documents([tmp_path]) if isinstance(d, Document)}
    assert dates == {"plain.txt": "2020-09-13", "dated.md": "2020-02-02", "old.zip/inside.txt": "2020-09-13"}
