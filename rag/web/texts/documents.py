"""What the page says of documents, of adding and removing them, and of updates of the index."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


class DocumentTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    separator = Text(ja=" ・ ", en=" · ")

    add_title = Text(ja="文書を追加", en="Add documents")
    drop_here = Text(ja="ファイルやフォルダーをここにドロップ", en="Drop files or a folder here")
    choose_files = Text(ja="ファイルを選ぶ", en="Choose files")
    choose_folder = Text(ja="フォルダーを選ぶ", en="Choose a folder")
    add_explained = Text(
        ja="テキスト、HTML、PDF、Word、PowerPoint、Excel、EPUB、メール、字幕、zip など。1 件 {size:g} MB まで。",
        en="Text, HTML, PDF, Word, PowerPoint, Excel, EPUB, mail, subtitles, zip and more; up to {size:g} MB each.",
    )
    sending = Text(ja="送っています（{done} / {total}）: {name}", en="Sending {done} of {total}: {name}")
    sent_nothing = Text(ja="送れるファイルがありませんでした。", en="There was no file to send.")
    cannot_change = Text(ja="このページからは文書を追加できません。", en="Documents cannot be added from this page.")
    unknown_sources = Text(
        ja="この索引には、元になったフォルダーの記録がありません。端末で {command} を一度実行すると、"
        "ここから文書を追加したり外したりできるようになります。",
        en="This index does not tell which folders it was made of. Run {command} once in a terminal; "
        "after that, documents can be added and removed here.",
    )

    stages = Named(
        starting=Text(ja="準備しています", en="Getting ready"),
        blocked=Text(
            ja="ほかの処理が索引を更新しています。終わるのを待っています",
            en="Another process is updating the index; waiting until it is done",
        ),
        reading=Text(ja="文書を読んでいます", en="Reading the documents"),
        embedding=Text(ja="意味を読み取っています", en="Reading for meaning"),
        writing=Text(ja="索引に書き込んでいます", en="Writing the index"),
        opening=Text(ja="新しい索引に切り替えています", en="Switching to the new index"),
    )
    stages_counted = Named(
        reading=Text(
            ja="文書を読んでいます（{done:,} / {total:,} 件）", en="Reading the documents ({done:,} of {total:,})"
        ),
        embedding=Text(
            ja="意味を読み取っています（{done:,} / {total:,} 箇所）",
            en="Reading for meaning ({done:,} of {total|passage})",
        ),
    )
    pace = Text(ja="毎秒 {passages:,.1f} 箇所", en="{passages:,.1f} passages a second")
    finished = Text(
        ja="更新が終わりました（追加 {added:,} 件、変更 {changed:,} 件、削除 {removed:,} 件）",
        en="The update is done ({added:,} added, {changed:,} changed, {removed:,} removed)",
    )
    finished_passages = Text(ja="{passages:,} 箇所を{time}で読み取り", en="{passages|passage} in {time}")
    finished_same = Text(
        ja="更新が終わりました。変わった文書はありません。", en="The update is done. Nothing has changed."
    )
    working_note = Text(
        ja="更新が終わるまで、質問にはこれまでの索引で答えます。",
        en="Until this is done, questions are answered from the index as it was.",
    )
    stop = Text(ja="中止", en="Stop")
    stopping = Text(ja="中止しています", en="Stopping")
    stopped = Text(
        ja="更新を中止しました。索引はこれまでのままです。追加したファイルは残っています。",
        en="The update was stopped. The index is as it was, and the files you added are kept.",
    )
    go_on = Text(ja="続きから更新する", en="Go on with the update")
    retry = Text(ja="もう一度試す", en="Try again")
    clear = Text(ja="結果を閉じる", en="Close the results")
    uploads = Text(ja="追加したファイル", en="Files you added")
    uploads_counted = Named(
        waiting=Text(ja="待機中 {count:,} 件", en="{count:,} waiting"),
        read=Text(ja="読み取り済み {count:,} 件", en="{count:,} read"),
        indexed=Text(ja="完了 {count:,} 件", en="{count:,} done"),
        same=Text(ja="変更なし {count:,} 件", en="{count:,} unchanged"),
        unread=Text(ja="読めないもの {count:,} 件", en="{count:,} unreadable"),
        refused=Text(ja="受け付けなかったもの {count:,} 件", en="{count:,} not accepted"),
    )
    states = Named(
        waiting=Text(ja="待機中", en="Waiting"),
        read=Text(ja="読み取り済み", en="Read"),
        indexed=Text(ja="完了", en="Done"),
        same=Text(ja="変更なし", en="Unchanged"),
        unread=Text(ja="読めません", en="Unreadable"),
        refused=Text(ja="受け付けませんでした", en="Not accepted"),
    )
    indexed_passages = Text(ja="{passages:,} 箇所", en="{passages|passage}")
    replaced = Text(ja="同じ名前の文書と入れ替え", en="replaces the document of that name")
    more_files = Text(ja="ほか {count:,} 件", en="and {count:,} more")
    troubles = Named(
        busy=Text(
            ja="ほかの処理がまだ索引を更新しています。終わってから、もう一度お試しください。",
            en="Another process is still updating the index. Try again when it is done.",
        ),
        gone=Text(
            ja="{path} が見つかりません。ここから作った文書が失われないよう、更新を取りやめました。"
            "ドライブやフォルダーを元に戻して、もう一度お試しください。使わなくなった場所であれば、"
            "端末で rag build に残りの場所を指定してください。",
            en="{path} cannot be found. The update was called off so that its documents are not lost. Make the "
            "drive or folder available again and try again; if it is no longer used, run rag build with the paths that "
            "remain.",
        ),
        unknown=Text(
            ja="この索引には、元になったフォルダーの記録がありません。端末で rag build を一度実行してください。",
            en="This index does not tell which folders it was made of. Run rag build once in a terminal.",
        ),
        none=Text(
            ja="索引に入れられる文書がひとつもないため、索引はこれまでのままです。ほかの文書を追加してください。",
            en="There is no document left to index, so the index stays as it was. Add another document.",
        ),
        storage=Text(
            ja="索引を書き込めませんでした。ディスクの空きと、フォルダーに書き込めるかを確かめてください。"
            "これまでの索引はそのまま使えます。",
            en="The index could not be written. Check the free space and that the folder can be written. "
            "The index before is still in use.",
        ),
        model=Text(
            ja="モデルを読み込めないため、更新できませんでした。詳しい内容を確かめてください。",
            en="The model could not be loaded, so nothing was updated. See the details.",
        ),
        other=Text(
            ja="思わぬ問題が起きて、更新できませんでした。これまでの索引はそのまま使えます。"
            "続くようなら端末の記録を確かめてください。",
            en="Something unexpected went wrong and nothing was updated. The index before is still in use. "
            "If it persists, look at the terminal's log.",
        ),
    )
    details = Text(ja="詳しい内容", en="Details")
    refusals = Named(
        {
            "type": Text(
                ja="この種類のファイルは読めません。テキストや PDF などに変換してください。",
                en="Files of this kind cannot be read. Convert it to text or PDF, for example.",
            ),
            "hidden": Text(
                ja="隠しファイルや一時ファイルは追加しません。", en="Hidden and temporary files are not added."
            ),
            "empty": Text(ja="中身が空です。保存し直してください。", en="The file is empty. Save it again."),
            "size": Text(
                ja="大きすぎます（{size:.1f} MB、上限 {limit:g} MB）。分割するか、設定 max_file_mb を上げてください。",
                en="It is too large ({size:.1f} MB, at most {limit:g} MB). Split it, or raise max_file_mb.",
            ),
            "count": Text(
                ja="追加できるのは {limit:,.0f} 件までです。"
                "不要な文書を外すか、設定 max_added_files を上げてください。",
                en="At most {limit:,.0f} files can be added. Remove some, or raise max_added_files.",
            ),
            "total": Text(
                ja="追加できるのは合わせて {limit:,.0f} MB までです。"
                "不要な文書を外すか、設定 max_added_mb を上げてください。",
                en="At most {limit:,.0f} MB can be added in all. Remove some documents, or raise max_added_mb.",
            ),
            "name": Text(
                ja="名前が使えません。ファイル名を変えてください。", en="Its name cannot be used. Rename the file."
            ),
            "not-sent": Text(
                ja="送信が途中で終わりました。もう一度追加してください。",
                en="It did not arrive whole. Please add it again.",
            ),
            "folder": Text(
                ja="同じ名前のフォルダーまたはファイルがすでにあります。名前を変えてください。",
                en="There is a folder or file of this name already. Rename it.",
            ),
            "full": Text(
                ja="ディスクがいっぱいです。空きを作って、もう一度追加してください。",
                en="The disk is full. Make room and add it again.",
            ),
            "busy": Text(
                ja="ほかの処理と重なりました。しばらくして、もう一度追加してください。",
                en="Another process was in the way. Add it again in a moment.",
            ),
            "other": Text(ja="保存できませんでした（{detail}）。", en="It could not be stored ({detail})."),
        }
    )
    unread_title = Text(ja="読めなかったファイル", en="Files that could not be read")
    unread_note = Text(
        ja="次のファイルは索引に入っていません。直したものを追加し直すと、入れ替わります。",
        en="These are not in the index. A mended file of the same name takes the place of the old one.",
    )
    delete_file = Text(ja="削除", en="Delete")

    list_title = Text(ja="索引にある文書", en="Documents in the index")
    count = Text(ja="{count:,} 件", en="{count:,}")
    count_found = Text(ja="{found:,} / {count:,} 件", en="{found:,} of {count:,}")
    filter_label = Text(ja="文書を絞り込む", en="Filter the documents")
    filter_placeholder = Text(ja="題名やファイル名で絞り込む", en="Filter by title or file name")
    none_found = Text(ja="「{words}」に当てはまる文書はありません。", en="No document fits “{words}”.")
    empty = Text(
        ja="まだ文書がありません。上にファイルをドロップすると、索引ができます。",
        en="There are no documents yet. Drop files above, and an index is made of them.",
    )
    columns = Named(
        title=Text(ja="題名", en="Title"),
        source=Text(ja="ファイル", en="File"),
        chars=Text(ja="長さ", en="Length"),
        passages=Text(ja="箇所", en="Passages"),
        language=Text(ja="言語", en="Language"),
        excluded=Text(ja="除外", en="Left out"),
        indexed=Text(ja="索引に入れた日時", en="Indexed"),
    )
    sort_by = Text(ja="{column}の順に並べる", en="Sort by {column}")
    ascending = Text(ja="昇順", en="ascending")
    descending = Text(ja="降順", en="descending")
    added_here = Text(ja="ここで追加", en="added here")
    leaving = Text(ja="外しています", en="being removed")
    keep = Text(ja="やめる", en="Keep it")
    open = Text(ja="「{title}」の中身を見る", en="Look into “{title}”")
    remove = Text(ja="外す", en="Remove")
    remove_label = Text(ja="「{title}」を索引から外す", en="Remove “{title}” from the index")
    pages = Text(ja="ページ", en="Pages")
    page = Text(ja="{page:,} / {pages:,} ページ", en="Page {page:,} of {pages:,}")
    previous = Text(ja="前へ", en="Previous")
    next = Text(ja="次へ", en="Next")
    chars = Text(ja="{chars:,} 字", en="{chars|character}")
    passages = Text(ja="{passages:,} 箇所", en="{passages|passage}")
    not_excluded = Text(ja="なし", en="none")

    confirm_title = Text(ja="「{title}」を索引から外しますか", en="Remove “{title}” from the index?")
    confirm_own = Text(
        ja="元のファイルはそのまま残ります。外した文書は、あとで元に戻せます。",
        en="The file itself is not touched, and the document can be taken back later.",
    )
    confirm_added = Text(
        ja="ここで追加した文書なので、サーバーに保存したファイルも削除します。元に戻すには、もう一度追加してください。",
        en="It was added here, so its file on the server is deleted as well. To have it back, add it again.",
    )
    confirm = Text(ja="外す", en="Remove")
    cancel = Text(ja="やめる", en="Cancel")
    last_one = Text(
        ja="最後の文書は外せません。先にほかの文書を追加してください。",
        en="The last document cannot be removed. Add another one first.",
    )
    gone = Text(ja="この文書は、もう索引にありません。", en="This document is no longer in the index.")

    removed_title = Text(ja="索引から外した文書", en="Documents you removed")
    removed_note = Text(ja="元のファイルは残っています。", en="Their files are still there.")
    take_back = Text(ja="元に戻す", en="Take back")
    take_back_label = Text(ja="「{title}」を索引に戻す", en="Take “{title}” back into the index")

    back = Text(ja="文書の一覧へ戻る", en="Back to the documents")
    facts = Named(
        source=Text(ja="ファイル", en="File"),
        chars=Text(ja="長さ", en="Length"),
        passages=Text(ja="箇所", en="Passages"),
        language=Text(ja="言語", en="Language"),
        excluded=Text(ja="除外した割合", en="Left out"),
        indexed=Text(ja="索引に入れた日時", en="Indexed"),
    )
    passage = Text(ja="箇所 {number:,}", en="Passage {number:,}")
    repeats = Text(
        ja="地に色のある部分は、前の箇所にも含まれます。", en="What is shaded stands in the passage before as well."
    )
    excluded_as = Text(ja="除外: {reason}", en="Left out: {reason}")
    outside = Text(ja="どの箇所にも含まれません", en="In no passage")
    legend = Text(
        ja="枠のひとつひとつが、検索の単位になる箇所です。薄い字は、メニューや広告とみなして索引に入れていない部分です。",
        en="Each frame is a passage, which is what a search finds. Faint text was taken for menus or advertisements "
        "and is not in the index.",
    )
    overview = Text(ja="概要", en="Overview")
    headings = Text(ja="見出し", en="Headings")
    leading = Text(ja="書き出し", en="How it begins")
    tables = Text(ja="表", en="Tables")
    table = Text(ja="{rows:,} 行 × {columns:,} 列", en="{rows|row} × {columns:,} columns")
    dates = Text(ja="日付", en="Dates")
    similar = Text(ja="似た文書", en="Similar documents")
    jump = Text(ja="「{words}」へ移る", en="Go to “{words}”")
    show_next = Text(ja="続きを表示", en="Show more")
    line = Text(ja="{first:,} 行目", en="line {first:,}")
    lines = Text(ja="{first:,}～{last:,} 行目", en="lines {first:,}–{last:,}")


DOCUMENT_TEXTS = in_each_language(DocumentTexts)
