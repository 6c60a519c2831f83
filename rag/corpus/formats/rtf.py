"""Rich Text Format: the words by striprtf, rows of tables as tables; notes, boxes, comments and headers follow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from striprtf import striprtf

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.note_marks import note_names
from rag.corpus.formats.page_texts import write_page_texts
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.rtf_marks import PARAGRAPH_IN_CELL, Reading, note_sign, with_signs
from rag.corpus.formats.shown_numbers import shown_number
from rag.corpus.formats.struck import write_struck
from rag.errors import DocumentError

_MARK_OF_ITEM = re.compile(r"\\(?:pntext|listtext)(?![a-z]) ?")
_TAB_BEHIND_MARK = re.compile(r"^([^\s\w]|[(（]?\w{1,4}[.)）、])\t", re.MULTILINE)
_ASIDE = re.compile(
    r"\{\s{0,3}(?:\\\*)?\\(footnote|shptxt|dptxbxtext|annotation|header|footer)[lrf]?(?![a-z])(\s?\\ftnalt(?![a-z]))?"
)
_AUTHOR = re.compile(r"\\atnauthor ([^{}]{1,400})\}\s{0,3}(?:\\chatn ?)?$")
_FIRST = re.compile(r"\\(a?)ftnstart([1-9]\d{0,4})")
_FORMAT = re.compile(r"\\(a?)ftnn(alc|auc|rlc|ruc|cnum|dbar|dbnum)(?![a-z])")
_FORMATS = {
    **{"alc": "lowerLetter", "auc": "upperLetter", "rlc": "lowerRoman", "ruc": "upperRoman"},
    **{"cnum": "decimalEnclosedCircle", "dbar": "decimalFullWidth", "dbnum": "ideographDigital"},
}
_BODY = re.compile(r"\\pard(?![a-z])")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_CHOICE = re.compile(
    r"\{\s?\\field(?![a-z])(?=(?:(?!\\field(?![a-z])).){0,400}?\bFORM(?:CHECKBOX|DROPDOWN)\b(?P<form>.{0,2000}))",
    re.DOTALL,
)
_CHOSEN = re.compile(r"\\ffres(\d{1,3})")
_DEFAULT = re.compile(r"\\ffdefres(\d{1,3})")
_CHOICES = re.compile(r"\{\s?\\\*\\ffl ([^{}]{0,400})\}")
_LAST_CHOICE = 25  # what says that nothing was chosen but what is given
_LONGEST_ASIDE = 20_000
_MOST_ASIDE = 500
_REACH = 80  # characters before a note in which its number stands
_REACH_OF_AUTHOR = 500
_RAW = re.compile(r"[\x80-\xff]")
# Word writes the second byte of a character as a letter where it is one: \'83A, or \'83\\.
_HALF = re.compile(r"((?:\\'[0-9a-fA-F]{2}){1,200})(\\[\\{}]|[@-\[\]-z|~])")
_text_of: Any = striprtf.rtf_to_text  # it has no types
_JAPANESE = ("ansicpg932", "fcharset128")


@dataclass(frozen=True, slots=True)
class _Aside:
    """What stands beside the text: its kind, its source, and the mark that it has in the text."""

    kind: str
    source: str
    mark: str = ""


def read(data: bytes) -> Parsed:
    """Paragraphs, rows, marks of lists; behind them notes, text boxes, comments, headers and footers.

    Raises:
        DocumentError: if it is no RTF.
    """
    if not data.lstrip().startswith(b"{\\rtf"):
        raise DocumentError(
            "The file is damaged, or not RTF.", code="damaged", hint="Open it in its program and save it again."
        )
    source = _RAW.sub(lambda match: f"\\'{ord(match[0]):02x}", data.decode("latin-1"))
    if any(mark in source for mark in _JAPANESE):
        source = _HALF.sub(_whole, source)
    draft, reading = Draft(), Reading()
    source, aside = _apart(with_signs(_with_choices(_MARK_OF_ITEM.sub("", source))))
    _write(draft, reading.text(_text_of(source, errors="replace")))
    said = [(each, reading.text(_text_of(each.source, errors="replace")).strip()) for each in aside]
    for kind in ("shptxt", "footnote", "endnote", "annotation"):
        for words in dict.fromkeys(each.mark + words for each, words in said if each.kind == kind and words):
            draft.blank()
            _write(draft, f"（コメント{words.replace(chr(10), ' ')}）" if kind == "annotation" else words)
    write_page_texts(
        draft, (line for each, words in said if each.kind in ("header", "footer") for line in words.split("\n"))
    )
    write_struck(draft, (words for words in reading.struck if words.strip()))
    return draft.parsed(plain=True)


def _with_choices(source: str) -> str:
    """The source with the ticks of check boxes and what was chosen in lists, which are no words of it."""
    return _CHOICE.sub(lambda match: f"{{{_chosen(match['form'])}}}{match[0]}", source) if "FORM" in source else source


def _chosen(form: str) -> str:
    form = form.split("\\fldrslt", 1)[0]
    chosen, default = _CHOSEN.search(form), _DEFAULT.search(form)
    number = int(chosen[1]) if chosen and int(chosen[1]) != _LAST_CHOICE else int(default[1]) if default else 0
    choices = _CHOICES.findall(form)
    if choices:
        return str(choices[number]) if number < len(choices) else ""
    return "\\uc1\\u9745?" if number else "\\uc1\\u9744?"


def _write(draft: Draft, words: str) -> None:
    words = _TAB_BEHIND_MARK.sub(r"\1 ", words)
    for is_row, group in groupby(words.split("\n"), key=lambda line: line.endswith("|")):
        lines = list(group)
        if is_row and any(line.count("|") > 1 for line in lines):
            draft.table([line.replace(PARAGRAPH_IN_CELL, " ").rstrip("|").split("|") for line in lines])
            continue
        for line in lines:
            if line.strip():
                draft.line(line.rstrip("|").replace(PARAGRAPH_IN_CELL, "\n"))
            else:
                draft.blank()


def _apart(source: str) -> tuple[str, list[_Aside]]:
    """The source with the marks of its notes and without what stands beside it, and each of that as a source."""
    head = _head(source)
    found = list(islice(_ASIDE.finditer(source), _MOST_ASIDE))
    foot, end = note_names(both=len({match[2] is None for match in found if match[1] == "footnote"}) > 1)
    counts = {first: int(number) - 1 for first, number in _FIRST.findall(source)}
    formats = {first: _FORMATS[name] for first, name in _FORMAT.findall(source)}
    kept: list[str] = []
    aside: list[_Aside] = []
    position = 0
    for match in found:
        start, kind, mark = match.start(), match[1], ""
        stop = _end_of_group(source, start) if start >= position else -1
        if stop < 0:
            continue
        kept.append(source[position:start])
        if kind == "footnote":
            is_end = match[2] is not None
            if "\\chftn" in source[max(position, start - _REACH) : stop]:
                which = "a" if is_end else ""
                counts[which] = counts.get(which, 0) + 1
                mark = f"（{end if is_end else foot}{shown_number(counts[which], formats.get(which, 'decimal'))}）"
                kept.append(note_sign(mark))
            kind = "endnote" if is_end else kind
        elif kind == "annotation":
            author = _AUTHOR.search(source[max(position, start - _REACH_OF_AUTHOR) : start])
            mark = f" {_text_of(f'{head}{author[1]}}}').strip()}：" if author else "："
        kind = "shptxt" if kind == "dptxbxtext" else kind
        aside.append(_Aside(kind, f"{head}{{{source[match.end() : stop]}\\par}}", mark))
        position = stop
    return "".join([*kept, source[position:]]), aside


def _head(source: str) -> str:
    """Fonts and what else stands before the first paragraph, without the group that this stands in."""
    body = _BODY.search(source)
    depth = end = 0
    for match in _BRACE.finditer(source, 0, body.start() if body else 0):
        if len(match.group()) == 1:
            depth += 1 if match.group() == "{" else -1
            if depth == 1:
                end = match.end()
            elif depth == 2 and match.group() == "{":
                end = match.start()
    end = body.start() if body and depth == 1 else end
    return f"{source[:end]} " if end else "{\\rtf1\\ansi "


def _end_of_group(source: str, start: int) -> int:
    """Behind the brace that closes the group which begins there; -1 if none does within reach."""
    depth = 0
    for match in _BRACE.finditer(source, start, start + _LONGEST_ASIDE):
        if len(match.group()) == 1:
            depth += 1 if match.group() == "{" else -1
            if depth == 0:
                return match.end()
    return -1


def _whole(match: re.Match[str]) -> str:
    """The bytes of a character all written as bytes, where a letter is the second half of one."""
    try:
        bytes.fromhex(match[1].replace("\\'", "")).decode("cp932")
    except UnicodeDecodeError as error:
        if error.end == len(match[1]) // 4:
            return f"{match[1]}\\'{ord(match[2][-1]):02x}"
    return match[0]
