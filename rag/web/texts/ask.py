"""What the page says around a question, an answer and a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.corpus.document import Place
from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    language: Language
    other_language: Language
    other_language_name: str
    tagline: str
    question_label: str
    question_placeholder: str
    ask: str
    key_hint: str

    separator: str
    examples: str
    documents: str
    open_document: str
    document_facts: str
    document_facts_excluded: str
    footer: str
    footer_without_index: str

    loading_model: str
    loading_model_hint: str
    searching: str

    answer: str
    your_question: str
    confidence: str
    confidence_explained: str
    confidence_words: tuple[str, str, str]
    sources: str
    place: str
    open_citation: str

    abstained: str
    abstained_no_hits: str
    abstained_low_confidence: str
    try_title: str
    try_words: str
    try_shorter: str
    try_documents: str
    look_below: str

    passages: str
    passages_near: str
    passages_explained: str
    scores_explained: str
    retrievers: Mapping[str, str]
    conflict: str
    rank: str
    not_found_by: str
    cited_as: str
    show_in_source: str
    show_all_text: str
    show_less_text: str
    languages: Mapping[str, str]

    source: str
    source_region: str
    close: str
    line_label: str
    exclusion_reasons: Mapping[str, str]
    excluded_note: str
    window_note: str
    show_earlier: str
    show_later: str
    show_whole: str

    error_title: str
    error_empty: str
    error_too_long: str
    error_document: str
    error_internal: str
    error_details: str

    no_index_title: str
    no_index: str
    no_index_steps: tuple[str, str, str]

    def where(self, line: int, place: Place | None) -> str:
        """What a link to a place in a document says: its page, slide, … if the file has them, else its line."""
        return self.line_label.format(line=line) if place is None else place.describe(self.language)


JAPANESE = Texts(
    language="ja",
    other_language="en",
    other_language_name="English",
    tagline="手元の文書に尋ね、出典を確かめる",
    question_label="質問",
    question_placeholder="文書について質問する",
    ask="質問する",
    key_hint="Enter で質問 ・ Shift + Enter で改行",
    separator=" ・ ",
    examples="たとえば",
    documents="索引にある文書",
    open_document="「{title}」を開く",
    document_facts="{chars:,} 字 ・ {passages} 箇所",
    document_facts_excluded="{chars:,} 字 ・ {passages} 箇所 ・ メニューなど {excluded:.0%} を除外",
    footer="{documents} 件の文書 ・ {passages:,} 箇所 ・ モデル {model} ・ 質問も文書もこの端末の外へは送りません",
    footer_without_index="質問も文書もこの端末の外へは送りません",
    loading_model="モデルを読み込んでいます",
    loading_model_hint="起動して最初の質問だけ、少し時間がかかります。",
    searching="文書を調べています",
    answer="回答",
    your_question="質問",
    confidence="確かさ",
    confidence_explained="この文書の中に答えがある見込み（{percent}）。回答は文書からの引用です。",
    confidence_words=("低め", "ふつう", "高い"),
    sources="出典",
    place="{source} ・ {where}",
    open_citation="出典 {number}: {title}、{where}を開く",
    abstained="文書の中に、答えは見つかりませんでした",
    abstained_no_hits="{documents} 件の文書（{passages:,} 箇所）を調べましたが、質問に近い箇所がありませんでした。",
    abstained_low_confidence=(
        "{documents} 件の文書（{passages:,} 箇所）を調べました。近い話題の箇所はありましたが、"
        "質問の答えと言えるものではないため、回答を控えます。"
    ),
    try_title="次のことを試せます",
    try_words="文書で使われていそうな言葉に言い換える",
    try_shorter="一度にひとつのことを、短く尋ねる",
    try_documents="答えが書かれた文書を加えて、索引を作り直す",
    look_below="下の近い箇所に手がかりがないか確かめる",
    passages="回答に使った箇所",
    passages_near="近い箇所",
    passages_explained="質問に近い順に {count} 件",
    scores_explained="棒は、この結果の中で比べた近さです",
    retrievers={"dense": "意味", "lexical": "言葉", "reader": "読解"},
    conflict="文書によって答えが異なります。それぞれの出典を確かめてください。",
    rank="{rank} 位",
    not_found_by="該当なし",
    cited_as="引用",
    show_in_source="原文で見る",
    show_all_text="全文を表示",
    show_less_text="短く表示",
    languages={"ja": "日本語", "en": "英語", "zh": "中国語", "ko": "韓国語", "de": "ドイツ語", "fr": "フランス語"},
    source="原文",
    source_region="原文: {title}",
    close="原文を閉じる",
    line_label="{line} 行目",
    exclusion_reasons={
        "duplicate-title": "題名の繰り返し",
        "navigation": "メニュー",
        "share": "共有ボタン",
        "comments": "コメント欄",
        "promotion": "広告・案内",
        "related": "関連記事",
        "player": "再生欄",
        "byline": "署名・日付",
        "notice": "断り書き",
        "front-matter": "ファイルの覚え書き",
        "outside-main-text": "本文の外",
        "running-head": "柱・ページ番号",
        "markup": "書式の記号・コメント",
        "data": "文字でないデータ",
    },
    excluded_note="薄い字の行は、メニューや広告とみなして索引に入れていません。",
    window_note="長い文書のため、{first:,}～{last:,} 行目を表示しています（全 {total:,} 行）。",
    show_earlier="前を表示",
    show_later="続きを表示",
    show_whole="すべて表示",
    error_title="質問に答えられませんでした",
    error_empty="質問が空です。知りたいことを入力してください。",
    error_too_long="質問が長すぎます（{length:,} 字）。{limit:,} 字以内にしてください。",
    error_document="この文書を開けません。索引が作り直されたかもしれません。もう一度質問してください。",
    error_internal="思わぬ問題が起きました。もう一度試し、続くようなら端末の記録を確かめてください。",
    error_details="詳しい内容",
    no_index_title="まだ索引がありません",
    no_index="質問に答えるには、まず文書から索引を作ります。",
    no_index_steps=(
        "文書（.txt .md .html .pdf .docx など）をひとつのフォルダに置く",
        "端末で次のように打つ",
        "このページを読み込み直す",
    ),
)

ENGLISH = Texts(
    language="en",
    other_language="ja",
    other_language_name="日本語",
    tagline="Ask your own documents, check the source",
    question_label="Question",
    question_placeholder="Ask about your documents",
    ask="Ask",
    key_hint="Enter asks · Shift + Enter makes a new line",
    separator=" · ",
    examples="For example",
    documents="Documents in this index",
    open_document="Open “{title}”",
    document_facts="{chars:,} characters · {passages} passages",
    document_facts_excluded="{chars:,} characters · {passages} passages · {excluded:.0%} left out (menus etc.)",
    footer="{documents} documents · {passages:,} passages · model {model} · nothing leaves this machine",
    footer_without_index="Nothing you ask or read leaves this machine",
    loading_model="Loading the model",
    loading_model_hint="Only the first question after the start takes this long.",
    searching="Searching the documents",
    answer="Answer",
    your_question="Question",
    confidence="Confidence",
    confidence_explained="How likely these documents hold the answer ({percent}). The answer is quoted from them.",
    confidence_words=("low", "fair", "high"),
    sources="Sources",
    place="{source} · {where}",
    open_citation="Open source {number}: {title}, {where}",
    abstained="No answer found in the documents",
    abstained_no_hits="{documents} documents ({passages:,} passages) were searched; none comes close to the question.",
    abstained_low_confidence=(
        "{documents} documents ({passages:,} passages) were searched. Some passages are on related subjects, "
        "but none can be said to answer the question, so no answer is given."
    ),
    try_title="What you can try",
    try_words="Use words the documents are likely to use",
    try_shorter="Ask one thing at a time, briefly",
    try_documents="Add a document that holds the answer and build the index again",
    look_below="See whether the related passages below help",
    passages="Passages behind the answer",
    passages_near="Related passages",
    passages_explained="{count}, closest first",
    scores_explained="Bars compare the passages of this result",
    retrievers={"dense": "Meaning", "lexical": "Words", "reader": "Reading"},
    conflict="The documents contradict each other: look at each source.",
    rank="no. {rank}",
    not_found_by="not found",
    cited_as="Quoted",
    show_in_source="Show in source",
    show_all_text="Show all",
    show_less_text="Show less",
    languages={
        "ja": "Japanese",
        "en": "English",
        "zh": "Chinese",
        "ko": "Korean",
        "de": "German",
        "fr": "French",
    },
    source="Source",
    source_region="Source: {title}",
    close="Close the source",
    line_label="line {line}",
    exclusion_reasons={
        "duplicate-title": "repeated title",
        "navigation": "menu",
        "share": "share buttons",
        "comments": "comment form",
        "promotion": "promotion",
        "related": "related articles",
        "player": "player",
        "byline": "byline",
        "notice": "notice",
        "front-matter": "front matter",
        "outside-main-text": "outside the main text",
        "running-head": "running head",
        "markup": "markup or comment",
        "data": "data, no words",
    },
    excluded_note="Faint lines were taken for menus or advertisements and are not in the index.",
    window_note="This document is long: lines {first:,}–{last:,} of {total:,} are shown.",
    show_earlier="Show earlier",
    show_later="Show more",
    show_whole="Show everything",
    error_title="The question could not be answered",
    error_empty="The question is empty. Type what you would like to know.",
    error_too_long="The question is too long ({length:,} characters). Please stay within {limit:,}.",
    error_document="This document cannot be opened. The index may have been rebuilt; please ask again.",
    error_internal="Something unexpected went wrong. Please try again; if it persists, look at the terminal's log.",
    error_details="Details",
    no_index_title="There is no index yet",
    no_index="To answer questions, an index is built from your documents first.",
    no_index_steps=(
        "Put your documents (.txt .md .html .pdf .docx …) into a folder",
        "Type this in a terminal",
        "Reload this page",
    ),
)
