"""What other programs can ask the server: ``ask``, ``search`` and ``documents``, through Gradio, plain HTTP and MCP.

The functions here are the same for all three; ``docs/api.md`` shows their use.
"""

# No postponed annotations here: Gradio and MCP describe these functions by their types.

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any, NotRequired, ParamSpec, TypeVar, cast

import gradio as gr
from gradio.events import api
from pydantic import Field, ValidationError, validate_call
from typing_extensions import TypedDict

from rag.errors import RagError
from rag.index.query import Options
from rag.settings import Mode
from rag.web.libraries import OpenLibraries, role_in
from rag.web.limits import MOST_HITS
from rag.web.principal import current_principal
from rag.web.turns import QUESTIONS, Kind, Turns, kind_of

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

UNEXPECTED = "Something unexpected went wrong; the server's log has more."
"""What other programs are told of an error that is not the caller's."""

Count = Annotated[int | None, Field(ge=1, le=MOST_HITS)]


class DocumentRef(TypedDict):
    """Which document something stands in."""

    id: str
    title: str
    source: str
    library: NotRequired[str]


class PlaceResult(TypedDict):
    """A page, slide, sheet, chapter or time."""

    kind: str
    label: str


class ContextResult(TypedDict):
    """The sentence around a short quote, as a span of the document's text."""

    start: int
    end: int
    text: str


class ShapeResult(TypedDict):
    """How a list (``list``, ``steps``) or rows of a table (``table``) are laid out."""

    kind: str
    intro: NotRequired[str]
    items: NotRequired[list[str]]
    heads: NotRequired[list[str]]
    rows: NotRequired[list[list[str]]]
    marked: NotRequired[list[list[int]]]
    label: NotRequired[str]


class CitationResult(TypedDict):
    """A quote and where it stands: ``text[start:end] == quote``, in characters."""

    number: int
    document: DocumentRef
    start: int
    end: int
    line: int
    quote: str
    score: float
    place: NotRequired[PlaceResult]
    context: NotRequired[ContextResult]
    shape: NotRequired[ShapeResult]


class ScoreResult(TypedDict):
    """Rank and score of a passage by one retriever."""

    rank: int
    score: float


class HitResult(TypedDict):
    """A passage found."""

    rank: int
    score: float
    retrievers: dict[str, ScoreResult]
    document: DocumentRef
    start: int
    end: int
    text: str
    heading: list[str]
    place: NotRequired[PlaceResult]


class PartResult(TypedDict):
    """One thing that was asked, and its answer."""

    question: str
    kind: str
    found: bool
    text: str
    citations: list[int]
    confidence: float
    missing: list[str]


class UnderstoodResult(TypedDict):
    """The question as it was understood: what was searched, the kind of answer and value wanted, what must hold."""

    question: str
    kind: str
    wanted: str
    literals: list[str]


class ComputedResult(TypedDict):
    """What was computed from numbers of the documents, or which rows were picked by comparing them."""

    operation: str
    value: str
    citations: list[int]


class AnswerResult(TypedDict):
    """An answer, as ``rag ask --json`` prints it."""

    question: str
    answer: str
    abstained: bool
    reason: str | None
    confidence: float
    conflict: bool
    citations: list[CitationResult]
    hits: list[HitResult]
    kind: str
    parts: list[PartResult]
    missing: list[str]
    understood: NotRequired[UnderstoodResult]
    computed: NotRequired[list[ComputedResult]]
    prose: NotRequired[dict[str, Any]]


class SearchResult(TypedDict):
    """Passages, as ``rag search --json`` prints them."""

    query: str
    searched: NotRequired[str]
    hits: list[HitResult]


class DocumentResult(TypedDict):
    """A document of the index; lengths are in characters, the date is as exact as it is known, or empty."""

    id: str
    source: str
    title: str
    language: str
    chars: int
    excluded_chars: int
    passages: int
    date: str
    library: NotRequired[str]
    text: NotRequired[str]


class DocumentsResult(TypedDict):
    """Documents of the index."""

    documents: list[DocumentResult]


class EvidenceItem(TypedDict):
    """Words that answer a question, as they stand in the document of this source."""

    source: str
    quote: str


class MarkedResult(TypedDict):
    """A question whose right answer is kept, as a line of the library's file of questions."""

    id: str
    question: str
    answers: list[str]
    evidence: list[EvidenceItem]


class LibraryResult(TypedDict):
    """A library: its name, which ``library`` takes, how many documents it holds, and what the caller may do with it."""

    name: str
    id: str
    documents: int
    role: str


class LibrariesResult(TypedDict):
    """The libraries that the caller may ask; the first is asked where none is named."""

    libraries: list[LibraryResult]


class UnknownDocumentError(RagError):
    """The index holds no document with the id asked for."""


class Operations:
    """The operations over the libraries of one server.

    Every one raises ``RagError`` for what cannot be done, and ``pydantic.ValidationError`` for arguments of a wrong
    type or range.

    Args:
        libraries: those that may be asked.
        tell: told what the search finds for a question, before that is read.
    """

    def __init__(self, libraries: OpenLibraries, tell: Callable[[Any], None] = lambda _: None) -> None:
        self._libraries = libraries
        self._tell = tell

    def all(self) -> tuple[Callable[..., Any], ...]:
        """Those that only read, each a plain function with its own name, types and description."""
        return self.ask(), self._search(), self._documents(), self._list()

    def ask(self) -> Callable[..., AnswerResult]:
        """The operation that answers a question."""
        libraries, tell = self._libraries, self._tell

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


def add_endpoints(libraries: OpenLibraries, turns: Turns) -> None:
    """Add the operations to the page being built, as the only public endpoints of its Gradio API."""
    for operation in Operations(libraries).all():
        api(_in_gradios_words(operation, turns), api_name=operation.__name__, **QUESTIONS)


def endpoints(page: gr.Blocks) -> dict[int, Kind]:
    """What these endpoints wait for, by their numbers in Gradio's API."""
    public = {number: str(event.api_name) for number, event in page.fns.items() if event.api_visibility == "public"}
    return {number: kind_of(name) for number, name in public.items()}


def _in_gradios_words(operation: Callable[P, R], turns: Turns) -> Callable[P, Awaitable[R]]:
    @functools.wraps(operation)
    async def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            named: dict[str, Any] = inspect.signature(operation).bind(*args, **kwargs).arguments
            # By name, so that complaints have names too.
            call = functools.partial(cast(Callable[..., R], operation), **named)
            return await turns.run(call, kind_of(operation.__name__))
        except ValidationError as error:
            raise gr.Error(complaint(error), print_exception=False) from None
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception:
            log.exception("A call of %s failed.", operation.__name__)
            raise gr.Error(UNEXPECTED, print_exception=False) from None

    return called
