"""What the fault tests run in processes of their own, forked from a server that has loaded the libraries."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from rag.corpus import Document
from rag.errors import BusyError
from rag.index.builder import build_snapshot
from rag.index.folder import FolderSnapshot
from rag.index.report import BuildReport
from rag.language.terms import terms
from rag.models import Embedder
from rag.search import Searcher
from rag.settings import Settings

NAMES = ("あ.txt", "い.txt", "う.txt")
FILLER = "栞は日本語の文書を検索します。"

# The dictionary is loaded once, in the server.
terms("準備")


class HashEmbedder:
    """A model whose vectors depend on the text and on nothing else."""

    name = "hash"
    fingerprint = "hash-1"
    precision = "float32"
    dimension = 8
    max_tokens = 512

    def __init__(self) -> None:
        self.embedded = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]

    def embed_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.embedded += len(texts)
        if progress:
            progress(len(texts))
        vectors = np.array([[1 + text.count(chr(97 + i)) + len(text) % (i + 2) for i in range(8)] for text in texts])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def documents(version: int) -> list[Document]:
    """Three documents that all tell the version; one is new in every second version."""
    names = NAMES if version % 2 else NAMES[:-1]
    return [Document(name, name, f"{FILLER}これは第{version}版です。", "ja") for name in names]


def build_version(index: Path, version: int) -> BuildReport:
    """Index one version of the documents."""
    settings = Settings(index=index)
    return build_snapshot(documents(version), index, settings, cast(Embedder, HashEmbedder()))


def version_of(index: Path) -> int:
    """The version that the current Snapshot holds.

    Raises:
        AssertionError: if it is not whole: parts of several versions, or a search that finds something else.
    """
    snapshot = FolderSnapshot.open(index)
    try:
        _ = snapshot.vectors, snapshot.lexical
        sources = [info.source for info in snapshot.store.documents()]
        texts = {snapshot.store.document(info.id).text for info in snapshot.store.documents()}
        assert len(texts) == 1, texts
        version = int(texts.pop().split("第")[1].split("版")[0])
        assert sources == [document.source for document in documents(version)]
        found = Searcher(snapshot, Settings(index=index)).search(f"第{version}版", None, k=5, mode="lexical").hits
        assert {hit.text for hit in found} == {documents(version)[0].text}
        return version
    finally:
        snapshot.close()


def build_and_die(index: Path, version: int, at: int | None, steps: Any) -> None:
    """Build, and die at the ``at``-th thing done to the index folder; without, count these things into ``steps``."""
    count = kill_at(index, at)
    build_version(index, version)
    if steps is not None:
        steps.put(count())


def kill_at(index: Path, at: int | None) -> Callable[[], int]:
    """Die at the ``at``-th thing done to the index folder from now on; gives what tells how many there were."""
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    _watch(index, step)
    return lambda: count


def _watch(index: Path, step: Callable[[], None]) -> None:
    """Call ``step`` before every file of the index is opened, renamed, removed or synced."""
    inside = str(index)
    events = ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "sqlite3.connect")
    sync = os.fsync

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in events and arguments and inside in str(arguments[0]):
            step()

    def counted(descriptor: int) -> None:
        step()
        sync(descriptor)

    sys.addaudithook(hook)
    os.fsync = counted


def read_until(index: Path, stop: Event, report: Any) -> None:
    """Open the index and check that it is whole, again and again; report the versions seen, or the first failure."""
    seen: list[int] = []
    try:
        while not stop.is_set():
            seen.append(version_of(index))
    except BaseException as error:
        report.put(f"{type(error).__name__}: {error}")
        return
    report.put(seen)


def write_many(index: Path, versions: int, report: Any) -> None:
    """Build one version after the other, trying again where another writer is at work; report how often that was."""
    busy = 0
    for version in range(versions):
        while True:
            try:
                build_version(index, version)
                break
            except BusyError:
                busy += 1
    report.put(busy)
