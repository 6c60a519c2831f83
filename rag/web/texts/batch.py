"""What the page says of question files that are answered, in Japanese and English."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


class BatchTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    title = Text(ja="質問ファイルにまとめて回答", en="Answer a file of questions")
    intro = Text(
        ja="質問の一覧を渡すと、すべての質問に出典つきで回答します。ページを閉じても処理は続きます。",
        en="Hand in a list of questions; each is answered with its sources. Work goes on when you close the page.",
    )
    upload = Text(ja="質問ファイル", en="Question file")
    upload_note = Text(
        ja="{endings} ・ {questions:,} 問、{megabytes:g} MB まで",
        en="{endings} · up to {questions|question} and {megabytes:g} MB",
    )
    reading = Text(ja="ファイルを読んでいます", en="Reading the file")
    understood = Text(ja="{name} ・ 質問 {questions:,} 件", en="{name} · {questions|question}")
    column_found = Text(
        ja="「{column}」の列を質問として読みました。", en="Questions were read from the column “{column}”."
    )
    column_alone = Text(ja="1 行を 1 つの質問として読みました。", en="Each line was read as one question.")
    first_questions = Text(ja="はじめの質問", en="First questions")
    more_questions = Text(ja="ほか {count:,} 件", en="and {count:,} more")
    empty_question = Text(ja="（空）", en="(empty)")
    format_label = Text(ja="回答の形式", en="Format of the answers")
    formats = Named(
        {
            ".xlsx": Text(ja="Excel（.xlsx）", en="Excel (.xlsx)"),
            ".csv": Text(ja="CSV", en="CSV"),
            ".html": Text(ja="HTML", en="HTML"),
            ".md": Text(ja="Markdown", en="Markdown"),
            ".jsonl": Text(ja="JSON Lines", en="JSON Lines"),
        }
    )
    more_options = Text(ja="詳しい設定", en="More options")
    mode_label = Text(ja="調べ方", en="Search by")
    modes = Named(
        hybrid=Text(ja="意味と言葉", en="meaning and words"),
        dense=Text(ja="意味だけ", en="meaning only"),
        lexical=Text(ja="言葉だけ", en="words only"),
    )
    passages_label = Text(ja="1 問ごとに調べる箇所の数", en="Passages looked at for each question")
    column_label = Text(ja="質問の列", en="Column of the questions")
    column_hint = Text(
        ja="列の名前が「質問」や「question」でないときに入力します。", en="Needed only if it is not called “question”."
    )
    llm_label = Text(
        ja="LLM で文章にする（質問と見つかった箇所を {host} に送ります）",
        en="Write prose with an LLM (sends the questions and the passages found to {host})",
    )
    start = Text(ja="回答を始める", en="Start answering")
    download = Text(ja="回答をダウンロード", en="Download the answers")
    download_partial = Text(ja="ここまでの回答をダウンロード", en="Download the answers so far")

    files = Text(ja="これまでのファイル", en="Files so far")
    file_line = Text(
        ja="{name} ・ {when} ・ {total:,} 件 ・ {stage}", en="{name} · {when} · {total|question} · {stage}"
    )
    progress = Text(ja="{done:,} / {total:,} 件", en="{done:,} of {total:,}")
    writing = Text(ja="回答をファイルに書いています", en="Writing the answers to a file")
    counts = Text(
        ja="回答 {answered:,} 件 ・ 回答なし {abstained:,} 件 ・ 失敗 {failed:,} 件",
        en="{answered:,} answered · {abstained:,} without an answer · {failed:,} failed",
    )
    rate = Text(ja="毎秒 {rate:.1f} 件", en="{rate:.1f} a second")
    done_note = Text(ja="すべての質問を調べ終えました。", en="All questions have been looked at.")
    anew_note = Text(
        ja="文書か設定が変わったため、最初の質問から回答し直しています。",
        en="Documents or settings have changed, so the questions are answered from the first on again.",
    )
    separator = Text(ja=" ・ ", en=" · ")

    results = Text(ja="回答", en="Answers")
    number = Text(ja="番号", en="No.")
    question = Text(ja="質問", en="Question")
    answer = Text(ja="回答と出典", en="Answer and sources")
    confidence = Text(ja="確かさ", en="Confidence")
    statuses = Named(
        answered=Text(ja="回答", en="answered"),
        abstained=Text(ja="回答なし", en="no answer"),
        failed=Text(ja="失敗", en="failed"),
    )
    no_results = Text(ja="最初の回答が出ると、ここに表示されます。", en="The first answers will appear here.")
    range = Text(ja="{first:,}～{last:,} 件目（{done:,} 件中）", en="{first:,}–{last:,} of {done:,}")
    first_page = Text(ja="最初", en="First")
    previous_page = Text(ja="前へ", en="Previous")
    next_page = Text(ja="次へ", en="Next")
    last_page = Text(ja="最新", en="Latest")
    open_citation = Text(ja="出典 {number}: {title}、{where}を開く", en="Open source {number}: {title}, {where}")

    error_file = Text(ja="このファイルは読めませんでした", en="This file could not be read")
    error_column = Text(
        ja="質問の列が見つかりません。列の名前を「質問」にするか、「詳しい設定」で列の名前を指定してください。",
        en="No column of questions was found. Call it “question”, or name the column under “More options”.",
    )


BATCH_TEXTS = in_each_language(BatchTexts)
