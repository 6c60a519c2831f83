"""Footnotes and endnotes of Word documents: their marks in the text and before their words."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from rag.corpus import Document
from rag.language.sentences import sentences
from tests.corpus.making import read_bytes

_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
REF = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:{kind}Reference w:id="{id}"/></w:r>'


def _paragraph(*pieces: str) -> str:
    runs = "".join(each if each.startswith("<") else f"<w:r><w:t>{each}</w:t></w:r>" for each in pieces)
    return f"<w:p>{runs}</w:p>"


def foot(identifier: int) -> str:
    return REF.format(kind="footnote", id=identifier)


def end(identifier: int) -> str:
    return REF.format(kind="endnote", id=identifier)


def _add(word: Any, kind: str, notes: Mapping[int, str]) -> None:
    inside = f'<w:{kind} w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:{kind}>'
    inside += "".join(f'<w:{kind} w:id="{number}">{note}</w:{kind}>' for number, note in notes.items())
    data = f"<w:{kind}s {nsdecls('w')}>{inside}</w:{kind}s>".encode()
    part = Part(PackURI(f"/word/{kind}s.xml"), f"{_CONTENT}.{kind}s+xml", data, word.part.package)
    word.part.relate_to(part, f"{_TYPES}/{kind}s")


def _word(*blocks: str) -> Any:
    word = docx.Document()
    for block in blocks:
        element = parse_xml(block.replace(">", f" {nsdecls('w')}>", 1))
        word.element.body.insert(len(word.element.body) - 1, element)
    return word


def _read(folder: Path, word: Any) -> Document:
    buffer = BytesIO()
    word.save(buffer)
    return read_bytes(folder, "a.docx", buffer.getvalue())


def _lines(document: Document) -> list[str]:
    return [line for line in document.text.split("\n") if line]


def test_a_note_and_its_place_have_the_same_mark(tmp_path: Path) -> None:
    word = _word(
        _paragraph("干潟は三キロ", foot(2), "まで続く。", foot(3), "貝を掘る。"),
        _paragraph("浜はにぎわう", foot(1), "。"),
    )
    own = "<w:r><w:footnoteRef/></w:r>"
    _add(
        word,
        "footnote",
        {1: _paragraph(own, "四月の休日。"), 2: _paragraph(own, "大潮のとき。"), 3: _paragraph("市の調べ。")},
    )
    document = _read(tmp_path, word)
    assert _lines(document) == [
        "干潟は三キロ（注1）まで続く（注2）。貝を掘る。",
        "浜はにぎわう（注3）。",
        "（注1）大潮のとき。",
        "（注2）市の調べ。",
        "（注3）四月の休日。",
    ]
    first = document.text.index("干潟")
    spans = sentences(document.text, first, document.text.index("\n", first))
    assert [document.text[start:stop] for start, stop in spans] == [
        "干潟は三キロ（注1）まで続く（注2）。",
        "貝を掘る。",
    ]


def test_footnotes_and_endnotes_are_told_apart(tmp_path: Path) -> None:
    word = _word(_paragraph("潮", end(5), "が引く", foot(5), "。"))
    _add(word, "footnote", {5: _paragraph("午前。")})
    _add(word, "endnote", {5: _paragraph("大潮。")})
    assert _lines(_read(tmp_path, word)) == ["潮（文末脚注i）が引く（注1）。", "（注1）午前。", "（文末脚注i）大潮。"]
    alone = _word(_paragraph("潮", end(5), "が引く。"))
    _add(alone, "endnote", {5: _paragraph("大潮。")})
    assert _lines(_read(tmp_path, alone)) == ["潮（注i）が引く。", "（注i）大潮。"]


@pytest.mark.parametrize(
    ("said", "marks"),
    [
        ('<w:numFmt w:val="decimalEnclosedCircle"/>', "①②"),
        ('<w:numFmt w:val="lowerLetter"/><w:numStart w:val="3"/>', "cd"),
        ('<w:numStart w:val="x"/>', "12"),
    ],
)
@pytest.mark.parametrize("owner", ["settings", "section"])
def test_numbers_are_written_as_the_document_shows_them(tmp_path: Path, owner: str, said: str, marks: str) -> None:
    word = _word(_paragraph("潮", foot(1), "が引く", foot(2), "。"))
    element = word.settings.element if owner == "settings" else word.sections[0]._sectPr
    element.append(parse_xml(f"<w:footnotePr {nsdecls('w')}>{said}</w:footnotePr>"))
    assert _lines(_read(tmp_path, word)) == [f"潮（注{marks[0]}）が引く（注{marks[1]}）。"]


def test_notes_of_deleted_words_and_with_signs_of_their_own_are_not_counted(tmp_path: Path) -> None:
    sign = '<w:r><w:footnoteReference w:customMarkFollows="1" w:id="2"/><w:t>＊</w:t></w:r>'
    word = _word(_paragraph("潮", f"<w:del>{foot(1)}</w:del>", "が", sign, "引く", foot(3), "。"))
    _add(word, "footnote", {1: _paragraph("消した。"), 2: _paragraph("＊大潮。"), 3: _paragraph("午前。")})
    assert _lines(_read(tmp_path, word)) == ["潮が＊引く（注1）。", "（注1）午前。", "消した。", "＊大潮。"]


def test_a_note_on_a_title_or_in_a_cell_changes_no_title_and_no_head(tmp_path: Path) -> None:
    cells = ["品名", "数", "熊手", "12"]
    word = docx.Document()
    word.add_heading("潮干狩りの手引き", 0)
    table = word.add_table(2, 2)
    for cell, words in zip([c for row in table.rows for c in row.cells], cells, strict=True):
        cell.text = words
    plain = _read(tmp_path, word)
    for number, paragraph in enumerate(
        [word.paragraphs[0], table.cell(0, 1).paragraphs[0], table.cell(1, 1).paragraphs[0]]
    ):
        paragraph._p.append(parse_xml(foot(number + 1).replace("<w:r>", f"<w:r {nsdecls('w')}>", 1)))
    noted = _read(tmp_path, word)
    assert noted.title == plain.title == "潮干狩りの手引き"
    (before,), (after,) = ([block.table for block in each.blocks if block.table] for each in (plain, noted))
    assert before.header_rows == after.header_rows
    assert [noted.text[cell.start : cell.end] for cell in after.cells] == ["品名", "数（注2）", "熊手", "12（注3）"]
