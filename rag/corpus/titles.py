"""Which of a document's first lines is its title: the subject, not what stands above it.

Above the subject of a letter stand its number, its date, whom it is to and whom it is from; above that of a paper what
it is a part of (資料１, 別紙), who may see it (社外秘), or a remark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.corpus.cleaning.lines import Line

_WITHIN = 16  # lines from the first
_LONGEST = 80  # characters
_NUMERAL = "[0-9０-９一二三四五六七八九十百〇]"
_DAY = (
    rf"(?:(?:令和|平成|昭和|[RHS])\s?(?:{_NUMERAL}{{1,3}}|元)\s?[年.．/]|[0-9０-９]{{4}}\s?[年./．\-－])"
    rf"\s?{_NUMERAL}{{1,3}}\s?[月./．\-－]\s?(?:{_NUMERAL}{{1,3}}\s?日?)?"
)
_NUMBER = re.compile(
    rf"[（(]?(?:[^\s。、]{{0,14}}第|No\.?\s?|№\s?){_NUMERAL}[-－‐0-9０-９一二三四五六七八九十百〇]{{0,12}}\s?号?(?:の{_NUMERAL}+)?[）)]?"
    r"|(?=[A-Z0-9\-_/.]*\d)(?=[A-Z0-9\-_/.]*[A-Z])[A-Z0-9][A-Z0-9\-_/.]{2,24}(?:\s?(?:Rev|Ver|第)\.?\s?[\d.]+版?)?"
)
_FORM_NUMBER = re.compile(
    rf"(?:別記)?(?:様式|書式|別表|別紙|別添|資料|参考)(?:第)?\s?{_NUMERAL}{{0,4}}(?:[-－の]{_NUMERAL}+)*\s?号?(?:\s?[（(][^（()）]{{1,20}}[)）])?"
)
_DATED = re.compile(
    rf"(?!\S{{0,6}}(?:メモ|議事録?|記録|日報|週報|月報|報告|予定|だより|通信|ニュース)[:：\s])(?:\S{{1,8}}[:：\s])?\s?(?:{_DAY})\s?(?:[（(].[)）])?\s?(?:\S{{1,4}}(?:版|現在|改訂|改定|改正|制定|施行|作成|発行|更新|付))?"
    r"|\w{1,20} \d{1,2},? \d{4}|\d{1,2} \w{1,20} \d{4}"
)
_LABELLED = re.compile(
    r"(?:文書番号|文書No\.?|管理番号|整理番号|受付番号|分類|機密区分|版数?|改訂|改定|制定日?|施行日?|作成日?|発行日?|更新日|最終更新日?"
    r"|日付|作成者?|承認者?|担当者?|配布先|宛先|差出人|送信者|発信者?|提出者?|From|To|Cc|Date|Sent|Author|Version|Rev(?:ision)?"
    r"|Doc(?:ument)?\.?\s?No\.?|Status|Owner|ステータス|作成部署|所管課?|問い?合わ?せ先|電話|TEL|FAX|E-?mail|URL)\s?[:：].*",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:件\s*名|題\s*名|標\s*題|表\s*題|議\s*題|タイトル|Subject|Title|Re)\s?[:：]\s*(?P<words>\S.*)", re.IGNORECASE
)
_TO = re.compile(r".{1,40}(?:様|殿|御中|各位|宛て?|あて|行)")
_FROM = re.compile(
    r"[^\s。、：:]{0,24}(?:[部課局室係所署店館園校院]長|市長|町長|村長|知事|理事長?|社長|会長|委員長|代表|課|部|局|室|係|委員会|事務局"
    r"|センター|担当|[都道府県市区町村]役?[所場]?)(?:[\s　]+\S{1,6}(?:[\s　]\S{1,6})?)?"
    r"(?:[（(][^（()）]{1,16}[)）])?(?:[\s　]*[印㊞])?"
)
_MARK = re.compile(
    r"[【\[（(〔<＜]?\s?(?:社\s?外\s?秘|極\s?秘|秘|部外秘|関係者(?:外秘|限り|のみ)|取扱(?:い)?注意|機密|公開|社内限定?|内部資料|機密性\s?[0-9０-９]\s?情報"
    r"|重要|至急|緊急|お?知らせ|案|写し?|草案|原案|正本|副本|控え?|回覧|保存版|配布用|記|目\s?次|凡\s?例|はじめに|CONFIDENTIAL|DRAFT"
    r"|INTERNAL(?: USE ONLY)?|FOR INTERNAL USE ONLY|PUBLIC)\s?[】\]）)〕>＞]?",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"[※＊*]|[（(]?注\s?[\d０-９]?\s?[)）:：]|[-‐–—=＝_＿*＊・.．\s]{1,100}$|https?://|[\w.+-]{1,64}@[\w-]{1,64}\."
)
_PAGE = re.compile(
    r"[-–—\s]{0,8}(?:p\.?|page|ページ)?\s?[0-9０-９]+\s?(?:/\s?[0-9０-９]+)?\s?(?:頁|ページ)?[-–—\s]{0,8}",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r".{2,60}(?:について|の件|に関して|のお知らせ|のご?案内|のお願い|の開催|のご?連絡|のご?依頼|のご?報告|の送付|の提出|に係る.{2,12}|に関する.{2,12}"
    r"|議事録|報告書|申請書|要領|要綱|規程|規則|計画書?|マニュアル|手順書)(?:\s?[（(][^（()）]{1,12}[)）])?"
)


def stands_above(line: Line) -> bool:
    """Whether a line is of those that stand above a title, and never is one."""
    text, bare = line.text.strip(), line.bare
    if not text or "\t" in text:
        return True
    if len(text) > _LONGEST:
        return False
    if _LABELLED.fullmatch(bare) or _ASIDE.match(text) or "☑" in text or "☐" in text:
        return True
    above = (_NUMBER, _FORM_NUMBER, _DATED, _MARK, _PAGE)
    return any(pattern.fullmatch(words) for pattern in above for words in (text, bare))


def stands_above_subject(line: Line) -> bool:
    """Whether a line above a letter's subject is of those that stand there: whom it is to and from, too."""
    return stands_above(line) or any(pattern.fullmatch(line.text) is not None for pattern in (_TO, _FROM))


def find_subject(lines: Sequence[Line]) -> tuple[str, Line | None]:
    """The words of the title and the line that they are, among the first lines; none if no line above gives a hint.

    A line labelled as subject (件名：) counts first, then, in a letter, one that says what it is about.
    """
    first = lines[:_WITHIN]
    for line in first:
        if (match := _SUBJECT.fullmatch(line.text)) is not None and len(match["words"]) <= _LONGEST:
            return match["words"], None
    above = 0
    while above < len(first) and stands_above(first[above]):
        above += 1
    if not above and not (first and _TO.fullmatch(first[0].text)):
        return "", None
    set_in = {b.start for a, b in pairwise(first) if "\t" in a.text and b.indent and not b.after_blank}
    rest = [line for line in first[above:] if line.start not in set_in]  # what goes on with a row is no subject
    is_letter = any(_is_of_letter(line) for line in first)
    if is_letter:
        about = next((line for line in rest if _could_be(line) and _ABOUT.fullmatch(line.bare)), None)
        if about is not None:
            return about.text, about
    for line in rest:
        if is_letter and (_TO.fullmatch(line.text) or _FROM.fullmatch(line.text)):
            continue
        if not stands_above(line):
            return (line.text, line) if _could_be(line) else ("", None)
    return "", None


def _is_of_letter(line: Line) -> bool:
    return any(pattern.fullmatch(line.text) for pattern in (_NUMBER, _DATED, _TO))


def _could_be(line: Line) -> bool:
    return len(line.text) <= _LONGEST and line.ends_openly and "。" not in line.bare and not stands_above(line)
