"""The committed sentences, faithful and invented, checked with the bundled model: what is marked and what is not.

The thresholds were chosen on the passages marked ``choose``; those marked ``hold`` were written afterwards. The server
that "writes" the sentences is a scripted one, over real HTTP.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from rag import Settings
from rag.language.detection import detect_language
from rag.models import Embedder
from rag.prose import ChatServer, CheckedSentence, Prose, write_prose
from rag.search import DocumentRef, Hit

from .fake_server import scripted

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RECORDS = [json.loads(line) for line in (ROOT / "tests/fixtures/prose.jsonl").read_text(encoding="utf-8").splitlines()]
PASSAGES = {record["passage"]: record for record in RECORDS if "passage" in record}
SENTENCES = [record for record in RECORDS if "sentence" in record]
Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]


def passage(key: str) -> tuple[str, Hit]:
    """A passage of the set, with the whole text it stands in."""
    record = PASSAGES[key]
    if "text" in record:
        text, start, end, title, language = record["text"], 0, len(record["text"]), record["title"], record["language"]
    else:
        text = (ROOT / record["source"]).read_text(encoding="utf-8")
        start = text.index(record["from"])
        end = text.index(record["to"], start) + len(record["to"])
        title, language = "", detect_language(text[start:end])
    document = DocumentRef(key, title, key)
    return text, Hit(1, 1.0, {}, document, start, end, text[start:end], (), language, 1, 0)


def remembering(embed: Embed) -> Embed:
    """Embeds no text twice."""
    known: dict[str, npt.NDArray[np.float32]] = {}

    def through(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if missing := [text for text in dict.fromkeys(texts) if text not in known]:
            known.update(zip(missing, embed(missing), strict=True))
        return np.stack([known[text] for text in texts])

    return through


@pytest.fixture(scope="module")
def checked() -> list[tuple[dict[str, Any], CheckedSentence]]:
    """Every sentence of the set with its verdict, as a whole answer of its own."""
    settings = Settings.load()
    model = Embedder.load(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
    claims, stretches = remembering(model.embed_queries), remembering(model.embed_passages)
    found = []
    with scripted(*(record["sentence"] for record in SENTENCES)) as fake:
        server = ChatServer(fake.url, retries=0)
        for record in SENTENCES:
            text, hit = passage(record["cites"])
            prose = list(write_prose("?", [hit], server, claims, stretches))[-1]
            assert isinstance(prose, Prose)
            assert prose.text == record["sentence"]
            (sentence,) = prose.sentences
            assert all(text[c.start : c.end] == c.quote for c in sentence.support)
            found.append((record, sentence))
    return found


def marked(checked: list[tuple[dict[str, Any], CheckedSentence]], faithful: bool, split: str | None = None) -> float:
    """Share of the faithful or of the invented sentences that is marked."""
    verdicts = [
        sentence.verdict != "supported"
        for record, sentence in checked
        if (record["kind"] == "faithful") == faithful and split in (None, PASSAGES[record["cites"]]["split"])
    ]
    return sum(verdicts) / len(verdicts)


def test_the_set_is_large_and_of_every_kind() -> None:
    kinds = Counter((record["kind"], record["language"]) for record in SENTENCES)
    assert len(SENTENCES) >= 100
    assert all(
        kinds[kind, language] >= 7
        for kind in ("faithful", "number", "date", "name", "nowhere")
        for language in ("ja", "en")
    )


def test_invented_sentences_are_marked(checked: list[tuple[dict[str, Any], CheckedSentence]]) -> None:
    assert marked(checked, faithful=False) >= 0.95
    assert marked(checked, faithful=False, split="hold") >= 0.95


def test_faithful_sentences_are_not_marked(checked: list[tuple[dict[str, Any], CheckedSentence]]) -> None:
    assert marked(checked, faithful=True) <= 0.05
    assert marked(checked, faithful=True, split="hold") <= 0.05


@pytest.mark.parametrize("kind", ["number", "date", "name"])
def test_a_wrong_fact_is_named_as_the_reason(checked: list[tuple[dict[str, Any], CheckedSentence]], kind: str) -> None:
    of_kind = [sentence for record, sentence in checked if record["kind"] == kind]
    named = [s for s in of_kind if {"number", "date", "name"} & {problem.kind for problem in s.problems}]
    assert len(named) >= 0.9 * len(of_kind)
