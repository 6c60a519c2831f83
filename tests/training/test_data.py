from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DatasetError
from rag.reader.input import ReaderTokenizer
from rag.reader.spans import MAX_TRIM, PassageLogits, best_spans
from training.data import load_squad, read_mined, rivalries, split_by_article, token_span, tokenize


def test_every_question_of_a_folder_is_read_with_its_answer_in_place(data_file: Path) -> None:
    data = load_squad(data_file.parent)

    assert len(data.paragraphs) == 12
    assert len(data.questions) == 48
    first = data.questions[0]
    assert first.text == "田中はどこで生まれた?"
    assert data.answer_texts(first) == ["京都"]


def test_held_out_articles_share_no_question_with_the_rest(data_file: Path) -> None:
    data = load_squad(data_file)
    train, held_out = split_by_article(data, 2, seed=1)

    articles = [{part.paragraphs[q.paragraph].article for q in part.questions} for part in (train, held_out)]
    assert not articles[0] & articles[1]
    assert len(articles[1]) == 2
    assert len(train.questions) + len(held_out.questions) == len(data.questions)


def test_an_answer_that_does_not_stand_where_it_says_is_refused_with_its_question(tmp_path: Path) -> None:
    record = {
        "title": "t",
        "paragraphs": [
            {
                "context": "田中は京都",
                "qas": [{"id": "q7", "question": "?", "answers": [{"text": "京都", "answer_start": 0}]}],
            }
        ],
    }
    (tmp_path / "bad.json").write_text(json.dumps({"data": [record]}), encoding="utf-8")

    with pytest.raises(DatasetError, match=r"bad\.json.*q7"):
        load_squad(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{", '{"data": [{}]}'])
def test_a_file_that_is_not_squad_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")

    with pytest.raises(DatasetError, match="Not a SQuAD-style file"):
        load_squad(tmp_path / "bad.json")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No "):
        load_squad(tmp_path)


def test_a_particle_glued_to_the_answer_is_trimmed(encoder: Path) -> None:
    text = "佐藤は大阪の生まれた人。"
    (tokens,) = ReaderTokenizer(encoder)([text])

    span = token_span(tokens, 3, 5)

    assert text[tokens.starts[span.last] : tokens.ends[span.last]] == "阪の"
    assert (span.start_trim, span.end_trim) == (0, 1)


@given(text=st.text("田中佐藤は大阪の京都 。\n", min_size=1), data=st.data())
def test_an_answer_survives_the_way_to_tokens_and_back(encoder: Path, text: str, data: st.DataObject) -> None:
    (tokens,) = ReaderTokenizer(encoder)([text])
    visible = [i for i, character in enumerate(text) if not character.isspace()]
    if not visible:
        assert len(tokens) == 0
        return
    start = data.draw(st.sampled_from(visible))
    end = data.draw(st.sampled_from([i for i in visible if i >= start])) + 1

    span = token_span(tokens, start, end)
    logits = PassageLogits(
        start=np.eye(len(tokens), dtype=np.float32)[span.first],
        end=np.eye(len(tokens), dtype=np.float32)[span.last],
        start_trim=np.tile(np.eye(MAX_TRIM + 1, dtype=np.float32)[span.start_trim], (len(tokens), 1)),
        end_trim=np.tile(np.eye(MAX_TRIM + 1, dtype=np.float32)[span.end_trim], (len(tokens), 1)),
    )
    if span.last - span.first < 32:
        (best,) = best_spans(logits, tokens, text, 1)
        assert text[best.start : best.end] == text[start:end]


def test_white_space_alone_is_no_answer(encoder: Path) -> None:
    (tokens,) = ReaderTokenizer(encoder)(["  "])

    with pytest.raises(DatasetError):
        token_span(tokens, 0, 1)


def test_hits_of_other_data_are_refused(data_file: Path, tmp_path: Path) -> None:
    (tmp_path / "n.jsonl").write_text(
        '{"question": "0-0-0", "hits": [["elsewhere#0", 1.0, false]]}\n', encoding="utf-8"
    )

    with pytest.raises(DatasetError, match="elsewhere"):
        read_mined(tmp_path / "n.jsonl", load_squad(data_file))


def test_a_file_without_hits_is_refused(data_file: Path, tmp_path: Path) -> None:
    (tmp_path / "n.jsonl").write_text('{"question": "1"}\n', encoding="utf-8")

    with pytest.raises(DatasetError, match="hits"):
        read_mined(tmp_path / "n.jsonl", load_squad(data_file))


def test_questions_that_were_not_mined_have_no_rivals(data_file: Path, mined_file: Path, tmp_path: Path) -> None:
    data = load_squad(data_file)
    some = tmp_path / "some.jsonl"
    some.write_text(mined_file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")

    mined, other = rivalries(read_mined(some, data), data)[:2]

    assert (len(mined.rivals), mined.lead) == (11, -1.0)
    assert (len(other.rivals), other.lead) == (0, math.inf)


def test_tokens_stand_in_the_order_of_the_data(data_file: Path, encoder: Path) -> None:
    data = load_squad(data_file)
    tokens = tokenize(data, ReaderTokenizer(encoder))

    assert len(tokens.paragraphs) == len(data.paragraphs)
    for question, span in zip(data.questions, tokens.spans, strict=True):
        of = tokens.paragraphs[question.paragraph]
        start, end = question.answers[0]
        assert of.starts[span.first] + span.start_trim == start
        assert of.ends[span.last] - span.end_trim == end
