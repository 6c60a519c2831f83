"""Papers of the kinds that offices have as PDF, each with what stands in it in the order in which it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.drawing import HEIGHT, WIDTH, Drawing, width_of, wrapped
from benchmarks.texts import Text

SCRIPTS = {
    "ja": "Japanese",
    "zh-Hans": "Chinese, simplified",
    "zh-Hant": "Chinese, traditional",
    "ko": "Korean",
    "en": "English",
    "ru": "Russian",
}
SPACED = frozenset({"ko", "en", "ru"})
"""Scripts with spaces between words."""
_SIZE, _PITCH = 10.5, 17.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, WIDTH - 70.0, HEIGHT - 90.0, 90.0
_GUTTER = 24.0
_HEADS = {
    "ja": ("議事録", "請求書", "報告書", "通知書"),
    "zh-Hans": ("通知书", "申请表", "报告书", "会议纪要"),
    "zh-Hant": ("通知書", "申請表", "報告書", "會議紀錄"),
    "ko": ("회의록", "신청서", "보고서", "통지서"),
    "en": ("MINUTES", "INVOICE", "REPORT", "NOTICE"),
    "ru": ("ПРОТОКОЛ", "СЧЁТ", "ОТЧЁТ", "СПРАВКА"),
}
_LETTERS = {
    "ja": (
        "令和六年十月三日",
        ("港北商事株式会社", "営業部長殿"),
        ("海辺市港町二丁目四番地", "みなと商会株式会社", "代表取締役大槻宏", "電話〇四五五五五〇一三四"),
        "価格改定のお知らせ",
    ),
    "zh-Hans": (
        "二〇二四年十月三日",
        ("北方商贸有限公司", "采购部负责人"),
        ("海滨市港口路二十四号", "东湖机械有限公司", "总经理周文涛"),
        "关于调整价格的通知",
    ),
    "zh-Hant": (
        "民國一一三年十月三日",
        ("北方貿易有限公司", "採購部經理"),
        ("海濱市港口路二十四號", "東湖機械有限公司", "總經理林文濤"),
        "關於調整價格的通知",
    ),
    "ko": (
        "2024년 10월 3일",
        ("북방 무역 주식회사", "구매부 귀중"),
        ("해변시 항구로 24번지", "동호 기계 주식회사", "대표 이사 박문도"),
        "가격 조정 안내",
    ),
    "en": (
        "3 October 2024",
        ("Northern Supplies Ltd", "The Purchasing Manager"),
        ("24 Harbour Road, Seaton", "Eastlake Engineering Ltd", "Hannah Marsh, Director"),
        "Changes to our prices",
    ),
    "ru": (
        "3 октября 2024 года",
        ("ООО «Северное снабжение»", "Начальнику отдела закупок"),
        ("Приморск, улица Портовая, 24", "ООО «Озёрный завод»", "Директор Юлия Щербакова"),
        "Об изменении цен",
    ),
}
_COLUMNS = {
    "ja": ("いきさつ", "決まったこと", "これからの予定", "備考"),
    "zh-Hans": ("事情经过", "会议的决定", "今后的计划", "备注"),
    "zh-Hant": ("事情經過", "會議的決定", "今後的計畫", "備註"),
    "ko": ("지금까지의 경과", "정해진 내용", "앞으로의 계획", "비고"),
    "en": ("What happened", "What was decided", "Next steps", "Remarks"),
    "ru": ("Что произошло", "Что решили", "Дальнейшие шаги", "Примечания"),
}
_RUNNING = {
    "ja": "海辺市施設管理規程集",
    "zh-Hans": "海滨市设施管理规定",
    "zh-Hant": "海濱市設施管理規定",
    "ko": "해변시 시설 관리 규정",
    "en": "Seaton Borough Council",
    "ru": "Правила города Приморска",
}
Placed = tuple[float, float, str]
"""Where a line begins, and its words."""


@dataclass(frozen=True)
class Paper:
    """A PDF, and what stands in it: its paragraphs, headings, cells and notes in the order in which they are read."""

    kind: str
    language: str
    data: bytes
    pages: int
    units: tuple[str, ...]


class _Pen:
    """Draws the paragraphs of one language."""

    def __init__(self, texts: Sequence[Text], language: str, draw: Random) -> None:
        self.language = language
        self.draw = draw
        self.drawing = Drawing()
        self.drawing.page()
        self.units: list[str] = []
        lines = [line for text in texts if text.language == language and text.genre != "seed" for line in _lines(text)]
        self.paragraphs = [line for line in lines if len(line) >= (160 if language in SPACED else 60)]
        self.sentences = sorted({s for line in self.paragraphs for s in _sentences(line)})
        draw.shuffle(self.paragraphs)
        draw.shuffle(self.sentences)

    @property
    def indent(self) -> float:
        """Of a paragraph's first line."""
        return _SIZE if self.language in SPACED else (1 if self.language == "ja" else 2) * _SIZE

    def paragraph(self) -> str:
        """Another one; they come round again when all are used."""
        self.paragraphs.append(self.paragraphs.pop(0))
        return self.paragraphs[-1]

    def sentence(self, longest: int) -> str:
        """Another one that is no longer than so many characters."""
        found = next((each for each in self.sentences if len(each) <= longest), min(self.sentences, key=len))
        self.sentences.remove(found)
        self.sentences.append(found)
        return found

    def lines(self, words: str, width: float, size: float = _SIZE) -> list[str]:
        return wrapped(words, size, width, spaced=self.language in SPACED)

    def set(self, words: str, left: float, top: float, width: float) -> tuple[list[Placed], float]:
        """Lines of a paragraph, and how high the next begins."""
        lines = wrapped(words, _SIZE, width, spaced=self.language in SPACED, indent=self.indent)
        placed = [(left + (0 if n else self.indent), top - n * _PITCH, line) for n, line in enumerate(lines)]
        return placed, top - len(lines) * _PITCH

    def put(self, placed: Sequence[Placed], size: float = _SIZE) -> None:
        for x, y, words in placed:
            self.drawing.write(x, y, words, size)

    def centred(self, y: float, words: str, size: float) -> None:
        self.drawing.write((WIDTH - width_of(words, size)) / 2, y, words, size)

    def paper(self, kind: str) -> Paper:
        return Paper(kind, self.language, self.drawing.file(), self.drawing.pages, tuple(self.units))


def _lines(text: Text) -> Iterator[str]:
    """The lines of running text; of languages without spaces, those that have none."""
    if text.genre in ("table", "log", "halfwidth", "marks"):
        return
    for line in text.words.split("\n"):
        line = re.sub(r"^[\s　]+|[\s　]+$", "", line)
        if text.language in SPACED or not re.search(r"[\s　]", line):
            yield line


def _sentences(line: str) -> list[str]:
    found = re.findall(r"[^。]+。|[^.。]+[.](?:\s|$)", line)
    return [each.strip() for each in found if len(each.strip()) > 12]


def _letter(pen: _Pen) -> None:
    date, addressee, sender, title = _LETTERS[pen.language]
    y = _TOP
    pen.put([(_RIGHT - width_of(date, _SIZE), y, date)])
    y -= 1.5 * _PITCH
    for line in addressee:
        pen.put([(_LEFT, y, line)])
        y -= _PITCH
    for line in sender:
        pen.put([(_RIGHT - width_of(line, _SIZE), y, line)])
        y -= _PITCH
    y -= _PITCH
    pen.centred(y, title, 14)
    y -= 2 * _PITCH
    pen.units += [date, *addressee, *sender, title]
    for words in (pen.paragraph(), pen.paragraph()):
        placed, y = pen.set(words, _LEFT, y, _RIGHT - _LEFT)
        pen.put(placed)
        pen.units.append(words)


def _columns(pen: _Pen, *, across: bool) -> None:
    """Two columns below a heading, drawn one behind the other, or line by line across both."""
    title = _LETTERS[pen.language][3]
    pen.centred(_TOP, title, 16)
    pen.units.append(title)
    width = (_RIGHT - _LEFT - _GUTTER) / 2
    top, placed = _TOP - 3 * _PITCH, []
    for left in (_LEFT, _LEFT + width + _GUTTER):
        y = top
        while y > HEIGHT / 2:
            words = pen.paragraph()
            lines, y = pen.set(words, left, y, width)
            placed += lines
            pen.units.append(words)
    pen.put(sorted(placed, key=lambda each: (-each[1], each[0])) if across else placed)


def _table(pen: _Pen, *, across: bool, apart: float = 10.0, ruled: bool = True) -> None:
    """A table whose cells have several lines, ``apart`` points from the next; drawn cell by cell, or across them."""
    edges = [_LEFT, _LEFT + 90, _LEFT + 240, _LEFT + 365, _RIGHT]
    longest = 60 if pen.language not in SPACED else 140
    rows = [_COLUMNS[pen.language], *([pen.sentence(longest) for _ in edges[1:]] for _ in range(4))]
    middle = pen.draw.random() < 0.5
    y, placed = _TOP, []
    for row in rows:
        cells = [pen.lines(words, b - a - apart, 9.5) for words, a, b in zip(row, edges, edges[1:], strict=False)]
        high = max(map(len, cells))
        borders = [(edges[0], y + 13, edges[-1], y + 13), *((x, y + 13, x, y - high * 13 + 7) for x in edges)]
        for border in borders if ruled else []:
            pen.drawing.rule(*border)
        for left, lines in zip(edges, cells, strict=False):
            first = y - (high - len(lines)) * 13 / 2 if middle else y
            placed += [(left + 5, first - n * 13, line) for n, line in enumerate(lines)]
        y -= high * 13 + 6
    if ruled:
        pen.drawing.rule(edges[0], y + 13, edges[-1], y + 13)
    pen.put(sorted(placed, key=lambda each: (-each[1], each[0])) if across else placed, 9.5)
    pen.units += [words for row in rows for words in row]


def _spaced_heading(pen: _Pen) -> None:
    """A heading whose letters stand apart: by the space between letters, each drawn by itself, or with wide spaces."""
    title = pen.draw.choice(_HEADS[pen.language])
    apart = pen.draw.choice((1.0, 1.5, 2.0)) * 16
    ways = ("spacing", "single") if pen.language in SPACED else ("spacing", "single", "spaces")
    way = pen.draw.choice(ways)
    if way == "spacing":
        pen.drawing.write(180, _TOP, title, 16, apart=apart)
    elif way == "single":
        x = 180.0
        for char in title:
            pen.drawing.write(x, _TOP, char, 16)
            x += width_of(char, 16) + apart
    else:
        pen.centred(_TOP, "　".join(title), 16)
    pen.units.append(title)
    y = _TOP - 3 * _PITCH
    for words in (pen.paragraph(), pen.paragraph()):
        placed, y = pen.set(words, _LEFT, y, _RIGHT - _LEFT)
        pen.put(placed)
        pen.units.append(words)


def _flow(pen: _Pen, pages: int, bottom: float, turn: Callable[[], None]) -> int:
    """Paragraphs over so many pages, which ``turn`` begins; gives how many units the first page has begun."""
    begun: list[int] = []
    y = _TOP
    while len(begun) < pages - 1 or y > HEIGHT / 2:
        words = pen.paragraph()
        pen.units.append(words)
        for x, _, line in pen.set(words, _LEFT, 0, _RIGHT - _LEFT)[0]:
            if y < bottom:
                begun.append(len(pen.units))
                turn()
                y = _TOP
            pen.put([(x, y, line)])
            y -= _PITCH
    return begun[0]


def _running(pen: _Pen) -> None:
    """Three pages with a head and a page number; paragraphs go on over them."""

    def head() -> None:
        pen.put([(_LEFT, HEIGHT - 40, _RUNNING[pen.language]), (WIDTH / 2, 40, f"- {pen.drawing.pages} -")], 9)

    def turn() -> None:
        pen.drawing.page()
        head()

    head()
    _flow(pen, 3, _BOTTOM, turn)


def _footnotes(pen: _Pen) -> None:
    """Two pages with a note at the foot of each; a paragraph goes on over the first."""
    notes = []
    for number in (1, 2):
        mark = f"※{number}" if pen.language == "ja" else f"{number}) "
        notes.append(mark + pen.sentence(40 if pen.language not in SPACED else 90))

    def note(words: str) -> None:
        pen.drawing.rule(_LEFT, 104, _LEFT + 150, 104)
        pen.put([(_LEFT, 92 - n * 11, line) for n, line in enumerate(pen.lines(words, _RIGHT - _LEFT, 8))], 8)

    def turn() -> None:
        note(notes[0])
        pen.drawing.page()

    first = _flow(pen, 2, 120, turn)
    note(notes[1])
    pen.units[first:first] = [notes[0]]
    pen.units.append(notes[1])


def _recognised(pen: _Pen) -> None:
    """A layer of text recognition: unseen letters, each placed by itself and a little off, half of them with spaces."""
    spaces = pen.draw.random() < 0.5
    y = _TOP
    for words in (pen.paragraph(), pen.paragraph(), pen.paragraph()):
        placed, y = pen.set(words, _LEFT, y, _RIGHT - _LEFT)
        for x, base, line in placed:
            for char in line:
                off_x, off_y = (pen.draw.uniform(-0.05, 0.05) * _SIZE for _ in range(2))
                size = _SIZE * pen.draw.uniform(0.93, 1.05)
                if char != " ":
                    written = char + " " if spaces and pen.language not in SPACED else char
                    pen.drawing.write(x + off_x, base + off_y, written, size, unseen=True)
                elif pen.language in SPACED:
                    pen.drawing.write(x, base, " ", _SIZE, unseen=True)
                x += width_of(char, _SIZE)
        pen.units.append(words)
        y -= 0.5 * _PITCH


def _vertical(pen: _Pen) -> None:
    """Lines from top to bottom, from right to left."""
    x = _RIGHT
    for words in (pen.paragraph(), pen.paragraph(), pen.paragraph()):
        for n, line in enumerate(wrapped(words, _SIZE, _TOP - _BOTTOM, spaced=False, indent=pen.indent)):
            pen.drawing.write(x, _TOP - (0 if n else pen.indent), line, _SIZE, down=True)
            x -= _PITCH
        pen.units.append(words)


KINDS: dict[str, tuple[Callable[[_Pen], None], tuple[str, ...]]] = {
    "letter, sender at the right": (_letter, tuple(SCRIPTS)),
    "two columns, one after the other": (lambda pen: _columns(pen, across=False), tuple(SCRIPTS)),
    "two columns, drawn across": (lambda pen: _columns(pen, across=True), tuple(SCRIPTS)),
    "table with rules, cell by cell": (lambda pen: _table(pen, across=False), tuple(SCRIPTS)),
    "table with rules, drawn across": (lambda pen: _table(pen, across=True), tuple(SCRIPTS)),
    "table without rules": (lambda pen: _table(pen, across=False, apart=21.0, ruled=False), tuple(SCRIPTS)),
    "heading of letters apart": (_spaced_heading, tuple(SCRIPTS)),
    "heads and page numbers": (_running, tuple(SCRIPTS)),
    "footnotes": (_footnotes, tuple(SCRIPTS)),
    "text recognised, letter by letter": (_recognised, tuple(SCRIPTS)),
    "vertical": (_vertical, ("ja", "zh-Hant")),
}
"""How each kind is drawn, and the languages it is found in."""


def papers(texts: Sequence[Text], number: int) -> Iterator[Paper]:
    """So many papers of each kind in each language."""
    for kind, (draw, languages) in KINDS.items():
        for language in languages:
            for which in range(number):
                pen = _Pen(texts, language, Random(f"{kind} {language} {which}"))
                draw(pen)
                yield pen.paper(kind)
