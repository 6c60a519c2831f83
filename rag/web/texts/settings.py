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
        ja="このサーバーの設定です。ここで変えたものは次の質問から使われ、rag.toml に書き込まれます。"
        "ほかの設定は rag.toml か環境変数 RAG_… を書き換え、Shiori を起動し直すと変わります。",
        en="How this server is set up. What you change here holds from the next question on, and is "
        "written to rag.toml. For other settings, edit rag.toml or the environment (RAG_…) and start Shiori again.",
    )
    intro_fixed = Text(
        ja="このサーバーの設定です。変えるには rag.toml か環境変数 RAG_… を書き換え、Shiori を起動し直します。"
        "ログインのないサーバーにほかの機械からつながるときは、ここでは変えられません。",
        en="How this server is set up. To change it, edit rag.toml or the environment (RAG_…) and start Shiori again. "
        "A server that other machines can reach and that asks for no password is not set up from here.",
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
    all_settings = Text(ja="すべての設定", en="All settings")
    llm_title = Text(ja="LLM に文章を書かせる", en="Prose by an LLM")
    search_title = Text(ja="検索と回答", en="Search and answers")
    synonyms_title = Text(ja="同じ意味の言葉", en="Synonyms")
    names = Named(
        k=Text(ja="箇所の数", en="Passages"),
        mode=Text(ja="調べ方", en="Way of searching"),
        min_confidence=Text(ja="答えを出す確かさの下限", en="Least confidence of an answer"),
        llm_url=Text(ja="アドレス", en="Address"),
        llm_model=Text(ja="モデル", en="Model"),
        synonyms=Text(ja="言葉", en="Words"),
    )
    modes = Named(
        hybrid=Text(ja="意味と言葉", en="Meaning and words"),
        dense=Text(ja="意味", en="Meaning"),
        lexical=Text(ja="言葉", en="Words"),
    )
    synonyms_hint = Text(
        ja="1 行に 1 組。同じ意味の言葉はコンマで（有給, 有休, 年休）、"
        "片方からだけ探すものは => で（PC => パソコン）書きます。# で始まる行は読みません。",
        en="One group a line: words that mean the same with commas (paid leave, annual leave), "
        "a word that also finds another with => (PC => computer). Lines that begin with # are not read.",
    )
    synonyms_file = Text(ja="ファイル: {path}", en="File: {path}")
    save = Text(ja="保存", en="Save")
    saved = Text(ja="保存しました。次の質問から使われます。", en="Saved. It holds from the next question on.")
    saved_llm = Text(
        ja="保存しました。開いているページは、読み込み直すと変わります。",
        en="Saved. Pages that are open show it when they are loaded again.",
    )
    failed = Text(ja="保存できませんでした。", en="It could not be saved.")
    fixed = Named(
        environment=Text(
            ja="環境変数 {variable} で決まっているため、ここでは変えられません。",
            en="Set by the environment ({variable}), so it cannot be changed here.",
        ),
        given=Text(
            ja="起動時に指定されているため、ここでは変えられません。",
            en="Given when the server was started, so it cannot be changed here.",
        ),
    )
    fixed_here = Text(ja="ここでは変えられません。", en="It cannot be changed here.")
    refusals = Named(
        {
            "number": Text(
                ja="「{name}」は {least} から {most} までの数で書いてください。",
                en="{name}: write a number from {least} to {most}.",
            ),
            "mode": Text(ja="「{name}」にない選び方です。", en="{name}: there is no such choice."),
            "address": Text(
                ja="「{name}」は http://localhost:11434/v1 のように書いてください。",
                en="{name}: write it like http://localhost:11434/v1.",
            ),
            "login": Text(
                ja="「{name}」に名前やパスワードは書けません。"
                "鍵は環境変数 RAG_LLM_KEY か llm_key_file で渡してください。",
                en="{name}: it cannot hold a name or a password. Give the key as RAG_LLM_KEY or llm_key_file.",
            ),
            "key": Text(
                ja="今のサーバーの鍵が設定されています。別のサーバーへ送らないよう、"
                "サーバーを替えるときは鍵と一緒に rag.toml か環境変数で変えてください。",
                en="A key is set for the server that is there now. So that no other gets it, change server and key "
                "together, in rag.toml or the environment.",
            ),
            "fixed": Text(ja="「{name}」はここでは変えられません。", en="{name} cannot be changed here."),
            "too-long": Text(
                ja="{most:,} 字を超える言葉は、ファイルで書き換えてください。",
                en="This is longer than {most|character}. Change the file itself.",
            ),
            "changed": Text(
                ja="開いたあとで、ほかの人がファイルを書き換えました。もう一度保存すると、こちらの内容で置き換わります。",
                en="Somebody has changed the file since you opened it. Save again to have yours instead.",
            ),
        }
    )
    line = Text(ja="{number} 行目: {problem}", en="Line {number}: {problem}")
    more_lines = Text(ja="ほかに {count:,} 行", en="{count|more line|more lines}")
    rules = Named(
        arrows=Text(ja="=> が 2 つ以上あります。", en="it has more than one =>."),
        alone=Text(
            ja="「{word}」だけです。同じ意味の言葉をコンマで並べてください。",
            en="“{word}” stands alone; put commas between words that mean the same.",
        ),
        missing=Text(ja="コンマか => の横に言葉がありません。", en="a word is missing beside a comma or =>."),
        nothing=Text(
            ja="「{word}」には、検索で探す言葉がありません。", en="“{word}” has nothing that a search looks for."
        ),
    )
    test = Text(ja="このサーバーを試す", en="Try this server")
    no_address = Text(ja="アドレスを書いてください。", en="Write an address first.")
    testing = Text(ja="LLM のサーバーの返事を待っています", en="Waiting for the LLM server")
    tested = Text(
        ja="LLM のサーバー（{host}）は {seconds:.1f} 秒で答えました。",
        en="The LLM server ({host}) answered in {seconds:.1f} s.",
    )


SETTINGS_TEXTS = in_each_language(SettingsTexts)
