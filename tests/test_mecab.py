"""The tagger of MeCab is lent to one after the other."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.language import mecab
from rag.language.terms import terms


def test_there_is_one_tagger_and_who_has_it_is_alone_with_it() -> None:
    """Each would have the dictionary mapped for itself, and of another's words nothing may be seen."""
    had: list[object] = []

    def read() -> None:
        with mecab.tagger() as lent:
            had.append(lent)

    with mecab.tagger() as one:
        other = threading.Thread(target=read)
        other.start()
        other.join(0.1)
        assert not had
        assert [node.surface for node in one.parseToNodeList("図書館の本")] == ["図書", "館", "の", "本"]
    other.join()
    assert had == [one]


_READ_BY_MANY = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from rag.language.morphemes import morphemes

with ThreadPoolExecutor(8) as several:
    list(several.map(lambda number: morphemes(f"第{number}回の会議の資料"), range(200)))
print(sum("sys.dic" in line for line in Path("/proc/self/maps").read_text().splitlines()))
"""


def test_the_dictionary_is_mapped_once_however_many_threads_read() -> None:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("the system does not tell what is mapped")
    told = subprocess.run([sys.executable, "-c", _READ_BY_MANY], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "1"


def test_many_threads_read_the_same_words_as_one() -> None:
    texts = [f"第{number}図書館は駅前の宿から{number}分です。" for number in range(40)]
    alone = [terms(text, "ja") for text in texts]
    with ThreadPoolExecutor(8) as several:
        assert list(several.map(lambda text: terms(text, "ja"), texts)) == alone


def test_a_mistake_in_the_midst_gives_the_tagger_back() -> None:
    with pytest.raises(ValueError, match="midst"), mecab.tagger():
        raise ValueError("midst")
    assert terms("図書館の本", "ja")
