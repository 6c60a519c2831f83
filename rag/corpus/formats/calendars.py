"""Calendars and invitations (iCalendar, RFC 5545): each event with its time, place, people and what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.parsed import Parsed

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r'([A-Za-z0-9-]{1,60})((?:;[A-Za-z0-9-]{1,60}=(?:"[^"\n]{0,500}"|[^";:\n]{0,500})){0,20}):(.*)')
_NAME = re.compile(r';CN=(?:"([^"]*)"|([^";:]*))', re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\;,nN])")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_KINDS = ("VEVENT", "VTODO", "VJOURNAL")
_TIMES = (("DTSTART", "DTEND"), ("DUE", ""))
_WORDS = {"LOCATION": "場所", "RRULE": "繰り返し", "URL": "URL"}
_PEOPLE = {"ORGANIZER": "主催者", "ATTENDEE": "出席者"}


@dataclass
class _Event:
    """What an event says, by the names of its properties; people by theirs."""

    said: dict[str, str] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)


def parse(text: str) -> Parsed:
    """All events, each under what it is called."""
    draft = Draft()
    first = write_events(draft, text)
    return draft.parsed(first) if draft.length else Parsed(text)


def write_events(draft: Draft, text: str, *, level: int = 1) -> str:
    """Append the events of a calendar; what the first is called."""
    title = ""
    for event in _events(_FOLD.sub("", text)):
        name = _plain(event.said.get("SUMMARY", ""))
        title = title or name
        draft.blank()
        draft.line(name + ("（中止）" if event.said.get("STATUS") == "CANCELLED" else ""), level=level)
        for begin, end in _TIMES:
            draft.line(_time(event.said.get(begin, ""), event.said.get(end, "")))
        for key, label in _WORDS.items():
            words = " ".join(_plain(event.said.get(key, "")).split())
            draft.line(f"{label}：{words}" if words else "")
        for key, label in _PEOPLE.items():
            draft.line(f"{label}：{'、'.join(event.people[key])}" if key in event.people else "")
        draft.line(_plain(event.said.get("DESCRIPTION", "")))
    return title


def _events(text: str) -> Iterator[_Event]:
    event: _Event | None = None
    inside = 0  # alarms within an event
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, parameters, value = match[1].upper(), match[2], match[3].strip()
        if name in ("BEGIN", "END"):
            if value.upper() in _KINDS:
                if event is not None:
                    yield event
                event, inside = (_Event() if name == "BEGIN" else None), 0
            else:
                inside += 1 if name == "BEGIN" else -1
        elif event is not None and inside <= 0:
            if name in _PEOPLE:
                called = _NAME.search(parameters)
                who = (called[1] or called[2] or "") if called else ""
                event.people.setdefault(name, []).append(who or re.sub(r"(?i)^mailto:", "", value))
            else:
                event.said.setdefault(name, value)


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def _time(begin: str, end: str) -> str:
    """When it is, in one line; the last day of several is the one before that which the file names."""
    first, last = _MOMENT.fullmatch(begin), _MOMENT.fullmatch(end)
    if first is None:
        return ""
    shown = _day(first)
    if first[4]:
        shown += f" {first[4]}:{first[5]}"
    if last is not None and last[4]:
        shown += "〜" + (f"{_day(last)} " if last[0][:8] != first[0][:8] else "") + f"{last[4]}:{last[5]}"
    elif last is not None and not first[4]:
        before = _day_before(last)
        shown += f"〜{before}" if before not in ("", shown) else ""
    return f"日時：{shown}{'（UTC）' if first[6] else ''}"


def _day(moment: re.Match[str]) -> str:
    return f"{moment[1]}年{int(moment[2])}月{int(moment[3])}日"


def _day_before(moment: re.Match[str]) -> str:
    try:
        day = date(int(moment[1]), int(moment[2]), int(moment[3])) - timedelta(days=1)
    except (ValueError, OverflowError):
        return ""
    return f"{day.year}年{day.month}月{day.day}日"
