"""What the page says of evaluations, in Japanese and English."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


class EvaluationTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    title = Text(ja="検索の評価", en="Measure retrieval")
    intro = Text(
        ja="正解つきの質問で、どの調べ方がどれだけ正しい箇所を見つけるかを測ります。",
        en="With questions whose answers are known: which way of searching finds the right passages, and how often.",
    )
    dataset_label = Text(ja="データセット", en="Dataset")
    dataset_none = Text(ja="まだありません。下からアップロードしてください。", en="None yet. Upload one below.")
    own = Text(ja="この文書集の質問", en="Questions of these documents")
    own_download = Text(ja="質問をダウンロード（.jsonl）", en="Download the questions (.jsonl)")
    own_clear = Text(ja="質問をすべて消す", en="Remove all questions")
    own_clear_surely = Text(ja="本当にすべて消す", en="Really remove them all")
    dataset_remove = Text(ja="データセットを削除", en="Remove the dataset")
    upload = Text(ja="データセットをアップロード", en="Upload a dataset")
    formats_title = Text(ja="読める形式", en="Formats")
    formats = Text(
        ja=(
            "SQuAD 形式の .json（JaQuAD、JSQuAD など。複数のファイルも可）",
            "BEIR 形式の .zip（corpus.jsonl、queries.jsonl、qrels/）",
            "TREC 形式の .zip（topics、qrels、documents/）",
            "いまの文書についての質問の .jsonl（1 行に id、question、answers、evidence）",
        ),
        en=(
            "SQuAD-style .json (JaQuAD, JSQuAD and the like; several files at once)",
            "BEIR as .zip (corpus.jsonl, queries.jsonl, qrels/)",
            "TREC as .zip (topics, qrels, documents/)",
            "Questions about the documents served here as .jsonl (id, question, answers, evidence on each line)",
        ),
    )
    reading = Text(ja="データセットを読んでいます", en="Reading the dataset")
    loaded = Text(
        ja="{name} ・ 質問 {queries:,} 件 ・ 文書 {documents:,} 件",
        en="{name} · {queries|question} · {documents|document}",
    )
    refused = Text(
        ja="使えない記録 {count:,} 件を除きました。", en="{count:,} records that cannot be used were left out."
    )
    systems_label = Text(ja="調べ方", en="Ways of searching")
    systems = Named(
        {
            "dense": Text(ja="意味（dense）", en="meaning (dense)"),
            "lexical": Text(ja="言葉（lexical）", en="words (lexical)"),
            "hybrid": Text(ja="意味と言葉（hybrid）", en="meaning and words (hybrid)"),
            "hybrid+reader": Text(
                ja="さらに読解で並べ替え（hybrid+reader）", en="and ranked by the reader (hybrid+reader)"
            ),
        }
    )
    limit_label = Text(ja="質問の数", en="Number of questions")
    limit_hint = Text(ja="無作為に選びます。0 ならすべての質問を使います。", en="Drawn at random. 0 asks all of them.")
    answers_label = Text(ja="回答の正しさも測る（時間がかかります）", en="Measure the answers, too (takes a while)")
    start = Text(ja="評価を始める", en="Start measuring")
    error_dataset = Text(ja="このデータセットは読めませんでした", en="This dataset could not be read")
    error_start = Text(ja="評価を始められませんでした", en="Measuring could not be started")

    runs = Text(ja="これまでの評価", en="Runs so far")
    run_line = Text(
        ja="{name} ・ {when} ・ {systems} ・ {limit} ・ {stage}", en="{name} · {when} · {systems} · {limit} · {stage}"
    )
    all_questions = Text(ja="全問", en="all questions")
    some_questions = Text(ja="最大 {limit:,} 問", en="up to {limit|question}")
    step = Text(
        ja="{system}（{place} / {count}） ・ {what} {done:,} / {total:,}",
        en="{system} ({place} of {count}) · {what} {done:,} of {total:,}",
    )
    steps = Named(
        {
            "search": Text(ja="検索", en="searching"),
            "timing": Text(ja="速さの測定", en="timing"),
            "answers": Text(ja="回答", en="answering"),
            "gold passages": Text(ja="正解の箇所の読解", en="reading the right passages"),
            "reading": Text(ja="文書の読み込み", en="reading documents"),
            "embedding": Text(ja="索引作り（意味）", en="indexing (meaning)"),
            "writing": Text(ja="索引の保存", en="writing the index"),
        }
    )
    preparing = Text(ja="準備しています", en="Preparing")

    results = Text(ja="結果", en="Results")
    facts = Text(ja="質問 {queries:,} 件 ・ 文書 {documents:,} 件", en="{queries|question} · {documents|document}")
    unjudged = Text(
        ja="正解の箇所がない質問 {count:,} 件は、検索の平均に入れていません。",
        en="Left out of the retrieval means: {count|question} without a right passage.",
    )
    sheets = Named(
        Retrieval=Text(ja="検索", en="Retrieval"),
        Answers=Text(ja="回答", en="Answers"),
        Refusals=Text(ja="回答の見送り", en="Refusals"),
        Cost=Text(ja="速さと大きさ", en="Cost"),
    )
    system = Text(ja="調べ方", en="System")
    columns = Named(
        {
            "found": Text(ja="正解を含む", en="found"),
            "cited": Text(ja="正解の箇所を引用", en="cited"),
            "gold_EM": Text(ja="正解の箇所での EM", en="gold EM"),
            "gold_F1": Text(ja="正解の箇所での F1", en="gold F1"),
            "refusal_F1": Text(ja="見送りの F1", en="refusal F1"),
            "unanswerable_refused": Text(ja="答えのない質問を見送った割合", en="unanswerable refused"),
            "answerable_refused": Text(ja="答えのある質問を見送った割合", en="answerable refused"),
            "passages": Text(ja="箇所", en="passages"),
        }
    )
    interval = Text(
        ja="かっこ内は平均の 95 % 信頼区間（質問を引き直すブートストラップ法）です。",
        en="In brackets, the 95 % interval of the mean (bootstrap over the questions).",
    )
    marks = Text(
        ja="▲ は {baseline} より良い、▼ は悪いもの（対応のある並べ替え検定、両側、Holm 補正後 p < 0.05）。",
        en="▲ better, ▼ worse than {baseline}: paired randomisation test, two-sided, p < 0.05 after Holm's correction.",
    )
    baseline = Text(ja="基準", en="baseline")
    cost = Text(ja="ms は 1 回の検索（10 件）にかかった時間です。", en="ms: time of one search for 10 hits.")
    not_evaluated = Text(ja="{system} は評価できませんでした: {error}", en="{system} was not evaluated: {error}")
    plots = Text(ja="図", en="Plots")
    plot_titles = Named(
        bars=Text(ja="指標ごとの比較", en="Measures by system"),
        differences=Text(ja="質問ごとの差", en="Differences by question"),
        reliability=Text(ja="確かさの信頼度", en="Reliability of the confidence"),
    )
    plot_texts = Named(
        bars=Text(ja="棒グラフ。{measure} は {values}。", en="Bar chart. {measure}: {values}."),
        differences=Text(
            ja="{baseline} との {measure} の差を質問ごとに並べた図。{values}。",
            en="Differences from {baseline} in {measure}, question by question. {values}.",
        ),
        reliability=Text(
            ja="確かさと、実際に答えられた割合の関係を表す折れ線グラフ。",
            en="Line chart of the confidence against the share of questions that could be answered.",
        ),
    )
    failures = Text(ja="うまくいかなかった質問", en="Questions that went wrong")
    failures_intro = Text(
        ja="{measure} が低い順。ほかの調べ方ならうまくいくものを先に示します。",
        en="Lowest {measure} first; of equals, those that another way of searching does best on.",
    )
    no_failures = Text(ja="{measure} が満点でない質問はありません。", en="No question is below the best {measure}.")
    value = Text(ja="この調べ方 {value:.2f}", en="this system {value:.2f}")
    others = "{system} {value:.2f}"
    found = Text(ja="見つけた箇所", en="Found")
    wanted = Text(ja="正解の箇所", en="Right passages")
    nothing_found = Text(ja="何も見つかりませんでした", en="Nothing was found")
    report = Text(ja="報告書をダウンロード（.html）", en="Download the report (.html)")
    metrics = Text(ja="数値をダウンロード（.json）", en="Download the numbers (.json)")
    separator = Text(ja=" ・ ", en=" · ")
    list_separator = Text(ja="、", en=", ")

    compare = Text(ja="評価どうしの比較", en="Compare runs")
    compare_intro = Text(
        ja="終わった評価を 2 つ以上選ぶと、共通の質問で比べます。",
        en="Choose two or more finished runs; they are compared over the questions they share.",
    )
    compare_label = Text(ja="比べる評価", en="Runs to compare")
    baseline_label = Text(ja="基準", en="Baseline")
    compare_start = Text(ja="比べる", en="Compare")
    compare_few = Text(ja="評価を 2 つ以上選んでください。", en="Choose at least two runs.")
    compared = Text(
        ja="共通の質問 {queries:,} 件で比べました。", en="Compared over {queries|question} that all of them share."
    )
    difference = Text(
        ja="差 {difference:+.4f}、p = {p:.4f}、良 {better:,} 問、悪 {worse:,} 問",
        en="difference {difference:+.4f}, p = {p:.4f}, {better:,} better, {worse:,} worse",
    )
    error_compare = Text(ja="比べられませんでした", en="The runs could not be compared")


EVALUATION_TEXTS = in_each_language(EvaluationTexts)
