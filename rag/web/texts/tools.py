"""What the page says of filters, earlier questions, copying, keys, waiting and passages alike, in both languages."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


class ToolTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    kind = Text(ja="回答するか、箇所を探すか", en="An answer, or passages")
    kinds = Named(answer=Text(ja="回答", en="Answer"), passages=Text(ja="検索", en="Search"))
    kinds_explained = Named(
        answer=Text(ja="文書からの引用で質問に答える", en="Questions are answered with quotes"),
        passages=Text(ja="答えは作らず、箇所を近い順に並べる", en="Passages are listed, and nothing is answered"),
    )
    found = Text(ja="{documents} 件の文書に {passages} 箇所", en="{passages|passage} in {documents|document}")
    found_most = Text(
        ja="近いものから {passages} 箇所（{documents} 件の文書）", en="The {passages} closest, in {documents|document}"
    )
    found_none = Text(ja="当てはまる箇所はありませんでした", en="No passage matches")
    facets = Named(folders=Text(ja="フォルダ", en="Folder"), years=Text(ja="年", en="Year"))
    facet = Text(ja="{name}の {count} 件に絞る", en="Only the {count} in {name}")
    more_passages = Text(ja="もっと見る", en="Show more")
    filters = Text(ja="絞り込み", en="Filters")
    filters_active = Text(ja="絞り込み中: {count} 件", en="{count} filters on")
    sources = Text(ja="文書・フォルダ", en="Documents and folders")
    sources_placeholder = Text(ja="題名、ファイル名、フォルダ", en="Title, file name or folder")
    sources_hint = Text(
        ja="候補から選ぶか、名前の一部を入れて「加える」を押します。* は任意の文字の代わりになります。",
        en="Choose a suggestion, or type part of a name and press “Add”. * stands for any characters.",
    )
    sources_none = Text(ja="「{text}」に当たる文書はありません。", en="No document matches “{text}”.")
    add = Text(ja="加える", en="Add")
    folder = Text(ja="フォルダ（{count:,} 件）", en="folder ({count:,})")
    languages = Text(ja="言語", en="Language")
    days = Text(ja="文書の日付", en="Date of the document")
    since = Text(ja="この日から", en="From")
    until = Text(ja="この日まで", en="To")
    days_hint = Text(
        ja="文書に書かれた日付で、なければファイルの更新日で絞り込みます。",
        en="The date a document states, or else the day its file was last changed.",
    )
    mode = Text(ja="探し方", en="Search by")
    modes = Named(
        hybrid=Text(ja="意味と言葉", en="Meaning and words"),
        dense=Text(ja="意味", en="Meaning"),
        lexical=Text(ja="言葉", en="Words"),
    )
    modes_explained = Named(
        hybrid=Text(ja="ふつうはこれ", en="best for most questions"),
        dense=Text(ja="言い回しが違っても、意味の近い箇所を探す", en="passages that mean the same in other words"),
        lexical=Text(ja="同じ言葉が使われている箇所を探す", en="passages that use the same words"),
    )
    k = Text(ja="見る箇所の数", en="Passages to look at")
    k_default = Text(ja="標準", en="Standard")
    k_count = Text(ja="{count} 件", en="{count}")
    chip_source = Text(ja="文書: {value}", en="Document: {value}")
    chip_language = Text(ja="言語: {value}", en="Language: {value}")
    chip_since = Text(ja="{value} から", en="From {value}")
    chip_until = Text(ja="{value} まで", en="Until {value}")
    chip_no_match = Text(ja="（該当なし）", en=" (no match)")
    remove = Text(ja="{chip} を外す", en="Remove {chip}")
    clear_filters = Text(ja="すべて外す", en="Remove all")
    ask_unfiltered = Text(ja="絞り込みを外して質問する", en="Ask without filters")

    history = Text(ja="履歴", en="History")
    history_empty = Text(ja="まだ質問はありません。", en="No questions yet.")
    history_kept = Text(ja="履歴はこのブラウザの中だけに残ります。", en="The history stays in this browser.")
    history_delete = Text(ja="「{question}」を履歴から消す", en="Delete “{question}” from the history")
    history_clear = Text(ja="履歴をすべて消す", en="Clear the history")
    history_cleared = Text(ja="履歴を消しました", en="History cleared")
    recent = Text(ja="最近の質問", en="Recent questions")

    copy_answer = Text(ja="回答を出典つきでコピー", en="Copy answer with sources")
    copy_link = Text(ja="リンクをコピー", en="Copy link")
    answer_copied = Text(ja="回答をコピーしました", en="Answer copied")
    link_copied = Text(ja="リンクをコピーしました", en="Link copied")
    copy_failed = Text(ja="コピーできませんでした", en="Could not copy")
    markdown_from = Text(ja="出典", en="Sources")

    waiting = Text(ja="順番を待っています（あと {before} 件）", en="Waiting in line ({before} before you)")
    waiting_hint = Text(
        ja="ほかの質問が終わりしだい、順に調べます。", en="Questions are answered in the order in which they come."
    )

    similar = Text(ja="似た箇所", en="Similar")
    similar_label = Text(ja="似た箇所: {title}、{where}", en="Similar: {title}, {where}")
    similar_title = Text(ja="似た箇所", en="Similar passages")
    similar_to = Text(ja="「{excerpt}」に近い順に {count} 件", en="{count|passage} closest to “{excerpt}”")
    similar_none = Text(ja="ほかに似た箇所はありませんでした。", en="No other passage is like this one.")
    back = Text(ja="質問の結果に戻る", en="Back to the result")
    around = Text(ja="前後を表示", en="Show context")
    around_hide = Text(ja="前後を隠す", en="Hide context")
    around_label = Text(ja="前後を表示: {title}、{where}", en="Show context: {title}, {where}")
    around_none = Text(
        ja="文書の端のため、これより先の箇所はありません。", en="The document ends here; there is no further passage."
    )
    before = Text(ja="前の箇所", en="Passage before")
    after = Text(ja="後の箇所", en="Passage after")

    keys = Text(ja="キー操作", en="Keys")
    keys_title = Text(ja="キーボードでの操作", en="Keyboard")
    keys_close = Text(ja="閉じる", en="Close")
    keys_single = Text(ja="1 文字のキー（/ ? [ ]）を使う", en="Use single-character keys (/ ? [ ])")
    keys_list = Text(
        ja=(
            ("/", "質問の欄に移る（どの画面からでも）"),
            ("Enter", "質問する"),
            ("Shift + Enter", "改行する"),
            ("[  ]", "前・次の出典を開く"),
            ("Esc", "原文や引用の小窓を閉じる"),
            ("?", "この一覧を開く"),
        ),
        en=(
            ("/", "Go to the question, from any tab"),
            ("Enter", "Ask"),
            ("Shift + Enter", "New line"),
            ("[  ]", "Open the previous or next citation"),
            ("Esc", "Close the source or the quote"),
            ("?", "Open this list"),
        ),
    )

    to_light = Text(ja="明るい表示に切り替える", en="Switch to light colours")
    to_dark = Text(ja="暗い表示に切り替える", en="Switch to dark colours")
    more_documents = Text(ja="ほか {count:,} 件の文書", en="{count:,} more documents")


TOOL_TEXTS = in_each_language(ToolTexts)
