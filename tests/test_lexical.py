"""The inverted indexes give BM25 as its formula says, however they were written."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.errors import SnapshotError
from rag.index import lexical, lexical_writer
from rag.index.arrays import ArrayWriter, mapped
from rag.index.lexical import Field, Keys, Lexical, MappedField, bigram_keys, keys_of
from rag.index.lexical_writer import FieldWriter, LexicalWriter
from rag.language.terms import runs, terms

_TERMS = st.lists(st.sampled_from(["東京", "京都", "塔", "寺", "寺院", "fuji", "1958", "高", "高い"]), max_size=12)


def written(folder: Path, passages: Sequence[Sequence[str]], *, at_once: int = 1000) -> Field:
    writer = FieldWriter(folder, k1=0.4, b=0.3)
    for first in range(0, len(passages), at_once):
        writer.add([keys_of(passage) for passage in passages[first : first + at_once]])
    writer.finish()
    return MappedField(folder, len(passages))


def scores(field: Field, query: Keys, passages: int) -> list[float]:
    found = np.zeros(passages, dtype=np.float32)
    field.add_scores(found, query, 1.0)
    return found.tolist()


@given(st.lists(_TERMS.filter(bool), min_size=1, max_size=30), _TERMS)
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_scores_are_those_of_bm25s(
    tmp_path_factory: pytest.TempPathFactory, passages: list[list[str]], query: list[str]
) -> None:
    field = written(tmp_path_factory.mktemp("field") / "words", passages)
    reference = bm25s.BM25(method="lucene", k1=0.4, b=0.3)
    reference.index(passages, show_progress=False)
    known = [term for term in query if term in reference.vocab_dict]
    expected = reference.get_scores(known) if known else np.zeros(len(passages))
    assert scores(field, keys_of(query), len(passages)) == pytest.approx(expected.tolist(), rel=1e-4, abs=1e-4)


@given(st.lists(_TERMS, min_size=1, max_size=40), st.integers(1, 7), st.integers(1, 50))
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pieces_of_any_size_make_the_same_files(
    tmp_path_factory: pytest.TempPathFactory, passages: list[list[str]], at_once: int, written_at_once: int
) -> None:
    folder = tmp_path_factory.mktemp("field")
    written(folder / "whole", passages)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexical_writer, "_WRITTEN_AT_ONCE", written_at_once)
        written(folder / "pieces", passages, at_once=at_once)
    for name in ("keys.npy", "starts.npy", "rows.npy", "impacts.npy"):
        assert (folder / "whole" / name).read_bytes() == (folder / "pieces" / name).read_bytes()


@given(st.lists(_TERMS, min_size=1, max_size=40), _TERMS, st.integers(1, 7), st.integers(1, 9))
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sections_of_any_size_give_the_same_scores(
    tmp_path_factory: pytest.TempPathFactory, passages: list[list[str]], query: list[str], at_once: int, section: int
) -> None:
    folder = tmp_path_factory.mktemp("field")
    expected = scores(written(folder / "one", passages), keys_of(query), len(passages))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexical, "SECTION", section)
        patch.setattr(lexical_writer, "SECTION", section)
        field = written(folder / "many", passages, at_once=at_once)
        assert mapped(folder / "many" / "starts.npy").shape[0] == -(-len(passages) // section)
        assert scores(field, keys_of(query), len(passages)) == expected
        assert field.weights(query) == MappedField(folder / "one", len(passages)).weights(query)


def test_words_and_bigrams_are_added_up_by_their_shares(tmp_path: Path) -> None:
    texts = ["東京タワーは1958年に完成した。", "金閣寺は京都にある。", "", "東京の寺院"]
    writer = LexicalWriter(tmp_path, k1=0.4, b=0.3)
    writer.add([keys_of(terms(text)) for text in texts], texts)
    writer.finish()
    both, query = Lexical.open(tmp_path, len(texts)), "東京の高さ"
    words = scores(MappedField(tmp_path / "words", len(texts)), keys_of(terms(query)), len(texts))
    pairs = scores(MappedField(tmp_path / "bigrams", len(texts)), bigram_keys(query), len(texts))
    expected = [0.7 * word + 0.3 * pair for word, pair in zip(words, pairs, strict=True)]
    assert both.scores(query, "ja", 0.3).tolist() == pytest.approx(expected, rel=1e-5)
    assert expected[0] > 0 and expected[1] == expected[2] == 0


@given(st.text())
def test_bigrams_are_all_neighbours_in_a_run_and_characters_that_have_none(text: str) -> None:
    expected = []
    for run in runs(text):
        expected += [ord(a) << 32 | ord(b) for a, b in itertools.pairwise(run)] or [ord(run)]

    assert sorted(bigram_keys(text).tolist()) == sorted(expected)


def test_rare_terms_weigh_more_and_unknown_ones_most(tmp_path: Path) -> None:
    field = written(tmp_path / "words", [["塔", "寺"], ["塔"], ["塔"]])
    common, rare, unseen = field.weights(["塔", "寺", "城"])
    assert common < rare < unseen


def test_passages_without_any_term_are_indexed_all_the_same(tmp_path: Path) -> None:
    assert scores(written(tmp_path / "words", [[], []]), keys_of(["塔"]), 2) == [0, 0]


def test_a_missing_file_is_named_with_the_mend(tmp_path: Path) -> None:
    written(tmp_path / "words", [["塔"]])
    (tmp_path / "words" / "rows.npy").unlink()
    with pytest.raises(SnapshotError, match=r"words.*rag build"):
        MappedField(tmp_path / "words", 1)


def test_an_array_written_in_parts_is_the_array(tmp_path: Path) -> None:
    with ArrayWriter(tmp_path / "a.npy", np.uint32) as writer:
        for part in ([1, 2], [], [3]):
            writer.append(np.array(part))
    assert mapped(tmp_path / "a.npy").tolist() == [1, 2, 3]
    assert np.load(tmp_path / "a.npy").dtype == np.uint32


def test_an_array_whose_writing_was_broken_off_is_empty(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), ArrayWriter(tmp_path / "a.npy", np.uint32) as writer:
        writer.append(np.array([1, 2]))
        raise RuntimeError
    assert mapped(tmp_path / "a.npy").tolist() == []
