"""Files -> Documents: decode, read the format, mark boilerplate."""

from rag.corpus.document import Document, Exclusion, Heading, Place
from rag.corpus.files import Refusal, find_files
from rag.corpus.reading import read_document, read_documents

__all__ = ["Document", "Exclusion", "Heading", "Place", "Refusal", "find_files", "read_document", "read_documents"]
