"""What the user is told of prose: why there is none, why a sentence could not be verified. In Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rag.answer.prose import Notice, NoticeCode, Problem, ProblemKind
from rag.extras import install_command

Language = Literal["ja", "en"]

_NOTICES: Mapping[Language, Mapping[NoticeCode, str]] = {
    "ja": {
        "not-installed": f"LLM で文章にするには追加のパッケージが必要です。導入: {install_command('llm')}",
        "unreachable": "LLM のサーバー（{host}）につながりません。動いているか、アドレスが正しいかを確かめてください。",
        "silent": "LLM のサーバー（{host}）から応答がありません。",
        "key-refused": "LLM のサーバー（{host}）が鍵（API キー）を受け付けません。",
        "model-unknown": "LLM のサーバー（{host}）に、このモデルがありません。llm_model を確かめてください。",
        "rate-limited": "LLM のサーバー（{host}）の利用制限に達しています。しばらく待って試してください。",
        "too-long": "質問と箇所が、モデルの扱える長さに収まりません。llm_context_tokens を確かめてください。",
        "redirected": "LLM のサーバー（{host}）が別のアドレスへ移るよう求めています。llm_url を確かめてください。",
        "failed": "LLM のサーバー（{host}）で問題が起きました。",
        "cut": "文章は途中で切れています。サーバーとの接続が切れました。",
        "malformed": "LLM のサーバー（{host}）の応答を読み取れません。",
        "empty": "LLM は何も書きませんでした。",
        "cancelled": "文章の作成を止めました。",
        "length": "文章は長さの上限で切れています。",
        "filtered": "LLM のサーバー（{host}）が内容を理由に文章を止めました。",
        "no-passages": "質問に近い箇所がないため、LLM には尋ねていません。",
    },
    "en": {
        "not-installed": f"Prose needs packages that are not installed. Install them: {install_command('llm')}",
        "unreachable": "The LLM's server ({host}) cannot be reached. Is it running, and is its address right?",
        "silent": "The LLM's server ({host}) does not answer.",
        "key-refused": "The LLM's server ({host}) refuses the key.",
        "model-unknown": "The LLM's server ({host}) does not know this model or address. Check llm_model and llm_url.",
        "rate-limited": "The LLM's server ({host}) limits how often it is asked. Please try again in a while.",
        "too-long": "Question and passages are longer than the model can read. Check llm_context_tokens.",
        "redirected": "The LLM's server ({host}) points to another address. Check llm_url.",
        "failed": "The LLM's server ({host}) had a problem.",
        "cut": "The text breaks off: the connection to the server was lost.",
        "malformed": "The reply of the LLM's server ({host}) cannot be read.",
        "empty": "The LLM wrote nothing.",
        "cancelled": "Writing was stopped.",
        "length": "The text breaks off at its longest permitted length.",
        "filtered": "The LLM's server ({host}) withheld the text because of its contents.",
        "no-passages": "No passage comes close to the question, so the LLM was not asked.",
    },
}
_PROBLEMS: Mapping[Language, Mapping[ProblemKind, str]] = {
    "ja": {
        "no-citation": "出典が示されていません",
        "no-such-passage": "出典 {detail} はありません",
        "number": "「{detail}」が出典にありません",
        "date": "「{detail}」が出典にありません",
        "name": "「{detail}」が出典にありません",
        "meaning": "出典に、これに当たる記述が見つかりません",
    },
    "en": {
        "no-citation": "no source is given",
        "no-such-passage": "there is no source {detail}",
        "number": "“{detail}” is not in the source",
        "date": "“{detail}” is not in the source",
        "name": "“{detail}” is not in the source",
        "meaning": "nothing like it was found in the source",
    },
}


def notice_words(notice: Notice, host: str, language: Language) -> str:
    """A notice in a sentence."""
    return _NOTICES[language][notice.code].format(host=host)


def problem_words(problem: Problem, language: Language) -> str:
    """A problem of a sentence in a few words."""
    return _PROBLEMS[language][problem.kind].format(detail=problem.detail)
