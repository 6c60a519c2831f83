"""What the page says of work that takes the server a while, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class JobTexts:
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    stages: Mapping[str, str]
    stop: str
    go_on: str
    remove: str
    remove_surely: str
    ahead: str
    left: str
    seconds: str
    minutes: str
    hours: str
    estimating: str
    stopped_note: str
    error_start: str
    error_failed: str
    error_busy: str
    error_internal: str
    error_no_index: str


JOB_TEXTS: Mapping[Language, JobTexts] = {
    "ja": JobTexts(
        stages={
            "waiting": "順番待ち",
            "running": "処理中",
            "stopping": "停止中",
            "stopped": "中断",
            "done": "完了",
            "failed": "失敗",
        },
        stop="止める",
        go_on="続きから再開する",
        remove="削除",
        remove_surely="もう一度押すと削除します",
        ahead="ほかの処理が終わるのを待っています（前に {ahead} 件）",
        left="残り{time}",
        seconds="約 {count} 秒",
        minutes="約 {count} 分",
        hours="約 {hours} 時間 {minutes} 分",
        estimating="残り時間を見積もっています",
        stopped_note="ここまでの結果は保存してあります。続きからいつでも再開できます。",
        error_start="始められませんでした",
        error_failed="途中で失敗しました",
        error_busy="ほかの処理でいっぱいです。終わったものを削除するか、しばらくしてからもう一度試してください。",
        error_internal="思わぬ問題が起きました。もう一度試し、続くようなら端末の記録を確かめてください。",
        error_no_index="まだ索引がありません。先に文書を加えてください。",
    ),
    "en": JobTexts(
        stages={
            "waiting": "waiting",
            "running": "running",
            "stopping": "stopping",
            "stopped": "stopped",
            "done": "done",
            "failed": "failed",
        },
        stop="Stop",
        go_on="Go on",
        remove="Remove",
        remove_surely="Press again to remove",
        ahead="Waiting for other work to be done ({ahead} before this)",
        left="{time} left",
        seconds="about {count} s",
        minutes="about {count} min",
        hours="about {hours} h {minutes} min",
        estimating="Estimating the time left",
        stopped_note="What is done so far is kept. You can go on from here at any time.",
        error_start="It could not be started",
        error_failed="It failed on the way",
        error_busy="There is too much work already. Remove what is done, or try again later.",
        error_internal="Something unexpected went wrong. Please try again; if it persists, look at the terminal's log.",
        error_no_index="There is no index yet. Add documents first.",
    ),
}
