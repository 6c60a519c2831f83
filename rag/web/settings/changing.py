"""The settings of a server while it serves: where each comes from, and changing those that can safely change.

What is changed holds from the next question on, and is written into ``rag.toml`` for the next start.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypeVar, get_args
from urllib.parse import urlsplit

from rag.errors import SettingsError
from rag.language.synonyms import RuleError, Synonyms, rule_problems
from rag.prose import ChatServer
from rag.settings import SETTINGS_FILE, Mode, Origin, Settings, origins_of
from rag.settings_file import change_settings_file, replace_text
from rag.web import audit
from rag.web.libraries import OpenLibraries

Value = str | int | float | Path | None
Code = Literal["number", "mode", "address", "login", "key", "fixed", "too-long", "changed", "rules"]
N = TypeVar("N", int, float)

SEARCH: tuple[str, ...] = ("k", "mode", "min_confidence")
LLM: tuple[str, ...] = ("llm_url", "llm_model")
MOST_CHARS = 200_000
"""Of synonyms that are changed in the page."""
_SYNONYMS = "synonyms.txt"


class ChangeError(Exception):
    """A setting is not changed.

    Attributes:
        code: why not; the page has words for each.
        name: which setting.
        facts: values for those words.
        problems: of synonyms, the lines that are none.
    """

    def __init__(
        self,
        code: Code,
        name: str,
        facts: Mapping[str, object] | None = None,
        problems: list[tuple[int, RuleError]] | None = None,
    ) -> None:
        self.code: Code = code
        self.name = name
        self.facts = dict(facts or {})
        self.problems = problems or []
        super().__init__(f"{name}: {code}")


class ServerSettings:
    """The settings of a server. Threads may share one.

    Args:
        libraries: those that are served with them.
        may_change: whether any can be changed.
    """

    def __init__(self, libraries: OpenLibraries, *, may_change: bool = False) -> None:
        self._libraries = libraries
        self._changing = threading.Lock()
        given = libraries.default.settings
        # Where they come from is told when the server starts: files may change later.
        self._origins = origins_of(given) if given is not None else {}
        self._file = Path(SETTINGS_FILE).absolute()
        self.may_change = may_change and given is not None

    @property
    def values(self) -> Settings:
        """As they are now. Raises ``SnapshotError`` where only the index knows them, and there is none."""
        return self._libraries.settings

    @property
    def origins(self) -> Mapping[str, Origin]:
        """Where each comes from."""
        return self._origins or origins_of(self.values)

    def is_fixed(self, name: str) -> bool:
        """Whether a setting cannot be changed, for it comes from where the next start would take it again."""
        return not self.may_change or self.origins[name] in ("environment", "given")

    def change(self, given: Mapping[str, str]) -> None:
        """Change settings; an empty value brings back what the server would have without one.

        Args:
            given: by name, as they were typed; those that are as they were count as not given.

        Raises:
            ChangeError: if a value makes no sense, or is fixed.
            RagError: if it cannot be written.
        """
        with self._changing:
            read = {name: _value_of(name, text) for name, text in given.items()}
            now = self.values
            changes = {name: value for name, value in read.items() if _applied(name, value) != getattr(now, name)}
            for name in changes:
                self._check_may_change(name)
            if {*changes} & {*LLM}:
                self._checked_server(read)
            if changes:
                self._apply(changes)
                audit.record("settings-changed", settings=sorted(changes))

    def server_of(self, given: Mapping[str, str]) -> ChatServer | None:
        """The LLM's server as it would be if this was set, to be tried; ``None`` if there is no address.

        Args:
            given: address and model, as they were typed; what is fixed is as it is.

        Raises:
            ChangeError: if it is no address, or if the key would go to another server than it was given for.
            SettingsError: if the key cannot be read.
        """
        now = self.values
        return self._checked_server(
            {name: getattr(now, name) if self.is_fixed(name) else _value_of(name, given.get(name, "")) for name in LLM}
        )

    def _checked_server(self, given: Mapping[str, Value]) -> ChatServer | None:
        now = self.values
        url = str(given.get("llm_url") or "")
        address = urlsplit(url)
        if url and (address.username or address.password):
            raise ChangeError("login", "llm_url")
        # Who may use the page is not shown the key, and so must not have it sent to a server of theirs.
        if url and _origin(url) != _origin(now.llm_url) and (now.llm_key or now.llm_key_file):
            raise ChangeError("key", "llm_url")
        return ChatServer.from_settings(now.model_copy(update={name: _applied(name, given.get(name)) for name in LLM}))

    def synonyms(self) -> str:
        """What the file of synonyms says; nothing if there is none.

        Raises:
            SettingsError: if it cannot be read.
        """
        path = self.values.synonyms
        try:
            return path.read_text(encoding="utf-8-sig") if path is not None else ""
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise SettingsError(f"The synonyms cannot be read: {reason}.", path=path) from None

    def change_synonyms(self, text: str, was: str) -> None:
        """Have other synonyms from the next question on.

        Args:
            text: in the format of Solr.
            was: the digest of what was there when somebody began to change it.

        Raises:
            ChangeError: if lines of it are none, or another has changed it meanwhile.
            RagError: if it cannot be written.
        """
        text = "".join(f"{line}\n" for line in text.splitlines())
        if len(text) > MOST_CHARS:
            raise ChangeError("too-long", "synonyms", {"most": MOST_CHARS})
        problems = rule_problems(text)
        if problems:
            raise ChangeError("rules", "synonyms", problems=problems)
        with self._changing:
            self._check_may_change("synonyms")
            if digest(self.synonyms()) != was:
                raise ChangeError("changed", "synonyms")
            path = self.values.synonyms
            if path is None:
                path = _free(self._file.with_name(_SYNONYMS))
                replace_text(path, text)
                self._apply({"synonyms": path})
            else:
                replace_text(path.absolute(), text)
                self._libraries.serve_with(self.values)
            audit.record("settings-changed", settings=["synonyms"])

    def _apply(self, changes: Mapping[str, Value]) -> None:
        now = self.values.model_copy(update={name: _applied(name, value) for name, value in changes.items()})
        if now.synonyms is not None:
            Synonyms.read(now.synonyms)  # what cannot be served with must not be written either
        change_settings_file(self._file, {name: _written(value) for name, value in changes.items()})
        self._libraries.serve_with(now)
        self._origins = {**self.origins, **{name: "default" if v is None else "file" for name, v in changes.items()}}

    def _check_may_change(self, name: str) -> None:
        if self.is_fixed(name):
            raise ChangeError("fixed", name)


def digest(text: str) -> str:
    """What tells one text from another."""
    return sha256(text.encode()).hexdigest()[:32]


def limits(name: str) -> tuple[float, float]:
    """The least and the most that a setting may be."""
    metadata = Settings.model_fields[name].metadata
    (least,) = [each.ge for each in metadata if hasattr(each, "ge")]
    (most,) = [each.le for each in metadata if hasattr(each, "le")]
    return least, most


def _value_of(name: str, given: str) -> Value:
    """A setting as somebody typed it.

    Raises:
        ChangeError: if it makes no sense.
    """
    text = unicodedata.normalize("NFKC", given).strip()
    if not text:
        return None
    if name == "k":
        return _number(name, text, int)
    if name == "min_confidence":
        return _number(name, text, float)
    if name == "mode":
        if text not in get_args(Mode):
            raise ChangeError("mode", name)
        return text
    if name == "llm_url" and not _origin(text):
        raise ChangeError("address", name)
    return text


def _number(name: str, text: str, kind: type[N]) -> N:
    least, most = limits(name)
    try:
        number = kind(text)
    except ValueError:
        number = None
    if number is None or not least <= number <= most:
        raise ChangeError("number", name, {"least": kind(least), "most": kind(most)})
    return number


def _applied(name: str, value: Value) -> Value:
    """What holds where this is set; of nothing, the default."""
    default: Value = Settings.model_fields[name].default
    return default if value is None else value


def _written(value: Value) -> str | int | float | None:
    return str(value) if isinstance(value, Path) else value


def _origin(url: str) -> tuple[str, str] | None:
    """The server of an address; ``None`` if it is none."""
    try:
        address = urlsplit(url)
        known = address.scheme in ("http", "https") and address.hostname and (address.port is None or address.port >= 0)
    except ValueError:
        return None
    return (address.scheme, address.netloc) if known else None


def _free(path: Path) -> Path:
    """This path, or one beside it at which nothing is."""
    names = (path if n == 1 else path.with_stem(f"{path.stem}-{n}") for n in range(1, 1000))
    return next(each for each in names if not each.exists())
