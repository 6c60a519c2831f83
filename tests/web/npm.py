"""What the tests take from npm, pinned with its checksums by ``package-lock.json``, in the cache folder.

Without npm the tests that need it are skipped, but not in CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock
from platformdirs import user_cache_path

_HERE = Path(__file__).parent
_PACKAGE = ("package.json", "package-lock.json")
_SECONDS = 280


@cache
def packages() -> Path:
    """The folder of all packages, fetched at the first use."""
    content = b"".join((_HERE / name).read_bytes() for name in _PACKAGE)
    folder = user_cache_path("shiori-tests") / f"npm-{sha256(content).hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "done").exists():
            _install(folder)
            (folder / "done").touch()
    return folder / "node_modules"


def node() -> str:
    """The program that runs them."""
    return shutil.which("node") or cannot("There is no node.")


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        cannot("There is no npm to fetch packages with.")
    for name in _PACKAGE:
        shutil.copyfile(_HERE / name, folder / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode != 0:
        cannot(f"npm could not fetch what the tests need: {done.stderr.strip()}")


def cannot(why: str) -> NoReturn:
    """End the test: a failure in CI, elsewhere a skip that tells why."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    raise AssertionError(why)
