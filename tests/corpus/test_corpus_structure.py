"""Lists, tables and headings of plain text and of values between commas, by how their lines look."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.chunking import Chunker
from rag.corpus import Document
from rag.corpus.blocks import Block
from tests.corpus.making import read_bytes


def read(folder: Path, text: str, name: str = "a.txt") -> Document:
    return read_bytes(folder, name, text.encode())


def of_kind(document: Document, *kinds: str) -> list[Block]:
    return [block for block in document.blocks if block.kind in kinds]


def items_of(document: Document) -> list[list[tuple[int, str]]]:
    """Depth and words of the items of each list."""
    return [
        [(depth, document.text[slice(*item)]) for depth, item in zip(block.depths, block.items, strict=True)]
        for block in of_kind(document, "list", "steps")
    ]


def rows_of(document: Document) -> list[list[list[str]]]:
    return [
        [[document.text[cell.start : cell.end] for cell in block.table.row(row)] for row in range(block.table.size[0])]
        for block in of_kind(document, "table")
        if block.table is not None
    ]


def test_a_mark_that_comes_again_comes_back_to_its_depth(tmp_path: Path) -> None:
    text = (
        "心得\n\n次のことを守る。\n１　確かめる。\n(1) 服装\n(2) 道具\n"
        "２　歩く。\n・右側\n－柵の内\n・静かに\n３　帰る。\n"
    )
    assert items_of(read(tmp_path, text)) == [
        [
            *((0, "１　確かめる。"), (1, "(1) 服装"), (1, "(2) 道具"), (0, "２　歩く。"), (1, "・右側")),
            *((2, "－柵の内"), (1, "・静かに"), (0, "３　帰る。")),
        ]
    ]


def test_bare_numbers_that_count_up_from_one_are_a_list(tmp_path: Path) -> None:
    document = read(tmp_path, "議事録\n\n決定事項\n1 水の備蓄は3,000本\n2 訓練は11月10日\n\n次回は未定です。\n")
    assert items_of(document) == [[(0, "1 水の備蓄は3,000本"), (0, "2 訓練は11月10日")]]
    assert not items_of(read(tmp_path, "人数\n\n12 名が来た日\n14 名が来た日\n"))


def test_an_item_behind_items_of_another_kind_is_no_heading(tmp_path: Path) -> None:
    text = (
        "規程\n\n対象者は次のとおりとする。\n"
        "(1) 一年以上の者\n(2) 家の環境が整う者\n"
        "ア　回線があること\nイ　錠があること\n(3) 長が認めた者\n\n届けは書面でする。\n"
    )
    document = read(tmp_path, text)
    assert "(3) 長が認めた者" not in [document.text[h.start : h.end] for h in document.headings]
    assert items_of(document)[0][-1] == (0, "(3) 長が認めた者")


def test_the_first_line_of_a_broken_paragraph_is_no_heading(tmp_path: Path) -> None:
    text = "事業報告\n\n　当会は、四月から翌年三月まで\nの間、海岸の清掃と調査を行った。参加者は\n延べ千人であった。\n"
    document = read(tmp_path, text)
    assert [document.text[h.start : h.end] for h in document.headings] == ["事業報告"]


def test_cells_below_each_other_with_spaces_between_are_a_table(tmp_path: Path) -> None:
    text = (
        "報告\n\n表１　参加者の推移\n\n年度      回数    人数\n"
        "令和3年     4      820\n令和4年     5    1,010\n\n以上です。\n"
    )
    document = read(tmp_path, text)
    assert rows_of(document) == [[["年度", "回数", "人数"], ["令和3年", "4", "820"], ["令和4年", "5", "1,010"]]]
    (block,) = of_kind(document, "table")
    assert block.table is not None
    assert block.table.header_rows == 1
    assert block.intro is not None
    assert document.text[slice(*block.intro)] == "表１　参加者の推移"
    prose = "挨拶\n\n東京は  雨でした\n今日は朝から  寒い日です\n明日も  きっと晴れます\n"
    assert not rows_of(read(tmp_path, prose))


@pytest.mark.parametrize(
    "text",
    [
        "┌──┬──┐\n│部署│内線│\n├──┼──┤\n│総務│101 │\n│経理│102 │\n└──┴──┘\n",
        "+------+------+\n| 部署 | 内線 |\n+------+------+\n| 総務 | 101  |\n| 経理 | 102  |\n+------+------+\n",
    ],
)
def test_tables_drawn_with_characters_are_tables(text: str, tmp_path: Path) -> None:
    assert rows_of(read(tmp_path, f"連絡先\n\n{text}")) == [[["部署", "内線"], ["総務", "101"], ["経理", "102"]]]


def test_labels_and_values_side_by_side_are_no_head(tmp_path: Path) -> None:
    text = (
        "申請書\n\n申請者\t海野清\t電話\t03-0000-0000\n使用日\t令和6年7月3日\t時間\t9時から\n目的\t定例会\t人数\t十人\n"
    )
    (block,) = of_kind(read(tmp_path, text), "table")
    assert block.table is not None
    assert block.table.header_rows == 0


def test_what_stands_above_comma_separated_values_is_none_of_them(tmp_path: Path) -> None:
    text = (
        "売上報告書,,,\n作成日,2024/7/1,,\n,,,\n支店,商品,数量,備考\n"
        '北,ねじ,120,"急ぎ\n分納可"\n南,ばね,80,\n,,,\n合計,,200,\n'
    )
    document = read(tmp_path, text, "a.csv")
    (rows,) = rows_of(document)
    assert rows[0] == ["支店", "商品", "数量", "備考"]
    assert rows[1] == ["北", "ねじ", "120", "急ぎ\n分納可"]
    assert rows[-1] == ["合計", "", "200", ""]
    assert [document.text[b.start : b.end] for b in of_kind(document, "paragraph")] == [
        "売上報告書,,,",
        "作成日,2024/7/1,,",
    ]


@pytest.mark.parametrize(("separator", "name"), [(";", "a.csv"), ("\t", "a.csv"), ("\t", "a.tsv"), ("|", "a.csv")])
def test_values_may_have_other_signs_between_them(separator: str, name: str, tmp_path: Path) -> None:
    lines = [("品番", "品名", "価格"), ("A-1", "ねじ", "1,5"), ("A-2", '"ば\nね"', "2,5")]
    document = read(tmp_path, "\n".join(separator.join(line) for line in lines) + "\n", name)
    assert rows_of(document) == [[["品番", "品名", "価格"], ["A-1", "ねじ", "1,5"], ["A-2", "ば\nね", "2,5"]]]


def test_a_revision_with_its_edition_tells_the_date(tmp_path: Path) -> None:
    assert (
        read(tmp_path, "検査要領\n文書番号 QM-014　改訂 第3版　2024年2月1日\n\n検査を行う。\n").metadata["date"]
        == "2024-02-01"
    )


# Markdown


def test_lists_of_markdown_are_nested_as_they_are_set_in(tmp_path: Path) -> None:
    text = "# 手引\n\n1. 起動する\n   - 電源を入れる\n\n     | 色 | 意味 |\n     |---|---|\n     | 緑 | 正常 |\n\n"
    text += "2. 終了する\n   1. 保存する\n   2. 切る\n\n本文です。\n\n* 甲\n    * 乙\n        * 丙\n* 丁\n"
    document = read(tmp_path, text, "a.md")
    assert items_of(document) == [
        [(0, "1. 起動する"), (1, "- 電源を入れる")],
        [(0, "2. 終了する"), (1, "1. 保存する"), (1, "2. 切る")],
        [(0, "* 甲"), (1, "* 乙"), (2, "* 丙"), (0, "* 丁")],
    ]
    assert rows_of(document) == [[["色", "意味"], ["緑", "正常"]]]
    assert all(a.end <= b.start for a, b in zip(document.blocks, document.blocks[1:], strict=False))


def test_footnotes_of_markdown_are_words(tmp_path: Path) -> None:
    document = read(tmp_path, "# 手引\n\n運用を述べる[^1]。\n\n[^1]: 四月改訂。\n[あ]: https://example.jp/\n", "a.md")
    left_out = [document.text[e.start : e.end] for e in document.excluded]
    assert left_out == ["[あ]: https://example.jp/"]


# HTML


def test_a_table_that_names_its_columns_may_have_lists_in_its_cells(tmp_path: Path) -> None:
    page = "<h1>料金の案内</h1><h2>会場</h2><table><tr><th>会場</th><th>設備</th></tr>"
    page += "<tr><td>ホール</td><td><ul><li>舞台</li><li>音響</li></ul></td></tr>"
    page += "<tr><td>和室</td><td><p>茶道具</p><p>炉</p></td></tr></table>"
    document = read(tmp_path, page, "a.html")
    assert rows_of(document) == [[["会場", "設備"], ["ホール", "舞台 音響"], ["和室", "茶道具 炉"]]]
    assert not document.excluded


def test_exponents_are_raised_behind_numbers(tmp_path: Path) -> None:
    page = "<h1>濃度</h1><p>菌は 2×10<sup>3</sup> 個で、水は H<sub>2</sub>O、注<sup>1</sup>を見よ。</p>"
    assert "2×10³ 個で、水は H2O、注1を見よ。" in read(tmp_path, page, "a.html").text


def test_a_page_that_says_when_it_was_revised_is_of_that_day(tmp_path: Path) -> None:
    page = (
        "<h1>利用案内</h1><p>図書館は平成30年4月に開館しました。最終更新日：2024年3月5日</p><p>どなたでも使えます。</p>"
    )
    assert read(tmp_path, page, "a.html").metadata["date"] == "2024-03-05"


# RTF


def test_notes_and_marks_of_items_of_rtf_are_read(tmp_path: Path) -> None:
    source = r"{\rtf1\ansi{\header head}\pard Ports{\super 1}{\footnote \pard Only \{north\} ones.} are open.\par "
    source += r"{\pntext\f0 1.\tab}Load\par {\pntext 2.\tab}Leave\par}"
    document = read(tmp_path, source, "a.rtf")
    assert document.text.split("\n")[:3] == ["Ports1 are open.", "1. Load", "2. Leave"]
    assert "Only {north} ones." in document.text
    assert document.text.endswith("\nhead\n")


def test_the_head_of_a_table_is_no_title(tmp_path: Path) -> None:
    page = "<table><tr><th>品名</th><th>数</th></tr><tr><td>浮き輪</td><td>二十四</td></tr></table>"
    assert read(tmp_path, page, "備品.html").title == "備品"


def test_items_that_a_word_and_a_number_tell_are_a_list(tmp_path: Path) -> None:
    document = read(tmp_path, "浜の会\n\n配布するもの\n資料１　潮見表\n資料２　浜の地図\n資料３　昨年の記録\n")
    assert items_of(document) == [[(0, "資料１　潮見表"), (0, "資料２　浜の地図"), (0, "資料３　昨年の記録")]]


def test_days_and_times_of_a_programme_are_items(tmp_path: Path) -> None:
    document = read(tmp_path, "浜の一日\n\n9:00　集合\n9:30〜11:00　貝掘り\n12:00　昼食\n\n6/2 清掃\n6/23（日） 訓練\n")
    assert [[words for _, words in items] for items in items_of(document)] == [
        ["9:00　集合", "9:30〜11:00　貝掘り", "12:00　昼食"],
        ["6/2 清掃", "6/23（日） 訓練"],
    ]


def test_what_is_set_in_below_an_item_or_a_value_goes_on_with_it(tmp_path: Path) -> None:
    text = "貝の洗い方\n\n手順１：水に浸す。\n　　　　砂が残れば、もう一度浸す。\n手順２：ふたを閉める。\n"
    text += "\n持ち物：水筒\n　　　　軍手\n"
    document = read(tmp_path, text)
    assert items_of(document) == [
        [(0, "手順１：水に浸す。\n　　　　砂が残れば、もう一度浸す。"), (0, "手順２：ふたを閉める。")]
    ]
    (form,) = of_kind(document, "form")
    assert [document.text[start:end] for start, end in form.items] == ["持ち物：水筒\n　　　　軍手"]


def test_the_next_paragraph_of_an_article_is_no_item_of_the_list_above(tmp_path: Path) -> None:
    text = "第2条　次の貝を採ってはならない。\n(1) 稚貝\n(2) 真珠貝\n"
    text += "２　前項の規定は、調査には及ばない。\n第3条　罰は定めない。\n"
    assert items_of(read(tmp_path, text)) == [[(0, "(1) 稚貝"), (0, "(2) 真珠貝")]]


def test_supplements_and_tables_behind_the_articles_are_sections(tmp_path: Path) -> None:
    text = "浜の規則\n\n（目的）\n第1条　この規則は浜を守る。\n（時間）\n第2条　浜は6時に開く。\n"
    text += "附　則\nこの規則は公布の日から施行する。\n"
    document = read(tmp_path, text + "附　則（令和5年改正）\n施行は5月とする。\n別表第1（第2条関係）\n浜　開門\n")
    headings = [document.text[heading.start : heading.end] for heading in document.headings]
    assert headings[-3:] == ["附　則", "附　則（令和5年改正）", "別表第1（第2条関係）"]


def test_an_answer_has_its_list_and_ends_before_the_next_question(tmp_path: Path) -> None:
    text = "## 浜は開いていますか？\n\nはい。\n\n**Q2: 何が要りますか。**\n\nA2: 次のものです。\n- 軍手\n- 熊手\n"
    document = read(tmp_path, text, "a.md")
    answers = [document.text[slice(*block.items[1])] for block in of_kind(document, "pair")]
    assert answers == ["はい。", "次のものです。\n- 軍手\n- 熊手"]


def test_names_with_values_have_no_head_whatever_the_values_are(tmp_path: Path) -> None:
    document = read(tmp_path, "氏名\t浜 渚\n年齢\t35歳\n住所\t浜町1\n\n貝\t値段\n浅蜊\t300円\n蛤\t600円\n")
    assert [block.table.header_rows for block in of_kind(document, "table") if block.table] == [0, 1]


def test_the_header_of_a_mail_that_is_passed_on_is_one(tmp_path: Path) -> None:
    document = read(tmp_path, "転送します。\n\n差出人: 浜\n日付: 2024年5月1日\n件名: 潮\n\n潮は6時です。\n")
    (header,) = of_kind(document, "mail-header")
    assert len(header.items) == 3


def test_the_last_item_is_no_heading_whatever_stands_below(tmp_path: Path) -> None:
    text = (
        "次に掲げるものをいう。\n　　イ　捏造\n　　ロ　改ざん\n　　ハ　盗用\n２　"
        + "前項の規定にかかわらず、" * 4
        + "とする。\n"
    )
    document = read(tmp_path, text)
    assert items_of(document)[0] == [(0, "イ　捏造"), (0, "ロ　改ざん"), (0, "ハ　盗用")]
    assert not [heading for heading in document.headings if document.text.startswith("ハ", heading.start)]


def test_items_may_begin_with_numbers(tmp_path: Path) -> None:
    document = read(tmp_path, "手順\n\n1. 1階で名前を書く。\n2. 3日以内に返す。\n3. 退館する。\n")
    assert [words for _, words in items_of(document)[0]] == [
        "1. 1階で名前を書く。",
        "2. 3日以内に返す。",
        "3. 退館する。",
    ]


def test_measured_values_behind_numbers_are_no_items(tmp_path: Path) -> None:
    assert not items_of(read(tmp_path, "結果\n\n1. 25.3\n2. 18\n3. 1,200\n"))


def test_a_divider_ends_an_answer_and_is_no_item(tmp_path: Path) -> None:
    document = read(tmp_path, "Q. ピークが割れる\nA. カラムを交換する。\n－－－－－－\n担当は古川です。\n")
    answers = {document.text[slice(*block.items[1])].removeprefix("A. ") for block in of_kind(document, "pair")}
    assert answers == {"カラムを交換する。"}
    assert not items_of(document)


def test_a_table_that_is_set_in_below_an_item_is_one(tmp_path: Path) -> None:
    text = (
        "１　対象\n　(1) 貨物船\n　(2) 旅客船\n２　使用料\n"
        "　　　　区分　　　　　現行　　　改定後\n　　　　１２時間まで　　８円　　　１０円\n"
        "　　　　２４時間まで　１２円　　　１５円\n"
    )
    assert rows_of(read(tmp_path, text)) == [
        [["区分", "現行", "改定後"], ["１２時間まで", "８円", "１０円"], ["２４時間まで", "１２円", "１５円"]]
    ]


def test_rows_with_an_empty_cell_are_of_the_table(tmp_path: Path) -> None:
    text = (
        "緊急連絡網（3年2組）\n\n氏名        電話            備考\n相原 健     090-0000-0001   委員長\n"
        "伊藤 茜     090-0000-0002\n宇野 渉                     副委員長\n"
    )
    assert rows_of(read(tmp_path, text)) == [
        [
            ["氏名", "電話", "備考"],
            ["相原 健", "090-0000-0001", "委員長"],
            ["伊藤 茜", "090-0000-0002", ""],
            ["宇野 渉", "", "副委員長"],
        ]
    ]


def test_what_closes_a_letter_is_no_part_of_its_last_item(tmp_path: Path) -> None:
    last = "３　連絡先　　環境部ごみ減量課　資源係　電話０４５－１２３－４５６７　電子メールでも可"
    document = read(tmp_path, f"１　写し\n２　原本\n{last}\n以　上\n")
    assert items_of(document)[0][-1][1] == last


def test_whom_a_letter_is_from_is_no_heading_and_notes_have_their_first_line_as_title(tmp_path: Path) -> None:
    letter = (
        "緑環第123号\n令和7年10月20日\n各自治会長　様\n緑台市環境部長　森　一郎\n"
        "資源回収の報奨金の交付について（通知）\n"
        "日頃より市政にご協力いただき、厚くお礼申し上げます。下記のとおり交付しますので、申請してください。\n"
    )
    document = read(tmp_path, letter)
    assert [document.text[h.start : h.end] for h in document.headings] == ["資源回収の報奨金の交付について（通知）"]
    assert (
        read(tmp_path, "議事メモ 2025/11/05\n出席: 田中、鈴木\n\n納期は12月とする。\n").title == "議事メモ 2025/11/05"
    )
    assert (
        read(tmp_path, "■ 装置名：液体クロマトグラフ\n\n使う前に三十分待ちます。\n").title
        == "装置名：液体クロマトグラフ"
    )


def test_heads_of_two_lines_reach_over_the_columns_that_they_name(tmp_path: Path) -> None:
    text = "品番,品名,入庫,,出庫\n,,数量,日付,数量\nA-001,バルブ,20,2025/10/01,5\nA-002,座金,100,2025/10/03,40\n"
    assert rows_of(read(tmp_path, text, "a.csv"))[0][:2] == [
        ["品番", "品名", "入庫", "出庫"],
        ["品番", "品名", "数量", "日付", "数量"],
    ]
    (block,) = of_kind(read(tmp_path, text, "a.csv"), "table")
    assert block.table is not None
    assert (block.table.grid[0, 3].columns, block.table.grid[1, 0].rows) == (2, 2)


def test_a_row_of_tabs_may_begin_with_an_empty_cell(tmp_path: Path) -> None:
    document = read(tmp_path, "便名\t出港\t入港\n\t神戸\t那覇\nS101\t18:00\t7:00\nS103\t18:30\t7:30\n", "a.tsv")
    (block,) = of_kind(document, "table")
    assert block.table is not None
    cell = block.table.grid[1, 1]
    assert document.text[cell.start : cell.end] == "神戸"


def test_several_items_of_a_line_are_a_list(tmp_path: Path) -> None:
    items = ["（１）退会届を出したとき", "（２）死亡したとき", "（３）除名されたとき"]
    lines = ["会員は、次の場合に資格を失う。", "　".join(items), "第７条　会費は返さない。"]

    assert items_of(read(tmp_path, "\n".join(lines))) == [[(0, item) for item in items]]
    assert items_of(read(tmp_path, "前項（２）の場合は、（１）により扱う。\n")) == []


def test_items_behind_the_sentence_that_leads_to_them_are_a_list(tmp_path: Path) -> None:
    line = "第3条　車は、次のいずれかに当たるときに使える。(1) 交通の便がない時間帯　(2) 重い荷を運ぶとき"
    document = read(tmp_path, f"規則\n\n{line}\n第4条　費用は会社が持つ。\n")
    (found,) = of_kind(document, "list")

    assert items_of(document) == [[(0, "(1) 交通の便がない時間帯"), (0, "(2) 重い荷を運ぶとき")]]
    assert found.intro is not None and document.text[slice(*found.intro)] == line.partition("(1)")[0]


def test_the_items_of_an_article_are_a_list_though_they_look_like_labels(tmp_path: Path) -> None:
    text = "第8条　会に次の役員を置く。\n一　会長　１名\n二　副会長　２名\n三　監事　２名\n"

    assert items_of(read(tmp_path, text)) == [[(0, "一　会長　１名"), (0, "二　副会長　２名"), (0, "三　監事　２名")]]
    assert of_kind(read(tmp_path, text.replace("次の役員を置く。", "次のとおり役員を置く。")), "form")


def headings_of(document: Document) -> list[str]:
    return [document.text[heading.start : heading.end] for heading in document.headings]


@pytest.mark.parametrize("leader", ["……", "･････････", " ............ ", "・・・・・・・", "────────", "……………… p. "])
def test_lines_that_lead_to_pages_are_contents_and_no_headings(tmp_path: Path, leader: str) -> None:
    names = ["第1章 総則", "第2章 採用の手続と試用の期間", "2-1 面接", "別表"]
    contents = [f"{name}{leader}{page}" for page, name in enumerate(names, 1)]
    body = "第1章 総則\n\nこの規則は、職員の就業に関して必要な事項を定める。\n"
    document = read(tmp_path, "\n".join(["就業規則", "", "目次", *contents, "", body]))
    assert headings_of(document) == ["就業規則", "第1章 総則"]
    (excluded,) = document.excluded
    assert document.text[excluded.start : excluded.end] == "\n".join(["目次", *contents])

    bare = read(tmp_path, "\n".join([*contents, "この規則は、職員の就業に関して必要な事項を定める。"]))
    assert not headings_of(bare) and not bare.title.startswith("第1章")


def test_a_table_of_contents_may_be_called_so_in_english(tmp_path: Path) -> None:
    body = "1. Pump\n\nThe pump stands on the floor.\n\n2. Valve\n\nTurn it.\n"
    text = f"Guide\n\nTable of Contents\n\n1. Pump\n2. Valve\n\n{body}"
    (excluded,) = read(tmp_path, text).excluded
    assert excluded.reason == "navigation" and text[excluded.start : excluded.end].startswith("Table of Contents")


def test_a_line_above_a_rule_is_a_heading_whatever_stands_below(tmp_path: Path) -> None:
    text = "概要\n====\nこの文書は手引きである。\n手順\n----\n1. 電源を入れる。\n2. 起動する。\n\n"
    text += "連絡先\n------\n内線 12\n"
    assert headings_of(read(tmp_path, text)) == ["概要", "手順", "連絡先"]
    rule = "-" * 16
    table = f"一覧\n\n番号  名称    年\n{rule}\n1     ポンプ  2010\n2     送風機  2015\n{rule}\n以上です。\n"
    assert headings_of(read(tmp_path, table)) == ["一覧"]


@pytest.mark.parametrize(
    "head",
    [
        *("在庫表\n", "在庫表\n\n", '"在庫表（単位：個）"\n', "在庫表,\n", "在庫表\n2024年5月1日現在\n"),
    ],
)
def test_a_title_above_two_columns_is_no_row(tmp_path: Path, head: str) -> None:
    document = read(tmp_path, f"{head}品名,数量\nねじ,10\n釘,20\n", "a.csv")
    assert rows_of(document) == [[["品名", "数量"], ["ねじ", "10"], ["釘", "20"]]]
    assert document.blocks[0].kind == "paragraph"
    (table,) = of_kind(document, "table")
    assert table.table is not None and table.table.header_rows == 1


def test_one_column_and_a_row_with_one_cell_are_rows(tmp_path: Path) -> None:
    assert rows_of(read(tmp_path, "氏名\n山田\n佐藤\n", "a.csv")) == [[["氏名"], ["山田"], ["佐藤"]]]
    assert len(rows_of(read(tmp_path, "山田,12\n佐藤,\n鈴木,30\n", "a.csv"))[0]) == 3


def test_what_is_set_in_below_a_value_behind_a_tab_goes_on_with_it(tmp_path: Path) -> None:
    document = read(tmp_path, "お知らせ\n\n日時\t5月1日\n議題\t予算について\n\t人事について\n\n以上です。\n")
    assert rows_of(document) == [[["日時", "5月1日"], ["議題", "予算について\n\t人事について"]]]


def test_labels_with_colons_before_tabs_are_no_heads(tmp_path: Path) -> None:
    document = read(tmp_path, "申込\n\nお名前：\t山田太郎\nご住所：\t浜市北浜1-2-3\n電話番号：\t012-345-6789\n")
    (table,) = of_kind(document, "table")
    assert table.table is not None and table.table.header_rows == 0


def test_the_answer_to_the_last_marked_question_ends_where_another_section_begins(tmp_path: Path) -> None:
    text = "Ｑ１．予約はいつからですか。\nＡ１．三か月前からです。\n\n"
    text += "Ｑ２．取消料はかかりますか。\nＡ２．前日まで無料です。\n\n{}"
    for section in (
        "お問い合わせ\n電話 012-345-6789（平日）\n",
        "以上\n\n令和6年4月1日\n",
        "3 利用のきまり\n(1) 静かに\n(2) 禁煙\n",
    ):
        document = read(tmp_path, text.format(section))
        last = of_kind(document, "pair")[-1]
        assert document.text[last.start : last.end].endswith("前日まで無料です。"), section
    document = read(tmp_path, text.format("ただし、団体は一週間前から半額をいただきます。\n"))
    last = of_kind(document, "pair")[-1]
    assert document.text[last.start : last.end].endswith("いただきます。")


def test_markup_at_the_end_of_a_line_and_at_the_head_of_the_next_glues_no_words(tmp_path: Path) -> None:
    text = "# バックアップの**手順**\n\n[管理画面](https://example.com/a)を開き、**停止**を押す。\n"
    document = read(tmp_path, text, "a.md")
    assert all("\n" not in document.text[each.start : each.end] for each in document.excluded)
    counted = Chunker(120, 1, 480, lambda texts: [len(text) for text in texts])
    (passage,) = counted.passages(document)
    assert passage.words.split("\n")[0] == "バックアップの手順"


def test_a_label_that_fills_its_column_up_to_a_single_space_is_a_cell(tmp_path: Path) -> None:
    text = "委員長　　山田　太郎　　浜大学教授\n副委員長　佐藤　花子　　浜市医師会\n委　員　　鈴木　一郎　　市民公募\n"
    assert rows_of(read(tmp_path, f"委員名簿\n\n{text}"))[0][1] == ["副委員長", "佐藤　花子", "浜市医師会"]


@pytest.mark.parametrize(
    ("rows", "heads"),
    [
        (["件名\t空調機の更新", "有効期限\t発行後30日"], 0),
        (["申請者\t浜市北町 山田太郎", "利用日時\t7月1日", "人数\t30人\t料金\t1,500円", "備考\tなし"], 0),
        (["問\t答", "開館時間は\t9時から", "休館日は\t月曜"], 1),
        (["Ｑ\tＡ", "開館時間は\t9時から", "休館日は\t月曜"], 1),
        (["期限\t方法\t備考", "5月\t郵送\tなし", "6月\t窓口\tあり"], 1),
    ],
)
def test_forms_have_no_heads_and_questions_with_answers_have_one(tmp_path: Path, rows: list[str], heads: int) -> None:
    (table,) = of_kind(read(tmp_path, "\n".join(["書類", "", *rows, "", "以上です。"])), "table")
    assert table.table is not None and table.table.header_rows == heads
