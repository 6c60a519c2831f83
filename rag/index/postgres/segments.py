"""Terms of passages as rows: a segment is an inverted index of consecutive passages, never changed once it is written.

For each term of a segment there is a row: which passages have it, as 16 bits counted from the segment's first, and how
often, 255 at most. What changes is new small segments; enough of them of one size become one of the next.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Final

import numpy as np

from rag.index.lexical import SECTION, Keys
from rag.index.lexical_writer import posting_block
from rag.index.postgres.connections import Connection
from rag.index.postgres.schema import BIGRAMS_FIELD, WORDS_FIELD

MOST_PASSAGES: Final = SECTION
_MERGED: Final = 8
"""Segments of one size that become one."""
_COLUMNS: Final = ((8, "<i8"), (2, "<i2"), (4, "<i4"), (4, "<i4"))
"""Bytes and kind of what a segment tells of each passage: document, language, words, bigrams."""
_INSERT: Final = "INSERT INTO segments VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, NULL)"

Posting = tuple[int, int, bytes, bytes]
"""Field, term, rows, counts."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a segment tells of its passages, one after the other: numbers of their documents, codes of their languages,
    keys of their words and of their bigrams."""

    documents: Sequence[int]
    languages: Sequence[int]
    words: Sequence[Keys]
    bigrams: Sequence[Keys]


def checksum(postings: Iterable[Posting]) -> str:
    """SHA-256 of postings in the order of fields and terms, in hexadecimal."""
    digest = sha256()
    for field, key, rows, counts in postings:
        digest.update(struct.pack("<hqI", field, key, len(rows)) + rows + counts)
    return digest.hexdigest()


def write_segment(connection: Connection, id_: int, first: int, columns: Columns, version: int) -> None:
    """Write the segment of passages from ``first`` on, at most ``MOST_PASSAGES``."""
    postings = [*_postings(WORDS_FIELD, columns.words), *_postings(BIGRAMS_FIELD, columns.bigrams)]
    counted = [np.array([len(keys) for keys in each]) for each in (columns.words, columns.bigrams)]
    told = [
        np.asarray(values).astype(kind).tobytes()
        for values, (_, kind) in zip((columns.documents, columns.languages, *counted), _COLUMNS, strict=True)
    ]
    _copy(connection, id_, postings)
    connection.execute(_INSERT, [id_, first, len(columns.documents), *told, checksum(postings), version])


def _postings(field: int, passages: Sequence[Keys]) -> Iterator[Posting]:
    block = posting_block(passages, np.array([len(keys) for keys in passages], dtype=np.int64), 0)
    keys = block.keys.view(np.int64)
    order = np.argsort(keys)
    begins = (block.ends - block.sizes).tolist()
    ends, rows, counts = block.ends.tolist(), block.rows.astype("<u2").tobytes(), block.counts.tobytes()
    for place, key in zip(order.tolist(), keys[order].tolist(), strict=True):
        begin, end = begins[place], ends[place]
        yield field, key, rows[2 * begin : 2 * end], counts[begin:end]


def _copy(connection: Connection, segment: int, postings: Iterable[Posting]) -> None:
    copying = connection.cursor().copy("COPY postings (field, key, segment, rows, counts) FROM STDIN (FORMAT BINARY)")
    with copying as copy:
        copy.set_types(["int2", "int8", "int8", "bytea", "bytea"])
        for field, key, rows, counts in postings:
            copy.write_row((field, key, segment, rows, counts))


def merge(connection: Connection, live: Sequence[tuple[int, int, int]], id_: int, version: int) -> Sequence[int]:
    """Make one segment of the newest ones, where enough of them are of about one size.

    Args:
        connection: in whose transaction all is done.
        live: id, first passage and span of each segment, in order.
        id_: of the segment that may be made.
        version: the first that has it in place of the others.

    Returns:
        Ids of those in whose place it is; none if there is nothing to do.
    """
    chosen = to_merge(live)
    if not chosen:
        return ()
    first = chosen[0][1]
    span = chosen[-1][1] + chosen[-1][2] - first
    ids = [segment for segment, _, _ in chosen]
    shifts = {segment: begin - first for segment, begin, _ in chosen}
    _join_columns(connection, ids, shifts, (id_, first, span, version))
    postings = list(_joined(connection, ids, shifts))
    _copy(connection, id_, postings)
    connection.execute("UPDATE segments SET sha256 = %s WHERE id = %s", [checksum(postings), id_])
    return ids


def to_merge(live: Sequence[tuple[int, int, int]]) -> Sequence[tuple[int, int, int]]:
    """Of segments in order (id, first passage, span), the last ones that are to become one."""
    limit = _MERGED
    while limit <= MOST_PASSAGES:
        begin = len(live)
        while begin and live[begin - 1][2] < limit:
            begin -= 1
        chosen = live[begin:]
        while chosen and chosen[-1][1] + chosen[-1][2] - chosen[0][1] > MOST_PASSAGES:
            chosen = chosen[1:]
        if len(chosen) >= _MERGED:
            return chosen
        limit *= _MERGED
    return ()


def _join_columns(
    connection: Connection, ids: Sequence[int], shifts: dict[int, int], new: tuple[int, int, int, int]
) -> None:
    id_, first, span, version = new
    joined = [np.full(span, -1 if place == 0 else 0, dtype=kind) for place, (_, kind) in enumerate(_COLUMNS)]
    for segment, *columns in connection.execute(
        "SELECT id, documents, languages, words, bigrams FROM segments WHERE id = ANY(%s)", [ids], binary=True
    ):
        for whole, content in zip(joined, columns, strict=True):
            part = np.frombuffer(content, dtype=whole.dtype)
            whole[shifts[segment] : shifts[segment] + len(part)] = part
    connection.execute(_INSERT, [id_, first, span, *(whole.tobytes() for whole in joined), "", version])


def _joined(connection: Connection, ids: Sequence[int], shifts: dict[int, int]) -> Iterator[Posting]:
    read = connection.execute(
        "SELECT field, key, segment, rows, counts FROM postings WHERE segment = ANY(%s) ORDER BY field, key, segment",
        [ids],
        binary=True,
    )
    for (field, key), parts in groupby(read, key=itemgetter(0, 1)):
        rows, counts = [], []
        for _, _, segment, some, often in parts:
            rows.append(np.frombuffer(some, dtype="<u2") + np.uint16(shifts[segment]))
            counts.append(often)
        yield field, key, np.concatenate(rows).astype("<u2").tobytes(), b"".join(counts)
