"""Taggers of MeCab are lent, and few."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from rag.language import mecab
from rag.language.morphemes import morphemes
from rag.language.terms import terms


def test_a_thread_leaves_its_tagger_to_the_next() -> None:
    with mecab.tagger():
        pass
    before = len(mecab._idle)
    for number in range(5):
        thread = threading.Thread(target=lambda number=number: morphemes(f"第{number}回の会議"))
        thread.start()
        thread.join()
    assert len(mecab._idle) == before


def test_no_two_have_the_same_tagger_at_once() -> None:
    with mecab.tagger() as one, mecab.tagger() as other:
        assert one is not other
        # Of another's words nothing is seen.
        nodes, others = one.parseToNodeList("図書館の本"), other.parseToNodeList("駅前の宿")
        assert [node.surface for node in nodes] == ["図書", "館", "の", "本"]
        assert [node.surface for node in others] == ["駅前", "の", "宿"]


def test_many_threads_read_the_same_words_as_one() -> None:
    texts = [f"第{number}図書館は駅前の宿から{number}分です。" for number in range(40)]
    alone = [terms(text, "ja") for text in texts]
    with ThreadPoolExecutor(8) as several:
        assert list(several.map(lambda text: terms(text, "ja"), texts)) == alone


def test_a_mistake_in_the_midst_gives_the_tagger_back() -> None:
    with mecab.tagger():
        pass
    before = len(mecab._idle)
    try:
        with mecab.tagger():
            raise ValueError
    except ValueError:
        pass
    assert len(mecab._idle) == before
