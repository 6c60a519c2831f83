"""The systems, their pinned versions, and a virtual environment for each."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.measuring import DENSE, HYBRID, JAPANESE

RUNTIME = (
    "torch==2.13.0",
    "transformers==5.23.0",
    "tokenizers==0.23.3",
    "sentence-transformers==6.2.0",
    "numpy==2.4.6",
    "faiss-cpu==1.15.1",
    "bm25s==0.3.16",
)
"""What several systems stand on, in one version for all. From PyPI, torch comes with several GB for GPUs on Linux; have
pip find a build for CPUs (``PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu``)."""

_READY = "pins.txt"


@dataclass(frozen=True)
class Contender:
    """One system.

    Attributes:
        name: as it stands in the table.
        worker: the script that runs it, beside this module.
        packages: what is installed for it, the first being the system itself; none: it runs in this environment.
        searches: those it is asked for.
    """

    name: str
    worker: str
    packages: tuple[str, ...] = ()
    searches: tuple[str, ...] = (DENSE, HYBRID, JAPANESE)

    @property
    def distributions(self) -> tuple[str, ...]:
        """Names of the packages."""
        return tuple(package.partition("==")[0] for package in self.packages)


CONTENDERS = {
    "shiori": Contender("Shiori", "shiori_worker.py", searches=(DENSE, HYBRID)),
    "txtai": Contender("txtai", "txtai_worker.py", ("txtai==9.14.0",)),
    "llamaindex": Contender(
        "LlamaIndex",
        "llamaindex_worker.py",
        (
            "llama-index-core==0.14.25",
            "llama-index-embeddings-huggingface==0.8.0",
            "llama-index-retrievers-bm25==0.8.0",
        ),
    ),
    "haystack": Contender(
        "Haystack", "haystack_worker.py", ("haystack-ai==3.4.0", "sentence-transformers-haystack==2.0.0")
    ),
}


def python_of(contender: Contender, work: Path) -> str:
    """The interpreter that runs a system; its environment is made in ``work`` unless it is there with the same pins.

    Raises:
        SystemExit: if the packages cannot be installed.
    """
    if not contender.packages:
        return sys.executable
    folder = work / "environments" / contender.name.lower()
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    ready, pins = folder / _READY, "\n".join((*contender.packages, *RUNTIME))
    if not ready.exists() or ready.read_text(encoding="utf-8") != pins:
        print(f"Making an environment for {contender.name} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        _install(python, contender, folder)
        ready.write_text(pins, encoding="utf-8")
    return str(python)


def _install(python: Path, contender: Contender, folder: Path) -> None:
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(RUNTIME) + "\n", encoding="utf-8")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--constraint", str(constraints)]
    # torch alone first: nothing that asks for another one may draw it in.
    for packages in (RUNTIME[:1], contender.packages):
        if subprocess.run([*pip, *packages]).returncode:
            raise SystemExit(f"{contender.name} could not be installed: {' '.join(packages)}")
