"""The map's states as HTML: being drawn, drawn, failed; the question on it, and the same as a list."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rag.answer.result import Answer
from rag.index.store import StoredPassage
from rag.search import Hit
from rag.web.html.markup import attribute, to_html
from rag.web.html.places import place_of_hit
from rag.web.map.atlas import Chart, Drawing
from rag.web.map.groups import MOST_COLOURS, Groups
from rag.web.map.projection import Floats
from rag.web.texts import TEXTS
from rag.web.texts.choice import Language
from rag.web.texts.map import MAP_TEXTS, MapTexts

_SIZE = 1000
_BEGINNING = 60


def drawing_html(drawing: Drawing, language: Language) -> str:
    """How far the map is; ``data-again`` has the page's script look again."""
    texts = MAP_TEXTS[language]
    words = texts.waiting.format(ahead=drawing.ahead) if drawing.ahead else texts.drawing
    percent = round(100 * drawing.share)
    return (
        f'<div class="map-state" data-again role="status">{_heading(texts)}<p class="busy"><span class="dots" '
        f'aria-hidden="true"><i></i><i></i><i></i></span>{to_html(words)}</p>'
        f'<div class="bar" role="progressbar" aria-valuenow="{percent}" aria-label="{attribute(texts.drawing)}">'
        f'<i style="width:{percent}%"></i></div><p class="note">{to_html(texts.drawing_hint)}</p></div>'
    )


def message_html(words: str, language: Language, *, alert: bool = False) -> str:
    """A map that is not there, and why."""
    kind = 'class="map-state error" role="alert"' if alert else 'class="map-state"'
    return f"<div {kind}>{_heading(MAP_TEXTS[language])}<p>{to_html(words)}</p></div>"


def _heading(texts: MapTexts) -> str:
    return f'<div class="job-heading"><h2>{to_html(texts.title)}</h2><p>{to_html(texts.explained)}</p></div>'


def chart_html(chart: Chart, passages: Mapping[int, StoredPassage], groups: Groups, language: Language) -> str:
    """The picture: its numbers for the script, which draws them, and what surrounds them."""
    texts = MAP_TEXTS[language]
    shown = len(chart.rows)
    sample = ""
    if shown < chart.passages:
        sample = f'<p class="note">{to_html(texts.sampled.format(passages=chart.passages, shown=shown))}</p>'
    numbers = attribute(json.dumps(_numbers(chart, passages, groups, language), ensure_ascii=False))
    width, height = _extent(chart.plane.points)
    label = attribute(texts.label.format(shown=shown))
    buttons = "".join(
        f'<button type="button" data-zoom="{step}" aria-label="{attribute(name)}" title="{attribute(name)}">'
        f'<svg viewBox="0 0 20 20" aria-hidden="true"><path d="{path}"/></svg></button>'
        for step, name, path in (
            ("in", texts.zoom_in, "M4 10h12M10 4v12"),
            ("out", texts.zoom_out, "M4 10h12"),
            ("all", texts.whole, "M4 8V4h4M16 8V4h-4M4 12v4h4M16 12v4h-4"),
        )
    )
    return (
        f'{_heading(texts)}{sample}<div class="map-frame" data-snapshot="{attribute(chart.snapshot)}" '
        f'data-map="{numbers}"><svg class="map-picture" viewBox="0 0 {width} {height}" tabindex="0" '
        f'role="application" aria-label="{label}" aria-describedby="shiori-map-keys"><g class="map-all">'
        f'<g class="map-points"></g><g class="map-asked"></g></g></svg>'
        f'<div class="map-zoom">{buttons}</div>'
        f'<button type="button" class="map-card" data-open="" hidden><span class="title"></span>'
        f'<span class="file"></span><span class="text"></span></button></div>'
        f'<p class="note" id="shiori-map-keys">{to_html(texts.keys)}</p>'
        f'<p class="sr-only" role="status" id="shiori-map-said"></p>{_legend(chart, passages, groups, texts)}'
    )


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
    from rag.corpus.document import place_at

    return TEXTS[language].where(stored.line, place_at(stored.places, stored.passage.start))


def beginning(text: str) -> str:
    """The first words of a passage, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _BEGINNING else f"{line[:_BEGINNING]}…"


def _legend(chart: Chart, passages: Mapping[int, StoredPassage], groups: Groups, texts: MapTexts) -> str:
    counts = Counter(groups.of.get(passages[row].passage.document_id, MOST_COLOURS) for row in chart.rows.tolist())
    items = "".join(
        f'<li><button type="button" class="map-group" data-group="{number}" aria-pressed="false">'
        f'<i class="swatch colour-{number}" aria-hidden="true"></i><span>{to_html(name or texts.others)}</span>'
        f"<small>{to_html(texts.count.format(count=counts[number]))}</small></button></li>"
        for number, name in enumerate(groups.names)
        if counts[number]
    )
    title = texts.legend_folders if groups.by_folder else texts.legend
    return f'<h3 class="map-legend-title">{to_html(title)}</h3><ul class="map-legend">{items}</ul>'


def asked_html(answer: Answer, points: Floats, language: Language) -> str:
    """The question and its hits: numbers for the script, and a list that says the same in words.

    Args:
        answer: what the question found.
        points: of the question and then of each hit, shape ``(1 + hits, 2)``.
        language: of the page.
    """
    texts = MAP_TEXTS[language]
    numbers = attribute(json.dumps({"question": answer.question, "points": _scaled(points)}, ensure_ascii=False))
    items = "".join(_near(hit, answer, language) for hit in answer.hits)
    return (
        f'<section class="map-near" data-asked="{numbers}"><h3>{to_html(texts.near_title)}</h3>'
        f'<p class="asked"><span class="sr-only">{to_html(texts.you_asked)}: </span>{to_html(answer.question)}</p>'
        f"<ol>{items}</ol></section>"
    )


def _near(hit: Hit, answer: Answer, language: Language) -> str:
    place = TEXTS[language].where(hit.line, hit.place)
    return (
        f'<li><button type="button" class="map-hit" data-rank="{hit.rank}" '
        f'data-open="{place_of_hit(hit, answer).to_attribute()}"><span class="number">{hit.rank}</span>'
        f'<span class="title">{to_html(hit.document.title)}</span><span class="file">{to_html(place)}</span>'
        f'<span class="text">{to_html(beginning(hit.text))}</span></button></li>'
    )


def unasked_html(language: Language, *, failed: bool = False) -> str:
    """No question on the map."""
    texts = MAP_TEXTS[language]
    return f'<p class="note">{to_html(texts.near_failed if failed else texts.near_none)}</p>'


def rows_of(hits: Sequence[Hit]) -> list[int]:
    """Rows of the passages found."""
    return [hit.passage_id for hit in hits]
