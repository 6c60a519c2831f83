"""Answers that readers have kept, as they were, with a note and tags: a JSON object a line, in the library's folder."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rag.clock import now
from rag.corpus.document import Document
from rag.language.finding import exact_places_of
from rag.library.changing import changing
from rag.library.errors import LibraryError
from rag.library.lines import damaged, read_lines, write_lines
from rag.library.record import SAVED_FILE

_CALLED = "saved answers"
MOST_SAVED = 10_000
MOST_NOTE_CHARS = 4_000
MOST_TAGS = 20
MOST_TAG_CHARS = 40

Standing = Literal["there", "moved", "changed", "gone"]
"""Of a place: as it was, elsewhere in its document, no more in it, or the document is not there."""


@dataclass(frozen=True, slots=True)
class QuotedPlace:
    """A place that an answer cites.

    Attributes:
        number: of the citation.
        title, file: of its document.
        where: its page, slide or line, in words.
        quote: its words: ``document.text[start:end]`` when it was quoted.
        document: id of the document.
        start, end: offsets in characters.
    """

    number: int
    title: str
    file: str
    where: str
    quote: str
    document: str = ""
    start: int = 0
    end: int = 0

    def standing(self, document: Document | None) -> tuple[Standing, int, int]:
        """How it is in its document now, and where it is to be opened there, in characters."""
        if document is None:
            return "gone", 0, 0
        if document.text[self.start : self.end] == self.quote:
            return "there", self.start, self.end
        found = min(exact_places_of(self.quote, document.text), key=lambda at: abs(at[0] - self.start), default=None)
        if found is None:
            return "changed", 0, 0
        return "moved", *found


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer as it was.

    Attributes:
        question: as asked.
        text: the answer, with ``[n]`` behind what is quoted.
        places: what it cites.
        is_broken: whether each line of the text stands by itself.
        link: the part of an address that asks it again.
        note: what the reader says of it.
        tags: words to find it by.
        account: who saved it; empty where nobody logs in.
        id, saved: given when it is kept: 16 hexadecimal digits, and the time, ISO 8601 in UTC.
    """

    question: str
    text: str
    places: tuple[QuotedPlace, ...]
    is_broken: bool = False
    link: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    account: str = ""
    id: str = ""
    saved: str = ""

    def noted(self, note: str, tags: Sequence[str]) -> SavedAnswer:
        """With this note and these tags, as far as there is room for them."""
        words = dict.fromkeys(" ".join(tag.split())[:MOST_TAG_CHARS].rstrip() for tag in tags)
        return replace(self, note=note.strip()[:MOST_NOTE_CHARS], tags=tuple(filter(None, words))[:MOST_TAGS])

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> SavedAnswer:
        """From its JSON form."""
        fields = dict(record)
        fields["places"] = tuple(QuotedPlace(**place) for place in fields["places"])
        fields["tags"] = tuple(map(str, fields["tags"]))
        return cls(**fields)


class SavedAnswers:
    """The saved answers of one index folder; each account sees its own. Threads and processes may share the folder.

    Attributes:
        path: the file.
    """

    def __init__(self, index: Path) -> None:
        self._index = index
        self.path = index / SAVED_FILE

    def of(self, account: str = "") -> list[SavedAnswer]:
        """Those of an account, the last first.

        Raises:
            LibraryError: if the file is damaged.
        """
        return [answer for answer in reversed(self._read()) if answer.account == account]

    def put(self, answer: SavedAnswer) -> SavedAnswer:
        """Keep an answer, durably: a new one, or in place of that with its id and account. Gives it as it is kept.

        Raises:
            LibraryError: if there are too many, they are too long, or the file is damaged.
            BusyError: if the library stays locked.
        """
        with changing(self._index):
            answers = self._read()
            if not answer.id:
                answer = replace(answer, id=secrets.token_hex(8), saved=now())
                if len(answers) >= MOST_SAVED:
                    raise LibraryError(f"There are {MOST_SAVED:,} saved answers.", path=self.path, hint="Remove some.")
                answers.append(answer)
            else:
                same = (answer.id, answer.account)
                answers = [answer if (each.id, each.account) == same else each for each in answers]
            self._write(answers)
        return answer

    def remove(self, identity: str, account: str = "") -> None:
        """Forget one of an account's."""
        with changing(self._index):
            self._write([each for each in self._read() if (each.id, each.account) != (identity, account)])

    def take_over(self, other: SavedAnswers) -> int:
        """Keep those of another folder too, of all accounts, behind those that are here; how many are new.

        Raises:
            LibraryError: if a file is damaged, there are too many, or they are too long.
            BusyError: if the library stays locked.
        """
        given = other._read()
        if not given:
            return 0
        with changing(self._index):
            answers = self._read()
            known = {(each.id, each.account) for each in answers}
            new = [each for each in given if (each.id, each.account) not in known]
            if len(answers) + len(new) > MOST_SAVED:
                raise LibraryError(f"There are {MOST_SAVED:,} saved answers.", path=self.path, hint="Remove some.")
            if new:
                self._write(sorted([*answers, *new], key=lambda each: each.saved))
        return len(new)

    def _read(self) -> list[SavedAnswer]:
        records = read_lines(self.path, _CALLED)
        try:
            return [SavedAnswer.from_dict(record) for record in records]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(self.path, _CALLED, repr(error)) from None

    def _write(self, answers: Sequence[SavedAnswer]) -> None:
        # Escaped to ASCII: half a character, which a browser may send, has no bytes.
        lines = (json.dumps(asdict(answer)) + "\n" for answer in answers)
        write_lines(self.path, _CALLED, lines)
