"""Ways of finding the lexical candidates of a question in PostgreSQL: how long each takes, and what it loses.

    python -m benchmarks.lexical_candidates DATASET… --address postgresql://user@host/database [--size 100000]

Passages are those of ``benchmarks/recombined.py``. The first way is the one that is shipped: lists of postings in
segments, added up by who asks. The others give candidates from words alone, each of which is then scored as the first
way scores it, bigrams too: nDCG@10 tells what is lost with those that are not found. Nothing is kept between questions.
The database is one that may be filled; the tables are dropped afterwards.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from psycopg import Connection

from benchmarks.postgres import gain
from benchmarks.recombined import Recombined
from benchmarks.report import parser, publish, table
from rag import Settings
from rag.address import Address
from rag.index.lexical import Keys, Lexical, bigram_keys, keys_of, rarity
from rag.index.postgres.connections import Connections, connected, schema_of
from rag.index.postgres.layout import Layout
from rag.index.postgres.schema import BIGRAMS_FIELD, WORDS_FIELD, create
from rag.index.postgres.segments import MOST_PASSAGES, Columns, write_segment
from rag.index.postgres.terms import PostgresField
from rag.language.terms import terms

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Way = Callable[[Connection[tuple[object, ...]], Keys, Floats], Rows]
"""Gives candidates for a question, by the keys of its words and how rare each is."""

DEPTH = 200
CUTS = (500, 2000)
RAREST = (2, 4)
_CUT = """
SELECT pid FROM unnest(%s::bigint[], %s::float4[]) AS asked (word, rare) CROSS JOIN LATERAL (
    SELECT pid, impact FROM impacts WHERE impacts.word = asked.word ORDER BY impact DESC LIMIT %s
) AS best GROUP BY pid ORDER BY sum(impact * rare) DESC, pid LIMIT %s
"""
_TABLES = """
CREATE TABLE impacts (word bigint, impact real, pid integer);
CREATE TABLE arrays (pid integer, words bigint[]);
"""
_INDEXES = """
CREATE INDEX ON impacts (word, impact DESC) INCLUDE (pid);
CREATE INDEX ON arrays USING gin (words);
ANALYZE postings, segments, impacts, arrays;
VACUUM impacts;
"""


def main() -> None:
    """Fill the tables, ask, and print the table."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--address", required=True, help="of a database that may be filled")
    options.add_argument("--size", type=int, default=100_000)
    options.add_argument("--queries", type=int, default=300)
    options.add_argument("--sentences", type=int, default=30_000, help="to make passages of, drawn at random")
    arguments = options.parse_args()
    source = Recombined.load(
        arguments.dataset,
        sentences=arguments.sentences,
        contexts=1_431,
        questions=arguments.queries,
        embed=False,
    )
    joint = "&" if "?" in arguments.address else "?"
    address = Address.parsed(f"{arguments.address}{joint}library=candidates")
    connection = connected(address, seconds=3600)
    drop = f"DROP SCHEMA IF EXISTS {schema_of(address)} CASCADE"
    connection.execute(drop)
    create(connection, address)
    layout = _fill(connection, *_counted(source, arguments.size))
    found = _asked(source, address, connection, layout)
    connection.execute(drop)
    publish("lexical_candidates", _report(arguments.size, found), arguments.write)


def _counted(source: Recombined, size: int) -> tuple[list[Keys], list[Keys]]:
    """Words and bigrams of each passage."""
    words, bigrams = [], []
    for article, text in source.contexts[:size]:
        whole = f"{source.titles[article]}\n{text}"
        words.append(keys_of(terms(whole)))
        bigrams.append(bigram_keys(whole))
    for pick in source.picks(size - len(words)).tolist():
        title = source.titles[source.article[pick[0]]]
        words.append(keys_of(source.terms_of(title, pick)))
        bigrams.append(bigram_keys(f"{title}\n{source.text(pick)}"))
    return words, bigrams


def _fill(connection: Connection[tuple[object, ...]], words: Sequence[Keys], bigrams: Sequence[Keys]) -> Layout:
    size = len(words)
    segments = {}
    for number, first in enumerate(range(0, size, MOST_PASSAGES)):
        some = slice(first, first + MOST_PASSAGES)
        count = len(words[some])
        write_segment(
            connection, number, first, Columns(range(count), [1] * count, words[some], bigrams[some]), version=1
        )
        segments[number] = first
    lengths, of_bigrams = (np.array([len(keys) for keys in field], dtype=np.int32) for field in (words, bigrams))
    rows = np.arange(size, dtype=np.int32)
    connection.execute(_TABLES)
    with connection.cursor().copy("COPY impacts FROM STDIN") as copy:
        for row in _impacts(words, lengths):
            copy.write_row(row)
    with connection.cursor().copy("COPY arrays FROM STDIN") as copy:
        for number, keys in enumerate(words):
            copy.write_row((number, np.unique(keys).view(np.int64).tolist()))
    for statement in _INDEXES.strip().splitlines():
        connection.execute(statement)
    ids = rows.astype(np.int64)
    zeros = np.zeros(size, dtype=np.int16)
    order = {"is_complete": True, "is_plain": True}
    return Layout(1, ids, rows, zeros, ("ja",), lengths, of_bigrams, segments, 0, ids, rows, **order)


def _impacts(words: Sequence[Keys], lengths: npt.NDArray[np.int32]) -> Iterator[tuple[int, float, int]]:
    """What each word adds to each passage, without its rarity."""
    settings = Settings.load()
    mean = float(lengths.mean())
    for number, keys in enumerate(words):
        saturation = settings.bm25_k1 * (1 - settings.bm25_b + settings.bm25_b * len(keys) / mean)
        for key, often in Counter(keys.view(np.int64).tolist()).items():
            yield key, often / (often + saturation), number


def _cut(most: int) -> Way:
    """The best by sums over the postings of most impact of each word, so many of each."""
    return lambda connection, keys, rare: _pids(
        connection, _CUT, [keys.view(np.int64).tolist(), rare.tolist(), most, DEPTH]
    )


def _rarest(count: int) -> Way:
    """All that have one of the rarest words, by an inverted index over arrays (GIN)."""

    def found(connection: Connection[tuple[object, ...]], keys: Keys, rare: Floats) -> Rows:
        chosen = keys[np.argsort(-rare)[:count]].view(np.int64).tolist()
        return _pids(connection, "SELECT pid FROM arrays WHERE words && %s::bigint[]", [chosen])

    return found


def _pids(connection: Connection[tuple[object, ...]], sql: str, values: Sequence[object]) -> Rows:
    rows = connection.execute(sql, values, binary=True).fetchall()
    return np.array([pid for (pid,) in rows], dtype=np.int64)


def _asked(
    source: Recombined, address: Address, connection: Connection[tuple[object, ...]], layout: Layout
) -> dict[str, list[tuple[float, float, int]]]:
    """Milliseconds, nDCG@10 and number of candidates of each question, by way."""
    ways = {f"best {most:,} postings of each word": _cut(most) for most in CUTS}
    ways |= {f"GIN, {count} rarest words": _rarest(count) for count in RAREST}
    connections = Connections(address)
    settings = Settings.load()
    found: dict[str, list[tuple[float, float, int]]] = {"segments, added up by who asks": [], **{w: [] for w in ways}}
    for relevant, question in source.questions:
        fields = [
            PostgresField(connections, field, layout, lengths, float(lengths.mean()), settings.bm25_k1, settings.bm25_b)
            for field, lengths in ((WORDS_FIELD, layout.words), (BIGRAMS_FIELD, layout.bigrams))
        ]
        began = time.perf_counter()
        scores = Lexical(fields[0], fields[1]).scores(question, "ja", settings.ngram_weight)
        every = np.arange(len(scores))
        ranked = _ranked(scores, every)
        taken = 1000 * (time.perf_counter() - began)
        found["segments, added up by who asks"].append((taken, gain(ranked, relevant), len(every)))
        keys = np.unique(keys_of(terms(question)))
        known = fields[0].known(keys)
        rare = rarity(fields[0].frequency(known), layout.count).astype(np.float32)
        for name, way in ways.items():
            began = time.perf_counter()
            candidates = way(connection, known, rare)
            taken = 1000 * (time.perf_counter() - began)
            found[name].append((taken, gain(_ranked(scores, candidates), relevant), len(candidates)))
    connections.close()
    return found


def _ranked(scores: Floats, rows: Rows) -> Rows:
    return rows[np.lexsort((rows, -scores[rows]))[:10]]


def _report(size: int, found: dict[str, list[tuple[float, float, int]]]) -> str:
    rows = []
    exact = np.mean([each[1] for each in next(iter(found.values()))])
    for name, each in found.items():
        times, gains, counts = (np.array(values) for values in zip(*each, strict=True))
        p50, p95 = np.percentile(times, [50, 95])
        mean, lost = float(gains.mean()), float(exact - gains.mean())
        rows.append([name, f"{p50:.0f} / {p95:.0f}", f"{np.median(counts):,.0f}", f"{mean:.4f}", f"{lost:.4f}"])
    header = ["way", "ms p50 / p95", "candidates", "nDCG@10 lexical", "lost"]
    return f"{size:,} passages, {len(next(iter(found.values())))} questions.\n\n{table(header, rows)}"


if __name__ == "__main__":
    main()
