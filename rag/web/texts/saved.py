"""What the page says of saved answers, in Japanese and English."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


class SavedTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    keep = Text(ja="栞をはさむ", en="Save")
    note = Text(ja="メモ", en="Note")
    tags = Text(ja="タグ（「、」で区切る）", en="Tags, with commas between")
    save = Text(ja="保存する", en="Save it")
    kept = Text(ja="保存しました。「栞」のタブにあります。", en="Saved. It is on the tab Saved.")
    show = Text(ja="保存した回答を見る", en="Show saved answers")
    failed = Text(ja="保存できませんでした。", en="It could not be saved.")
    title = Text(ja="保存した回答", en="Saved answers")
    intro = Text(
        ja="質問の回答の下にある「栞をはさむ」で、回答をそのときのまま残せます。",
        en="“Save” under an answer keeps it here as it was.",
    )
    search = Text(ja="質問、回答、メモから探す", en="Search questions, answers and notes")
    all_tags = Text(ja="すべて", en="All")
    by_tag = Text(ja="タグで絞り込む", en="Only one tag")
    none = Text(ja="保存した回答はまだありません。", en="No answer has been saved yet.")
    none_found = Text(ja="当てはまるものはありません。", en="None fits.")
    count = Text(ja="{count:,} 件", en="{count:,}")
    sources = Text(ja="出典", en="Sources")
    ask_again = Text(ja="今の文書に同じ質問をする", en="Ask the documents of today")
    change = Text(ja="メモとタグを変える", en="Change note and tags")
    remove = Text(ja="削除する", en="Remove")
    confirm = Text(ja="保存した回答を削除しますか？", en="Remove this saved answer?")
    cancel = Text(ja="やめる", en="Cancel")
    open = Text(ja="出典 {number}: {title}、{where}を開く", en="Open source {number}: {title}, {where}")
    standings = Named(
        moved=Text(ja="文書が変わり、この箇所は別の場所に移りました", en="The document has changed; this has moved"),
        changed=Text(ja="文書が変わり、この箇所はもうありません", en="The document has changed; this is not in it now"),
        gone=Text(ja="この文書はもうありません", en="The document is not here now"),
    )


SAVED_TEXTS = in_each_language(SavedTexts)
