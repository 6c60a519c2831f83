"""What kind of answer a question wants."""

from __future__ import annotations

import re
import unicodedata

_EXPLAIN = re.compile(
    r"とは(?:何|なに|なん|どう|[?。]?$)|って(?:何|なに|なん)|何のため|どういう(?:意味|こと|もの|状態|仕組み)|なぜ|何故|どうして|"
    r"理由|仕組み|(?:を|について)(?:説明|教えて)|どうやって|"
    r"^what (?:is|are) (?:an? )?(?!the )(?:(?! of | in )[^?]){1,40}\??$|^what does .+ mean|\bmeaning of\b|"
    r"^why\b|^how (?:do|does|did|is|are|can)\b|\bexplain\b|\bwhat for\b",
    re.IGNORECASE,
)


def wants_explanation(question: str) -> bool:
    """Whether it takes a sentence to answer: what something is or is for, why, how; a name or a number would not do."""
    return _EXPLAIN.search(unicodedata.normalize("NFKC", question).strip()) is not None
