"""What happens when the map is looked at, and when a question is put on it."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import gradio as gr
import numpy as np

from rag.answer.result import Answer
from rag.arrays import Floats
from rag.engine import Engine
from rag.errors import QuestionError, RagError
from rag.library import UnknownLibraryError
from rag.web.html.filters import Filters
from rag.web.jobs.queue import Jobs
from rag.web.libraries import OpenLibraries
from rag.web.map import views
from rag.web.map.atlas import Atlas, Chart, Drawing, Failed
from rag.web.map.groups import grouped
from rag.web.texts import Language, chosen_language
from rag.web.texts.libraries import LIBRARY_TEXTS
from rag.web.texts.map import MAP_TEXTS
from rag.web.turns import Turns

log = logging.getLogger(__name__)


class MapEvents:
    """Handlers of the map's events; ``about`` is what is asked as an address has it: it says of which libraries."""

    def __init__(self, libraries: OpenLibraries, jobs: Jobs, turns: Turns) -> None:
        self._libraries = libraries
        self._turns = turns
        self._atlas = Atlas(jobs)

    def look(self, about: str, language: str, event: gr.EventData) -> Any:
        """The map, or how far it is; nothing new if the page shows this map already."""
        speaking = chosen_language(None, language)
        try:
            engine = self._engine(about)
            if not engine.info().passages:
                return views.message_html(MAP_TEXTS[speaking].empty, speaking)
            chart = self._atlas.chart(engine)
            if isinstance(chart, Drawing):
                return views.drawing_html(chart, speaking)
            if chart.snapshot == getattr(event, "known", ""):
                return gr.skip()
            passages = engine.snapshot.store.passages(chart.rows.tolist())
            return views.chart_html(chart, passages, grouped(engine.documents()), speaking)
        except UnknownLibraryError:
            return views.message_html(LIBRARY_TEXTS[speaking].unknown, speaking, alert=True)
        except RagError as error:
            return views.message_html(str(error), speaking, alert=True)
        except Failed:
            return views.message_html(MAP_TEXTS[speaking].failed, speaking, alert=True)
        except Exception:
            log.exception("The map could not be shown.")
            return views.message_html(MAP_TEXTS[speaking].failed, speaking, alert=True)

    async def place_question(self, about: str, language: str, event: gr.EventData) -> str:
        """The question and its hits on the map."""
        speaking: Language = chosen_language(None, language)
        question = str(getattr(event, "question", "") or "")
        try:
            return await self._turns.run(partial(self._placed, about, question, speaking))
        except QuestionError:
            return views.unasked_html(speaking)
        except Exception:
            log.exception("A question could not be placed on the map.")
            return views.unasked_html(speaking, failed=True)

    def _engine(self, about: str) -> Engine:
        return self._libraries.chosen(Filters.from_query(about or "").libraries).engine()

    def _placed(self, about: str, question: str, language: Language) -> str:
        engine = self._engine(about)
        chart = self._atlas.chart(engine)
        if not question.strip() or isinstance(chart, Drawing):
            return views.unasked_html(language)
        answer = engine.ask(question)
        return views.asked_html(answer, _points(engine, chart, answer), language)


def _points(engine: Engine, chart: Chart, answer: Answer) -> Floats:
    """Where the question and each of its hits stand, shape ``(1 + hits, 2)``."""
    rows = np.array([hit.passage_id for hit in answer.hits], dtype=np.int64)
    vectors = np.vstack([engine.embedder.embed_queries([answer.question]), engine.snapshot.vectors.at(rows)])
    at = np.searchsorted(chart.rows, rows).clip(max=len(chart.rows) - 1)
    drawn = np.concatenate([[False], chart.rows[at] == rows])
    points = np.zeros((len(vectors), 2), dtype=np.float32)
    points[drawn] = chart.plane.points[at[drawn[1:]]]
    points[~drawn] = chart.plane.place(vectors[~drawn])
    return points
