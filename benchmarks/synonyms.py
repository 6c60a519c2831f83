"""What synonyms bring where documents use other words than questions, and what those cost that are not needed.

    python -m benchmarks.synonyms DATASET [--words 300] [--limit 500] [--write docs/results.md]

Nouns of the questions, drawn at random, give way to made-up words in a share of the passages that hold them; the
synonyms say which are the same. Where a tenth of the passages have the new word, it is much rarer than the old one.
"Unlimited": with synonyms that may weigh more than the words they stand for. Questions with such a noun, one passage to
find for each (protocol R), by BM25 alone.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.report import parser, publish, table
from rag import Settings
from rag.evaluation import load_dataset
from rag.index.lexical import Lexical, MappedField, keys_of
from rag.index.lexical_writer import LexicalWriter
from rag.language.synonyms import NO_SYNONYMS, Synonyms
from rag.language.terms import terms

SHARES = (0.0, 0.1, 0.5, 1.0)
_NOUN = re.compile(r"(?<![一-龥ァ-ヺー])(?:[一-龥]{2,4}|[ァ-ヺー]{3,6})(?![一-龥ァ-ヺー])")
_SYLLABLES = "ザペドゥヒュゴブミャレロワニョ"


def main() -> None:
    """Print the table."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--words", type=int, default=300)
    options.add_argument("--limit", type=int, default=500, help="questions, drawn at random")
    arguments = options.parse_args()
    dataset = load_dataset(arguments.dataset, protocol="passages")
    texts = [f"{document.title}\n{document.text}" for document in dataset.documents]
    row_of = {document.source: row for row, document in enumerate(dataset.documents)}
    asked = [(query.text, row_of[query.relevant[0].source]) for query in dataset.queries]
    words = _made_up([question for question, _ in asked], arguments.words)
    asked = [(question, row) for question, row in asked if any(word in _NOUN.findall(question) for word in words)]
    asked = random.Random(2).sample(asked, min(arguments.limit, len(asked)))
    synonyms = Synonyms({word: [other] for word, other in words.items()})
    rows = []
    for share in SHARES:
        with tempfile.TemporaryDirectory() as folder:
            lexical = _indexed(_rewritten(texts, words, share), Path(folder))
            without, with_them = (_measured(lexical, asked, known) for known in (NO_SYNONYMS, synonyms))
            with patch.object(MappedField, "worth", return_value=1.0):
                unlimited = _measured(lexical, asked, synonyms)
        rows.append([f"{share:.0%}", *without, *with_them, *unlimited])
    body = f"{len(texts):,} passages, {len(asked):,} questions with one of {len(words):,} nouns."
    header = [
        "other words in",
        "RR@10 without",
        "R@10 without",
        "RR@10 with",
        "R@10 with",
        "RR@10 unlimited",
        "R@10 unlimited",
    ]
    publish("synonyms", f"{body}\n\n{table(header, rows)}", arguments.write)


def _made_up(questions: Sequence[str], count: int) -> Mapping[str, str]:
    """Nouns of questions, and a word that nobody uses for each."""
    draw = random.Random(0)
    nouns = sorted({noun for question in questions for noun in _NOUN.findall(question)})
    return {noun: "".join(draw.choices(_SYLLABLES, k=6)) for noun in draw.sample(nouns, min(count, len(nouns)))}


def _rewritten(texts: Sequence[str], words: Mapping[str, str], share: float) -> list[str]:
    """The texts, of which this share has the made-up words for the nouns."""
    draw = random.Random(1)
    return [_NOUN.sub(lambda m: words.get(m[0], m[0]), text) if draw.random() < share else text for text in texts]


def _indexed(texts: Sequence[str], folder: Path) -> Lexical:
    settings = Settings.load()
    writer = LexicalWriter(folder, settings.bm25_k1, settings.bm25_b)
    writer.add([keys_of(terms(text, "ja")) for text in texts], texts)
    writer.finish()
    return Lexical.open(folder, len(texts))


def _measured(lexical: Lexical, asked: Sequence[tuple[str, int]], synonyms: Synonyms) -> tuple[float, float]:
    """RR@10 and R@10 of the passage of each question."""
    weight = Settings.load().ngram_weight
    places = []
    for question, row in asked:
        respelled = [word.texts(question) for word in synonyms.respellings(question, "ja")]
        scores = lexical.scores(question, "ja", weight, respelled)
        places.append(1 + np.count_nonzero(scores > scores[row]))
    reciprocal = [1 / place if place <= 10 else 0.0 for place in places]
    return float(np.mean(reciprocal)), float(np.mean([place <= 10 for place in places]))


if __name__ == "__main__":
    main()
