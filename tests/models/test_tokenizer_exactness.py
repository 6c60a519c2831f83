"""The tokenizer over mapped arrays gives the tokens of ``tokenizers`` with the model's ``tokenizer.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.models.bundled import bundled_folder
from rag.models.e5s1 import Vocabulary
from rag.models.tokenizer import FILE, Tokenizer, load_tokenizer
from rag.models.vocabulary import compile_vocabulary
from training.hub import hub_folder
from training.hub.tokenizer import build_tokenizer

from . import miniature
from .conftest import DEFAULT
from .test_tokenizer import TEXTS

PIECES = ["<unk>", "</s>", "<s>", "unk>", "▁", "  ", "\0", "東京", "日本", "ーーー", "ｶﾞ", "か\u3099", "Ａ\u0301"]
MORE_TEXTS = [
    "\u0340\u0301",
    "Ａ\0\u0301",
    "Ａ\u0301\u0302",
    "\r\n\r\n",
    "hunk><unk>",
    "㌔\x01㌔",
    "\x01\x02本文",
    "ー" * 999,
    "-= " * 500,
    "終わりのない文が続いてゆく" * 800,
]

# Characters that Unicode has not assigned yet belong to a cluster or not by the version of its tables.
assigned = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=30)
odd = st.lists(st.one_of(assigned, st.sampled_from(PIECES)), max_size=8).map("".join)


@pytest.fixture(scope="module")
def ours(model_cache: Path) -> Tokenizer:
    return load_tokenizer(bundled_folder(DEFAULT, model_cache))


@pytest.fixture(scope="module")
def theirs(model_cache: Path) -> Any:
    return from_file(hub_folder(DEFAULT, model_cache) / "tokenizer.json")


def from_file(path: Path) -> Any:
    from tokenizers import Tokenizer as HubTokenizer

    tokenizer = HubTokenizer.from_file(str(path))
    tokenizer.encode_special_tokens = True
    return tokenizer


@pytest.mark.parametrize("text", [*TEXTS.values(), *MORE_TEXTS])
def test_a_text_has_the_tokens_of_the_hub_format(ours: Tokenizer, theirs: Any, text: str) -> None:
    (tokens,) = ours([text])
    assert tokens.ids.tolist() == theirs.encode(text, add_special_tokens=False).ids


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(odd, max_size=4))
def test_any_texts_have_the_tokens_of_the_hub_format(ours: Tokenizer, theirs: Any, texts: list[str]) -> None:
    expected = [encoding.ids for encoding in theirs.encode_batch(texts, add_special_tokens=False)]
    assert [tokens.ids.tolist() for tokens in ours(texts)] == expected


@pytest.mark.parametrize(
    "text", ["栞は日本語の文書を検索します。", "RAG（検索拡張生成）\n hallucination を  減らす", "①㌔、㍿の　ｶﾞ"]
)
def test_tokens_have_the_characters_of_the_hub_format(ours: Tokenizer, theirs: Any, text: str) -> None:
    (tokens,) = ours([text])
    found = list(zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True))
    assert found == theirs.encode(text, add_special_tokens=False).offsets


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=odd)
def test_tokens_lie_within_their_text_in_order(ours: Tokenizer, text: str) -> None:
    (tokens,) = ours([text])
    assert (tokens.starts < tokens.ends).all() and (tokens.ends <= len(text)).all()
    assert (tokens.starts[1:] >= tokens.starts[:-1]).all() and (tokens.starts >= 0).all()


def test_a_dropped_character_in_front_does_not_move_the_tokens_behind_it(ours: Tokenizer) -> None:
    (tokens,) = ours(["\x01本"])
    assert (tokens.starts[-1], tokens.ends[-1]) == (1, 2)


def test_half_of_a_surrogate_pair_is_an_unknown_character(ours: Tokenizer) -> None:
    lone, unknown = ours(["検索\ud83d", "検索\u0378"])
    assert lone.ids.tolist() == unknown.ids.tolist()


def test_texts_beyond_one_block_are_all_there_and_in_order(ours: Tokenizer) -> None:
    texts = [f"第{number}節の本文。" * 400 for number in range(30)]
    assert [tokens.ids.tolist() for tokens in ours(texts)] == [ours([text])[0].ids.tolist() for text in texts]


def test_no_texts_have_no_tokens(ours: Tokenizer) -> None:
    assert ours([]) == []
    assert [len(tokens) for tokens in ours(["", "", ""])] == [0, 0, 0]


# A character that is in pieces but is none by itself; bundled vocabularies have none such.
LETTERS = "ab<>c"
HOLED = (*miniature.SPECIAL, ("ab", -3.0), ("▁a", -4.5), ("b", -3.5), ("abc", -9.0), ("c>", -2.0))
VOCABULARY = Vocabulary(HOLED, bos=0, eos=2, pad=1, unk=3)


@pytest.fixture(scope="module")
def pair() -> tuple[Tokenizer, Any]:
    theirs = build_tokenizer(VOCABULARY, miniature.CHARACTER_MAP)
    theirs.encode_special_tokens = True
    return Tokenizer(compile_vocabulary(VOCABULARY, miniature.CHARACTER_MAP)), theirs


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.sampled_from([*LETTERS, " ", "z", "Ａ"]), max_size=12))
def test_a_vocabulary_with_holes_has_the_tokens_of_the_hub_format(pair: tuple[Tokenizer, Any], text: str) -> None:
    ours, theirs = pair
    (tokens,) = ours([text])
    assert tokens.ids.tolist() == theirs.encode(text, add_special_tokens=False).ids


def test_a_tokenizer_that_is_missing_or_cut_short_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_tokenizer(tmp_path)
    (tmp_path / FILE).write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    with pytest.raises(ModelError, match="cannot be read"):
        load_tokenizer(tmp_path)
