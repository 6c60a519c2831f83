"""Questions proposed from documents by rule, and only where they are answered well."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag import Engine, Settings, build, proposing
from rag.candidates import Candidate, candidates
from rag.corpus import read_documents
from rag.corpus.blocks import Block, Cell, Table
from rag.corpus.document import Document, Heading
from rag.proposing import keep, kept, propose


def document(text: str, language: str = "ja", *headings: str, blocks: tuple[Block, ...] = ()) -> Document:
    found = tuple(Heading(text.index(words), text.index(words) + len(words), 1) for words in headings)
    return Document("a.txt", "題名", text, language, found, blocks=blocks)


def questions(made: Document, turn: int = 0) -> list[str]:
    return [each.question for each in candidates(made, turn)]


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
            document("鍵をなくしたとき\n届け出る。\n", "ja", "鍵をなくしたとき"),
            "鍵をなくしたときはどうすればよいですか？",
        ),
        (document("書類の提出先\n総務課。\n", "ja", "書類の提出先"), "書類の提出先はどこですか？"),
        (document("毎日すること\n施錠。\n", "ja", "毎日すること"), "毎日することは何ですか？"),
        (document("第8条（採用時の書類）　次の書類を出す。\n"), "採用時の書類は何ですか？"),
        (
            document("Q1. 駐車場はありますか？\nあります。\n", blocks=(Block(0, 20, "pair", ((0, 14), (15, 20))),)),
            "駐車場はありますか？",
        ),
        (
            document("職員証をなくしました。\n届け出る。\n", blocks=(Block(0, 17, "pair", ((0, 11), (12, 17))),)),
            "職員証をなくしました。どうすればよいですか？",
        ),
        (
            document("汚れた床の消毒\n1. 拭く\n", "ja", "汚れた床の消毒", blocks=(Block(8, 13, "steps", ((8, 13),)),)),
            "汚れた床の消毒はどのように行いますか？",
        ),
        # A figure is asked for by the word for its kind, in its place in the sentence.
        (document("駐車場の使用料は月に3,000円です。\n"), "駐車場の使用料は月にいくらですか？"),
        (document("新館の開館式は4月10日に行います。\n"), "新館の開館式はいつ行いますか？"),
        (document("夏期の開館時刻は午前9時とする。\n"), "夏期の開館時刻は何時ですか？"),
        (document("図書の貸出期間は14日間です。\n"), "図書の貸出期間は何日間ですか？"),
        (document("会議室の予約は3か月前から受け付けます。\n"), "会議室の予約は何か月前から受け付けますか？"),
        (document("The parking fee is 500 yen.\n", "en"), "How much is the parking fee?"),
        (document("The trial period is 30 days.\n", "en"), "How long is the trial period?"),
        # What is said in few words is asked for under its heading.
        (document("体操教室\n参加費は500円です。\n", "ja", "体操教室"), "体操教室の参加費はいくらですか？"),
    ],
)
def test_each_rule_makes_the_question_that_somebody_would_ask(made: Document, question: str) -> None:
    assert question in questions(made)


def table(*lines: str) -> Document:
    text = "\n".join(lines) + "\n"
    cells, start = [], 0
    for row, line in enumerate(lines):
        for column, words in enumerate(line.split("\t")):
            cells.append(Cell(start, start + len(words), row, column))
            start += len(words) + 1
    return document(text, blocks=(Block(0, len(text), "table", table=Table(tuple(cells), 1)),))


@pytest.mark.parametrize(
    ("lines", "question", "words"),
    [
        (("区分\t日当", "国内\t2,000円"), "国内の日当はいくらですか？", "2,000円"),
        (("工程\t予定", "要件の確認\t2025年6月"), "要件の確認の予定はいつですか？", "2025年6月"),
        (("部署\t番号", "防災センター\t1555"), "防災センターの番号は何番ですか？", "1555"),
        (("勤続\t日数", "半年未満\t5日"), "半年未満の日数は何日ですか？", "5日"),
        (("病室\t部屋", "個室\t201〜204号室"), "個室の部屋は何号室ですか？", "201〜204号室"),
        (("機器\t設置場所", "輸液ポンプ\t3階病棟"), "輸液ポンプの設置場所はどこですか？", "3階病棟"),
        (("業務\t担当者", "受付\t浜野"), "受付の担当者は誰ですか？", "浜野"),
        (("放送\t意味", "コードブルー\t心停止"), "コードブルーの意味は何ですか？", "心停止"),
        # What there are several of is named first, whichever way the table lies.
        (("項目\tIVP-320", "流量範囲\t1〜999mL/h"), "IVP-320の流量範囲はどのくらいですか？", "1〜999mL/h"),
        (("科目\t2021年度", "入院収益\t1,284,600"), "2021年度の入院収益はいくらですか？", "1,284,600"),
        # A figure before other words of a row, and nothing of a cell that says no more than yes.
        (("薬品\t備考\t単価", "包帯\t特になし品\t120円"), "包帯の単価はいくらですか？", "120円"),
        (("薬品\t冷所\t区分", "包帯\tなし\t衛生材料"), "包帯の区分は何ですか？", "衛生材料"),
    ],
)
def test_a_cell_is_asked_for_by_its_row_and_column_and_what_it_holds(
    lines: tuple[str, ...], question: str, words: str
) -> None:
    (made,) = candidates(table(*lines))
    assert (made.question, made.words) == (question, words)


@pytest.mark.parametrize(
    "sentence",
    [
        "これは3日間です。",  # of what?
        "参加費は500円です。",  # of what, without a heading
        "申込みは4月1日から4月30日までです。",  # two figures
        "退院した日は1日分をいただきます。",  # the figure is part of a word
        "館内の見回りは1日に何度も行う。",  # what is told is told of the figure
        "工事の金額は412,500円で了承を得ました。",  # more is told than the figure
    ],
)
def test_no_figure_is_asked_for_that_would_be_read_as_a_riddle(sentence: str) -> None:
    assert questions(document(f"{sentence}\n")) == []


def test_documents_are_not_all_asked_for_the_same_kind_and_headings_come_last() -> None:
    text = "巡視の記録\n施設巡視とは、館内を見て回ることをいう。\n施設巡視の終わりは22時に行う。\n"
    made = document(text, "ja", "巡視の記録")
    first, other = questions(made), questions(made, 2)
    assert first[0] == "施設巡視とは何ですか？" and other[0] == "施設巡視の終わりは何時に行いますか？"
    assert first[-1] == other[-1] == "巡視の記録について教えてください。" and sorted(first) == sorted(other)


@pytest.mark.parametrize("text", ["これとは、違うものを使うことになっている。\n", "目次\nはじめに\n", ""])
def test_nothing_is_made_of_what_names_nothing(text: str) -> None:
    headings = [line for line in text.split("\n") if line in ("目次", "はじめに")]
    assert questions(document(text, "ja", *headings)) == []


def test_no_candidate_of_the_seeds_is_long_or_holds_markup(seeds: Path) -> None:
    found = [q for d in read_documents([seeds]) if isinstance(d, Document) for q in questions(d)]
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
    # What is damaged, or was proposed by the rules of before, is proposed anew.
    for written in ("[{]", "[]", '{"rules": 1, "questions": []}'):
        (tmp_path / "proposed.json").write_text(written, encoding="utf-8")
        assert kept(tmp_path) is None


def test_a_question_is_not_proposed_where_the_answer_is_another_than_it_was_made_of(
    seed_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer can be sure, from the right document, and of something else."""
    engine = Engine.open(seed_index, Settings.load())
    made = proposing.candidates

    def otherwise(document: Document, turn: int = 0) -> list[Candidate]:
        return [replace(each, words="ここにはない言葉") for each in made(document, turn)]

    monkeypatch.setattr(proposing, "candidates", otherwise)
    assert list(propose(engine)) == []


def test_whoever_waits_can_end_it(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 休暇の種類\n\n年次休暇とは、毎年ある休暇のことです。\n", encoding="utf-8")
    build(tmp_path / "a.md", index=tmp_path / "index")

    def wait() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        list(propose(Engine.open(tmp_path / "index"), wait))
