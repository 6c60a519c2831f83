"""One run of a question file: ask what is not yet answered, keep each result, write the output at the end."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Unpack

from filelock import FileLock, Timeout

from rag.batch.journal import Journal
from rag.batch.questions import Question, QuestionFile
from rag.batch.result import Result, result_of
from rag.batch.writing import Totals, check_output, write_output
from rag.code_digest import code_digest, parts_but
from rag.errors import BusyError, InternalError, RagError, SettingsError, StorageError
from rag.index.query import Options, Query
from rag.language.synonyms import synonyms_digest

if TYPE_CHECKING:
    from rag.answer.result import Answer
    from rag.corpus.document import Document
    from rag.index.snapshot import Snapshot
    from rag.settings import Settings

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with the stage (``asking``, ``writing``), what is done, and the total."""

_IRRELEVANT = {"index", "cache_dir", "max_file_mb", "eval_datasets", "trusted_proxies", "follow_links"}
"""Settings that answers do not depend on; what is in the index, the Snapshot's id tells."""
_WAYS_IN = ("batch", "cli", "evaluation", "web")
"""Parts of the code that answers do not depend on."""
_CACHED_DOCUMENTS = 32


class BatchEngine(Protocol):
    """What a batch needs of an Engine."""

    @property
    def settings(self) -> Settings: ...

    @property
    def snapshot(self) -> Snapshot: ...

    def batch(
        self,
        questions: Iterable[str],
        *,
        llm: bool = False,
        **options: Unpack[Options],
    ) -> Iterator[Answer | RagError]: ...

    def document(self, document_id: str) -> Document: ...


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a run did.

    Attributes:
        output: the file written.
        snapshot: id of the Snapshot asked.
        questions: how many the output holds.
        answered, abstained, failed: how they came out.
        resumed: how many of them had been answered by an earlier run of the same command.
        set_aside: where the journal of another run with this output was moved to, if there was one.
        seconds: time taken to ask and to write.
    """

    output: Path
    snapshot: str
    questions: int
    answered: int
    abstained: int
    failed: int
    resumed: int
    set_aside: Path | None
    seconds: float

    @property
    def rate(self) -> float:
        """Questions a second that this run asked."""
        return (self.questions - self.resumed) / max(self.seconds, 1e-9)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "output": str(self.output),
            "snapshot": self.snapshot,
            "questions": self.questions,
            "answered": self.answered,
            "abstained": self.abstained,
            "failed": self.failed,
            "resumed": self.resumed,
            "set_aside": None if self.set_aside is None else str(self.set_aside),
            "seconds": round(self.seconds, 3),
            "questions_per_second": round(self.rate, 3),
        }


def part_file(output: Path) -> Path:
    """The journal of an output that is not finished."""
    return output.with_name(f"{output.name}.part.jsonl")


def run_batch(
    engine: BatchEngine,
    questions: QuestionFile,
    output: str | Path,
    *,
    llm: bool = False,
    limit: int | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
    keep: bool = False,
    **how: Unpack[Options],
) -> BatchReport:
    """Ask every question of a file and write the answers, in the file's order, in the format that ``output`` ends in.

    Results are kept in ``OUTPUT.part.jsonl`` as they are made. Killed at any point, the same call goes on behind the
    last one kept, if the questions, the Snapshot, the settings, the version of this package and everything else that
    answers depend on are the same; otherwise it says so, sets that file aside and starts anew. ``limit`` may differ.
    The output appears whole, by rename.

    Args:
        engine: what is asked.
        questions: from ``read_questions``.
        output: ``.jsonl``, ``.csv``, ``.xlsx``, ``.md`` or ``.html``.
        llm: as for ``Engine.ask``.
        limit: ask only so many questions, from the first on.
        options: what else the answers depend on, as JSON values.
        progress: told the stage, what is done and the total.
        tell: told, in a sentence, that the run goes on, starts anew, or stopped.
        keep: leave the journal beside the finished output.
        k, mode, sources, languages, since, until: as for ``Engine.search``.

    Raises:
        QuestionError: if one of these makes no sense, or no document is as the filters want it.
        SettingsError: if there is no such output format, or the output is the question file.
        BusyError: if another process is writing this output.
        StorageError: if a result or the output cannot be written; the results so far are kept.
    """
    output = Path(output)
    check_output(output)
    _check_not_input(output, questions)
    notify, say = progress or (lambda stage, done, total: None), tell or log.info
    started = time.perf_counter()
    wanted = questions.questions[:limit]
    made_with = fingerprint(engine, questions, Query.of(**how), {**(options or {}), "prose": llm})
    with _alone(output):
        with closing(Journal(part_file(output), made_with)) as journal:
            resumed = min(journal.done, len(wanted))
            _tell_start(say, journal, len(wanted))
            texts = (question.text for question in wanted[resumed:])
            answers = engine.batch(texts, llm=llm, **how)
            with _telling_where_it_stopped(say, journal, len(wanted)):
                notify("asking", resumed, len(wanted))
                _ask(answers, engine, journal, len(wanted), notify)
                totals = _write(output, questions, wanted, journal, notify)
        if not keep:
            journal.remove()
    return BatchReport(
        output=output,
        snapshot=engine.snapshot.manifest.id,
        questions=len(wanted),
        answered=totals.statuses["answered"],
        abstained=totals.statuses["abstained"],
        failed=totals.statuses["failed"],
        resumed=resumed,
        set_aside=journal.set_aside,
        seconds=time.perf_counter() - started,
    )


def fingerprint(
    engine: BatchEngine,
    questions: QuestionFile,
    query: Query,
    options: Mapping[str, Any],
) -> str:
    """32 hexadecimal digits over everything that the results depend on."""
    settings, within = engine.settings, query.within
    # The LLM's settings matter only where it is asked.
    fields = type(settings).model_fields
    unused = {
        name for name in fields if name.startswith("oidc_") or (name.startswith("llm_") and not options.get("prose"))
    }
    parts = {
        "code": code_digest(*parts_but(_WAYS_IN)),
        "questions": [questions.digest, questions.question_column, questions.id_column],
        "snapshot": engine.snapshot.manifest.id,
        "settings": settings.model_dump(mode="json", exclude=_IRRELEVANT | {"synonyms"} | unused),
        "synonyms": synonyms_digest(settings.synonyms),
        "asked": [query.k or settings.k, query.mode or settings.mode],
        "within": [sorted(within.sources), sorted(within.languages), within.since, within.until],
        "options": dict(options),
    }
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _ask(
    answers: Iterator[Answer | RagError], engine: BatchEngine, journal: Journal, total: int, notify: Progress
) -> None:
    """Takes the answers as they come; the Engine reads ahead, so no question is drawn from it that is not needed."""
    document = lru_cache(maxsize=_CACHED_DOCUMENTS)(engine.document)
    for outcome in answers:
        journal.append(_result(outcome, document))
        notify("asking", journal.done, total)
    if journal.done < total:
        raise RuntimeError(f"The Engine gave {journal.done} answers to {total} questions.")


def _result(outcome: Answer | RagError, document: Callable[[str], Document]) -> Result:
    """What is kept of an outcome; a bug of ours costs one question, not the batch."""
    try:
        return result_of(outcome, document)
    except RagError:
        raise
    except Exception as error:
        log.exception("An answer cannot be kept.")
        return result_of(InternalError("The answer cannot be kept", error), document)


def _write(
    output: Path, questions: QuestionFile, wanted: tuple[Question, ...], journal: Journal, notify: Progress
) -> Totals:
    """Goes through the journal twice, once to count, so that memory does not grow with the questions."""
    statuses: Counter[str] = Counter()
    most_citations, prose = 0, False
    for _, result in zip(wanted, journal.results(), strict=False):
        statuses[result.status] += 1
        most_citations = max(most_citations, len(result.citations))
        prose = prose or bool(result.prose)
    totals = Totals(len(wanted), statuses, most_citations, prose)

    def rows() -> Iterator[tuple[Question, Any]]:
        for number, pair in enumerate(zip(wanted, journal.results(), strict=False), start=1):
            yield pair
            notify("writing", number, len(wanted))

    write_output(output, questions, totals, rows())
    return totals


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Makes the folder, and keeps other runs off this output."""
    lock_file = output.with_name(f".{output.name}.lock")
    lock = FileLock(lock_file, timeout=0)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise BusyError(
            "Another process is answering questions into this file.",
            path=output,
            hint="Wait until it is done, or choose another output.",
        ) from None
    except OSError as error:
        raise StorageError(
            f"The folder cannot be written: {error.strerror or error}.",
            path=error.filename or output,
            hint="Choose another output.",
        ) from None
    try:
        yield
    finally:
        with suppress(OSError):  # Windows deletes no open file
            lock_file.unlink(missing_ok=True)
        lock.release()


def _tell_start(say: Callable[[str], None], journal: Journal, total: int) -> None:
    if journal.set_aside is not None:
        say(
            f"{journal.path} is of another run (other questions, index, settings or version): "
            f"moved to {journal.set_aside.name}, starting anew."
        )
    if journal.done:
        say(f"Going on after {min(journal.done, total):,} of {total:,} questions, kept in {journal.path}.")


@contextmanager
def _telling_where_it_stopped(say: Callable[[str], None], journal: Journal, total: int) -> Iterator[None]:
    try:
        yield
    except BaseException:
        say(
            f"Stopped after {min(journal.done, total):,} of {total:,} questions, kept in {journal.path}. "
            "The same command goes on from there."
        )
        raise


def _check_not_input(output: Path, questions: QuestionFile) -> None:
    with suppress(OSError):
        if Path(questions.name).samefile(output):
            raise SettingsError("The output is the question file.", path=output, hint="Choose another name.")
