"""OpenDocument files as a reader sees them: what is struck out or hidden, marks of notes, numbers of lists, tables."""

from __future__ import annotations

from pathlib import Path

from rag.chunking import Chunker
from rag.corpus import Document
from tests.corpus.making import open_document, read_bytes

CHUNKER = Chunker(120, 1, 480, lambda texts: [len(text) for text in texts])
STYLES = (
    "<style:style style:name='T1' style:family='text'>"
    "<style:text-properties style:text-line-through-style='solid'/></style:style>"
    "<style:style style:name='T2' style:family='text' style:parent-style-name='T1'/>"
    "<style:style style:name='T3' style:family='text'>"
    "<style:text-properties style:text-line-through-style='none'/></style:style>"
    "<style:style style:name='T4' style:family='text'><style:text-properties text:display='none'/></style:style>"
    "<style:style style:name='T5' style:family='text'>"
    "<style:text-properties style:text-position='super 58%'/></style:style>"
    "<style:style style:name='P1' style:family='paragraph'>"
    "<style:text-properties style:text-line-through-type='double'/></style:style>"
    "<style:style style:name='ce1' style:family='table-cell'>"
    "<style:text-properties style:text-line-through-type='single'/></style:style>"
    "<text:list-style style:name='L1'>"
    "<text:list-level-style-number text:level='1' style:num-format='1' style:num-suffix='.'/>"
    "<text:list-level-style-number text:level='2' style:num-format='ア, イ, ウ, ...' style:num-prefix='(' "
    "style:num-suffix=')'/></text:list-style>"
    "<text:list-style style:name='L2'><text:list-level-style-bullet text:level='1' text:bullet-char='•'/>"
    "</text:list-style>"
)


def _text(folder: Path, body: str) -> Document:
    return read_bytes(folder, "a.odt", open_document("text", body, automatic=STYLES))


def _lines(document: Document) -> list[str]:
    return [line for line in document.text.split("\n") if line.strip()]


def _tables(document: Document) -> list[list[list[str]]]:
    return [
        [[document.text[cell.start : cell.end] for cell in block.table.row(row)] for row in range(block.table.size[0])]
        for block in document.blocks
        if block.table
    ]


def _note(number: str, words: str, kind: str = "footnote") -> str:
    citation = f"<text:note-citation>{number}</text:note-citation>"
    if not number.isalnum():
        citation = f"<text:note-citation text:label='{number}'>{number}</text:note-citation>"
    return (
        f"<text:note text:note-class='{kind}'>{citation}<text:note-body><text:p>{words}</text:p></text:note-body>"
        "</text:note>"
    )


def _cell(words: str) -> str:
    return f"<table:table-cell><text:p>{words}</text:p></table:table-cell>"


def _row(*cells: str, of: str = "") -> str:
    inside = "".join(each if each.startswith("<") else _cell(each) for each in cells)
    return f"<table:table-row{of}>{inside}</table:table-row>"


def test_struck_out_words_of_a_text_are_told_at_the_end_and_stand_in_no_passage(tmp_path: Path) -> None:
    struck_cell = _cell("<text:span text:style-name='T1'>9</text:span>12")
    document = _text(
        tmp_path,
        "<text:tracked-changes><text:changed-region><text:deletion><text:p text:style-name='P1'>消した文。</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        "<text:p>手指消毒は入室時に<text:span text:style-name='T1'>石けんで<text:s/></text:span>"
        "<text:span text:style-name='T2'>30秒</text:span>15秒以上行う。</text:p>"
        "<text:p text:style-name='P1'>旧版は<text:span text:style-name='T3'>今も</text:span>棚にある。</text:p>"
        f"<table:table>{_row('品名', '数')}"
        f"{_row('熊手', struck_cell)}"
        "</table:table>",
    )
    struck = ["石けんで 30秒", "旧版は", "棚にある。", "9"]
    assert _lines(document) == [
        "手指消毒は入室時に15秒以上行う。",
        "今も",
        "品名\t数",
        "熊手\t12",
        *(f"（取り消し線：{words}）" for words in struck),
    ]
    assert {e.reason for e in document.excluded} == {"struck"}
    assert not any("（取り消し線" in passage.text for passage in CHUNKER.passages(document))


def test_notes_and_their_places_have_the_same_marks(tmp_path: Path) -> None:
    cell = _cell(f"12{_note('3', '予備を含む。')}")
    document = _text(
        tmp_path,
        f"<text:h text:outline-level='1'>潮の時刻{_note('1', '大潮の日。')}</text:h>"
        f"<text:p>浜は広い。{_note('i', '文末。', 'endnote')}貝は{_note('＊', '印。')}多い。</text:p>"
        f"<text:list><text:list-item><text:p>熊手{_note('2', '貸し出す。')}</text:p></text:list-item>"
        "<text:list-item><text:p>長靴</text:p></text:list-item></text:list>"
        f"<table:table>{_row('品名', '数')}"
        f"{_row('熊手', cell)}"
        "</table:table>",
    )
    assert _lines(document) == [
        "潮の時刻（注1）",
        "浜は広い（文末脚注i）。貝は＊多い。",
        "・熊手（注2）",
        "・長靴",
        "品名\t数",
        "熊手\t12（注3）",
        "（注1）大潮の日。",
        "＊印。",
        "（注2）貸し出す。",
        "（注3）予備を含む。",
        "（文末脚注i）文末。",
    ]
    assert _tables(document) == [[["品名", "数"], ["熊手", "12（注3）"]]]


def test_hidden_words_are_said_to_be_hidden_and_exponents_are_raised(tmp_path: Path) -> None:
    document = _text(
        tmp_path,
        "<text:p>定価は<text:span text:style-name='T4'>税抜きで</text:span>10"
        "<text:span text:style-name='T5'>3</text:span>円です。</text:p>",
    )
    assert _lines(document) == ["定価は（隠し文字：税抜きで）10³円です。"]


def test_items_have_the_numbers_that_a_reader_sees(tmp_path: Path) -> None:
    def items(*words: str) -> str:
        return "".join(
            f"<text:list-item><text:p>{each}</text:p></text:list-item>" if not each.startswith("<") else each
            for each in words
        )

    inner = "<text:list-item><text:p>印を押す。</text:p><text:list>" + items("認印", "実印") + "</text:list>"
    document = _text(
        tmp_path,
        f"<text:list text:style-name='L1'>{items('名前を書く。')}{inner}</text:list-item></text:list>"
        "<text:p>窓口に出します。</text:p>"
        f"<text:list text:style-name='L1' text:continue-numbering='true'>{items('控えを受け取る。', '帰る。')}"
        "</text:list>"
        f"<text:list text:style-name='L1'>{items('別の手順。', 'その次。')}</text:list>"
        f"<text:list text:style-name='L2'>{items('熊手', '長靴')}</text:list>",
    )
    assert _lines(document) == [
        "1. 名前を書く。",
        "2. 印を押す。",
        "(ア) 認印",
        "(イ) 実印",
        "窓口に出します。",
        "3. 控えを受け取る。",
        "4. 帰る。",
        "1. 別の手順。",
        "2. その次。",
        "・熊手",
        "・長靴",
    ]


def test_headings_have_their_numbers(tmp_path: Path) -> None:
    outline = (
        "<office:styles><text:outline-style>"
        "<text:outline-level-style text:level='1' style:num-format='1' style:num-prefix='第' style:num-suffix='章'/>"
        "<text:outline-level-style text:level='2' style:num-format='1' text:display-levels='2'/>"
        "</text:outline-style></office:styles>"
    )
    body = "".join(
        f"<text:h text:outline-level='{level}'>{words}</text:h>"
        for level, words in ((1, "潮"), (2, "満潮"), (2, "干潮"))
    )
    document = read_bytes(tmp_path, "a.odt", open_document("text", body, styles=outline))
    assert _lines(document) == ["第1章 潮", "1.1 満潮", "1.2 干潮"]


def test_comments_boxes_and_tables_within_lists_and_cells_are_read_in_their_places(tmp_path: Path) -> None:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    comment = "<office:annotation><dc:creator>浜野</dc:creator><text:p>確認する。</text:p></office:annotation>"
    inside = f"<table:table>{_row('大', '小')}{_row('3', '4')}</table:table>"
    document = _text(
        tmp_path,
        f"<text:list><text:list-item><text:p>熊手{comment}</text:p></text:list-item>"
        f"<text:list-item><text:p>長靴{box.format('寸法は要相談')}</text:p></text:list-item></text:list>"
        f"<table:table><table:table-header-rows>{_row('品名', '内訳')}</table:table-header-rows>"
        f"{_row('熊手', f'<table:table-cell><text:p>次の通り</text:p>{inside}</table:table-cell>')}</table:table>"
        f"<table:table>{_row('枠の中の文です。')}</table:table>",
    )
    assert _lines(document) == [
        "・熊手",
        "（コメント 浜野：確認する。）",
        "・長靴",
        "寸法は要相談",
        "品名\t内訳",
        "熊手\t次の通り",
        "熊手",
        "大\t小",
        "3\t4",
        "枠の中の文です。",
    ]
    assert _tables(document) == [[["品名", "内訳"], ["熊手", "次の通り"]], [["大", "小"], ["3", "4"]]]


def test_hidden_rows_and_columns_of_a_sheet_are_marked_and_struck_out_cells_are_told(tmp_path: Path) -> None:
    struck = "<table:table-cell table:style-name='ce1'><text:p>{}</text:p></table:table-cell>"
    part = "<table:table-cell><text:p><text:span text:style-name='T1'>7</text:span>8</text:p></table:table-cell>"
    filtered = " table:visibility='filter'"
    body = (
        "<table:table table:name='売上'><table:table-column/><table:table-column-group>"
        "<table:table-column table:visibility='collapse'/></table:table-column-group><table:table-column/>"
        f"{_row('品名', '原価', '在庫')}{_row('熊手', '500', part)}"
        f"{_row('長靴', '1800', '3', of=filtered)}"
        f"{_row(struck.format('軍手'), struck.format('90'))}</table:table>"
    )
    document = read_bytes(tmp_path, "a.ods", open_document("spreadsheet", body, automatic=STYLES))
    assert _tables(document) == [
        [["品名", "原価（非表示）", "在庫"], ["熊手", "500", "8"], ["長靴（非表示）", "1800", "3"]]
    ]
    assert _lines(document)[-3:] == ["（取り消し線：7）", "（取り消し線：軍手）", "（取り消し線：90）"]


def test_tables_beside_each_other_notes_and_shapes_of_a_sheet_are_read_as_those_of_excel(tmp_path: Path) -> None:
    note = "<table:table-cell><office:annotation><text:p>税抜き</text:p></office:annotation><text:p>800</text:p>"
    empty = "<table:table-cell/>"
    box = "<table:shapes><draw:frame><draw:text-box><text:p>担当は浜野</text:p></draw:text-box></draw:frame>"
    body = (
        f"<table:table table:name='表'>{box}</table:shapes>{_row('品名', '単価', empty, '店', '人数')}"
        f"{_row('熊手', f'{note}</table:table-cell>', empty, '浜店', '3')}"
        f"{_row('長靴', '2400', empty, '港店', '5')}</table:table>"
    )
    document = read_bytes(tmp_path, "a.ods", open_document("spreadsheet", body))
    assert _tables(document) == [
        [["品名", "単価"], ["熊手", "800"], ["長靴", "2400"]],
        [["店", "人数"], ["浜店", "3"], ["港店", "5"]],
    ]
    assert "（注：熊手 800 → 税抜き）" in _lines(document)
    assert _lines(document)[-1] == "担当は浜野"


def test_struck_out_words_of_a_slide_are_told_behind_it(tmp_path: Path) -> None:
    frame = "<draw:frame><draw:text-box><text:p>手数料は<text:span text:style-name='T1'>無料</text:span>3,000円です。"
    body = f"<draw:page>{frame}</text:p></draw:text-box></draw:frame></draw:page><draw:page/>"
    document = read_bytes(tmp_path, "a.odp", open_document("presentation", body, automatic=STYLES))
    assert _lines(document) == ["手数料は3,000円です。", "（取り消し線：無料）"]


def test_a_table_of_contents_is_shown_and_stands_in_no_passage(tmp_path: Path) -> None:
    contents = "<text:table-of-content><text:index-body><text:p>1 潮の時刻<text:tab/>2</text:p></text:index-body>"
    document = _text(tmp_path, f"{contents}</text:table-of-content><text:p>浜は広い。</text:p>")
    assert _lines(document) == ["1 潮の時刻\t2", "浜は広い。"]
    assert [passage.text for passage in CHUNKER.passages(document)] == ["浜は広い。"]


_CHART = (
    "<office:document-content><office:body><office:chart><chart:chart><chart:title><text:p>利用者の数</text:p>"
    "</chart:title><table:table table:name='local-table'><table:table-header-rows><table:table-row>"
    f"{_cell('')}{_cell('大人')}{_cell('子ども')}</table:table-row></table:table-header-rows><table:table-rows>"
    f"<table:table-row>{_cell('4月')}{_cell('120')}{_cell('45')}</table:table-row>"
    f"<table:table-row>{_cell('5月')}{_cell('150')}{_cell('60')}</table:table-row>"
    "</table:table-rows></table:table></chart:chart></office:chart></office:body></office:document-content>"
)
_EQUATION = (
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>S</mi><mo>=</mo><mfrac><mrow><mi>a</mi>'
    "<mi>h</mi></mrow><mn>2</mn></mfrac></mrow><annotation>S={a h} over 2</annotation></semantics></math>"
)
_FRAME = "<draw:frame><draw:object xlink:href='./{}'/><draw:image xlink:href='./ObjectReplacements/1'/></draw:frame>"
_ROWS = [["", "大人", "子ども"], ["4月", "120", "45"], ["5月", "150", "60"]]


def test_charts_are_tables_of_their_data_below_their_titles(tmp_path: Path) -> None:
    parts = {"Object 1/content.xml": _CHART}
    text = f"<text:p>次の図に示す。</text:p><text:p>{_FRAME.format('Object 1')}</text:p><text:p>以上</text:p>"
    document = read_bytes(tmp_path, "a.odt", open_document("text", text, parts=parts))
    assert _lines(document)[:2] == ["次の図に示す。", "利用者の数"]
    assert _tables(document) == [_ROWS]
    slide = f"<draw:page draw:name='1'>{_FRAME.format('Object 1')}</draw:page>"
    assert _tables(read_bytes(tmp_path, "a.odp", open_document("presentation", slide, parts=parts))) == [_ROWS]
    sheet = (
        f"<table:table table:name='表'><table:shapes>{_FRAME.format('Object 1')}</table:shapes><table:table-row>"
        f"{_cell('月別')}</table:table-row></table:table>"
    )
    document = read_bytes(tmp_path, "a.ods", open_document("spreadsheet", sheet, parts=parts))
    assert _ROWS in _tables(document)
    assert "利用者の数" in _lines(document)


def test_equations_stand_in_their_lines(tmp_path: Path) -> None:
    first, second = _FRAME.format("Object 2"), _FRAME.format("O3")
    body = f"<text:p>面積は{first}である。</text:p><text:p><text:span>式</text:span>{second}</text:p>"
    parts = {"Object 2/content.xml": _EQUATION, "O3/content.xml": _EQUATION}
    document = read_bytes(tmp_path, "a.odt", open_document("text", body, parts=parts))
    assert _lines(document) == ["面積はS=ah/2である。", "式S=ah/2"]


def test_an_object_that_is_damaged_or_missing_loses_no_more_than_itself(tmp_path: Path) -> None:
    body = f"<text:p>干潟{_FRAME.format('Object 1')}の図</text:p><text:p>{_FRAME.format('Object 9')}貝</text:p>"
    document = read_bytes(tmp_path, "a.odt", open_document("text", body, parts={"Object 1/content.xml": "<a><b></a>"}))
    assert _lines(document) == ["干潟の図", "貝"]
