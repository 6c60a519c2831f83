"""What is declared, locked and told to users fits together."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

import rag.extras

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(name: str) -> dict[str, str]:
    """Version by package of a lock file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([\w.-]+)==([^ ;]+)", line) for line in lines)
    return {canonical(each[1]): each[2] for each in found if each}


def declared(*extras: str) -> set[str]:
    wanted = [*PROJECT["dependencies"], *(each for extra in extras for each in PROJECT["optional-dependencies"][extra])]
    return {canonical(re.split(r"[<>=\[ ;]", each)[0]) for each in wanted} - {"shiori-rag", "torch"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_locks_hold_all_that_is_declared() -> None:
    assert declared() <= set(locked("requirements.lock"))
    assert declared("dev", *rag.extras.MODULES) <= set(locked("requirements-dev.lock"))


def test_making_either_environment_after_the_other_changes_no_version() -> None:
    light, everything = locked("requirements.lock"), locked("requirements-dev.lock")
    assert light.items() <= everything.items()


def test_the_default_installs_no_extra() -> None:
    extras = {name for extra in rag.extras.MODULES for name in declared(extra) - declared()}
    assert not extras & set(locked("requirements.lock"))
    assert not {"torch", "scipy", "bm25s", "tokenizers"} & set(locked("requirements.lock"))


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_version_has_its_hashes_and_comes_from_no_place_of_its_own(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert blocks and all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_torch_stands_alone_and_is_one_that_the_extra_allows() -> None:
    (line,) = (
        line
        for line in (ROOT / "requirements-torch.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
    assert re.fullmatch(r"torch==2\.\d+\.\d+", line)
    assert "torch" not in locked("requirements-dev.lock")


def test_the_version_is_the_same_everywhere() -> None:
    version = PROJECT["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_readers_are_told_of_every_extra_and_of_systems_without_make(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert all(f"| `{extra}` |" in text for extra in rag.extras.MODULES)
    assert r".venv\Scripts\pip install -r requirements.lock" in text
    assert ".venv/bin/pip install -r requirements.lock" in text


def test_the_image_is_built_from_the_lock_by_an_ordinary_user() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r /src/requirements.lock" in text
    assert re.search(r"^USER shiori$", text, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*\n.*/healthz", text, re.MULTILINE)
    copied = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert all(
        f"!{name}\n" in copied
        for name in (
            *PROJECT["license-files"],
            "pyproject.toml",
            "requirements.lock",
            "README.md",
            "hatch_build.py",
            "rag",
        )
    )


def test_a_night_fuzzes_for_half_an_hour_and_ci_for_two_minutes() -> None:
    nightly = ROOT / ".ci" / "nightly"
    assert nightly.stat().st_mode & 0o111 and "make fuzz 2>&1" in nightly.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "MINUTES ?= 30\n" in makefile and ".ci/fuzz.py $(MINUTES) $(SEED)" in makefile
    assert "make fuzz MINUTES=2 SEED=1\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    fuzzed = re.findall(r'"(tests/[^":]+)', (ROOT / ".ci" / "fuzz.py").read_text(encoding="utf-8"))
    assert len(fuzzed) == 4 and all((ROOT / name).is_file() for name in fuzzed)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    """The wheel as it is published."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (path,) = folder.glob("*.whl")
    with ZipFile(path) as archive:
        yield archive


def content(wheel: ZipFile, ending: str) -> bytes:
    (name,) = (name for name in wheel.namelist() if name.endswith(ending))
    return wheel.read(name)


@pytest.mark.slow
def test_the_wheel_holds_a_bill_of_all_that_it_needs_and_ships(wheel: ZipFile) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = content(wheel, ".dist-info/sboms/shiori-rag.cdx.json").decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    packages = {canonical(each["name"]): each for each in bill["components"] if each["type"] == "library"}
    assert {name: each["version"] for name, each in packages.items()} == locked("requirements.lock")
    assert all(each["externalReferences"][0]["hashes"] for each in packages.values())
    for component in bill["components"]:
        if component["type"] != "library":
            (digest,) = component["hashes"]
            assert digest["content"] == hashlib.sha256(wheel.read(component["name"])).hexdigest()


@pytest.mark.slow
def test_the_wheel_tells_the_licence_of_everything_in_it(wheel: ZipFile) -> None:
    metadata = content(wheel, ".dist-info/METADATA").decode()
    assert f"\nLicense-Expression: {PROJECT['license']}\n" in metadata
    notices = content(wheel, ".dist-info/licenses/THIRD_PARTY.md").decode()
    table = notices[: notices.index("\n## ")]
    named = set(PROJECT["license"].split(" AND "))
    assert all(f"{licence} |" in table or f"{licence}," in table for licence in named)
    for path in re.findall(r"^\| `(rag/[^`]+)`", table, re.MULTILINE):
        assert path in wheel.namelist()
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    for each in shipped["targets"]["wheel"]["hooks"]["custom"]["shipped"]:
        assert each["licence"] in named and f"| `{each['path']}` |" in table


def test_each_test_that_is_named_for_an_attack_is_there() -> None:
    security = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    attacks = security[security.index("## Attacks") : security.index("## OWASP")]
    files = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
    named = re.findall(r"`(test_\w+)(\.py|…)?`", attacks)
    assert len(named) > 20
    for name, ending in named:
        if ending == ".py":
            assert f"{name}.py" in files
        else:
            assert any(re.search(rf"def {name}{'' if ending else '[(]'}", text) for text in files.values()), name
    assert all((ROOT / folder).is_dir() for folder in re.findall(r"`(tests/\w+)`", attacks))
