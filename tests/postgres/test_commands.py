"""The command, the Python API and the page over an index in PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import Engine, Settings, build
from rag.address import Address
from rag.errors import SnapshotError
from rag.extras import MissingExtraError
from rag.web.current import CurrentIndex
from tests.library_worker import use_no_model


@pytest.fixture
def rag(tmp_path: Path, address: Address) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command in a folder whose rag.toml names the database; its password is in the environment."""
    password = address.conninfo.split(":")[2].split("@")[0]
    (tmp_path / "rag.toml").write_text(f'index = "{address}"\n', encoding="utf-8")
    environment = os.environ | {"PGPASSWORD": password, "PYTHONPATH": str(Path(__file__).parents[2])}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "rag", *map(str, arguments)],
            cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert password not in done.stdout + done.stderr
        return done

    return run


@pytest.mark.slow
def test_all_commands_work_on_an_index_in_a_database(
    rag: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, address: Address
) -> None:
    missing = rag("ask", "鍵はどこ？")
    assert missing.returncode == 1 and "There is no index here yet" in missing.stderr
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "鍵.txt").write_text("倉庫の鍵は守衛室の棚にあります。返すのは18時までです。", encoding="utf-8")
    pump = "# Pump\n\n<!-- checked by Ada in 2024 -->\nThe **pump** must be drained once a month."
    (folder / "pump.md").write_text(pump, encoding="utf-8")
    built = json.loads(rag("build", folder, "--json").stdout)
    assert (built["index"], built["documents"], built["added"]) == (str(address), 2, 2)
    assert "0 passages embedded" in rag("build", folder).stdout
    asked = json.loads(rag("ask", "倉庫の鍵はどこにありますか？", "--json").stdout)
    assert "守衛室" in asked["answer"]
    found = json.loads(rag("search", "pump drained", "--json", "--language", "en").stdout)
    assert [hit["document"]["source"] for hit in found["hits"]] == ["pump.md"]
    told = json.loads(rag("info", "--json", "--excluded").stdout)
    assert told["index"] == str(address) and told["passages"] == 2 and told["excluded"]
    assert json.loads(rag("verify", "--json").stdout)["problems"] == []
    moved = json.loads(rag("migrate", address, tmp_path / "moved", "--json").stdout)
    assert (moved["documents"], moved["embedded"]) == (2, 0)
    assert "守衛室" in json.loads(rag("ask", "倉庫の鍵はどこにありますか？", "--json", "-i", "moved").stdout)["answer"]
    assert rag("migrate", "moved", "moved").returncode == 1


def test_what_is_damaged_is_named(address: Address, seed_index: Path) -> None:
    from rag.index.postgres.connections import connected
    from rag.migrating import migrate

    migrate(seed_index, address)
    engine = Engine.open(address, Settings.load(reader="none"))
    assert engine.snapshot.verify() == []
    connection = connected(address)
    for change, said in (
        ("UPDATE vectors SET embedding = embedding * (SELECT embedding FROM vectors LIMIT 1) WHERE pid = 3", "unit"),
        ("UPDATE documents SET text = text || 'x'::bytea WHERE number = 1", "SHA-256 of its text"),
        ("UPDATE postings SET counts = counts || '\\x01'::bytea WHERE key = (SELECT max(key) FROM postings)", "terms"),
        ("UPDATE passages SET text = 'x' WHERE pid = 5", "span"),
        ("DELETE FROM vectors WHERE pid = 2", "72 found, 73 recorded"),
    ):
        connection.execute(change)
        assert any(said in problem for problem in engine.snapshot.verify()), said
    engine.snapshot.close()
    connection.execute("UPDATE versions SET manifest = replace(manifest, '73', '74')")
    with pytest.raises(SnapshotError, match="checksum"):
        Engine.open(address)
    connection.execute("UPDATE about SET format = 99")
    with pytest.raises(SnapshotError, match="format 99"):
        Engine.open(address)


def test_the_page_goes_on_to_the_next_version(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_no_model(monkeypatch.setattr)
    (tmp_path / "a.txt").write_text("東京タワーは1958年に完成しました。", encoding="utf-8")
    build(tmp_path, index=address)
    settings = Settings.load(index=address, reader="none")
    current = CurrentIndex(lambda: Engine.open(address, settings), address, settings)
    assert [d.source for d in current.engine().documents()] == ["a.txt"] and current.index is None
    (tmp_path / "b.txt").write_text("金閣寺は京都にあります。", encoding="utf-8")
    build(tmp_path, index=address)
    ends = time.monotonic() + 20
    while [d.source for d in current.engine().documents()] != ["a.txt", "b.txt"]:
        assert time.monotonic() < ends
        time.sleep(0.05)
    current.engine().snapshot.close()


def test_without_its_packages_the_command_that_installs_them_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in [name for name in sys.modules if name.startswith("rag.index.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingExtraError, match=r"shiori-rag\[postgres\]"):
        Engine.open("postgresql://nobody@127.0.0.1:1/x")
