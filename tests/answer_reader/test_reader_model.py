from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.reader.input import ReaderTokenizer
from rag.reader.model import Reader, window_starts
from rag.reader.weights import write_reader
from tests.training import tiny
from training.start import network_from_encoder

QUESTION = "田中はどこで生まれた?"
SHORT = "田中は京都の生まれた人。"
LONG = "".join(f"{person}は{place}の生まれた人。\n" for person in tiny.PEOPLE for place in tiny.PLACES)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> Path:
    network, _ = network_from_encoder(encoder, seed=2)
    return write_reader(tmp_path_factory.mktemp("weights"), network.shape, network.arrays(), {"encoder": "tiny"}).parent


@pytest.fixture(scope="module")
def reader(encoder: Path, weights: Path) -> Reader:
    return Reader.load(encoder, folder=weights, precision="float32")


@given(length=st.integers(0, 2000), size=st.integers(8, 400), share=st.integers(0, 7))
def test_windows_cover_every_token_and_overlap(length: int, size: int, share: int) -> None:
    starts = window_starts(length, size, share)

    covered = {token for start in starts for token in range(start, min(length, start + size))}
    assert covered == set(range(length))
    assert all(a < b <= a + size - share for a, b in itertools.pairwise(starts))


def test_spans_of_a_long_passage_lie_inside_it_and_apart(reader: Reader) -> None:
    (reading,) = reader.read(QUESTION, [LONG], count=5)

    assert len(reading.spans) == 5
    spans = sorted((span.start, span.end) for span in reading.spans)
    assert all(0 <= start < end <= len(LONG) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert [span.score for span in reading.spans] == sorted((span.score for span in reading.spans), reverse=True)


def test_a_passage_reads_the_same_alone_and_among_others(reader: Reader) -> None:
    (alone,) = reader.read(QUESTION, [SHORT])
    among = reader.read(QUESTION, [LONG, SHORT, "大阪。"])[1]

    assert among.relevance == pytest.approx(alone.relevance, abs=1e-4)
    assert [(s.start, s.end) for s in among.spans] == [(s.start, s.end) for s in alone.spans]


def test_a_passage_of_nothing_has_no_spans(reader: Reader) -> None:
    empty, blank = reader.read(QUESTION, ["", " \n"])

    assert empty.spans == blank.spans == ()


def test_a_question_longer_than_the_model_is_cut(reader: Reader) -> None:
    (reading,) = reader.read("田中は" * 500, [LONG])

    assert reading.spans


def test_eight_bit_arithmetic_gives_nearly_the_same_relevance(encoder: Path, weights: Path, reader: Reader) -> None:
    fast = Reader.load(encoder, folder=weights, precision="int8")
    passages = [SHORT, LONG[:60], "大阪の人。"]

    exact = np.array([reading.relevance for reading in reader.read(QUESTION, passages)])
    rounded = np.array([reading.relevance for reading in fast.read(QUESTION, passages)])

    np.testing.assert_allclose(rounded, exact, rtol=0.05, atol=0.05)


def test_facts_are_those_written_with_the_weights(reader: Reader) -> None:
    assert reader.facts == {"encoder": "tiny"}


def test_missing_weights_say_how_to_do_without(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--reader none"):
        Reader.load(encoder, folder=tmp_path)


def test_word_embeddings_of_another_width_are_refused(encoder: Path, weights: Path) -> None:
    with pytest.raises(ModelError, match="width 32"):
        Reader.load(encoder, folder=weights, words=np.zeros((50, 16), np.float32))


@given(st.text("田中は大阪の京都 。、\n\u3000a\u0301㌔", max_size=60))
def test_tokens_stand_for_their_characters_in_order(encoder: Path, text: str) -> None:
    (tokens,) = ReaderTokenizer(encoder)([text])

    assert all(start < end for start, end in zip(tokens.starts, tokens.ends, strict=True))
    assert list(tokens.starts) == sorted(tokens.starts)
    for start, end in zip(tokens.starts, tokens.ends, strict=True):
        assert text[start:end] == text[start:end].strip()
