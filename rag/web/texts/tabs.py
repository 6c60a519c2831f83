"""Names of the tabs."""

from __future__ import annotations

from rag.web.texts.text import Spoken, Text, in_each_language


class TabTexts(Spoken):
    """What each tab is called."""

    ask = Text(ja="質問", en="Ask")
    documents = Text(ja="文書", en="Documents")
    batch = Text(ja="一括", en="Batch")
    evaluation = Text(ja="評価", en="Evaluation")
    map = Text(ja="地図", en="Map")


TAB_TEXTS = in_each_language(TabTexts)
