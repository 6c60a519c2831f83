"""What a rule that applies others makes of them: 第5条の規定は、…について準用する, with 「A」 read as 「B」.

Such a sentence does not say what it is about: that stands in the articles that it names, in the words of those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.answer.question.literals import digits
from rag.corpus.blocks import Block

_NUMERAL = r"[0-9〇一二三四五六七八九十百]{1,5}"
_ARTICLE = re.compile(rf"(?<![法令例])第\s?({_NUMERAL})条")
_BEGINS = re.compile(rf"\s*第\s?({_NUMERAL})条(?:の[0-9一二三四五六七八九十]+)?")
_BEFORE = re.compile(r"前([2-9二三四五六七八九]?)条")
_READ_AS = re.compile(r"「([^「」]{1,30})」とあるのは、?「([^「」]{1,30})」")
APPLIES = re.compile(r"準用する|とあるのは")
"""What a sentence says that applies other rules."""
_LONGEST_RULE, _LONGEST_HEAD = 100, 40
_MOST_RULES = 3

Article = tuple[str, int, str]
"""Its number, where it begins, and its title: 5 and （解約）."""


def rules_applied(sentence: str, before: str, start: int, articles: Sequence[Article], text: str) -> str:
    """The words of the articles that a sentence applies, each as it is to be read; empty if it names none.

    Where it says which words to read as others, those articles alone that have them. Those of a law are not looked for.

    Args:
        sentence: that applies them.
        before: the sentence before it, which names them where this one begins with この場合において.
        start: where the sentence stands, as an offset into the text of its document.
        articles: of the document (``articles_in``).
        text: the document's, from its beginning.
    """
    said = unicodedata.normalize("NFKC", f"{before}\n{sentence}" if sentence.startswith("この場合") else sentence)
    own = max((number for number, article in enumerate(articles) if article[1] <= start), default=-1)
    named = {digits(number) for number in _ARTICLE.findall(said)}
    if (back := _BEFORE.search(said)) is not None and own > 0:
        named |= {article[0] for article in articles[max(0, own - int(digits(back[1]) or 1)) : own]}
    read_as = _READ_AS.findall(said)
    found: list[str] = []
    for place, (number, begins, title) in enumerate(articles):
        if number in named and place != own:
            rule = unicodedata.normalize("NFKC", text[begins : begins + 2 * _LONGEST_RULE]).split("\n")[0]
            changed = [rule.replace(words, others) for words, others in read_as if words in rule]
            found += [f"{title}{each}"[:_LONGEST_RULE] for each in (changed if read_as else [rule])]
    return "\n".join(dict.fromkeys(found[:_MOST_RULES]))


def articles_in(blocks: Sequence[Block], text: str) -> list[Article]:
    """The articles of a document with these Blocks, in their order; ``text`` is its text from its beginning."""
    found: dict[int, Article] = {}
    title = ""
    for block in sorted(blocks, key=lambda block: block.start):
        begins = block.intro[0] if block.intro else block.start
        head = unicodedata.normalize("NFKC", text[begins : min(block.end, begins + _LONGEST_HEAD)])
        if (article := _BEGINS.match(head)) is not None:
            found.setdefault(begins, (digits(article[1]), begins, title))
        title = head.strip() if block.kind == "heading" and head.startswith("(") else ""
    return list(found.values())
