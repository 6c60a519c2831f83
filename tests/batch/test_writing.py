"""Answer files: every format holds what was asked and answered, and none of it does anything."""

from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt
from openpyxl import load_workbook

from rag.batch import BatchReport, QuestionFile, read_questions, run_batch
from rag.batch.neutral import neutralised, restored
from rag.batch.writing.pages import markdown
from rag.errors import SettingsError, StorageError
from tests.batch.doubles import SENTENCES, TEA, FakeEngine, read, texts, written

TABLE = '番号,質問,部署\r\nA,煎茶は何度の湯か?,営業\r\nB,"玉露は?\r\n「何度」, か",=1+1\r\n,,総務\r\nD,無いもの,-5\r\n'


@pytest.fixture
def questions(tmp_path: Path) -> QuestionFile:
    return read(tmp_path, "質問.csv", TABLE.encode("cp932"))


def answered(questions: QuestionFile, output: Path) -> Path:
    run_batch(FakeEngine(), questions, output)
    return output


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_report_counts_what_came_out(questions: QuestionFile, tmp_path: Path) -> None:
    report = run_batch(FakeEngine(), questions, tmp_path / "a.csv")
    assert isinstance(report, BatchReport)
    assert (report.questions, report.answered, report.abstained, report.failed, report.resumed) == (4, 2, 1, 1, 0)
    assert report.to_dict()["snapshot"] == "snapshot-1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "質問.csv"]


def test_limit_asks_the_first_so_many(questions: QuestionFile, tmp_path: Path) -> None:
    engine = FakeEngine()
    assert run_batch(engine, questions, tmp_path / "a.csv", limit=2).questions == 2
    assert len(engine.questions) == 2
    assert len(csv_rows(tmp_path / "a.csv")) == 2


def test_json_lines_hold_the_answer_its_sources_and_the_row(questions: QuestionFile, tmp_path: Path) -> None:
    output = answered(questions, tmp_path / "a.jsonl")
    records = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [(r["id"], r["status"]) for r in records] == [
        ("A", "answered"),
        ("B", "answered"),
        ("3", "failed"),
        ("D", "abstained"),
    ]
    assert records[1]["question"] == "玉露は?\n「何度」, か"
    assert records[1]["input"] == {"番号": "B", "質問": "玉露は?\n「何度」, か", "部署": "=1+1"}
    assert records[2]["error"] == "The question is empty. Write what you would like to know."
    assert records[3]["reason"] == "low-confidence"
    for citation in records[0]["citations"]:
        around = citation["before"] + citation["quote"] + citation["after"]
        assert around in TEA.text
        assert TEA.text[citation["start"] : citation["end"]] == citation["quote"]


def test_csv_opens_right_in_excel(questions: QuestionFile, tmp_path: Path) -> None:
    content = answered(questions, tmp_path / "a.csv").read_bytes()
    assert content.startswith(
        "\ufeff番号,質問,部署,status,answer,confidence,citations,conflict,reason,error\r\n".encode()
    )
    rows = csv_rows(tmp_path / "a.csv")
    assert [row["部署"] for row in rows] == ["営業", "'=1+1", "総務", "-5"]
    assert rows[0]["citations"].startswith("[1] notes/茶.txt:3 「煎茶は七十度の湯で一分待つ。」")
    assert rows[3]["confidence"] == "0.1250"
    assert [row["conflict"] for row in rows] == ["TRUE", "", "", ""]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+81-3", "-x", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1", "''-x", " =1", "\u3000＝1", "' @x"]
)
def test_a_cell_that_excel_would_compute_gets_an_apostrophe_that_reading_takes_away(cell: str) -> None:
    assert neutralised(cell) == f"'{cell}"
    assert restored(neutralised(cell)) == cell


@pytest.mark.parametrize("cell", ["-5", "+0.5", "-1,234", "-3.2%", "-1e-5", " -5", "'quoted'", "煎茶=緑茶", ""])
def test_numbers_and_plain_text_get_no_apostrophe(cell: str) -> None:
    assert neutralised(cell) == restored(cell) == cell


@given(st.text(alphabet="' =+-@＝\t\r\n1a.,%", max_size=8))
def test_every_cell_comes_back_as_it_was(cell: str) -> None:
    assert restored(neutralised(cell)) == cell


def test_a_cp932_table_with_commas_quotes_and_line_breaks_comes_back_from_csv_as_the_same_questions(
    tmp_path: Path,
) -> None:
    content = (
        "番号,質問,備考\r\n"
        '1,"彼は「春, 夏」と言い、""秋""とは\r\n言わなかったのですか？",ﾊﾝｶｸと①㈱～－\r\n'
        '2,ぱぴぷぺぽ・ヴァイオリンの髙さは？,"""引用"""\r\n'
        '3,=1+1 はいくつですか？,"-,-"\r\n'
        "3,表示能力と申請はどう違う？,\r\n"
    )
    given_file = read(tmp_path, "q.csv", content.encode("cp932"))
    assert "言わなかった" in given_file.questions[0].text
    again = read_questions(answered(given_file, tmp_path / "a.csv"))
    assert texts(again.questions) == texts(given_file.questions)
    assert [q.id for q in again.questions] == ["1", "2", "3", "3"]
    for before, after in zip(given_file.questions, again.questions, strict=True):
        assert {name: after.columns[name] for name in given_file.columns} == before.columns


QUESTION_TEXTS = st.lists(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), include_characters="\n\t\r"), max_size=30),
    min_size=1,
    max_size=6,
).filter(lambda found: any(text.strip() for text in found))


@pytest.mark.usefixtures("one_process")
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".jsonl"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(asked=["=1+1", "'=x", "#N/A", "1", "TRUE", "_x0041_", " \n ", "a\r\nb\rc"])
@given(asked=QUESTION_TEXTS)
def test_questions_come_back_from_every_table(tmp_path: Path, ending: str, asked: list[str]) -> None:
    lines = "\n".join(json.dumps({"question": text}) for text in asked)
    given_file = read(tmp_path, "q.jsonl", lines)
    again = read_questions(answered(given_file, tmp_path / f"a{ending}"))
    assert texts(again.questions) == texts(given_file.questions)


def test_columns_of_ours_do_not_hide_those_of_the_file(tmp_path: Path) -> None:
    given_file = read(tmp_path, "q.csv", "question,answer,status\n一?,expected,new\n")
    (row,) = csv_rows(answered(given_file, tmp_path / "a.csv"))
    assert (row["answer"], row["status"], row["status (2)"]) == ("expected", "new", "answered")
    assert row["answer (2)"].endswith("[1]")


def test_a_workbook_has_a_row_a_question_with_citations_linked_to_a_sheet_of_sources(
    questions: QuestionFile, tmp_path: Path
) -> None:
    book = load_workbook(answered(questions, tmp_path / "a.xlsx"))
    answers, sources = book["Answers"], book["Sources"]
    header = [cell.value for cell in answers[1]]
    assert header[:9] == ["番号", "質問", "部署", "status", "answer", "confidence", "conflict", "reason", "error"]
    assert answers.max_row == 5
    linked = 0
    for row in answers.iter_rows(min_row=2):
        for cell in row[9:]:
            if cell.value is None:
                continue
            linked += 1
            sheet, place = cell.hyperlink.location.replace("'", "").split("!")
            target = book[sheet][place]
            named = dict(zip([c.value for c in sources[1]], sources[target.row], strict=True))
            assert cell.value == f"[{named['citation'].value}] {named['source'].value}:{named['line'].value}"
            around = named["before"].value or "", named["quote"].value, named["after"].value or ""
            assert "".join(around) in TEA.text
            assert f"{named['quote'].value}[{named['citation'].value}]" in row[4].value
            back = target.hyperlink.location.replace("'", "").split("!")
            assert book[back[0]][back[1]].row == row[0].row
    assert linked == sources.max_row - 1 == sum(1 + len(q.text) % 2 for q in questions.questions[:2])


def test_nothing_in_a_workbook_is_a_formula_or_longer_than_excel_takes(tmp_path: Path) -> None:
    rows = [{"question": "=1+1", "x": "#REF!", "big": 10**20, "long": "あ" * 40_000, "odd": "a\u0000\u000b\ufffe"}]
    given_file = read(tmp_path, "q.jsonl", json.dumps(rows[0]))
    sheet = load_workbook(answered(given_file, tmp_path / "a.xlsx"))["Answers"]
    cells = {sheet.cell(1, c.column).value: c for c in sheet[2]}
    assert {c.data_type for row in sheet.iter_rows() for c in row} <= {"s", "n", "inlineStr"}
    assert cells["x"].value == "#REF!"
    assert cells["big"].value == str(10**20)
    assert len(cells["long"].value) == 32_767
    assert cells["odd"].value == "a\ufffd\ufffd\ufffd"


def test_html_runs_nothing_loads_nothing_and_each_citation_opens_its_quote(
    questions: QuestionFile, tmp_path: Path
) -> None:
    output = answered(questions, tmp_path / "a.html")
    page = html.fromstring(output.read_text(encoding="utf-8"))
    assert not page.xpath("//script | //iframe | //object | //embed | //link | //img | //base | //form")
    assert not [name for element in page.iter() for name in element.attrib if name.startswith("on")]
    assert all(link.startswith("#") for link in page.xpath("//@href"))
    assert page.xpath("count(//article)") == 4
    links = page.xpath("//a[@class='cite']")
    quotes = [quote for asked in questions.questions[:2] for quote in SENTENCES[: 1 + len(asked.text) % 2]]
    assert len(links) == len(quotes) and len(quotes) > 2
    for link, quote in zip(links, quotes, strict=True):
        (target,) = page.xpath("//*[@id=$place]", place=link.get("href")[1:])
        assert "".join(target.xpath(".//mark//text()")) == quote
        assert "".join(target.itertext()) in TEA.text
    assert "<script>alert(1)</script>" in page.xpath("string(//main)")
    assert len(page.xpath("//p[@class='conflict']")) == 1


def test_html_shows_what_files_and_questions_say_as_text(tmp_path: Path) -> None:
    rude = '"><script>alert(1)</script><b onclick=x>&amp;{{ 7*7 }}'
    row = {"question": rude, f"x{rude}": rude, "id": f"javascript:{rude}"}
    given_file = read(tmp_path, "<b>&.jsonl", json.dumps(row))
    page = html.fromstring(answered(given_file, tmp_path / "a.html").read_text(encoding="utf-8"))
    assert page.xpath("//h2/text()")[-1].strip() == rude
    assert rude in page.xpath("string(//dl)")
    assert not page.xpath("//script | //b")
    assert "<b>&.jsonl" in page.xpath("string(//title)")


def test_a_page_is_in_the_language_of_its_questions(questions: QuestionFile, tmp_path: Path) -> None:
    japanese = answered(questions, tmp_path / "a.html").read_text(encoding="utf-8")
    english_file = read(tmp_path, "q.txt", "How hot should the water for green tea be?\nWhat is it made of?\n")
    english = answered(english_file, tmp_path / "b.html").read_text(encoding="utf-8")
    assert '<html lang="ja">' in japanese and "質問.csv への回答" in japanese
    assert "質問 4 件、回答 2 件、回答なし 1 件、失敗 1 件" in japanese
    assert '<html lang="en">' in english and "2 questions: 2 answered" in english
    one_file = read(tmp_path, "one.csv", b"question\nIs there tea?\n")
    assert "1 question: " in answered(one_file, tmp_path / "c.html").read_text(encoding="utf-8")


def test_markdown_shows_questions_answers_and_quotes(questions: QuestionFile, tmp_path: Path) -> None:
    text = answered(questions, tmp_path / "a.md").read_text(encoding="utf-8")
    page = html.fromstring(MarkdownIt("commonmark").render(text))
    assert [h.text_content() for h in page.iter("h2")][:2] == ["1. 煎茶は何度の湯か?", "2. 玉露は? 「何度」, か"]
    assert "部署: =1+1" in [item.text_content() for item in page.iter("li")]
    quotes = [quote.text_content() for quote in page.iter("blockquote")]
    assert "煎茶は七十度の湯で一分待つ。" in quotes[0] and "[1] 茶の淹れ方 <b> · notes/茶.txt:3" in quotes[0]
    assert {element.tag for element in page.iter()} <= {"div", "h1", "h2", "p", "ul", "li", "blockquote"}


@given(st.text(alphabet="#*_-+=`~<>[]()!&|$\\ \n\t1.)ab<b>", max_size=40))
@example("1. a\n2) b\n- c\n+ d\n=== \n---\n> e\n    code\n```\nx")
def test_text_in_markdown_marks_nothing_up(text: str) -> None:
    page = html.fromstring(f"<div>{MarkdownIt('commonmark').render(markdown(text))}</div>")
    assert {element.tag for element in page.iter()} <= {"div", "p"}
    assert page.text_content().split() == text.split()


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a"])
def test_an_output_of_another_kind_is_refused_before_anything_is_asked(
    questions: QuestionFile, tmp_path: Path, name: str
) -> None:
    engine = FakeEngine()
    with pytest.raises(SettingsError, match=r"Use one of \.jsonl, \.csv, \.xlsx, \.md, \.html"):
        run_batch(engine, questions, tmp_path / name)
    assert engine.questions == []


def test_the_question_file_itself_is_never_the_output(questions: QuestionFile, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is the question file"):
        run_batch(FakeEngine(), questions, tmp_path / "質問.csv")
    assert (tmp_path / "質問.csv").read_bytes() == TABLE.encode("cp932")


def test_an_output_that_cannot_be_written_keeps_the_old_one_and_the_answers(
    questions: QuestionFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = written(tmp_path, "a.csv", "old")

    def full(_path: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(StorageError, match="No space left"):
            run_batch(FakeEngine(), questions, output)
    assert output.read_text() == "old"
    engine = FakeEngine()
    assert run_batch(engine, questions, output).resumed == 4
    assert engine.questions == []
    assert len(csv_rows(output)) == 4


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".html", ".md"])
def test_memory_does_not_grow_with_the_questions(tmp_path: Path, ending: str) -> None:
    def peak(count: int) -> int:
        given_file = read(tmp_path, "q.txt", "".join(f"{i}番目の質問は何?\n" for i in range(count)))
        tracemalloc.start()
        run_batch(FakeEngine(), given_file, tmp_path / f"a{ending}")
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(20)
    assert peak(600) - peak(50) < 400_000  # each result takes some 5,000 bytes in memory
