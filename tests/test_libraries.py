"""Named libraries: what they may be called, that nothing is lost on the way, and that several are asked as one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag import Engine, Libraries, Settings, build, open_libraries
from rag.errors import BusyError, QuestionError, SnapshotError
from rag.index.folder import CURRENT_FILE
from rag.library import DEFAULT_ID, Library, LibraryError, LibraryNameError, UnknownLibraryError

QUESTIONS = ("主権AIとは何ですか？", "輸出規制", "音声の生成", "What is sovereign AI?")


@pytest.fixture
def libraries(tmp_path: Path) -> Libraries:
    return Libraries(tmp_path / "index")


@pytest.fixture(scope="module")
def apart(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seed documents in three libraries, the default one among them."""
    libraries = Libraries(tmp_path_factory.mktemp("libraries") / "index")
    files = sorted(seeds.glob("*.txt"))
    for name, some in (("default", files[:2]), ("規程", files[2:4]), ("製品", files[4:])):
        library = libraries.named(name) if name == "default" else libraries.add(name)
        build(some, index=libraries.index_of(library))
    return libraries.index


def names(libraries: Libraries) -> list[str]:
    return [library.name for library in libraries.all()]


def test_a_library_is_made_renamed_and_removed_and_keeps_its_folder_and_rights(libraries: Libraries) -> None:
    assert names(libraries) == ["default"]
    made = libraries.add("規程　2024")
    libraries.grant("規程 2024", "hanako", "editor")
    renamed = libraries.rename("規程 2024", "社内規程")
    assert names(libraries) == ["default", "社内規程"]
    assert renamed.id == made.id and renamed.rights == {"hanako": "editor"}
    assert libraries.index_of(renamed) == libraries.index_of(made)
    libraries.remove("社内規程")
    assert names(libraries) == ["default"] and not libraries.index_of(made).exists()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "empty"),
        (" \u3000", "empty"),
        ("あ" * 61, "long"),
        ("a/b", "characters"),
        ("..", "characters"),
        ("ａ／ｂ", "characters"),
        ("a\\b", "characters"),
        ("a\nb\x00", "characters"),
        ("--json", "characters"),
        ("既定", "reserved"),
        ("ＤＥＦＡＵＬＴ", "reserved"),
        ("ﾏﾆｭｱﾙa", "taken"),
    ],
)
def test_names_that_mean_nothing_or_something_else_are_refused(libraries: Libraries, name: str, problem: str) -> None:
    libraries.add("マニュアルＡ")
    with pytest.raises(LibraryNameError) as refused:
        libraries.add(name)
    assert refused.value.problem == problem
    assert names(libraries) == ["default", "マニュアルＡ"]


def test_a_library_is_found_whatever_the_case_and_width_and_by_its_id(libraries: Libraries) -> None:
    made = libraries.add("Rules Ａ")
    assert libraries.named("rules a") == libraries.named(made.id) == made
    assert libraries.named("既定").id == libraries.named("Default").id == DEFAULT_ID
    with pytest.raises(UnknownLibraryError):
        libraries.named("others")


def test_the_default_library_is_neither_renamed_nor_removed(libraries: Libraries) -> None:
    for change in (lambda: libraries.remove("default"), lambda: libraries.rename("既定", "x")):
        with pytest.raises(LibraryError, match="default library"):
            change()


def test_a_damaged_list_is_never_guessed_at(libraries: Libraries) -> None:
    made = libraries.add("規程")
    (libraries.folder / "libraries.json").write_text('{"libraries": [{"id": "../x"}]}', encoding="utf-8")
    for call in (libraries.all, lambda: libraries.add("製品"), lambda: libraries.remove("規程")):
        with pytest.raises(LibraryError, match="damaged"):
            call()
    assert libraries.index_of(made).is_dir()


KILLED = """
import os, shutil, sys
from rag import Libraries
from pathlib import Path
shutil.rmtree = lambda *args, **options: os._exit(9)
Libraries(Path(sys.argv[1])).remove("規程")
"""


def test_a_removal_that_is_killed_is_finished_by_the_next_change(libraries: Libraries) -> None:
    made = libraries.add("規程")
    (libraries.index_of(made) / "x").write_text("y", encoding="utf-8")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(libraries.index)], check=False, timeout=120)
    assert killed.returncode == 9
    assert names(libraries) == ["default"] and libraries.index_of(made).is_dir()
    again = libraries.add("規程")
    assert again.id != made.id and not libraries.index_of(made).exists()
    written = json.loads((libraries.folder / "libraries.json").read_text(encoding="utf-8"))
    assert [each["id"] for each in written["libraries"]] == [again.id]


def test_emptying_takes_documents_and_added_files_out_and_leaves_marks_and_the_users_own_files(
    libraries: Libraries, seeds: Path, tmp_path: Path
) -> None:
    made = libraries.add("規程")
    index = libraries.index_of(made)
    own = Path(shutil.copy(next(seeds.glob("*.txt")), tmp_path))
    Library(index).add(own, "added.txt")
    build(own, index=index)
    Engine.open(index).mark("答えのない質問")
    libraries.empty("規程")
    assert not (index / CURRENT_FILE).exists() and libraries.size(made) == (0, 0)
    assert Library(index).added_files() == {} and own.exists()
    assert len(Library(index).questions) == 1
    with pytest.raises(SnapshotError, match="no index"):
        open_libraries("規程", index=libraries.index)


def test_a_library_that_is_being_built_is_not_emptied(libraries: Libraries) -> None:
    from filelock import FileLock

    made = libraries.add("規程")
    with FileLock(libraries.index_of(made) / ".lock"), pytest.raises(BusyError):
        libraries.empty("規程")


def test_several_libraries_rank_as_one_index_of_all_their_documents_does(apart: Path, seed_index: Path) -> None:
    one = Engine.open(seed_index, Settings.load(reader="none"))
    several = open_libraries(["default", "規程", "製品"], apart, Settings.load(reader="none"))
    assert {document.source for document in several.documents()} == {document.source for document in one.documents()}
    for question in QUESTIONS:
        for mode in ("dense", "hybrid"):
            due, found = (engine.search(question, k=10, mode=mode).hits for engine in (one, several))
            scores = {(hit.document.source, hit.start): hit.score for hit in found}
            # Each library knows how rare words are within itself: scores that near one another may change places.
            for hit, other in zip(due[:3], found[:3], strict=True):
                there = scores[hit.document.source, hit.start]
                assert there == pytest.approx(hit.score, abs=0.05) and there == pytest.approx(other.score, abs=0.05)


def test_every_citation_tells_its_library_and_quotes_its_document(apart: Path) -> None:
    engine = open_libraries(["default", "規程", "製品"], apart)
    for question in QUESTIONS[:2]:
        answer = engine.ask(question)
        assert answer.hits and all(hit.document.library in ("default", "規程", "製品") for hit in answer.hits)
        for citation in answer.citations:
            document = engine.document(citation.document.id)
            assert document.text[citation.start : citation.end] == citation.quote
            assert document.id == citation.document.id
            assert citation.to_dict()["document"]["library"] == citation.document.library


def test_filters_conditions_and_neighbours_work_over_several(apart: Path) -> None:
    engine = open_libraries(["default", "規程", "製品"], apart, Settings.load(reader="none"))
    source = engine.documents()[-1].source
    found = engine.search("AI", sources=[source], k=5).hits
    assert found and {hit.document.source for hit in found} == {source}
    assert all("生成" in hit.text for hit in engine.search('"生成"', k=50).hits)
    first = found[0]
    before, after = engine.neighbours(first.document.id, first.start, first.end)
    assert before is not None or after is not None
    with pytest.raises(QuestionError):
        engine.search("AI", sources=["nothing.txt"])


def test_a_document_of_the_same_source_in_two_libraries_is_two_documents(tmp_path: Path) -> None:
    libraries = Libraries(tmp_path / "index")
    for name, days in (("本社", "十日"), ("支社", "二十日")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "休暇.txt").write_text(f"休暇の決まり\n\n夏の休暇は{days}とする。\n", encoding="utf-8")
        build(folder, index=libraries.index_of(libraries.add(name)))
    engine = open_libraries(["本社", "支社"], libraries.index)
    hits = engine.search("夏の休暇").hits
    assert {hit.document.library: "二十日" in hit.text for hit in hits} == {"本社": False, "支社": True}
    marked = engine.mark("夏の休暇は？", [("休暇.txt", "二十日")])
    assert marked.answers == ("二十日",)
    assert [len(Library(libraries.index_of(libraries.named(name))).questions) for name in ("本社", "支社")] == [0, 1]
