"""``python -m rag`` is the command ``rag``."""

from rag.cli.app import main

main()
