"""Questions proposed from documents by rule, and only where they are answered well."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Engine, Settings, build
from rag.corpus import read_documents
from rag.corpus.blocks import Block, Cell, Table
from rag.corpus.document import Document, Heading
from rag.proposing import candidates, keep, kept, propose


def document(text: str, language: str = "ja", *headings: str, blocks: tuple[Block, ...] = ()) -> Document:
    found = tuple(Heading(text.index(words), text.index(words) + len(words), 1) for words in headings)
    return Document("a.txt", "題名", text, language, found, blocks=blocks)


@pytest.mark.parametrize(
    ("made", "question"),
    [
        (document("年次有給休暇とは、労働者に与えられる休暇をいう。\n"), "年次有給休暇とは何ですか？"),
        (document("A passkey is a credential kept on a device.\n", "en"), "What is a passkey?"),
        (
            document("第3条（申請の手順）\n総務課に出す。\n", "ja", "第3条（申請の手順）"),
            "申請の手順を教えてください。",
        ),
        (document("2.1 対象者の条件\n社員。\n", "ja", "2.1 対象者の条件"), "対象者の条件は何ですか？"),
        (document("パスワードを忘れたら？\n再設定。\n", "ja", "パスワードを忘れたら？"), "パスワードを忘れたら？"),
        (
            document("Q1. 駐車場はありますか？\nあります。\n", blocks=(Block(0, 20, "pair", ((0, 14), (15, 20))),)),
            "駐車場はありますか？",
        ),
    ],
)
def test_each_rule_makes_its_question(made: Document, question: str) -> None:
    assert question in list(candidates(made))


def test_a_cell_is_asked_for_by_its_row_and_column() -> None:
    text = "区分\t日当\n国内\t2,000円\n"
    cells = [Cell(text.index(w), text.index(w) + len(w), n // 2, n % 2) for n, w in enumerate(text.split())]
    made = document(text, blocks=(Block(0, len(text), "table", table=Table(tuple(cells), 1)),))
    assert list(candidates(made)) == ["国内の日当は？"]


@pytest.mark.parametrize("text", ["これとは、違うものを使うことになっている。\n", "目次\nはじめに\n", ""])
def test_nothing_is_made_of_what_names_nothing(text: str) -> None:
    headings = [line for line in text.split("\n") if line in ("目次", "はじめに")]
    assert list(candidates(document(text, "ja", *headings))) == []


def test_no_candidate_of_the_seeds_is_long_or_holds_markup(seeds: Path) -> None:
    found = [q for d in read_documents([seeds]) if isinstance(d, Document) for q in candidates(d)]
    assert found
    assert all(6 <= len(question) <= 80 and not set(question) & set("*_`|<>\n") for question in found)


def test_only_what_the_own_document_answers_with_high_confidence_is_proposed_and_kept(
    tmp_path: Path, seed_index: Path
) -> None:
    engine = Engine.open(seed_index, Settings.load())
    asked: list[None] = []
    found = list(propose(engine, lambda: asked.append(None)))
    assert found and len(found) <= len(asked)
    for each in found:
        answer = engine.ask(each.question)
        assert not answer.abstained and answer.confidence >= 0.8 and answer.citations[0].document.source == each.source
    assert kept(tmp_path) is None
    keep(tmp_path, found)
    assert kept(tmp_path) == found
    keep(tmp_path / "nowhere", found)
    (tmp_path / "proposed.json").write_text("[{]", encoding="utf-8")
    assert kept(tmp_path) is None


def test_whoever_waits_can_end_it(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 休暇の種類\n\n年次休暇とは、毎年ある休暇のことです。\n", encoding="utf-8")
    build(tmp_path / "a.md", index=tmp_path / "index")

    def wait() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        list(propose(Engine.open(tmp_path / "index"), wait))
