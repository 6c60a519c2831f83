"""What commands ask: the index or the libraries that they name, opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.settings import Settings


def settings_of(library: str | None = None, **chosen: Any) -> Settings:
    """Settings with what was chosen; their index is that of the library, if one is named.

    Raises:
        SettingsError: if a value cannot be used.
        UnknownLibraryError: if there is no such library.
    """
    from rag.settings import Settings

    settings = Settings.load(**chosen)
    if library is None:
        return settings
    from rag.library import Libraries

    libraries = Libraries(settings.index)
    return settings.updated(index=libraries.index_of(libraries.named(library)))


def opened(library: Sequence[str] | str | None = None, **chosen: Any) -> Engine:
    """The index of the settings with what was chosen, or the libraries that are named, as one.

    Raises:
        SettingsError: if a value cannot be used.
        UnknownLibraryError: if there is no library of a name.
        SnapshotError: if an index is missing or cannot be used.
    """
    return opened_with(settings_of(**chosen), library)


def opened_with(settings: Settings, library: Sequence[str] | str | None = None) -> Engine:
    """The same with settings that are loaded already."""
    from rag.engine import Engine

    if not library:
        return Engine.open(settings=settings)
    from rag.several import open_libraries

    return open_libraries(library, settings=settings)
