"""What a mail quotes of the messages before it, and what it forwards."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from html import escape
from pathlib import Path
from time import process_time

import pytest
from lxml import etree

from rag.corpus import Document
from rag.corpus.formats.html import mail_of
from tests.corpus.making import book_file, read_bytes

NEW, OLD, OLDER = "集合は十時に変わりました。", "集合は九時です。", "集合の時刻を教えてください。"
BAR = "border:none;border-left:solid #B5C4DF 1.5pt;padding:0 0 0 4pt"
TOP = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"
HEADERS = ("差出人: 浜野 渚 <nagisa@example.com>", "送信日時: 2024年4月1日 9:30", "宛先: 海", "件名: 潮干狩り")
HEAD = "<br>".join(f"<b>{name}:</b>{value}" for name, _, value in (escape(each).partition(":") for each in HEADERS))
PLAIN_HEAD = "From: 浜野 渚\nSent: Monday, April 1, 2024 9:30 AM\nTo: 海\nSubject: 潮干狩り\n"
SUBJECT = "RE: 潮干狩り"


def _mail(folder: Path, body: str, subject: str = SUBJECT, kind: str = "html") -> Document:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "kai@example.com"
    message.set_content(body, subtype=kind)
    return read_bytes(folder, "a.eml", message.as_bytes())


def _quoted(document: Document) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if block.kind == "quoted"]


@pytest.mark.parametrize(
    ("name", "body", "quoted"),
    [
        ("Apple", f"<p>{NEW}</p><blockquote type='cite'><p>{OLD}</p></blockquote>", [OLD]),
        (
            "Gmail",
            f"<div>{NEW}</div><div class='gmail_quote gmail_quote_container'><div class='gmail_attr'>渚:</div>"
            f"<blockquote class='gmail_quote' style='border-left:1px solid #ccc'>{OLD}</blockquote></div>",
            [f"渚:\n{OLD}"],
        ),
        (
            "Outlook on the web",
            f"<div>{NEW}</div><hr><div id='x_divRplyFwdMsg'>Von: Nagisa<br>Gesendet: Montag</div><div>{OLD}</div>",
            [OLD],
        ),
        (
            "Outlook",
            f"<p>{NEW}</p><div><div style='{TOP}'><p>{HEAD}</p></div></div><p>{OLD}</p>"
            f"<p>-----Original Message-----</p><blockquote style='{BAR}'><p>{OLDER}</p></blockquote>",
            [f"{OLD}\n-----Original Message-----\n{OLDER}"],
        ),
        (
            "a bar below who wrote",
            f"<p>{NEW}</p><p>2024年4月1日 渚さんは書きました：</p><blockquote style='{BAR}'>{OLD}</blockquote>",
            [OLD],
        ),
        (
            "answers between what they answer",
            f"<blockquote type='cite'>{OLDER}</blockquote><p>{NEW}</p><blockquote type='cite'>{OLD}</blockquote>",
            [OLDER, OLD],
        ),
        (
            "a head within a quotation reaches no further",
            f"<blockquote type='cite'><p>{OLD}</p><p>{HEAD}</p><p>{OLDER}</p></blockquote><p>{NEW}</p>",
            ["\n".join((OLD, *HEADERS, OLDER))],
        ),
    ],
)
def test_what_a_page_of_a_mail_quotes_is_told(tmp_path: Path, name: str, body: str, quoted: Sequence[str]) -> None:
    document = _mail(tmp_path, f"<html><body>{body}</body></html>")
    assert _quoted(document) == quoted, name
    assert [block.kind for block in document.blocks if NEW in document.text[block.start : block.end]] == ["paragraph"]


def test_a_quotation_has_no_headings_lists_and_tables_of_its_own(tmp_path: Path) -> None:
    inside = "<h2>持ち物</h2><ol><li>熊手</li><li>長靴</li></ol><table><tr><th>貝</th><th>数</th></tr></table>"
    inside += "<pre>a\nb</pre>"
    document = _mail(tmp_path, f"<h2>変更</h2><p>{NEW}</p><blockquote type='cite'>{inside}</blockquote>")
    assert _quoted(document) == ["持ち物\n1. 熊手\n2. 長靴\n貝\t数\na\nb"]
    assert [document.text[each.start : each.end] for each in document.headings] == [SUBJECT, "変更"]
    assert {block.kind for block in document.blocks} == {"heading", "form", "paragraph", "quoted"}


@pytest.mark.parametrize("mark", ["", "-----Original Message-----\n", "-----元のメッセージ-----\n"])
def test_what_follows_a_head_in_plain_words_is_quoted(tmp_path: Path, mark: str) -> None:
    document = _mail(tmp_path, f"{NEW}\n\n{mark}{PLAIN_HEAD}\n{OLD}\n\n> {OLDER}\n\n渚\n", kind="plain")
    assert _quoted(document) == [f"{OLD}\n\n> {OLDER}\n\n渚"]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "Fwd: 潮干狩り",
            "<div>どうぞ。</div><div class='gmail_quote'><div class='gmail_attr'>"
            "---------- Forwarded message ---------<br>"
            f"From: 渚<br>Date: Mon<br>Subject: 潮干狩り<br>To: 海</div><p>{OLD}</p></div>",
        ),
        ("FW: 潮干狩り", f"<p>どうぞ。</p><div id='divRplyFwdMsg'>{HEAD}</div><p>{OLD}</p>"),
        ("[浜] 転送：潮干狩り", f"<p>どうぞ。</p><p>{HEAD}</p><p>{OLD}</p>"),
        (
            SUBJECT,
            f"<p>どうぞ。</p><p>Begin forwarded message:</p><blockquote type='cite'><p>{HEAD}</p>"
            f"<p>{OLD}</p></blockquote>",
        ),
    ],
)
def test_what_a_mail_forwards_is_what_it_brings(tmp_path: Path, subject: str, body: str) -> None:
    assert _quoted(_mail(tmp_path, body, subject)) == []
    cited = body + f"<blockquote type='cite'>{OLDER}</blockquote>"
    assert _quoted(_mail(tmp_path, cited, subject)) == [OLDER]


@pytest.mark.parametrize(
    "body",
    [
        f"<p>規程には次のとおりあります。</p><blockquote style='{BAR}'>{OLD}</blockquote>",
        f"<p>渚さんは書きました：</p><blockquote style='border-left: none'>{OLD}</blockquote>",
        f"<p>差出人: 渚</p><p>件名: 潮干狩り</p><p>{OLD}</p>",
        f"<p>日時: 四月一日</p><p>宛先: 海</p><p>件名: 潮干狩り</p><p>{OLD}</p>",
    ],
)
def test_what_only_looks_alike_is_not_quoted(tmp_path: Path, body: str) -> None:
    assert _quoted(_mail(tmp_path, body)) == []


def test_a_page_and_a_book_quote_no_messages(tmp_path: Path) -> None:
    page = f"<html><body><main><p>{NEW}</p><blockquote type='cite'>{OLD}</blockquote></main></body></html>"
    assert _quoted(read_bytes(tmp_path, "a.html", page.encode())) == []
    book = book_file({"a.xhtml": f"<p>{NEW}</p><blockquote type='cite'><p>{OLD}</p></blockquote>"})
    assert _quoted(read_bytes(tmp_path, "a.epub", book)) == []


def test_a_head_above_characters_that_are_not_kept_is_survived(tmp_path: Path) -> None:
    document = _mail(tmp_path, f"{NEW}\n\n{PLAIN_HEAD}\n\ufeff\n", kind="plain")
    assert NEW in document.text
    assert _quoted(document) == []


@pytest.mark.parametrize(
    "unit",
    [
        "<p>From: a</p>",
        "<p>From: a</p><p>Sent: b</p>",
        f"<p>{HEAD}</p>",
        "<p>To: a</p>",
        "<p>-----Original Message-----</p>",
        "<div class='gmail_quote'>",
        "<div class='gmail_quote'></div>",
        "<blockquote type='cite'>a</blockquote><p>b</p>",
    ],
)
def test_very_many_heads_and_quotations_take_no_longer_each(unit: str) -> None:
    def seconds(count: int) -> float:
        start = process_time()
        mail_of(etree.fromstring(f"<html>{unit * count}</html>".encode(), etree.HTMLParser(encoding="utf-8")), SUBJECT)
        return process_time() - start

    assert min(seconds(8_000) for _ in range(3)) < max(0.5, 12 * min(seconds(1_000) for _ in range(3)))
