"""What the page says of folders that the server watches, in Japanese and English."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


class WatchedTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    title = Text(ja="見ているフォルダー", en="Watched folders")
    count = Text(ja="{count:,} 件", en="{count:,}")
    new = Text(ja="サーバーのフォルダーを見る", en="Watch a folder of the server")
    path = Text(ja="フォルダーの場所", en="Path of the folder")
    path_hint = Text(ja="例: /home/shiori/規程", en="Such as /home/shiori/rules")
    explained = Text(
        ja="このフォルダーの文書を索引に入れ、ファイルが増えたり変わったりするたびに取り込みます。"
        "ファイルそのものには触れません。",
        en="Its documents are indexed, and taken in again whenever files come or change. The files are not touched.",
    )
    within = Text(ja="見られるのは、次の場所の中だけです: {roots}", en="Only folders in here can be watched: {roots}")
    no_roots = Text(
        ja="このサーバーでは、見てよい場所が決まっていません。"
        "設定 watch_roots に書くと、その中のフォルダーを見られます。",
        en="This server has no place whose folders may be watched. Name some in the setting watch_roots.",
    )
    add = Text(ja="見はじめる", en="Watch it")
    stages = Named(
        watching=Text(ja="見ています", en="Watching"),
        indexing=Text(ja="取り込み中", en="Taking in"),
        paused=Text(ja="停止中", en="Paused"),
        elsewhere=Text(ja="別のプロセスが見ています", en="Watched by another process"),
        error=Text(ja="エラー", en="Error"),
    )
    files = Text(ja="{count:,} ファイル", en="{count|file}")
    looked = Text(ja="最後に見た時刻 {time}", en="looked at {time}")
    not_looked = Text(ja="これから見ます", en="about to be looked at")
    last = Text(
        ja="最後の変化 {time}（追加 {added:,}、変更 {changed:,}、削除 {removed:,}）",
        en="last changes {time} ({added:,} added, {changed:,} changed, {removed:,} removed)",
    )
    no_last = Text(ja="変化はまだありません", en="no changes yet")
    troubles = Named(
        gone=Text(
            ja="フォルダーが見つからないか、中のファイルがすべて消えています。ドライブが外れていないか確かめてください。"
            "ここから作った文書は索引に残してあり、元に戻れば続きから取り込みます。"
            "使わなくなった場所なら「外す」を押してください。",
            en="The folder cannot be found, or all its files have vanished. Check that its drive is there. "
            "Its documents are kept in the index, and it is followed again once it is back. "
            "If it is no longer used, remove it.",
        ),
        outside=Text(
            ja="設定 watch_roots の場所の外にあるので、止めました。文書は索引に残してあります。",
            en="It is outside of what the setting watch_roots names, so it was paused. Its documents are kept.",
        ),
        failed=Text(ja="取り込めませんでした。", en="It could not be taken in."),
    )
    unread = Text(ja="読めないファイル {count:,} 件", en="{count|file} that cannot be read")
    more = Text(ja="ほか {count:,} 件", en="and {count:,} more")
    pause = Text(ja="停止", en="Pause")
    resume = Text(ja="再開", en="Resume")
    look = Text(ja="いま見る", en="Look now")
    remove = Text(ja="外す", en="Remove")
    of_folder = Text(ja="{what}: {path}", en="{what}: {path}")
    confirm = Text(ja="「{path}」を外しますか？", en="Remove “{path}”?")
    confirm_note = Text(
        ja="もとのファイルには触れません。文書を残すと、このフォルダーの変化は自動では取り込まなくなります。",
        en="The files are not touched. If its documents stay, what changes there is no longer taken in by itself.",
    )
    keep = Text(ja="文書は残して外す", en="Remove, keep its documents")
    leave = Text(ja="文書も索引から外す", en="Remove with its documents")
    cancel = Text(ja="やめる", en="Cancel")
    added = Text(ja="「{path}」を見はじめました。", en="“{path}” is watched now.")
    removed = Text(ja="「{path}」を外しました。", en="“{path}” is watched no more.")
    last_documents = Text(
        ja="索引の文書がすべてこのフォルダーのものなので、文書を残してしか外せません。"
        "すべて外すには、ライブラリーを空にしてください。",
        en="All documents of the index are from this folder, so it can only be removed with its documents kept. "
        "Empty the library to take all out.",
    )
    problems = Named(
        relative=Text(
            ja="フォルダーの場所を、先頭から（/ や C:\\ から）書いてください。",
            en="Give the whole path of the folder, from / or C:\\ on.",
        ),
        missing=Text(
            ja="そのフォルダーはサーバーにないか、開けません。場所を確かめてください。",
            en="There is no such folder on the server, or it cannot be opened. Check the path.",
        ),
        index=Text(
            ja="索引そのもののフォルダーは見られません。ほかのフォルダーを選んでください。",
            en="This folder belongs to the index itself. Choose another.",
        ),
        watched=Text(ja="そのフォルダーはもう見ています。", en="This folder is watched already."),
        nested=Text(
            ja="すでに見ている {other} と重なります。先にそちらを外してください。",
            en="It overlaps with {other}, which is watched already. Remove that one first.",
        ),
        many=Text(
            ja="これ以上は見られません。先にどれかを外してください。", en="No more can be watched. Remove one first."
        ),
    )
    outside = Text(
        ja="その場所のフォルダーは見られません。管理者が決めた場所（設定 watch_roots）の中から選んでください。",
        en="Folders there cannot be watched. Choose one in what the setting watch_roots names.",
    )
    failed = Text(ja="できませんでした。", en="It could not be done.")


WATCHED_TEXTS = in_each_language(WatchedTexts)
