"""What a document says of itself at its head: its title, its date, and whose it is."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from rag.corpus.about import about_of
from rag.corpus.cleaning.lines import lines_of
from rag.corpus.dates import normal_date
from rag.corpus.own_dates import own_date
from rag.corpus.titles import find_subject
from tests.corpus.making import BODY, read_bytes


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (
            "浜総第１２３号\n令和６年４月１日\n各課長　様\n総務部長\n夏季の節電について（通知）\n標記のとおり。",
            "夏季の節電について（通知）",
        ),
        ("2024年5月1日\n株式会社みなと 御中\n北浜商事株式会社\n営業部 浜野\nお見積りの件\n拝啓", "お見積りの件"),
        ("【社外秘】\n文書番号：HK-12\n情報の取扱規程\n第1条", "情報の取扱規程"),
        ("資料１－２\n令和6年度の計画（案）\n本文です。", "令和6年度の計画（案）"),
        ("様式第１号（第５条関係）\n補助金の申請書\n年　月　日", "補助金の申請書"),
        ("※取扱いに注意\n備品の管理\n備品は台帳に書く。", "備品の管理"),
        ("差出人：浜野\n件名：会議室の予約\n本文", "会議室の予約"),
        ("HK-QM-001 Rev.3\n設備の点検\n1. 目的", "設備の点検"),
        ("- 1 -\n品名\t数\n台帳の見方\n本文", "台帳の見方"),
        ("第3回 委員会 議事録\n日時：5月1日", ""),
        ("干潟の手引き\n\n本文", ""),
    ],
)
def test_the_title_is_the_subject_and_not_what_stands_above_it(head: str, title: str) -> None:
    assert find_subject(lines_of(head))[0] == title


def test_a_letter_in_word_has_its_subject_for_title(tmp_path: Path) -> None:
    word = docx.Document()
    for line in ("浜総第１２３号", "令和６年４月１日", "各課長　様", "夏季の節電について（通知）", BODY):
        word.add_paragraph(line)
    word.save(str(tmp_path / "made.docx"))
    document = read_bytes(tmp_path, "a.docx", (tmp_path / "made.docx").read_bytes())
    assert document.title == "夏季の節電について（通知）"
    assert document.date == "2024-04-01"


@pytest.mark.parametrize(
    ("text", "source", "date"),
    [
        ("規程\n（改訂日：2024年4月1日）\n2020年4月1日制定", "", "2024-04-01"),
        ("議事録\n日時：令和6年5月12日（日）10:00", "", "2024-05-12"),
        ("浜総第１号\n令和６年４月１日\n各課長 様", "", "2024-04-01"),
        ("この規程は、令和6年4月1日から施行する。\nこの規程は、令和七年四月一日から施行する。", "", "2025-04-01"),
        ("R6.4.1 改定", "", "2024-04-01"),
        ("最終更新: 2023/03/04", "議事録_20240512.txt", "2023-03-04"),
        ("本文", "議事録_20240512.txt", "2024-05-12"),
        ("Last updated: May 3, 2024", "", "2024-05-03"),
        ("浜は2020年5月1日に広がった。", "", ""),
        ("浜環第２号\n令和６年４月から適用\n2024年10月3日\n各位", "", "2024-10-03"),
        ("浜環第２号\n令和６年９月\n各位\n令和７年１月から３月までの日程について", "", "2024-09"),
        ("生産の記録\n2024年4月\n百台\n2024年5月\n二百台", "", ""),
        ("計画\n実施：2024年4月〜9月", "", ""),
        ("浜だより\n2024年6月号", "", "2024-06"),
        ("人口（令和6年4月1日現在）\n令和6年5月10日", "", "2024-05-10"),
        ("人口（令和6年4月1日現在）", "", "2024-04-01"),
        ("よくある質問（令和5年10月版）\nQ1 犬は飼えますか。\n飼えます。", "", "2023-10"),
        ("見積書\n見積日　　2024年6月30日", "", "2024-06-30"),
        ("浜総第１号\n令和６年４月１日\n各位\n日時：令和６年５月３日", "", "2024-04-01"),
        ("議事録\n日時：令和６年５月３日\n2024年5月8日", "", "2024-05-03"),
        ("Memo\n3 May 2024", "", "2024-05-03"),
    ],
)
def test_the_day_that_a_document_says_it_is_of_is_found(text: str, source: str, date: str) -> None:
    assert own_date(lines_of(text), source) == date


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("令和六年五月十二日", "2024-05-12"),
        ("昭和五十三年十月", "1978-10"),
        ("R6.4.1", "2024-04-01"),
        ("H元.1.8", "1989-01-08"),
    ],
)
def test_dates_in_kanji_and_with_letters_of_eras_are_read(written: str, date: str) -> None:
    assert normal_date(written) == date


def test_the_own_date_of_a_text_comes_before_that_of_its_file(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.txt", f"規程\n\n改訂日：2019年4月1日\n\n{BODY}\n".encode())
    assert document.date == "2019-04-01"
    assert document.metadata["modified"] != document.date


@pytest.mark.parametrize(
    ("text", "source", "about"),
    [
        ("本規則は、青葉商会株式会社の従業員の就業を定める。", "A社/就業規則.md", "青葉商会株式会社 A社"),
        ("この規程は、株式会社さくら（以下「当社」という。）の旅費を定める。", "a.txt", "株式会社さくら"),
        (
            "株式会社みなと（以下「甲」という。）と浜商事株式会社（以下「乙」という。）は契約する。",
            "a.txt",
            "株式会社みなと 浜商事株式会社",
        ),
        ("この要綱は、浜町（以下「町」という。）の補助金を定める。", "a.txt", "浜町"),
        ("北浜大学\n学生便覧", "a.txt", "北浜大学"),
        ("Acme Widgets Co., Ltd.\nHandbook", "a.txt", "Acme Widgets Co., Ltd."),
        ("本文だけ。", "浜病院/総務/手順.docx", "浜病院"),
        ("公告第48号\n\n1 入札に付する事項\n件名　北浜ポンプ場 更新工事\n工期　一年", "a.txt", "北浜ポンプ場更新工事"),
        ("議事録\n会議名：設備会議\n場所：本館", "a.txt", "設備会議"),
        ("この工事名は長い名前である。", "a.txt", ""),
        ("潮見自動車株式会社は浜町にある会社である。", "a.txt", ""),
        ("総合病院\n本学の規則", "会社/a.txt", ""),
        ("本規則は、甲の定める。", "a.txt", ""),
    ],
)
def test_whose_document_it_is_is_read_from_its_head_or_its_folders(text: str, source: str, about: str) -> None:
    assert about_of(lines_of(text), "題名", source) == about


def test_whose_it_is_need_not_be_said_if_the_title_says_it() -> None:
    assert about_of(lines_of("本規則は、浜商事株式会社の就業を定める。"), "浜商事株式会社 就業規則", "") == ""
