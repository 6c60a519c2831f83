"""The weights by which units are chosen and confidence is told: ``weights.json``, which ``training.choosing`` fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_suffix(".json")
_FACTS = json.loads(FILE.read_text(encoding="utf-8"))

PROMISE: Final[dict[str, float]] = _FACTS["promise"]
"""Of each feature that tells whether a unit is worth reading (``features.SEEN``), by its name."""
UNIT: Final[dict[str, float]] = _FACTS["unit"]
"""Of each feature of a unit that was read (``choosing.FEATURES``), by its name."""
CONFIDENCE: Final[dict[str, float]] = {name: w for name, w in _FACTS["confidence"].items() if name != "bias"}
"""Of each feature of the confidence."""
BIAS: Final[float] = _FACTS["confidence"]["bias"]
THRESHOLD: Final[float] = _FACTS["threshold"]
"""Confidence below which nothing is answered."""
