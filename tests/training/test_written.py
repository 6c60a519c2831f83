from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from rag.errors import DatasetError
from rag.models.encoder import EncoderShape
from rag.reader.input import ReaderTokenizer
from training.batches import Group
from training.data import TokenSpan
from training.losses import group_losses
from training.mixture import Mixing, Mixture, ParallelSampler, WrittenSampler, is_held_out, kept_back
from training.network import ReaderNetwork
from training.written import Marked, Written, collect, read_set, read_written

QUESTIONS = Path(__file__).parents[2] / "training" / "questions"
SETS = sorted(path.name.removesuffix(".questions.jsonl") for path in QUESTIONS.glob("*.questions.jsonl"))


@pytest.mark.parametrize("name", SETS)
def test_what_answers_stands_in_the_document(name: str) -> None:
    documents, questions = read_set(QUESTIONS / name)
    texts = {each["id"]: each["text"] for each in documents}

    assert len({each["id"] for each in questions}) == len(questions) > 400
    for each in questions:
        assert each["question"].strip()
        assert all(unit in texts[each["document"]] for unit in each["units"]), each["id"]
        assert all(any(span in unit for unit in each["units"]) for span in each["spans"]), each["id"]
        assert (each["kind"] == "unanswerable") == (not each["units"]) == (not each["spans"]), each["id"]


def test_the_sets_are_enough_and_some_of_each_is_held_out() -> None:
    everything = [read_set(QUESTIONS / name) for name in SETS]

    assert sum(len(questions) for _, questions in everything) >= 4000
    for documents, _ in everything:
        held_out = [each for each in documents if is_held_out(each["id"])]
        assert 1 <= len(held_out) < len(documents) / 2


def _set(folder: Path, span: str = "1,480円") -> Path:
    fares = "区分\t本島行き\t離島行き\n大人\t1,480円\t2,360円\n小人\t740円\t1,180円"
    text = f"渡し船の運賃表\n\n{fares}\n\n切符は乗り場の窓口で売ります。"
    document = {"id": "z1", "genre": "price list", "language": "ja", "title": "渡し船の運賃表", "text": text}
    row = "大人\t1,480円\t2,360円"
    questions = [
        {"id": "z1-1", "kind": "table", "question": "本島まで大人はいくらですか？", "units": [row], "spans": [span]},
        {"id": "z1-2", "kind": "unanswerable", "question": "犬の運賃はいくらですか？", "units": [], "spans": []},
    ]
    questions = [{**each, "document": "z1", "language": "ja"} for each in questions]
    (folder / "boat.documents.jsonl").write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in questions)
    (folder / "boat.questions.jsonl").write_text(lines, encoding="utf-8")
    return folder / "boat"


def test_units_are_marked_as_they_are_read(tmp_path: Path) -> None:
    asked, missing = collect(_set(tmp_path))

    (row,) = [unit for unit in asked.units if unit.answers]
    assert row.span is not None
    assert row.text[slice(*row.span)] == "1,480円"
    assert "本島行き" in row.text  # the heads of the table are read with the row
    (passage,) = [each for each in asked.passages if each.answers]
    assert passage.span is not None
    assert passage.text[slice(*passage.span)] == "1,480円"
    assert missing.kind == "unanswerable"
    assert not any(each.answers for each in (*missing.units, *missing.passages))
    written = tmp_path / "written.jsonl"
    written.write_text("".join(json.dumps(asdict(each)) + "\n" for each in (asked, missing)), encoding="utf-8")
    assert read_written(written) == [asked, missing]


def test_a_unit_that_does_not_stand_there_is_refused(tmp_path: Path) -> None:
    prefix = _set(tmp_path)
    questions = prefix.with_name("boat.questions.jsonl")
    questions.write_text(questions.read_text(encoding="utf-8").replace("2,360円", "9円"), encoding="utf-8")

    with pytest.raises(DatasetError, match="z1-1"):
        list(collect(prefix))


def _written(number: int, *, answered: bool = True) -> Written:
    right = Marked(
        f"田中{number}は京都の生まれた人。", f"d{number}", True, (len(f"田中{number}は"), len(f"田中{number}は京都"))
    )
    wrong = [Marked(f"佐藤{other}は大阪の人。", f"e{other}", False) for other in range(9)]
    unknown = Marked("田中は京都、佐藤は大阪。", f"d{number}", None)
    units = ([right, unknown] if answered else []) + wrong
    kind = "fact" if answered else "unanswerable"
    return Written(
        f"q{number}", kind, f"田中{number}はどこで生まれた?", f"d{number}", (right, *wrong[:3]), tuple(units)
    )


def test_a_group_holds_what_answers_and_rivals_that_do_not(encoder: Path) -> None:
    tokenize = ReaderTokenizer(encoder)
    mixing = Mixing(written_questions=2, with_passages=0.0, unit_rivals=4)
    sampler = WrittenSampler([_written(1), _written(2, answered=False)], tokenize, mixing, seed=1)

    groups = [group for step in range(12) for group in sampler.step(step, 0.0)]

    answered = [group for group in groups if group.is_answered]
    refused = [group for group in groups if not group.is_answered]
    assert len(answered) == len(refused) == 12
    (place,) = tokenize(["京都"])
    for group in answered:
        assert group.span is not None
        assert set(place.ids) - {*tokenize(["私"])[0].ids} <= set(group.passages[0])
        assert group.holds == (True, False, False, False, False)
    assert all(group.span is None and group.holds == (False,) * 5 for group in refused)
    again = sampler.step(3, 0.0)
    assert all(np.array_equal(a.passages[1], b.passages[1]) for a, b in zip(sampler.step(3, 0.0), again, strict=True))


def test_passages_come_with_some_questions_and_questions_on_nothing_are_left_out(encoder: Path) -> None:
    lost = Written("q9", "fact", "私は?", "d9", (), (Marked("年。", "e", False),))
    sampler = WrittenSampler(
        [_written(1), lost], ReaderTokenizer(encoder), Mixing(written_questions=1, with_passages=1.0), 1
    )

    assert sampler.steps_per_epoch == 1
    assert [len(group.passages) for group in sampler.step(0, 0.0)] == [8, 3]


def test_paragraphs_are_asked_of_their_translation(encoder: Path) -> None:
    pairs = [{"source": "a", "ja": f"京都{number}年生まれ" * 3, "en": f"{number}" * 20} for number in range(5)]
    tokenize = ReaderTokenizer(encoder)
    sampler = ParallelSampler(pairs, tokenize, Mixing(parallel_pairs=2, passage_rivals=2), seed=1)
    both = Mixture([sampler, sampler])

    for group in (group for step in range(4) for group in sampler.step(step, 0.0)):
        assert len(group.passages) == 4
        assert group.span is None
        assert group.is_answered
    assert both.steps_per_epoch == sampler.steps_per_epoch
    assert len(both.step(0, 0.0)) == 4


def test_held_out_documents_are_kept_back() -> None:
    found = [_written(number) for number in range(40)]
    back, kept = kept_back(found, held_out=True), kept_back(found, held_out=False)

    assert back
    assert len(back) + len(kept) == 40
    assert {each.document for each in back}.isdisjoint(each.document for each in kept)


def _group(sizes: Sequence[int], span: TokenSpan | None, *, is_answered: bool) -> Group:
    texts = tuple(np.arange(size, dtype=np.int64) + 20 for size in sizes)
    holds = (is_answered, *[False] * (len(sizes) - 1))
    return Group(np.arange(5, dtype=np.int64) + 10, texts, span, (0.0,) * len(sizes), holds, is_answered)


def test_where_nothing_answers_relevance_alone_is_learnt() -> None:
    torch.manual_seed(0)
    network = ReaderNetwork(EncoderShape(layers=1, heads=2, hidden=8, intermediate=16, positions=80))
    words = torch.randn(90, 8)

    refused = group_losses(network, words, [_group([7, 5, 40], None, is_answered=False)])
    listed = group_losses(network, words, [_group([7, 5, 40], None, is_answered=True)])
    marked = group_losses(network, words, [_group([7, 5, 40], TokenSpan(1, 2, 0, 0), is_answered=True)])

    assert [float(part.detach()) for part in (refused.span, refused.trim, refused.ranking)] == [0.0, 0.0, 0.0]
    assert float(refused.relevance.detach()) > 0
    assert float(listed.span.detach()) == 0.0
    assert float(listed.ranking.detach()) > 0
    assert float(marked.span.detach()) > 0
    assert float(marked.ranking.detach()) == pytest.approx(float(listed.ranking.detach()))
