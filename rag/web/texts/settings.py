"""What the page says of the settings. In English, what each does stands with it in ``rag.settings``."""

from __future__ import annotations

from collections.abc import Mapping

from rag.settings import Settings
from rag.web.texts.text import Named, Spoken, Text, in_each_language

_DESCRIPTIONS: Mapping[str, str] = {
    "index": "作る、または尋ねる索引のフォルダー。PostgreSQL のアドレスも使えます。",
    "cache_dir": "展開したモデルと計算ずみのベクトルを置くフォルダー。",
    "model": "埋め込みモデル。同梱のもの、フォルダー、または sentence-transformers の名前。",
    "precision": "モデルの計算精度。auto は CPU に合わせて選びます。",
    "chunk_tokens": "箇所の目標の長さ（形態素の数）。",
    "overlap_sentences": "前の箇所から繰り返す文の数。",
    "embed_with": "箇所と一緒にモデルが読むもの。なし（text）、題名（title）、題名と見出し（heading）。",
    "bm25_k1": "BM25 の、語の頻度の飽和。",
    "bm25_b": "BM25 の、長さの補正。0（なし）から 1（すべて）まで。",
    "ngram_weight": "言葉の点数のうち、文字 2 つ組の割合。残りは単語です。",
    "dense_weight": "合わせた点数のうち、意味の割合。残りは言葉です。",
    "candidates": "それぞれの調べ方が候補に挙げる箇所の数。",
    "synonyms": "同じ意味の言葉のファイル（UTF-8、Solr の形式）。",
    "vector_graph": "データベースの索引で、近い箇所をグラフ（HNSW）で探すか。箇所が多いと速く、少し見落とします。",
    "k": "検索で返す箇所の数。",
    "mode": "調べ方。意味と言葉（hybrid）、意味（dense）、言葉（lexical）。",
    "reader": "答えに印をつける読解モデル。none なら文をそのまま引用します。",
    "rerank": "検索の結果も読解モデルで並べるか。回答ではいつも並べます。",
    "min_confidence": "これより不確かな答えは出しません。未設定なら読解モデルに合わせます。",
    "max_question_chars": "これより長い質問は受け付けません（文字数）。",
    "log_questions": "質問を記録に残すか。残さないときは、かかった時間と結果だけを書きます。",
    "max_file_mb": "これより大きいファイルは受け付けません（MB）。",
    "follow_links": "渡したフォルダーの外へ出るリンクをたどるか。",
    "max_added_files": "ページから索引に追加できるファイルの数。",
    "max_added_mb": "ページから追加したファイルの合計の上限（MB）。",
    "watch_roots": "管理者が見張りに指定できる、サーバーのフォルダー。",
    "trusted_proxies": "信用するプロキシのアドレス。だれからの接続かを、これらの言うとおりに扱います。",
    "accounts": "ページを使えるアカウントのファイル（rag user が書きます）。未設定なら、だれでも使えます。",
    "oidc_issuer": "OpenID Connect の提供元のアドレス。その利用者がログインできます。",
    "oidc_client_id": "提供元でのこのサーバーの名前。",
    "oidc_client_secret": "提供元がこのサーバーに渡した秘密。表示も保存もしません。",
    "oidc_client_secret_file": "その秘密だけを書いたファイル。",
    "oidc_scope": "提供元に求めるもの。",
    "oidc_name_claim": "アカウントの名前になる項目。",
    "oidc_role_claim": "役割やグループが入っている項目。",
    "oidc_roles": "その項目の値と、与える役割。",
    "oidc_default_role": "その値がない利用者の役割。none ならログインできません。",
    "audit_log": "だれが文書を加え、外し、ログインしたかを書く監査記録のファイル。質問は書きません。",
    "audit_log_mb": "監査記録を次のファイルに替える大きさ（MB）。",
    "audit_log_files": "残しておく古い監査記録の数。",
    "eval_datasets": "「評価」で選べるデータセットを置くフォルダー。",
    "llm_url": "OpenAI の chat API を話すサーバーのアドレス。求められたときだけ送ります。",
    "llm_model": "そのサーバーでのモデルの名前。",
    "llm_key": "サーバーの鍵。表示も保存もしません。",
    "llm_key_file": "その鍵だけを書いたファイル。",
    "llm_temperature": "文章のばらつき（温度）。",
    "llm_max_tokens": "文章の長さの上限（モデルのトークン数）。",
    "llm_context_tokens": "モデルが一度に読み書きできる長さ（トークン数）。",
    "llm_timeout": "サーバーの返事を待つ時間の上限（秒）。",
    "llm_retries": "一時的な失敗のあと、やり直す回数。",
    "llm_prompts": "自分で書いた指示文のテンプレートを置くフォルダー。",
}


def _english(name: str) -> str:
    return " ".join((Settings.model_fields[name].description or "").replace("``", "").split())


class SettingsTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    title = Text(ja="設定", en="Settings")
    intro = Text(
        ja="このサーバーの設定です。変えるには rag.toml か環境変数 RAG_… を書き換え、Shiori を起動し直します。",
        en="How this server is set up. To change it, edit rag.toml or the environment (RAG_…) and start Shiori again.",
    )
    groups = Named(
        index=Text(ja="索引", en="Index"),
        search=Text(ja="検索", en="Search"),
        answers=Text(ja="回答", en="Answers"),
        files=Text(ja="ファイル", en="Files"),
        llm=Text(ja="LLM のサーバー", en="LLM server"),
        access=Text(ja="利用者と記録", en="Access and logs"),
    )
    origins = Named(
        given=Text(ja="起動時の指定", en="given at the start"),
        environment=Text(ja="環境変数", en="environment"),
        file=Text(ja="rag.toml", en="rag.toml"),
        default=Text(ja="初期値", en="default"),
    )
    descriptions = Named({name: Text(ja=said, en=_english(name)) for name, said in _DESCRIPTIONS.items()})
    yes = Text(ja="はい", en="yes")
    no = Text(ja="いいえ", en="no")
    unset = Text(ja="未設定", en="not set")
    secret = Text(ja="設定あり（表示しません）", en="set (not shown)")
    test = Text(ja="LLM のサーバーを試す", en="Try the LLM server")
    testing = Text(ja="LLM のサーバーの返事を待っています", en="Waiting for the LLM server")
    tested = Text(
        ja="LLM のサーバー（{host}）は {seconds:.1f} 秒で答えました。",
        en="The LLM server ({host}) answered in {seconds:.1f} s.",
    )


SETTINGS_TEXTS = in_each_language(SettingsTexts)
