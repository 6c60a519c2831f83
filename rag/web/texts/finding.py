"""What the page says where words are looked for in a document."""

from __future__ import annotations

from rag.web.texts.text import Spoken, Text, in_each_language


class FindingTexts(Spoken):
    """The words of one language."""

    label = Text(ja="この文書の中を探す", en="Find in this document")
    keys = Text(ja="Enter で次へ、Shift + Enter で前へ", en="Enter goes to the next place, Shift + Enter back")
    count = Text(ja="{at:,} / {count:,} 件", en="{at:,} of {count:,}")
    none = Text(ja="見つかりません", en="Not found")
    previous = Text(ja="前の一致", en="Previous match")
    next = Text(ja="次の一致", en="Next match")


FINDING_TEXTS = in_each_language(FindingTexts)
