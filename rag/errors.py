"""Every failure a user can meet: what failed, on which file, what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args


class RagError(Exception):
    """Base of all errors raised on purpose.

    Attributes:
        message: what failed, in one sentence.
        path: the file or folder concerned, if there is one.
        hint: what the user can do about it.
    """

    def __init__(self, message: str, *, path: str | Path | None = None, hint: str = "") -> None:
        self.message = message
        self.path = None if path is None else str(path)
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.message}" + (f" {self.hint}" if self.hint else "")


class SettingsError(RagError):
    """A setting has a value that cannot be used."""


DocumentCode = Literal[
    "archive", "bad-name", "bomb", "damaged", "drm", "empty", "encrypted", "generated", "internal", "link-out",
    "long-line", "minified", "missing", "nested-zip", "no-permission", "no-process", "no-text", "not-regular",
    "not-text", "nothing-in-zip", "old-format", "scanned", "too-large", "too-many-cells", "too-many-characters",
    "too-many-files", "too-many-messages", "too-many-pages", "too-much-memory", "too-slow", "unknown-encoding",
    "unknown-fonts", "unreadable", "unsupported", "wrong-kind",
]  # fmt: skip
Facts = Mapping[str, str | int | float]


class DocumentError(RagError):
    """A file cannot be read as a document; the other files are not affected.

    Attributes:
        code: what is wrong, for those who say it in words of their own.
        facts: values for those words, as ``limit``; each code has its own.
    """

    def __init__(
        self,
        message: str,
        *,
        code: DocumentCode = "unreadable",
        path: str | Path | None = None,
        hint: str = "",
        facts: Facts | None = None,
    ) -> None:
        super().__init__(message, path=path, hint=hint)
        self.code: DocumentCode = code
        self.facts: Facts = dict(facts or {})

    def at(self, path: str | Path) -> DocumentError:
        """The same of the file at ``path``."""
        return DocumentError(self.message, code=self.code, path=path, hint=self.hint, facts=self.facts)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the path, as JSON values, for ``from_dict``."""
        return {"message": self.message, "code": self.code, "hint": self.hint, "facts": dict(self.facts)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> DocumentError:
        """From its JSON form, which another process wrote."""
        code: DocumentCode = record["code"] if record.get("code") in get_args(DocumentCode) else "unreadable"
        facts = {str(name): fact for name, fact in record["facts"].items() if isinstance(fact, str | int | float)}
        return cls(str(record["message"]), code=code, hint=str(record["hint"]), facts=facts)


class NoDocumentsError(RagError):
    """There is nothing to index under the given paths."""


class ModelError(RagError):
    """An embedding model cannot be loaded, or its file is damaged."""


class SnapshotError(RagError):
    """An index is missing, damaged, of another format, or made with another model."""


class StorageError(RagError):
    """Writing failed: the disk is full, or the folder is not writable."""


def bug(error: Exception) -> DocumentError:
    """The error for a file that cannot be read, which is no fault of the file."""
    reason = f"{type(error).__name__}: {error}"
    return DocumentError(
        f"It cannot be read: something went wrong in Shiori itself ({reason}).",
        code="internal",
        hint="Please report it, with what the log says.",
    )


class BusyError(RagError):
    """Another process is writing the same index."""


class QuestionError(RagError):
    """A question is empty or too long, or what was asked for beside it makes no sense.

    Attributes:
        argument: which one, as ``Engine.search`` and ``Engine.ask`` name it.
    """

    def __init__(self, message: str, *, argument: str = "question", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.argument = argument


class InternalError(RagError):
    """Something went wrong in Shiori itself; the log has where."""

    def __init__(self, what: str, error: Exception) -> None:
        super().__init__(
            f"{what}: something went wrong in Shiori itself ({type(error).__name__}: {error}).",
            hint="Please report it, with what the log says.",
        )


class DatasetError(RagError):
    """An evaluation dataset or question file has a record that cannot be used."""
