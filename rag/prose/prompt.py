"""What an LLM is told: rules, the passages in fences that their text cannot close, and the question."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Template

from rag.errors import SettingsError
from rag.language.detection import spoken_language
from rag.prose.client import Message
from rag.search import Hit

_FIELDS: Mapping[str, frozenset[str]] = {
    "system": frozenset({"fence"}),
    "question": frozenset({"passages", "question"}),
    "standalone": frozenset({"history", "question"}),
}
"""Templates by name, with what each may hold; ``system`` need not name the fence."""
_REQUIRED = {"system": frozenset[str](), "question": _FIELDS["question"], "standalone": _FIELDS["standalone"]}
_ASCII_PER_TOKEN = 3.0
_TOKENS_PER_OTHER = 1.3
_MESSAGE_TOKENS = 16
_SHORTEST_PASSAGE = 64
_LONGEST_HEADING = 200


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages to send, and how many of the hits they hold: the first ones, best first."""

    messages: tuple[Message, ...]
    passages: int


def estimate_tokens(text: str) -> int:
    """Tokens of a text, rather too many than too few: no tokenizer is known for a model that others serve.

    Counts one token for three ASCII characters and 1.3 for any other one. Models trained on much Japanese need 0.5 to
    0.8 a character, those with few Japanese pieces up to 1.3.
    """
    ascii_chars = sum(char.isascii() for char in text)
    return math.ceil(ascii_chars / _ASCII_PER_TOKEN + (len(text) - ascii_chars) * _TOKENS_PER_OTHER)


def compose_prompt(
    question: str,
    hits: Sequence[Hit],
    *,
    context_tokens: int,
    max_tokens: int,
    templates: Path | None = None,
    most_passages: int | None = None,
) -> Prompt:
    """The messages for a question, with as many passages as the model can read, best first.

    Args:
        question: as asked; its language chooses the templates.
        hits: best first; the first is always given, cut to what fits.
        context_tokens: what the model reads and writes at most.
        max_tokens: of these, what the answer may take.
        templates: a folder with the user's own templates; those not there are the built-in ones.
        most_passages: no more than this.

    Raises:
        SettingsError: if a template cannot be used.
    """
    language = spoken_language(question)
    fence = _fence(hits)
    system = template("system", language, templates).safe_substitute(fence=fence)
    asking = template("question", language, templates)
    left = context_tokens - max_tokens - 2 * _MESSAGE_TOKENS
    left -= estimate_tokens(system) + estimate_tokens(asking.safe_substitute(passages="", question=question))
    passages: list[str] = []
    for number, hit in enumerate(hits[:most_passages], 1):
        block = _block(number, hit, hit.text, fence)
        if (cost := estimate_tokens(block) + 1) > left:
            if number == 1:
                passages.append(_block(number, hit, _cut(hit.text, left), fence))
            break
        passages.append(block)
        left -= cost
    user = asking.safe_substitute(passages="\n\n".join(passages), question=question)
    return Prompt((Message("system", system), Message("user", user)), len(passages))


def template(name: str, language: str, folder: Path | None = None) -> Template:
    """A template by name (``system``, ``question`` or ``standalone``) and language.

    The user's file of the same name (``question.ja.txt``) wins over the built-in one. ``$question`` and the like stand
    for what is put in.

    Raises:
        SettingsError: if the file cannot be read, lacks a field it needs, or has one that does not exist.
    """
    own = None if folder is None else folder / f"{name}.{language}.txt"
    if own is None or not own.exists():
        return _built_in(name, language)
    try:
        found = Template(own.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SettingsError(f"The template cannot be read: {reason}.", path=own) from None
    fields = set(found.get_identifiers()) if found.is_valid() else {"$"}
    if wrong := sorted(fields - _FIELDS[name]):
        raise SettingsError(
            f"The template has a field that does not exist: {wrong[0]}.", path=own, hint="Write $$ for $."
        )
    if lacking := sorted(_REQUIRED[name] - fields):
        raise SettingsError(f"The template lacks ${lacking[0]}.", path=own)
    return found


@lru_cache(maxsize=16)
def _built_in(name: str, language: str) -> Template:
    file = files("rag.prose").joinpath("templates", f"{name}.{language}.txt")
    return Template(file.read_text(encoding="utf-8"))


def _fence(hits: Sequence[Hit]) -> str:
    """A word that no passage holds and that nobody who wrote one could have foreseen."""
    while True:
        fence = f"<<{secrets.token_hex(6)}>>"
        if not any(fence in text for hit in hits for text in (hit.text, hit.document.title, *hit.heading)):
            return fence


def _block(number: int, hit: Hit, text: str, fence: str) -> str:
    path = " › ".join(dict.fromkeys([hit.document.title, *hit.heading]))
    heading = re.sub(r"\s+", " ", path)[:_LONGEST_HEADING]
    return f"{fence} [{number}]\n{heading}\n{text}\n{fence}"


def _cut(text: str, tokens: int) -> str:
    """The beginning of a text that has no more than so many tokens."""
    tokens = max(tokens - _SHORTEST_PASSAGE, _SHORTEST_PASSAGE)
    return text[: max(1, int(len(text) * min(1.0, tokens / max(1, estimate_tokens(text)))))]
