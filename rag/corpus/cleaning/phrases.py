"""What the words around an article say: phrases of buttons, forms, menus and advertisements, in Japanese and English.

Every pattern has to match the whole of a short line (``Line.bare``: NFKC, no arrows or bullets at the edges). "Strong" phrases
say on their own what they are; "weak" ones ("名前", "ホーム", "Twitter") could be a heading or an item of a list and count only among others.
"""

from __future__ import annotations

# A pattern on one line is easier to check than one cut in pieces.
# ruff: noqa: E501
import re

from rag.corpus.document import ExclusionReason


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_NETWORK = r"(?:X|Twitter|Facebook|LINE|はてな(?:ブックマーク)?|はてブ|Pocket|LinkedIn|Pinterest|Instagram|Bluesky|Threads|note|メール|Email)"
_THIS = r"(?:この|本|当)(?:記事|ページ|投稿|エントリー?|ブログ|レシピ|動画|回答|情報)"

STRONG: dict[ExclusionReason, re.Pattern[str]] = {
    "share": _any(
        rf"(?:{_THIS}を)?(?:シェア|ツイート|リツイート|ポスト|拡散)(?:する|しよう|してください)!?",
        rf"{_THIS}を(?:シェア|ツイート|ポスト|共有|印刷|保存|拡散|ブックマーク)(?:する|しよう)?!?",
        rf"{_NETWORK}(?:で|に|へ|を)(?:シェア|ポスト|ツイート|送る|保存|共有|投稿|ブックマーク|追加|フォロー)(?:する)?",
        r"(?:タイトルと)?(?:URL|リンク)(?:を|の)?コピー(?:する|しました|完了)?!?",
        r"(?:クリップボードに)?コピーしました!?",
        r"(?:この(?:ブログ|著者|タグ)を)?フォローする|(?:お気に入り|ブックマーク)(?:に|へ)(?:追加|登録|保存)(?:する)?",
        r"share(?: this)?(?: (?:article|post|page|story))?(?: (?:on|via|with) .{1,20})?|tweet this|copy (?:link|url)|link copied!?",
        r"click to share on .{1,30}|follow us(?: on .{1,30})?|email this(?: (?:article|page|post))?|print this (?:article|page)",
        rf"{_THIS}(?:は|が)(?:お)?(?:役|参考)に(?:立ち|なり)ましたか\??|was this (?:article|page|answer) helpful\??",
    ),
    "comments": _any(
        r"コメント(?:を|の)(?:残す|書く|書き込む|投稿(?:する)?|送信(?:する)?|追加(?:する)?|キャンセル)(?:\s*(?:コメント|返信)をキャンセル)?|コメントする|返信をキャンセル",
        r"コメント\s*[(:]\s*\d+\s*件?\s*\)?|\d+\s*件のコメント|コメント一覧|(?:この(?:記事|投稿)への)コメント(?:一覧)?",
        r"(?:まだ)?コメント(?:は|が)(?:まだ)?ありません。?|最初のコメントを(?:書き|投稿し|残し)ませんか\??",
        r"メールアドレスが公開されることはありません。.{0,60}|.{0,6}が?(?:付|つ)いている欄は(?:入力)?必須(?:項目)?です。?",
        r"次回のコメントで使用するため.{0,60}保存する。?|日本語が含まれない投稿は無視されます.{0,60}",
        r"コメントを(?:投稿|する|書く|書き込む|残す)(?:する)?に?は.{0,12}ログイン.{0,20}|ログインしてコメント.{0,15}",
        r"このサイトはスパムを低減するために.{0,80}",
        r"leave a (?:reply|comment)(?: cancel reply)?|post (?:a )?comment|add a comment|no comments(?: yet)?|\d+ comments?",
        r"your email address will not be published\..{0,60}|required fields are marked.{0,10}|save my name, email.{0,100}",
        r"you must be logged in to (?:post a )?comment\.?|(?:log|sign) in to (?:leave a )?comment\.?",
    ),
    "navigation": _any(
        r"(?:原文|翻訳|日本語訳|全文|続き|詳細|もっと|さらに|すべて|全て|一覧|目次|コメント|返信|元の記事|記事全文)(?:を|の)?(?:表示|非表示|開く|閉じる|隠す)",
        r"(?:もっと|さらに|続きを|全文を|すべて|全て|元の記事を|記事を)(?:見る|読む)|もっと詳しく",
        r".{2,60}(?:で|を|の(?:記事|ニュース|情報)を)もっと(?:読む|見る)|.{2,50}(?:続きを読む|まとめ読み(?:する)?)",
        r".{0,20}(?:記事|ニュース|お知らせ)?一覧(?:を見る|へ戻る|に戻る|へ)|(?:検索|一覧|トップ|ホーム|前の(?:画面|ページ))(?:へ|に)戻る",
        r"(?:ページ|この(?:ページ|記事))の?(?:トップ|先頭|上部|上)(?:へ|に)(?:戻る)?|page ?top|back to (?:the )?top|トップ(?:ページ)?へ戻る",
        r"(?:本文|メイン(?:コンテンツ|メニュー)?|コンテンツ|ナビゲーション)(?:へ|に|まで)(?:スキップ|移動|ジャンプ)(?:する)?|本文へ|skip to (?:the )?(?:main )?(?:content|navigation).?",
        r"(?:前|次)の(?:記事|ページ|投稿)(?:へ|を(?:見る|読む))?(?:\s*[:»>«<].{1,80})?",
        r"read more|show (?:more|less|all)|see (?:more|all)|view (?:all|more)|load more|toggle (?:navigation|menu|search)|open menu|close menu",
        r"(?:[A-Za-z]+ ){1,2}(?:icon|logo|avatar|thumbnail)",
        r"(?:サイト内を?検索|メニューを(?:開く|閉じる)|文字サイズ(?:の?変更)?|レシピ(?:へ|に)(?:ジャンプ|スキップ)(?:する)?|jump to recipe|print recipe)",
        r"(?:ホーム|HOME|トップ(?:ページ)?|TOP)\s*[>›»≫/|].{1,150}",
        r"(?:#[^\s#、,]{1,30}[\s、,]*){2,}",
    ),
    "notice": _any(
        r"(?:copyright\s*)?(?:©|\(c\)|copyright)\s*(?:copyright\s*)?(?:\d{4}.{0,100}|.{1,60}(?:\d{4}|all rights reserved.{0,20}))",
        r".{0,40}all rights reserved\.?|.{0,40}無断(?:転載|複製|転用).{0,12}(?:禁|お断り|ご遠慮).{0,12}",
        r"(?:当|本)(?:ウェブ)?(?:サイト|ページ|ブログ)(?:では?|は).{0,60}(?:Cookie|クッキー).{0,200}",
        r"(?:we|this (?:web)?site) uses? cookies.{0,200}|(?:すべての?|全ての?)?(?:Cookie|クッキー)(?:を|に)(?:受け入れる|許可(?:する)?|同意(?:する)?|拒否(?:する)?)|accept (?:all )?cookies",
        r".{0,3}(?:当|本)(?:記事|ページ|サイト|ブログ)(?:に?は|で?は)、?.{0,20}(?:アフィリエイト|プロモーション|広告).{0,20}(?:含|参加|利用|掲載).{0,30}",
    ),
    "related": _any(
        r"(?:関連|おすすめの?|オススメの?|人気の?|新着|注目の?|ピックアップ|過去の)(?:する)?(?:記事|ニュース|エントリー?|コンテンツ|投稿|トピックス|動画|レシピ)(?:一覧|ランキング|はこちら)?",
        r"(?:あわせて|合わせて|併せて|こちらも)(?:お)?読みたい(?:記事)?|(?:あわせて|合わせて|併せて)(?:お)?(?:読み|ご覧)ください",
        r"(?:こちらの)記事も.{0,6}(?:おすすめ|オススメ|読まれています|どうぞ|チェック|読みたい).{0,6}|.{0,20}を(?:読|見)た人は.{0,20}",
        r"あなたに(?:おすすめ|オススメ)(?:の(?:記事|ニュース))?|よく読まれている(?:記事|ページ)|(?:アクセス|人気(?:記事)?|デイリー|週間|記事)ランキング",
        r"related (?:articles?|posts?|stories|content|news|reading)|you (?:may|might) also like.{0,20}|recommended(?: for you| articles| reading)?",
        r"most (?:popular|read)|popular (?:posts|articles)|trending(?: now)?|more (?:from .{1,30}|stories)|latest (?:news|posts|stories)",
    ),
    "player": _any(
        r"loading(?:\.{2,}|…)|(?:読み込み中|ロード中)(?:です)?(?:\.{2,}|…|。)?|\d{1,2}:\d\d(?::\d\d)?\s*/\s*\d{1,2}:\d\d(?::\d\d)?",
        rf"{_THIS}(?:を|の(?:内容|音声)を)?(?:音声で|ポッドキャストで)?(?:聴く|聞く|再生(?:する)?)|(?:記事|全文|音声)を(?:音声|ポッドキャスト)で(?:聴く|聞く)",
        rf"(?:{_THIS}(?:の|を|について).{{0,20}})?(?:ポッドキャスト|音声|動画|ビデオ|ラジオ|YouTube|Podcast).{{0,12}}はこちら(?:から)?.?",
        r"listen to (?:this|the) (?:article|post|story|episode|podcast).{0,20}|(?:play|watch) (?:the )?(?:video|audio|episode)",
        r"your browser does not support.{0,60}|お使いのブラウザ.{0,30}(?:音声|動画|ビデオ|video|audio).{0,40}",
    ),
    "promotion": _any(
        r"PR|AD|広告|スポンサー(?:ド)?(?:リンク|サイト|広告|コンテンツ)?|提供\s*[:/]\s*.{1,20}(?:株式会社|社)|advertisement|sponsored(?: (?:content|links?|post))?",
        r"(?:無料で?)?(?:会員|メルマガ|メールマガジン|ニュースレター|読者)?(?:登録|購読)(?:する|はこちら)(?:から)?(?:\(無料\))?",
        r"無料(?:会員|メルマガ|で)?(?:登録|体験|相談|トライアル|お試し|見積もり?|ダウンロード|デモ)(?:する|はこちら|へ|を(?:する|申し込む|始める|受ける))?",
        r"資料(?:を)?(?:無料で?)?(?:の)?(?:ダウンロード|請求)(?:する|はこちら)?(?:\(無料\))?",
        r"(?:お?問い?合わ?せ|お?申し?込み|ご?購入|ご?予約|ご?相談|お?見積もり?)は(?:こちら|コチラ)(?:から|へ)?",
        r"(?:sign up|register|enroll|subscribe|join|apply)(?: for .{1,30})? (?:now|today|here|for free)!?|sign up(?: for .{1,40})!?",
        r"subscribe(?: to .{1,40})?!?|(?:buy|shop|order|try it|try) now!?|try (?:it )?(?:for )?free(?: .{1,20})?!?|start (?:your )?free trial!?",
        r"(?:book|request|get|schedule) a (?:free )?(?:demo|quote|trial|consultation)!?|contact sales|click here(?: .{1,40})?!?",
        r"(?:download|get|grab) (?:the|our|your|a)? ?(?:free )?(?:ebook|e-book|white ?paper|brochure|guide|checklist)(?: now| here| today)?!?",
    ),
}

WEAK: dict[ExclusionReason, re.Pattern[str]] = {
    "share": _any(
        rf"{_NETWORK}|B!|シェア|ツイート|ポスト|いいね!?|RSS|feedly|コピー|共有|YouTube|TikTok|share|tweet|print|印刷|保存|follow|フォロー|\d{{1,4}}"
    ),
    "comments": _any(
        r"コメント|comments?|返信|reply|送信|投稿|submit|必須|Δ",
        r"(?:お?名前|ニックネーム|氏名|メール(?:アドレス)?|サイト|ウェブサイト|URL|件名|本文|name|e-?mail(?: address)?|website)\s*(?:\*|※|\(?必須\)?|\(?required\)?)?",
    ),
    "player": _any(
        r"\d{1,2}:\d\d(?::\d\d)?|再生|停止|一時停止|ミュート|play|pause|mute|unmute|full ?screen|\d(?:\.\d+)?x|倍速"
    ),
}

SITE_WORDS = _any(
    r"ホーム|トップ(?:ページ)?|HOME|TOP|メニュー|検索|サイト内検索|会社(?:概要|情報|案内)|企業(?:情報|概要)|採用(?:情報)?|お?問い?合わ?せ|アクセス|サイトマップ",
    r"プライバシー(?:ポリシー)?|個人情報(?:保護方針|の取り?扱い.{0,6})|利用規約|特定商取引法.{0,10}|免責事項|運営(?:会社|者情報)|広告掲載.{0,6}|ログイン|ログアウト",
    r"新規登録|(?:無料)?会員登録|マイページ|カート|よくある(?:ご)?質問|FAQ|ヘルプ|English|日本語|中文|한국어|閉じる|前へ|次へ|戻る|文字サイズ.{0,10}|IR情報?",
    r"about(?: us)?|contact(?: us)?|privacy(?: policy)?|terms(?: of (?:service|use))?|site ?map|log ?in|sign ?in|sign ?up|search|menu|home|careers|help|support|pricing|cart|close",
)
TOPIC_WORDS = _any(
    r"ニュース|お知らせ|ブログ|サービス(?:紹介|一覧)?|製品(?:情報)?|事業(?:内容|紹介)|ランキング|特集|コラム|カテゴリー?|タグ|アーカイブ|新着(?:記事)?|記事一覧|連載|動画|写真",
    r"政治|経済|国際|社会|地域|スポーツ|エンタメ|芸能|テクノロジー|IT|科学|ライフ|暮らし|文化|ビジネス|健康|天気|実績|事例|標準|拡大|縮小|大|中|小|レシピ(?:一覧)?|プロフィール",
    r"news|blog|products?|services?|company|world|business|technology|tech|sports?|politics|opinion|science|health|culture|docs|documentation|community|events?|resources?|archives?|categor(?:y|ies)|tags?",
)

BREADCRUMB = re.compile(r"[^<>›»≫。]{1,40}(?:[>›»≫][^<>›»≫。]{1,40}){2,8}")

CONTENTS = _any(
    r"目次|もくじ|(?:この)?(?:記事|ページ)の?(?:目次|内容|もくじ)|contents|table of contents|on this page|in this article|index"
)

PLAYER_CAPTION = re.compile(
    r"\s*loading\b[ \w\-]{0,80}?\b(?:player|audio|video|widget|advertisement)\b[ \w]{0,12}(?:\.{3}|…)\s*",
    re.IGNORECASE,
)
FEEDBACK = re.compile(
    rf"{_THIS}.{{0,20}}(?:参考|役に?立|気に入|いいな|面白|良かった|よかった).{{0,60}}(?:ボタン|いいね|シェア|フォロー|クリック|ブックマーク|スキ|拡散|ポチ).{{0,40}}"
    r"|.{0,30}(?:チャンネル登録|高評価|いいね|フォロー|ブログ村|ランキングに参加).{0,30}(?:お願い(?:いた)?します|してください|クリック|応援).{0,20}"
)
SOURCE_LABEL = re.compile(
    r"(?:source|出典|引用元?|参照元?|参考元|ソース|via|from|元記事|翻訳元|配信元|提供元)\s*:\s*\S.{0,100}",
    re.IGNORECASE,
)

# A button: commercial goods, and a form of words that calls for a click.
GOODS = re.compile(
    r"資料|サービス|製品|プラン|料金|無料|メルマガ|ニュースレター|キャンペーン|クーポン|セミナー|ウェビナー|研修|講座|相談|見積|体験|トライアル|デモ|導入事例|会員|公式|アプリ|詳しく|詳細|ホワイトペーパー"
)
BUTTON = re.compile(
    r"(?:(?:今|いま)すぐ|まずは|無料で).{0,30}(?:する|見る|読む|相談|登録|ダウンロード|申し?込む|始める|試す|問い?合わ?せる?|請求(?:する)?|体験)"
    r"|.{2,50}(?:はこちら|はコチラ)(?:から|へ)?(?:\(.{1,10}\))?"
    r"|.{2,40}(?:を(?:見る|試す|ダウンロード|請求)(?:する)?|に申し?込む|へ(?:進む|移動))",
    re.IGNORECASE,
)
ARROWS = re.compile(r"[▶▷►→⇒➡»≫↓▼]+\s*$|>>+\s*$")

# An advertisement in sentences.
OFFER = re.compile(
    r"今なら|いまなら|期間限定|最大\s?\d+\s?%|\d+\s?%\s?(?:OFF|オフ)|お得|割引|キャンペーン|特典|先着|助成金.{0,3}活用|プレゼント|特別価格|クーポン|無料(?:体験|相談|トライアル|お試し|診断)",
    re.IGNORECASE,
)
INVITE = re.compile(
    r"ご興味(?:の|が)(?:ある|おあり)|ご希望の方|お悩みの(?:方|企業|担当)|お考えの(?:方|企業)|ご検討(?:中|の方|ください)|お気軽に"
)
DIRECTION = re.compile(
    r"(?:以下|下記)(?:の(?:リンク|ボタン|フォーム|URL|ページ))?(?:から|より|を)|こちらから|リンク(?:先)?から|ボタン(?:から|をクリック)|プロフィール欄"
)
ACTION = re.compile(
    r"ダウンロード(?:いただけ|ください|でき)|お申し?込みください|お問い?合わせください|ご登録ください|ご覧(?:ください|いただけ)|ご相談ください|ご予約ください|チェックしてみてください"
)
COMMERCE = re.compile(
    r"サービス|資料|ホワイトペーパー|無料(?:体験|相談|トライアル|プラン|診断)|お得|割引|OFF|キャンペーン|メルマガ|ニュースレター|公式LINE|デモ|見積|導入(?:支援|相談)",
    re.IGNORECASE,
)
ENGLISH_PITCH = re.compile(
    r"\b(?:shows? you|you(?:’|')ll|you will|learn (?:how|to|more|about)|courses?|workshops?|webinars?|newsletter|hands-on|discover|discount|% off|free|join|instructors?|certificate)\b",
    re.IGNORECASE,
)
HOW_TO = re.compile(r"方法|手順|とは|場合|必要(?:が|で)|できません|かどうか")
