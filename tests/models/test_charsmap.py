"""The compiled character map, as ``tokenizers`` reads it."""

from __future__ import annotations

import pytest
import regex
from hypothesis import assume, given
from hypothesis import strategies as st
from tokenizers.normalizers import Precompiled

from training.hub.charsmap import compile_charsmap

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
maps = st.dictionaries(characters, st.text(characters, max_size=3), min_size=1, max_size=40)


@given(maps, st.text(characters, max_size=20), st.data())
def test_every_character_is_replaced_by_what_the_map_says(
    mapping: dict[str, str], text: str, data: st.DataObject
) -> None:
    text += "".join(data.draw(st.lists(st.sampled_from(sorted(mapping)), max_size=10)))
    # Precompiled takes a short grapheme cluster for one character, in XLM-RoBERTa's own tokenizer as well.
    assume(all(len(cluster) == 1 for cluster in regex.findall(r"\X", text)))
    assert Precompiled(compile_charsmap(mapping)).normalize_str(text) == "".join(mapping.get(c, c) for c in text)


def test_a_key_of_two_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="one character"):
        compile_charsmap({"ab": "c"})


def test_nul_is_refused_because_it_ends_a_string() -> None:
    with pytest.raises(ValueError, match="NUL"):
        compile_charsmap({"a": "\0"})
