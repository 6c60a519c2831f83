"""What the page says of documents, of adding and removing them, and of updates of the index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class DocumentTexts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    language: Language
    separator: str

    add_title: str
    drop_here: str
    choose_files: str
    choose_folder: str
    add_explained: str
    sending: str
    sent_nothing: str
    cannot_change: str
    unknown_sources: str

    stages: Mapping[str, str]
    stages_counted: Mapping[str, str]
    working_note: str
    stop: str
    stopping: str
    stopped: str
    go_on: str
    retry: str
    clear: str
    uploads: str
    uploads_counted: Mapping[str, str]
    states: Mapping[str, str]
    indexed_passages: str
    replaced: str
    more_files: str
    troubles: Mapping[str, str]
    details: str
    refusals: Mapping[str, str]
    unread_title: str
    unread_note: str
    delete_file: str

    list_title: str
    count: str
    count_found: str
    filter_label: str
    filter_placeholder: str
    none_found: str
    empty: str
    columns: Mapping[str, str]
    sort_by: str
    ascending: str
    descending: str
    added_here: str
    leaving: str
    keep: str
    open: str
    remove: str
    remove_label: str
    pages: str
    page: str
    previous: str
    next: str
    chars: str
    passages: str
    not_excluded: str

    confirm_title: str
    confirm_own: str
    confirm_added: str
    confirm: str
    cancel: str
    last_one: str
    gone: str

    removed_title: str
    removed_note: str
    take_back: str
    take_back_label: str

    back: str
    contents: str
    facts: Mapping[str, str]
    passage: str
    repeats: str
    excluded_as: str
    outside: str
    legend: str
    show_next: str
    line: str
    lines: str


JAPANESE = DocumentTexts(
    language="ja",
    separator=" ・ ",
    add_title="文書を追加",
    drop_here="ファイルやフォルダーをここにドロップ",
    choose_files="ファイルを選ぶ",
    choose_folder="フォルダーを選ぶ",
    add_explained="テキスト、HTML、PDF、Word、PowerPoint、Excel、EPUB、メール、字幕、zip など。1 件 {size:g} MB まで。",
    sending="送っています（{done} / {total}）: {name}",
    sent_nothing="送れるファイルがありませんでした。",
    cannot_change="このページからは文書を追加できません。",
    unknown_sources=(
        "この索引には、元になったフォルダーの記録がありません。端末で {command} を一度実行すると、"
        "ここから文書を追加したり外したりできるようになります。"
    ),
    stages={
        "starting": "準備しています",
        "blocked": "ほかの処理が索引を更新しています。終わるのを待っています",
        "reading": "文書を読んでいます",
        "embedding": "意味を読み取っています",
        "writing": "索引に書き込んでいます",
        "opening": "新しい索引に切り替えています",
    },
    stages_counted={
        "reading": "文書を読んでいます（{done:,} / {total:,} 件）",
        "embedding": "意味を読み取っています（{done:,} / {total:,} 箇所）",
    },
    working_note="更新が終わるまで、質問にはこれまでの索引で答えます。",
    stop="中止",
    stopping="中止しています",
    stopped="更新を中止しました。索引はこれまでのままです。追加したファイルは残っています。",
    go_on="続きから更新する",
    retry="もう一度試す",
    clear="結果を閉じる",
    uploads="追加したファイル",
    uploads_counted={
        "waiting": "待機中 {count:,} 件",
        "read": "読み取り済み {count:,} 件",
        "indexed": "完了 {count:,} 件",
        "same": "変更なし {count:,} 件",
        "unread": "読めないもの {count:,} 件",
        "refused": "受け付けなかったもの {count:,} 件",
    },
    states={
        "waiting": "待機中",
        "read": "読み取り済み",
        "indexed": "完了",
        "same": "変更なし",
        "unread": "読めません",
        "refused": "受け付けませんでした",
    },
    indexed_passages="{passages:,} 箇所",
    replaced="同じ名前の文書と入れ替え",
    more_files="ほか {count:,} 件",
    troubles={
        "busy": "ほかの処理がまだ索引を更新しています。終わってから、もう一度お試しください。",
        "gone": "{path} が見つかりません。ここから作った文書が失われないよう、更新を取りやめました。"
        "ドライブやフォルダーを元に戻して、もう一度お試しください。使わなくなった場所であれば、"
        "端末で rag build に残りの場所を指定してください。",
        "unknown": "この索引には、元になったフォルダーの記録がありません。端末で rag build を一度実行してください。",
        "none": "索引に入れられる文書がひとつもないため、索引はこれまでのままです。ほかの文書を追加してください。",
        "storage": "索引を書き込めませんでした。ディスクの空きと、フォルダーに書き込めるかを確かめてください。"
        "これまでの索引はそのまま使えます。",
        "model": "モデルを読み込めないため、更新できませんでした。詳しい内容を確かめてください。",
        "other": "思わぬ問題が起きて、更新できませんでした。これまでの索引はそのまま使えます。"
        "続くようなら端末の記録を確かめてください。",
    },
    details="詳しい内容",
    refusals={
        "type": "この種類のファイルは読めません。テキストや PDF などに変換してください。",
        "hidden": "隠しファイルや一時ファイルは追加しません。",
        "empty": "中身が空です。保存し直してください。",
        "size": "大きすぎます（{size:.1f} MB、上限 {limit:g} MB）。分割するか、設定 max_file_mb を上げてください。",
        "count": "追加できるのは {limit:,.0f} 件までです。不要な文書を外すか、設定 max_added_files を上げてください。",
        "total": "追加できるのは合わせて {limit:,.0f} MB までです。"
        "不要な文書を外すか、設定 max_added_mb を上げてください。",
        "name": "名前が使えません。ファイル名を変えてください。",
        "not-sent": "送信が途中で終わりました。もう一度追加してください。",
        "folder": "同じ名前のフォルダーまたはファイルがすでにあります。名前を変えてください。",
        "full": "ディスクがいっぱいです。空きを作って、もう一度追加してください。",
        "busy": "ほかの処理と重なりました。しばらくして、もう一度追加してください。",
        "other": "保存できませんでした（{detail}）。",
    },
    unread_title="読めなかったファイル",
    unread_note="次のファイルは索引に入っていません。直したものを追加し直すと、入れ替わります。",
    delete_file="削除",
    list_title="索引にある文書",
    count="{count:,} 件",
    count_found="{found:,} / {count:,} 件",
    filter_label="文書を絞り込む",
    filter_placeholder="題名やファイル名で絞り込む",
    none_found="「{words}」に当てはまる文書はありません。",
    empty="まだ文書がありません。上にファイルをドロップすると、索引ができます。",
    columns={
        "title": "題名",
        "source": "ファイル",
        "chars": "長さ",
        "passages": "箇所",
        "language": "言語",
        "excluded": "除外",
        "indexed": "索引に入れた日時",
    },
    sort_by="{column}の順に並べる",
    ascending="昇順",
    descending="降順",
    added_here="ここで追加",
    leaving="外しています",
    keep="やめる",
    open="「{title}」の中身を見る",
    remove="外す",
    remove_label="「{title}」を索引から外す",
    pages="ページ",
    page="{page:,} / {pages:,} ページ",
    previous="前へ",
    next="次へ",
    chars="{chars:,} 字",
    passages="{passages:,} 箇所",
    not_excluded="なし",
    confirm_title="「{title}」を索引から外しますか",
    confirm_own="元のファイルはそのまま残ります。外した文書は、あとで元に戻せます。",
    confirm_added="ここで追加した文書なので、サーバーに保存したファイルも削除します。元に戻すには、もう一度追加してください。",
    confirm="外す",
    cancel="やめる",
    last_one="最後の文書は外せません。先にほかの文書を追加してください。",
    gone="この文書は、もう索引にありません。",
    removed_title="索引から外した文書",
    removed_note="元のファイルは残っています。",
    take_back="元に戻す",
    take_back_label="「{title}」を索引に戻す",
    back="文書の一覧へ戻る",
    contents="「{title}」の中身",
    facts={
        "source": "ファイル",
        "chars": "長さ",
        "passages": "箇所",
        "language": "言語",
        "excluded": "除外した割合",
        "indexed": "索引に入れた日時",
    },
    passage="箇所 {number:,}",
    repeats="薄い地の部分は、前の箇所にも含まれます",
    excluded_as="除外: {reason}",
    outside="どの箇所にも含まれません",
    legend="枠のひとつひとつが、検索の単位になる箇所です。薄い字は、メニューや広告とみなして索引に入れていない部分です。",
    show_next="続きを表示",
    line="{first:,} 行目",
    lines="{first:,}～{last:,} 行目",
)

ENGLISH = DocumentTexts(
    language="en",
    separator=" · ",
    add_title="Add documents",
    drop_here="Drop files or a folder here",
    choose_files="Choose files",
    choose_folder="Choose a folder",
    add_explained=(
        "Text, HTML, PDF, Word, PowerPoint, Excel, EPUB, mail, subtitles, zip and more; up to {size:g} MB each."
    ),
    sending="Sending {done} of {total}: {name}",
    sent_nothing="There was no file to send.",
    cannot_change="Documents cannot be added from this page.",
    unknown_sources=(
        "This index does not tell which folders it was made of. Run {command} once in a terminal; "
        "after that, documents can be added and removed here."
    ),
    stages={
        "starting": "Getting ready",
        "blocked": "Another process is updating the index; waiting until it is done",
        "reading": "Reading the documents",
        "embedding": "Reading for meaning",
        "writing": "Writing the index",
        "opening": "Switching to the new index",
    },
    stages_counted={
        "reading": "Reading the documents ({done:,} of {total:,})",
        "embedding": "Reading for meaning ({done:,} of {total:,} passages)",
    },
    working_note="Until this is done, questions are answered from the index as it was.",
    stop="Stop",
    stopping="Stopping",
    stopped="The update was stopped. The index is as it was, and the files you added are kept.",
    go_on="Go on with the update",
    retry="Try again",
    clear="Close the results",
    uploads="Files you added",
    uploads_counted={
        "waiting": "{count:,} waiting",
        "read": "{count:,} read",
        "indexed": "{count:,} done",
        "same": "{count:,} unchanged",
        "unread": "{count:,} unreadable",
        "refused": "{count:,} not accepted",
    },
    states={
        "waiting": "Waiting",
        "read": "Read",
        "indexed": "Done",
        "same": "Unchanged",
        "unread": "Unreadable",
        "refused": "Not accepted",
    },
    indexed_passages="{passages:,} passages",
    replaced="replaces the document of that name",
    more_files="and {count:,} more",
    troubles={
        "busy": "Another process is still updating the index. Try again when it is done.",
        "gone": "{path} cannot be found. The update was called off so that its documents are not lost. Make the drive "
        "or folder available again and try again; if it is no longer used, run rag build with the paths that remain.",
        "unknown": "This index does not tell which folders it was made of. Run rag build once in a terminal.",
        "none": "There is no document left to index, so the index stays as it was. Add another document.",
        "storage": "The index could not be written. Check the free space and that the folder can be written. "
        "The index before is still in use.",
        "model": "The model could not be loaded, so nothing was updated. See the details.",
        "other": "Something unexpected went wrong and nothing was updated. The index before is still in use. "
        "If it persists, look at the terminal's log.",
    },
    details="Details",
    refusals={
        "type": "Files of this kind cannot be read. Convert it to text or PDF, for example.",
        "hidden": "Hidden and temporary files are not added.",
        "empty": "The file is empty. Save it again.",
        "size": "It is too large ({size:.1f} MB, at most {limit:g} MB). Split it, or raise max_file_mb.",
        "count": "At most {limit:,.0f} files can be added. Remove some, or raise max_added_files.",
        "total": "At most {limit:,.0f} MB can be added in all. Remove some documents, or raise max_added_mb.",
        "name": "Its name cannot be used. Rename the file.",
        "not-sent": "It did not arrive whole. Please add it again.",
        "folder": "There is a folder or file of this name already. Rename it.",
        "full": "The disk is full. Make room and add it again.",
        "busy": "Another process was in the way. Add it again in a moment.",
        "other": "It could not be stored ({detail}).",
    },
    unread_title="Files that could not be read",
    unread_note="These are not in the index. A mended file of the same name takes the place of the old one.",
    delete_file="Delete",
    list_title="Documents in the index",
    count="{count:,}",
    count_found="{found:,} of {count:,}",
    filter_label="Filter the documents",
    filter_placeholder="Filter by title or file name",
    none_found="No document fits “{words}”.",
    empty="There are no documents yet. Drop files above, and an index is made of them.",
    columns={
        "title": "Title",
        "source": "File",
        "chars": "Length",
        "passages": "Passages",
        "language": "Language",
        "excluded": "Left out",
        "indexed": "Indexed",
    },
    sort_by="Sort by {column}",
    ascending="ascending",
    descending="descending",
    added_here="added here",
    leaving="being removed",
    keep="Keep it",
    open="Look into “{title}”",
    remove="Remove",
    remove_label="Remove “{title}” from the index",
    pages="Pages",
    page="Page {page:,} of {pages:,}",
    previous="Previous",
    next="Next",
    chars="{chars:,} characters",
    passages="{passages:,} passages",
    not_excluded="none",
    confirm_title="Remove “{title}” from the index?",
    confirm_own="The file itself is not touched, and the document can be taken back later.",
    confirm_added="It was added here, so its file on the server is deleted as well. To have it back, add it again.",
    confirm="Remove",
    cancel="Cancel",
    last_one="The last document cannot be removed. Add another one first.",
    gone="This document is no longer in the index.",
    removed_title="Documents you removed",
    removed_note="Their files are still there.",
    take_back="Take back",
    take_back_label="Take “{title}” back into the index",
    back="Back to the documents",
    contents="Contents of “{title}”",
    facts={
        "source": "File",
        "chars": "Length",
        "passages": "Passages",
        "language": "Language",
        "excluded": "Left out",
        "indexed": "Indexed",
    },
    passage="Passage {number:,}",
    repeats="What is shaded stands in the passage before as well",
    excluded_as="Left out: {reason}",
    outside="In no passage",
    legend="Each frame is a passage, which is what a search finds. Faint text was taken for menus or advertisements "
    "and is not in the index.",
    show_next="Show more",
    line="line {first:,}",
    lines="lines {first:,}–{last:,}",
)

DOCUMENT_TEXTS: Mapping[Language, DocumentTexts] = {"ja": JAPANESE, "en": ENGLISH}
