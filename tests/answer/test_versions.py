"""Which of several versions of a document an answer is taken from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.corpus import Document
from tests.answer.making import Held, document

_MAIL = """From: {sender}@example.com
To: all@example.com
Subject: {subject}
Date: {date}
Content-Type: text/plain; charset=utf-8

{body}
"""


def mail(folder: Path, name: str, subject: str, date: str, body: str) -> Document:
    return document(folder, name, _MAIL.format(sender=name[:2], subject=subject, date=date, body=body))


def test_what_was_decided_in_the_end_is_taken_from_the_last_mail(tmp_path: Path) -> None:
    first = mail(tmp_path, "a.eml", "棚卸しの日", "Mon, 02 Jun 2025 09:00:00 +0900", "棚卸しは6月20日に行います。")
    answered = "棚卸しは6月27日に改めます。\n\n> 棚卸しは6月20日に行います。"
    last = mail(tmp_path, "b.eml", "Re: 棚卸しの日", "Tue, 03 Jun 2025 10:00:00 +0900", answered)
    question = "棚卸しはいつになりましたか"

    for documents in ((first, last), (last, first), (last,)):
        answer = Held(documents).answer(question, {"6月20日": 3.0, "6月27日": 2.5})
        assert "6月27日" in answer.answer
        assert "6月20日" not in answer.answer


def of_two_years(folder: Path) -> Held:
    rows = ("# 行事\n\n## 令和6年度実績\n\n| 行事 | 開催日 |\n|---|---|\n| 製本教室 | 8月10日 |\n"
            "\n## 令和7年度計画\n\n| 行事 | 開催日 |\n|---|---|\n| 製本教室 | 8月9日 |\n")  # fmt: skip
    return Held((document(folder, "行事.md", rows),), by_section=True)


@pytest.mark.parametrize(
    ("question", "day"), [("今年の製本教室の開催日は", "8月9日"), ("去年の製本教室の開催日は", "8月10日")]
)
def test_sections_of_several_years_are_editions(tmp_path: Path, question: str, day: str) -> None:
    for relevance in ({"8月9日": 3.0, "8月10日": 2.5}, {"8月9日": 2.5, "8月10日": 3.0}):
        assert of_two_years(tmp_path).answer(question, relevance).answer.startswith(f"製本教室　開催日：{day}")


def test_rows_with_one_label_are_of_two_editions_however_they_are_read(tmp_path: Path) -> None:
    table = "# 休暇\n\n| 事由 | 日数 |\n|---|---|\n| 配偶者の出産 | {} |\n| 本人の結婚 | 5日 |\n"
    old, new = (document(tmp_path, f"休暇規程_{y}.md", table.format(d)) for y, d in ((2021, "2日"), (2025, "3日")))
    answer = Held((old, new)).answer("妻の出産で休めるのは何日ですか", {"2日": 5.0, "3日": -2.0})

    assert "3日" in answer.answer.splitlines()[0]


def test_how_it_was_last_year_does_not_tell_how_it_is(tmp_path: Path) -> None:
    lines = "# 訓練\n\n救護班の班長は、昨年は三好さん。\n\n救護班を率いるのは沖津さん。\n"
    held = Held((document(tmp_path, "訓練.md", lines),))

    assert "沖津" in held.answer("今年、救護班を率いるのは誰ですか", {"三好": 4.0, "沖津": 1.0}).answer


def test_the_new_one_is_not_the_one_before(tmp_path: Path) -> None:
    held = Held((document(tmp_path, "移転.md", "# 移転\n\n支店が移りました。\n\n新住所は汐見町4丁目12番です。\n"),))

    assert "汐見町" not in held.answer("支店の前の住所はどこですか", {"新住所": 5.0}).answer
    assert "汐見町" in held.answer("支店の住所はどこですか", {"新住所": 5.0}).answer


def test_a_year_in_the_name_of_a_file_holds_for_days_without_one(tmp_path: Path) -> None:
    held = Held((document(tmp_path, "休業のお知らせ_2025.txt", "休業のお知らせ\n\n最終の出荷は8月7日です。\n"),))

    assert "8月7日" in held.answer("2025年の最終の出荷は何月何日ですか").answer
    assert held.answer("2023年の最終の出荷は何月何日ですか").abstained


def test_what_is_named_as_the_old_one_does_not_lead(tmp_path: Path) -> None:
    old = document(
        tmp_path, "旧_自転車置場細則.md", "# 自転車置場細則（旧）\n\n自転車を替えたときは、14日以内に届け出る。\n"
    )
    new = document(tmp_path, "自転車置場等細則.md", "# 自転車置場等細則\n\n自転車を替えたときは、7日以内に届を出す。\n")
    answer = Held((old, new)).answer("自転車を買い替えたら何日以内に届ける", {"14日": 4.5, "7日": 3.5})

    assert answer.answer.startswith("7日")
    assert "14日" not in answer.answer


def test_two_documents_that_contradict_each_other_are_both_shown_the_newer_first(tmp_path: Path) -> None:
    faq = document(tmp_path, "よくある質問_2023.md", "# よくある質問\n\n小鳥は1羽まで飼えます。\n")
    rule = document(tmp_path, "飼育のきまり_2025.md", "# 飼育のきまり\n\n小鳥は、1戸につき2羽までとする。\n")
    answer = Held((faq, rule)).answer("小鳥は何羽まで飼えますか", {"1羽": 4.0, "2羽": 3.5})

    assert "2羽まで" in answer.answer.splitlines()[0]
    assert "1羽" in answer.answer
    assert answer.conflict


def test_what_a_quoted_mail_quotes_is_older_than_what_it_says(tmp_path: Path) -> None:
    body = "承知しました。\n\n> 受付は7月17日までに改めます。\n>> 受付は7月3日までです。"
    last = mail(tmp_path, "b.eml", "Re: Re: 受付", "Tue, 03 Jun 2025 10:00:00 +0900", body)
    answer = Held((last,)).answer("受付は何日までですか", {"7月3日": 3.0, "7月17日": 2.5})

    assert "7月17日" in answer.answer
    assert "7月3日" not in answer.answer
