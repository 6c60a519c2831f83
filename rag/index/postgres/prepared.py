"""Documents on their way into a library: what is known of those there, what is written of new ones, in which order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from rag.arrays import Floats
from rag.chunking import Passage
from rag.corpus.document import Document
from rag.index.lexical import Keys
from rag.index.store import stored_marks


@dataclass(frozen=True, slots=True)
class Known:
    """A document that the library holds: its number, SHA-256 of its text, digest of all of it, place in the order."""

    number: int
    sha256: str
    content: bytes
    place: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be written.

    Attributes:
        document: itself.
        sha256: of its text, in hexadecimal.
        content: ``content_digest`` of it.
        place: in the order of the documents.
        passages: it is cut into.
        digests: of the text embedded for each.
        vectors: of each, shape ``(passages, dimension)``.
        words, bigrams: keys of each one's terms.
    """

    document: Document
    sha256: str
    content: bytes
    place: float
    passages: Sequence[Passage]
    digests: Sequence[bytes]
    vectors: Floats
    words: Sequence[Keys]
    bigrams: Sequence[Keys]


def content_digest(document: Document) -> bytes:
    """What changes with anything that is stored of a document."""
    parts = [
        document.id,
        document.source,
        document.title,
        document.text,
        document.language,
        document.date,
        *stored_marks(document),
        json.dumps(dict(document.metadata), sort_keys=True),
        json.dumps([[place.start, place.kind, place.label] for place in document.places]),
        json.dumps([block.to_list() for block in document.blocks]),
    ]
    digest = sha256()
    for part in parts:
        content = part.encode()
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.digest()


def places_for(order: Sequence[int], known: Mapping[int, float]) -> list[float]:
    """Ascending places of documents in their order; new ones stand evenly between known ones.

    Where known ones are in another order than before, or too near each other, all are placed anew.
    """
    kept = [(at, known[number]) for at, number in enumerate(order) if number in known]
    if not kept:
        return [float(at) for at in range(len(order))]
    ats = [-1, *(at for at, _ in kept), len(order)]
    values = [kept[0][1] - len(order) - 1, *(place for _, place in kept), kept[-1][1] + len(order) + 1]
    places = np.interp(np.arange(len(order)), ats, values)
    if np.any(np.diff(places) <= 0):
        return [float(at) for at in range(len(order))]
    found: list[float] = places.tolist()
    return found
