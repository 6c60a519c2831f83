"""Rivals from our own hybrid search: ``python -m training.mine --data DIR --output FILE``.

Every question is asked of an index over all paragraphs. For each, a line of JSON holds ``question`` (its id) and
``hits``: key and fused score of everything found, best first, and whether the answer's characters stand in it.
"""

from __future__ import annotations

import argparse
import json
import logging
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.building import build_documents
from rag.corpus import Document
from rag.engine import Engine
from rag.search import SearchResult
from rag.settings import Settings
from training.data import Question, ReadingSet, load_squad

logger = logging.getLogger(__name__)

DEPTH = 40
_BATCH = 256


def main(arguments: Sequence[str] | None = None) -> None:
    """Index the paragraphs, ask every question, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="SQuAD-style file, or folder of them")
    parser.add_argument("--output", type=Path, required=True, help="file to write")
    parser.add_argument("--index", type=Path, required=True, help="folder for the index over the paragraphs; kept")
    parser.add_argument("--ids", type=Path, help="mine only for the questions whose ids stand in this file, one a line")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    data = load_squad(options.data)
    questions = data.questions
    if options.ids:
        wanted = set(options.ids.read_text(encoding="utf-8").split())
        questions = tuple(question for question in questions if question.id in wanted)
    engine = _engine(data, options.index)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    part = options.output.with_suffix(".part")
    with part.open("w", encoding="utf-8") as output:
        for number, record in enumerate(mined(engine, data, questions), 1):
            output.write(json.dumps(record, ensure_ascii=False) + "\n")
            if number % 2000 == 0:
                logger.info("%d of %d questions", number, len(questions))
    part.replace(options.output)


def _engine(data: ReadingSet, index: Path) -> Engine:
    documents = [Document(source=p.key, title=p.article, text=p.text, language="ja") for p in data.paragraphs]
    # The question asks about the text; a title would give the article away, which no title does in protocol R.
    settings = Settings.load(index=index, embed_with="text")
    report = build_documents(documents, index, settings, whole=True)
    logger.info("Indexed %d paragraphs, %d embedded", report.passages, report.embedded)
    return Engine.open(index, settings)


def mined(engine: Engine, data: ReadingSet, questions: Sequence[Question]) -> Iterator[dict[str, Any]]:
    """One record for each question, in order."""
    folded = {paragraph.key: _folded(paragraph.text) for paragraph in data.paragraphs}
    for first in range(0, len(questions), _BATCH):
        batch = questions[first : first + _BATCH]
        for question, result in zip(
            batch, engine.search_many([q.text for q in batch], operators=False, k=DEPTH), strict=True
        ):
            answers = [_folded(answer) for answer in data.answer_texts(question)]
            yield {"question": question.id, "hits": _hits(result, answers, folded)}


def _hits(result: SearchResult, answers: Sequence[str], folded: Mapping[str, str]) -> list[tuple[str, float, bool]]:
    keys = [hit.document.source for hit in result.hits]
    holds = [any(answer in folded[key] for answer in answers) for key in keys]
    return list(zip(keys, [round(hit.score, 4) for hit in result.hits], holds, strict=True))


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


if __name__ == "__main__":
    main()
