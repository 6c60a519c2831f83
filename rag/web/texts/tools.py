"""What the page says of filters, earlier questions, copying, keys, waiting and passages alike, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class ToolTexts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    filters: str
    filters_active: str
    sources: str
    sources_placeholder: str
    sources_hint: str
    sources_none: str
    add: str
    folder: str
    languages: str
    days: str
    since: str
    until: str
    days_hint: str
    mode: str
    modes: Mapping[str, str]
    modes_explained: Mapping[str, str]
    k: str
    k_default: str
    k_count: str
    chip_source: str
    chip_language: str
    chip_since: str
    chip_until: str
    chip_no_match: str
    remove: str
    clear_filters: str
    ask_unfiltered: str

    history: str
    history_empty: str
    history_kept: str
    history_delete: str
    history_clear: str
    history_cleared: str
    recent: str

    copy_answer: str
    copy_link: str
    answer_copied: str
    link_copied: str
    copy_failed: str
    markdown_from: str

    waiting: str
    waiting_hint: str

    similar: str
    similar_label: str
    similar_title: str
    similar_to: str
    similar_none: str
    back: str
    around: str
    around_hide: str
    around_label: str
    around_none: str
    before: str
    after: str

    keys: str
    keys_title: str
    keys_close: str
    keys_single: str
    keys_list: tuple[tuple[str, str], ...]

    to_light: str
    to_dark: str
    more_documents: str


TOOL_TEXTS: Mapping[Language, ToolTexts] = {
    "ja": ToolTexts(
        filters="絞り込み",
        filters_active="絞り込み中: {count} 件",
        sources="文書・フォルダ",
        sources_placeholder="題名、ファイル名、フォルダ",
        sources_hint="候補から選ぶか、名前の一部を入れて「加える」を押します。* は任意の文字の代わりになります。",
        sources_none="「{text}」に当たる文書はありません。",
        add="加える",
        folder="フォルダ（{count:,} 件）",
        languages="言語",
        days="文書の日付",
        since="この日から",
        until="この日まで",
        days_hint="文書に書かれた日付で、なければファイルの更新日で絞り込みます。",
        mode="探し方",
        modes={"hybrid": "意味と言葉", "dense": "意味", "lexical": "言葉"},
        modes_explained={
            "hybrid": "ふつうはこれ",
            "dense": "言い回しが違っても、意味の近い箇所を探す",
            "lexical": "同じ言葉が使われている箇所を探す",
        },
        k="見る箇所の数",
        k_default="標準",
        k_count="{count} 件",
        chip_source="文書: {value}",
        chip_language="言語: {value}",
        chip_since="{value} から",
        chip_until="{value} まで",
        chip_no_match="（該当なし）",
        remove="{chip} を外す",
        clear_filters="すべて外す",
        ask_unfiltered="絞り込みを外して質問する",
        history="履歴",
        history_empty="まだ質問はありません。",
        history_kept="履歴はこのブラウザの中だけに残ります。",
        history_delete="「{question}」を履歴から消す",
        history_clear="履歴をすべて消す",
        history_cleared="履歴を消しました",
        recent="最近の質問",
        copy_answer="回答を出典つきでコピー",
        copy_link="リンクをコピー",
        answer_copied="回答をコピーしました",
        link_copied="リンクをコピーしました",
        copy_failed="コピーできませんでした",
        markdown_from="出典",
        waiting="順番を待っています（あと {before} 件）",
        waiting_hint="ほかの質問が終わりしだい、順に調べます。",
        similar="似た箇所",
        similar_label="似た箇所: {title}、{where}",
        similar_title="似た箇所",
        similar_to="「{excerpt}」に近い順に {count} 件",
        similar_none="ほかに似た箇所はありませんでした。",
        back="質問の結果に戻る",
        around="前後を表示",
        around_hide="前後を隠す",
        around_label="前後を表示: {title}、{where}",
        around_none="文書の端のため、これより先の箇所はありません。",
        before="前の箇所",
        after="後の箇所",
        keys="キー操作",
        keys_title="キーボードでの操作",
        keys_close="閉じる",
        keys_single="1 文字のキー（/ ? [ ]）を使う",
        keys_list=(
            ("/", "質問の欄に移る（どの画面からでも）"),
            ("Enter", "質問する"),
            ("Shift + Enter", "改行する"),
            ("[  ]", "前・次の出典を開く"),
            ("Esc", "原文や引用の小窓を閉じる"),
            ("?", "この一覧を開く"),
        ),
        to_light="明るい表示に切り替える",
        to_dark="暗い表示に切り替える",
        more_documents="ほか {count:,} 件の文書",
    ),
    "en": ToolTexts(
        filters="Filters",
        filters_active="{count} filters on",
        sources="Documents and folders",
        sources_placeholder="Title, file name or folder",
        sources_hint="Choose a suggestion, or type part of a name and press “Add”. * stands for any characters.",
        sources_none="No document matches “{text}”.",
        add="Add",
        folder="folder ({count:,})",
        languages="Language",
        days="Date of the document",
        since="From",
        until="To",
        days_hint="The date a document states, or else the day its file was last changed.",
        mode="Search by",
        modes={"hybrid": "Meaning and words", "dense": "Meaning", "lexical": "Words"},
        modes_explained={
            "hybrid": "best for most questions",
            "dense": "passages that mean the same in other words",
            "lexical": "passages that use the same words",
        },
        k="Passages to look at",
        k_default="Standard",
        k_count="{count}",
        chip_source="Document: {value}",
        chip_language="Language: {value}",
        chip_since="From {value}",
        chip_until="Until {value}",
        chip_no_match=" (no match)",
        remove="Remove {chip}",
        clear_filters="Remove all",
        ask_unfiltered="Ask without filters",
        history="History",
        history_empty="No questions yet.",
        history_kept="The history stays in this browser.",
        history_delete="Delete “{question}” from the history",
        history_clear="Clear the history",
        history_cleared="History cleared",
        recent="Recent questions",
        copy_answer="Copy answer with sources",
        copy_link="Copy link",
        answer_copied="Answer copied",
        link_copied="Link copied",
        copy_failed="Could not copy",
        markdown_from="Sources",
        waiting="Waiting in line ({before} before you)",
        waiting_hint="Questions are answered in the order in which they come.",
        similar="Similar",
        similar_label="Similar: {title}, {where}",
        similar_title="Similar passages",
        similar_to="{count} passages closest to “{excerpt}”",
        similar_none="No other passage is like this one.",
        back="Back to the result",
        around="Show context",
        around_hide="Hide context",
        around_label="Show context: {title}, {where}",
        around_none="The document ends here; there is no further passage.",
        before="Passage before",
        after="Passage after",
        keys="Keys",
        keys_title="Keyboard",
        keys_close="Close",
        keys_single="Use single-character keys (/ ? [ ])",
        keys_list=(
            ("/", "Go to the question, from any tab"),
            ("Enter", "Ask"),
            ("Shift + Enter", "New line"),
            ("[  ]", "Open the previous or next citation"),
            ("Esc", "Close the source or the quote"),
            ("?", "Open this list"),
        ),
        to_light="Switch to light colours",
        to_dark="Switch to dark colours",
        more_documents="{count:,} more documents",
    ),
}
