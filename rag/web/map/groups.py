"""Which colour a passage has: its document's, or where there are too many documents, its folder's; of several
libraries, its library's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.index.store import DocumentInfo

Kind = Literal["document", "folder", "library"]

MOST_COLOURS = 8
"""Colours that stay apart for everyone; what has none of its own is grey."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Names by colour, and the colour of each document; the last name is empty if it stands for all others."""

    names: tuple[str, ...]
    of: dict[str, int]
    by: Kind = "document"


def grouped(documents: Sequence[DocumentInfo]) -> Groups:
    """Colours for documents: one each if they are few, else by folder, the largest first; of libraries, one each."""
    if len({d.library for d in documents}) > 1:
        return _largest(documents, {d.id: d.library for d in documents}, "library")
    if len(documents) <= MOST_COLOURS:
        return Groups(tuple(d.title for d in documents), {d.id: n for n, d in enumerate(documents)})
    folders = {d.id: d.source.partition("/")[0] if "/" in d.source else "" for d in documents}
    if len(set(folders.values())) > 1:
        label = {id_: f"{folder}/" if folder else "./" for id_, folder in folders.items()}
        return _largest(documents, label, "folder")
    return _largest(documents, {d.id: d.id for d in documents}, "document")


def _largest(documents: Sequence[DocumentInfo], label: dict[str, str], by: Kind) -> Groups:
    passages: Counter[str] = Counter()
    for document in documents:
        passages[label[document.id]] += document.passages
    kept = [name for name, _ in passages.most_common()]
    if len(kept) > MOST_COLOURS:
        kept = kept[:MOST_COLOURS]
    colour = {name: number for number, name in enumerate(kept)}
    titles = {d.id: d.title for d in documents}
    names = [titles[name] if by == "document" else name for name in kept]
    if len(passages) > len(kept):
        names.append("")
    return Groups(tuple(names), {d.id: colour.get(label[d.id], len(kept)) for d in documents}, by)
