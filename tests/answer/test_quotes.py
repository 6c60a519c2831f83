"""Whatever a document looks like: what is cited of it stands in it, at the offsets given."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.answer.making import Held, document

WORDS = st.text(alphabet="あいう机椅子円0123,.AB-[]|（）", min_size=1, max_size=8).map(lambda t: t.replace("|", "／"))
SENTENCE = st.lists(WORDS, min_size=1, max_size=4).map(lambda words: "".join(words) + "です。")
LIST = st.lists(WORDS, min_size=2, max_size=5).map(lambda items: "\n".join(f"・{item}" for item in items))
STEPS = st.lists(WORDS, min_size=2, max_size=4).map(
    lambda items: "\n".join(f"{n}. {item}" for n, item in enumerate(items, 1))
)
FORM = st.lists(WORDS, min_size=2, max_size=4).map(lambda items: "\n".join(f"項目{item}：{item}" for item in items))
QUESTIONS = st.sampled_from(
    [
        "机の円は？",
        "一番高い机は？",
        "0の合計は？",
        "項目を全部挙げて",
        "机の手順は？",
        "机と椅子はいくらですか？",
        "机を使えますか？",
    ]
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    columns = draw(st.integers(2, 4))
    row = st.lists(WORDS, min_size=columns, max_size=columns)
    head, *rows = draw(st.lists(row, min_size=2, max_size=4))
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * columns, *lines[1:]])


@st.composite
def merged_tables(draw: st.DrawFn) -> str:
    """A table of HTML in which a cell reaches over rows or columns."""
    words = draw(st.lists(WORDS, min_size=9, max_size=9))
    down, across = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    rows = [
        f"<tr><th>{words[0]}</th><th>{words[1]}</th><th>{words[2]}</th></tr>",
        f'<tr><td rowspan="{down}">{words[3]}</td><td colspan="{across}">{words[4]}</td></tr>',
        f"<tr><td>{words[5]}</td><td>{words[6]}</td></tr>",
        f"<tr><td>{words[7]}</td><td>{words[8]}</td></tr>",
    ]
    return f"<table>{''.join(rows)}</table>"


def check(name: str, text: str, question: str, relevant: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = document(Path(folder), name, text)
    answer = Held((found,)).answer(question, {relevant: 4.0})
    for c in answer.citations:
        assert found.text[c.start : c.end] == c.quote
        assert c.line == found.line(c.start)
        assert c.context is None or found.text[c.context.start : c.context.end] == c.context.text


@settings(max_examples=60)
@given(st.lists(SENTENCE | LIST | STEPS | FORM | tables(), min_size=1, max_size=4), QUESTIONS, WORDS)
def test_a_quote_stands_where_it_is_said_to(blocks: list[str], question: str, relevant: str) -> None:
    check("文書.md", "# 題名\n\n" + "\n\n".join(blocks) + "\n", question, relevant)


@settings(max_examples=40)
@given(SENTENCE, merged_tables(), QUESTIONS, WORDS)
def test_a_quote_of_a_table_with_merged_cells_stands_where_it_is_said_to(
    sentence: str, table: str, question: str, relevant: str
) -> None:
    page = f"<html><body><h1>題名</h1><p>{sentence}</p>{table}<p>{sentence}</p></body></html>"
    check("文書.html", page, question, relevant)
