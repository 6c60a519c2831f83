"""Cells of a CSV file that Excel would take for formulas, and back.

A cell that begins with one of ``= + - @``, their full-width forms, a tab or a line break, behind any apostrophes and
white space, gets one more apostrophe in front, unless it is a number. Reading takes one away. So nothing that a
document, an answer or a question says is ever computed, numbers stay numbers, and every cell comes back as it was.
After OWASP, "CSV Injection" (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*(\s*[=+\-@＝＋－＠]|[\t\r\n])")
_NUMBER = re.compile(r"[+-]?(\d[\d,]*)?\.?\d+([eE][+-]?\d+)?%?", re.ASCII)


def neutralised(cell: str) -> str:
    """The cell as it is written."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell.strip()) else cell


def restored(cell: str) -> str:
    """The cell as it was before ``neutralised``."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
