"""From a question and its passages to checked prose, streamed sentence by sentence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answer.prose import CheckedSentence, Notice, NoticeCode, Prose
from rag.prose.checking import Checker, Embed, sentence_spans
from rag.prose.client import ChatError, stream_chat
from rag.prose.prompt import Prompt, compose_prompt
from rag.prose.server import ChatServer
from rag.search import Hit

log = logging.getLogger(__name__)

_ENDINGS: dict[str, NoticeCode] = {"length": "length", "content_filter": "filtered"}
_ENDS_SENTENCE = frozenset("。．.!?！？\n")


@dataclass(frozen=True, slots=True)
class Draft:
    """Prose while it is written: what has come, and the sentences of it that are checked."""

    text: str
    sentences: tuple[CheckedSentence, ...]


def write_prose(
    question: str,
    hits: Sequence[Hit],
    server: ChatServer,
    embed_claims: Embed,
    embed_passages: Embed,
    *,
    templates: Path | None = None,
    cancelled: threading.Event | None = None,
) -> Iterator[Draft | Prose]:
    """Has an LLM answer from passages, and checks what it writes.

    Args:
        question: as asked.
        hits: best first; ``[n]`` in the prose is the n-th of them.
        server: whom to ask.
        embed_claims, embed_passages: as for ``Checker``.
        templates: a folder with the user's own templates.
        cancelled: set by another thread to stop.

    Yields:
        A Draft for each piece that comes and each sentence checked, then the Prose. A failure of the server is a
        notice of the Prose, which keeps what came before it.

    Raises:
        SettingsError: if a template cannot be used.
    """
    writing = _Writing(question, hits, server, templates)
    checker = _Progress(hits, embed_claims, embed_passages)
    notice = None if hits else Notice("no-passages")
    try:
        for piece in writing.pieces(cancelled) if hits else ():
            checker.add(piece, writing.passages)
            yield checker.draft()
            if any(char in _ENDS_SENTENCE or char in "]］】" for char in piece) and checker.check_finished():
                yield checker.draft()
    except ChatError as error:
        log.info("No prose, or not all of it: %s", error.code)
        notice = Notice(error.code, error.detail)
    checker.check_rest()
    notice = notice or (Notice(_ENDINGS[writing.ending]) if writing.ending in _ENDINGS else None)
    yield Prose(checker.text, checker.draft().sentences, server.model, server.host, notice is None, notice)


class _Writing:
    """The reply to a question; asks again with fewer passages if the model cannot read them all."""

    def __init__(self, question: str, hits: Sequence[Hit], server: ChatServer, templates: Path | None) -> None:
        self.ending = ""
        self.passages = 0
        self._question = question
        self._hits = hits
        self._server = server
        self._templates = templates

    def pieces(self, cancelled: threading.Event | None) -> Iterator[str]:
        prompt = self._prompt(None)
        while True:
            self.passages = prompt.passages
            try:
                for chunk in stream_chat(self._server, prompt.messages, cancelled):
                    self.ending = chunk.finish or ""
                    yield chunk.text
                return
            except ChatError as error:
                if error.code != "too-long" or prompt.passages <= 1:
                    raise
                prompt = self._prompt(prompt.passages // 2)

    def _prompt(self, most: int | None) -> Prompt:
        server = self._server
        return compose_prompt(
            self._question,
            self._hits,
            context_tokens=server.context_tokens,
            max_tokens=server.max_tokens,
            templates=self._templates,
            most_passages=most,
        )


class _Progress:
    """Prose as it grows, its sentences checked as they are finished."""

    def __init__(self, hits: Sequence[Hit], embed_claims: Embed, embed_passages: Embed) -> None:
        self.text = ""
        self._checker = Checker(hits, embed_claims, embed_passages)
        self._checked: list[CheckedSentence] = []

    def add(self, piece: str, passages: int) -> None:
        """Take in the next piece, which may cite the first ``passages`` hits."""
        self.text += piece
        self._checker.passages = passages

    def draft(self) -> Draft:
        return Draft(self.text, tuple(self._checked))

    def check_finished(self) -> bool:
        """Check the sentences behind which another has begun; says whether there were any."""
        # The last one may go on, or have its marks still to come.
        return self._check(sentence_spans(self.text)[:-1])

    def check_rest(self) -> None:
        """Check what is left."""
        self._check(sentence_spans(self.text))

    def _check(self, spans: Sequence[tuple[int, int]]) -> bool:
        # More text can change where earlier sentences end, as the second half of a quotation does.
        before = [(sentence.start, sentence.end) for sentence in self._checked]
        done = next((i for i, pair in enumerate(zip(before, spans, strict=False)) if pair[0] != pair[1]), None)
        done = min(len(before), len(spans)) if done is None else done
        self._checked[done:] = [self._checker.check(self.text, start, end) for start, end in spans[done:]]
        return len(spans) > done
