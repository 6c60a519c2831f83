"""Hostile texts, and how to tell that one of them has become markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

from rag.corpus.document import Document

ATTACKS = Path(__file__).parents[1] / "fixtures" / "attacks"
MARKUP = "[data-attack], [onerror], [onload], [onfocus], [onmouseover], [onbegin], [srcdoc], img[src=x], "
MARKUP += "a[href^=javascript], [src*=attacker], [href*=attacker], [action*=attacker]"
_START_TAG = re.compile(r"<[a-z]+(?=[\s/>])")


def marked(text: str) -> str:
    """The text with a mark in each tag, by which an element that it has become is known among the page's own."""
    return _START_TAG.sub(lambda tag: f"{tag[0]} data-attack", text)


TEXTS = [
    {"name": each["name"], "text": marked(each["text"])}
    for each in json.loads((ATTACKS / "texts.json").read_text(encoding="utf-8"))
]


def hostile_documents() -> tuple[Document, ...]:
    """A document for each text, which has it in its name, its title and its sentences."""
    return tuple(
        Document(f"{n}/{each['text'][:80]}.txt", each["text"], f"{each['text']}\n煎茶は{each['text']}七十度。\n", "ja")
        for n, each in enumerate(TEXTS)
    )


class _Finder(HTMLParser):
    """Notes each element that ``MARKUP`` would find, or that would run something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        leads = [value or "" for name, value in attributes if name in ("href", "src", "action")]
        is_marked = any(name == "data-attack" or name.startswith("on") for name, _ in attributes)
        if is_marked or any("attacker" in value or value.strip().startswith("javascript:") for value in leads):
            self.found.append(self.get_starttag_text() or tag)


def attacks_in(html: str) -> list[str]:
    """The tags by which a hostile text has become markup."""
    finder = _Finder()
    finder.feed(html)
    finder.close()
    return finder.found
