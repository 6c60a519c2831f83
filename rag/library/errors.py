"""What can be wrong with a library."""

from __future__ import annotations

from rag.errors import RagError


class LibraryError(RagError):
    """An index cannot be brought up to date as it is."""


class UnknownSourcesError(LibraryError):
    """An index does not tell what it was built from."""


class MissingPathError(LibraryError):
    """A folder or file that documents of the index came from is gone."""


class BackupError(LibraryError):
    """A backup cannot be made, or cannot be used."""
