"""What on a web page is not the article: marked, never deleted.

Precision comes first: a sentence of an article must not be lost, a button may be kept. So a line is marked for what it
says only if a phrase fits the whole of it, and for where it stands only if its neighbours agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from rag.corpus.cleaning import advertising, phrases
from rag.corpus.cleaning.lines import Line
from rag.corpus.document import Exclusion, ExclusionReason

_MAX_PHRASE_CHARS = 160
_EDGE_LINES = 6
_MENU_SITE_WORDS = 2
_MENU_WORDS = 3
_MAX_RELATED = 20
_TO_PAGE = re.compile(r"\t\s*[\d０-９]{1,4}$")
_TO_PAGE_CHARS = 40
_NEWS_SITE = re.compile(r"[Ss]ource\s*[:：]\s*[A-Z][a-z]+(?:[A-Z][a-z]+)+")
_JUNK = frozenset("$|·•.,-_=*+~^<>›»«‹＞→←↑↓⇒▲▼▶◀►◄■□●○◆◇★☆")

Marks = dict[int, ExclusionReason]
"""Index into the lines -> why that line is marked."""


def find_boilerplate(lines: Sequence[Line], kind: TextKind = "page") -> list[Exclusion]:
    """Menus, share buttons, comment forms, advertisements, related articles, player captions, bylines of sites.

    Args:
        lines: the text's lines that may be marked, in order.
        kind: whether it is a web page's text, another text, or an office's file: what a page says of itself, a report
            says of its subject.

    Returns:
        In order of start and not overlapping; mostly whole lines.
    """
    marks: Marks = {}
    for rule in _RULES[kind]:
        for index, reason in rule(lines, marks):
            marks.setdefault(index, reason)
    if kind == "page":
        for index, reason in advertising.whole_lines(lines, marks):
            marks.setdefault(index, reason)
    whole = [Exclusion(lines[index].start, lines[index].end, reason) for index, reason in marks.items()]
    parts: list[Exclusion] = []
    if kind != "file":
        free = (index for index in range(len(lines)) if index not in marks)
        parts = [part for index in free for part in _parts(lines, index, marks, is_page=kind == "page")]
    return sorted([*whole, *parts], key=lambda exclusion: exclusion.start)


def find_repeated_titles(lines: Sequence[Line], title: Line) -> list[Exclusion]:
    """Lines after ``title`` that say it again, alone or with the site's name ("Title - Site", "Title | Site")."""
    found = []
    last = lines[-1].number if lines else 0
    for line in lines:
        at_edge = line.number - title.number <= _EDGE_LINES or last - line.number <= _EDGE_LINES
        if line.start > title.start and (at_edge or len(title.key) >= 15) and _repeats(line, title):
            found.append(Exclusion(line.start, line.end, "duplicate-title"))
    return found


def _repeats(line: Line, title: Line) -> bool:
    if line.key == title.key:
        return bool(title.key)
    rest = line.bare[len(title.bare) :].strip() if line.bare.startswith(title.bare) else ""
    return len(title.key) >= 8 and 1 < len(rest) <= 40 and rest[0] in "-|–—:/»<>【[" and not line.has_sentence_end


def _phrases(lines: Sequence[Line], _: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    for index, line in enumerate(lines):
        if len(line.text) <= _MAX_PHRASE_CHARS and not _starts_section(lines, index):
            reason = phrase_reason(line)
            if reason is not None and reason != "related":
                yield index, reason


def phrase_reason(line: Line) -> ExclusionReason | None:
    """What the line is if it is nothing but a phrase known from buttons, forms and menus."""
    for reason, pattern in phrases.STRONG.items():
        if pattern.fullmatch(line.bare):
            return reason
    return "share" if phrases.FEEDBACK.fullmatch(line.bare) else None


def _starts_section(lines: Sequence[Line], index: int) -> bool:
    """Whether the line heads a paragraph on that topic, as "コメントを残す" does in a manual."""
    line, following = lines[index], lines[index + 1 : index + 2]
    if not following or line.is_paragraph or phrases.ARROWS.search(line.text):
        return False
    return following[0].is_paragraph and line.after_blank and _mentions_topic(line, following[0])


def _mentions_topic(heading: Line, paragraph: Line) -> bool:
    """Whether the paragraph speaks of what the heading names: half of its pairs of letters come again."""
    pairs = {heading.key[i : i + 2] for i in range(len(heading.key) - 1)}
    return (
        bool(pairs)
        and sum(pair in paragraph.key for pair in pairs) >= 0.5 * len(pairs)
        and phrase_reason(paragraph) is None
    )


def _junk(lines: Sequence[Line], _: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    for index, line in enumerate(lines):
        if len(line.text) <= 40 and all(char in _JUNK or char.isspace() for char in line.text):
            yield index, "navigation"


def _toggles(lines: Sequence[Line], marks: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    """ "A・Bを表示" above the sections A and B is the button that unfolds them."""
    for index, line in enumerate(lines):
        if index in marks or len(line.bare) > 60:
            continue
        for ending in ("を表示する", "を表示", "を開く", "を見る", "を読む"):
            if line.bare.endswith(ending):
                parts = line.bare.removesuffix(ending).replace("/", "・").replace("と", "・").split("・")
                below = {other.bare for other in lines[index + 1 : index + 12]}
                if len(parts) > 1 and all(part.strip() in below for part in parts):
                    yield index, "navigation"
                break


def _contents(lines: Sequence[Line], marks: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    """A table of contents: its heading, and the lines below that come again further down as headings."""
    places: dict[str, int] = {}
    end = 0
    for index, line in enumerate(lines):
        if index < end or index in marks or not _is_contents(line):
            continue
        places = places or {_unnumbered(other): place for place, other in enumerate(lines)}
        end = index + 1
        while end < len(lines) and not lines[end].is_paragraph and _comes_again(lines[end], end, places):
            end += 1
        if end >= index + 3:
            yield from ((place, "navigation") for place in range(index, end))


def _is_contents(line: Line) -> bool:
    if len(line.text) > _EDGE_LINES * 5:
        return False
    return any(phrases.CONTENTS.fullmatch(words) for words in (line.key, line.bare.casefold()))


def _comes_again(line: Line, place: int, places: Mapping[str, int]) -> bool:
    """Whether a line's words come again further down, or it leads to a page ("潮の時刻 …… 12")."""
    return (
        places[_unnumbered(line)] > place
        or line.leads_to_page
        or _TO_PAGE.search(line.text[-_TO_PAGE_CHARS:]) is not None
    )


def _unnumbered(line: Line) -> str:
    return line.key.lstrip("0123456789.-)( ") or line.key


def _menus(lines: Sequence[Line], marks: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    """Menus: on one line between separators, or as a run of short lines, with words that only a site's menu has."""
    run: list[int] = []
    for index, line in enumerate(lines):
        if _is_menu_line(line):
            yield index, "navigation"
        if _is_menu_word(line.bare) or marks.get(index) == "navigation":
            run.append(index)
            continue
        yield from _menu_of(lines, run)
        run = []
    yield from _menu_of(lines, run)


def _menu_of(lines: Sequence[Line], run: Sequence[int]) -> Iterator[tuple[int, ExclusionReason]]:
    if _is_menu([lines[index].bare for index in run]):
        yield from ((index, "navigation") for index in run)


def _is_menu_line(line: Line) -> bool:
    if len(line.text) > 200:
        return False
    for separator in filter(line.text.__contains__, "|｜/／・>›\t"):
        parts = [part.strip() for part in line.text.split(separator) if part.strip()]
        if len(parts) >= _MENU_WORDS and all(map(_is_menu_word, parts)):
            return _is_menu(parts)
    parts = line.text.split()
    return len(parts) >= _MENU_WORDS and all(map(_is_menu_word, parts)) and _is_menu(parts)


def _is_menu_word(words: str) -> bool:
    return len(words) <= 20 and bool(phrases.SITE_WORDS.fullmatch(words) or phrases.TOPIC_WORDS.fullmatch(words))


def _is_menu(items: Sequence[str]) -> bool:
    return (
        len(items) >= _MENU_WORDS
        and sum(bool(phrases.SITE_WORDS.fullmatch(item)) for item in items) >= _MENU_SITE_WORDS
    )


def _weak_neighbours(lines: Sequence[Line], marks: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    """ "コメント", "名前", "Twitter": a run of such words, if a line among them says plainly what they are.

    Share buttons, whose names are often all there is, are also known by three different ones.
    """
    for reason, pattern in phrases.WEAK.items():
        run: list[int] = []
        for index in range(len(lines) + 1):
            known = index < len(lines) and marks.get(index) == reason
            weak = (
                index < len(lines) and len(lines[index].bare) <= 30 and pattern.fullmatch(lines[index].bare) is not None
            )
            if known or weak:
                run.append(index)
                continue
            sure = any(marks.get(place) == reason for place in run)
            names = {lines[place].bare.casefold() for place in run if not lines[place].bare.isdigit()}
            if sure or (reason == "share" and len(names) >= 3 and names & _SHARE_ONLY):
                yield from ((place, reason) for place in run)
            run = []


_SHARE_ONLY = frozenset(
    {
        "b!",
        "シェア",
        "ツイート",
        "ポスト",
        "いいね",
        "いいね!",
        "share",
        "tweet",
        "pocket",
        "はてブ",
        "コピー",
        "feedly",
    }
)


def _related(lines: Sequence[Line], marks: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    """ "関連記事" and the titles listed below it, up to the next paragraph and the heading above that."""
    for index, line in enumerate(lines):
        if index in marks or len(line.bare) > _MAX_PHRASE_CHARS or not phrases.STRONG["related"].fullmatch(line.bare):
            continue
        last = min(len(lines), index + 1 + _MAX_RELATED)
        end = index + 1
        while end < last and not lines[end].is_paragraph and not (end > index + 1 and lines[end].after_blank):
            end += 1
        if end < len(lines) and lines[end].is_paragraph and not lines[end].after_blank and end > index + 1:
            end -= 1  # the line above a paragraph may be its heading
        if end == index + 1 < len(lines) and _starts_section(lines, index):
            continue
        yield from ((place, "related") for place in range(index, end))


def _head(lines: Sequence[Line], marks: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    """Above the first paragraph: the way to the page ("A > B > C"), the site's name, repeated or alone."""
    kept = [index for index in range(len(lines)) if index not in marks]
    first = next((place for place, index in enumerate(kept) if lines[index].is_paragraph), None)
    if first is None:
        return
    for index in kept[: min(first, _EDGE_LINES)]:
        if len(lines[index].text) <= _MAX_PHRASE_CHARS and phrases.BREADCRUMB.fullmatch(lines[index].bare):
            yield index, "navigation"
    body = " ".join(lines[index].key for index in kept[first : first + 3])
    head = kept[1:first][:_EDGE_LINES]
    for index in head:
        line = lines[index]
        repeated = sum(lines[other].key == line.key for other in head) > 1
        outlet = line.before_blank and line.after_blank and _is_outlet(line) and line.key not in body
        if line.width <= 40 and line.ends_openly and (repeated or outlet):
            yield index, "byline"


def _is_outlet(line: Line) -> bool:
    """One or two Latin words without a number, as newspapers and blogs are called."""
    words = line.bare.split()
    return len(words) <= 2 and line.bare.isascii() and all(word.replace(".", "").isalpha() for word in words)


def _sources(lines: Sequence[Line], marks: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    """ "Source: The Tide" as the first or last line of an article."""
    kept = [index for index in range(len(lines)) if index not in marks]
    for index in {*kept[1:3], *kept[-2:]} if len(kept) > 4 else ():
        line = lines[index]
        if len(line.bare) <= 60 and line.ends_openly and phrases.SOURCE_LABEL.fullmatch(line.bare):
            yield index, "byline"


def _news_site(lines: Sequence[Line], marks: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    """ "Source:VentureBeat" as the last line of running text: the name of a site, written in one word as sites are."""
    if len(lines) > 4 and all(line.is_paragraph for line in lines[-4:-1]) and _NEWS_SITE.fullmatch(lines[-1].text):
        yield len(lines) - 1, "byline"


TextKind = Literal["page", "text", "file"]
"""What is cleaned: a web page or text saved from one; other text, as of Markdown; what an office program wrote."""

_RULES: Mapping[TextKind, tuple[Callable[[Sequence[Line], Marks], Iterator[tuple[int, ExclusionReason]]], ...]] = {
    "page": (_phrases, _junk, _toggles, _contents, _menus, _weak_neighbours, _related, _head, _sources),
    "text": (_junk, _toggles, _contents, _news_site),
    "file": (_contents,),
}


def _parts(lines: Sequence[Line], index: int, marks: Marks, *, is_page: bool) -> Iterator[Exclusion]:
    """The part of a line of the article that is a player's caption or a call to action."""
    line = lines[index]
    caption = phrases.PLAYER_CAPTION.match(line.text)
    if caption is not None:
        yield Exclusion(line.start, line.start + len(caption.group().rstrip()), "player")
    call = advertising.call_at_end(lines, index, marks) if is_page else None
    if call is not None:
        yield Exclusion(line.start + call, line.end, "promotion")


def merged(exclusions: Iterable[Exclusion], text: str) -> tuple[Exclusion, ...]:
    """In order, with those of one reason joined where only spaces stand between them; markup, only within a line."""
    result: list[Exclusion] = []
    for exclusion in sorted(exclusions, key=lambda e: (e.start, -e.end)):
        last = result[-1] if result else None
        if last and exclusion.start < last.end:
            continue
        between = text[last.end : exclusion.start] if last else ""
        joins = between.isspace() and not (exclusion.is_inline and "\n" in between)
        if last and last.reason == exclusion.reason and joins:
            result[-1] = Exclusion(last.start, exclusion.end, last.reason)
        else:
            result.append(exclusion)
    return tuple(result)
