"""The table as a picture: how long a question takes against how well it is answered."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmarks.peers.measuring import DENSE, HYBRID, JAPANESE
from benchmarks.peers.results import SEARCHES, Line
from rag.evaluation.plots import COLOURS, png

_MARKERS = {DENSE: "o", HYBRID: "s", JAPANESE: "^"}


def picture(lines: Sequence[Line]) -> bytes:
    """A PNG file: a point for each line, its colour the system, its shape the kind of search."""
    figure = Figure(figsize=(7.0, 4.2), layout="constrained")
    axes = figure.add_subplot()
    colours = dict(zip(dict.fromkeys(line.system for line in lines), COLOURS, strict=False))
    for line in lines:
        marker = _MARKERS[line.search]
        axes.plot(line.p50, line.measures["nDCG@10"], marker, color=colours[line.system], markersize=9)
    axes.set_xlabel("median time of a question, ms (less is better)")
    axes.set_ylabel("nDCG@10 (more is better)")
    axes.set_xlim(left=0)
    axes.grid(color="#dddddd")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    shapes = [mark for mark in _MARKERS if any(line.search == mark for line in lines)]
    handles = [Line2D([], [], marker="o", linestyle="", color=colour, label=name) for name, colour in colours.items()]
    handles += [
        Line2D([], [], marker=_MARKERS[each], linestyle="", color="#555555", fillstyle="none", label=SEARCHES[each])
        for each in shapes
    ]
    figure.legend(handles=handles, loc="outside right center", frameon=False)
    return png(figure)
