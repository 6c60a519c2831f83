"""What a rule that applies others makes of them: 第5条の規定は、…について準用する, with 「A」 read as 「B」.

Such a sentence does not say what it is about: that stands in the articles that it names, in the words of those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from rag.answer.question.literals import digits
from rag.corpus.blocks import Block

_NUMERAL = r"[0-9〇一二三四五六七八九十百]{1,5}"
_ARTICLE = re.compile(rf"第\s?({_NUMERAL})条")
_BEGINS = re.compile(rf"\s*第\s?({_NUMERAL})条(?:の[0-9一二三四五六七八九十]+)?")
_BEFORE = re.compile(r"前([2-9二三四五六七八九]?)条")
_READ_AS = re.compile(r"「([^「」]{1,30})」とあるのは、?「([^「」]{1,30})」")
APPLIES = re.compile(r"準用する|とあるのは")
"""What a sentence says that applies other rules."""
_LONGEST_RULE = 100
_MOST_RULES = 3

TextAt = Callable[[int, int], str]
"""The words of the document between two offsets."""


def rules_applied(sentence: str, before: str, start: int, blocks: Sequence[Block], text_at: TextAt) -> str:
    """The words of the articles that a sentence applies, each as it is to be read; empty if it names none.

    Where it says which words to read as others, those articles alone that have them.

    Args:
        sentence: that applies them.
        before: the sentence before it, which names them where this one begins with この場合において.
        start: where the sentence stands, as an offset into the text of its document.
        blocks: of the document.
        text_at: its text.
    """
    said = unicodedata.normalize("NFKC", f"{before}\n{sentence}" if sentence.startswith("この場合") else sentence)
    articles = _articles(blocks, text_at)
    own = max((number for number, at in enumerate(articles) if at[1] <= start), default=-1)
    named = [digits(number) for number in _ARTICLE.findall(said)]
    if (back := _BEFORE.search(said)) is not None and own > 0:
        named += [article[0] for article in articles[max(0, own - int(digits(back[1]) or 1)) : own]]
    read_as = _READ_AS.findall(said)
    found: list[str] = []
    for number, at, title in articles:
        if number in named and (own < 0 or at != articles[own][1]):
            rule = unicodedata.normalize("NFKC", text_at(at, at + 2 * _LONGEST_RULE)).split("\n")[0]
            for words, others in read_as:
                if words in rule:
                    found.insert(0, f"{title}{rule.replace(words, others)}"[:_LONGEST_RULE])
            if not read_as:
                found.append(f"{title}{rule}"[:_LONGEST_RULE])
    return "\n".join(dict.fromkeys(found[:_MOST_RULES]))


def _articles(blocks: Sequence[Block], text_at: TextAt) -> list[tuple[str, int, str]]:
    """Number, place and title of the articles of a document, in their order: 第5条 and （解約）."""
    found: list[tuple[str, int, str]] = []
    title = ""
    for block in sorted(blocks, key=lambda block: block.start):
        begins = block.intro[0] if block.intro else block.start
        head = unicodedata.normalize("NFKC", text_at(begins, min(block.end, begins + 40)))
        if (article := _BEGINS.match(head)) is not None and all(at != begins for _, at, _ in found):
            found.append((digits(article[1]), begins, title))
        title = head.strip() if block.kind == "heading" and head.startswith("(") else ""
    return found
