"""Tables in Markdown with the machine and the versions beside them, printed or written into a document."""

from __future__ import annotations

import argparse
import os
import platform
import re
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rag.address import Address, placed
from rag.models.cpu import LIMITS

_ROOT = Path(__file__).parents[1]
_LIBRARIES = (
    "shiori-rag",
    "torch",
    "sentence-transformers",
    "openvino",
    "faiss-cpu",
    "bm25s",
    "fugashi",
    "unidic-lite",
)
_SECRET = re.compile("KEY|SECRET")


def parser(description: str | None) -> argparse.ArgumentParser:
    """A parser with the options that all benchmarks share."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--write", type=Path, metavar="FILE", help="replace this benchmark's part of a Markdown document")
    return made


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; floats get four digits."""
    shown = [[f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    lines = [header, ["---"] * len(header), *shown]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def publish(name: str, body: str, write: Path | None) -> None:
    """Print a benchmark's text, or put it between the marks ``<!-- name -->`` and ``<!-- /name -->`` of a document."""
    text = f"{body}\n\n{_circumstances()}"
    if write is None:
        print(text)
        return
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    document = write.read_text(encoding="utf-8")
    if begin not in document or end not in document:
        raise SystemExit(f"{write} has no place for {name}: put {begin} and {end} there.")
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    write.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", document), encoding="utf-8")


def edition(distribution: str) -> str | None:
    """The version of a library, behind a space; empty if none is asked for, ``None`` if it is not installed."""
    try:
        return f" {version(distribution)}" if distribution else ""
    except PackageNotFoundError:
        return None


def _circumstances() -> str:
    arguments = [_shown(each) for each in sys.argv[1:]]
    program = Path(sys.argv[0])
    name = program.parent.name if program.stem == "__main__" else program.stem
    settings = sorted(name for name in os.environ if name.startswith("RAG_") and not _SECRET.search(name))
    limits = [f"{name}={_shown(os.environ[name])}" for name in (*LIMITS, *settings) if os.environ.get(name)]
    command = " ".join([*limits, shlex.join(["python", "-m", f"benchmarks.{name}", *arguments])])
    versions = ", ".join(f"{library} {version(library)}" for library in _LIBRARIES)
    return (
        f"<sub>`{command}` on {datetime.now(UTC):%Y-%m-%d}; {_processor()}, Python {platform.python_version()}, "
        f"{versions}</sub>"
    )


def _shown(argument: str) -> str:
    """An argument as others can give it: no path of this machine, and no password in an address."""
    place = placed(argument)
    if isinstance(place, Address):
        return str(place)
    return _told(place) if place.is_absolute() else argument


def _told(path: Path) -> str:
    """A path as others can give it: from the repository on, or the name alone."""
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} cores of {models[0]}" if models else platform.machine()
