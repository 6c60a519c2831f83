"""The process that reads files of others: it reaches no network, writes no file and starts no program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rag.corpus import Document, Refusal, read_documents
from rag.corpus.sandbox import lockdown

TRIES = """
import os, socket, subprocess, sys, tempfile
from rag.corpus.sandbox.lockdown import lock_down
lock_down()
def tried(work):
    try:
        work()
    except OSError:
        return "refused"
    return "done"
folder = sys.argv[1]
print(tried(lambda: socket.socket()))
print(tried(lambda: open(folder + "/new", "w")))
print(tried(lambda: open(folder + "/old", "a")))
print(tried(lambda: os.unlink(folder + "/old")))
print(tried(lambda: subprocess.run([sys.executable, "-V"])))
print(tried(lambda: open(folder + "/old").read()))
print(tried(lambda: __import__("json")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has Landlock and seccomp")
def test_a_locked_process_neither_connects_nor_writes_nor_starts_a_program(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("秘密")
    found = subprocess.run(
        [sys.executable, "-c", TRIES, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert found[:5] == ["refused"] * 5
    assert found[6] == "done"
    assert (tmp_path / "old").read_text() == "秘密"
    assert not (tmp_path / "new").exists()


def test_where_the_system_has_no_such_locks_reading_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockdown.sys, "platform", "win32")
    lockdown.lock_down()


def test_text_is_read_in_a_process_too_and_a_file_that_kills_it_is_the_only_one_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.corpus.sandbox import process

    for name in ("a.txt", "b.txt", "c.md"):
        (tmp_path / name).write_text("潮が引くと、干潟は三キロ先まで続きます。")
    receive, asked = process._receive, []

    def die_over_the_second(running: subprocess.Popen[bytes]) -> dict[str, object]:
        asked.append(running)
        if len(asked) == 2:
            running.kill()
            running.wait()
            running.stdout.close()  # type: ignore[union-attr]
        return receive(running)

    monkeypatch.setattr(process, "_receive", die_over_the_second)
    kinds = [type(item) for item in read_documents([tmp_path])]
    assert kinds == [Document, Refusal, Document]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such name")
def test_a_file_whose_name_is_no_utf8_is_refused_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("潮が引く。")
    (Path(str(tmp_path)) / "\udc82\udca0.txt").write_text("読めない名前。")
    found = list(read_documents([tmp_path]))
    refusals = [item for item in found if isinstance(item, Refusal)]
    assert [item.source for item in found if isinstance(item, Document)] == ["a.txt"]
    assert len(refusals) == 1
    f"{refusals[0].source}{refusals[0].error}".encode()
