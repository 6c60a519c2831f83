"""The map: where passages stand, which colours they have, how long it is kept, and what is said meanwhile."""

from __future__ import annotations

import json
import re
import threading
import time
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rag.corpus.document import Document
from rag.web.current import CurrentIndex
from rag.web.jobs.queue import Jobs
from rag.web.libraries import OpenLibraries
from rag.web.map import atlas as atlas_module
from rag.web.map.atlas import Atlas, Chart, Drawing, Failed
from rag.web.map.events import MapEvents
from rag.web.map.groups import MOST_COLOURS, grouped
from rag.web.map.projection import Plane, projected, sampled
from rag.web.map.views import chart_html
from rag.web.turns import Turns

from .map_doubles import MapEngine

SUBJECTS = ("煎茶は七十度の湯で淹れる", "列車は朝の駅を出て海へ走る", "猫は窓の外の鳥を見ている")


def clusters(size: int = 12, dimension: int = 24) -> Any:
    """Three groups of unit vectors, one after the other."""
    random = np.random.default_rng(3)
    middles = np.eye(3, dimension)[np.repeat(np.arange(3), size)]
    vectors = middles + random.normal(0, 0.05, (3 * size, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def documents(count: int = 3) -> tuple[Document, ...]:
    return tuple(
        Document(f"{n}.txt", f"文書{n}", "".join(f"{SUBJECTS[n % 3]}、その{i}。\n" for i in range(8)), "ja")
        for n in range(count)
    )


def wait_for_chart(atlas: Atlas, engine: MapEngine) -> Chart:
    deadline = time.monotonic() + 60
    while isinstance(found := atlas.chart(engine), Drawing):  # type: ignore[arg-type]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_what_is_alike_stands_together() -> None:
    vectors = clusters()
    points = Plane(vectors, projected(vectors)).points
    middles = points.reshape(3, 12, 2).mean(axis=1)
    nearest = np.argmin(np.linalg.norm(points[:, None] - middles[None], axis=2), axis=1)
    assert nearest.tolist() == np.repeat([0, 1, 2], 12).tolist()


def test_the_same_vectors_make_the_same_map_and_the_longer_side_lies_across() -> None:
    vectors = clusters()
    first, second = (Plane(vectors, projected(vectors)).points for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.min() == 0 and first[:, 0].max() == pytest.approx(1) and first[:, 1].max() <= 1.0001


def test_a_new_vector_is_placed_among_those_like_it() -> None:
    vectors = clusters()
    plane = Plane(vectors, projected(vectors))
    middles = plane.points.reshape(3, 12, 2).mean(axis=1)
    for group in range(3):
        new = np.eye(1, 24, group, dtype=np.float32)
        (point,) = plane.place(new)
        assert np.argmin(np.linalg.norm(middles - point, axis=1)) == group


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_few_passages_make_a_map_too(count: int) -> None:
    vectors = clusters()[:: 36 // count][:count]
    plane = Plane(vectors, projected(vectors))
    assert plane.points.shape == (count, 2) and np.isfinite(plane.points).all()
    np.testing.assert_allclose(plane.place(vectors), plane.points, atol=1e-5)


def test_many_passages_are_sampled_evenly() -> None:
    assert sampled(5).tolist() == [0, 1, 2, 3, 4]
    rows = sampled(100_000, 1000)
    assert len(set(rows.tolist())) == 1000 and rows[0] == 0 and rows[-1] == 99_999
    assert np.diff(rows).max() <= 101


def test_progress_is_told_and_can_end_the_work() -> None:
    told: list[float] = []
    projected(clusters(), told.append)
    assert told == sorted(told) and told[-1] == 1 and len(told) > 10

    def stop(_share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        projected(clusters(), stop)


def listing(number: int, source: str, passages: int = 1) -> Any:
    return SimpleNamespace(id=f"d{number}", title=f"題{number}", source=source, passages=passages, library="")


def test_few_documents_have_a_colour_each() -> None:
    groups = grouped([listing(n, f"{n}.txt") for n in range(3)])
    assert groups.names == ("題0", "題1", "題2") and groups.of == {"d0": 0, "d1": 1, "d2": 2}


def test_many_documents_are_coloured_by() -> None:
    groups = grouped([listing(n, f"{'ab'[n % 2]}/{n}.txt") for n in range(40)])
    assert groups.by == "folder" and set(groups.names) == {"a/", "b/"}
    assert len({groups.of[f"d{n}"] for n in range(0, 40, 2)}) == 1


def test_of_too_many_the_largest_have_colours_and_the_others_share_one() -> None:
    groups = grouped([listing(n, f"{n}.txt", passages=n) for n in range(20)])
    assert groups.names[:2] == ("題19", "題18") and groups.names[-1] == ""
    assert groups.of["d0"] == MOST_COLOURS and groups.of["d19"] == 0


def test_a_map_is_drawn_once_and_kept_in_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = MapEngine(documents(), cache=tmp_path)
    drawn = wait_for_chart(Atlas(Jobs()), engine)
    (kept,) = (tmp_path / "maps").glob("*.npz")
    assert engine.name in kept.name

    def no_more(*_: Any) -> Any:
        raise AssertionError("drawn again")

    monkeypatch.setattr(atlas_module, "projected", no_more)
    again = wait_for_chart(Atlas(Jobs()), engine)
    np.testing.assert_array_equal(drawn.plane.points, again.plane.points)


def test_a_damaged_map_is_drawn_again(tmp_path: Path) -> None:
    engine = MapEngine(documents(), cache=tmp_path)
    first = wait_for_chart(Atlas(Jobs()), engine)
    (kept,) = (tmp_path / "maps").glob("*.npz")
    kept.write_bytes(b"not a map")
    np.testing.assert_array_equal(wait_for_chart(Atlas(Jobs()), engine).plane.points, first.plane.points)


def test_another_snapshot_has_another_map(tmp_path: Path) -> None:
    atlas = Atlas(Jobs())
    first = wait_for_chart(atlas, MapEngine(documents(2), cache=tmp_path, name="one"))
    second = wait_for_chart(atlas, MapEngine(documents(3), cache=tmp_path, name="two"))
    assert (first.snapshot, second.snapshot) == ("one", "two") and len(second.rows) == 24


def test_while_other_work_goes_on_the_map_waits_and_says_so(tmp_path: Path) -> None:
    jobs, ended = Jobs(), threading.Event()
    jobs.submit("other", lambda _task: ended.wait(60) and None)
    atlas, engine = Atlas(jobs), MapEngine(documents(), cache=tmp_path)
    atlas.chart(engine)  # type: ignore[arg-type]
    waiting = atlas.chart(engine)  # type: ignore[arg-type]
    assert isinstance(waiting, Drawing) and waiting.ahead == 1
    events = MapEvents(OpenLibraries(CurrentIndex(lambda: engine)), jobs, Turns())  # type: ignore[arg-type,return-value]
    html = events.look("", "ja", SimpleNamespace(known=""))  # type: ignore[arg-type]
    assert "data-again" in html
    ended.set()
    wait_for_chart(atlas, engine)


def test_a_map_that_fails_is_said_once_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("no memory")

    engine, atlas = MapEngine(documents(), cache=tmp_path), Atlas(Jobs())
    with monkeypatch.context() as patch:
        patch.setattr(atlas_module, "projected", broken)
        with pytest.raises(Failed):
            wait_for_chart(atlas, engine)
    assert len(wait_for_chart(atlas, engine).rows) == 24


def test_the_pictures_numbers_lead_to_the_passages(tmp_path: Path) -> None:
    engine = MapEngine(documents(), cache=tmp_path)
    chart = wait_for_chart(Atlas(Jobs()), engine)
    html = chart_html(chart, engine.snapshot.store.passages(range(24)), grouped(engine.documents()), "ja")
    numbers = json.loads(unescape(re.search('data-map="([^"]*)"', html)[1]))  # type: ignore[index]
    for (_, _, number, start, end, where, beginning), stored in zip(
        numbers["points"], engine.snapshot.kept, strict=True
    ):
        assert numbers["documents"][number][0] == stored.passage.document_id
        assert (start, end) == (stored.passage.start, stored.passage.end)
        assert where == f"{stored.line} 行目" and stored.passage.text.startswith(beginning.rstrip("…"))
    assert html.count('class="map-group"') == 3


def test_a_sample_is_called_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas_module, "sampled", lambda count: sampled(count, 10))
    engine = MapEngine(documents(), cache=tmp_path)
    chart = wait_for_chart(Atlas(Jobs()), engine)
    html = chart_html(chart, engine.snapshot.store.passages(range(24)), grouped(engine.documents()), "ja")
    assert "全 24 箇所のうち、まんべんなく選んだ 10 箇所" in html
