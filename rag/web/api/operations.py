"""What other programs can ask the server: ``ask``, ``search`` and ``documents``, through Gradio, plain HTTP and MCP.

The functions here are the same for all three; ``docs/api.md`` shows their use.
"""

# No postponed annotations here: Gradio and MCP describe these functions by their types.

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, cast

from pydantic import Field, ValidationError, validate_call

from rag.answer.result import Answer
from rag.errors import RagError
from rag.index.query import Options
from rag.settings import Mode
from rag.web.api.results import (
    AnswerResult,
    DocumentResult,
    DocumentsResult,
    EvidenceItem,
    LibrariesResult,
    LibraryResult,
    MarkedResult,
    SearchResult,
)
from rag.web.libraries import OpenLibraries, role_in
from rag.web.limits import MOST_HITS
from rag.web.principal import current_principal
from rag.web.turns import Turns

UNEXPECTED = "Something unexpected went wrong; the server's log has more."
"""What other programs are told of an error that is not the caller's."""

Count = Annotated[int | None, Field(ge=1, le=MOST_HITS)]


class UnknownDocumentError(RagError):
    """The index holds no document with the id asked for."""


class Operations:
    """The operations over the libraries of one server.

    Every one raises ``RagError`` for what cannot be done, and ``pydantic.ValidationError`` for arguments of a wrong
    type or range.

    Args:
        libraries: those that may be asked.
        turns: the line that questions stand in; it counts their answers.
        tell: told what the search finds for a question, before that is read.
    """

    def __init__(self, libraries: OpenLibraries, turns: Turns, tell: Callable[[Any], None] = lambda _: None) -> None:
        self._libraries = libraries
        self._turns = turns
        self._tell = tell

    def all(self) -> tuple[Callable[..., Any], ...]:
        """Those that only read, each a plain function with its own name, types and description."""
        return self.ask(), self._search(), self._documents(), self._list()

    def ask(self) -> Callable[..., AnswerResult]:
        """The operation that answers a question."""
        libraries, turns, tell = self._libraries, self._turns, self._tell

        @validate_call
        def ask(
            question: str,
            k: Count = None,
            mode: Mode | None = None,
            sources: list[str] | None = None,
            languages: list[str] | None = None,
            since: str = "",
            until: str = "",
            llm: bool = False,
            history: list[str] | None = None,
            library: list[str] | None = None,
        ) -> AnswerResult:
            """Answer a question with quotes from the documents, or say that they do not hold an answer.

            Args:
                question: the question, in Japanese or English.
                k: how many passages to return, from 1 to 100; by default 10.
                mode: hybrid, dense or lexical; by default hybrid.
                sources: look only into these: file names, folders ending in "/", or patterns with * and ?.
                languages: look only at passages in these languages, as ISO 639-1 codes such as ja and en.
                since: look only into documents of this day or later, as 2024, 2024-05 or 2024-05-01.
                until: look only into documents of this day or earlier.
                llm: also have the configured LLM write prose, which is checked against the passages.
                history: the questions before this one, oldest first; what it leaves out is taken from them.
                library: names of the libraries to ask, with one ranking over all; by default the default one.

            Returns:
                The answer with its citations, its confidence in [0, 1] and the passages found, as rag ask --json.
            """
            engine = libraries.chosen(library or ()).engine()
            options = Options(k=k, mode=mode, sources=sources, languages=languages, since=since, until=until)
            steps = engine.ask_in_steps(question, history=history or (), llm=llm, **options)
            tell(next(steps))
            *_, answer = steps
            assert isinstance(answer, Answer)
            turns.answered(answer)
            return cast(AnswerResult, answer.to_dict())

        return ask

    def mark(self) -> Callable[..., MarkedResult]:
        """The operation that keeps what the right answer to a question is."""
        libraries = self._libraries

        @validate_call
        def mark(
            question: str,
            evidence: list[EvidenceItem] | None = None,
            answers: list[str] | None = None,
            library: list[str] | None = None,
        ) -> MarkedResult:
            """Keep what the right answer to a question is, in the library's own test set.

            Args:
                question: the question, as it was asked.
                evidence: words that answer it, character for character; none if the documents do not hold an answer.
                answers: accepted answers; the words of the evidence if not given.
                library: names of the libraries that were asked; by default the default one.

            Returns:
                What is kept of it, in place of what was kept of this question before.
            """
            places = [(each["source"], each["quote"]) for each in evidence or ()]
            marked = libraries.chosen(library or ()).engine().mark(question, places, answers or ())
            return cast(MarkedResult, {"id": marked.id, **asdict(marked)})

        return mark

    def _search(self) -> Callable[..., SearchResult]:
        libraries = self._libraries

        @validate_call
        def search(
            query: str,
            k: Count = None,
            mode: Mode | None = None,
            sources: list[str] | None = None,
            languages: list[str] | None = None,
            since: str = "",
            until: str = "",
            library: list[str] | None = None,
        ) -> SearchResult:
            """Find passages of the documents for a question or some words.

            Args:
                query: a question or some words, with operators if wanted: "a phrase" that passages hold, -word that
                    they do not, one OR other, title:word and source:word of their document.
                k: how many passages to return, from 1 to 100; by default 10.
                mode: hybrid, dense or lexical; by default hybrid.
                sources: look only into these: file names, folders ending in "/", or patterns with * and ?.
                languages: look only at passages in these languages, as ISO 639-1 codes such as ja and en.
                since: look only into documents of this day or later, as 2024, 2024-05 or 2024-05-01.
                until: look only into documents of this day or earlier.
                library: names of the libraries to search, with one ranking over all; by default the default one.

            Returns:
                The passages, best first, with their scores and places, as rag search --json.
            """
            engine = libraries.chosen(library or ()).engine()
            found = engine.search(query, k=k, mode=mode, sources=sources, languages=languages, since=since, until=until)
            return cast(SearchResult, found.to_dict())

        return search

    def _documents(self) -> Callable[..., DocumentsResult]:
        libraries = self._libraries

        @validate_call
        def documents(
            id: str | None = None,  # noqa: A002  (it is the name callers use)
            library: list[str] | None = None,
        ) -> DocumentsResult:
            """List the documents of a library, or get one of them with its whole text.

            Args:
                id: a document's id, to get that document alone and its text; by default all are listed, without text.
                library: names of the libraries whose documents are listed; by default the default one.

            Returns:
                The documents with their lengths in characters and their numbers of passages.
            """
            served = libraries.chosen(library or ()) if library or id is None else libraries.holding(id)
            engine = served.engine()
            listed = [cast(DocumentResult, each.to_dict()) for each in engine.documents() if id in (None, each.id)]
            if id is None:
                return {"documents": listed}
            if not listed:
                raise UnknownDocumentError(f"The index has no document {id!r}.", hint="`documents` lists them all.")
            return {"documents": [{**each, "text": engine.document(id).text} for each in listed]}

        return documents

    def _list(self) -> Callable[..., LibrariesResult]:
        served = self._libraries

        @validate_call
        def libraries() -> LibrariesResult:
            """List the libraries that may be asked.

            Returns:
                The libraries by name; the first is the default one, which is asked where none is named.
            """
            asked = current_principal()
            listed: list[LibraryResult] = [
                {
                    "name": library.name,
                    "id": library.id,
                    "documents": served.documents(library),
                    "role": role_in(library, asked) or "reader",
                }
                for library in served.readable()
            ]
            return {"libraries": listed}

        return libraries


def complaint(error: ValidationError) -> str:
    """What is wrong with arguments, in one sentence for the caller."""
    wrong = [(".".join(map(str, each["loc"])) or "arguments", each["msg"]) for each in error.errors()]
    return "; ".join(f"{name}: {message}" for name, message in wrong)
