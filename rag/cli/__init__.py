"""The command ``rag``: a thin layer over the Engine."""

from rag.cli.app import main

__all__ = ["main"]
