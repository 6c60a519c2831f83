"""Names that browsers give to files become names that stay where they are put."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.web.documents.names import is_left_behind, safe_name


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [
        ("報告.txt", "報告.txt"),
        ("資料/2026/報告.txt", "資料/2026/報告.txt"),
        ("../../etc/passwd.txt", "etc/passwd.txt"),
        ("/etc/passwd.txt", "etc/passwd.txt"),
        ("C:\\文書\\報告.txt", None),
        ("..\\..\\秘密.txt", "秘密.txt"),
        ("./a/./b.txt", "a/b.txt"),
        ("", ""),
        ("../..", ""),
        (" . / .. /", ""),
    ],
)
def test_folders_are_kept_and_nothing_leads_out_of_them(given_name: str, stored: str | None) -> None:
    if stored is not None:
        assert safe_name(given_name) == stored
    assert ".." not in PurePosixPath(safe_name(given_name)).parts


@pytest.mark.parametrize(
    "hostile",
    [
        "a\0b.txt",
        "a\nb.txt",
        "a\r\nSet-Cookie: x.txt",
        "a\x1b[31m.txt",
        "a\u202egpj.txt",
        "con.txt",
        "NUL.md",
        "com1.csv",
        "a?.txt",
        "a*.txt",
        'a"<>|:.txt',
        "あ" * 500 + ".txt",
        "\ud800.txt",
        "~$book.xlsx",
        ".hidden.txt",
        "a.txt. . .",
    ],
)
def test_what_no_disk_can_hold_is_replaced_and_marked(hostile: str) -> None:
    name = safe_name(hostile)
    assert name and name != hostile
    assert len(name.encode()) <= 200
    assert not any(unicodedata.category(c).startswith("C") for c in name)
    assert not set(name) & set('<>:"|?*\\')


def test_two_names_that_are_replaced_do_not_become_one() -> None:
    names = ["a?.txt", "a*.txt", "a_.txt", "a\n.txt", "あ" * 400 + "い.txt", "あ" * 400 + "う.txt"]
    assert len({safe_name(name) for name in names}) == len(names)


def test_names_that_differ_only_in_composition_are_one_file() -> None:
    assert safe_name(unicodedata.normalize("NFD", "ガイド/ぺージ.txt")) == safe_name("ガイド/ぺージ.txt")


def test_the_ending_survives_whatever_is_cut() -> None:
    assert safe_name("長" * 1000 + ".pdf").endswith(".pdf")


@given(st.text(max_size=400))
def test_any_name_stays_inside_and_is_its_own_safe_name(name: str) -> None:
    stored = safe_name(name)
    assert not stored.startswith("/")
    root = Path("/index/added")
    assert stored == "" or Path(f"{root}/{stored}").resolve().is_relative_to(root)
    assert safe_name(stored) == stored


@pytest.mark.parametrize(
    "name", [".DS_Store", "a/.git/config.txt", "~$表.xlsx", "x/node_modules/y.js", "__MACOSX/a.txt"]
)
def test_what_programs_leave_behind_is_told_apart(name: str) -> None:
    assert is_left_behind(name)


@pytest.mark.parametrize("name", ["a.txt", "../a.txt", "./a.txt", "a..b/c.txt"])
def test_ordinary_names_are_not(name: str) -> None:
    assert not is_left_behind(name)
