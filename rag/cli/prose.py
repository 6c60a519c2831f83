"""How the command shows prose: as it is written, then with the sentences marked that could not be verified, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from rag.answer.prose import CheckedSentence, Prose
from rag.answer.result import Answer
from rag.cli.console import messages
from rag.prose.words import Language, notice_words, problem_words

if TYPE_CHECKING:
    from rag.engine import Engine

_WORDS = {
    "ja": {
        "by": "LLM による文章（{model}、{host}）",
        "unverified": "（未確認）",
        "why": "確認できなかった文:",
        "little": "出典で確かめられない文が多いため、引用を先に示しました。",
    },
    "en": {
        "by": "Written by an LLM ({model}, {host})",
        "unverified": " (unverified)",
        "why": "Sentences that could not be verified:",
        "little": "Much of this could not be verified against its sources, so the quotes come first.",
    },
}


def with_prose(engine: Engine, answer: Answer, *, quiet: bool) -> Answer:
    """The answer with what the LLM makes of its passages; shown as it is written, unless nobody is watching.

    Raises:
        SettingsError: if no LLM is configured.
    """
    prose = None
    with _draft(quiet or not messages.is_terminal) as show:
        for event in engine.write_prose(answer):
            if isinstance(event, Prose):
                prose = event
            else:
                show(event.text)
    return replace(answer, prose=prose)


@contextmanager
def _draft(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Shows the end of a growing text, and takes it away when it is done."""
    if quiet:
        yield lambda text: None
        return
    with Live(console=messages, transient=True, refresh_per_second=12) as live:

        def show(text: str) -> None:
            lines = Text(text, style="dim").wrap(messages, messages.width)
            live.update(Text("\n").join(lines[-max(1, messages.height - 2) :]))

        yield show


def print_prose(console: Console, prose: Prose, answer: Answer, language: Language) -> None:
    """The prose, where it stands in the documents, and why sentences are marked."""
    words = _WORDS[language]
    if prose.notice is not None:
        console.print(Text(notice_words(prose.notice, prose.host, language), style="yellow"), soft_wrap=True)
    if not prose.text.strip():
        return
    console.print(Text(words["by"].format(model=prose.model or "?", host=prose.host), style="dim"))
    if not prose.trusted:
        console.print(Text(words["little"], style="yellow"))
    console.print(_marked(prose, words["unverified"]))
    console.print()
    for number in sorted({n for s in prose.sentences if s.verdict == "supported" for n in s.cited}):
        if 1 <= number <= len(answer.hits):
            hit = answer.hits[number - 1]
            line = next((c.line for s in prose.sentences for c in s.support if c.number == number), hit.line)
            place = Text(f"[{number}] ", style="bold cyan") + Text(f"{hit.document.source}:{line}", style="cyan")
            console.print(place + Text(f"  {hit.document.title}", style="dim"), soft_wrap=True)
    unverified = [s for s in prose.sentences if s.verdict == "unverified"]
    if unverified:
        console.print(Text(words["why"], style="yellow"))
    for sentence in unverified:
        console.print(Padding(_reason(sentence, language), (0, 0, 0, 4)))
    console.print()


def _marked(prose: Prose, label: str) -> Text:
    marked, position = Text(), 0
    for sentence in prose.sentences:
        marked.append(prose.text[position : sentence.start])
        if sentence.verdict == "unverified":
            marked.append(prose.text[sentence.start : sentence.end], style="yellow")
            marked.append(label, style="bold yellow")
        else:
            marked.append(prose.text[sentence.start : sentence.end])
        position = sentence.end
    return marked.append(prose.text[position:])


def _reason(sentence: CheckedSentence, language: Language) -> Text:
    reasons = "; ".join(problem_words(problem, language) for problem in sentence.problems)
    return Text(f"{' '.join(sentence.text.split())} — {reasons}")
