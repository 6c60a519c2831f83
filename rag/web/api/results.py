"""What the API's operations give, as types: OpenAPI, Gradio and MCP describe the results by them."""

# No postponed annotations here: Gradio and MCP look at the types themselves.

from typing import Any, NotRequired

from typing_extensions import TypedDict


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
