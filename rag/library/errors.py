"""What can be wrong with a library."""

from __future__ import annotations

from typing import Literal

from rag.errors import RagError


class LibraryError(RagError):
    """An index cannot be brought up to date as it is."""


class UnknownSourcesError(LibraryError):
    """An index does not tell what it was built from."""


class MissingPathError(LibraryError):
    """A folder or file that documents of the index came from is gone."""


class BackupError(LibraryError):
    """A backup cannot be made, or cannot be used."""


class UnknownLibraryError(LibraryError):
    """There is no library of this name, or none that may be known of."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no library {name!r}.", hint="`rag library list` lists them.")


NameProblem = Literal["empty", "long", "characters", "reserved", "taken"]


class LibraryNameError(LibraryError):
    """A library cannot be called so.

    Attributes:
        problem: why not, for those who say it in words of their own.
    """

    def __init__(self, name: str, problem: NameProblem, hint: str) -> None:
        self.problem: NameProblem = problem
        super().__init__(f"A library cannot be called {name!r}.", hint=hint)
