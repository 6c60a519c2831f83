"""Files for running it as a service: what they start runs, and what they ask for its health is answered."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from rag.web.gate.account_file import AccountFile

ROOT = Path(__file__).parents[1]
SERVICE = (ROOT / "deploy" / "shiori.service").read_text(encoding="utf-8")


def values(name: str) -> list[str]:
    """Of a setting of the service, each value."""
    return re.findall(rf"^{name}=(.*)$", SERVICE, re.MULTILINE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """What the service starts, with its own folders under ``folder`` and another port."""
    for name in ("etc/shiori", "var/lib/shiori", "var/cache/shiori"):
        (folder / name).mkdir(parents=True)
    AccountFile(folder / "var/lib/shiori/accounts").add("hanako", "hanako" * 2, "administrator")
    (line,) = values("ExecStart")
    command = [sys.executable, "-m", "rag", *shlex.split(line.replace("7860", str(port)))[1:]]
    variables = dict(each.split("=", 1) for each in " ".join(values("Environment")).split())
    inside = {name: re.sub("^/", f"{folder}/", value) for name, value in variables.items()}
    environment = {name: value for name, value in os.environ.items() if "RAG_" not in name} | inside
    process = subprocess.Popen(
        command,
        cwd=folder / "etc/shiori",
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)


def test_what_the_service_starts_serves_and_the_images_health_check_sees_it(tmp_path: Path) -> None:
    check = re.search(
        r"^HEALTHCHECK .*\n  CMD \[\"python\", \"-c\", \"(.+)\"\]$", (ROOT / "Dockerfile").read_text(), re.M
    )
    assert check is not None
    port = free_port()

    def is_healthy() -> bool:
        script = check[1].replace("7860", str(port))
        # As Docker hands the proxy of a firm to each container.
        proxied = os.environ | {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
        command = [sys.executable, "-c", script]
        return subprocess.run(command, env=proxied, capture_output=True, timeout=60).returncode == 0

    assert not is_healthy()
    with started(tmp_path, port) as process:
        deadline = time.monotonic() + 120
        while not is_healthy():
            assert process.poll() is None and time.monotonic() < deadline, process.stderr and process.stderr.read()
            time.sleep(0.5)
        assert (tmp_path / "var/lib/shiori/audit.log").exists()
        began = time.monotonic()
        process.terminate()
        assert process.wait(30) == 0 and time.monotonic() - began < int(values("TimeoutStopSec")[0])
        assert process.stderr is not None
        assert '"path": "/healthz"' in process.stderr.read()


STUB = """#!{python}
import signal, sys, time
from pathlib import Path

folder, command = Path(__file__).parent, sys.argv[1]

def end(*_):
    (folder / "told").write_text(command)
    sys.exit()

signal.signal(signal.SIGTERM, end)
(folder / command).touch()
time.sleep(20 if command == "{moment}" else 0)
"""


@pytest.mark.parametrize("moment", ["build", "serve"])
def test_a_signal_to_the_container_ends_what_runs_in_it(tmp_path: Path, moment: str) -> None:
    """The first process of a container has to see to that itself."""
    script = json.loads((ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("\nCMD ")[2])
    (tmp_path / "rag").write_text(STUB.format(python=sys.executable, moment=moment), encoding="utf-8")
    (tmp_path / "rag").chmod(0o755)
    found_first = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen(script, env=found_first) as process:
        deadline = time.monotonic() + 30
        while not (tmp_path / moment).exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        began = time.monotonic()
        process.terminate()
        process.wait(60)
    assert time.monotonic() - began < 3 and (tmp_path / "told").read_text() == moment
    assert (tmp_path / "serve").exists() == (moment == "serve")


def test_what_compose_starts_is_the_image_reached_from_this_machine_alone() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    (service,) = composed["services"].values()
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (port,) = re.findall(r"^EXPOSE (\d+)$", image, re.MULTILINE)
    assert service["build"] == "." and service["ports"] == [f"127.0.0.1:{port}:{port}"]
    mounted = {volume.split(":")[1] for volume in service["volumes"]}
    assert mounted == {"/documents", *re.findall(r"^VOLUME (\S+)$", image, re.MULTILINE)}
    kept = {volume.split(":")[0] for volume in service["volumes"] if not volume.startswith((".", "/"))}
    assert kept == composed["volumes"].keys()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_understands_the_service_and_finds_little_exposed(tmp_path: Path) -> None:
    unit = tmp_path / "shiori.service"
    unit.write_text(SERVICE.replace("/opt/shiori/bin/rag", "/bin/true"), encoding="utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(["systemd-analyze", "security", "--offline=yes", unit], capture_output=True, text=True)
    level = re.search(r"exposure level for shiori.service: ([\d.]+)", rated.stdout)
    assert level is not None and float(level[1]) < 3
