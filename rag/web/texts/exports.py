"""What the page says of passing an answer on, and what stands in the files."""

from __future__ import annotations

from rag.web.texts.text import Spoken, Text, in_each_language


class ExportTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    pass_on = Text(ja="書き出す", en="Export")
    word = Text(ja="Word（.docx）", en="Word (.docx)")
    excel = Text(ja="Excel（.xlsx）", en="Excel (.xlsx)")
    markdown = Text(ja="Markdown（.md）", en="Markdown (.md)")
    print = Text(ja="印刷する", en="Print")
    file_name = Text(ja="回答", en="answer")
    failed = Text(ja="書き出せませんでした", en="Could not export")
    question = Text(ja="質問", en="Question")
    answer = Text(ja="回答", en="Answer")
    sources = Text(ja="出典", en="Sources")
    columns = Text(ja=("番号", "文書", "ファイル", "場所", "引用"), en=("Number", "Document", "File", "Place", "Quote"))


EXPORT_TEXTS = in_each_language(ExportTexts)
