"""Accessibility by axe-core: `check(page)` fails with what it finds, of whatever severity.

axe-core comes from npm, pinned with its checksum by ``package-lock.json``, into the cache folder. Without npm the tests
that need it are skipped, but not in CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from platformdirs import user_cache_path
from playwright.sync_api import Page

_HERE = Path(__file__).parent
_PACKAGE = ("package.json", "package-lock.json")
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
    content = b"".join((_HERE / name).read_bytes() for name in _PACKAGE)
    folder = user_cache_path("shiori-tests") / f"npm-{sha256(content).hexdigest()[:16]}"
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if not script.exists():
            _install(folder)
    return script.read_text(encoding="utf-8")


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        _cannot("There is no npm to fetch axe-core with.")
    for name in _PACKAGE:
        shutil.copyfile(_HERE / name, folder / name)
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        _cannot(f"npm could not fetch axe-core: {done.stderr.strip()}")


def _cannot(why: str) -> None:
    (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
