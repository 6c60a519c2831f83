"""What the page says around the map, in Japanese and English."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


class MapTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    title = Text(ja="文書の地図", en="Map of the documents")
    explained = Text(
        ja="点は文書の一箇所です。内容が似ているほど近くに並びます。点を選ぶと、その箇所が読めます。",
        en="Each point is a passage; the more alike two are, the closer they stand. Choose a point to read it.",
    )
    sampled = Text(
        ja="全 {passages:,} 箇所のうち、まんべんなく選んだ {shown:,} 箇所を描いています。",
        en="An even sample of {shown:,} of {passages|passage} is drawn.",
    )
    drawing = Text(ja="地図を描いています", en="Drawing the map")
    drawing_hint = Text(
        ja="最初の一度だけ、少し時間がかかります。ほかのタブを使っていても進みます。",
        en="Only the first time takes this long. It goes on while you use other tabs.",
    )
    waiting = Text(
        ja="ほかの作業が終わるのを待っています（前に {ahead} 件）",
        en="Waiting for other work to end ({ahead} before this)",
    )
    failed = Text(
        ja="地図を描けませんでした。もう一度開き、続くようなら端末の記録を確かめてください。",
        en="The map could not be drawn. Open it again; if that does not help, look at the terminal's log.",
    )
    empty = Text(
        ja="索引に文書がないため、まだ地図はありません。",
        en="There are no documents in the index, so there is no map yet.",
    )
    label = Text(ja="文書の地図。{shown:,} 箇所。", en="Map of the documents, {shown|passage}.")
    keys = Text(
        ja="矢印キーで隣の点へ、Enter で原文を開く、+ と - で拡大・縮小、0 で全体",
        en="Arrow keys go to the next point, Enter opens the source, + and - zoom, 0 shows everything",
    )
    zoom_in = Text(ja="拡大", en="Zoom in")
    zoom_out = Text(ja="縮小", en="Zoom out")
    whole = Text(ja="全体を表示", en="Show everything")
    legends = Named(
        document=Text(ja="文書", en="Documents"),
        folder=Text(ja="フォルダー", en="Folders"),
        library=Text(ja="ライブラリー", en="Libraries"),
    )
    others = Text(ja="その他", en="Others")
    count = Text(ja="{count:,} 箇所", en="{count|passage}")
    near_title = Text(ja="質問に近い箇所", en="Passages near the question")
    near_none = Text(
        ja="「質問」タブで尋ねると、その質問と、見つかった箇所がこの地図に現れます。",
        en="Ask something in the tab “Ask”: the question and what was found will appear on this map.",
    )
    near_failed = Text(ja="質問を地図に置けませんでした。", en="The question could not be placed on the map.")
    you_asked = Text(ja="質問", en="Question")


MAP_TEXTS = in_each_language(MapTexts)
