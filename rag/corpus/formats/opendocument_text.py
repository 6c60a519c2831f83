"""What a reader sees of a paragraph of an OpenDocument file, and what hangs on it: notes, comments, frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from rag.corpus.formats.note_marks import add_note, note_names
from rag.corpus.formats.opendocument_styles import Styles, name_of, number, value
from rag.corpus.formats.raised import raised

SKIPPED = frozenset(("tracked-changes", "ruby-text", "deletion", "annotation-end", "forms", "sequence-decls"))
"""What no reader sees: deleted words, readings above characters, declarations."""
BESIDE = frozenset(("annotation", "note", "frame", "custom-shape", "text-box", "rect", "ellipse", "g"))
"""What hangs on a paragraph and has words of its own."""
_EMPTIED = "shiori-emptied"
_STANDS_FOR = {"tab": "\t", "line-break": "\n"}
_MOST_SPACES = 100


def text_of(paragraph: Any, styles: Styles, *, both: bool = False) -> str:
    """The words of a paragraph, with the marks of its notes; hidden words are said to be that.

    Args:
        both: whether the document has footnotes and endnotes, which are told apart then.
    """
    pieces: list[str] = []
    _add(pieces, paragraph.text or "")
    raises = [False]
    walk = etree.iterwalk(paragraph, events=("start", "end"))
    for event, each in walk:
        name = name_of(each)
        if each is paragraph:
            continue
        style = styles.of(each) if name in ("span", "a") else None
        if event == "end":
            if style is not None:
                raises.pop()
                _add(pieces, "）" if style.hidden else "")
            _add(pieces, raised(each.tail or "", pieces[-1] if pieces else "") if raises[-1] else each.tail or "")
        elif name in SKIPPED or name in BESIDE or not name:
            if name == "note":
                add_note(pieces, note_mark(each, both=both))
            walk.skip_subtree()
        elif name == "s":
            _add(pieces, " " * min(number(each, "c", 1), _MOST_SPACES))
        elif name in _STANDS_FOR:
            _add(pieces, _STANDS_FOR[name])
        else:
            if style is not None:
                raises.append(raises[-1] if style.raises is None else style.raises)
                _add(pieces, "（隠し文字：" if style.hidden else "")
            _add(pieces, raised(each.text or "", pieces[-1] if pieces else "") if raises[-1] else each.text or "")
    return "".join(pieces).replace("（隠し文字：）", "")


def _add(pieces: list[str], words: str) -> None:
    if words:
        pieces.append(words)


def note_mark(note: Any, *, both: bool) -> str:
    """The mark of a footnote or endnote: its number in brackets, or the sign that it has instead."""
    citation = note.find("{*}note-citation")
    if citation is None:
        return ""
    sign = " ".join((value(citation, "label") or citation.text or "").split())
    foot, end = note_names(both=both)
    if not sign or value(citation, "label"):
        return sign
    return f"（{end if value(note, 'note-class') == 'endnote' else foot}{sign}）"


def beside(paragraph: Any) -> Iterator[Any]:
    """What hangs on a paragraph: text boxes, comments, notes."""
    walk = etree.iterwalk(paragraph, events=("start",))
    for _, each in walk:
        if each is not paragraph and name_of(each) in BESIDE:
            yield each
            walk.skip_subtree()
        elif name_of(each) in SKIPPED:
            walk.skip_subtree()


def comment_of(annotation: Any, styles: Styles) -> str:
    """What a comment says."""
    return " ".join(text_of(each, styles) for each in annotation.iter("{*}p")).strip()


def take_struck(tree: Any, styles: Styles) -> list[str]:
    """Take the struck-out words out of all paragraphs: those that stand together are told together."""
    found: list[str] = []
    for paragraph in tree.iter("{*}p", "{*}h"):
        taken = _take(paragraph, styles)
        if taken:
            found += taken
            paragraph.set(_EMPTIED, "1")
    return [words for words in found if words.strip()]


def is_emptied(paragraph: Any) -> bool:
    """Whether words were taken out of it: an item that is struck out still counts."""
    return paragraph.get(_EMPTIED) is not None


def _take(paragraph: Any, styles: Styles) -> list[str]:
    found: list[str] = []
    strikes = [bool(styles.of(paragraph).strikes)]
    follows = False  # what is taken next follows what was taken last

    def take(words: str | None, struck: bool) -> str | None:
        nonlocal follows
        if not words or not struck:
            follows = follows and not words
            return words
        if follows:
            found[-1] += words
        else:
            found.append(words)
        follows = True
        return None

    paragraph.text = take(paragraph.text, strikes[-1])
    walk = etree.iterwalk(paragraph, events=("start", "end"))
    for event, each in walk:
        name = name_of(each)
        if each is paragraph:
            continue
        if event == "end":
            if name == "span":
                strikes.pop()
            each.tail = take(each.tail, strikes[-1])
        elif name in SKIPPED or name in BESIDE or not name:
            walk.skip_subtree()
        else:
            if name == "span":
                own = styles.of(each).strikes
                strikes.append(strikes[-1] if own is None else own)
            if strikes[-1] and (name == "s" or name in _STANDS_FOR):
                take(_STANDS_FOR.get(name, " "), True)
                each.tag = "{}deletion"
            each.text = take(each.text, strikes[-1])
    return found
