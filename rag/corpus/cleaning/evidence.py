"""Whether a text was saved from a web page: only then are its short lines judged as buttons, menus and forms.

``広告``, ``PR``, 詳細を表示 and お問い合わせはこちら stand in reports and manuals too, so they tell nothing. What counts are
words that only a page says of itself, at least two of them, of different kinds or on lines apart.
"""

from __future__ import annotations

# ruff: noqa: E501
import re
from collections.abc import Sequence

from rag.corpus.cleaning.lines import Line

_MOST_CHARS = 160
_EDGE_LINES = 8
_NEEDED = 2

_NETWORK = r"(?:X|Twitter|Facebook|LINE|はてな(?:ブックマーク)?|はてブ|Pocket|LinkedIn|Pinterest|Instagram|Bluesky|Threads|note)"
_THIS = r"(?:この|本|当)(?:記事|ページ|投稿|エントリー?|ブログ|レシピ|動画)"

_SIGNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_THIS}を(?:シェア|ツイート|ポスト|印刷|拡散)(?:する|しよう)?!?|{_NETWORK}(?:で|に)(?:シェア|ポスト|ツイート|送る|追加)(?:する)?",
        r"(?:タイトルと)?URLを?コピー(?:する|しました)!?|share (?:this|on) .{1,30}|tweet this|copy link|follow us on .{1,30}",
        rf"(?:{_THIS}|この情報)は(?:お)?(?:役|参考)に(?:立ち|なり)ましたか\??|was this (?:article|page) helpful\??",
        rf"{_THIS}が(?:気に入|参考にな|役に立).{{0,80}}(?:お願い(?:いた)?します|フォロー|応援).{{0,20}}",
        r"メールアドレスが公開されることはありません。.{0,60}|次回のコメントで使用するため.{0,60}|your email address will not be published.{0,80}",
        r"コメントを残す コメントをキャンセル|このサイトはスパムを低減するために.{0,80}|save my name, email.{0,100}|leave a reply(?: cancel reply)?",
        r"(?:本文|メインコンテンツ|コンテンツ|ナビゲーション)(?:へ|に|まで)スキップ(?:する)?|skip to (?:the )?(?:main )?(?:content|navigation)",
        r"(?:この)?ページの?(?:トップ|先頭|上部)(?:へ|に)戻る|トップ(?:ページ)?(?:へ|に)戻る|back to (?:the )?top|page ?top",
        r"(?:前|次)の記事\s*[:»>«<].{1,80}|.{2,50}でもっと(?:読む|見る)|.{0,40}まとめ読み(?:する)?|レシピへ(?:ジャンプ|スキップ)|jump to recipe",
        r"(?:copyright\s*)?(?:©|\(c\)).{1,100}|.{0,60}all rights reserved\.?|copyright \d{4} .{1,80}",
        r"(?:we|this (?:web)?site) uses? cookies.{0,100}|(?:当|本)(?:ウェブ)?サイト(?:では|は).{0,60}(?:Cookie|クッキー).{0,60}|accept all cookies",
        r"スポンサー(?:ド)?(?:リンク|サイト)|.{0,3}(?:当|本)(?:記事|ページ|サイト|ブログ)(?:に?は|で?は)、?.{0,20}(?:アフィリエイト|プロモーション).{0,40}",
        r"loading .{0,60}(?:player|video|widget).{0,20}|\d{1,2}:\d\d\s*/\s*\d{1,2}:\d\d|listen to this article|.{0,6}記事を音声で聴く",
        r"(?:トップ(?:ページ)?|ホーム|HOME)(?:\s*[>›»≫]\s*[^<>›»≫]{1,40}){2,8}.*(?:ごみ|くらし|ニュース|お知らせ|カテゴリ|記事|コラム|ブログ|製品情報).*",
        r"(?:関連記事|あわせて読みたい|related articles|人気記事ランキング|あなたにおすすめ(?:の記事)?)",
        r"コメント\s*\(\d+\)|コメントを(?:残す|書く)|post comment",
    )
)
_LISTED = re.compile(r"[-*・•●○□■◆▪「『(（]|[0-9０-９]{1,2}[.)．）、]")


def is_saved_page(lines: Sequence[Line]) -> bool:
    """Whether several lines say that this is a page's text."""
    signs: set[int] = set()
    for line in lines:
        if len(line.text) > _MOST_CHARS or _LISTED.match(line.text):
            continue
        number = _sign(line)
        if number is not None:
            signs.add(number)
            if len(signs) >= _NEEDED:
                return True
    return _title_with_site(lines)


def _sign(line: Line) -> int | None:
    return next((number for number, sign in enumerate(_SIGNS) if sign.fullmatch(line.bare)), None)


def _title_with_site(lines: Sequence[Line]) -> bool:
    """Whether the first line comes again at the end with the site's name behind it, as browsers name a page."""
    if not lines or len(lines[0].key) < 8:
        return False
    title = lines[0].bare
    for line in lines[1:][-_EDGE_LINES:]:
        rest = line.bare[len(title) :].strip() if line.bare.startswith(title) else ""
        if 1 < len(rest) <= 40 and rest[0] in "-|–—" and not line.has_sentence_end:
            return True
    return False
