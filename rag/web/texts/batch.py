"""What the page says of question files that are answered, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class BatchTexts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    title: str
    intro: str
    upload: str
    upload_note: str
    reading: str
    understood: str
    column_found: str
    column_alone: str
    first_questions: str
    more_questions: str
    empty_question: str
    format_label: str
    formats: Mapping[str, str]
    more_options: str
    mode_label: str
    modes: Mapping[str, str]
    passages_label: str
    column_label: str
    column_hint: str
    llm_label: str
    start: str
    download: str
    download_partial: str

    files: str
    file_line: str
    progress: str
    writing: str
    counts: str
    rate: str
    done_note: str
    anew_note: str
    separator: str

    results: str
    number: str
    question: str
    answer: str
    confidence: str
    statuses: Mapping[str, str]
    no_results: str
    range: str
    first_page: str
    previous_page: str
    next_page: str
    last_page: str
    open_citation: str

    error_file: str
    error_column: str
    error_too_many: str


BATCH_TEXTS: Mapping[Language, BatchTexts] = {
    "ja": BatchTexts(
        title="質問ファイルにまとめて回答",
        intro="質問の一覧を渡すと、すべての質問に出典つきで回答します。ページを閉じても処理は続きます。",
        upload="質問ファイル",
        upload_note="{endings} ・ {questions:,} 問、{megabytes:g} MB まで",
        reading="ファイルを読んでいます",
        understood="{name} ・ 質問 {questions:,} 件",
        column_found="「{column}」の列を質問として読みました。",
        column_alone="1 行を 1 つの質問として読みました。",
        first_questions="はじめの質問",
        more_questions="ほか {count:,} 件",
        empty_question="（空）",
        format_label="回答の形式",
        formats={
            ".xlsx": "Excel（.xlsx）",
            ".csv": "CSV",
            ".html": "HTML",
            ".md": "Markdown",
            ".jsonl": "JSON Lines",
        },
        more_options="詳しい設定",
        mode_label="調べ方",
        modes={"hybrid": "意味と言葉", "dense": "意味だけ", "lexical": "言葉だけ"},
        passages_label="1 問ごとに調べる箇所の数",
        column_label="質問の列",
        column_hint="列の名前が「質問」や「question」でないときに入力します。",
        llm_label="LLM で文章にする（質問と見つかった箇所を {host} に送ります）",
        start="回答を始める",
        download="回答をダウンロード",
        download_partial="ここまでの回答をダウンロード",
        files="これまでのファイル",
        file_line="{name} ・ {when} ・ {total:,} 件 ・ {stage}",
        progress="{done:,} / {total:,} 件",
        writing="回答をファイルに書いています",
        counts="回答 {answered:,} 件 ・ 回答なし {abstained:,} 件 ・ 失敗 {failed:,} 件",
        rate="毎秒 {rate:.1f} 件",
        done_note="すべての質問を調べ終えました。",
        anew_note="文書か設定が変わったため、最初の質問から回答し直しています。",
        separator=" ・ ",
        results="回答",
        number="番号",
        question="質問",
        answer="回答と出典",
        confidence="確かさ",
        statuses={"answered": "回答", "abstained": "回答なし", "failed": "失敗"},
        no_results="最初の回答が出ると、ここに表示されます。",
        range="{first:,}～{last:,} 件目（{done:,} 件中）",
        first_page="最初",
        previous_page="前へ",
        next_page="次へ",
        last_page="最新",
        open_citation="出典 {number}: {title}、{where}を開く",
        error_file="このファイルは読めませんでした",
        error_column="質問の列が見つかりません。列の名前を「質問」にするか、「詳しい設定」で列の名前を指定してください。",
        error_too_many="質問が多すぎます。{limit:,} 件以内のファイルに分けてください。",
    ),
    "en": BatchTexts(
        title="Answer a file of questions",
        intro="Hand in a list of questions; each is answered with its sources. Work goes on when you close the page.",
        upload="Question file",
        upload_note="{endings} · up to {questions:,} questions and {megabytes:g} MB",
        reading="Reading the file",
        understood="{name} · {questions:,} questions",
        column_found="Questions were read from the column “{column}”.",
        column_alone="Each line was read as one question.",
        first_questions="First questions",
        more_questions="and {count:,} more",
        empty_question="(empty)",
        format_label="Format of the answers",
        formats={
            ".xlsx": "Excel (.xlsx)",
            ".csv": "CSV",
            ".html": "HTML",
            ".md": "Markdown",
            ".jsonl": "JSON Lines",
        },
        more_options="More options",
        mode_label="Search by",
        modes={"hybrid": "meaning and words", "dense": "meaning only", "lexical": "words only"},
        passages_label="Passages looked at for each question",
        column_label="Column of the questions",
        column_hint="Needed only if it is not called “question”.",
        llm_label="Write prose with an LLM (sends the questions and the passages found to {host})",
        start="Start answering",
        download="Download the answers",
        download_partial="Download the answers so far",
        files="Files so far",
        file_line="{name} · {when} · {total:,} questions · {stage}",
        progress="{done:,} of {total:,}",
        writing="Writing the answers to a file",
        counts="{answered:,} answered · {abstained:,} without an answer · {failed:,} failed",
        rate="{rate:.1f} a second",
        done_note="All questions have been looked at.",
        anew_note="Documents or settings have changed, so the questions are answered from the first on again.",
        separator=" · ",
        results="Answers",
        number="No.",
        question="Question",
        answer="Answer and sources",
        confidence="Confidence",
        statuses={"answered": "answered", "abstained": "no answer", "failed": "failed"},
        no_results="The first answers will appear here.",
        range="{first:,}–{last:,} of {done:,}",
        first_page="First",
        previous_page="Previous",
        next_page="Next",
        last_page="Latest",
        open_citation="Open source {number}: {title}, {where}",
        error_file="This file could not be read",
        error_column=("No column of questions was found. Call it “question”, or name the column under “More options”."),
        error_too_many="There are too many questions. Cut the file into ones of at most {limit:,}.",
    ),
}
