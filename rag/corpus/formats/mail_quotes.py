"""What a mail quotes of the messages before it: in elements that programs set around it, and below the head of one.

What a mail forwards is no such quotation: it is what the mail brings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from rag.corpus.formats.draft import Draft

_QUOTING_CLASSES = frozenset(("gmail_quote", "gmail_quote_container", "yahoo_quoted", "protonmail_quote"))
_BAR = re.compile(r"(?:^|;)\s*border-left\s*:\s*(?!\s|none|0)", re.IGNORECASE)
_NAMES_SENDER = re.compile(r"(?:wrote|writes|書きました|(?:の|からの)メール|@[\w.-]{1,80}[>＞)）]?)[ 　]*[:：]$")
_OUTLOOK_HEAD = "divRplyFwdMsg"  # prefixed with x_ each time it is quoted again
_ORIGINAL = re.compile(
    r"[-_]{3,80}\s{0,9}(?:Original (?:Message|Appointment)|元のメッセージ|元のメール|オリジナル\s?メッセージ)"
    r"\s{0,9}[-_]{3,80}",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"(?:[-_]{2,80}\s{0,9})?(?:(?:Begin )?Forwarded message|転送(?:された)?(?:メッセージ|メール))"
    r"\s{0,9}(?:[-_]{2,80}|[:：])",
    re.IGNORECASE,
)
_FORWARDS = re.compile(r"(?:\[[^\]]{0,60}\]\s*)?(?:fwd?|転送)\s*[:：]", re.IGNORECASE)
_BEGINNING = 60  # elements, and characters of each


def _header(names: str) -> re.Pattern[str]:
    return re.compile(rf"\*?(?:{names})\s*[:：]", re.IGNORECASE)


_SENDER = _header("From|差出人|送信者")
_SENT = _header("Sent|Date|送信日時?|日時|日付")
_ANY = _header(
    "From|Sent|Date|To|Cc|Bcc|Subject|Importance|Attachments?|Reply-To"
    "|差出人|送信者|送信日時?|日時|日付|宛先|件名|重要度|添付ファイル|返信先"
)
_LEAST_HEADERS = 3


@dataclass(frozen=True, slots=True)
class MailLine:
    """A line that is not blank.

    Attributes:
        words: what it says.
        depth: how many elements that quote are around it.
        is_head: whether an element says that it is of the head of the message that follows.
    """

    words: str
    depth: int = 0
    is_head: bool = False


def forwards(subject: str) -> bool:
    """Whether the subject of a mail says that it forwards another."""
    return _FORWARDS.match(subject) is not None


def quotes(element: etree._Element, above: str) -> bool:
    """Whether an element of a mail stands around what is quoted.

    Args:
        above: the line above it.
    """
    if element.tag not in ("blockquote", "div") or _FORWARDED.fullmatch(above):
        return False
    if not _QUOTING_CLASSES.isdisjoint(element.get("class", "").split()):
        return _FORWARDED.match(_beginning(element)) is None
    if element.tag == "div":
        return False
    is_barred = _BAR.search(element.get("style", "")) is not None
    return element.get("type", "").lower() == "cite" or (is_barred and _NAMES_SENDER.search(above) is not None)


def heads(element: etree._Element) -> bool:
    """Whether an element is the head of the message that follows it."""
    return str(element.get("id", "")).endswith(_OUTLOOK_HEAD)


def _beginning(element: etree._Element) -> str:
    pieces = (each.text for each in islice(element.iter(etree.Element), _BEGINNING) if each.text)
    return " ".join("".join(piece[:_BEGINNING] for piece in pieces).split())


def are_quoted(lines: Sequence[MailLine], *, is_forward: bool) -> list[bool]:
    """Which lines are quoted: those in elements that quote, and all below a head as far as what is around it reaches.

    Args:
        is_forward: whether the first head is that of a message that is forwarded.
    """
    found: list[bool] = []
    begun: list[int] = []  # how deep the heads stand that what follows is below of
    index = 0
    while index < len(lines):
        depth = lines[index].depth
        while begun and begun[-1] > depth:
            begun.pop()
        size = _head_at(lines, index)
        found += [depth > 0 or bool(begun)] * max(1, size)
        if size:
            above = lines[index - 1].words if index else ""
            if not is_forward and not _FORWARDED.fullmatch(above):
                begun.append(depth)
            is_forward = False
        index += max(1, size)
    return found


def _head_at(lines: Sequence[MailLine], index: int) -> int:
    """How many lines from there on are the head of a message: sender, day and more, or what says that one follows."""
    depth = lines[index].depth
    is_marked = _ORIGINAL.fullmatch(lines[index].words) is not None
    first = last = index + is_marked
    while last < len(lines) and lines[last].depth == depth and lines[last].is_head:
        last += 1
    if last > first:
        return last - index
    if not is_marked and not _names_sender_and_day(lines, index):
        return 0
    while last < len(lines) and lines[last].depth == depth and _ANY.match(lines[last].words):
        last += 1
    return last - index if is_marked or last - first >= _LEAST_HEADERS else 0


def _names_sender_and_day(lines: Sequence[MailLine], index: int) -> bool:
    sender, sent = lines[index].words, lines[index + 1].words if index + 1 < len(lines) else ""
    return _SENDER.match(sender) is not None and _SENT.match(sent) is not None


def write_lines(draft: Draft, lines: Sequence[str], *, is_forward: bool) -> None:
    """Append the lines of a plain message. Lines behind ``>`` are told by their marks, as in any other text."""
    said = [line for line in lines if line.strip()]
    old = iter(are_quoted([MailLine(line.strip()) for line in said], is_forward=is_forward))
    start: int | None = None
    for line in lines:
        if not line.strip():
            draft.blank()
            continue
        is_old = next(old)
        if start is not None and not is_old:
            draft.quoted(start)
            start = None
        if is_old and start is None:
            start = draft.length
        draft.line(line)
    if start is not None:
        draft.quoted(start)
