"""Passages: exact spans of whole sentences, within every limit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunking import Chunker, embedded_text, whole
from rag.corpus.document import Document, Exclusion, Heading
from rag.language.terms import count_morphemes

BODY = "".join(f"これは{n}番目の文で、少しだけ長く書いてあります。" for n in range(60))


def count_tokens(texts: Sequence[str]) -> list[int]:
    return [2 + len(text) for text in texts]


def chunker(target: int = 60, overlap: int = 1, limit: int = 400) -> Chunker:
    return Chunker(target, overlap, limit, count_tokens)


def document(text: str, headings: tuple[Heading, ...] = (), excluded: tuple[Exclusion, ...] = ()) -> Document:
    return Document("a.txt", "題名", text, "ja", headings, excluded)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Texts of random lines, some of which are headings or excluded."""
    lines = draw(st.lists(st.text(alphabet="あ漢A1。、？「」 .!", max_size=60), max_size=12))
    kinds = draw(
        st.lists(st.sampled_from(["body", "body", "heading", "excluded"]), min_size=len(lines), max_size=len(lines))
    )
    headings, excluded, position = [], [], 0
    for line, kind in zip(lines, kinds, strict=True):
        if kind == "heading" and re.search(r"\w", line):
            headings.append(Heading(position, position + len(line), draw(st.integers(1, 3))))
        if kind == "excluded" and line:
            excluded.append(Exclusion(position, position + len(line), "share"))
        position += len(line) + 1
    return document("\n".join(lines), tuple(headings), tuple(excluded))


@given(documents(), st.integers(5, 40), st.integers(0, 2), st.integers(20, 80))
def test_passages_are_exact_spans_within_the_limit_and_outside_what_is_excluded(
    doc: Document, target: int, overlap: int, limit: int
) -> None:
    for passage in chunker(target, overlap, limit).passages(doc):
        assert doc.text[passage.start : passage.end] == passage.text
        assert count_tokens([passage.text])[0] <= limit
        assert not any(e.start < passage.end and passage.start < e.end for e in doc.excluded)
        assert passage.text.strip() == passage.text


def test_the_tokens_of_a_document_are_counted_at_once_however_many_sections_it_has() -> None:
    text = "\n".join(f"第{n}節\n{BODY[:80]}" for n in range(9))
    headings = tuple(Heading(match.start(), match.end(), 1) for match in re.finditer("第.節", text))
    asked: list[int] = []

    def counted(texts: Sequence[str]) -> list[int]:
        asked.append(len(texts))
        return count_tokens(texts)

    passages = Chunker(60, 1, 400, counted).passages(document(text, headings))
    assert len(passages) >= len(headings)
    assert len(asked) == 1


@given(documents(), st.integers(5, 40), st.integers(0, 2))
def test_every_letter_that_is_not_excluded_is_in_a_passage_or_in_a_heading_path(
    doc: Document, target: int, overlap: int
) -> None:
    passages = chunker(target, overlap).passages(doc)
    covered = {i for passage in passages for i in range(passage.start, passage.end)}
    covered |= {i for e in doc.excluded for i in range(e.start, e.end)}
    shown = "".join(heading for passage in passages for heading in passage.heading)
    for match in re.finditer(r"\w+", doc.text):
        assert covered.issuperset(range(match.start(), match.end())) or match.group() in shown


@given(documents())
def test_no_passage_reaches_across_a_heading(doc: Document) -> None:
    for passage in chunker().passages(doc):
        assert not any(passage.start < heading.start < passage.end for heading in doc.headings)


def test_passages_are_about_the_target_length_and_share_one_sentence() -> None:
    passages = chunker(target=60).passages(document(BODY))
    lengths = [count_morphemes(passage.text) for passage in passages]
    assert all(40 <= length <= 90 for length in lengths)
    for before, after in pairwise(passages):
        assert BODY[after.start : before.end].count("。") == 1


def test_a_passage_knows_the_headings_above_it() -> None:
    text = "章\n節\n本文です。\n次の節\n別の本文。"
    found = chunker().passages(document(text, (Heading(0, 1, 1), Heading(2, 3, 2), Heading(10, 13, 2))))
    assert [(p.heading, p.text) for p in found] == [
        (("章", "節"), "節\n本文です。"),
        (("章", "次の節"), "次の節\n別の本文。"),
    ]


def test_a_heading_without_text_below_it_is_a_passage_itself() -> None:
    found = chunker().passages(document("見出しだけ", (Heading(0, 5, 1),)))
    assert [p.text for p in found] == ["見出しだけ"]


def test_a_sentence_without_end_is_cut_at_commas() -> None:
    text = "とても長い文の一部、" * 200
    passages = chunker(limit=300).passages(document(text))
    assert all(p.text.endswith("、") for p in passages)
    assert passages[-1].end == len(text)


def test_a_document_as_given_is_one_passage() -> None:
    (passage,) = whole(document(BODY))
    assert (passage.start, passage.end, passage.text) == (0, len(BODY), BODY)


@pytest.mark.parametrize(
    ("embed_with", "expected"), [("text", "本文"), ("title", "題名\n本文"), ("heading", "題名 > 章\n本文")]
)
def test_title_and_headings_are_embedded_as_chosen(embed_with: str, expected: str) -> None:
    (passage,) = whole(document("本文"))
    under = type(passage)(passage.document_id, 0, 2, "本文", ("章",), "ja")
    assert embedded_text(under, "題名", embed_with) == expected
