"""Synonyms of the user's own: how their file is read, what they find, and that they outweigh nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from rag import Engine, Settings
from rag.answer.coverage import WithSynonyms, coverage, wanted_terms
from rag.building import build_documents
from rag.cli.app import app
from rag.corpus import Document
from rag.errors import SettingsError
from rag.evaluation.systems import result_settings
from rag.language.synonyms import Synonyms, synonyms_digest

TEXTS = {
    "leave.txt": "年休は一年に20日である。",
    "paid.txt": "有給は社員が取得する。",
    "both.txt": "年休、すなわち有給、または有休の話。",
    "pc.txt": "パソコンは総務部が貸し出す。",
    "letters.txt": "PCは英字で書く。",
    "other.txt": "旅費は出張の前に申請する。",
    "phone.txt": "電話は内線を使う。",
}
RULES = """
# 休みの呼び方
有給, 有休, 年休
PC => パソコン
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synonyms")
    documents = [Document(source, "", text, "ja") for source, text in TEXTS.items()]
    build_documents(documents, folder, Settings.load(), whole=True)
    return folder


@pytest.fixture
def opened(index: Path, tmp_path: Path) -> Callable[[str], Engine]:
    """Opens the index with synonyms."""

    def opened(rules: str) -> Engine:
        path = tmp_path / "synonyms.txt"
        path.write_text(rules, encoding="utf-8")
        return Engine.open(index, Settings.load(reader="none", synonyms=path))

    return opened


def found(engine: Engine, query: str) -> list[str]:
    return [hit.document.source for hit in engine.search(query, mode="lexical").hits]


def read(tmp_path: Path, content: str | bytes) -> Synonyms:
    path = tmp_path / "words.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Synonyms.read(path)


@pytest.mark.parametrize(
    ("rules", "text", "texts"),
    [
        ("有給, 有休,年休", "有休の日数", [["有給の日数", "年休の日数"]]),
        ("有給, 有休,年休", "昨年休んだ人", []),
        ("PC => パソコン", "社内ＰＣの設定", [["社内パソコンの設定"]]),
        ("PC => パソコン", "パソコンの設定", []),
        ("PC, 端末 => パソコン, 計算機", "端末", [["パソコン", "計算機"]]),
        ("サーバー, 鯖", "サーバの電源", [["鯖の電源"]]),
        ("paid leave, annual leave", "Paid  leaves of staff", [["annual leave of staff"]]),
        ("有給休暇, 年休\n有給, 有休", "有給休暇と有給", [["年休と有給"], ["有給休暇と有休"]]),
        ("有給休暇, 年休", "有給の休暇", []),
        ("年の休み, 休日", "年の休みは", [["休日は"]]),
        ("甲社, 乙社\n甲社, 丙社", "甲社", [["乙社", "丙社"]]),
        (r"1\,000円, 千円札", "1,000円", [["千円札"]]),
        ("\ufeff# 注\n\n  # 注\r\n車, 自動車\r\n", "車", [["自動車"]]),
        ("", "車", []),
    ],
)
def test_words_of_a_text_are_found_and_written_otherwise(
    tmp_path: Path, rules: str, text: str, texts: list[list[str]]
) -> None:
    language = "en" if text.isascii() and " " in text else "ja"
    assert [word.texts(text) for word in read(tmp_path, rules).respellings(text, language)] == texts


@pytest.mark.parametrize(
    ("rules", "line", "complaint"),
    [
        ("有給, 有休\n年休", 2, "年休 stands alone"),
        ("有給、有休", 1, "stands alone"),
        ("# 注\n\n有給,, 有休", 3, "a word is missing"),
        ("PC =>", 1, "a word is missing"),
        ("=> PC", 1, "a word is missing"),
        ("a => b => c", 1, "more than one =>"),
        ("有給, …", 1, "… has nothing"),
        ("有給, 有休\n".encode() + "有給".encode("cp932"), 2, "not UTF-8"),
    ],
)
def test_a_line_that_cannot_be_understood_is_named_with_its_file(
    tmp_path: Path, rules: str | bytes, line: int, complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint) as raised:
        read(tmp_path, rules)
    assert f"Line {line} " in str(raised.value)
    assert str(tmp_path / "words.txt") in str(raised.value)


def test_a_file_that_is_not_there_is_named(index: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.txt.*cannot be read"):
        Engine.open(index, Settings.load(synonyms=tmp_path / "nowhere.txt"))


def test_a_word_finds_its_equals(opened: Callable[[str], Engine]) -> None:
    assert set(found(opened(RULES), "有休")) == {"leave.txt", "paid.txt", "both.txt"}
    assert set(found(opened(""), "有休")) == {"both.txt"}


def test_an_arrow_goes_one_way(opened: Callable[[str], Engine]) -> None:
    engine = opened(RULES)
    assert set(found(engine, "PC")) == {"pc.txt", "letters.txt"}
    assert set(found(engine, "パソコン")) == {"pc.txt"}


def test_a_passage_with_several_equals_counts_the_word_once(opened: Callable[[str], Engine]) -> None:
    engine = opened(RULES)
    weight = engine.settings.ngram_weight
    lexical = engine.snapshot.lexical
    own = lexical.scores("有給", "ja", weight)
    together = lexical.scores("有給", "ja", weight, [["有休", "年休"]])
    both = list(TEXTS).index("both.txt")
    assert together[both] == pytest.approx(own[both], rel=1e-5)
    assert (together >= own).all()


@pytest.mark.parametrize("query", ["有給", "有給 社員", "出張の有給 申請"])
def test_a_synonym_is_never_worth_more_than_the_word_can_be(opened: Callable[[str], Engine], query: str) -> None:
    lexical = opened(RULES).snapshot.lexical
    weight = 0.3
    respelled = [[query.replace("有給", "年次有給休暇制度"), query.replace("有給", "パソコン")]]
    scores = lexical.scores(query, "ja", weight, respelled)
    assert scores.max() <= lexical.most(query, "ja", weight)
    pc = list(TEXTS).index("pc.txt")
    assert 0 < scores[pc] <= lexical.most("有給", "ja", weight)


def test_a_query_without_their_words_is_scored_as_without_synonyms(opened: Callable[[str], Engine]) -> None:
    for query in ("出張の旅費", "電話 内線", "Where?"):
        with_them, without = (opened(rules).search(query).to_dict() for rules in (RULES, ""))
        assert with_them == without


def test_several_words_of_a_query_each_find_their_equals(opened: Callable[[str], Engine]) -> None:
    assert set(found(opened(RULES), "有休とPC")) >= {"leave.txt", "paid.txt", "both.txt", "pc.txt", "letters.txt"}


def test_a_phrase_is_what_was_written(opened: Callable[[str], Engine]) -> None:
    assert found(opened(RULES), '"有休"') == ["both.txt"]


def test_words_of_a_question_are_covered_by_their_equals(opened: Callable[[str], Engine]) -> None:
    engine = opened(RULES)
    weigh = engine.snapshot.lexical.weights
    rules = Synonyms({"有休": ["有給休暇", "年休"], "PC": ["パソコン"]})
    plain = wanted_terms("有休は何日", weigh)
    knowing = wanted_terms("有休は何日", WithSynonyms(weigh, rules))
    assert dict(plain) == dict(knowing)
    for text in ("有給休暇は何日", "年休は何日", "有休は何日"):
        assert coverage(knowing, text, "ja") == pytest.approx(1.0)
        assert (coverage(plain, text, "ja") < 1) == ("有休" not in text)
    assert coverage(knowing, "休暇は何日", "ja") == coverage(plain, "休暇は何日", "ja") < 1


def test_a_compound_of_a_question_is_covered_by_the_compound_of_an_equal(opened: Callable[[str], Engine]) -> None:
    weigh = opened("").snapshot.lexical.weights
    wanted = wanted_terms("有休申請", WithSynonyms(weigh, Synonyms({"有休": ["年休"]})))
    assert coverage(wanted, "年休申請", "ja") == pytest.approx(1.0)
    assert 0 < coverage(wanted, "年休の申請", "ja") < 1


def test_an_answer_is_found_by_a_synonym(opened: Callable[[str], Engine]) -> None:
    asked = "有休は一年に何日ですか？"
    before, after = (opened(rules).ask(asked) for rules in ("", RULES))
    assert "20日" in after.answer
    assert after.confidence > before.confidence


def test_without_a_file_there_are_none(index: Path) -> None:
    engine = Engine.open(index, Settings.load(reader="none"))
    assert engine._finder.weigh == engine.snapshot.lexical.weights


def test_the_command_takes_a_file(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text(RULES, encoding="utf-8")
    arguments = ["search", "PC", "--mode", "lexical", "--json", "--index", str(index)]
    plain, knowing = (CliRunner().invoke(app, [*arguments, *more]) for more in ([], ["--synonyms", str(path)]))
    sources = [{hit["document"]["source"] for hit in json.loads(result.stdout)["hits"]} for result in (plain, knowing)]
    assert sources == [{"letters.txt"}, {"letters.txt", "pc.txt"}]


def test_results_that_are_kept_depend_on_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text(RULES, encoding="utf-8")
    first, settings = synonyms_digest(path), result_settings(Settings.load(synonyms=path))
    path.write_text(RULES + "車, 自動車\n", encoding="utf-8")
    assert synonyms_digest(path) != first
    assert result_settings(Settings.load(synonyms=path)) != settings
    assert "synonyms" not in result_settings(Settings.load())


def test_scores_of_synonyms_are_the_same_whatever_is_asked_before(opened: Callable[[str], Engine]) -> None:
    lexical = opened(RULES).snapshot.lexical
    once = lexical.scores("有給とPC", "ja", 0.3, [["有休とPC"], ["有給とパソコン"]])
    again = lexical.scores("有給とPC", "ja", 0.3, [["有給とパソコン"], ["有休とPC"]])
    assert np.allclose(once, again)
