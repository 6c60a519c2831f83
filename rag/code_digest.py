"""Which code made something: a digest of its source, since a version number stands still between releases."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable

_COUNTED = (".py", ".txt")


@lru_cache
def code_digest(*parts: str, libraries: tuple[str, ...] = ()) -> str:
    """32 hexadecimal digits that change with the code of some parts of this package and what it stands on.

    Args:
        parts: modules and folders below ``rag``, such as ``chunking.py`` and ``language``.
        libraries: distributions whose versions count too.
    """
    root = files("rag")
    digest = sha256()
    for part in sorted(parts):
        for name, content in _contents(root.joinpath(part), part):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    for library in sorted(libraries):
        digest.update(f"{library}\0{_version(library)}\0".encode())
    return digest.hexdigest()[:32]


def parts_but(left_out: Collection[str]) -> tuple[str, ...]:
    """All modules and folders of this package without these."""
    return tuple(entry.name for entry in files("rag").iterdir() if entry.name not in left_out)


def _contents(entry: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the code at a place, in an order that is the same everywhere; it may be inside a zip."""
    if entry.is_dir():
        for child in sorted(entry.iterdir(), key=lambda each: each.name):
            yield from _contents(child, f"{name}/{child.name}")
    elif name.endswith(_COUNTED):
        yield name, entry.read_bytes()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
