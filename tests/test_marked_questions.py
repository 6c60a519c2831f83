"""Questions whose right answers readers have marked."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from rag import Engine, Settings, build
from rag.batch import read_questions
from rag.errors import QuestionError
from rag.evaluation import load_dataset
from rag.library import Evidence, Library, LibraryError, MarkedQuestion, lines
from rag.library.questions import MarkedQuestions

from .library_worker import use_no_model

TEXT = "休暇\n\n夏の休暇は\n五日です。申請は総務課へ出します。\n"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    use_no_model(monkeypatch.setattr)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "休暇.txt").write_text(TEXT, encoding="utf-8")
    build(tmp_path / "docs", index=tmp_path / "index")
    return Engine.open(tmp_path / "index", Settings.load(reader="none"))


def test_what_is_marked_is_a_dataset_over_the_documents_of_the_index(engine: Engine) -> None:
    engine.mark("夏の休暇は何日ですか？", [("休暇.txt", "五日")])
    engine.mark("申請はどこへ？", [("休暇.txt", "夏の休暇は 五日です。")], ["総務課"])
    engine.mark("社長はだれですか？")
    path = Library(engine.settings.index).questions.path
    documents = [engine.document(listed.id) for listed in engine.documents()]
    dataset = load_dataset(path, documents=documents)
    assert not dataset.refusals
    asked = {query.text: query for query in dataset.queries}
    assert asked["夏の休暇は何日ですか？"].answers == ("五日",)
    assert asked["申請はどこへ？"].answers == ("総務課",)
    assert asked["社長はだれですか？"].unanswerable
    start, end = asked["夏の休暇は何日ですか？"].judgements[0].spans[0]
    assert TEXT[start:end] == "五日"


def test_a_question_is_kept_once_whatever_its_width_and_spaces(tmp_path: Path) -> None:
    questions = MarkedQuestions(tmp_path)
    questions.put(MarkedQuestion("VPNは いつ？", ("昨日",), (Evidence("a.txt", "昨日"),)))
    assert questions.put(MarkedQuestion("ＶＰＮはいつ？")) == 1
    (line,) = questions.path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["answers"] == []
    questions.remove("vpnはいつ?")
    assert len(questions) == 0
    questions.put(MarkedQuestion("何？"))
    questions.clear()
    assert not questions.path.exists()


@pytest.mark.parametrize(
    ("question", "evidence", "answers"),
    [
        (" ", [], []),
        ("何？", [("休暇.txt", "六日")], []),
        ("何？", [("ない.txt", "五日")], []),
        ("何？", [("休暇.txt", " ")], []),
        ("何？", [], ["五日"]),
        ("何？", [("休暇.txt", "五日")] * 101, []),
        ("何？", [("休暇.txt", "五日")], ["五日"] * 101),
        ("何？", [("休暇.txt", "五日")], ["長" * 20_001]),
    ],
)
def test_what_no_document_holds_is_refused(
    engine: Engine, question: str, evidence: list[tuple[str, str]], answers: list[str]
) -> None:
    with pytest.raises(QuestionError):
        engine.mark(question, evidence, answers)
    assert not Library(engine.settings.index).questions.path.exists()


def test_the_file_takes_no_more_than_it_may_and_can_be_made_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = MarkedQuestions(tmp_path)
    questions.put(MarkedQuestion("一？" * 100))
    questions.put(MarkedQuestion("二？" * 100))
    before = questions.path.read_bytes()
    monkeypatch.setattr(lines, "MOST_BYTES", 500)
    with pytest.raises(LibraryError, match="longer"):
        questions.put(MarkedQuestion("三？" * 100))
    assert questions.path.read_bytes() == before
    questions.remove("一？" * 100)
    assert len(questions) == 1


def test_lines_of_others_stay_as_they_are_and_a_damaged_file_is_not_overwritten(tmp_path: Path) -> None:
    questions = MarkedQuestions(tmp_path)
    questions.path.write_text('{"id": "own", "question": "何？", "note": 1}\n', encoding="utf-8")
    questions.put(MarkedQuestion("いつ？"))
    assert questions.path.read_text(encoding="utf-8").startswith('{"id": "own", "question": "何？", "note": 1}\n')
    questions.path.write_text("{", encoding="utf-8")
    with pytest.raises(LibraryError, match="damaged"):
        questions.put(MarkedQuestion("だれ？"))
    assert questions.path.read_text(encoding="utf-8") == "{"


def test_marks_of_several_threads_are_all_kept(tmp_path: Path) -> None:
    def mark(number: int) -> None:
        MarkedQuestions(tmp_path).put(MarkedQuestion(f"{number} は何ですか？"))

    threads = [threading.Thread(target=mark, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(MarkedQuestions(tmp_path)) == 8


def test_only_a_line_feed_ends_a_line_of_the_file(tmp_path: Path) -> None:
    questions = MarkedQuestions(tmp_path)
    questions.put(MarkedQuestion("夏の\u2028休暇は？", ("五日",), (Evidence("休暇.txt", "夏の\u2028休暇は\x85五日"),)))
    questions.put(MarkedQuestion("申請はどこへ？"))
    assert len(questions) == 2
    assert [each.text for each in read_questions(questions.path).questions] == ["夏の\u2028休暇は？", "申請はどこへ？"]
