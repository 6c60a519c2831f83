"""Kinds of documents that lose or glue something in other readers: one small example of each."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from rag.chunking import Chunker, Passage, embedded_text
from rag.corpus import Document
from rag.language.terms import compose, term_spans, terms
from tests.corpus.making import FONT, pdf_of, read_bytes

CHUNKER = Chunker(120, 1, 480, lambda texts: [len(text) for text in texts])


def passages(document: Document) -> list[Passage]:
    return CHUNKER.passages(document)


def read(folder: Path, name: str, text: str) -> Document:
    return read_bytes(folder, name, text.encode())


# Text


@pytest.mark.parametrize(
    ("written", "looked_for"),
    [
        ("⺠間の⻑屋と⻄の⾨", "民間の長屋と西の門"),
        ("髙田と山﨑と𠮷野", "高田と山崎と吉野"),
        ("國の學校と舊い辭書", "国の学校と旧い辞書"),
        ("葛\U000e0100飾の祇\ufe00園", "葛飾の祇園"),
        ("潮\u200b見\u00ad橋\u2060", "潮見橋"),
    ],
)
def test_variants_of_characters_are_found_from_either_side(written: str, looked_for: str) -> None:
    assert terms(written) == terms(looked_for)
    assert compose(written) == compose(looked_for)
    for start, end, _ in term_spans(written):
        assert 0 <= start < end <= len(written)


def test_one_broken_byte_is_a_replacement_character_and_said(tmp_path: Path) -> None:
    line = "鍵は漁協の金庫に置いてある。\n"
    document = read_bytes(tmp_path, "a.txt", (line * 3).encode() + b"\xff\n" + (line * 3).encode())
    assert document.text == line * 3 + "\ufffd\n" + line * 3
    assert document.metadata["undecoded"] == "1"
    shift_jis = (line * 30).encode("cp932")
    cut = read_bytes(tmp_path, "b.txt", shift_jis[:-2] + b"\x82")
    assert cut.metadata["encoding"] == "cp932"
    assert cut.text.startswith(line)


def test_escapes_of_json_are_read_as_their_characters(tmp_path: Path) -> None:
    data = json.dumps({"場所": "旧灯台𠮷\n前", "道": "a\\u3042"})
    assert '"場所": "旧灯台𠮷\\n前"' in read(tmp_path, "a.json", data).text
    assert "a\\\\u3042" in read(tmp_path, "b.json", data).text


def test_xml_with_prose_is_read_without_its_tags(tmp_path: Path) -> None:
    xml = """<?xml version="1.0" encoding="UTF-8"?><Law><LawTitle>海辺条例</LawTitle><Article><ArticleCaption>（届出）
    </ArticleCaption><ArticleTitle>第三条</ArticleTitle><P>漁をする者は、<Ruby>予<Rt>あらかじ</Rt></Ruby>め届け出る。</P>
    </Article></Law>"""
    document = read(tmp_path, "a.xml", xml)
    assert document.title == "海辺条例"
    assert "漁をする者は、予（あらかじ）め届け出る。" in document.text
    assert "第三条（届出）" in [document.text[h.start : h.end] for h in document.headings]


def test_xml_with_data_stays_as_it_is(tmp_path: Path) -> None:
    xml = '<items><item name="貝" price="300"/><item name="魚" price="500"/></items>'
    assert read(tmp_path, "a.xml", xml).text == xml


def test_notation_of_aozora_is_no_part_of_the_words(tmp_path: Path) -> None:
    rule = "-" * 40
    text = (
        f"浜辺の夕\n渚一郎\n\n{rule}\n【テキスト中に現れる記号について】\n\n《》：ルビ\n{rule}\n\n"
        "［＃５字下げ］上［＃「上」は大見出し］\n\n　少年は｜沖見台《おきみだい》で鷺《さぎ》を見た。\n"
    )
    document = read(tmp_path, "a.txt", text)
    assert (document.title, document.metadata["author"]) == ("浜辺の夕", "渚一郎")
    assert "上" in [document.text[h.start : h.end] for h in document.headings]
    last = passages(document)[-1]
    assert document.text[last.start : last.end] == last.text
    assert "少年は沖見台で鷺を見た。" in embedded_text(last, document.title, "heading")


def test_articles_of_rules_are_headings_with_their_captions(tmp_path: Path) -> None:
    text = "海辺条例\n\n（目的）\n第一条　この条例は、浜を守る。\n（届出）\n第一条の二　漁をする者は届け出る。\n"
    found = {passage.text.split("　")[0]: passage.heading for passage in passages(read(tmp_path, "a.txt", text))}
    assert found["第一条の二"][-2:] == ("（届出）", "第一条の二")


def test_each_question_of_a_list_is_a_heading(tmp_path: Path) -> None:
    text = "質問\n\nＱ１　何時に開きますか\nＡ１　九時です。\nＱ２　犬は入れますか\nＡ２　入れません。\n"
    document = read(tmp_path, "a.txt", text)
    assert [document.text[h.start : h.end] for h in document.headings][1:] == [
        "Ｑ１　何時に開きますか",
        "Ｑ２　犬は入れますか",
    ]


def test_what_a_reply_quotes_is_not_its_title(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "> いつですか。\n\n締切は六月末です。\n").title == "締切は六月末です。"


@pytest.mark.parametrize(
    "line",
    [
        "広告",
        "PR",
        "お問い合わせはこちら",
        "詳細を表示",
        "設定 > 全般 > 音",
        "10:30",
        "出典：業務課",
        "From: 浜野",
        "関連記事",
        "検索",
    ],
)
def test_lines_of_business_are_kept_in_text_that_was_not_saved_from_a_page(tmp_path: Path, line: str) -> None:
    text = f"業務の記録\n\n{line}\n\n次の行に説明を書く。担当は業務課である。\n\n{line}\n一覧\n二件\n"
    assert not [e for e in read(tmp_path, "a.txt", text).excluded if e.reason != "duplicate-title"]


# Markdown


def test_comments_data_and_marks_stay_in_the_text_and_out_of_what_is_embedded(tmp_path: Path) -> None:
    image = "A" * 600
    text = (
        f"# 休暇\n\n<!--\nTwenty days.\n-->\n\n年次休暇は**二十日**とする。\n\n![図](data:image/png;base64,{image})\n\n"
        "[規則](https://example.org/a(b)c)に`日数`を書く。\n\n```\na = b ** c\n```\n"
    )
    document = read(tmp_path, "a.md", text)
    [passage] = passages(document)
    assert document.text == text
    assert document.text[passage.start : passage.end] == passage.text
    words = embedded_text(passage, "", "text")
    assert "年次休暇は二十日とする。" in words
    assert "規則に日数を書く。" in words
    assert "a = b ** c" in words
    assert "Twenty" not in words
    assert image[:50] not in words
    assert "example.org" not in words


# PDF


def test_columns_drawn_row_by_row_are_read_one_behind_the_other(tmp_path: Path) -> None:
    left = ["干潟の保全は町の責務で", "あり、採取の量を抑える", "ため許可制を設けている", "が、例外もある。"]
    right = ["灯台の改修は別の予算に", "より行う。改修の期間は", "十月から三月までとする", "ので注意する。"]
    rows = [
        (x, 700.0 - 18 * n, 12.0, w)
        for n, pair in enumerate(zip(left, right, strict=True))
        for x, w in zip((72, 300), pair, strict=True)
    ]
    text = read_bytes(tmp_path, "a.pdf", pdf_of([rows])).text
    assert "".join(left) in text
    assert "".join(right) in text


def test_a_cell_of_two_lines_stays_in_its_row(tmp_path: Path) -> None:
    rows = [
        (72.0, 700.0, 12.0, "税の相談"),
        (200.0, 700.0, 12.0, "総務課が受け付ける。平日"),
        (200.0, 684.0, 12.0, "の九時から四時まで。"),
        (72.0, 650.0, 12.0, "水の相談"),
        (200.0, 650.0, 12.0, "水道課が受け付ける。休日"),
        (200.0, 634.0, 12.0, "も電話は受ける。"),
    ]
    document = read_bytes(tmp_path, "a.pdf", pdf_of([rows]))
    assert "税の相談\t総務課が受け付ける。平日の九時から四時まで。\n" in document.text
    assert [block.kind for block in document.blocks] == ["table"]


def test_a_table_goes_on_over_the_page_and_its_head_with_it(tmp_path: Path) -> None:
    def page(first: int, head: bool) -> list[tuple[float, float, float, str]]:
        rows = [("品名", "数量", "場所")] if head else []
        rows += [(f"備品{n}", str(n), "東倉庫") for n in range(first, first + 5)]
        return [
            (x, 700.0 - 20 * i, 11.0, w) for i, row in enumerate(rows) for x, w in zip((72, 200, 330), row, strict=True)
        ]

    document = read_bytes(tmp_path, "a.pdf", pdf_of([page(0, True), page(5, False)]))
    [table] = [block.table for block in document.blocks if block.table]
    assert table.size == (11, 3)
    assert document.place(document.text.index("備品7")).label == "2"  # type: ignore[union-attr]


def test_lines_of_a_letter_stay_apart(tmp_path: Path) -> None:
    lines = [
        (420.0, 760.0, 11.0, "令和６年４月１日"),
        (72.0, 738.0, 11.0, "自治会長　様"),
        (420.0, 716.0, 11.0, "浜町長　浜野　渚"),
        (220.0, 680.0, 11.0, "海岸清掃の実施について（依頼）"),
        (72.0, 640.0, 11.0, "１　日時　五月十九日午前八時から正午まで行います"),
        (72.0, 622.0, 11.0, "２　場所　旧灯台前広場と防波堤の間の砂浜とします"),
        (72.0, 604.0, 11.0, "３　持ち物　軍手、飲み物"),
    ]
    text = read_bytes(tmp_path, "a.pdf", pdf_of([lines])).text
    assert [line for line in text.split("\n") if line] == [words for _, _, _, words in lines]


@pytest.mark.parametrize("words", ["入 漁 料 は 三 百 円 と する 。", "改 修 工 事", "議　事　録"])
def test_letters_set_apart_are_words(tmp_path: Path, words: str) -> None:
    data = pdf_of([[(72.0, 700.0, 12.0, words), (72.0, 640.0, 12.0, "次の行はふつうに書いてある。")]])
    assert read_bytes(tmp_path, "a.pdf", data).text.split("\n")[0] == words.replace(" ", "").replace("　", "")


def test_notes_and_filled_fields_are_read(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = BytesIO()
    drawn = canvas.Canvas(buffer, invariant=True)
    drawn.setFont(FONT, 12)
    drawn.drawString(72, 700, "桟橋の修繕は来年度に行う。")
    drawn.drawString(72, 650, "氏名")
    drawn.acroForm.textfield(name="name", value="Nagisa", x=110, y=645, width=120, height=18)
    drawn.textAnnotation("今年度に前倒しする。", Rect=[300, 700, 320, 720])
    drawn.save()
    text = read_bytes(tmp_path, "a.pdf", buffer.getvalue()).text
    assert "今年度に前倒しする。" in text
    assert "氏名　Nagisa" in text


def test_the_printed_number_of_a_page_stands_beside_the_files(tmp_path: Path) -> None:
    pages = [[(72.0, 700.0, 12.0, f"これは{n}枚目の紙の本文である。")] for n in range(1, 6)]
    for number, page in enumerate(pages[2:], 1):
        page.append((300.0, 30.0, 9.0, str(number)))
    document = read_bytes(tmp_path, "a.pdf", pdf_of(pages))
    assert [place.label for place in document.places] == ["1", "2", "3 (1)", "4 (2)", "5 (3)"]
