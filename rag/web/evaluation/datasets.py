"""Test collections that the page knows: what readers have marked, the settings' folder, what a browser has uploaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from rag.corpus.document import Document
from rag.corpus.formats.archive import member_name
from rag.corpus.formats.zipped import open_zip, unpacked
from rag.errors import DatasetError, DocumentError, RagError
from rag.evaluation import Dataset, load_dataset
from rag.evaluation.datasets import FOLDERS_OF_DOCUMENTS, detect_format
from rag.library import Library, MarkedQuestions
from rag.web.jobs.folders import Entry, WorkFolders
from rag.web.libraries import OpenLibraries
from rag.web.principal import Role
from rag.web.texts import Language
from rag.web.texts.evaluation import EVALUATION_TEXTS

UPLOAD_ENDINGS = (".json", ".jsonl", ".zip")
MOST_FILES = 50
_OWN, _NAMED, _UPLOADED = "own:", "named:", "uploaded:"


class Datasets:
    """Datasets by key. A key that comes from a browser is looked up; it is never a path.

    Question files without documents are about those of the libraries that are named, or of the default one.

    Args:
        libraries: those that are served.
    """

    def __init__(self, libraries: OpenLibraries) -> None:
        self._libraries = libraries

    @property
    def _folders(self) -> WorkFolders:
        return WorkFolders(self._libraries.settings.cache_dir / "web" / "datasets")

    def marked(self, key: str | None, role: Role = "reader") -> MarkedQuestions | None:
        """What readers have marked in a library: questions with right answers; ``None`` if the key names no such.

        Raises:
            UnknownLibraryError: if that library is not there, or not for whoever asks.
            RightError: if they have not this role in it.
        """
        if key is None or not key.startswith(_OWN):
            return None
        library = self._libraries.get(key.removeprefix(_OWN), role)
        return Library(self._libraries.index(library).place or self._libraries.settings.index).questions

    def choices(self, owner: str, language: Language, libraries: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Name and key of each dataset, the owner's newest first."""
        mine = [(str(entry.facts["name"]), _UPLOADED + entry.id) for entry in self._folders.of(owner)]
        named, own = self._libraries.named(libraries), EVALUATION_TEXTS[language].own
        marked = [
            (own if library.is_default else f"{own} ({library.name})", _OWN + library.id)
            for library in named
            if (questions := self.marked(_OWN + library.id)) and questions.path.is_file()
        ]
        return [*mine, *marked, *((name, _NAMED + name) for name in self._named())]

    def add(self, owner: str, files: Sequence[Path], libraries: Sequence[str] = ()) -> str:
        """Keep uploaded files as one dataset; gives its key.

        Raises:
            DatasetError: if they are no dataset, or there is nothing in it to evaluate.
            BusyError, StorageError: if it cannot be kept.
        """
        entry = self._folders.add(owner, {"name": _name(files)})
        try:
            _unpack(files, _folder(entry), self._libraries.settings.max_file_mb)
            self.load(owner, _UPLOADED + entry.id, libraries)
        except BaseException:
            self._folders.remove(entry)
            raise
        return _UPLOADED + entry.id

    def remove(self, owner: str, key: str) -> None:
        """Forget a dataset that the owner has uploaded."""
        if (entry := self._uploaded(owner, key)) is not None:
            self._folders.remove(entry)

    def load(self, owner: str, key: str, libraries: Sequence[str] = ()) -> Dataset:
        """The dataset of this key.

        Raises:
            DatasetError: if there is none, or it cannot be read; it names files as the user knows them.
        """
        entry = self._uploaded(owner, key)
        if entry is not None:
            return self._load(_root(_folder(entry)), str(entry.facts["name"]), libraries)
        if (marked := self.marked(key)) is not None and marked.path.is_file():
            return self._load(marked.path, marked.path.stem, libraries)
        name = key.removeprefix(_NAMED)
        if key.startswith(_NAMED) and name in (named := self._named()):
            return self._load(named[name], name, libraries)
        raise DatasetError("This dataset is not here any more.", hint="Choose another, or upload it again.")

    def _uploaded(self, owner: str, key: str) -> Entry | None:
        return self._folders.get(owner, key.removeprefix(_UPLOADED)) if key.startswith(_UPLOADED) else None

    def _named(self) -> dict[str, Path]:
        """What lies in the folder that the settings name, as far as it looks like a dataset."""
        folder = self._libraries.settings.eval_datasets
        found: dict[str, Path] = {}
        if folder is not None and folder.is_dir():
            for path in sorted(folder.iterdir()):
                with suppress(DatasetError):
                    detect_format(path)
                    found[path.name] = path
        return found

    def _load(self, root: Path, name: str, libraries: Sequence[str]) -> Dataset:
        """What is in ``root``; questions that come without documents are about those of the libraries."""
        try:
            dataset = self._read(root, name, libraries)
        except RagError as error:
            raise _without_folder(error, root) from None
        return replace(dataset, refusals=tuple(_without_folder(each, root) for each in dataset.refusals))

    def _read(self, root: Path, name: str, libraries: Sequence[str]) -> Dataset:
        found = [root] if root.is_file() else _visible(root)
        if all(path.suffix.lower() == ".json" for path in found):
            return load_dataset(found, name=name)
        where = found[0] if len(found) == 1 else root
        beside = (where.parent if where.is_file() else where).iterdir()
        has_documents = any(path.name in FOLDERS_OF_DOCUMENTS for path in beside)
        served = None if has_documents or detect_format(where) == "beir" else self._served(libraries)
        return load_dataset(where, name=name, documents=served)

    def _served(self, libraries: Sequence[str]) -> list[Document]:
        engine = self._libraries.chosen(libraries).engine()
        return [engine.document(listed.id) for listed in engine.documents()]


def is_upload(key: str | None) -> bool:
    """Whether a dataset was uploaded, so that its owner can remove it."""
    return key is not None and key.startswith(_UPLOADED)


def _without_folder(error: RagError, root: Path) -> DatasetError:
    """The error, naming files as they were uploaded, not where the server keeps them."""
    folder = str(root if root.is_dir() else root.parent)

    def shortened(text: str) -> str:
        return text.replace(f"{folder}{os.sep}", "").replace(folder, root.name)

    path = None if error.path is None else shortened(error.path)
    return DatasetError(shortened(error.message), path=path, hint=shortened(error.hint))


def _folder(entry: Entry) -> Path:
    return entry.folder / "data"


def _name(files: Sequence[Path]) -> str:
    more = f" +{len(files) - 1}" if len(files) > 1 else ""
    return f"{files[0].stem}{more}"


def _unpack(files: Sequence[Path], folder: Path, max_mb: float) -> None:
    """Copies files to ``folder``, and what is in zip files.

    Raises:
        DatasetError: if there are too many or too large ones, or one is of another kind.
    """
    if len(files) > MOST_FILES:
        raise DatasetError(f"There are more than {MOST_FILES} files.", hint="Pack them into one zip file.")
    folder.mkdir()
    for file in files:
        if file.suffix.lower() not in UPLOAD_ENDINGS:
            raise DatasetError(
                "This is no dataset.", path=file.name, hint=f"Upload {', '.join(UPLOAD_ENDINGS)}: see the description."
            )
        if file.stat().st_size > max_mb * 1e6:
            raise DatasetError(f"The file is larger than {max_mb:g} MB.", path=file.name, hint="Raise max_file_mb.")
        try:
            if file.suffix.lower() == ".zip":
                _unzip(file.read_bytes(), folder)
            else:
                shutil.copyfile(file, folder / file.name)
        except DocumentError as error:
            raise DatasetError(error.message, path=file.name, hint=error.hint) from None
        except (OSError, ValueError) as error:
            raise DatasetError(f"It cannot be unpacked: {error}.", path=file.name, hint="Use other names.") from None


def _unzip(data: bytes, folder: Path) -> None:
    archive = open_zip(data, "a zip file")
    for info in archive.infolist():
        name = member_name(info)  # without drives, roots and ".."
        parts = name.split("/")
        if info.is_dir() or not name or "__MACOSX" in parts or any(part.startswith(".") for part in parts):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(unpacked(archive, info))


def _root(folder: Path) -> Path:
    """Inside the one folder that people pack."""
    while len(inside := _visible(folder)) == 1 and inside[0].is_dir():
        folder = inside[0]
    return folder


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
