"""What the page says of work that takes the server a while, in Japanese and English."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


class JobTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    stages = Named(
        waiting=Text(ja="順番待ち", en="waiting"),
        running=Text(ja="処理中", en="running"),
        stopping=Text(ja="止めています", en="stopping"),
        stopped=Text(ja="中断", en="stopped"),
        done=Text(ja="完了", en="done"),
        failed=Text(ja="失敗", en="failed"),
    )
    about = Text(ja="{name}（{libraries}）", en="{name} ({libraries})")
    stop = Text(ja="止める", en="Stop")
    go_on = Text(ja="続きから再開する", en="Go on")
    remove = Text(ja="削除", en="Remove")
    remove_surely = Text(ja="もう一度押すと削除します", en="Press again to remove")
    ahead = Text(
        ja="ほかの処理が終わるのを待っています（前に {ahead} 件）",
        en="Waiting for other work to be done ({ahead} before this)",
    )
    left = Text(ja="残り{time}", en="{time} left")
    seconds = Text(ja="約 {count} 秒", en="about {count} s")
    minutes = Text(ja="約 {count} 分", en="about {count} min")
    hours = Text(ja="約 {hours} 時間 {minutes} 分", en="about {hours} h {minutes} min")
    estimating = Text(ja="残り時間を見積もっています", en="Estimating the time left")
    stopped_note = Text(
        ja="ここまでの結果は保存してあります。続きからいつでも再開できます。",
        en="What is done so far is kept. You can go on from here at any time.",
    )
    error_start = Text(ja="始められませんでした", en="It could not be started")
    error_failed = Text(ja="途中で失敗しました", en="It failed on the way")
    error_busy = Text(
        ja="ほかの処理でいっぱいです。終わったものを削除するか、しばらくしてからもう一度試してください。",
        en="There is too much work already. Remove what is done, or try again later.",
    )
    error_internal = Text(
        ja="思わぬ問題が起きました。もう一度試し、続くようなら端末の記録を確かめてください。",
        en="Something unexpected went wrong. Please try again; if it persists, look at the terminal's log.",
    )
    error_no_index = Text(
        ja="まだ索引がありません。先に文書を加えてください。", en="There is no index yet. Add documents first."
    )


JOB_TEXTS = in_each_language(JobTexts)
