"""What is marked as boilerplate on pages of several kinds, and above all what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus import Document, read_document
from rag.corpus.assembly import document_of
from rag.corpus.cleaning.boilerplate import find_boilerplate
from rag.corpus.cleaning.lines import lines_of
from rag.corpus.formats.parsed import Parsed

FIXTURES = Path(__file__).parent / "fixtures"

EXCLUDED: dict[str, dict[str, list[str]]] = {
    "news.txt": {
        "navigation": [
            "ホーム",
            "ログイン",
            "みなと新報デジタル > 経済 > 港湾",
            "次の記事: 冬の味覚まつり開催へ",
            "会社概要 | 利用規約",
        ],
        "byline": ["みなと新報\nみなと新報"],
        "share": ["LINEで送る", "はてなブックマーク", "この記事をシェアする"],
        "player": ["▶ 記事を音声で聴く", "0:00 / 4:12"],
        "promotion": ["\n広告\n"],
        "related": ["関連記事\n無人トラックの実験、隣県でも", "人気記事ランキング", "2 新駅の名前を募集"],
        "comments": ["コメント(3)", "コメントを書く", "名前\nメールアドレス\n送信"],
        "notice": ["© 2024 みなと新報社"],
    },
    "blog.txt": {
        "notice": ["本ページはプロモーションが含まれています"],
        "navigation": ["目次\n1. なぜ静かにしたいのか\n2. 試した部品\n3. まとめ", "↓↓↓"],
        "share": ["「いいね」とフォローをお願いします!", "Pocket", "タイトルとURLをコピーしました"],
        "related": ["あわせて読みたい", "机の高さを1センチ変えたら肩が楽になった"],
        "comments": [
            "コメントを残す コメントをキャンセル",
            "メールアドレスが公開される",
            "次回のコメントで使用する",
            "Akismet",
        ],
    },
    "press.txt": {
        "promotion": ["今なら最大20%OFF", "ご興味のある方は", "資料を無料でダウンロードする", "まずは無料で相談する"],
        "navigation": ["ページトップへ戻る"],
        "notice": ["All rights reserved"],
    },
    "recipe.txt": {
        "navigation": ["レシピへジャンプ"],
        "share": ["このレシピを印刷する", "お気に入りに追加", "クリックして応援をお願いします!"],
        "promotion": ["スポンサーリンク", "無料メルマガ登録はこちら"],
        "related": ["おすすめのレシピ\n里芋のそぼろあん\nごぼうの唐揚げ"],
    },
    "faq.txt": {"share": ["この情報は役に立ちましたか?"], "navigation": ["トップへ戻る"]},
    "municipal.txt": {
        "navigation": ["本文へスキップ", "文字サイズ", "トップページ > くらし・手続き", "サイトマップ", "免責事項"],
        "share": ["このページは役に立ちましたか?"],
        "notice": ["© 2025 Kitahama City"],
    },
    "manual.md": {"front-matter": ["title:"], "navigation": ["Skip to content", "Back to top"]},
    "newsletter.txt": {
        "navigation": ["Skip to main content"],
        "share": ["Share on Facebook", "Copy link"],
        "player": ["Listen to this article", "Loading the ReadAloud Audio Player..."],
        "promotion": ["“Reading Tides with Python” shows you", "Enroll now", "Subscribe to our newsletter"],
        "related": ["Related Articles", "A winter of storms"],
        "comments": ["Leave a Reply", "Required fields are marked", "Name *", "Post Comment"],
        "notice": ["© 2024 The Harbour Letter"],
    },
}

KEPT: dict[str, list[str]] = {
    "news.txt": [
        "港の無人搬送車、来春から本格運用へ",
        "港南市は8日",
        "「市民から寄せられたコメントを残すための窓口も設けた」",
        "国内でのシェアは合わせて72%に達する。関連記事を読んだ読者からは",
        "来年度の課題",
        "市は来年度、対象の埠頭を",
    ],
    "blog.txt": [
        "夜中に作業すると",
        "・Oリング\n・シリコンの敷物\n・潤滑剤",
        "この方法をブログでシェアすると",
        "コメントで教えてもらった部品も",
        "最後まで読んでいただき",
    ],
    "press.txt": [
        "購入者にクーポンを進呈するキャンペーンを行います。",
        "年間の電気代は約2万4,000円です。",
        "■ お問い合わせ先\n水辺電機株式会社 広報室 電話 000-0000-0000",
    ],
    "recipe.txt": [
        "シャキシャキした歯ごたえ",
        "材料(2人分)\nれんこん 200g",
        "3. 調味料を加えて",
        "冷蔵庫で3日ほど保存できます。",
    ],
    "faq.txt": [
        "Q. 会員登録はどうすればできますか?",
        "以下のフォームから必要事項を入力し、お申し込みください。",
        "A. 資料をダウンロードする方法は、ログイン後に",
        "Q. コメントを残すことはできますか?",
        "メールアドレスが他の利用者に公開されることはありません。",
        "Q. 関連記事が表示されないのはなぜですか?",
        "登録を解除したい場合は、下記の電話番号にお問い合わせください。",
    ],
    "municipal.txt": [
        "粗大ごみは有料です。",
        "参加を希望する方は、下記のフォームからお申し込みください。",
        "申請書のダウンロードはこちら",
        "詳しくは以下の表をご覧ください。",
        "布団\t300円\n机\t900円",
        "お問い合わせ\n\n環境部 清掃課\n電話:000-000-0000",
    ],
    "manual.md": [
        "## コメントを残す",
        "コメントを残すには、記事の下の入力欄に書き込み",
        "## 隠しファイルを表示する",
        "関連記事\nshare: この記事をシェアする",
        "関連記事の枠には",
    ],
    "newsletter.txt": [
        "Dear readers, the tide tables",
        "Please leave a comment at the harbour office",
        "Related articles are printed on the last page, and you can sign up now or later.",
    ],
}


def _read(name: str) -> Document:
    return read_document(FIXTURES / name)


@pytest.mark.parametrize("name", sorted(EXCLUDED))
def test_what_surrounds_an_article_is_marked_with_its_reason(name: str) -> None:
    document = _read(name)
    for reason, pieces in EXCLUDED[name].items():
        for piece in pieces:
            start = document.text.index(piece)
            words = start + len(piece) - len(piece.lstrip())
            covering = [e.reason for e in document.excluded if e.start <= words < e.end]
            assert covering == [reason], piece


@pytest.mark.parametrize("name", sorted(KEPT))
def test_no_sentence_of_an_article_is_marked(name: str) -> None:
    document = _read(name)
    for piece in KEPT[name]:
        start = document.text.index(piece)
        assert [e for e in document.excluded if e.start < start + len(piece) and start < e.end] == [], piece


@pytest.mark.parametrize(
    "sentence",
    [
        "コメントを残すという行為には、読者の信頼が表れる。",
        "当社のシェア率は昨年の三割から四割に上がった。",
        "関連記事を読み比べると、論点の違いが見えてくる。",
        "資料をダウンロードする方法は、次の章で説明する。",
        "会員登録が必要かどうかは、施設によって異なります。",
        "広告は、新聞の収入の半分を占めていた。",
        "この記事を書いた人は、後に作家になった。",
        "ご希望の方は、窓口で整理券を受け取ってください。",
        "キャンペーンは3月1日に始まり、購入者には500円のクーポンが配られた。",
        "以下の手順をご覧ください。",
        "資料はどこで手に入りますか?",
        "無料で利用できる時間は30分です。",
        "プレーヤーの読み込み中に電源を切らないでください。",
        "Leave a comment in the code wherever the formula is not obvious.",
        "You can sign up now or wait until the spring term begins.",
        "Loading the player took four seconds on the old machine.",
        "$100",
        "「……」",
        "3",
    ],
)
def test_a_sentence_that_talks_about_such_things_is_kept(sentence: str) -> None:
    before, after = "前の段落がここにあり、少し長めの文が続きます。", "次の段落もここにあり、話は先へ進みます。"
    text = f"ある見出し\n\n{before}\n\n{sentence}\n\n{after}"
    document = document_of("a.txt", Parsed(text), {})
    assert document.excluded == ()


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (
            "Loading the ReadAloud Audio Player... The tide comes earlier this year.",
            "The tide comes earlier this year.",
        ),
        ("Loading video player… 潮は今年、早く満ちる。", "潮は今年、早く満ちる。"),
    ],
)
def test_only_the_caption_goes_where_it_shares_a_line_with_the_article(line: str, rest: str) -> None:
    document = document_of("a.txt", Parsed(f"見出しの行\n\n{line}\n"), {})
    [exclusion] = document.excluded
    assert exclusion.reason == "player"
    assert document.text[exclusion.end :].strip() == rest


def test_the_repeated_title_is_marked_and_the_first_kept() -> None:
    title = "干潟の生き物を守る新しい条例が可決"
    text = f"{title}\n\n{title}\n\n市議会は20日、条例を可決した。施行は来年の四月になる。\n\n{title} | きたはま通信\n"
    document = document_of("a.txt", Parsed(text), {})
    assert [document.line(e.start) for e in document.excluded if e.reason == "duplicate-title"] == [3, 7]
    assert document.title == title
    assert [document.text[h.start : h.end] for h in document.headings] == [title]


def test_a_button_that_unfolds_the_sections_below_is_navigation() -> None:
    text = (
        "条例の要点\n\n背景・影響を表示\n背景\n貝の数が十年で三割に減っていた。\n影響\n漁に出られる日が月に二日減る。\n"
    )
    document = document_of("a.txt", Parsed(text), {})
    assert [(document.text[e.start : e.end], e.reason) for e in document.excluded] == [
        ("背景・影響を表示", "navigation")
    ]


def test_a_list_of_topics_is_not_a_menu() -> None:
    topics = "政治\n経済\n国際\nスポーツ"
    text = (
        f"調査の分野\n\n調べた分野は次のとおりで、回答は千件あった。\n\n{topics}\n\n回答が最も多かったのは経済である。"
    )
    assert document_of("a.txt", Parsed(text), {}).excluded == ()


PIECES = st.sampled_from(
    [
        "関連記事",
        "コメントを残す",
        "名前",
        "ホーム",
        "ログイン",
        "検索",
        "目次",
        "1. 背景",
        "",
        "",
        "この記事をシェアする",
        "いますぐ資料を見る▶",
        "サービスの詳細は以下をご覧ください。",
        "潮は早く満ちる。漁に出る日が減った。サービスの詳細は以下をご覧ください。",
        "Loading the Audio Player... 潮は早く満ちる。",
        "Learn how to fish. Sign up now",
        "【要点】",
        "第1章 はじめに",
        "短い見出し",
        "市議会は20日、貝の採取を制限する条例を全会一致で可決した。",
        "Q. 何時に開きますか?",
    ]
)


@given(st.lists(PIECES | st.text(max_size=40), min_size=1, max_size=25))
@settings(max_examples=150, deadline=None)
def test_spans_are_in_order_within_the_text_and_apart(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    document = document_of("a.txt", Parsed(text), {})
    assert document.text == text
    ends = [0]
    for exclusion in document.excluded:
        assert ends[-1] <= exclusion.start < exclusion.end <= len(text)
        assert text[exclusion.start : exclusion.end].strip() == text[exclusion.start : exclusion.end]
        ends.append(exclusion.end)
    assert list(document.headings) == sorted(document.headings, key=lambda heading: heading.start)
    for heading in document.headings:
        assert text[heading.start : heading.end].strip()
        assert "\n" not in text[heading.start : heading.end]
        assert 1 <= heading.level <= 6
        assert not any(e.start < heading.end and heading.start < e.end for e in document.excluded)


@given(st.lists(PIECES, max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_line_is_marked_once(pieces: list[str]) -> None:
    found = find_boilerplate(lines_of("\n".join(pieces)))
    assert len({exclusion.start for exclusion in found}) == len(found)
