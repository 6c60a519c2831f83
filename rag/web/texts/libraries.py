"""What the page says of libraries, in Japanese and English."""

from __future__ import annotations

from collections.abc import Sequence

from rag.library import NamedLibrary
from rag.web.texts.choice import Language
from rag.web.texts.text import Named, Spoken, Text, in_each_language


class LibraryTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    title = Text(ja="ライブラリー", en="Libraries")
    none = Text(ja="なし", en="None")
    more = Text(ja=" +{count}", en=" +{count}")
    asked = Text(ja="使うライブラリー", en="Libraries to use")
    default = Text(ja="既定", en="Default")
    shown = Text(ja="文書を見る・追加するライブラリー", en="Library whose documents are shown and added to")
    count = Text(ja="{count:,} 件", en="{count:,}")
    new = Text(ja="新しいライブラリー", en="New library")
    name = Text(ja="名前", en="Name")
    name_hint = Text(ja="例: 規程、製品、個人", en="Such as Rules, Products, Personal")
    closed = Text(ja="許したアカウントと管理者だけが使う", en="Only for accounts that are allowed, and administrators")
    closed_hint = Text(ja="だれに許すかは rag user allow で決めます。", en="`rag user allow` says who these are.")
    make = Text(ja="作る", en="Make it")
    change = Text(ja="「{name}」を変える", en="Change “{name}”")
    new_name = Text(ja="新しい名前", en="New name")
    rename = Text(ja="名前を変える", en="Rename")
    empty = Text(ja="空にする", en="Empty")
    remove = Text(ja="削除する", en="Remove")
    confirm_empty = Text(ja="「{name}」の文書をすべて外しますか？", en="Take all documents out of “{name}”?")
    confirm_empty_note = Text(
        ja="このページで追加したファイルは消えます。元の場所から読み込んだファイル、保存した回答、"
        "正解をつけた質問は残ります。",
        en="Files added on this page are deleted. Files read from folders of yours, saved answers and marked questions "
        "stay.",
    )
    confirm_remove = Text(ja="「{name}」を削除しますか？", en="Remove “{name}”?")
    confirm_remove_note = Text(
        ja="索引、このページで追加したファイル、保存した回答、正解をつけた質問がすべて消えます。"
        "元の場所から読み込んだファイルには触れません。",
        en="Its index, files added on this page, saved answers and marked questions are all deleted. Files read from "
        "folders of yours are not touched.",
    )
    cancel = Text(ja="やめる", en="Cancel")
    made = Text(ja="「{name}」を作りました。", en="“{name}” is made.")
    renamed = Text(ja="「{name}」という名前にしました。", en="It is called “{name}” now.")
    emptied = Text(ja="「{name}」を空にしました。", en="“{name}” is empty.")
    removed = Text(ja="「{name}」を削除しました。", en="“{name}” is removed.")
    failed = Text(ja="できませんでした。", en="This could not be done.")
    unknown = Text(
        ja="そのライブラリーはありません。削除されたか、使えるようになっていません。",
        en="There is no such library: it was removed, or is not yours to use.",
    )
    busy = Text(
        ja="いま更新しています。終わってからもう一度お試しください。",
        en="It is being updated. Try again when that is done.",
    )
    problems = Named(
        empty=Text(ja="名前を入れてください。", en="Give it a name."),
        long=Text(ja="名前は {most} 文字までです。", en="A name has {most|character} at most."),
        characters=Text(
            ja='名前に / \\ : * ? " < > | は使えません。先頭の . と - も使えません。',
            en='A name has none of / \\ : * ? " < > | and no . or - in front.',
        ),
        reserved=Text(ja="この名前は既定のライブラリーのものです。", en="The default library is called so."),
        taken=Text(
            ja="同じ名前（大文字と小文字、全角と半角の違いだけのものも含む）がもうあります。",
            en="Another is called so, or so but for case or width.",
        ),
    )


LIBRARY_TEXTS = in_each_language(LibraryTexts)


def library_name(library: NamedLibrary, language: Language) -> str:
    """What a library is called in the page."""
    return LIBRARY_TEXTS[language].default if library.is_default else library.name


def library_names(libraries: Sequence[NamedLibrary], language: Language) -> str:
    """The first of several libraries and how many more there are; nothing if there is none."""
    if not libraries:
        return ""
    more = LIBRARY_TEXTS[language].more.format(count=len(libraries) - 1) if len(libraries) > 1 else ""
    return library_name(libraries[0], language) + more
