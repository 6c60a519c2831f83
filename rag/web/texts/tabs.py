"""Names of the tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class TabTexts:
    """What each tab is called."""

    ask: str
    documents: str
    batch: str
    evaluation: str
    map: str


TAB_TEXTS: Mapping[Language, TabTexts] = {
    "ja": TabTexts(ask="質問", documents="文書", batch="一括", evaluation="評価", map="地図"),
    "en": TabTexts(ask="Ask", documents="Documents", batch="Batch", evaluation="Evaluation", map="Map"),
}
