"""Who wrote a file, as its properties say."""

from __future__ import annotations

import re

_PROGRAM_NAMES = """
python-docx openpyxl user users admin administrator owner author unknown guest pc home ユーザー ユーザ 利用者 所有者
管理者 作成者 職員 社員 anonymous (anonymous) unspecified
"""
_NOBODY = frozenset(_PROGRAM_NAMES.split())
_NOBODY_ELSE = re.compile(
    r"(?:Windows|Microsoft|Office|Unknown|Mac|HP|Apache|LibreOffice|XlsxWriter|Steve Canny)\b.*", re.IGNORECASE
)


def person(author: str) -> str:
    """The author, unless a program wrote there what it calls nobody."""
    return "" if author.strip().lower() in _NOBODY or _NOBODY_ELSE.fullmatch(author.strip()) else author
