"""Whom a document is of, and what it is about where its title does not tell.

The firm, office or school named at its head, or that a folder around it is called after: two firms' rules may both be
called 就業規則; which firm's they are stands once, in the first article or above it. And the subject that a notice, a
contract or minutes give on a line of their own (件名, 会議名), under a number for a title.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from rag.corpus.cleaning.lines import Line

_HEAD_CHARS = 2_000
_HEAD_LINES = 12
_FOOT_LINES = 4
_LONGEST = 60
_FIRMS = (
    "株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|一般社団法人|一般財団法人|公益社団法人|公益財団法人|国立大学法人"
    "|公立大学法人|学校法人|医療法人|社会福祉法人|宗教法人|独立行政法人|国立研究開発法人|地方独立行政法人|特定非営利活動法人"
    "|NPO法人|税理士法人|監査法人|弁護士法人"
)
_NAME = r"[一-鿿々〆ヶァ-ヴー・＆&A-Za-zＡ-Ｚａ-ｚ0-9０-９]"
_KANA_NAME = r"[ぁ-ん一-鿿々〆ヶァ-ヴー・＆&A-Za-zＡ-Ｚａ-ｚ0-9０-９]"
_ENDS = (
    "大学院|大学|短期大学|高等専門学校|高等学校|中学校|小学校|学園|病院|診療所|クリニック|医療センター|研究所|協同組合|組合"
    "|連合会|協会|財団|銀行|信用金庫|商工会議所|商工会|社会福祉協議会|事務所|商会|商事|製作所|工業|電機|建設"
)
_OFFICES = r"(?:[都道府県市区町村](?:庁|役所|役場|教育委員会|議会)?|省|庁|消防本部|警察署|保健所)"
_BEFORE = rf"(?:{_NAME}{{1,20}}|(?<=[\s、。「『（(:：は])[ぁ-ん]{_KANA_NAME}{{1,19}}|^[ぁ-ん]{_KANA_NAME}{{1,19}})"
_FIRM = rf"(?:{_FIRMS})(?:{_NAME}{{1,24}}|[ぁ-ん]{{2,8}}(?=[（(「、。\s]|$))|{_BEFORE}(?:{_FIRMS})"
_ENGLISH = (
    r"(?<!\w)(?:[A-Z][\w&.'-]{0,20}\s){1,5}"
    r"(?:Co\.,?\s?Ltd\.?|Ltd\.?|Inc\.?|Corporation|Corp\.?|LLC|GmbH|University|Hospital)"
)
_ORGANISATION = re.compile(rf"{_FIRM}|{_NAME}{{1,16}}(?:{_ENDS})|{_ENGLISH}", re.MULTILINE)
_WHOLE_LINE = re.compile(
    rf"(?:{_FIRM}|{_NAME}{{1,16}}(?:{_ENDS})|{_NAME}{{1,10}}{_OFFICES}|{_ENGLISH})(?:[\s　]+\S{{1,16}})?"
)
_CALLED = re.compile(
    r"(?P<name>[^\s。、「」（）()]{2,40})[（(]\s?以下[、,]?\s?(?:単に)?[「『\"](?P<as>[^「」『』\"]{1,12})[」』\"]"
)
_SELF = re.compile(
    r"(?:当|本|弊)?(?:社|会社|法人|学|大学|院|病院|校|学校|園|会|協会|組合|財団|市|町|村|区|県|行|庫|所|センター)"
)
_PARTY = re.compile("甲|乙|委託者|受託者|売主|買主|貸主|借主|発注者|受注者")
_RULE = re.compile(
    r"(?:本|この|当)(?:就業)?(?:規則|規程|規定|契約|約款|定款|細則|要領|要綱|基準|内規|マニュアル|手引|手順書|文書|方針"
    r"|ポリシー|ガイドライン|計画|制度|条例)"
)
_GENERAL = re.compile(
    r"(?:当|本|各|他|同|某|全|両|国立|公立|私立|総合|大学|地域|市立|県立|一般|指定|附属|付属|関連|子|親|同業){0,4}"
    rf"(?:{_ENDS}|{_FIRMS}|市区町村|都道府県|市町村|会社|企業)"
)
_SUBJECT = re.compile(
    r"^[ \t\u3000|（(]{0,8}[0-9０-９一二三四五六七八九十]{0,2}[)）.．、]?[ \t\u3000|]{0,8}"
    r"(?:件\s?名|工\s?事\s?名|業\s?務\s?名|委託業務名|事\s?業\s?名|案\s?件\s?名|契約(?:件)?名|会\s?議\s?名|講\s?座\s?名"
    r"|研\s?修\s?名|製\s?品\s?名|商\s?品\s?名|題\s?名|標\s?題|Subject|Project|Product)称?"
    r"[ \t\u3000:：|]{1,20}(?P<subject>[^\n\t|。]{2,40})",
    re.MULTILINE,
)
_PARTICLE = re.compile(r"[とはがをにのや](?=[一-鿿ァ-ヴA-Z])")
_FOLDER = re.compile(
    rf"[A-ZＡ-Ｚ0-9０-９ぁ-んァ-ヴー一-鿿]{{1,12}}社|{_NAME}{{1,16}}(?:{_ENDS})|{_NAME}{{1,10}}{_OFFICES}|(?:{_FIRM})"
)
_NO_FIRM = re.compile(r".{0,4}(?:会社|支社|本社|社外|社内|当社|弊社|各社|他社|自社|商社|神社|入社|退社|出社)|\d+.*")


def about_of(lines: Sequence[Line], title: str, source: str) -> str:
    """The names of those whose document it is, as they are written; empty if it does not say, or its title does.

    Args:
        lines: of the document, without what is excluded.
        source: its path, for the names of folders.
    """
    found = list(_named(lines)) or list(_at_head(lines))
    wanted = dict.fromkeys([*found[:2], *_of_folders(source), *_subject(lines)])
    said = _bare(title)
    return " ".join(name for name in wanted if _bare(name) not in said)[:_LONGEST]


def _named(lines: Sequence[Line]) -> Iterator[str]:
    """Names that the text gives a shorter word for, 「以下「当社」という」, or whose rules it says that it is."""
    head = _head(lines)
    parties = []
    for match in _CALLED.finditer(head):
        name = _last_name(match["name"])
        if name and _SELF.fullmatch(match["as"]):
            yield name
            return
        if name and _PARTY.fullmatch(match["as"]):
            parties.append(name)
    yield from parties
    if not parties:
        for sentence in re.split(r"(?<=[。\n])", head):
            rule = _RULE.search(sentence)
            names = _organisations(sentence[rule.end() :]) if rule else []
            if names:
                yield names[0]
                return


def _at_head(lines: Sequence[Line]) -> Iterator[str]:
    """A line of the head or foot that is nothing but such a name, with who signs behind it."""
    for line in [*lines[:_HEAD_LINES], *lines[_HEAD_LINES:][-_FOOT_LINES:]]:
        if len(line.text) <= _LONGEST and "\t" not in line.text and _WHOLE_LINE.fullmatch(line.bare):
            name = line.bare.split()[0] if line.bare[:1] > "\x7f" else line.bare
            if not _GENERAL.fullmatch(name):
                yield name
                return


def _subject(lines: Sequence[Line]) -> Iterator[str]:
    """What the line of the subject says."""
    for match in _SUBJECT.finditer(_head(lines)):
        yield re.sub(r"\s+", "", match["subject"]) if match["subject"][:1] > "\x7f" else match["subject"]
        return


def _of_folders(source: str) -> Iterator[str]:
    for folder in PurePosixPath(source).parts[:-1]:
        name = unicodedata.normalize("NFC", folder).strip()
        if _FOLDER.fullmatch(name) and not _GENERAL.fullmatch(name) and not _NO_FIRM.fullmatch(name):
            yield name


def _head(lines: Sequence[Line]) -> str:
    pieces, length = [], 0
    for line in lines:
        pieces.append(line.text[:_HEAD_CHARS])
        length += len(line.text)
        if length > _HEAD_CHARS:
            break
    return "\n".join(pieces)[:_HEAD_CHARS]


def _last_name(words: str) -> str:
    """The organisation that the words end in: those before it are of the sentence."""
    names = _organisations(words)
    if names and words.endswith(names[-1]):
        return _PARTICLE.sub("", names[-1])
    tail = re.split(r"[はがをにと、]", words)[-1]
    return tail if re.fullmatch(rf"{_NAME}{{2,20}}", tail) and not _GENERAL.fullmatch(tail) else ""


def _organisations(words: str) -> list[str]:
    return [match[0] for match in _ORGANISATION.finditer(words) if not _GENERAL.fullmatch(match[0])]


def _bare(words: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", words)).casefold()
