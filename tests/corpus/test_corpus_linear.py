"""Rules take time in proportion to the text: what is four times as long takes no more than about four times as long."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from time import process_time
from types import ModuleType
from typing import Any

import pytest
import regex

import rag.chunking
import rag.corpus
import rag.language
from rag.chunking import Chunker
from rag.corpus.assembly import document_from
from rag.errors import DocumentError

CHUNKER = Chunker(120, 1, 480, lambda texts: [len(text) for text in texts])
_SHOWN = """
>␠ 関連記事↵ 目次↵ 目次↵第1章␠潮↵ title:␠a␠ ` **a␠ [a]( ![ <!-- --> <div>↵ 《 ｜ ［＃ 「 （ 。 、 a a. 1
1. １ -␠a↵ |␠a␠ |- -␠-␠ ⇥a↵ , " #␠a↵ Q.␠a↵A.␠b↵ 第一条↵ （採取）↵ ホーム↵ ホーム␠|␠ シェア↵ コメント↵
From:␠a↵ >␠a↵ a：b↵ A␠>␠ loading␠ sign␠up␠for␠ ... ．・ ↵↵ #a,, http://a/ \\u3042 か゛ ①a↵
(1)␠a↵ ア␠a↵ 一␠a↵ 「「」 do␠not␠edit␠ generated␠ AAAA < {\\ ---↵ 次のとおり↵ 図1␠ a......1↵
data:image/png;base64, ~~~↵ 1, 十 {"a": [1, a␠␠b↵ a␠␠b␠␠c↵ │a│b↵ ┌──┐↵ 1␠a↵ －a↵ a;b↵ 10<sup>3</sup>
"""
UNITS = [unit.replace("␠", " ").replace("↵", "\n").replace("⇥", "\t") for unit in _SHOWN.split()]
FORMATS = {
    "text": "a.txt",
    "markdown": "a.md",
    "data": "a.json",
    "code": "a.py",
    "subtitles": "a.srt",
    "html": "a.html",
}
# What is only ever matched against so few characters may take the square of them.
BOUNDED = {
    "_ACRONYM", "ARROWS", "_FINAL_PUNCTUATION", "_GENERATED_NAME", "_LEADER", "_LIST_ITEM", "_NUMBER", "OFFER",
    "_PAGE_NUMBER", "PLAYER_CAPTION", "STRONG", "_TO_PAGE",
}  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def _is_flat(work: Callable[[str], object], short: str, long: str) -> bool:
    """Whether the long text, of four times the length, takes at most nine times as long; noise is given three tries."""
    for _ in range(3):
        if (more := _seconds(lambda: work(long))) < 0.1 or more <= 9 * _seconds(lambda: work(short)):
            return True
    return False


@pytest.mark.parametrize("file_format", FORMATS)
def test_reading_and_cutting_take_as_long_a_character_in_a_long_text_as_in_a_short_one(file_format: str) -> None:
    def read(text: str) -> None:
        with suppress(DocumentError):
            CHUNKER.passages(document_from(file_format, FORMATS[file_format], text.encode(), {}))

    steep = []
    for unit in UNITS:
        for head in ("", "---\n") if file_format == "markdown" else ("",):
            short, long = (head + unit * (count // len(unit)) + "X" for count in (3_000, 12_000))
            if not _is_flat(read, short, long):
                steep.append(head + unit)
    assert steep == []


def test_runs_of_backticks_that_grow_shorter_are_read_at_once() -> None:
    def read(text: str) -> None:
        document_from("markdown", "a.md", text.encode(), {})

    short, long = ("# " + " ".join("`" * n for n in range(count, 0, -1)) + "\n\n本文。\n" for count in (120, 240))
    assert _is_flat(read, short, long)


@pytest.mark.parametrize("words", [">" + " >" * 275, "> " * 275 + "!", "#,,,," * 40 + "!", "a" + " > b" * 40 + "。"])
def test_a_few_hundred_bytes_hang_nothing(words: str) -> None:
    body = "本文はここにあり、長めの文が続きます。これは文です。"
    data = f"題\n\n{words}\n\nこの記事をシェアする\n\n{body}\n\nトップへ戻る\n".encode()
    start = process_time()
    for name in ("text", "markdown", "html"):
        document_from(name, "a.txt", data, {})
    assert process_time() - start < 5


def _modules() -> Iterator[ModuleType]:
    yield rag.chunking
    for package in (rag.corpus, rag.language):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def _patterns(value: Any) -> Iterator[Any]:
    if isinstance(value, re.Pattern | regex.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _patterns(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _patterns(each)


def _steep_units(pattern: Any) -> Sequence[str]:
    chars = sorted({char for char in pattern.pattern if char not in "\\()[]{}|?*+^$"} | set(" a1あ漢-.\t"))
    steep = []
    for char in chars:
        short, long = char * 700 + "\x01", char * 2_800 + "\x01"
        if not _is_flat(lambda text: sum(1 for _ in pattern.finditer(text)), short, long):
            steep.append(char)
    return steep


def test_no_pattern_backtracks_over_a_run_of_one_character() -> None:
    steep = {}
    for module in _modules():
        for name, value in vars(module).items():
            for pattern in _patterns(value):
                if name not in BOUNDED and (units := _steep_units(pattern)):
                    steep[f"{module.__name__}.{name}"] = units
    assert steep == {}
