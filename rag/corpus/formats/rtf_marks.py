"""Words of RTF files that are struck out, deleted, hidden or raised, and the marks of their notes.

striprtf gives words alone. Characters that no text has are put into the source where such words begin and end, and are
taken out of what it gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rag.corpus.formats.note_marks import add_note
from rag.corpus.formats.raised import raised

_TOKEN = re.compile(r"\\(?:([a-z]{1,32})(-?\d{1,10})? ?|'[0-9a-fA-F]{2}|.)|[{}]", re.DOTALL)
_STRUCK, _DELETED, _HIDDEN, _RAISED, _NOTE = range(5)
_FIRST = 0xFDD0  # noncharacters: two for each kind, where it begins and where it ends
_SIGN = re.compile(r"([\ufdd0-\ufdd9|\n])")
_SETS = {"strike": 0, "striked": 1, "deleted": 2, "v": 3, "super": 4}
_KINDS = (_STRUCK, _STRUCK, _DELETED, _HIDDEN, _RAISED)
_PLAIN = (False,) * len(_SETS)
_DEEPEST = 10_000
PARAGRAPH_IN_CELL = chr(_FIRST + 2 * _NOTE + 2)
"""Stands where a paragraph of a cell ends and another follows."""


def with_signs(source: str) -> str:
    """The source with a sign wherever words of a kind begin or end, or a paragraph within a cell ends."""
    pieces: list[str] = []
    stack: list[tuple[bool, ...]] = []
    state, position, in_cell = _PLAIN, 0, False
    for match in _TOKEN.finditer(source):
        before = state
        brace, word = match[0], match[1]
        if brace == "{" and len(stack) < _DEEPEST:
            stack.append(state)
        elif brace == "}":
            state = stack.pop() if stack else _PLAIN
        elif word == "plain":
            state = _PLAIN
        elif word in _SETS:
            state = _changed(state, _SETS[word], is_on=match[2] != "0")
        elif word in ("nosupersub", "sub"):
            state = _changed(state, _SETS["super"], is_on=False)
        elif word in ("intbl", "pard", "row"):
            in_cell = word == "intbl"
        elif word == "par" and in_cell:
            pieces += source[position : match.start()], f"{{}}{PARAGRAPH_IN_CELL}"
            position = match.end()
        if state != before:
            signs = "".join(_sign(kind, kind in _kinds(state)) for kind in sorted(_kinds(state) ^ _kinds(before)))
            pieces += source[position : match.end()], signs
            position = match.end()
    return "".join([*pieces, source[position:]])


def note_sign(mark: str) -> str:
    """The mark of a note as it is put into a source."""
    return f"{{{_sign(_NOTE, True)}{mark}{_sign(_NOTE, False)}}}"


def _changed(state: tuple[bool, ...], place: int, *, is_on: bool) -> tuple[bool, ...]:
    return (*state[:place], is_on, *state[place + 1 :])


def _kinds(state: tuple[bool, ...]) -> set[int]:
    return {kind for kind, is_on in zip(_KINDS, state, strict=True) if is_on}


def _sign(kind: int, begins: bool) -> str:
    return chr(_FIRST + 2 * kind + (0 if begins else 1))


@dataclass
class Reading:
    """Takes the signs out of what striprtf gives.

    Attributes:
        struck: what was struck out so far.
    """

    struck: list[str] = field(default_factory=list)

    def text(self, words: str) -> str:
        """The words without those that are struck out or deleted; hidden ones are said to be that."""
        pieces: list[str] = []
        kinds: set[int] = set()
        is_open = follows = False
        for piece in _SIGN.split(words):
            sign = ord(piece) - _FIRST if len(piece) == 1 else -1
            if 0 <= sign <= 2 * _NOTE + 1:
                (kinds.discard if sign % 2 else kinds.add)(sign // 2)
            elif piece and _NOTE in kinds:
                add_note(pieces, piece)
            elif not piece or (_DELETED in kinds and piece not in "|\n"):
                continue
            elif _STRUCK in kinds and piece not in "|\n":
                if follows:
                    self.struck[-1] += piece
                else:
                    self.struck.append(piece)
                follows = True
            else:
                hides = _HIDDEN in kinds and piece not in "|\n"
                if hides != is_open:
                    pieces.append("（隠し文字：" if hides else "）")
                is_open, follows = hides, False
                pieces.append(raised(piece, pieces[-1] if pieces else "") if _RAISED in kinds else piece)
        return "".join([*pieces, "）" if is_open else ""])
