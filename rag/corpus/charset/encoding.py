"""Bytes -> text: strict decoding of the encodings that files come in, those of Japanese before all others."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from rag.corpus.charset import jis
from rag.corpus.charset.foreign import foreign
from rag.corpus.charset.likelihood import implausibility, is_foreign, is_sure
from rag.errors import DocumentError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON = ("cp932", jis.EUC_JP_MS)
_RARE = ("shift_jis_2004", "euc_jis_2004")
_RARITY = 12.0  # nats that a text in JIS X 0213 has to read better by, about one character
_UTF_16 = ("utf-16-le", "utf-16-be")
_BINARY_MAGIC = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"\x7fELF",
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffe\uffff]")
_MAX_CONTROL_SHARE = 0.01
_MAX_IMPLAUSIBILITY = 9.0  # measured: right decodings stay below it, wrong ones are mostly above 12
_MIN_JUDGED_CHARS = 4
_GAP = "\ufffd"
_MAX_GAP_SHARE = 0.01
_MAX_ASCII_GAP_SHARE = 0.001  # of a text in ASCII, in which a byte above 0x7F may be a letter of another encoding
_LIKELIER, _A_LITTLE_LIKELIER = 12.0, 2.0  # nats that another language has to read better by
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HIGH = bytes(range(0x80, 0x100))
_OF_GAP = 10.0  # nats
_BROKEN_WITHIN = 100_000
_NO_CHARACTERS = re.compile("[\uf8f0-\uf8f3]")
"""What Python's cp932 makes of bytes that are none."""
_SURE_OF_GAP = 8  # characters of more than one byte for each gap

# What pages and editors call the encodings (https://encoding.spec.whatwg.org/#names-and-labels), as Python knows them.
_LABELS = {
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j", "ms932", "cp932"), "cp932"),
    **dict.fromkeys(("euc-jp", "x-euc-jp", "eucjp", "cp51932", "eucjp-ms"), jis.EUC_JP_MS),
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "gb_2312-80"), "gb18030"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    "utf-16": "utf-8",  # a page whose declaration could be read as ASCII cannot be in UTF-16
}


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """Decode a file that is in UTF-8, UTF-16, an encoding of Japanese or one of another language, losing no character.

    Tried in this order: byte order mark, ISO-2022-JP by its escape sequences, ``declared``, UTF-8, then whichever of
    the other encodings decodes without an error and reads most like Japanese, or else like a language written in it.

    Args:
        declared: encoding that the file claims for itself, if it does; believed only if the bytes decode.

    Returns:
        The text with ``\\r\\n`` and ``\\r`` as ``\\n`` and nothing else changed, and Python's name of the encoding.

    Raises:
        DocumentError: if the data are not text, or in no encoding known here.
    """
    text, encoding = _decode(data, declared)
    if _is_garbled(text):
        raise _not_text()
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def decode_with_gaps(data: bytes, declared: str | None = None) -> tuple[str, str, int]:
    """As :func:`decode`, but a few broken bytes become U+FFFD: one character in a log should not cost all of it.

    Returns:
        The text, Python's name of the encoding, and how many stretches of bytes could not be decoded.

    Raises:
        DocumentError: if the data are not text, or too much of them is broken.
    """
    try:
        return *decode(data, declared), 0
    except DocumentError:
        if data.startswith(_BINARY_MAGIC):
            raise
        found = [gap for gap in _with_gaps(data) if _is_mended(*gap)]
        best = min(found, key=lambda each: each[2], default=None)
        if best is None or (best[1] not in ("utf-8", "utf-8-sig") and not is_sure(_total(best[0]), best[0])):
            found = list(_foreign_with_gaps(data, best)) or found
        if not found:
            raise
    text, encoding, gaps = min(found, key=lambda each: each[2])
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding, gaps


def _with_gaps(data: bytes) -> Iterator[tuple[str, str, int]]:
    marked = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)
    wide = _UTF_16 if len(data) % 2 and b"\0" in data[:100] else ()
    for encoding in [marked] if marked else ["utf-8", "cp932", "euc_jp", *wide]:
        text = data.decode(encoding, "replace")
        text = _NO_CHARACTERS.sub(_GAP, text) if encoding == "cp932" else text
        known = text.count(_GAP) - (data.count(_GAP.encode()) if encoding.startswith("utf-8") else 0)
        yield text, encoding, known


def _total(text: str) -> float:
    return implausibility(text) * len(text)


def _foreign_with_gaps(data: bytes, japanese: tuple[str, str, int] | None) -> Iterator[tuple[str, str, int]]:
    """As another language's encoding with gaps; a text that is ASCII but for one byte as UTF-8.

    Args:
        japanese: a reading that is to be kept unless this one reads better.
    """
    other = foreign(data, errors="replace")
    if japanese is not None and other is not None:
        whole = japanese[0].replace(_GAP, "")
        if other[0] + _likelier(whole) >= _total(whole):
            return
    if other is not None and not _is_garbled(other[1]) and 0 < other[1].count(_GAP) <= 1 + _MAX_GAP_SHARE * len(data):
        yield other[1], other[2], other[1].count(_GAP)
    elif (
        other is None
        and japanese is None
        and len(data.translate(None, _HIGH)) == len(data) - 1
        and len(data) >= _MIN_JUDGED_CHARS
    ):
        yield data.decode("utf-8", "replace"), "utf-8", 1


def _is_mended(text: str, encoding: str, gaps: int) -> bool:
    """Whether what could be decoded leaves no doubt of the encoding: few gaps among many characters of it."""
    wide = sum(not char.isascii() for char in text) - gaps
    if _is_garbled(text) or gaps < 1 or gaps > 1 + _MAX_GAP_SHARE * len(text):
        return False
    if encoding == "utf-8-sig" or (encoding == "utf-8" and wide >= gaps == 1):
        return True
    if encoding.startswith("utf-8"):
        return wide >= _SURE_OF_GAP * gaps or gaps <= _MAX_ASCII_GAP_SHARE * len(text)
    whole = text.replace(_GAP, "")
    return wide >= 3 * _SURE_OF_GAP * gaps and _is_acceptable(implausibility(whole), whole) and not is_foreign(whole)


def _decode(data: bytes, declared: str | None) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode_strictly(data, encoding)
    if data.startswith(_BINARY_MAGIC):
        raise _not_text()
    if jis.has_escapes(data) and (seven_bit := jis.decode_iso_2022_jp(data)) is not None:
        return seven_bit, "iso-2022-jp"
    wanted = [_python_name(declared)] if declared else []
    for candidate in [*wanted, "utf-8"]:
        decoded = _attempt(data, candidate) if candidate and b"\0" not in data else None
        if candidate and decoded is not None and not _is_garbled(decoded):
            return decoded, candidate
    return _most_plausible(data)


def _decode_strictly(data: bytes, encoding: str) -> tuple[str, str]:
    text = _attempt(data, encoding)
    if text is None:
        raise DocumentError(
            f"The byte order mark says {encoding}, but the bytes are not.",
            code="unknown-encoding",
            hint="Save the file as UTF-8.",
        )
    return text, encoding


def _python_name(label: str) -> str | None:
    name = _LABELS.get(label.strip().lower(), label.strip().lower())
    try:
        return name if name == jis.EUC_JP_MS else codecs.lookup(name).name
    except LookupError:
        return None


def _attempt(data: bytes, encoding: str) -> str | None:
    try:
        text = jis.decode_euc_jp_ms(data) if encoding == jis.EUC_JP_MS else data.decode(encoding)
    except (UnicodeError, LookupError):
        return None
    return None if encoding == "cp932" and _NO_CHARACTERS.search(text) else text


def _most_plausible(data: bytes) -> tuple[str, str]:
    """The candidate that reads most like Japanese, by the cost of all its characters, so of the same bytes."""
    found: list[tuple[float, str, str]] = []
    for name in (*_COMMON, *(_UTF_16 if len(data) % 2 == 0 else ()), *_RARE):
        text = _attempt(data, name)
        if text is None:
            continue
        cost = implausibility(text)
        if _is_acceptable(cost, text) and (name in _UTF_16 or not is_foreign(text)):
            found.append((cost * len(text) + (_RARITY if name in _RARE else 0), text, name))
    japanese = min(found, key=lambda candidate: candidate[0], default=None)
    if japanese is not None and is_sure(japanese[0], japanese[1]):
        return japanese[1], japanese[2]
    other = None if _is_broken_utf_8(data) else foreign(data)
    if (
        other is not None
        and not _is_garbled(other[1])
        and (japanese is None or other[0] + _likelier(japanese[1]) < japanese[0])
    ):
        return other[1], other[2]
    if japanese is None or _is_damaged(data, japanese):
        raise _not_text() if b"\0" in data else _unknown_encoding()
    return japanese[1], japanese[2]


def _is_damaged(data: bytes, japanese: tuple[float, str, str]) -> bool:
    """Whether it reads far better as another language, but for a few bytes that are none."""
    if _KANA.search(japanese[1]) or b"\0" in data:
        return False
    other = foreign(data, errors="replace")
    gaps = 0 if other is None else other[1].count(_GAP)
    return other is not None and gaps <= 2 and other[0] + _OF_GAP * gaps < japanese[0]


def _likelier(text: str) -> float:
    """How many nats better another language has to read: few where no kana of full width show that it is Japanese."""
    return _LIKELIER if _KANA.search(text) else _A_LITTLE_LIKELIER


def _is_broken_utf_8(data: bytes) -> bool:
    """Whether it is UTF-8 but for a few bytes: more characters of several bytes than what cannot be decoded."""
    text = data.decode("utf-8", "replace")
    gaps = text.count(_GAP) - data.count(_GAP.encode())
    wide = sum(not char.isascii() for char in text[:_BROKEN_WITHIN]) - gaps
    return 0 < gaps <= 1 + _MAX_GAP_SHARE * len(text) and wide >= gaps


def _is_garbled(text: str) -> bool:
    sample = text[:100_000]
    return len(_CONTROL.findall(sample)) > _MAX_CONTROL_SHARE * len(sample)


def _is_acceptable(cost: float, text: str) -> bool:
    return cost <= _MAX_IMPLAUSIBILITY or len(text) < _MIN_JUDGED_CHARS


def _not_text() -> DocumentError:
    return DocumentError(
        "This is not a text file.", code="not-text", hint="Remove it, or export its contents as text or HTML."
    )


def _unknown_encoding() -> DocumentError:
    return DocumentError(
        "The bytes are in no known text encoding (UTF-8, UTF-16, Shift_JIS, EUC-JP, GB18030, Big5, EUC-KR and others).",
        code="unknown-encoding",
        hint="Save the file as UTF-8.",
    )
