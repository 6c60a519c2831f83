"""What the page says of evaluations, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class EvaluationTexts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    title: str
    intro: str
    dataset_label: str
    dataset_none: str
    dataset_remove: str
    upload: str
    formats_title: str
    formats: tuple[str, ...]
    reading: str
    loaded: str
    refused: str
    systems_label: str
    systems: Mapping[str, str]
    limit_label: str
    limit_hint: str
    answers_label: str
    start: str
    error_dataset: str
    error_start: str

    runs: str
    run_line: str
    all_questions: str
    some_questions: str
    step: str
    steps: Mapping[str, str]
    preparing: str

    results: str
    facts: str
    unjudged: str
    sheets: Mapping[str, str]
    system: str
    interval: str
    marks: str
    baseline: str
    cost: str
    not_evaluated: str
    plots: str
    plot_titles: Mapping[str, str]
    plot_texts: Mapping[str, str]
    failures: str
    failures_intro: str
    no_failures: str
    value: str
    others: str
    found: str
    wanted: str
    nothing_found: str
    report: str
    metrics: str
    separator: str
    list_separator: str

    compare: str
    compare_intro: str
    compare_label: str
    baseline_label: str
    compare_start: str
    compare_few: str
    compared: str
    difference: str
    error_compare: str


EVALUATION_TEXTS: Mapping[Language, EvaluationTexts] = {
    "ja": EvaluationTexts(
        title="検索の評価",
        intro="正解つきの質問で、どの調べ方がどれだけ正しい箇所を見つけるかを測ります。",
        dataset_label="データセット",
        dataset_none="まだありません。下からアップロードしてください。",
        dataset_remove="データセットを削除",
        upload="データセットをアップロード",
        formats_title="読める形式",
        formats=(
            "SQuAD 形式の .json（JaQuAD、JSQuAD など。複数のファイルも可）",
            "BEIR 形式の .zip（corpus.jsonl、queries.jsonl、qrels/）",
            "TREC 形式の .zip（topics、qrels、documents/）",
            "いまの文書についての質問の .jsonl（1 行に id、question、answers、evidence）",
        ),
        reading="データセットを読んでいます",
        loaded="{name} ・ 質問 {queries:,} 件 ・ 文書 {documents:,} 件",
        refused="使えない記録 {count:,} 件を除きました。",
        systems_label="調べ方",
        systems={
            "dense": "意味（dense）",
            "lexical": "言葉（lexical）",
            "hybrid": "意味と言葉（hybrid）",
            "hybrid+reader": "さらに読解で並べ替え（hybrid+reader）",
        },
        limit_label="質問の数",
        limit_hint="無作為に選びます。0 ならすべての質問を使います。",
        answers_label="回答の正しさも測る（時間がかかります）",
        start="評価を始める",
        error_dataset="このデータセットは読めませんでした",
        error_start="評価を始められませんでした",
        runs="これまでの評価",
        run_line="{name} ・ {when} ・ {systems} ・ {limit} ・ {stage}",
        all_questions="全問",
        some_questions="{limit:,} 問",
        step="{system}（{place} / {count}） ・ {what} {done:,} / {total:,}",
        steps={
            "search": "検索",
            "timing": "速さの測定",
            "answers": "回答",
            "gold passages": "正解の箇所の読解",
            "reading": "文書の読み込み",
            "embedding": "索引作り（意味）",
            "writing": "索引の保存",
        },
        preparing="準備しています",
        results="結果",
        facts="質問 {queries:,} 件 ・ 文書 {documents:,} 件",
        unjudged="正解の箇所がない質問 {count:,} 件は、検索の平均に入れていません。",
        sheets={"Retrieval": "検索", "Answers": "回答", "Refusals": "回答の見送り", "Cost": "速さと大きさ"},
        system="調べ方",
        interval="かっこ内は平均の 95 % 信頼区間（質問を引き直すブートストラップ法）です。",
        marks="▲ は {baseline} より良い、▼ は悪いもの（対応のある並べ替え検定、両側、Holm 補正後 p < 0.05）。",
        baseline="基準",
        cost="ms は 1 回の検索（10 件）にかかった時間です。",
        not_evaluated="{system} は評価できませんでした: {error}",
        plots="図",
        plot_titles={"bars": "指標ごとの比較", "differences": "質問ごとの差", "reliability": "確かさの信頼度"},
        plot_texts={
            "bars": "棒グラフ。{measure} は {values}。",
            "differences": "{baseline} との {measure} の差を質問ごとに並べた図。{values}。",
            "reliability": "確かさと、実際に答えられた割合の関係を表す折れ線グラフ。",
        },
        failures="うまくいかなかった質問",
        failures_intro="{measure} が低い順。ほかの調べ方ならうまくいくものを先に示します。",
        no_failures="{measure} が満点でない質問はありません。",
        value="この調べ方 {value:.2f}",
        others="{system} {value:.2f}",
        found="見つけた箇所",
        wanted="正解の箇所",
        nothing_found="何も見つかりませんでした",
        report="報告書をダウンロード（.html）",
        metrics="数値をダウンロード（.json）",
        separator=" ・ ",
        list_separator="、",
        compare="評価どうしの比較",
        compare_intro="終わった評価を 2 つ以上選ぶと、共通の質問で比べます。",
        compare_label="比べる評価",
        baseline_label="基準",
        compare_start="比べる",
        compare_few="評価を 2 つ以上選んでください。",
        compared="共通の質問 {queries:,} 件で比べました。",
        difference="差 {difference:+.4f}、p = {p:.4f}、良 {better:,} 問、悪 {worse:,} 問",
        error_compare="比べられませんでした",
    ),
    "en": EvaluationTexts(
        title="Measure retrieval",
        intro="With questions whose answers are known: which way of searching finds the right passages, and how often.",
        dataset_label="Dataset",
        dataset_none="None yet. Upload one below.",
        dataset_remove="Remove the dataset",
        upload="Upload a dataset",
        formats_title="Formats",
        formats=(
            "SQuAD-style .json (JaQuAD, JSQuAD and the like; several files at once)",
            "BEIR as .zip (corpus.jsonl, queries.jsonl, qrels/)",
            "TREC as .zip (topics, qrels, documents/)",
            "Questions about the documents served here as .jsonl (id, question, answers, evidence on each line)",
        ),
        reading="Reading the dataset",
        loaded="{name} · {queries:,} questions · {documents:,} documents",
        refused="{count:,} records that cannot be used were left out.",
        systems_label="Ways of searching",
        systems={
            "dense": "meaning (dense)",
            "lexical": "words (lexical)",
            "hybrid": "meaning and words (hybrid)",
            "hybrid+reader": "and ranked by the reader (hybrid+reader)",
        },
        limit_label="Number of questions",
        limit_hint="Drawn at random. 0 asks all of them.",
        answers_label="Measure the answers, too (takes a while)",
        start="Start measuring",
        error_dataset="This dataset could not be read",
        error_start="Measuring could not be started",
        runs="Runs so far",
        run_line="{name} · {when} · {systems} · {limit} · {stage}",
        all_questions="all questions",
        some_questions="{limit:,} questions",
        step="{system} ({place} of {count}) · {what} {done:,} of {total:,}",
        steps={
            "search": "searching",
            "timing": "timing",
            "answers": "answering",
            "gold passages": "reading the right passages",
            "reading": "reading documents",
            "embedding": "indexing (meaning)",
            "writing": "writing the index",
        },
        preparing="Preparing",
        results="Results",
        facts="{queries:,} questions · {documents:,} documents",
        unjudged="{count:,} questions without a right passage are left out of the retrieval means.",
        sheets={"Retrieval": "Retrieval", "Answers": "Answers", "Refusals": "Refusals", "Cost": "Cost"},
        system="System",
        interval="In brackets, the 95 % interval of the mean (bootstrap over the questions).",
        marks=(
            "▲ better, ▼ worse than {baseline}: paired randomisation test, two-sided, p < 0.05 after Holm's correction."
        ),
        baseline="baseline",
        cost="ms: time of one search for 10 hits.",
        not_evaluated="{system} was not evaluated: {error}",
        plots="Plots",
        plot_titles={
            "bars": "Measures by system",
            "differences": "Differences by question",
            "reliability": "Reliability of the confidence",
        },
        plot_texts={
            "bars": "Bar chart. {measure}: {values}.",
            "differences": "Differences from {baseline} in {measure}, question by question. {values}.",
            "reliability": "Line chart of the confidence against the share of questions that could be answered.",
        },
        failures="Questions that went wrong",
        failures_intro="Lowest {measure} first; of equals, those that another way of searching does best on.",
        no_failures="No question is below the best {measure}.",
        value="this system {value:.2f}",
        others="{system} {value:.2f}",
        found="Found",
        wanted="Right passages",
        nothing_found="Nothing was found",
        report="Download the report (.html)",
        metrics="Download the numbers (.json)",
        separator=" · ",
        list_separator=", ",
        compare="Compare runs",
        compare_intro="Choose two or more finished runs; they are compared over the questions they share.",
        compare_label="Runs to compare",
        baseline_label="Baseline",
        compare_start="Compare",
        compare_few="Choose at least two runs.",
        compared="Compared over {queries:,} questions that all of them share.",
        difference="difference {difference:+.4f}, p = {p:.4f}, {better:,} better, {worse:,} worse",
        error_compare="The runs could not be compared",
    ),
}
