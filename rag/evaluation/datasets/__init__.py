"""Test collections from disk: BEIR, SQuAD-style, TREC, and question files with quoted evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from rag.corpus import Document, read_documents
from rag.errors import DatasetError
from rag.evaluation.datasets.beir import load_beir
from rag.evaluation.datasets.questions import load_questions
from rag.evaluation.datasets.records import Refusals
from rag.evaluation.datasets.squad import load_squad, squad_files
from rag.evaluation.datasets.trec import load_trec
from rag.evaluation.datasets.types import Dataset, Judgement, Protocol, Query, checked

__all__ = ["Dataset", "Format", "Judgement", "Protocol", "Query", "detect_format", "load_dataset"]

Format = Literal["beir", "squad", "trec", "questions"]
FOLDERS_OF_DOCUMENTS = ("documents", "docs")


def load_dataset(
    path: str | Path | Sequence[str | Path],
    *,
    protocol: Protocol | None = None,
    format: Format | None = None,  # noqa: A002
    documents: str | Path | Sequence[Document] | None = None,
    split: str | None = None,
    name: str | None = None,
) -> Dataset:
    """A test collection, as it will be indexed and judged.

    Args:
        path: a BEIR folder, a SQuAD-style file or folder (or several files), a folder with TREC topics and qrels, or a
            question file.
        protocol: ``passages`` indexes the dataset's passages as given; ``documents`` puts documents through our own
            chunking. By default ``passages`` for BEIR and SQuAD-style data, ``documents`` for the others.
        format: ``beir``, ``squad``, ``trec`` or ``questions``; recognised from the path by default.
        documents: what TREC topics or a question file are about: a folder, or documents as they were read.
        split: which ``qrels/SPLIT.tsv`` of a BEIR folder.
        name: for tables; by default the file's or folder's name.

    Raises:
        DatasetError: if the dataset cannot be recognised or read, or holds nothing to evaluate. Single bad records are
            left out and listed in ``Dataset.refusals``.
    """
    paths = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
    if not paths:
        raise DatasetError("No dataset was given.")
    for each in paths:
        if not each.exists():
            raise DatasetError("There is no such file or folder.", path=each)
    kind = format or ("squad" if len(paths) > 1 else detect_format(paths[0]))
    if kind not in get_args(Format):
        raise DatasetError(f"Unknown format {kind!r}.", hint=f"Known are {', '.join(get_args(Format))}.")
    if len(paths) > 1 and kind != "squad":
        raise DatasetError(f"A dataset of format {kind} is one file or folder.", path=paths[1])
    named = name or paths[0].resolve().stem
    chosen: Protocol = protocol or ("passages" if kind in ("beir", "squad") else "documents")
    return checked(_load(paths, kind, named, chosen, documents, split), str(paths[0]))


def detect_format(path: Path) -> Format:
    """The format of the dataset at ``path``, by the names of its files.

    Raises:
        DatasetError: if it looks like none that is known.
    """
    if path.is_file():
        if path.suffix.lower() == ".json":
            return "squad"
        if path.suffix.lower() == ".jsonl":
            return "questions"
    elif (path / "corpus.jsonl").is_file():
        return "beir"
    elif path.is_dir():
        names = [file.name for file in path.iterdir()]
        if any("topics" in each for each in names) and any("qrels" in each for each in names):
            return "trec"
        if next(path.rglob("*.json"), None):
            return "squad"
    raise DatasetError(
        "This is no dataset of a known format.",
        path=path,
        hint="Expected: a folder with corpus.jsonl, queries.jsonl and qrels/; SQuAD-style .json; a folder with topics "
        "and qrels; or a .jsonl file of questions. Say which with --format.",
    )


def _load(
    paths: list[Path],
    kind: Format,
    name: str,
    protocol: Protocol,
    documents: str | Path | Sequence[Document] | None,
    split: str | None,
) -> Dataset:
    path = paths[0]
    if kind == "squad":
        return load_squad([file for each in paths for file in squad_files(each)], name, protocol)
    if kind == "beir":
        return load_beir(path, name, protocol, split)
    read, refused = _documents(path, documents)
    if kind == "trec":
        return load_trec(path, name, protocol, read, refused)
    return load_questions(path, name, protocol, read, refused)


def _documents(path: Path, given: str | Path | Sequence[Document] | None) -> tuple[list[Document], Refusals]:
    """The documents that a dataset without a corpus of its own is about."""
    if given is not None and not isinstance(given, str | Path):
        return list(given), Refusals()
    folder = path if path.is_dir() else path.parent
    beside = (folder / each for each in FOLDERS_OF_DOCUMENTS)
    where = Path(given) if given else next((each for each in beside if each.is_dir()), None)
    if where is None:
        raise DatasetError(
            "The dataset does not say where its documents are.", path=path, hint="Give their folder with --documents."
        )
    refused, read = Refusals(), list[Document]()
    for each in read_documents([where]):
        if isinstance(each, Document):
            read.append(each)
        elif not each.is_passed_over:
            refused.append(each.error)
    return read, refused
