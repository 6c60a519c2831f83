"""What an index is made of, so that it can be brought up to date without being told again.

Some things are kept, each where it can neither be lost nor contradict the others:

``<index>/<snapshot id>/sources.json``
    part of the Snapshot: the paths it was built from, and the file and age of each document.
``<index>/added/``
    files added through the page, durable before they are indexed.
``<index>/library.json``
    what the user has taken out: documents of their own files, which are never touched, and added files, which are
    deleted as soon as the current Snapshot does not hold them.
``<index>/questions.jsonl``
    questions whose right answers readers have marked.
``<index>/saved.jsonl``
    answers that readers have kept.
``<index>/watched.json``
    folders that a server watches: what they hold is part of the library as long as they are named there.

``<index>/libraries/`` holds further libraries, each such a folder with a name (``libraries.py``).
"""

from rag.library.contents import Reading, Watch
from rag.library.errors import (
    LibraryError,
    LibraryNameError,
    MissingPathError,
    NameProblem,
    UnknownLibraryError,
    UnknownSourcesError,
)
from rag.library.libraries import DEFAULT_ID, DEFAULT_LIBRARY, Libraries, NamedLibrary, is_library_id
from rag.library.library import Library
from rag.library.looking import Look, look_at
from rag.library.originals import Original, OriginalError, original_of
from rag.library.questions import Evidence, MarkedQuestion, MarkedQuestions
from rag.library.record import (
    RECORD_FILE,
    Entry,
    Record,
    RefusedFile,
    Removals,
    TakenOut,
    added_key,
    added_name,
    is_under,
)
from rag.library.saved import QuotedPlace, SavedAnswer, SavedAnswers, Standing
from rag.library.watched import Changes, FolderProblem, Watched, WatchedFolder, WatchedFolderError, WatchedFolders

__all__ = [
    "DEFAULT_ID",
    "DEFAULT_LIBRARY",
    "RECORD_FILE",
    "Changes",
    "Entry",
    "Evidence",
    "FolderProblem",
    "Libraries",
    "Library",
    "LibraryError",
    "LibraryNameError",
    "Look",
    "MarkedQuestion",
    "MarkedQuestions",
    "MissingPathError",
    "NameProblem",
    "NamedLibrary",
    "Original",
    "OriginalError",
    "QuotedPlace",
    "Reading",
    "Record",
    "RefusedFile",
    "Removals",
    "SavedAnswer",
    "SavedAnswers",
    "Standing",
    "TakenOut",
    "UnknownLibraryError",
    "UnknownSourcesError",
    "Watch",
    "Watched",
    "WatchedFolder",
    "WatchedFolderError",
    "WatchedFolders",
    "added_key",
    "added_name",
    "is_library_id",
    "is_under",
    "look_at",
    "original_of",
]
