"""What each format says of itself: headings, titles, code, visible text, the main text of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.chunking import Chunker
from rag.corpus import Document, read_document
from rag.corpus.assembly import document_of
from rag.corpus.formats.parsed import Parsed
from rag.errors import DocumentError

FIXTURES = Path(__file__).parent / "fixtures"
BODY = "潮が引くと、干潟は三キロ先まで続きます。貝を掘る人で浜はにぎわいます。"


def _read(tmp_path: Path, name: str, text: str) -> Document:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_document(path)


def _headings(document: Document) -> list[tuple[int, str]]:
    return [(heading.level, document.text[heading.start : heading.end]) for heading in document.headings]


def _plain(text: str) -> Document:
    return document_of("a.txt", Parsed(text), {})


# Markdown


def test_markdown_headings_are_atx_and_setext_but_not_code(tmp_path: Path) -> None:
    text = (
        f"# 干潟 #\n\n{BODY}\n\n区域\n----\n\n```\n# 注釈\n```\n\n    # これも符号\n\n> ### 引用の *見出し*\n\n{BODY}\n"
    )
    document = _read(tmp_path, "a.md", text)
    assert document.text == text
    assert document.title == "干潟"
    assert _headings(document) == [(1, "干潟"), (2, "区域"), (3, "引用の *見出し*")]


@pytest.mark.parametrize(
    "front", ['---\ntitle: "潮の*表*"\nauthor: 浜野\n---\n', "+++\ntitle = '潮の*表*'\nauthor = '浜野'\n+++\n"]
)
def test_front_matter_gives_the_title_and_is_left_out(tmp_path: Path, front: str) -> None:
    document = _read(tmp_path, "a.md", f"{front}\n# 別の見出し\n\n{BODY}\n")
    assert document.title == "潮の*表*"
    assert document.metadata["author"] == "浜野"
    assert [(e.start, e.reason) for e in document.excluded] == [(0, "front-matter")]
    assert document.text[: document.excluded[0].end] == front.strip()
    assert _headings(document) == [(1, "別の見出し")]


def test_a_page_of_front_matter_alone_is_a_document_without_content(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.md", "---\ntitle: 潮の表\n---\n")
    assert document.title == "潮の表"
    assert [(e.start, e.end) for e in document.excluded] == [(0, len(document.text.rstrip()))]


@pytest.mark.parametrize("rule", ["- " * 30, "| ---- " * 8 + "|", "-" * 80, "= " * 41, "・ " * 41])
@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_a_rule_of_any_length_is_no_reason_to_refuse_a_file(tmp_path: Path, name: str, rule: str) -> None:
    assert BODY in _read(tmp_path, name, f"# 干潟\n\n{BODY}\n\n{rule}\n\n{BODY}\n").text


def test_a_rule_at_the_top_of_a_page_is_not_front_matter(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.md", f"---\n\n{BODY}\n\n---\n\n{BODY}\n")
    assert all(e.reason != "front-matter" for e in document.excluded)
    assert document.text.count(BODY) == 2


def test_a_title_in_markdown_is_without_markup(tmp_path: Path) -> None:
    assert _read(tmp_path, "a.md", f"# **潮** の [表](http://example.com) `v2`\n\n{BODY}\n").title == "潮 の 表 v2"


def test_markdown_without_headings_takes_its_first_line_for_title(tmp_path: Path) -> None:
    assert _read(tmp_path, "a.md", f"浜の記録\n\n{BODY}\n").title == "浜の記録"


# HTML


def test_a_page_is_read_as_its_visible_text_a_block_a_line() -> None:
    document = read_document(FIXTURES / "portal.html")
    lines = document.text.split("\n")
    assert "見えない文字" not in document.text
    assert "隠された段落です" in document.text  # it may open when a reader presses something
    assert any(line.startswith("北浜市議会は20日、干潟の生き物を守る条例を全会一致で可決した。") for line in lines)
    assert "アサリ\t二キロ" in lines
    assert "対象は河口から沖合二キロまでの干潟で、" in lines
    assert "第二区域は、防波堤の内側にある。" in lines


def test_a_page_tells_its_title_headings_date_and_author() -> None:
    document = read_document(FIXTURES / "portal.html")
    assert document.title == "干潟の生き物を守る新しい条例"
    assert _headings(document) == [(1, document.title), (2, "対象となる区域"), (2, "住民の受け止め")]
    assert document.metadata["date"] == "2024-05-20"
    assert document.metadata["author"] == "浜野 渚"


def test_what_is_outside_the_main_text_of_a_page_is_marked_and_the_article_is_not() -> None:
    document = read_document(FIXTURES / "portal.html")
    for words in ("会社概要", "FacebookでシェアLINEで送る", "花火大会の日程が決まる", "© 2024 きたはま通信"):
        place = document.text.index(words)
        assert any(e.start <= place < e.end and e.reason == "outside-main-text" for e in document.excluded), words
    first, last = document.text.index("北浜市議会は20日"), document.text.index("心配する声も聞かれた。")
    assert [e for e in document.excluded if e.end > first and e.start < last] == []


def test_a_page_of_which_hardly_anything_would_be_left_is_kept_whole(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.html", "<html><body><div>短いお知らせ</div><div>明日は休みです。</div></body></html>")
    assert document.text == "短いお知らせ\n明日は休みです。"
    assert document.excluded == ()


def test_a_page_in_shift_jis_without_html_tag_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.htm"
    path.write_bytes(f'<meta charset="Shift_JIS"><title>潮の表</title><p>{BODY}'.encode("cp932"))
    document = read_document(path)
    assert (document.title, document.text, document.metadata["encoding"]) == ("潮の表", BODY, "cp932")


def test_xhtml_with_an_xml_declaration_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    page = f'<?xml version="1.0" encoding="EUC-JP"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{BODY}</p></body></html>'
    path.write_bytes(page.encode("euc_jp"))
    assert read_document(path).text == BODY


def test_spaces_are_as_a_browser_shows_them(tmp_path: Path) -> None:
    page = "<p>  潮の\n  満ち引き  と\n moon   phase </p><pre>a\n  b</pre><p>一<br>二</p>"
    assert _read(tmp_path, "a.html", page).text == "潮の満ち引き と moon phase\na\n  b\n一\n二"


def test_a_table_made_for_layout_is_not_one_line(tmp_path: Path) -> None:
    page = f"<table><tr><td><h1>表題</h1><p>{BODY}</p><p>{BODY}</p></td><td>脇の欄</td></tr></table>"
    assert _read(tmp_path, "a.html", page).text == f"表題\n{BODY}\n{BODY}\n脇の欄"


def test_a_page_without_text_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="shows no text"):
        _read(tmp_path, "a.html", "<html><body><script>render()</script></body></html>")


# Plain text


def test_numbered_chapters_nest() -> None:
    text = (
        f"潮の手引き\n\n第1章 潮とは\n\n{BODY}\n\n第1節 満潮\n\n{BODY}\n\n1.2 干潮の時刻\n\n{BODY}\n\n■ 用語\n{BODY}\n"
    )
    assert _headings(_plain(text)) == [
        (1, "潮の手引き"),
        (1, "第1章 潮とは"),
        (2, "第1節 満潮"),
        (2, "1.2 干潮の時刻"),
        (1, "■ 用語"),
    ]


def test_items_of_a_list_are_not_headings() -> None:
    text = f"道具\n\n{BODY}\n\n1. 熊手\n2. 網\n3. 長靴\n\n・帽子\n・手袋\n\n{BODY}\n"
    assert _headings(_plain(text)) == [(1, "道具")]


def test_a_short_sentence_a_date_or_a_caption_is_not_a_heading() -> None:
    lines = ("浜の記録", "今日は晴れた。", "更新日:2025年4月1日", "図1 潮の高さ", "「干潟」")
    text = "".join(f"{line}\n\n{BODY}\n\n" for line in lines)
    assert _headings(_plain(text)) == [(1, "浜の記録")]


def test_questions_of_a_faq_are_headings_of_their_answers() -> None:
    text = f"よくある質問\n\nQ1. 何時に引きますか?\nA. {BODY}\n\nQ2. 駐車場を教えてください。\nA. {BODY}\n"
    assert _headings(_plain(text)) == [
        (1, "よくある質問"),
        (2, "Q1. 何時に引きますか?"),
        (2, "Q2. 駐車場を教えてください。"),
    ]


def test_a_text_that_opens_with_a_paragraph_takes_its_title_from_the_first_heading() -> None:
    assert _plain(f"{BODY}\n\n潮の満ち引き\n\n{BODY}\n").title == "潮の満ち引き"


def test_a_sentence_that_serves_as_title_stays_in_the_text() -> None:
    document = _plain(f"本項では潮の満ち引きについて述べる。\n\n{BODY}\n\n本項では潮の満ち引きについて述べる。\n")
    assert document.title == "本項では潮の満ち引きについて述べる。"
    assert document.headings == ()
    assert document.excluded == ()


def test_a_text_of_one_paragraph_takes_its_first_sentence_for_title() -> None:
    document = _plain(BODY * 3)
    assert document.title == "潮が引くと、干潟は三キロ先まで続きます。"
    assert document.headings == ()


_PAGE = f"<html><body><main><h1>潮の話</h1><p>{BODY}</p>{{}}</main></body></html>"
_TABLE = "<table><tr><th>日</th><th>潮</th></tr><tr><td>1日</td><td>大潮</td></tr></table>"


def test_captions_and_quotations_of_a_page_are_content(tmp_path: Path) -> None:
    more = f"<figure>{_TABLE}<figcaption>表1 潮</figcaption></figure><blockquote><p>浜は広い。</p></blockquote>"
    document = _read(tmp_path, "a.html", _PAGE.format(more))
    assert not document.excluded
    assert document.text.endswith("表1 潮\n浜は広い。")


def test_preformatted_text_keeps_its_lines(tmp_path: Path) -> None:
    code = "[tide]\n  at = 6\n\n# low\n"
    document = _read(tmp_path, "a.html", _PAGE.format(f"<pre><code>{code}</code></pre><p>六時に引きます。</p>"))
    (block,) = [block for block in document.blocks if block.kind == "code"]
    assert document.text[block.start : block.end] == code.strip()


def test_an_answer_that_opens_has_its_list(tmp_path: Path) -> None:
    more = (
        "<details><summary>何が要りますか</summary><p>次のものです。</p><ul><li>軍手</li><li>熊手</li></ul></details>"
    )
    document = _read(tmp_path, "a.html", _PAGE.format(more))
    pairs = [block for block in document.blocks if block.kind == "pair"]
    assert [document.text[slice(*block.items[1])] for block in pairs] == ["次のものです。\n軍手\n熊手"]


def test_a_year_alone_is_no_day(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.html", _PAGE.format("<footer>© 2024 浜</footer>"))
    assert document.date != "2024-01-01"


def test_html_in_markdown_is_not_glued(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.md", f"# 潮\n\n{_TABLE}\n\n![浜の図](a.png)\n<div>浜</div>\n")
    (table,) = [block.table for block in document.blocks if block.table]
    assert [document.text[cell.start : cell.end] for cell in table.cells] == ["日", "潮", "1日", "大潮"]
    (passage,) = Chunker(120, 1, 480, lambda texts: [len(text) for text in texts]).passages(document)
    assert passage.words.split() == ["潮", "日", "潮", "1日", "大潮", "浜の図", "浜"]


def test_steps_of_markdown_hold_their_code(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.md", "1. 潮を見る\n\n   ```\n   tide\n   ```\n\n2. 浜へ出る\n3. 掘る\n")
    assert [len(block.items) for block in document.blocks] == [3]
