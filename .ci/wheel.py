"""What a user gets: the wheel, in an empty environment with the packages of requirements.lock, asked a question.

Run by ``make wheel-test``. Nothing of the checkout but the wheel and the seed documents takes part.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

CHECKOUT = Path(__file__).resolve().parents[1]
QUESTION = "主権AIとは何ですか？"
MOST_MB = 1200
"""An environment of more is no light door any longer: look at what has come in."""
EXTRAS = "torch sentence_transformers transformers scipy sklearn matplotlib openTSNE ir_measures openai mcp bm25s"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="shiori-wheel-") as folder:
        place = Path(folder)
        wheel = build(place)
        environment = Environment(place)
        environment.install(wheel)
        ask(environment)
        eval_is_missing(environment)
        serve(environment)
    print("The wheel answers, and serves its page.")


def build(place: Path) -> Path:
    """The wheel of this checkout, made with the hatchling of requirements-dev.lock."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place / "dist")]
    subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = (place / "dist").glob("*.whl")
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.0f} MB")
    return wheel


class Environment:
    """An empty environment, and a folder for what its commands write."""

    def __init__(self, place: Path) -> None:
        self._place = place
        venv.create(place / "env", with_pip=True)
        self._bin = place / "env" / ("Scripts" if os.name == "nt" else "bin")
        unwanted = ("PYTHONPATH", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if name not in unwanted and "RAG_" not in name}
        self.variables = kept | {"RAG_INDEX": str(place / "index"), "RAG_CACHE_DIR": str(place / "cache")}

    def install(self, wheel: Path) -> None:
        began = time.monotonic()
        pip = ["python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        self.run(*pip, "--require-hashes", "-r", str(CHECKOUT / "requirements.lock"))
        self.run(*pip, "--no-deps", str(wheel))
        seconds = time.monotonic() - began
        self.run("python", "-m", "pip", "check")
        megabytes = sum(f.lstat().st_size for f in (self._place / "env").rglob("*") if f.is_file()) / 1e6
        print(f"Installed in {seconds:.0f} s: {megabytes:,.0f} MB")
        assert megabytes < MOST_MB, f"The environment weighs more than {MOST_MB:,} MB."
        find = "import sys, importlib.util as u; print([n for n in sys.argv[1:] if u.find_spec(n)])"
        found = self.run("python", "-c", find, *EXTRAS.split())
        assert found.strip() == "[]", f"Extras are installed: {found}"

    def command(self, *words: str) -> list[str]:
        return [str(self._bin / words[0]), *words[1:]]

    def run(self, *words: str, code: int = 0) -> str:
        """What a command prints; it runs outside the checkout, and must end with this code."""
        done = subprocess.run(
            self.command(*words), cwd=self._place, env=self.variables, capture_output=True, text=True, encoding="utf-8"
        )
        assert done.returncode == code, f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout + (done.stderr if code else "")


def ask(environment: Environment) -> None:
    """Every citation stands in its file, word for word."""
    environment.run("rag", "build", str(CHECKOUT / "seeds"))
    answer = json.loads(environment.run("rag", "ask", "--json", QUESTION))
    assert answer["citations"] and not answer["abstained"], f"No answer: {answer}"
    for citation in answer["citations"]:
        text = (CHECKOUT / "seeds" / citation["document"]["source"]).read_text(encoding="utf-8")
        assert text[citation["start"] : citation["end"]] == citation["quote"], f"Misquoted: {citation}"
    print(f"{QUESTION} {answer['answer']}")


def eval_is_missing(environment: Environment) -> None:
    """A command whose extra is missing says how to get it."""
    said = environment.run("rag", "eval", str(CHECKOUT / "seeds"), code=1)
    assert 'pip install "shiori-rag[eval]"' in " ".join(said.split()), said


def serve(environment: Environment) -> None:
    """The page comes up without any extra."""
    variables = environment.variables | {"PYTHONUNBUFFERED": "1", "BROWSER": "true"}
    command = environment.command("rag", "serve", "--port", "0")
    with subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as server:
        try:
            assert server.stdout is not None
            said = iter(server.stdout.readline, "")
            address = next(found[0] for line in said if (found := re.search(r"http://[\w.]+:\d+", line)))
            for path in ("/healthz", "/"):
                assert status(address + path) == 200
        finally:
            server.kill()


def status(address: str) -> int:
    """What a server answers that may only just be starting."""
    until = time.monotonic() + 60
    while True:
        try:
            with urlopen(address, timeout=60) as reply:
                return int(reply.status)
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main()
