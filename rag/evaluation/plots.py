"""Plots for the report, as PNG files and inline SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from io import BytesIO, StringIO
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from rag.evaluation.answers import Refusals

P = ParamSpec("P")

# Fonts with Japanese glyphs that the common systems have, plainest first.
JAPANESE_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "IPAexGothic",
    "IPAGothic",
    "TakaoPGothic",
    "VL PGothic",
    "Hiragino Sans",
    "Yu Gothic",
    "Meiryo",
    "MS Gothic",
    "Noto Serif CJK JP",
)
FALLBACK_FONT = "DejaVu Sans"
# Okabe and Ito's colours, told apart with every common kind of colour vision.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#555555")
_STYLE: dict[str, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "legend.frameon": False,
    "text.parse_math": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "shiori",
    "font.size": 10,
}


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    """The first installed Japanese font, if any, and matplotlib's own."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    japanese = next((name for name in JAPANESE_FONTS if name in installed), None)
    return (FALLBACK_FONT,) if japanese is None else (FALLBACK_FONT, japanese)


@lru_cache(maxsize=1)
def _glyphs() -> tuple[frozenset[int], ...]:
    """Code points that each family can draw."""
    files = (font_manager.findfont(font_manager.FontProperties(family=family)) for family in _families())
    return tuple(frozenset(FT2Font(file).get_charmap()) for file in files)


def _style() -> Any:
    return _STYLE | {"font.family": list(_families())}


def _styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draws in the report's style, which matplotlib wants at hand from the first line to the last."""

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(_style()):
            return draw(*args, **kwargs)

    return styled


@_styled
def bars(scores: Mapping[str, Mapping[str, float]], measures: Sequence[str]) -> Figure:
    """A group of bars for each measure, a bar for each system."""
    figure = _figure(max(6.0, 1.1 * len(measures) + 2), 3.6)
    axes = figure.add_subplot()
    width = 0.8 / max(1, len(scores))
    for place, (name, values) in enumerate(zip(labels(list(scores)), scores.values(), strict=True)):
        offsets = np.arange(len(measures)) + (place - (len(scores) - 1) / 2) * width
        heights = [values.get(measure, 0.0) for measure in measures]
        axes.bar(offsets, heights, width, label=name, color=COLOURS[place % len(COLOURS)])
    axes.set_xticks(range(len(measures)), measures)
    axes.set_ylim(0, 1)
    figure.legend(loc="outside lower center", ncols=min(4, max(1, len(scores))))
    return figure


@_styled
def differences(values: Mapping[str, Mapping[str, float]], baseline: str, measure: str, shown: Sequence[str]) -> Figure:
    """Per query, each system minus the baseline in one measure, sorted; a panel for each system in ``shown``.

    ``values`` are by system and query.
    """
    figure = _figure(7.0, 2.1 * len(shown) + 0.6)
    panels = figure.subplots(len(shown), 1, squeeze=False, sharey=True)[:, 0]
    names = dict(zip(values, labels(list(values)), strict=True))
    for axes, name in zip(panels, shown, strict=True):
        found = np.array([values[name][q] - value for q, value in values[baseline].items() if q in values[name]])
        found = np.sort(found)[::-1]
        places = np.arange(found.size)
        axes.fill_between(places, found, where=found >= 0, step="mid", color=COLOURS[0], linewidth=0)
        axes.fill_between(places, found, where=found <= 0, step="mid", color=COLOURS[5], linewidth=0)
        axes.axhline(0, color="#333333", linewidth=0.8)
        better, worse = int((found > 0).sum()), int((found < 0).sum())
        axes.set_title(
            f"{names[name]} − {names[baseline]}: {better} queries better, {worse} worse", loc="left", fontsize=10
        )
        axes.set_ylabel(f"Δ {measure}")
        axes.set_ylim(-1.05, 1.05)
    panels[-1].set_xlabel("queries, sorted")
    return figure


@_styled
def reliability(refusals: Mapping[str, Refusals]) -> Figure:
    """Confidence against the share of questions that could be answered, a line a system; the diagonal is ideal."""
    figure = _figure(4.8, 4.2)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    for place, (name, each) in enumerate(zip(labels(list(refusals)), refusals.values(), strict=True)):
        confidence, answerable = [b.confidence for b in each.bins], [b.answerable for b in each.bins]
        axes.plot(confidence, answerable, marker="o", label=name, color=COLOURS[place % len(COLOURS)])
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confidence")
    axes.set_ylabel("share answerable")
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def png(figure: Figure) -> bytes:
    """The figure as a PNG file, 150 dots per inch."""
    content = BytesIO()
    with mpl.rc_context(_style()):
        FigureCanvasAgg(figure).print_figure(content, format="png", dpi=150)
    return content.getvalue()


def svg(figure: Figure) -> str:
    """The figure as an ``<svg>`` element, letters drawn as paths so that every viewer shows the same."""
    content = StringIO()
    with mpl.rc_context(_style()):
        FigureCanvasSVG(figure).print_figure(content, format="svg", metadata={"Date": None})
    text = content.getvalue()
    return text[text.index("<svg") :]


def labels(names: Sequence[str]) -> list[str]:
    """The names, numbered in place of those that no installed font can draw."""
    return [name if _drawable(name) else f"system {place}" for place, name in enumerate(names, start=1)]


def _drawable(name: str) -> bool:
    return all(character.isspace() or any(ord(character) in glyphs for glyphs in _glyphs()) for character in name)


def _figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches."""
    return Figure(figsize=(width, height), layout="constrained")
