"""What the page says around a question, an answer and a source."""

from __future__ import annotations

from rag.corpus.document import Place
from rag.library import DEFAULT_LIBRARY
from rag.web.texts.libraries import LIBRARY_TEXTS, LibraryTexts
from rag.web.texts.marking import MARKING_TEXTS, MarkingTexts
from rag.web.texts.prose import PROSE_TEXTS, ProseTexts
from rag.web.texts.text import Named, Spoken, Text, in_each_language
from rag.web.texts.tools import TOOL_TEXTS, ToolTexts


class Texts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    own_name = Text(ja="日本語", en="English")
    tagline = Text(ja="手元の文書に尋ね、出典を確かめる", en="Ask your own documents, check the source")
    drop_anywhere = Text(ja="ここに放すと、文書に加わります", en="Drop here to add to the documents")
    question_label = Text(ja="質問", en="Question")
    question_placeholder = Text(ja="文書について質問する", en="Ask about your documents")
    ask = Text(ja="質問する", en="Ask")
    search = Text(ja="検索する", en="Search")
    key_hint = Text(ja="Enter で質問 ・ Shift + Enter で改行", en="Enter asks · Shift + Enter makes a new line")

    separator = Text(ja=" ・ ", en=" · ")
    examples = Text(ja="たとえば", en="For example")
    documents = Text(ja="索引にある文書", en="Documents in this index")
    open_document = Text(ja="「{title}」を開く", en="Open “{title}”")
    document_facts = Text(ja="{chars:,} 字 ・ {passages} 箇所", en="{chars|character} · {passages|passage}")
    document_facts_excluded = Text(
        ja="{chars:,} 字 ・ {passages} 箇所 ・ メニューなど {excluded:.0%} を除外",
        en="{chars|character} · {passages|passage} · {excluded:.0%} left out (menus etc.)",
    )
    footer = Text(
        ja="{documents} 件の文書 ・ {passages:,} 箇所 ・ モデル {model} ・ 質問も文書もこの端末の外へは送りません",
        en="{documents|document} · {passages|passage} · model {model} · nothing leaves this machine",
    )
    footer_without_index = Text(
        ja="質問も文書もこの端末の外へは送りません", en="Nothing you ask or read leaves this machine"
    )

    loading_model = Text(ja="モデルを読み込んでいます", en="Loading the model")
    loading_model_hint = Text(
        ja="起動して最初の質問だけ、少し時間がかかります。",
        en="Only the first question after the start takes this long.",
    )
    searching = Text(ja="文書を調べています", en="Searching the documents")
    reading = Text(ja="見つかった箇所を読んでいます", en="Reading what was found")

    answer = Text(ja="回答", en="Answer")
    your_question = Text(ja="質問", en="Question")
    confidence = Text(ja="確かさ", en="Confidence")
    confidence_explained = Text(
        ja="示した箇所が質問の答えである見込み（{percent}）。回答は文書からの引用です。",
        en="How likely what is shown answers the question ({percent}). It is quoted from the documents.",
    )
    confidence_words = Text(ja=("低め", "ふつう", "高い"), en=("low", "fair", "high"))
    sources = Text(ja="出典", en="Sources")
    place = Text(ja="{source} ・ {where}", en="{source} · {where}")
    open_citation = Text(ja="出典 {number}: {title}、{where}を開く", en="Open source {number}: {title}, {where}")

    abstained = Text(ja="文書の中に、答えは見つかりませんでした", en="No answer found in the documents")
    abstained_no_hits = Text(
        ja="{documents} 件の文書（{passages:,} 箇所）を調べましたが、質問に近い箇所がありませんでした。",
        en="Searched {documents|document} ({passages|passage}): none comes close to the question.",
    )
    abstained_low_confidence = Text(
        ja="{documents} 件の文書（{passages:,} 箇所）を調べました。近い話題の箇所はありましたが、"
        "質問の答えと言えるものではないため、回答を控えます。",
        en="Searched {documents|document} ({passages|passage}). Some passages are on related subjects, "
        "but none can be said to answer the question, so no answer is given.",
    )
    abstained_missing = Text(
        ja="{documents} 件の文書（{passages:,} 箇所）を調べました。{missing}",
        en="Searched {documents|document} ({passages|passage}). {missing}",
    )
    try_spelling = Text(
        ja="番号や年の書き方が正しいか確かめる", en="Check that numbers and years are as they should be"
    )
    try_title = Text(ja="次のことを試せます", en="What you can try")
    try_near = Text(
        ja="「{word}」という語は文書にありません。近い語で聞く：",
        en="“{word}” is a word of no document. Ask with one near it:",
    )
    try_words = Text(ja="文書で使われていそうな言葉に言い換える", en="Use words the documents are likely to use")
    try_shorter = Text(ja="一度にひとつのことを、短く尋ねる", en="Ask one thing at a time, briefly")
    try_documents = Text(
        ja="答えが書かれた文書を加える（「文書」に置くと、そのまま尋ねられます）",
        en="Add a document that holds the answer (put it into Documents, and it can be asked at once)",
    )
    look_below = Text(ja="下の近い箇所に手がかりがないか確かめる", en="See whether the related passages below help")

    passages = Text(ja="回答に使った箇所", en="Passages behind the answer")
    passages_found = Text(ja="見つかった箇所", en="Passages found")
    passages_near = Text(ja="近い箇所", en="Related passages")
    passages_explained = Text(ja="質問に近い順に {count} 件", en="{count}, closest first")
    scores_explained = Text(ja="棒は、この結果の中で比べた近さです", en="Bars compare the passages of this result")
    closeness = Text(ja="近さ", en="Scores")
    retrievers = Named(
        dense=Text(ja="意味", en="Meaning"), lexical=Text(ja="言葉", en="Words"), reader=Text(ja="読解", en="Reading")
    )
    conflict = Text(
        ja="文書によって答えが異なります。それぞれの出典を確かめてください。",
        en="The documents contradict each other: look at each source.",
    )
    rank = Text(ja="{rank} 位", en="no. {rank}")
    not_found_by = Text(ja="該当なし", en="not found")
    cited_as = Text(ja="引用", en="Quoted")
    also_in = Text(ja="同じ内容:", en="The same in:")
    show_in_source = Text(ja="原文で見る", en="Show in source")
    show_all_text = Text(ja="全文を表示", en="Show all")
    show_less_text = Text(ja="短く表示", en="Show less")
    languages = Named(
        ja=Text(ja="日本語", en="Japanese"),
        en=Text(ja="英語", en="English"),
        zh=Text(ja="中国語", en="Chinese"),
        ko=Text(ja="韓国語", en="Korean"),
        de=Text(ja="ドイツ語", en="German"),
        fr=Text(ja="フランス語", en="French"),
    )

    source = Text(ja="原文", en="Source")
    table = Text(ja="表", en="Table")
    source_region = Text(ja="原文: {title}", en="Source: {title}")
    close = Text(ja="原文を閉じる", en="Close the source")
    line_label = Text(ja="{line} 行目", en="line {line}")
    exclusion_reasons = Named(
        {
            "duplicate-title": Text(ja="題名の繰り返し", en="repeated title"),
            "navigation": Text(ja="メニュー", en="menu"),
            "share": Text(ja="共有ボタン", en="share buttons"),
            "comments": Text(ja="コメント欄", en="comment form"),
            "promotion": Text(ja="広告・案内", en="promotion"),
            "related": Text(ja="関連記事", en="related articles"),
            "player": Text(ja="再生欄", en="player"),
            "byline": Text(ja="署名・日付", en="byline"),
            "notice": Text(ja="断り書き", en="notice"),
            "front-matter": Text(ja="ファイルの覚え書き", en="front matter"),
            "outside-main-text": Text(ja="本文の外", en="outside the main text"),
            "running-head": Text(ja="柱・ページ番号", en="running head"),
            "struck": Text(ja="取り消し線", en="struck out"),
            "markup": Text(ja="書式の記号・コメント", en="markup or comment"),
            "data": Text(ja="文字でないデータ", en="data, no words"),
        }
    )
    excluded_note = Text(
        ja="薄い字の行は、メニューや広告とみなして索引に入れていません。",
        en="Faint lines were taken for menus or advertisements and are not in the index.",
    )
    window_note = Text(
        ja="長い文書のため、{first:,}～{last:,} 行目を表示しています（全 {total:,} 行）。",
        en="This document is long: lines {first:,}–{last:,} of {total:,} are shown.",
    )
    show_earlier = Text(ja="前を表示", en="Show earlier")
    show_later = Text(ja="続きを表示", en="Show more")
    show_whole = Text(ja="すべて表示", en="Show everything")

    error_title = Text(ja="質問に答えられませんでした", en="The question could not be answered")
    error_empty = Text(
        ja="質問が空です。知りたいことを入力してください。",
        en="The question is empty. Type what you would like to know.",
    )
    error_filters = Text(
        ja="絞り込みに合う文書がありません。絞り込みを外すか、変えてください。",
        en="No document is as the filters want it. Take one of them away, or change it.",
    )
    error_too_long = Text(
        ja="質問が長すぎます（{length:,} 字）。{limit:,} 字以内にしてください。",
        en="The question is too long ({length|character}). Please stay within {limit:,}.",
    )
    error_document = Text(
        ja="この文書を開けません。索引が作り直されたかもしれません。もう一度質問してください。",
        en="This document cannot be opened. The index may have been rebuilt; please ask again.",
    )
    error_busy = Text(
        ja="質問が混み合っています。しばらくしてから、もう一度試してください。",
        en="Too many questions are waiting. Try again in a moment.",
    )
    error_internal = Text(
        ja="思わぬ問題が起きました。もう一度試し、続くようなら端末の記録を確かめてください。",
        en="Something unexpected went wrong. Please try again; if it persists, look at the terminal's log.",
    )
    error_details = Text(ja="詳しい内容", en="Details")

    no_index_title = Text(ja="まだ索引がありません", en="There is no index yet")
    no_index = Text(
        ja="文書を加えると索引ができ、質問に答えられるようになります。",
        en="Add documents: an index is made of them, and questions can be answered.",
    )
    no_index_add = Text(ja="文書を加える", en="Add documents")
    no_index_terminal = Text(ja="端末で作る場合のコマンド", en="Or build it in a terminal")

    lost = Text(ja="サーバーにつながりません。", en="The server cannot be reached.")
    lost_question = Text(
        ja="質問の回答は届いていません。つながりしだい、もう一度調べます。",
        en="Your question has no answer yet; it is asked again as soon as the server is back.",
    )
    reload = Text(ja="読み込み直す", en="Reload")

    @property
    def marking(self) -> MarkingTexts:
        """The words around the verdict on an answer."""
        return MARKING_TEXTS[self.language]

    @property
    def libraries(self) -> LibraryTexts:
        """The words around libraries."""
        return LIBRARY_TEXTS[self.language]

    def library(self, name: str) -> str:
        """What the library of a document is called, by what results call it."""
        return self.libraries.default if name == DEFAULT_LIBRARY.name else name

    @property
    def tools(self) -> ToolTexts:
        """The words around an answer."""
        return TOOL_TEXTS[self.language]

    @property
    def prose(self) -> ProseTexts:
        """The words around prose of an LLM."""
        return PROSE_TEXTS[self.language]

    def where(self, line: int, place: Place | None) -> str:
        """What a link to a place in a document says: its page, slide, … if the file has them, else its line."""
        return self.line_label.format(line=line) if place is None else place.describe(self.language)


TEXTS = in_each_language(Texts)
