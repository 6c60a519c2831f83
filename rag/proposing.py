"""Questions proposed to somebody who begins: made of what documents define, list and answer, without an LLM.

Candidates come by rule (``rag.candidates``). Each is asked, and only those are proposed that are answered from their
own document, with the words they were made of and with high confidence. They are kept with the Snapshot.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from rag.answer.result import HIGH, Answer, confidence_level
from rag.candidates import Candidate, candidates, squashed
from rag.engine import Engine
from rag.errors import RagError
from rag.files import replacing
from rag.index.store import DocumentInfo

log = logging.getLogger(__name__)

PROPOSED_FILE = "proposed.json"
MOST_PROPOSED = 6
_MOST_DOCUMENTS = 24
_MOST_ASKED = 60
_RULES: Final = 2
"""Raise this whenever candidates are made otherwise: what was proposed before is proposed anew."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A question that the documents answer: as it is asked, its language, and the source that answers it."""

    question: str
    language: str
    source: str


def propose(engine: Engine, wait: Callable[[], None] = lambda: None) -> Iterator[Proposed]:
    """Questions that an index answers with high confidence, of as many documents as may be.

    Args:
        engine: what is asked.
        wait: called before each question is asked; it may wait, or raise to end it.
    """
    found = 0
    for document, candidate in islice(_candidates(engine), _MOST_ASKED):
        if found >= MOST_PROPOSED:
            return
        wait()
        try:
            answer = engine.ask(candidate.question)
        except RagError as error:
            log.info("%s", error)
            continue
        if _is_good(answer, candidate, document.id):
            found += 1
            yield Proposed(candidate.question, document.language, document.source)


def _is_good(answer: Answer, candidate: Candidate, document_id: str) -> bool:
    """Whether the document that the question is made of answers it, by the words it was made of, and surely."""
    if answer.abstained or answer.conflict or confidence_level(answer.confidence) < HIGH:
        return False
    own = [each.quote for each in answer.citations if each.document.id == document_id]
    is_first = bool(answer.citations) and answer.citations[0].document.id == document_id
    return is_first and any(squashed(candidate.words) in squashed(quote) for quote in own)


def _candidates(engine: Engine) -> Iterator[tuple[DocumentInfo, Candidate]]:
    """A question of each document, then a second of each, and so on."""

    def of(turn: int, info: DocumentInfo) -> Iterator[tuple[DocumentInfo, Candidate]]:
        return ((info, candidate) for candidate in candidates(engine.document(info.id), turn))

    listed = engine.documents()
    each = [of(*one) for one in enumerate(listed[:: max(1, len(listed) // _MOST_DOCUMENTS)][:_MOST_DOCUMENTS])]
    asked = set()
    while each:
        left = []
        for some in each:
            if (candidate := next(some, None)) is not None:
                if candidate[1].question not in asked:
                    yield candidate
                asked.add(candidate[1].question)
                left.append(some)
        each = left


def kept(snapshot: Path) -> list[Proposed] | None:
    """The questions kept with a Snapshot; ``None`` if none were proposed yet, or by other rules than today's."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        read = json.loads((snapshot / PROPOSED_FILE).read_text(encoding="utf-8"))
        if read["rules"] == _RULES:
            return [Proposed(**each) for each in read["questions"]]
    return None


def keep(snapshot: Path, proposed: Sequence[Proposed]) -> None:
    """Keep questions with their Snapshot, which may lie where nothing can be written: then they are lost."""
    kept_as = {"rules": _RULES, "questions": [asdict(each) for each in proposed]}
    with suppress(OSError), replacing(snapshot / PROPOSED_FILE, durable=False) as partial:
        partial.write_text(json.dumps(kept_as, ensure_ascii=False), encoding="utf-8")
