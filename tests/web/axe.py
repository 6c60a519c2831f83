"""Accessibility by axe-core: `check(page)` fails with what it finds, of whatever severity."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from .npm import packages

_OPTIONS: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}


def check(page: Page, within: str = "body") -> None:
    """Fail if the page as it is now has a violation.

    Args:
        page: with everything shown that is to be looked at.
        within: CSS selector of the part to look at.
    """
    page.add_style_tag(content="* { transition: none !important; animation: none !important }")  # colours at rest
    page.evaluate(_source())
    violations = page.evaluate("([within, options]) => axe.run(within, options)", [within, _OPTIONS])["violations"]
    ours = [{**v, "nodes": [n for n in v["nodes"] if not _is_gradios(v["id"], n)]} for v in violations]
    found = [violation for violation in ours if violation["nodes"]]
    assert not found, "\n".join(_described(violation) for violation in found)


def _is_gradios(rule: str, node: dict[str, Any]) -> bool:
    """Gradio gives its upload buttons an English name of its own, whatever stands on them."""
    return rule == "label-content-name-mismatch" and "upload-container" in node["html"]


def _described(violation: dict[str, Any]) -> str:
    places = (f"    {node['html'][:200]}\n      {node['failureSummary']}" for node in violation["nodes"][:5])
    return "\n".join([f"{violation['impact']}: {violation['id']}: {violation['help']}", *places])


@cache
def _source() -> str:
    """The code of axe-core, fetched at the first use."""
    return (packages() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
