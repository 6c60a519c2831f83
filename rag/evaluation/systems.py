"""What is compared: named bundles of settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import SettingsError
from rag.index.builder import INDEX_SETTINGS
from rag.language.synonyms import synonyms_digest
from rag.settings import Settings

# A name becomes a file name, a TREC run tag and a column title.
_NAME = re.compile(r"\w[\w.+@=-]{0,79}")
_PLACES = frozenset({"index", "cache_dir", "eval_datasets", "trusted_proxies", "follow_links"})
# Evaluation asks no LLM.
_PROSE = frozenset(name for name in Settings.model_fields if name.startswith("llm_"))


@dataclass(frozen=True)
class System:
    """A way to search: a name, and what it changes in the settings.

    Attributes:
        name: letters, digits and ``. _ + @ = -``; it also names files.
        changes: settings by name, such as ``{"mode": "dense", "chunk_tokens": 120}``.
    """

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)

    def settings(self, base: Settings) -> Settings:
        """The settings this system runs with.

        Raises:
            SettingsError: if the name cannot name a file, or a setting is unknown or has a value that cannot be used.
        """
        if not _NAME.fullmatch(self.name):
            raise SettingsError(
                f"{self.name!r} cannot name a system.", hint="Use letters, digits and . _ + @ = -, at most 80 of them."
            )
        for wrong in sorted(_PLACES & set(self.changes)):
            raise SettingsError(f"The system {self.name} cannot set {wrong!r}: evaluation keeps its own indexes.")
        try:
            return base.updated(**self.changes)
        except SettingsError as error:
            raise SettingsError(f"The system {self.name} cannot be used. {error.message}", hint=error.hint) from None


BUILT_IN = {name: System(name, {"mode": name, "reader": "none"}) for name in ("dense", "lexical", "hybrid")} | {
    "hybrid+reader": System("hybrid+reader", {"mode": "hybrid", "reader": "bundled", "rerank": True})
}


def systems_named(names: Iterable[str]) -> list[System]:
    """Built-in systems by name.

    Raises:
        SettingsError: if there is no built-in system of that name.
    """
    chosen = []
    for name in names:
        if name not in BUILT_IN:
            raise SettingsError(
                f"There is no built-in system {name!r}.",
                hint=f"Built in are {', '.join(BUILT_IN)}; describe others in a file for --systems-file.",
            )
        chosen.append(BUILT_IN[name])
    return chosen


def read_systems(path: str | Path) -> list[System]:
    """Systems from a TOML file: one table ``[systems.NAME]`` each, with the settings it changes.

    Raises:
        SettingsError: if the file cannot be read, or is not of this form.
    """
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The file cannot be read: {error.strerror or error}.", path=path) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file is not TOML: {error}.", path=path) from None
    tables = content.get("systems")
    if not isinstance(tables, dict) or not tables or not all(isinstance(table, dict) for table in tables.values()):
        raise SettingsError("The file describes no systems.", path=path, hint="Write a table [systems.NAME] for each.")
    return [System(name, table) for name, table in tables.items()]


def checked_systems(systems: Sequence[System], base: Settings) -> dict[str, Settings]:
    """Settings by system name, in order.

    Raises:
        SettingsError: if there is no system, two have one name, or one cannot be used.
    """
    if not systems:
        raise SettingsError("There is no system to evaluate.")
    chosen: dict[str, Settings] = {}
    for system in systems:
        if any(system.name.casefold() == name.casefold() for name in chosen):
            raise SettingsError(
                f"Two systems are called {system.name!r}.", hint="Their files would overwrite each other."
            )
        chosen[system.name] = system.settings(base)
    return chosen


def index_settings(settings: Settings) -> dict[str, Any]:
    """The settings an index depends on, as JSON values."""
    return settings.model_dump(mode="json", include={*INDEX_SETTINGS, "model", "precision"})


def result_settings(settings: Settings) -> dict[str, Any]:
    """The settings a result depends on, as JSON values: all but where things are kept; of synonyms what they say."""
    synonyms = {"synonyms": synonyms_digest(settings.synonyms)} if settings.synonyms else {}
    return settings.model_dump(mode="json", exclude={*_PLACES, *_PROSE, "synonyms"}) | synonyms
