"""How the command shows answers, hits and indexes to a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rag.answer.wording import words_in
from rag.counting import counted
from rag.index.operators import parsed
from rag.language.detection import detect_language, spoken_language
from rag.language.terms import term_spans, terms

if TYPE_CHECKING:
    from rag.answer.citation import Citation, Context
    from rag.answer.prose import Prose
    from rag.answer.result import Answer
    from rag.answer.shape import Shape
    from rag.engine import Engine
    from rag.search import Hit, SearchResult

_SHORTEST_MARKUP = 8
_LONGEST_SHOWN = 320
_NEAREST = {"ja": "近い箇所:", "en": "The nearest passages:"}
_NOTHING = {"ja": "該当する箇所がありません。", "en": "No passage was found."}


def print_answer(console: Console, answer: Answer) -> None:
    """The answer, its citations as ``source:line``, and the confidence; an abstention shows the nearest passages.

    Prose of an LLM comes first if enough of it is supported, and otherwise behind the quotes.
    """
    prose = answer.prose
    if prose is not None and prose.trusted:
        _print_prose(console, prose, answer)
    _print_quotes(console, answer)
    if prose is not None and not prose.trusted:
        console.print()
        _print_prose(console, prose, answer)


def _print_prose(console: Console, prose: Prose, answer: Answer) -> None:
    from rag.cli.prose import print_prose

    print_prose(console, prose, answer, spoken_language(answer.question))


def _print_quotes(console: Console, answer: Answer) -> None:
    language = spoken_language(answer.question)
    words = words_in(language)
    if answer.searched:
        console.print(Text(words.understood.format(question=answer.searched), style="dim"))
    if answer.abstained:
        for line in (words.refusal(answer.reason, answer.missing), *words.suggested(answer.suggestions)):
            console.print(Text(line, style="yellow"))
        if answer.hits:
            console.print(Text(f"\n{_NEAREST[language]}", style="dim"))
            for hit in answer.hits[:3]:
                _print_hit(console, hit, answer.question)
        return
    console.print(_marked(answer.answer, answer.question))
    for part in answer.parts:
        if not part.found:
            console.print(Text(words.part_refusal(part.question, part.missing).strip(), style="yellow"))
    if answer.conflict:
        console.print(Text(words.conflict, style="yellow"))
    console.print()
    shown: set[object] = set()
    for citation in answer.citations:
        place = Text(f"[{citation.number}] ", style="bold cyan")
        place.append(_where(citation, answer.question), style="cyan")
        place.append(f"  {citation.document.title}", style="dim")
        console.print(place, soft_wrap=True)
        _print_around(console, citation, shown)
    console.print(Text(f"{words.confidence} {answer.confidence:.2f}", style="dim"))


def _print_around(console: Console, citation: Citation, shown: set[object]) -> None:
    """What a short quote stands in, once for all quotes in it: its sentence, or its row under the table's heads."""
    context = citation.context
    if context is None or (key := (citation.document.id, context.start, context.end)) in shown:
        return
    shown.add(key)
    rows = citation.shape is not None and citation.shape.rows
    around = _rows(citation.shape) if citation.shape is not None and rows else _in_context(citation, context)
    console.print(Padding(around, (0, 0, 0, 4)))


def _rows(shape: Shape) -> Table:
    """Rows as a table, the cells that answer in bold."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=bool(shape.heads))
    for head in shape.heads or [""] * len(shape.rows[0]):
        table.add_column(Text(head))
    for number, row in enumerate(shape.rows):
        marked = {column for at, column in shape.marked if at == number}
        table.add_row(*(Text(cell, style="bold green" if i in marked else "") for i, cell in enumerate(row)))
    return table


def print_hits(console: Console, result: SearchResult) -> None:
    """The hits with their places, scores and the query's words marked."""
    if result.searched:
        words = words_in(spoken_language(result.query))
        console.print(Text(words.understood.format(question=result.searched), style="dim"))
    if not result.hits:
        console.print(Text(_NOTHING[spoken_language(result.query)], style="yellow"))
    for hit in result.hits:
        _print_hit(console, hit, result.searched or parsed(result.query).text)


def info_dict(engine: Engine, *, excluded: bool) -> dict[str, Any]:
    """What an index holds, as JSON."""
    manifest = engine.info()
    body: dict[str, Any] = {
        "index": str(engine.settings.index),
        "snapshot": manifest.id,
        "created": manifest.created,
        "model": manifest.model,
        "dimension": manifest.dimension,
        "documents": [document.to_dict() for document in engine.documents()],
        "passages": manifest.passages,
        "settings": dict(manifest.settings),
    }
    if excluded:
        body["excluded"] = list(_exclusions(engine))
    return body


def print_info(console: Console, engine: Engine) -> None:
    """A summary and a table of the documents."""
    manifest = engine.info()
    settings = ", ".join(f"{name}={value}" for name, value in manifest.settings.items())
    console.print(
        f"{engine.settings.index}: {counted(manifest.documents, 'document')}, {counted(manifest.passages, 'passage')}, "
        f"built {manifest.created}\n"
        f"model {manifest.model}, {settings}",
        soft_wrap=True,
    )
    table = Table("source", "title", "language", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("characters", "left out", "passages"):
        table.add_column(name, justify="right")
    for document in engine.documents():
        share = document.excluded_chars / max(1, document.chars)
        row = (document.language, f"{document.chars:,}", f"{share:.0%}", str(document.passages))
        table.add_row(Text(document.source), Text(document.title), *row)
    console.print(table)


def print_excluded(console: Console, engine: Engine) -> None:
    """Everything that was left out of the index, with its place and the reason."""
    for item in _exclusions(engine):
        console.print(
            Text(f"{item['source']}:{item['line']} ", style="cyan") + Text(str(item["reason"]), style="yellow")
        )
        console.print(Padding(Text(str(item["text"]).strip("\n")), (0, 0, 0, 4)))


def _exclusions(engine: Engine) -> Iterable[dict[str, Any]]:
    for listed in engine.documents():
        document = engine.document(listed.id)
        for e in document.excluded:
            if e.reason == "markup" and e.end - e.start <= _SHORTEST_MARKUP:
                continue  # each pair of asterisks would be a line
            place = {"source": document.source, "line": document.line(e.start), "start": e.start, "end": e.end}
            yield place | {"reason": e.reason, "text": document.text[e.start : e.end]}


def _print_hit(console: Console, hit: Hit, query: str) -> None:
    place = Text(f"{hit.rank:>2}. ", style="bold") + Text(_where(hit, query), style="cyan")
    scores = "  ".join(f"{name} {score.score:.3f} (#{score.rank})" for name, score in hit.retrievers.items())
    place.append(f"  {hit.score:.3f}  {scores}", style="dim")
    console.print(place, soft_wrap=True)
    above = " › ".join([hit.document.title, *hit.heading])
    console.print(Padding(Text(above, style="dim"), (0, 0, 0, 4)))
    if hit.also:
        also = ", ".join(copy.source for copy in hit.also)
        console.print(Padding(Text(f"= {also}", style="dim"), (0, 0, 0, 4)))
    shown = hit.text if len(hit.text) <= _LONGEST_SHOWN else hit.text[:_LONGEST_SHOWN] + "…"
    console.print(Padding(_marked(shown, query), (0, 0, 1, 4)))


def _in_context(citation: Citation, context: Context) -> Text:
    """The sentence with the quoted words in bold."""
    shown = Text(context.text)
    shown.stylize("bold green", citation.start - context.start, citation.end - context.start)
    return shown


def _where(found: Hit | Citation, question: str) -> str:
    """``source:line``, with the page, slide, … where the file has them, and the library where one was named."""
    library = f"{found.document.library}: " if found.document.library else ""
    where = f"{library}{found.document.source}:{found.line}"
    language = detect_language(question, default="ja")
    return where if found.place is None else f"{where} ({found.place.describe(language)})"


def _marked(text: str, query: str) -> Text:
    """The text with the query's words in bold."""
    language = detect_language(query, default="ja")
    wanted = set(terms(query, language))
    marked = Text(text)
    for start, end, term in term_spans(text, language):
        if term in wanted:
            marked.stylize("bold magenta", start, end)
    return marked
