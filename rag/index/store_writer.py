"""Writes the documents and passages of a Snapshot: a SQLite database, and arrays beside it; ``store`` reads them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.chunking import Passage
from rag.corpus.blocks import sliced
from rag.corpus.document import Document
from rag.index.sqlite_store import PASSAGES_FILE, STORE_FILE
from rag.index.store import stored_marks

_SCHEMA = """
CREATE TABLE documents (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    language TEXT NOT NULL, text TEXT NOT NULL, headings TEXT NOT NULL, excluded TEXT NOT NULL, metadata TEXT NOT NULL,
    date TEXT NOT NULL, chars INTEGER NOT NULL, excluded_chars INTEGER NOT NULL, sha256 TEXT NOT NULL
);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents(row), start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, line INTEGER NOT NULL, text TEXT NOT NULL, heading TEXT NOT NULL, language TEXT NOT NULL,
    context TEXT NOT NULL, embedded BLOB NOT NULL
);
CREATE INDEX passages_of_document ON passages(document, start);
CREATE TABLE places (document INTEGER NOT NULL, start INTEGER NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL);
CREATE INDEX places_of_document ON places(document, start);
CREATE TABLE blocks (document INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, data TEXT NOT NULL);
CREATE INDEX blocks_of_document ON blocks(document, start);
"""


class StoreWriter:
    """Writes a new store; used once, then closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._passage_documents: list[int] = []
        self._passage_languages: list[str] = []
        self._db = sqlite3.connect(folder / STORE_FILE)
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        self._documents = self._passages = 0

    def add(self, document: Document, sha256: str, passages: Sequence[Passage], embedded: Sequence[bytes]) -> None:
        """Append a document and its passages. ``embedded`` holds the digest of each text the model was given."""
        self._db.execute(
            "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                self._documents,
                document.id,
                document.source,
                document.title,
                document.language,
                document.text,
                *stored_marks(document),
                json.dumps(dict(document.metadata), ensure_ascii=False),
                document.date,
                len(document.text),
                sum(e.end - e.start for e in document.excluded),
                sha256,
            ),
        )
        rows = (
            (
                self._passages + i,
                self._documents,
                p.start,
                p.end,
                document.line(p.start),
                p.text,
                json.dumps(p.heading, ensure_ascii=False),
                p.language,
                p.context,
                digest,
            )
            for i, (p, digest) in enumerate(zip(passages, embedded, strict=True))
        )
        self._db.executemany("INSERT INTO passages VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
        places = ((self._documents, p.start, p.kind, p.label) for p in document.places)
        self._db.executemany("INSERT INTO places VALUES (?,?,?,?)", places)
        blocks = (
            (self._documents, block.start, block.end, json.dumps(block.to_list()))
            for whole in document.blocks
            for block in sliced(whole)
        )
        self._db.executemany("INSERT INTO blocks VALUES (?,?,?,?)", blocks)
        self._passage_documents += [self._documents] * len(passages)
        self._passage_languages += [passage.language for passage in passages]
        self._documents += 1
        self._passages += len(passages)

    def close(self) -> None:
        """Commit and close the files."""
        self._db.commit()
        self._db.close()
        names, codes = np.unique(np.array(self._passage_languages, dtype=str), return_inverse=True)
        np.savez(
            self._folder / PASSAGES_FILE,
            documents=np.array(self._passage_documents, dtype=np.int32),
            languages=codes.astype(np.int16),
            names=names,
        )
