"""Advertisements and calls to action inside a text, told from sentences that inform."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rag.corpus.cleaning import phrases
from rag.corpus.cleaning.lines import Line
from rag.corpus.document import ExclusionReason

_MAX_BUTTON_CHARS = 60
_MAX_ADVERTISEMENT_CHARS = 400
_MAX_PITCH_SENTENCES = 4
_SENTENCE = re.compile(r"[^。!?！？]*[。!?！？]+[」』）)]*|[^。!?！？]+$")
_ENGLISH_SENTENCE = re.compile(r"\S.*?(?:[.!?][\"”’)]*(?=\s)|$)")

Marks = Mapping[int, ExclusionReason]


def whole_lines(lines: Sequence[Line], marks: Marks) -> Iterator[tuple[int, ExclusionReason]]:
    """Lines that are nothing but a button or an advertisement."""
    buttons = {i for i, line in enumerate(lines) if marks.get(i) == "promotion" or (i not in marks and is_button(line))}
    for index, line in enumerate(lines):
        if index in marks:
            continue
        beside_button = index + 1 in buttons
        if index in buttons or is_advertisement(line, beside_button=beside_button) or is_english_pitch(line):
            yield index, "promotion"


def is_button(line: Line) -> bool:
    """Whether a short line without a sentence's end calls for a click on something on offer."""
    bare = line.bare
    if len(bare) > _MAX_BUTTON_CHARS or line.has_sentence_end or not line.ends_openly or line.is_question:
        return False
    if not phrases.GOODS.search(bare) or not phrases.BUTTON.fullmatch(bare):
        return False
    link = re.search(r"はこちら|はコチラ|(?:今|いま)すぐ|まずは", bare) is not None
    return link or phrases.ARROWS.search(line.text[-_MAX_BUTTON_CHARS:]) is not None


def is_advertisement(line: Line, *, beside_button: bool) -> bool:
    """Whether every sentence of the line advertises.

    Args:
        beside_button: whether a button stands right below; what leads up to it needs less to be an advertisement.
    """
    if len(line.text) > _MAX_ADVERTISEMENT_CHARS or not line.has_sentence_end or line.is_question:
        return False
    sentences = _sentences(line.bare)
    features = [_features(sentence) for sentence in sentences]
    together = set().union(*features)
    needed = 3 if beside_button else 4
    return "offer" in together and len(together) >= needed and all(features) and not _informs(line.bare)


def is_english_pitch(line: Line) -> bool:
    """Whether a short English paragraph pitches and ends in a call ("Sign up now")."""
    if len(line.text) > 2 * _MAX_ADVERTISEMENT_CHARS or line.text.count(" ") < 6:
        return False
    sentences = _ENGLISH_SENTENCE.findall(line.bare)
    if not 2 <= len(sentences) <= 1 + _MAX_PITCH_SENTENCES:
        return False
    *pitch, call = sentences
    return _is_english_call(call) and all(phrases.ENGLISH_PITCH.search(sentence) for sentence in pitch)


def call_at_end(lines: Sequence[Line], index: int, marks: Marks) -> int | None:
    """Where in the line the call to action begins that ends it, if a paragraph of the article ends so.

    A Japanese one counts only above a button: "see below for our service" may lead to a table elsewhere.
    """
    line = lines[index]
    if line.text.count(" ") >= 6 and len(line.text) <= 4_000:
        found = list(_ENGLISH_SENTENCE.finditer(line.text))
        if len(found) > 1 and _is_english_call(found[-1].group()):
            return found[-1].start()
    if marks.get(index + 1) != "promotion" or not line.text.endswith(("。", "！", "!")):
        return None
    matches = list(_SENTENCE.finditer(line.text))
    if len(matches) < 2 or not _is_call(matches[-1].group()):
        return None
    return matches[-1].start()


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.findall(text) if sentence.strip()]


def _features(sentence: str) -> set[str]:
    patterns = {
        "offer": phrases.OFFER,
        "invite": phrases.INVITE,
        "direction": phrases.DIRECTION,
        "action": phrases.ACTION,
    }
    return {name for name, pattern in patterns.items() if pattern.search(sentence)}


def _is_call(sentence: str) -> bool:
    if len(sentence) > 80 or phrases.HOW_TO.search(sentence):
        return False
    return {"direction", "action"} <= _features(sentence) and phrases.COMMERCE.search(sentence) is not None


def _informs(text: str) -> bool:
    """Dates and amounts of money: announcements have them, banners rarely."""
    return re.search(r"\d{4}年|\d+月\d+日|\d[\d,.]*(?:万|億)?円", text) is not None


def _is_english_call(sentence: str) -> bool:
    return re.fullmatch(_ENGLISH_CALL, sentence.strip().rstrip(".!→»>▶ "), re.IGNORECASE) is not None


_ENGLISH_CALL = (
    r"(?:(?:sign up|enroll|register|subscribe|join|apply)(?: for [\w ]{1,25})?(?: now| today| here| for free)"
    r"|sign up for free|learn more and (?:sign up|enroll|register)|get started (?:now|today|for free)"
    r"|start learning (?:now|today)|(?:buy|order) (?:now|today)|try it (?:now|for free|today))"
)
