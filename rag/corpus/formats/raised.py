"""Exponents as the raised digits that a reader sees: 10³, which is not 103."""

from __future__ import annotations

_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")


def raised(words: str, before: str) -> str:
    """Words that stand above the line; digits are raised where those behind a number would be read as part of it.

    Args:
        before: what stands before them.
    """
    is_number = words.isascii() or "−" in words
    if before[-1:].isdigit() and is_number and all(char in "0123456789+-−" for char in words):
        return words.translate(_RAISED)
    return words
