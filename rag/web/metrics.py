"""What a server counts and measures, for Prometheus. Nothing of it tells who asked or what."""

from __future__ import annotations

import time
from datetime import datetime
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from rag.web.current import CurrentIndex
from rag.web.turns import Kind, Outcome, Stage, Turns

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The metrics of one server, with those of its process.

    Args:
        current: the index, whose age and size are told.
        turns: the line of questions; it reports its times here.
    """

    def __init__(self, current: CurrentIndex, turns: Turns) -> None:
        self._current = current
        self._registry = registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self._requests = Counter(
            "shiori_requests", "Requests answered, by the way they came in.", ["way", "status"], registry=registry
        )
        self._seconds = Histogram(
            "shiori_request_seconds",
            "Time from a request to the end of its answer.",
            ["way"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._stages = Histogram(
            "shiori_question_seconds",
            "Time of a question, to be read or only searched for: waiting for its turn, and being worked on.",
            ["kind", "stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._answers = Counter(
            "shiori_answers", "Questions that were read, by what became of them.", ["outcome"], registry=registry
        )
        for outcome in get_args(Outcome):
            self._answers.labels(outcome)  # so that there is a rate before the first of them
        self._refused = Counter(
            "shiori_refused",
            "Requests refused for being too many, by what was full.",
            ["bound"],
            registry=registry,
        )
        self._documents = Gauge("shiori_index_documents", "Documents of the index.", registry=registry)
        self._age = Gauge("shiori_index_age_seconds", "Time since the index was built.", registry=registry)
        line = Gauge("shiori_questions_in_line", "Questions waiting or worked on.", registry=registry)
        line.set_function(lambda: turns.length)
        ready = Gauge("shiori_ready", "1 when an index is open and its models are loaded.", registry=registry)
        ready.set_function(lambda: float(current.is_ready))
        turns.observe = self.question
        turns.count = self.answer

    def request(self, way: str, status: int, seconds: float) -> None:
        """One request has been answered."""
        self._requests.labels(way, str(status)).inc()
        self._seconds.labels(way).observe(seconds)

    def question(self, kind: Kind, stage: Stage, seconds: float) -> None:
        """One question has left a stage."""
        self._stages.labels(kind, stage).observe(seconds)

    def answer(self, outcome: Outcome) -> None:
        """One question was read to an end: it is answered, or there is a reason why not."""
        self._answers.labels(outcome).inc()

    def refused(self, bound: str) -> None:
        """One request was too much."""
        self._refused.labels(bound).inc()

    def written(self) -> bytes:
        """All of it in the text format of Prometheus."""
        if self._current.is_ready:
            engine = self._current.engine()
            self._documents.set(len(engine.documents()))
            built = str(engine.info().created)
            self._age.set(time.time() - datetime.fromisoformat(built).timestamp() if built else float("nan"))
        return generate_latest(self._registry)
