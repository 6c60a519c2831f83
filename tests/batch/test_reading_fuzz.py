"""Whatever bytes a question file holds: questions, or an error that a user can act on."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from rag.batch import INPUT_ENDINGS, read_questions
from rag.errors import RagError

pytestmark = pytest.mark.usefixtures("one_process")

JAPANESE = st.text(alphabet='質問番号一二三?？、。",;\t\n\r\\[]{}: question"', max_size=60)
BYTES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")),
    st.tuples(JAPANESE, st.sampled_from(["utf-8", "utf-8-sig", "cp932", "utf-16", "euc_jp"])).map(
        lambda pair: pair[0].encode(pair[1])
    ),
)


@cache
def small_workbook() -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in (["質問", "部署"], ["一?", 3], [None, True], ["二?", 2.5]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read_or_refuse(folder: Path, ending: str, data: bytes, column: str | None = None) -> None:
    path = folder / f"q{ending}"
    path.write_bytes(data)
    try:
        found = read_questions(path, column=column)
    except RagError as error:
        assert error.path
    else:
        assert found.questions
        assert all(isinstance(q.text, str) and "\r" not in q.text and q.place >= 1 for q in found.questions)
        places = [q.place for q in found.questions]
        assert places == sorted(set(places))


@pytest.mark.parametrize("ending", [ending for ending in INPUT_ENDINGS if ending != ".xlsx"])
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=BYTES, column=st.sampled_from([None, "質問", "x"]))
def test_any_bytes_are_questions_or_refused(tmp_path: Path, ending: str, data: bytes, column: str | None) -> None:
    read_or_refuse(tmp_path, ending, data, column)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12),
    length=st.one_of(st.none(), st.integers(0, 10_000)),
)
def test_a_damaged_workbook_is_questions_or_refused(
    tmp_path: Path, changes: list[tuple[int, int]], length: int | None
) -> None:
    data = bytearray(small_workbook())
    for position, value in changes:
        data[position % len(data)] = value
    read_or_refuse(tmp_path, ".xlsx", bytes(data[:length]))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    member=st.sampled_from(sorted(zipfile.ZipFile(io.BytesIO(small_workbook())).namelist())),
    changes=st.lists(st.tuples(st.integers(0, 5_000), st.binary(max_size=3)), min_size=1, max_size=6),
)
def test_a_workbook_with_damaged_xml_is_questions_or_refused(
    tmp_path: Path, member: str, changes: list[tuple[int, bytes]]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small_workbook())) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            for position, replacement in changes if name == member else ():
                place = position % len(content)
                content = content[:place] + replacement + content[place + len(replacement) :]
            new.writestr(name, content)
    read_or_refuse(tmp_path, ".xlsx", packed.getvalue())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=BYTES)
def test_any_bytes_as_a_workbook_are_refused(tmp_path: Path, data: bytes) -> None:
    read_or_refuse(tmp_path, ".xlsx", data)
