"""What the page that describes the API says around it, in Japanese and English; the API's own words are English."""

from __future__ import annotations

from rag.web.texts.text import Spoken, Text, in_each_language


class ApiTexts(Spoken):
    """The words of one language."""

    title = Text(ja="栞 Shiori の API", en="Shiori's API")
    about = Text(
        ja="プログラムから使うための HTTP API です。機械が読む形:", en="The HTTP API for programs. For machines:"
    )
    arguments = Text(ja="引数", en="Arguments")
    answers = Text(ja="応答", en="Answers")
    name = Text(ja="名前", en="Name")
    type = Text(ja="型", en="Type")
    meaning = Text(ja="意味", en="Meaning")
    required = Text(ja="必須", en="required")
    status = Text(ja="ステータス", en="Status")


API_TEXTS = in_each_language(ApiTexts)
