"""Short texts of our own in eleven languages and several genres (``texts.jsonl``, CC0), and pieces cut out of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

TEXTS = Path(__file__).with_suffix(".jsonl")
SEEDS = Path(__file__).parents[1] / "seeds"


@dataclass(frozen=True)
class Text:
    """A text, its language (``ja``, ``zh-Hant``) and what it is: notice, mail, table, half-width kana."""

    language: str
    genre: str
    words: str


def read_texts(path: Path = TEXTS, seeds: Path = SEEDS) -> list[Text]:
    """The texts, and the seed documents as Japanese."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    own = [Text(row["language"], row["genre"], row["text"]) for row in rows]
    return own + [Text("ja", "seed", file.read_text(encoding="utf-8")) for file in sorted(seeds.glob("*.txt"))]


def piece(texts: Sequence[Text], length: int, draw: Random) -> str:
    """So many characters, begun anywhere in one of the texts; where it is too short, others follow."""
    text = draw.choice(texts)
    start = draw.randrange(max(1, len(text.words) - length))
    found = text.words[start:].lstrip()
    while len(found) < length:
        found += "\n" + draw.choice(texts).words
    return found[:length]
