"""Embedding models: text in, vectors out.

``Embedder.load`` loads any sentence-transformers model by name or folder, ``bundled:multilingual-e5-small`` by default,
and ``Embedder.shared`` does so once for a process;
``fingerprint`` tells which model a name means without loading it. Importing this package loads no model library.
"""

from rag.models.embedder import Embedder
from rag.models.fingerprint import fingerprint

__all__ = ["Embedder", "fingerprint"]
