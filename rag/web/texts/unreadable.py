"""What is wrong with files that cannot be read, in Japanese. The errors themselves speak English, as commands do."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from rag.errors import DocumentCode, Facts

_SAVE_AGAIN = "元のソフトで開けるか確かめて、保存し直してください。"
_GENERATED = "プログラムが作ったファイルとみられるため、索引に入れません。"

PROBLEMS: Mapping[DocumentCode, str] = {
    "archive": "zip やメールボックスは中のファイルごとに読みます。フォルダーに入れて追加してください。",
    "bad-name": "ファイルの名前を読み取れません。名前を変えて追加してください。",
    "bomb": "展開すると大きくなりすぎます。必要なものだけを圧縮し直してください。",
    "damaged": f"ファイルが壊れているか、名前の示す種類のファイルではありません。{_SAVE_AGAIN}",
    "drm": "著作権保護（DRM）がかかっているため読めません。保護のない版を使ってください。",
    "empty": "中身が空です。保存し直してください。",
    "encrypted": "パスワードで保護されているか、古い形式です。パスワードを外し、今の形式で保存し直してください。",
    "generated": f"{_GENERATED}元になったファイルを追加してください。",
    "internal": "栞の不具合のため読めませんでした。記録（ログ）を添えてお知らせください。",
    "link-out": "フォルダーの外へのリンクです。リンク先を指定するか、--follow-links を付けて索引を作ってください。",
    "long-line": "改行のない、長すぎる行があります（{count:,} 字、上限 {limit:,} 字）。改行を入れてください。",
    "minified": "空白や改行を詰めたコードのため、索引に入れません。元のコードを追加してください。",
    "missing": "ファイルが見つかりません。",
    "nested-zip": "zip の中の zip は読みません。展開してから追加してください。",
    "no-permission": "読み取る権限がありません。ファイルの権限を変えてください。",
    "no-process": "ファイルを読むためのプログラムを始められません。ほかのソフトを閉じて、もう一度試してください。",
    "no-text": "読める文章がありません。",
    "not-regular": "ふつうのファイルではありません。",
    "not-text": "テキストのファイルではありません。テキストや PDF に変換してください。",
    "nothing-in-zip": "zip の中に読めるファイルがありません。",
    "old-format": "Office 97-2003 の古い形式です。今の形式で保存し直すか、LibreOffice を入れてください。",
    "scanned": "文字の入っていない PDF です（スキャン画像など）。文字認識（OCR）をかけてから追加してください。",
    "too-large": "ファイルが大きすぎます（{size:,.1f} MB、上限 {limit:g} MB）。分割してください。",
    "too-many-cells": "セルが多すぎます（上限 {limit:,}）。分割してください。",
    "too-many-characters": "長すぎて読めません（{count:,} 字、上限 {limit:,} 字）。分割してください。",
    "too-many-files": "zip の中のファイルが多すぎます（{count:,} 件、上限 {limit:,} 件）。分けて圧縮し直してください。",
    "too-many-messages": "メールが多すぎます（{count:,} 通、上限 {limit:,} 通）。分割してください。",
    "too-many-pages": "ページが多すぎます（{count:,} ページ、上限 {limit:,} ページ）。分割してください。",
    "too-much-memory": "読み取りにメモリがかかりすぎました（上限 {limit:,.0f} MB）。分割してみてください。",
    "too-slow": "読み取りに時間がかかりすぎました（上限 {limit:g} 秒）。分割してみてください。",
    "unknown-encoding": "文字コードを判別できません。UTF-8 で保存し直してください。",
    "unknown-fonts": "PDF のフォントから文字を読み取れません。開いて印刷し、PDF を作り直してください。",
    "unreadable": f"読み取れませんでした。{_SAVE_AGAIN}",
    "unsupported": "この種類のファイルは読めません。テキストや PDF に変換してください。",
    "wrong-kind": "名前の示す種類のファイルではありません。ふつうのテキストなら、名前を .txt に変えてください。",
}


def problem_in_japanese(code: str, facts: Facts) -> str:
    """What is wrong with a file and how to mend it, by the code and the facts of the ``DocumentError``."""
    # What an older version wrote, or a hostile file's parser said, may have neither.
    with suppress(KeyError, ValueError, IndexError):
        return PROBLEMS[code].format(**facts)  # type: ignore[index]
    return PROBLEMS["unreadable"]
