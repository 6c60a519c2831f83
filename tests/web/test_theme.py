"""Colours: text is readable on what it stands on (WCAG 2.2, 1.4.3: 4.5 to 1), in light and dark."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

THEME = files("rag.web").joinpath("assets", "theme.css").read_text(encoding="utf-8")
ON = [
    *((ink, ground) for ink in ("ink", "ink-soft", "accent", "ribbon") for ground in ("paper", "sheet")),
    *(("accent", "accent-wash"), ("accent-ink", "accent"), ("ink", "accent-wash"), ("ink", "passage")),
    *(("cited-ink", "cited"), ("cited-ink", "cited-current"), ("term-ink", "term"), ("faint", "sheet")),
    ("ink-soft", "accent-wash"),
    *((ink, "head") for ink in ("ink", "ink-soft", "faint")),
]


def colours(selector: str) -> dict[str, str]:
    block = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", THEME, re.MULTILINE | re.DOTALL)
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("selector", [":root", ".dark"])
@pytest.mark.parametrize(("ink", "ground"), ON)
def test_text_stands_out_from_its_ground(selector: str, ink: str, ground: str) -> None:
    palette = colours(selector)
    lighter, darker = sorted((luminance(palette[ink]), luminance(palette[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_dark_names_every_colour_that_light_does() -> None:
    assert colours(":root").keys() == colours(".dark").keys()


def test_nothing_is_fetched_from_elsewhere() -> None:
    assets = files("rag.web").joinpath("assets")
    for asset in assets.iterdir():
        assert not re.search(r"https?://|//[a-z]+\.|@import|url\(", asset.read_text(encoding="utf-8")), asset.name
