"""Every failure a user can meet: what failed, on which file, what to do about it."""

from __future__ import annotations

from pathlib import Path


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


class DocumentError(RagError):
    """A file cannot be read as a document; the other files are not affected."""


class NoDocumentsError(RagError):
    """There is nothing to index under the given paths."""


class ModelError(RagError):
    """An embedding model cannot be loaded, or its file is damaged."""


class SnapshotError(RagError):
    """An index is missing, damaged, of another format, or made with another model."""


class StorageError(RagError):
    """Writing failed: the disk is full, or the folder is not writable."""


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
