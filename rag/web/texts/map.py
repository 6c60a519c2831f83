"""What the page says around the map, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class MapTexts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    title: str
    explained: str
    sampled: str
    drawing: str
    drawing_hint: str
    waiting: str
    failed: str
    empty: str
    label: str
    keys: str
    zoom_in: str
    zoom_out: str
    whole: str
    legend: str
    legend_folders: str
    others: str
    count: str
    open: str
    near_title: str
    near_none: str
    near_failed: str
    you_asked: str
    rank: str


MAP_TEXTS: Mapping[Language, MapTexts] = {
    "ja": MapTexts(
        title="文書の地図",
        explained="点は文書の一箇所です。内容が似ているほど近くに並びます。点を選ぶと、その箇所が読めます。",
        sampled="全 {passages:,} 箇所のうち、まんべんなく選んだ {shown:,} 箇所を描いています。",
        drawing="地図を描いています",
        drawing_hint="最初の一度だけ、少し時間がかかります。ほかのタブを使っていても進みます。",
        waiting="ほかの作業が終わるのを待っています（前に {ahead} 件）",
        failed="地図を描けませんでした。もう一度開き、続くようなら端末の記録を確かめてください。",
        empty="索引に文書がないため、まだ地図はありません。",
        label="文書の地図。{shown:,} 箇所。",
        keys="矢印キーで隣の点へ、Enter で原文を開く、+ と - で拡大・縮小、0 で全体",
        zoom_in="拡大",
        zoom_out="縮小",
        whole="全体を表示",
        legend="文書",
        legend_folders="フォルダー",
        others="その他",
        count="{count:,} 箇所",
        open="原文で見る",
        near_title="質問に近い箇所",
        near_none="「質問」タブで尋ねると、その質問と、見つかった箇所がこの地図に現れます。",
        near_failed="質問を地図に置けませんでした。",
        you_asked="質問",
        rank="{rank} 位",
    ),
    "en": MapTexts(
        title="Map of the documents",
        explained="Each point is a passage; the more alike two are, the closer they stand. Choose a point to read it.",
        sampled="An even sample of {shown:,} of {passages:,} passages is drawn.",
        drawing="Drawing the map",
        drawing_hint="Only the first time takes this long. It goes on while you use other tabs.",
        waiting="Waiting for other work to end ({ahead} before this)",
        failed="The map could not be drawn. Open it again; if that does not help, look at the terminal's log.",
        empty="There are no documents in the index, so there is no map yet.",
        label="Map of the documents, {shown:,} passages.",
        keys="Arrow keys go to the next point, Enter opens the source, + and - zoom, 0 shows everything",
        zoom_in="Zoom in",
        zoom_out="Zoom out",
        whole="Show everything",
        legend="Documents",
        legend_folders="Folders",
        others="Others",
        count="{count:,} passages",
        open="Show in source",
        near_title="Passages near the question",
        near_none="Ask something in the tab “Ask”: the question and what was found will appear on this map.",
        near_failed="The question could not be placed on the map.",
        you_asked="Question",
        rank="no. {rank}",
    ),
}
