"""Which colour a passage has: its document's, or where there are too many documents, its folder's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.index.store import DocumentInfo

MOST_COLOURS = 8
"""Colours that stay apart for everyone; what has none of its own is grey."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Names by colour, and the colour of each document; the last name is empty if it stands for all others."""

    names: tuple[str, ...]
    of: dict[str, int]
    by_folder: bool = False


def grouped(documents: Sequence[DocumentInfo]) -> Groups:
    """Colours for documents: one each if they are few, else by folder, the largest first."""
    if len(documents) <= MOST_COLOURS:
        return Groups(tuple(d.title for d in documents), {d.id: n for n, d in enumerate(documents)})
    folders = {d.id: d.source.partition("/")[0] if "/" in d.source else "" for d in documents}
    if len(set(folders.values())) > 1:
        label = {id_: f"{folder}/" if folder else "./" for id_, folder in folders.items()}
        return _largest(documents, label, by_folder=True)
    return _largest(documents, {d.id: d.id for d in documents}, by_folder=False)


def _largest(documents: Sequence[DocumentInfo], label: dict[str, str], *, by_folder: bool) -> Groups:
    passages: Counter[str] = Counter()
    for document in documents:
        passages[label[document.id]] += document.passages
    kept = [name for name, _ in passages.most_common()]
    if len(kept) > MOST_COLOURS:
        kept = kept[:MOST_COLOURS]
    colour = {name: number for number, name in enumerate(kept)}
    titles = {d.id: d.title for d in documents}
    names = [name if by_folder else titles[name] for name in kept]
    if len(passages) > len(kept):
        names.append("")
    return Groups(tuple(names), {d.id: colour.get(label[d.id], len(kept)) for d in documents}, by_folder)
