"""Mail messages: Japanese headers and bodies of all ages, HTML, attachments."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from rag.errors import DocumentError
from tests.corpus.making import BODY, read_bytes


def _message(charset: str = "utf-8", subject: str = "潮干狩りのお知らせ") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "浜野 渚 <nagisa@example.com>"
    message["To"] = "kai@example.com"
    message["Date"] = "Mon, 01 Apr 2024 09:30:00 +0900"
    message.set_content(f"{BODY}\n\n集合は九時です。\n", charset=charset)
    return message


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "shift_jis", "euc-jp"])
def test_a_message_has_its_headers_and_text(tmp_path: Path, charset: str) -> None:
    document = read_bytes(tmp_path, "a.eml", _message(charset).as_bytes())
    assert document.title == "潮干狩りのお知らせ"
    assert document.text == (
        "潮干狩りのお知らせ\nFrom: 浜野 渚 <nagisa@example.com>\nTo: kai@example.com\n"
        f"Date: Mon, 01 Apr 2024 09:30:00 +0900\n\n{BODY}\n\n集合は九時です。\n"
    )
    assert document.metadata["date"] == "2024-04-01"
    assert document.metadata["author"] == "浜野 渚 <nagisa@example.com>"


def test_characters_that_only_windows_puts_into_iso_2022_jp_are_read(tmp_path: Path) -> None:
    body = b"\x1b$B-!\x1b(B \x1b$B%F%9%H\x1b(B"
    head = b"Subject: =?ISO-2022-JP?B?GyRCLSEbKEI=?=\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
    document = read_bytes(tmp_path, "a.eml", head + body)
    assert document.title == "①"
    assert "① テスト" in document.text


def test_a_subject_in_raw_bytes_is_read(tmp_path: Path) -> None:
    for encoding in ("iso-2022-jp", "utf-8"):
        data = b"Subject: " + "潮の時刻".encode(encoding) + b"\nFrom: a@example.com\n\ntext\n"
        assert read_bytes(tmp_path, "a.eml", data).title == "潮の時刻"


def test_plain_text_is_preferred_and_attachments_are_named(tmp_path: Path) -> None:
    message = _message()
    message.add_alternative("<p>HTML の本文</p>", subtype="html")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="潮見表.pdf")
    message.add_attachment("別の文", filename="メモ.txt")
    text = read_bytes(tmp_path, "a.eml", message.as_bytes()).text
    assert "HTML" not in text
    assert "別の文" not in text
    assert text.endswith("\n\nAttachments: 潮見表.pdf, メモ.txt\n")


def test_a_message_of_html_alone_is_read_as_its_visible_text(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "お知らせ"
    message.set_content(f"<html><style>p {{}}</style><p>{BODY}</p><p>次の段落。</p></html>", subtype="html")
    assert read_bytes(tmp_path, "a.eml", message.as_bytes()).text == f"お知らせ\n\n{BODY}\n次の段落。\n"


@pytest.mark.parametrize("data", [b"just text\n", b"\0\1\2\3", b"<html><p>x</p></html>"])
def test_what_is_no_message_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"a\.eml: .*not a mail message"):
        read_bytes(tmp_path, "a.eml", data)


EVENT = """BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VEVENT\r
SUMMARY:定例会議\\, 臨時\r
DTSTART;TZID=Asia/Tokyo:20240601T100000\r
DTEND;TZID=Asia/Tokyo:20240601T110000\r
LOCATION:第一会\r
 議室\r
DESCRIPTION:議題\\n1. 予算\\n2. 人事\r
ORGANIZER;CN="浜野 渚":mailto:h@example.com\r
ATTENDEE;CN=高橋;ROLE=CHAIR:mailto:t@example.com\r
ATTENDEE:mailto:s@example.com\r
BEGIN:VALARM\r
DESCRIPTION:通知\r
END:VALARM\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:合宿\r
STATUS:CANCELLED\r
DTSTART;VALUE=DATE:20240701\r
DTEND;VALUE=DATE:20240704\r
END:VEVENT\r
END:VCALENDAR\r
"""
EVENT_LINES = [
    "定例会議, 臨時",
    "日時：2024年6月1日 10:00〜11:00",
    "場所：第一会議室",
    "主催者：浜野 渚",
    "出席者：高橋、s@example.com",
    "議題",
    "1. 予算",
    "2. 人事",
    "合宿（中止）",
    "日時：2024年7月1日〜2024年7月3日",
]


def test_a_calendar_has_its_events_with_time_place_and_people(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.ics", EVENT.encode())
    assert document.title == "定例会議, 臨時"
    assert [line for line in document.text.split("\n") if line] == EVENT_LINES
    assert [document.text[h.start : h.end] for h in document.headings] == ["定例会議, 臨時", "合宿（中止）"]


def test_an_invitation_in_a_message_is_in_its_text(tmp_path: Path) -> None:
    message = _message()
    message.add_alternative(EVENT, subtype="calendar", params={"method": "REQUEST"})
    document = read_bytes(tmp_path, "a.eml", message.as_bytes())
    assert [line for line in document.text.split("\n") if line][-len(EVENT_LINES) :] == EVENT_LINES
    assert "集合は九時です。" in document.text
