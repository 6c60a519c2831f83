"""What a build was given, and what it did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.address import IndexPlace
from rag.corpus import Document, Refusal
from rag.corpus.kinds import PassedOver, by_kind
from rag.errors import NoDocumentsError


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """A document that another process has read, and written where the index is.

    Attributes:
        source: its source.
        sha256: of its text, in hexadecimal.
        number: what it is known by there.
        place: in the order of the documents, as it is written.
        undecoded: at how many places its bytes could not be decoded.
    """

    source: str
    sha256: str
    number: int
    place: float
    undecoded: int = 0


Item = Document | Refusal | WrittenDocument
"""What comes of a file: a document, here or as another process has written it, or why it is none."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        index: the index folder, or the address of its database.
        snapshot: id of the new Snapshot.
        documents, passages: how many it holds.
        embedded: passages whose vectors had to be computed.
        added, changed, removed, kept: documents, against the Snapshot before.
        refused: files that could not be read.
        seconds: time taken.
        passed_over: files of kinds that are not read, by kind.
        mended: documents with bytes that could not be decoded, by their sources, and at how many places.
    """

    index: IndexPlace
    snapshot: str
    documents: int
    passages: int
    embedded: int
    added: int
    changed: int
    removed: int
    kept: int
    refused: tuple[Refusal, ...]
    seconds: float
    passed_over: tuple[PassedOver, ...] = ()
    mended: tuple[tuple[str, int], ...] = ()


def undecoded(document: Document) -> int:
    """At how many places a document's bytes could not be decoded."""
    gaps = document.metadata.get("undecoded", "")
    return int(gaps) if gaps.isdigit() else 0


def compared(hashes: Mapping[str, str], before: Mapping[str, str]) -> dict[str, int]:
    """How many documents were ``added``, ``changed``, ``removed`` and ``kept``; their hashes by source."""
    return {
        "added": len(hashes.keys() - before.keys()),
        "changed": sum(before[source] != digest for source, digest in hashes.items() if source in before),
        "removed": len(before.keys() - hashes.keys()),
        "kept": sum(before.get(source) == digest for source, digest in hashes.items()),
    }


def nothing(refused: Sequence[Refusal]) -> NoDocumentsError:
    """The error where nothing could be read."""
    passed = by_kind(refusal.source for refusal in refused if refusal.is_passed_over)
    failed = [refusal.error for refusal in refused if not refusal.is_passed_over]
    reasons = "".join(f"\n  {reason}" for reason in [*failed[:10], *(f"Not read: {kind}" for kind in passed[:10])])
    return NoDocumentsError(
        "There is no document to index." + reasons,
        hint="" if refused else "Give a folder that holds .txt, .md or .html files.",
    )
