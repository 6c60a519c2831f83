"""Questions and passages of different languages, brought to where they can be compared.

Vectors of multilingual-e5 lie apart by language, and questions apart from passages: those of one language and role lie
around a mean of their own. A question that is compared with passages of another language is moved by the difference of
the means; within its own language it stays as it is. The means come from paragraphs in both languages
(``training.languages``), which is also where the table of what it is worth is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FILE: Final = Path(__file__).with_name("languages.npz")


@dataclass(frozen=True)
class LanguageMeans:
    """Mean vectors of questions and of passages by language, each of shape ``(dimension,)``."""

    questions: Mapping[str, Floats]
    passages: Mapping[str, Floats]

    @classmethod
    def of(cls, fingerprint: str) -> LanguageMeans | None:
        """Those that ship for a model; ``None`` if there are none for it."""
        return _shipped(fingerprint)

    def moved(self, question: Floats, asked: str, other: str) -> Floats | None:
        """The question's unit vector as it is compared with passages of another language; ``None`` if not known."""
        if asked not in self.questions or other not in self.passages:
            return None
        found = question - self.questions[asked] + self.passages[other]
        return np.asarray(found / np.linalg.norm(found), dtype=np.float32)

    def write(self, path: Path, fingerprint: str) -> None:
        """Write the file that ships."""
        arrays = {f"question.{language}": mean for language, mean in self.questions.items()}
        arrays |= {f"passage.{language}": mean for language, mean in self.passages.items()}
        small = {name: mean.astype(np.float16) for name, mean in arrays.items()}
        np.savez(path, allow_pickle=False, fingerprint=np.array(fingerprint), **small)


@lru_cache(maxsize=4)
def _shipped(fingerprint: str) -> LanguageMeans | None:
    if not FILE.exists():
        return None
    with np.load(FILE, allow_pickle=False) as arrays:
        if str(arrays["fingerprint"]) != fingerprint:
            return None
        by_role: dict[str, dict[str, Floats]] = {"question": {}, "passage": {}}
        for name in arrays.files:
            role, _, language = name.partition(".")
            if role in by_role:
                by_role[role][language] = arrays[name].astype(np.float32)
    return LanguageMeans(by_role["question"], by_role["passage"])
