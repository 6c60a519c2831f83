"""Which of several versions of a document an answer is taken from."""

from __future__ import annotations

from pathlib import Path

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
