"""Do answers from different documents contradict each other?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

from rag.language.detection import detect_language
from rag.language.terms import terms

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def disagree(answers: Sequence[tuple[str, str]]) -> bool:
    """Whether two documents give different numbers of the same thing, such as two years or two amounts of yen.

    Names are not compared: two different names may both be right.

    Args:
        answers: id of the document and the words quoted from it.
    """
    found = [(document, quantities(words)) for document, words in answers]
    return any(
        one != other and any(there[unit] != number for unit, number in here.items() if unit in there)
        for (one, here), (other, there) in combinations(found, 2)
    )


def quantities(words: str) -> Mapping[str, str]:
    """Number by unit, the word behind it: ``2025年1月`` is ``{"年": "2025", "月": "1"}``."""
    listed = terms(words, detect_language(words, default="ja"))
    return {
        unit: number
        for number, unit in pairwise([*listed, ""])
        if _NUMBER.fullmatch(number) and not _NUMBER.fullmatch(unit)
    }
