"""Without an extra everything else works, and what needs it says how to get it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
import tomllib
from html import unescape
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.extras import MODULES, Extra, MissingExtraError, install_command, is_installed, require

ROOT = Path(__file__).parents[1]
EXTRAS = tuple(MODULES)
FINDER = """
import sys

class Without:
    def __init__(self, names):
        self._names = set(names)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Without(sys.argv[1].split(",")))
"""


def without(extras: tuple[Extra, ...], program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a program does where the packages of these extras are missing."""
    missing = ",".join(module for extra in extras for module in MODULES[extra])
    command = [sys.executable, "-c", FINDER + textwrap.dedent(program), missing, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, encoding="utf-8")


def said(program: str, *extras: Extra) -> str:
    """What a program prints last, with that of stderr before it."""
    done = without(extras, program)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def caught(statements: str, extra: Extra) -> str:
    """The error of statements, by its class and message."""
    program = "from rag.errors import RagError\ntry:\n" + textwrap.indent(textwrap.dedent(statements), "    ")
    program += "\nexcept RagError as error:\n    print(type(error).__name__, error)"
    return said(program, extra)


@pytest.mark.parametrize("extra", EXTRAS)
def test_every_extra_is_installed_where_tests_run(extra: Extra) -> None:
    assert is_installed(extra)
    require(extra, "Testing")


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(extra: Extra) -> None:
    command = f'pip install "shiori-rag[{extra}]"'
    assert install_command(extra) == command
    assert caught(f'from rag.extras import require\nrequire("{extra}", "Testing")', extra) == (
        f"MissingExtraError Testing needs packages that are not installed. Install them: {command}"
    )


def test_a_missing_extra_is_an_error_of_settings() -> None:
    assert issubclass(MissingExtraError, SettingsError)


def test_one_missing_module_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    assert not is_installed("eval")
    assert is_installed("llm")


def test_the_extras_are_those_of_the_project_file() -> None:
    """Every declared package is imported by the names that are looked for, and no other."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    homes = packages_distributions()
    for extra, modules in MODULES.items():
        found = {_canonical(name) for module in modules for name in homes[module]}
        assert found == {_canonical(re.split(r"[\[<>=]", requirement)[0]) for requirement in declared[extra]}, extra
    assert set(declared) == {*EXTRAS, "compared", "dev", "llm-test"}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_nothing_of_an_extra_is_imported_by_what_everybody_imports() -> None:
    program = """
        import json
        import rag.cli.app, rag.cli.eval, rag.cli.batch, rag.building, rag.engine, rag.evaluation, rag.prose
        import rag.web.page, rag.web.app, rag.web.evaluation.runs, rag.web.map.atlas
        print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
    """
    loaded = json.loads(said(program, *EXTRAS))
    assert "gradio" in loaded
    assert not {module for extra in EXTRAS for module in MODULES[extra]} & set(loaded)


def test_another_model_than_the_bundled_one_needs_sentence_transformers() -> None:
    statements = """
        from pathlib import Path
        from rag.models import Embedder
        Embedder.load("some/model", cache_dir=Path("nowhere"))
    """
    assert caught(statements, "sentence-transformers") == (
        "MissingExtraError The model some/model needs packages that are not installed. "
        'Install them: pip install "shiori-rag[sentence-transformers]"'
    )


def test_evaluation_needs_eval() -> None:
    statements = """
        from rag.evaluation.measures import parse_measures
        parse_measures(["AP"])
    """
    assert caught(statements, "eval").endswith(install_command("eval"))


def test_the_command_eval_says_so_before_it_reads_anything() -> None:
    program = """
        from rag.cli import main
        sys.argv = ["rag", "eval", "no-such-dataset"]
        main()
    """
    done = without(("eval",), program)
    assert done.returncode == 1
    assert 'pip install "shiori-rag[eval]"' in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_the_map_needs_eval() -> None:
    statements = """
        import numpy as np
        from rag.web.map.projection import projected
        projected(np.eye(20, dtype=np.float32))
    """
    assert "The map needs packages" in caught(statements, "eval")


def test_without_the_client_of_language_models_a_notice_stands_in_place_of_prose() -> None:
    """As where the server cannot be reached: the quotes are not lost."""
    program = """
        from rag.answer.prose import Notice
        from rag.prose.client import ChatError, Message, complete_chat
        from rag.prose.server import ChatServer
        from rag.prose.words import notice_words
        try:
            complete_chat(ChatServer("http://localhost:1/v1"), [Message("user", "?")])
        except ChatError as error:
            print(notice_words(Notice(error.code), "localhost", "en"))
    """
    assert (
        said(program, "llm") == f"Prose needs packages that are not installed. Install them: {install_command('llm')}"
    )


def test_a_batch_with_prose_does_not_begin_without_the_client() -> None:
    statements = """
        from types import SimpleNamespace
        from rag.engine import Engine
        Engine.llm = SimpleNamespace(host="localhost")
        Engine._query = lambda self, options: (5, "hybrid", None)
        list(Engine.__new__(Engine).batch(["?"], llm=True))
    """
    assert "Prose by a language model needs packages" in caught(statements, "llm")


def test_the_server_of_tools_needs_mcp() -> None:
    statements = """
        from rag.web.api.mcp import add_tools
        add_tools(None, None, None)
    """
    assert 'pip install "shiori-rag[mcp]"' in caught(statements, "mcp")


def test_the_page_comes_up_without_any_extra_and_the_tabs_that_need_one_say_so() -> None:
    program = """
        import json
        from rag.web.current import CurrentIndex
        from rag.web.page import create_page
        page = create_page(CurrentIndex(lambda: None))
        print(json.dumps([getattr(block, "elem_id", None) for block in page.blocks.values()]))
    """
    parts = json.loads(said(program, *EXTRAS))
    assert {"shiori-missing-evaluation", "shiori-missing-map", "shiori-tab-ask", "shiori-tab-map"} <= set(parts)
    assert not {"shiori-map-picture", "shiori-evaluation-start"} & set(parts)


@pytest.mark.parametrize(("language", "word"), [("ja", "パッケージが必要です"), ("en", "needs packages")])
def test_a_tab_that_lacks_packages_shows_the_command_as_text(language: str, word: str) -> None:
    from rag.web.map.tab import TAB
    from rag.web.missing import missing_html

    shown = unescape(missing_html(TAB, "eval", language))  # type: ignore[arg-type]
    assert word in shown
    assert install_command("eval") in shown
