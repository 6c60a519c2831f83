"""The five seed files: what is left out of the index, what must not be, and their titles and headings."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from rag.corpus import Document, read_documents

SEEDS = Path(__file__).parents[2] / "seeds"

BOILERPLATE = {
    "000": [
        ("影響分析・編集コメントを表示", "navigation"),
        ("原文を表示", "navigation"),
        ("Loading the Elevenlabs Text to Speech AudioNative Player...", "player"),
        (
            "Learn how to design and apply skills across coding, data analysis, research, and other workflows.",
            "promotion",
        ),
        ("Sign up now", "promotion"),
        ("関連記事", "related"),
        ("今日のまとめ", "related"),
        ("AI日報で今日の重要ニュースをまとめ読み", "navigation"),
    ],
    "001": [("Venturebeat", "byline"), (" - OmegaNext AIニュース", "duplicate-title")],
    "002": [
        ("AI活用ブログ\nAI活用ブログ", "byline"),
        ("🎧この記事についてポッドキャスト風の音声解説はこちら↓", "player"),
        ("今なら助成金活用で最大75%OFF", "promotion"),
        ("AI・ChatGPT活用研修サービスの紹介資料ダウンロードはこちら(無料)", "promotion"),
        ("↑↑↑", "navigation"),
        ("この記事が参考になりましたら、上の「参考になった」ボタンをお願いします。", "share"),
        ("サービスの詳細は以下をご覧ください。", "promotion"),
        ("いますぐサービス概要を見る▶▶▶", "promotion"),
        ("この記事をシェアする", "share"),
        ("Chat Icon", "navigation"),
        ("タイトルとURLをコピーしました", "share"),
    ],
    "003": [
        ("\n\n中国DeepSeek-R1の衝撃で米国が方針転換、オープンソースAIが新たな地政学的戦場に", "duplicate-title"),
        ("テクノロジーと経済ニュースをinnovaTopiaでもっと読む", "navigation"),
        ("コメントを残す", "comments"),
        ("メールアドレスが公開されることはありません。 が付いている欄は必須項目です", "comments"),
    ],
    "004": [("Source:VentureBeat", "byline")],
}

MARKED_LINES = {
    "000": [7, 17, 18, 29, 33, 34, 35],
    "001": [3, 29],
    "002": [3, 4, 14, 17, 19, 52, 53, 59, 61, 62, 70, 71],
    "003": [3, 99, 100, 103, 105, 107],
    "004": [37],
}

BODY = {
    "000": [
        "エージェントが買い物へ、知性の再定義",
        "米国の政策が同盟国を米国AI技術の利用から遠ざけているというAIニュースと洞察。",
        "主権AIとは、外国への依存なしに自国がAI技術を利用できる能力を指す",
        "オープンソース生態系の強化と多極化したAI競争の時代を招く可能性がある。",
        "Dear friends,",
        "sovereign AI — a nation’s ability to access AI technology without relying on foreign powers",
        "just launched K2 Think, an open-source reasoning model.",
        "“America first” policies might end up strengthening the world’s access to AI.",
        "Google introduced an open-source protocol designed to enable AI agents",
        "provides standardized commands for programming agents to execute transactions",
        "Businesses can declare the capabilities they support, provide automated and/",
    ],
    "001": [
        "トランプ大統領の米国AI行動計画で概説されているように",
        "必要なスキルと計算リソースを持つ個人がモデルを実行、複製、またはカスタマイズできること",
        "2016年から2020年の間、米国はオープンソースAIの疑いようのない世界的リーダーでした",
        "OpenAIでさえ、将来的にオープンウェイトをリリースする可能性を示唆しています。",
        "米国がオープンソースAI競争をリードしなければなりません。",
    ],
    "002": [
        "今回はAI技術の急速な進歩が",
        "「データセンターの中に天才集団の国が現れる」という比喩",
        "推論に使用されるH20のようなチップも規制対象に含めるべき",
        "バイオ兵器関連情報の生成に関するブロックが全く機能しなかった",
        "今後の動向から目が離せません。",
        "会社ではChatGPTは使えない?情報漏洩が心配?",
        "72%が業務でのChatGPT利用を禁止していると報告されています。",
        "情報漏洩の可能性を懸念しているためです。",
        "オンプレミス環境で自社独自の生成AIを導入する動きが注目されています。",
        "自社独自の生成AIを導入可能です。",
        "監修者:服部 一馬",
        "最新AI動向の普及と活用支援に力を入れている。",
    ],
    "003": [
        "トランプ大統領は2025年7月下旬に米国AI行動計画を発表し",
        "記録的な数の「いいね」を獲得し",
        "From: 文献リンクWhy open-source AI became an American national priority",
        "Black Forest Labs(外部)\n元Stability AIの研究者らが2024年に設立したドイツの生成AI企業。",
        "ぜひSNSで教えていただければと思います。一緒に未来について考えていきましょう。",
    ],
    "004": [
        "Hugging Faceがホワイトハウスに対し",
        "「OlympicCoder」は7億パラメータながら「Claude 3.7」を凌ぐ",
        "国家AI研究資源(NAIRR)への投資を求めている",
        "米国の技術覇権の未来が大きく左右されることは間違いない。",
    ],
}

HEADINGS = {
    "000": [(1, "キーポイント"), (1, "影響分析"), (1, "編集コメント"), (1, "Shopping Protocols for AI Agents")],
    "001": [],
    "002": [
        (1, "米中AI開発レースと輸出規制の深層"),
        (1, "AIが国家にもたらす「天才AI集団」の影響"),
        (1, "中国AI企業の台頭と競争の現状"),
        (1, "米国が追求する「リード」戦略と輸出規制の狙い"),
        (1, "オープンソース、蒸留、人材…競争を巡る様々な論点"),
        (1, "競争下でのAI安全と国際協力の可能性"),
        (1, "会社ではChatGPTは使えない?情報漏洩が心配?"),
    ],
    "003": [
        (1, "【編集部解説】"),
        (2, "オープンソースAIが引き起こした市場の地殻変動"),
        (2, "技術的優位性からエコシステム支配へ"),
        (2, "オープンソースが持つ民主化効果と国家戦略"),
        (2, "ブラックボックス依存からの脱却がもたらす変革"),
        (2, "長期的競争力への影響と日本への示唆"),
        (1, "【用語解説】"),
        (2, "DeepSeek-R1"),
        (2, "オープンウェイト"),
        (2, "オープンサイエンス"),
        (2, "トランスフォーマー"),
        (2, "ベンダーロックイン"),
        (2, "強化学習(RL)"),
        (1, "【参考リンク】"),
        (2, "DeepSeek(外部)"),
        (2, "Hugging Face(外部)"),
        (2, "Allen Institute for AI(外部)"),
        (2, "Black Forest Labs(外部)"),
        (2, "Meta AI(外部)"),
        (2, "OpenAI(外部)"),
        (1, "【参考記事】"),
        (2, "DeepSeek-R1 Release(外部)"),
        (2, "America’s AI Action Plan(外部)"),
        (1, "【編集部後記】"),
    ],
    "004": [
        (1, "Hugging Faceの提言が示すオープンソースAIの競争力"),
        (1, "AI規制をめぐるビッグテックとHugging Faceの対立"),
        (1, "AI政策の未来が米国の技術覇権を左右する"),
    ],
}

TITLES = {
    "000": "エージェントが買い物へ、知性の再定義、画像内のテキスト改善、高い関与は整合性の低下を意味する",
    "001": "米国、中国とのAI競争でオープンソースAIを国家優先事項に",
    "002": "AI覇権競争の現実:Anthropic CEOが明かす「米国リード」戦略と安全保障ジレンマ",
    "003": "中国DeepSeek-R1の衝撃で米国が方針転換、オープンソースAIが新たな地政学的戦場に",
    "004": "Hugging Faceの提言が示すオープンソースAIの競争力",
}


@lru_cache(maxsize=1)
def _seeds() -> dict[str, Document]:
    documents = [document for document in read_documents([SEEDS]) if isinstance(document, Document)]
    return {document.source[:3]: document for document in documents}


def test_all_five_are_read_and_the_readme_without_an_ending_is_not() -> None:
    assert sorted(_seeds()) == sorted(TITLES)
    assert {document.language for document in _seeds().values()} == {"ja"}


@pytest.mark.parametrize("seed", sorted(BOILERPLATE))
def test_the_boilerplate_is_marked(seed: str) -> None:
    document = _seeds()[seed]
    for words, reason in BOILERPLATE[seed]:
        start = document.text.rindex(words) + len(words) - len(words.lstrip("\n"))
        end = document.text.rindex(words) + len(words)
        assert [e.reason for e in document.excluded if e.start <= start and end <= e.end] == [reason], words


@pytest.mark.parametrize("seed", sorted(BODY))
def test_no_sentence_of_the_body_is_touched(seed: str) -> None:
    document = _seeds()[seed]
    for words in BODY[seed]:
        start = document.text.index(words)
        assert [e for e in document.excluded if e.start < start + len(words) and start < e.end] == [], words


@pytest.mark.parametrize("seed", sorted(MARKED_LINES))
def test_nothing_is_marked_beyond_what_was_read_and_approved(seed: str) -> None:
    document = _seeds()[seed]
    lines = {line for e in document.excluded for line in range(document.line(e.start), document.line(e.end) + 1)}
    assert sorted(line for line in lines if document.text.split("\n")[line - 1].strip()) == MARKED_LINES[seed]


@pytest.mark.parametrize("seed", sorted(HEADINGS))
def test_titles_and_headings_are_found(seed: str) -> None:
    document = _seeds()[seed]
    assert document.title == TITLES[seed]
    found = [(heading.level, document.text[heading.start : heading.end]) for heading in document.headings]
    assert found == ([(1, TITLES[seed])] if seed != "004" else []) + HEADINGS[seed]
