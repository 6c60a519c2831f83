"""Answers to be passed on: as Markdown, Word and Excel."""
