"""What the wheel says of its own making: a software bill of materials (CycloneDX) in ``.dist-info/sboms/`` (PEP 770).

cyclonedx-py writes it from ``requirements.lock``, which names every package that the default runs on with its hashes.
Weights and data that lie in the wheel itself are added as ``pyproject.toml`` names them.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "shiori-rag.cdx.json"


class SbomHook(BuildHookInterface[Any]):
    """Adds the bill to every wheel but an editable one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        self._made = tempfile.TemporaryDirectory(prefix="shiori-sbom-")
        path = Path(self._made.name) / NAME
        path.write_text(json.dumps(self._bill(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        build_data["sbom_files"].append(str(path))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._made.cleanup()

    def _bill(self) -> dict[str, Any]:
        options = ["--pyproject", "pyproject.toml", "--spec-version", "1.6", "--output-reproducible", "--of", "JSON"]
        command = [sys.executable, "-m", "cyclonedx_py", "requirements", "requirements.lock", *options]
        made = subprocess.run(command, cwd=self.root, check=True, stdout=subprocess.PIPE)  # noqa: S603
        bill: dict[str, Any] = json.loads(made.stdout)
        shipped = [self._component(each) for each in self.config["shipped"]]
        bill["components"] += shipped
        bill["dependencies"] += [{"ref": each["bom-ref"]} for each in shipped]
        return bill

    def _component(self, file: dict[str, str]) -> dict[str, Any]:
        with (Path(self.root) / file["path"]).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        return {
            "bom-ref": file["path"],
            "type": file["type"],
            "name": file["path"],
            "description": file["from"],
            "hashes": [{"alg": "SHA-256", "content": digest}],
            "licenses": [{"license": {"id": file["licence"]}}],
        }
