"""What the page says of the files that documents were read from, and of their pages."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


class OriginalTexts(Spoken):
    """The words of one language."""

    download = Text(ja="原本を開く", en="Open the original")
    download_label = Text(ja="原本を開く（{name} を保存）", en="Open the original (saves {name})")
    show = Text(ja="紙面を表示", en="Show the page")
    hide = Text(ja="紙面を隠す", en="Hide the page")
    page = Text(ja="{number:,} / {pages:,} ページ", en="Page {number:,} of {pages:,}")
    picture = Text(ja="「{title}」の {number:,} ページの紙面", en="Page {number:,} of “{title}” as it looks")
    previous = Text(ja="前のページ", en="Previous page")
    next = Text(ja="次のページ", en="Next page")
    enlarge = Text(ja="紙面を拡大", en="Enlarge the page")
    not_framed = Text(
        ja="示す文字の位置が紙面の上で見つからないため、枠を付けていません。下の本文で確かめてください。",
        en="Where these words stand on the page could not be found, so nothing is framed. See the text below.",
    )
    part_framed = Text(
        ja="示す文字の一部は、紙面の上で位置が見つからず、枠がありません。",
        en="Some of these words could not be found on the page and have no frame.",
    )
    states = Named(
        gone=Text(
            ja="原本（{name}）が元の場所にありません。移したか消したようです。索引を更新すると今の状態になります。",
            en="The original ({name}) is not where it was; it seems to have been moved or deleted. "
            "Bring the index up to date to have it as it is now.",
        ),
        changed=Text(
            ja="原本（{name}）は、索引に入れた後で変わっています。違う紙面を見せないよう、表示しません。"
            "索引を更新すると表示できます。",
            en="The original ({name}) has changed since it was indexed, so its pages may be others and are not shown. "
            "Bring the index up to date to see them.",
        ),
    )
    not_drawn = Text(ja="この紙面は描けません。", en="This page cannot be drawn.")
    busy = Text(
        ja="混み合っています。少し待って開き直してください。", en="The server is busy. Open it again in a moment."
    )
    unknown = Text(ja="この文書は、もう索引にありません。", en="This document is no longer in the index.")


ORIGINAL_TEXTS = in_each_language(OriginalTexts)
