"""Maps of Snapshots: drawn once in the background, kept in the cache folder under the Snapshot's id."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.arrays import Floats, Rows
from rag.files import replacing
from rag.web.jobs.queue import Jobs, Task
from rag.web.map.projection import Plane, projected, sampled

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.index.snapshot import Snapshot

log = logging.getLogger(__name__)

_KEPT = 8
_AT_HAND = 4
"""Maps in memory: readers may look at different libraries."""
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn map.

    Attributes:
        snapshot: id of the Snapshot.
        rows: the passages that are drawn, in ascending order.
        passages: how many there are in all.
        plane: where they stand, in the order of ``rows``.
    """

    snapshot: str
    rows: Rows
    passages: int
    plane: Plane


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map that is not ready: the share that is done, in [0, 1], and how much other work comes before it."""

    share: float
    ahead: int = 0


class Failed(Exception):  # noqa: N818  (a state as much as an error)
    """The map could not be drawn; the log has more."""


class Atlas:
    """The maps of the Snapshots that were asked for last. Threads may share it.

    Args:
        jobs: the line in which maps are drawn.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._lock = threading.Lock()
        self._charts: OrderedDict[str, Chart] = OrderedDict()
        self._shares: dict[str, float] = {}
        self._failed: set[str] = set()

    def chart(self, engine: Engine) -> Chart | Drawing:
        """The map of an Engine's Snapshot, or how far it is; the first call starts it.

        Raises:
            Failed: if it could not be drawn; the next call tries again.
            BusyError: if there is too much other work.
        """
        snapshot = engine.snapshot
        name = snapshot.manifest.id
        with self._lock:
            if name in self._charts:
                self._charts.move_to_end(name)
                return self._charts[name]
            if name in self._failed:
                self._failed.discard(name)
                raise Failed
        key, folder = f"map {name}", engine.settings.cache_dir / "maps"
        ahead = self._jobs.ahead(key)
        if ahead is None:
            # It may have been finished since.
            with self._lock:
                if name in self._charts:
                    return self._charts[name]
            self._jobs.submit(key, lambda task: self._draw(task, snapshot, folder))
        return Drawing(self._shares.get(name, 0.0), ahead or 0)

    def _draw(self, task: Task, snapshot: Snapshot, folder: Path) -> None:
        name = snapshot.manifest.id

        def told(share: float) -> None:
            task.check()
            self._shares[name] = share

        try:
            rows = sampled(snapshot.vectors.count)
            vectors = snapshot.vectors.at(rows)
            path = folder / _file_name(name, snapshot.vectors.count)
            raw = _read(path, len(rows))
            if raw is None:
                raw = projected(vectors, told)
                _write(path, raw)
            chart = Chart(name, rows, snapshot.vectors.count, Plane(vectors, raw))
            with self._lock:
                self._charts[name] = chart
                while len(self._charts) > _AT_HAND:
                    self._charts.popitem(last=False)
        except Exception:
            log.exception("The map could not be drawn.")
            with self._lock:
                self._failed.add(name)
        finally:
            self._shares.pop(name, None)


def _file_name(name: str, count: int) -> str:
    """What the file of a map is called: the id of many Snapshots together is longer than a name may be."""
    short = name if len(name) < 100 else sha256(name.encode()).hexdigest()
    return f"{short}-{count}.npz"


def _read(path: Path, count: int) -> Floats | None:
    """Points as ``_write`` left them; ``None`` if there are none that can be used."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            if int(kept["format"]) != _FORMAT:
                return None
            points = np.asarray(kept["points"], dtype=np.float32)
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return points if points.shape == (count, 2) and bool(np.isfinite(points).all()) else None


def _write(path: Path, points: Floats) -> None:
    """Keep points, and those of the last few maps; a map that cannot be kept is drawn again another time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, durable=False) as partial, partial.open("wb") as file:
            np.savez(file, format=np.int64(_FORMAT), points=points)
        for old in sorted(path.parent.glob("*.npz"), key=lambda each: each.stat().st_mtime)[:-_KEPT]:
            old.unlink()
    except OSError as error:
        log.warning("The map is not kept: %s", error)
