"""The tables of a library.

Rows of documents and segments hold from version ``born`` on, up to but without ``died``. What comes from documents is
kept as UTF-8 in bytes: a text of PostgreSQL holds no NUL. Arrays are little-endian, as NumPy has them.
"""

from __future__ import annotations

from typing import Final

from psycopg import errors, sql

from rag.address import Address
from rag.errors import SnapshotError, StorageError
from rag.index.postgres.connections import Connection, schema_of

FORMAT: Final = 1
WORDS_FIELD, BIGRAMS_FIELD = 0, 1
LIVE: Final = "born <= %(version)s AND (died IS NULL OR died > %(version)s)"
"""Whether a row holds in a version."""

_TABLES: Final = """
CREATE TABLE about (format integer NOT NULL);
CREATE TABLE counters (name text PRIMARY KEY, next bigint NOT NULL);
INSERT INTO counters VALUES ('document', 0), ('passage', 0), ('segment', 0);
CREATE TABLE versions (
    id bigint PRIMARY KEY, name text NOT NULL UNIQUE, manifest text NOT NULL,
    published timestamptz NOT NULL DEFAULT now(), superseded timestamptz
);
CREATE TABLE current (one boolean PRIMARY KEY DEFAULT true CHECK (one), version bigint NOT NULL REFERENCES versions);
CREATE TABLE leases (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), version bigint NOT NULL, expires timestamptz NOT NULL
);
CREATE TABLE attachments (
    version bigint NOT NULL REFERENCES versions ON DELETE CASCADE, name text NOT NULL, content bytea NOT NULL,
    PRIMARY KEY (version, name)
);
CREATE TABLE broken_off (made_with text NOT NULL);
CREATE TABLE languages (code smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE documents (
    number bigint PRIMARY KEY, id text NOT NULL, source bytea NOT NULL, title bytea NOT NULL, language text NOT NULL,
    text bytea NOT NULL, headings text NOT NULL, excluded text NOT NULL, metadata text NOT NULL, date text NOT NULL,
    chars integer NOT NULL, excluded_chars integer NOT NULL, passages integer NOT NULL, sha256 text NOT NULL,
    content bytea NOT NULL, place double precision NOT NULL, born bigint NOT NULL, died bigint
);
CREATE INDEX documents_by_id ON documents (id);
CREATE INDEX documents_born ON documents (born);
CREATE INDEX documents_died ON documents (died) WHERE died IS NOT NULL;
CREATE TABLE passages (
    pid bigint PRIMARY KEY, document bigint NOT NULL, start integer NOT NULL,
    "end" integer NOT NULL, line integer NOT NULL, text bytea NOT NULL, heading text NOT NULL, language text NOT NULL,
    context bytea NOT NULL, embedded bytea NOT NULL
);
CREATE INDEX passages_of_document ON passages (document, start);
CREATE INDEX passages_by_embedded ON passages USING hash (embedded);
CREATE TABLE vectors (pid bigint PRIMARY KEY, embedding vector NOT NULL);
ALTER TABLE vectors ALTER COLUMN embedding SET STORAGE PLAIN;
CREATE TABLE places (
    document bigint NOT NULL, start integer NOT NULL, kind text NOT NULL,
    label bytea NOT NULL
);
CREATE INDEX places_of_document ON places (document, start);
CREATE TABLE blocks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document bigint NOT NULL,
    start integer NOT NULL, "end" integer NOT NULL, data text NOT NULL
);
CREATE INDEX blocks_of_document ON blocks (document, start);
CREATE TABLE segments (
    id bigint PRIMARY KEY, first bigint NOT NULL, span integer NOT NULL, documents bytea NOT NULL,
    languages bytea NOT NULL, words bytea NOT NULL, bigrams bytea NOT NULL, sha256 text NOT NULL,
    born bigint NOT NULL, died bigint
);
CREATE TABLE postings (
    field smallint NOT NULL, key bigint NOT NULL, segment bigint NOT NULL,
    rows bytea NOT NULL, counts bytea NOT NULL, PRIMARY KEY (field, key, segment)
);
ALTER TABLE postings ALTER COLUMN rows SET STORAGE EXTERNAL, ALTER COLUMN counts SET STORAGE EXTERNAL;
CREATE INDEX postings_of_segment ON postings (segment);
CREATE INDEX postings_by_second ON postings ((key & 4294967295)) WHERE field = 1;
"""


_SHARED: Final = """
CREATE TABLE IF NOT EXISTS crew (id uuid PRIMARY KEY, command text NOT NULL);
CREATE TABLE IF NOT EXISTS work (number bigint PRIMARY KEY, files text NOT NULL, outcome text);
"""
"""What several processes that build one version share; libraries of older versions of Shiori lack it."""


def create(connection: Connection, address: Address) -> None:
    """Make the tables of a library that is not there yet.

    Raises:
        StorageError: if the database lacks pgvector.
        SnapshotError: if they are of another version of Shiori.
    """
    schema = sql.Identifier(schema_of(address))
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('shiori'))")
        try:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
        except (errors.UndefinedFile, errors.FeatureNotSupported, errors.InsufficientPrivilege):
            raise StorageError(
                "The database has no pgvector.",
                path=str(address),
                hint="Install it on the server, and have its administrator run CREATE EXTENSION vector.",
            ) from None
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        if connection.execute("SELECT to_regclass('about')").fetchone() == (None,):
            connection.execute(_TABLES)
            connection.execute("INSERT INTO about VALUES (%s)", [FORMAT])
        connection.execute(_SHARED)
    (found,) = connection.execute("SELECT format FROM about").fetchone() or (None,)
    check_format(found, address)


def check_format(found: object, address: Address) -> None:
    """Raise a SnapshotError if the tables are of another version of Shiori."""
    if found != FORMAT:
        raise SnapshotError(
            f"The index has format {found!r}; this version of Shiori reads format {FORMAT} in a database.",
            path=str(address),
            hint="Build it again with `rag build`, in another library (?library=name).",
        )
