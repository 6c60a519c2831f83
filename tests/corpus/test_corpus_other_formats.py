"""Formats that offices use beside today's: OpenDocument, RTF, mailboxes, web archives, Office 97-2003, captions."""

from __future__ import annotations

import os
import shutil
from email.message import EmailMessage
from pathlib import Path

import pytest

from rag.corpus import Document, Refusal, read_document, read_documents
from rag.errors import DocumentError
from tests.corpus.making import BODY, open_document, paragraph, pdf_of, read_bytes, word_file, zip_of


def _tables(document: Document) -> list[list[list[str]]]:
    return [
        [[document.text[cell.start : cell.end] for cell in block.table.row(row)] for row in range(block.table.size[0])]
        for block in document.blocks
        if block.table
    ]


def test_an_opendocument_text_has_headings_lists_tables_notes_and_comments(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:p>消した文。</text:p></text:tracked-changes>"
        '<text:h text:outline-level="1">潮の時刻</text:h>'
        '<text:p>浜は<text:s text:c="2"/>広い<text:note>'
        "<text:note-citation>1</text:note-citation><text:note-body><text:p>満潮時を除く。</text:p>"
        "</text:note-body>"
        "</text:note>。<office:annotation><text:p>確認する。</text:p></office:annotation></text:p>"
        "<text:list><text:list-item><text:p>熊手</text:p><text:list><text:list-item><text:p>長靴</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell table:number-rows-spanned='2'><text:p>北浜</text:p>"
        "</table:table-cell><table:table-cell><text:p>一班</text:p></table:table-cell></table:table-row>"
        "<table:table-row><table:covered-table-cell/><table:table-cell><text:p>二班</text:p></table:table-cell>"
        "</table:table-row></table:table>"
    )
    footer = "<style:footer><text:p>文書番号 HK-12</text:p><text:p>- 1 -</text:p></style:footer>"
    document = read_bytes(tmp_path, "a.odt", open_document("text", body, styles=footer))
    assert [line for line in document.text.split("\n") if line] == [
        "潮の時刻",
        "浜は  広い（注1）。",
        "（コメント：確認する。）",
        "・熊手",
        "・長靴",
        "北浜\t一班",
        "\t二班",
        "（注1）満潮時を除く。",
        "文書番号 HK-12",
    ]
    assert _tables(document) == [[["北浜", "一班"], ["北浜", "二班"]]]
    assert [block.depths for block in document.blocks if block.kind == "list"] == [(0, 1)]


def test_sheets_of_opendocument_are_places_and_hidden_ones_are_marked(tmp_path: Path) -> None:
    row = (
        "<table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell><table:table-cell><text:p>{}</text:p>"
    )
    row += "</table:table-cell><table:table-cell table:number-columns-repeated='16000'/></table:table-row>"
    empty = "<table:table-row table:number-rows-repeated='1048000'><table:table-cell/></table:table-row>"
    body = (
        "<table:table table:name='売上'>"
        + f"{row.format('貝', '金額')}{row.format('アサリ', '¥1,200')}{empty}</table:table>"
    )
    body += f"<table:table table:name='原価' table:style-name='ta2'>{row.format('貝', '¥900')}</table:table>"
    hidden = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    document = read_bytes(tmp_path, "a.ods", open_document("spreadsheet", body, automatic=hidden))
    assert document.text == "売上\n貝\t金額\nアサリ\t¥1,200\n\n原価（非表示）\n貝\t¥900\n"
    assert [place.label for place in document.places] == ["売上", "原価（非表示）"]


def test_slides_of_opendocument_are_places_under_their_titles(tmp_path: Path) -> None:
    frame = "<draw:frame{}><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    title = frame.format(' presentation:class="title"', "干潟の一年")
    body = f"<draw:page>{frame.format('', BODY)}{title}</draw:page>"
    document = read_bytes(tmp_path, "a.odp", open_document("presentation", body))
    assert document.text == f"干潟の一年\n{BODY}\n"
    assert document.title == "干潟の一年"


def test_rtf_is_read_with_japanese_letters_of_either_form(tmp_path: Path) -> None:
    cp932 = "".join(f"\\'{byte:02x}" for byte in "満潮".encode("cp932"))
    half = r"\'83A\'83T\'83\\"  # アサソ, whose second bytes are letters
    unicode = r"\uc2\u24178\'8a\'b1\u28511\'8a\'83"
    source = (
        rf"{{\rtf1\ansi\ansicpg932{{\fonttbl{{\f0\fcharset128 MS Mincho;}}}}\f0 {cp932}\par {half}\par {unicode}\par "
    )
    source += r"\trowd\intbl A\cell B\cell\row\trowd\intbl 1\cell 2\cell\row}"
    document = read_bytes(tmp_path, "a.rtf", source.encode("ascii"))
    assert document.text.split("\n")[:3] == ["満潮", "アサソ", "干潟"]
    assert _tables(document) == [[["A", "B"], ["1", "2"]]]


def test_a_web_archive_is_read_as_its_page(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message.set_content(f"<html><head><title>潮見表</title></head><body><p>{BODY}</p></body></html>", subtype="html")
    message.add_related(b"\x89PNG", "image", "png", cid="<a>")
    for name in ("a.mht", "a.mhtml", "a.doc"):
        document = read_bytes(tmp_path, name, message.as_bytes())
        assert (document.title, document.text.strip()) == ("潮見表", BODY)


def _mail(subject: str, body: str = BODY) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "浜野 <hamano@example.jp>"
    message["Date"] = "Mon, 3 Jun 2024 09:00:00 +0900"
    message.set_content(body)
    return message


def _found(folder: Path, name: str, data: bytes) -> dict[str, Document | Refusal]:
    (folder / name).write_bytes(data)
    return {item.source: item for item in read_documents([folder / name])}


def test_files_attached_to_a_mail_are_documents_of_their_own(tmp_path: Path) -> None:
    message = _mail("点検報告")
    for name, data in (
        ("報告.docx", word_file()),
        ("../表.pdf", pdf_of([paragraph("一枚目。")])),
        ("写真.png", b"\x89PNG"),
    ):
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    found = _found(tmp_path, "a.eml", message.as_bytes())
    assert list(found) == ["a.eml", "a.eml/報告.docx", "a.eml/.._表.pdf", "a.eml/写真.png"] or list(found)[2].endswith(
        "表.pdf"
    )
    assert isinstance(found["a.eml/報告.docx"], Document)
    picture = found["a.eml/写真.png"]
    assert isinstance(picture, Refusal)
    assert picture.is_passed_over


def test_files_of_a_forwarded_mail_in_an_archive_are_read_too(tmp_path: Path) -> None:
    inner = _mail("桟橋の寸法", "桟橋の幅は四メートルです。")
    inner.add_attachment("添付の文。", filename="寸法.txt")
    outer = _mail("転送")
    outer.add_attachment(inner)
    found = _found(tmp_path, "a.zip", zip_of({"m/a.eml": outer.as_bytes()}))
    assert list(found) == ["a.zip/m/a.eml", "a.zip/m/a.eml/寸法.txt"]
    mail = found["a.zip/m/a.eml"]
    assert isinstance(mail, Document)
    assert "桟橋の寸法\nFrom: 浜野" in mail.text
    assert "桟橋の幅は四メートルです。" in mail.text


def test_messages_of_a_mailbox_are_documents(tmp_path: Path) -> None:
    box = b"".join(
        b"From a@example.jp Mon Jun  3 09:00:00 2024\n" + _mail(subject, body).as_bytes() + b"\n"
        for subject, body in (("一通目", "最初の文。"), ("二通目", "次の文。\n\n>From here on."))
    )
    found = _found(tmp_path, "box.mbox", box)
    assert [(source, item.title) for source, item in found.items() if isinstance(item, Document)] == [
        ("box.mbox/1.eml", "一通目"),
        ("box.mbox/2.eml", "二通目"),
    ]


def test_the_page_of_a_mail_is_read_where_the_plain_text_only_says_that_there_is_one(tmp_path: Path) -> None:
    message = _mail("お知らせ", "このメールは HTML 形式です。")
    message.add_alternative(f"<p>{BODY}</p><ul><li>熊手</li><li>長靴</li></ul>", subtype="html")
    document = read_bytes(tmp_path, "a.eml", message.as_bytes())
    assert BODY in document.text
    assert [len(block.items) for block in document.blocks if block.kind == "list"] == [2]


def test_flowed_lines_of_a_mail_are_joined(tmp_path: Path) -> None:
    head = b"Subject: a\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n"
    body = "集合は灯台の \n前です。\n> 前の \n> 文。\n-- \n浜野\n"
    document = read_bytes(tmp_path, "a.eml", head + body.encode())
    assert document.text == "a\n\n集合は灯台の前です。\n> 前の文。\n--\n浜野\n"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xls", "<html><meta charset=utf-8><table><tr><td>品名<td>浮き輪</table></html>".encode(), "品名\t浮き輪"),
        ("a.xls", "品名\t数\n浮き輪\t24\n".encode("cp932"), "浮き輪\t24"),
        ("a.doc", word_file(), "熊手と長靴"),
        ("a.doc", rb"{\rtf1\ansi hello}", "hello"),
    ],
)
def test_what_only_has_an_old_name_is_read_as_what_it_is(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    assert words in read_bytes(tmp_path, name, data).text


def test_a_file_of_office_97_says_how_it_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DocumentError, match=r"a\.doc: .*Office 97-2003.*Install LibreOffice"):
        read_bytes(tmp_path, "a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_a_file_of_office_97_is_read_through_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    (tmp_path / "made.docx").write_bytes(word_file())
    program.write_text(
        f'#!/bin/sh\nfor last; do :; done\nout="$(dirname "$last")/out"\nmkdir -p "$out"\n'
        f'cp "{tmp_path}/made.docx" "$out/file.docx"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "熊手と長靴" in read_document(tmp_path / "a.doc").text


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_makes_a_file_of_today_of_an_old_one(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="LibreOffice cannot read it"):
        read_bytes(tmp_path, "a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_captions_that_roll_are_read_once(tmp_path: Path) -> None:
    cues = [
        " \n今日は<00:00:01.500><c>干潟の</c>話です",
        "今日は干潟の話です\n ",
        "今日は干潟の話です\n干潟には生き物がいます",
        "干潟には生き物がいます",
        "干潟には生き物がいます\n潮の満ち引きが大事です",
    ]
    text = "WEBVTT\n\n" + "\n\n".join(f"00:00:0{n}.000 --> 00:00:0{n + 1}.000\n{c}" for n, c in enumerate(cues))
    document = read_bytes(tmp_path, "a.vtt", text.encode())
    assert document.text == "今日は干潟の話です\n干潟には生き物がいます\n潮の満ち引きが大事です\n"


def test_what_is_said_twice_in_captions_that_do_not_roll_stays(tmp_path: Path) -> None:
    lines = ["はい", "はい", "では始めます", "干潟へ行きます", "潮は引きました", "熊手を持ちます", "長靴を履きます"]
    cues = (f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n" for n, line in enumerate(lines, 1))
    assert read_bytes(tmp_path, "a.srt", "\n".join(cues).encode()).text.startswith("はい\nはい\n")


def test_a_quoted_cell_with_line_breaks_is_one_cell(tmp_path: Path) -> None:
    data = '番号,内容,回答\n1,"予約は\nいつから","三か月\n前から"\n2,"取消料は ""無料""",前日まで\n'
    document = read_bytes(tmp_path, "a.csv", data.encode())
    assert _tables(document) == [
        [["番号", "内容", "回答"], ["1", "予約は\nいつから", "三か月\n前から"], ["2", '取消料は ""無料""', "前日まで"]]
    ]


def test_a_quote_that_nothing_closes_does_not_swallow_the_rows_below(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "a.csv", '品名,寸法\n管,"3インチ\n板,5\n'.encode())
    assert len(_tables(document)[0]) == 3


# Pages


def test_what_opens_when_a_reader_asks_is_in_the_text(tmp_path: Path) -> None:
    page = f"""<html><body><h1>質問</h1><p>{BODY}</p><h2>何冊借りられますか</h2>
    <div style="display:none"><p>十二冊まで。</p></div>
    <details><summary>延長はできますか</summary><p>一度だけできます。</p></details>
    <div role="tabpanel" hidden><p>学生は四百円です。</p></div>
    <div class="cookie-modal" style="display:none">同意する</div><nav style="display:none"><a href="/">目次</a></nav>
    <template><p>ひな形</p></template></body></html>"""
    document = read_bytes(tmp_path, "a.html", page.encode())
    assert [
        words for words in ("十二冊まで。", "一度だけできます。", "学生は四百円です。") if words not in document.text
    ] == []
    assert [words for words in ("同意する", "目次", "ひな形") if words in document.text] == []
    pairs = [[document.text[a:b] for a, b in block.items] for block in document.blocks if block.kind == "pair"]
    assert ["延長はできますか", "一度だけできます。"] in pairs


def test_terms_and_what_they_mean_are_pairs(tmp_path: Path) -> None:
    page = "<h1>用語</h1><dl><dt>汽水域</dt><dd>川と海の水が混じる所。</dd><dt>潮間帯</dt><dt>潮間域</dt>"
    page += "<dd>満潮の時は沈む。</dd><dd>干潮の時は現れる。</dd></dl>"
    document = read_bytes(tmp_path, "a.html", f"<meta charset=utf-8>{page}".encode())
    pairs = [[document.text[a:b] for a, b in block.items] for block in document.blocks if block.kind == "pair"]
    assert pairs == [["汽水域", "川と海の水が混じる所。"], ["潮間帯\n潮間域", "満潮の時は沈む。\n干潮の時は現れる。"]]


def test_values_in_the_fields_of_a_form_are_read(tmp_path: Path) -> None:
    page = """<meta charset=utf-8><form><p>氏名 <input value="浜野 渚"></p><p><input type=checkbox checked>会員</p>
    <p><input type=hidden value="x9"><input type=submit value="送る"></p>
    <p>区分 <select><option>一般<option selected>学生</select>
    </p><textarea>研究のため。</textarea></form>"""
    document = read_bytes(tmp_path, "a.html", page.encode())
    assert document.text == "氏名 浜野 渚\n☑ 会員\n区分 学生\n研究のため。"


def test_rows_of_xml_are_rows_of_a_table(tmp_path: Path) -> None:
    rows = "<row><cell>貝</cell><cell>値段</cell></row><row><cell>浅蜊</cell><cell>300円</cell></row>"
    text = f"<?xml version='1.0'?><manual><title>浜</title><para>浜は広いです。</para><table>{rows}</table></manual>"
    document = read_bytes(tmp_path, "a.xml", text.encode())
    (table,) = [block.table for block in document.blocks if block.table]
    assert [document.text[cell.start : cell.end] for cell in table.cells] == ["貝", "値段", "浅蜊", "300円"]
