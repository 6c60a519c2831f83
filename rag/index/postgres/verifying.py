"""Is a version as it was written?"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import numpy as np

from rag.index.postgres.connections import Connections
from rag.index.postgres.layout import Layout
from rag.index.postgres.schema import LIVE
from rag.index.postgres.segments import checksum
from rag.index.postgres.vectors import unpacked

_READ_AT_ONCE = 2_000
_UNIT = 1e-3


def problems(connections: Connections, layout: Layout, dimension: int) -> Iterator[str]:
    """What is wrong with texts, vectors and terms of a version, a sentence each."""
    yield from _texts(connections, layout)
    yield from _vectors(connections, layout, dimension)
    for (segment,) in connections.query(f"SELECT id FROM segments WHERE {LIVE}", {"version": layout.version}):
        ((recorded,),) = connections.query("SELECT sha256 FROM segments WHERE id = %s", [segment])
        postings = connections.query(
            "SELECT field, key, rows, counts FROM postings WHERE segment = %s ORDER BY field, key", [segment]
        )
        if checksum(postings) != recorded:
            yield f"terms of segment {segment}: their SHA-256 is not the recorded one."


def _texts(connections: Connections, layout: Layout) -> Iterator[str]:
    for first in range(0, len(layout.numbers), _READ_AT_ONCE):
        some = layout.numbers[first : first + _READ_AT_ONCE].tolist()
        for source, text, recorded in connections.query(
            "SELECT source, text, sha256 FROM documents WHERE number = ANY(%s)", [some]
        ):
            if sha256(text).hexdigest() != recorded:
                yield f"{source.decode()}: the SHA-256 of its text is not the recorded one."


def _vectors(connections: Connections, layout: Layout, dimension: int) -> Iterator[str]:
    ids = layout.ids + layout.first
    found = 0
    for first in range(0, len(ids), _READ_AT_ONCE):
        rows = connections.query(
            "SELECT embedding FROM vectors WHERE pid = ANY(%s)", [ids[first : first + _READ_AT_ONCE].tolist()]
        )
        found += len(rows)
        vectors = [unpacked(content) for (content,) in rows]
        wrong = [v for v in vectors if len(v) != dimension or abs(float(np.linalg.norm(v)) - 1) > _UNIT]
        if wrong:
            yield f"vectors: {len(wrong)} are no unit vectors of {dimension} numbers."
    if found != len(ids):
        yield f"vectors: {found} found, {len(ids)} recorded."
