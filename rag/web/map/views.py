"""The map's states as HTML: being drawn, drawn, failed; the question on it, and the same as a list."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from rag.answer.result import Answer
from rag.arrays import Floats
from rag.corpus.document import place_at
from rag.index.store import StoredPassage
from rag.web.html.places import target_of_hit
from rag.web.html.templates import Template
from rag.web.jobs.views import note_html
from rag.web.map.atlas import Chart, Drawing
from rag.web.map.groups import MOST_COLOURS, Groups
from rag.web.texts import TEXTS
from rag.web.texts.choice import Language
from rag.web.texts.map import MAP_TEXTS

_html = Template("map/views.html")
_SIZE = 1000
_BEGINNING = 60


def drawing_html(drawing: Drawing, language: Language) -> Markup:
    """How far the map is; ``data-again`` has the page's script look again."""
    texts = MAP_TEXTS[language]
    words = texts.waiting.format(ahead=drawing.ahead) if drawing.ahead else texts.drawing
    return _html.drawing(round(100 * drawing.share), words, texts)


def message_html(words: str, language: Language, *, alert: bool = False) -> Markup:
    """A map that is not there, and why."""
    return _html.message(words, alert, MAP_TEXTS[language])


def chart_html(chart: Chart, passages: Mapping[int, StoredPassage], groups: Groups, language: Language) -> Markup:
    """The picture: its numbers for the script, which draws them, and what surrounds them."""
    texts = MAP_TEXTS[language]
    numbers = json.dumps(_numbers(chart, passages, groups, language), ensure_ascii=False)
    title = texts.legends[groups.by]
    counts = Counter(groups.of.get(passages[row].passage.document_id, MOST_COLOURS) for row in chart.rows.tolist())
    names = [TEXTS[language].library(name) for name in groups.names] if groups.by == "library" else groups.names
    shown = [(number, name, counts[number]) for number, name in enumerate(names) if counts[number]]
    return _html.chart(chart, numbers, _extent(chart.plane.points), title, shown, texts)


def _numbers(chart: Chart, passages: Mapping[int, StoredPassage], groups: Groups, language: Language) -> dict[str, Any]:
    """Documents as ``[id, title, source, colour]``; points as ``[x, y, document, start, end, where, beginning]``."""
    documents: dict[str, int] = {}
    described, points = [], []
    for row, (x, y) in zip(chart.rows.tolist(), _scaled(chart.plane.points), strict=True):
        stored = passages[row]
        passage = stored.passage
        if passage.document_id not in documents:
            documents[passage.document_id] = len(documents)
            colour = groups.of.get(passage.document_id, MOST_COLOURS)
            described.append([passage.document_id, stored.title, stored.source, colour])
        number = documents[passage.document_id]
        points.append([x, y, number, passage.start, passage.end, where(stored, language), beginning(passage.text)])
    return {"documents": described, "points": points}


def _scaled(points: Floats) -> list[list[float]]:
    return [[round(x * _SIZE, 1), round(y * _SIZE, 1)] for x, y in points.tolist()]


def _extent(points: Floats) -> tuple[int, int]:
    """Width and height of the picture; never so flat that nothing could be seen of it."""
    highest = float(points[:, 1].max()) if len(points) else 0.0
    return _SIZE, max(round(highest * _SIZE), _SIZE // 3)


def where(stored: StoredPassage, language: Language) -> str:
    """The page, slide or line a passage begins at."""
    return TEXTS[language].where(stored.line, place_at(stored.places, stored.passage.start))


def beginning(text: str) -> str:
    """The first words of a passage, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _BEGINNING else f"{line[:_BEGINNING]}…"


def asked_html(answer: Answer, points: Floats, language: Language) -> Markup:
    """The question and its hits: numbers for the script, and a list that says the same in words.

    Args:
        answer: what the question found.
        points: of the question and then of each hit, shape ``(1 + hits, 2)``.
        language: of the page.
    """
    numbers = json.dumps({"question": answer.question, "points": _scaled(points)}, ensure_ascii=False)
    texts = TEXTS[language]
    hits = [
        (hit, texts.where(hit.line, hit.place), beginning(hit.text), target_of_hit(hit, answer)) for hit in answer.hits
    ]
    return _html.asked(answer.question, numbers, hits, MAP_TEXTS[language])


def unasked_html(language: Language, *, failed: bool = False) -> Markup:
    """No question on the map."""
    texts = MAP_TEXTS[language]
    return note_html(texts.near_failed if failed else texts.near_none)
