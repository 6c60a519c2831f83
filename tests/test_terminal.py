"""The command rag on terminals of every kind: hostile text, output that cannot be written, narrow, plain."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rag import build
from rag.cli.console import Terminal
from rag.controls import pictured

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
CLIPBOARD = "\x1b]52;c;ZXZpbA==\x07"
QUESTION = "煎茶の湯は何度ですか？"
POSIX = pytest.mark.skipif(os.name == "nt", reason="there are no such files and signals on Windows")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a document that would have a terminal write the clipboard, and the folder it is of."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "documents").mkdir()
    body = f"煎茶の湯は{CLIPBOARD}七十度です。お茶は\x1b[2J体によい飲み物です。"
    page = f"<html><head><title>題\x1b[31m</title></head><body><h1>題\x1b[31m</h1><p>{body}</p></body></html>"
    (folder / "documents" / "tea\x1b[31m.html").write_text(page, encoding="utf-8")
    (folder / "documents" / "refused\x1b[31m.txt").write_bytes(b"\x00\xff\x01")
    (folder / "documents" / "c1.txt").write_text("本社の休館日は\x9b31m月曜日です。", encoding="utf-8")
    build(folder / "documents", index=folder / "index")
    return folder


def rag(*arguments: object, output: int = subprocess.PIPE, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag", *map(str, arguments)]
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        env=os.environ | variables,
    )


@POSIX
@pytest.mark.parametrize(
    "arguments",
    [
        ("info",),
        ("info", "--excluded"),
        ("search", "煎茶"),
        ("search", "休館日"),
        ("ask", QUESTION),
        ("-v", "ask", QUESTION),
    ],
    ids=" ".join,
)
def test_no_control_character_of_a_document_is_printed(hostile: Path, arguments: tuple[str, ...]) -> None:
    ran = rag(*arguments, "--index", hostile / "index")
    assert ran.returncode == 0, ran.stderr
    assert not CONTROLS.search(ran.stdout + ran.stderr)
    if "--excluded" not in arguments:
        assert "\u241b" in ran.stdout or "\ufffd" in ran.stdout


@POSIX
def test_no_control_character_of_a_name_is_printed_by_a_build(hostile: Path, tmp_path: Path) -> None:
    ran = rag("build", hostile / "documents", "--index", tmp_path / "index")
    assert ran.returncode == 3 and "refused\u241b[31m.txt" in ran.stderr
    assert not CONTROLS.search(ran.stdout + ran.stderr)


def test_json_holds_the_text_as_it_is_and_no_control_character(hostile: Path) -> None:
    ran = rag("search", "休館日", "--json", "--index", hostile / "index")
    assert not CONTROLS.search(ran.stdout)
    assert any("\x9b31m" in hit["text"] for hit in json.loads(ran.stdout)["hits"])


@POSIX
def test_what_is_said_while_a_question_is_answered_holds_none_either(hostile: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rag", "ask", QUESTION, "--index", str(hostile / "index")]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm"}
    ) as ran:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # the other side has closed
            pass
    os.close(ours)
    assert ran.returncode == 0 and b"passages found" in shown
    assert b"\x1b]52" not in shown and b"\x1b[31m" not in shown and "\u241b]52".encode() in shown


def test_pictures_stand_for_controls_wherever_rich_puts_them(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = f"a{CLIPBOARD}b\x9bc\x7f"
    table = Table("head")
    table.add_row(hostile)
    marked = Text(hostile)
    marked.stylize("bold", 0, 1)
    for each in (hostile, marked, Padding(Text(hostile), 1), table):
        Terminal(width=60).print(each, markup=False) if isinstance(each, str) else Terminal(width=60).print(each)
    printed = capsys.readouterr().out
    assert printed.count("\u241b]52;c;ZXZpbA==") == 4 and not CONTROLS.search(printed)


def test_a_picture_is_as_long_as_what_it_stands_for() -> None:
    every = "".join(map(chr, range(0x110)))
    assert len(pictured(every)) == len(every)
    assert not CONTROLS.search(pictured(every)) and pictured("a\n\tあ") == "a\n\tあ"
    assert pictured("\udcff") == "\ufffd"


@POSIX
@pytest.mark.parametrize("command", [("info",), ("info", "--json"), ("verify",), ("--help",)], ids=" ".join)
def test_output_that_cannot_be_written_is_said_in_one_line(hostile: Path, command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = rag(*command, *index_of(hostile, command), output=full.fileno())
    assert ran.returncode == 1
    assert ran.stderr.startswith("rag: The output cannot be written") and ran.stderr.count("\n") == 1


@POSIX
@pytest.mark.parametrize("command", [("info",), ("info", "--json"), ("verify",), ("--help",)], ids=" ".join)
def test_a_reader_that_has_gone_and_an_output_that_is_closed_leave_no_trace(
    hostile: Path, command: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = rag(*command, *index_of(hostile, command), output=writing)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, "")
    closed = ["sh", "-c", 'exec "$@" >&- 2>&- <&-', "sh", sys.executable, "-m", "rag", *command]
    assert subprocess.run([*closed, *index_of(hostile, command)], timeout=120).returncode == 0


def index_of(hostile: Path, command: tuple[str, ...]) -> tuple[str, ...]:
    return () if command == ("--help",) else ("--index", str(hostile / "index"))


@pytest.mark.parametrize(
    "variables",
    [
        {"COLUMNS": "20"},
        {"COLUMNS": "1"},
        {"NO_COLOR": "1", "FORCE_COLOR": "1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"TERM": "dumb"},
    ],
    ids=str,
)
def test_every_terminal_gets_the_answer(hostile: Path, variables: dict[str, str]) -> None:
    for arguments in (("info",), ("ask", QUESTION)):
        ran = rag(*arguments, "--index", hostile / "index", **variables)
        assert ran.returncode == 0 and "Traceback" not in ran.stderr and len(ran.stdout) > 50
        if "NO_COLOR" in variables:
            assert not re.search(r"\x1b\[[\d;]*3\dm", ran.stdout)


@POSIX
def test_names_that_are_not_in_utf_8_are_told_without_a_trace(hostile: Path, tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    for arguments in (("info", "--index", name), ("build", hostile / "documents", "--index", name), ("build", name)):
        ran = rag(*arguments)
        assert ran.returncode == 1 and ran.stderr.startswith("rag: ") and "Traceback" not in ran.stderr
