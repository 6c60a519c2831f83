"""The corners of EUC-JP and ISO-2022-JP that Python's codecs leave out: ①, ㈱, Ⅳ, 髙 as many programs wrote them."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

EUC_JP_MS = "eucjp-ms"

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([DOPQ]|\([BJI])")


def has_escapes(data: bytes) -> bool:
    """Whether ``data`` are seven-bit and hold one of ISO-2022-JP's escape sequences."""
    return _ESCAPE.search(data) is not None and data.isascii()


def decode_iso_2022_jp(data: bytes) -> str | None:
    """Decode RFC 1468 text and its extensions (half-width katakana, JIS X 0213, NEC row 13); ``None`` if it is not."""
    for encoding in ("iso2022_jp_ext", "iso2022_jp_2004"):
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    try:
        return decode_euc_jp_ms(_as_euc(data))
    except UnicodeError:
        return None


def _as_euc(data: bytes) -> bytes:
    """The same characters in EUC-JP, for the sets that programs of Windows write."""
    pieces = _ESCAPE.split(data)
    out = [pieces[0]]
    for charset, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        lines = re.split(rb"([\r\n]+)", piece)
        out += [line if line.strip(b"\r\n") == b"" else _shifted(line, charset) for line in lines]
    return b"".join(out)


def _shifted(piece: bytes, charset: bytes) -> bytes:
    if charset in (b"(B", b"(J"):
        return piece
    high = bytes(byte | 0x80 for byte in piece)
    if charset == b"(I":
        return b"".join(b"\x8e" + high[i : i + 1] for i in range(len(high)))
    if charset == b"$(D":
        return b"".join(b"\x8f" + high[i : i + 2] for i in range(0, len(high), 2))
    return high


def decode_euc_jp_ms(data: bytes) -> str:
    """Decode EUC-JP with NEC row 13 and the IBM extended characters (CP51932, eucJP-ms).

    Raises:
        UnicodeDecodeError: if the data are in neither.
    """
    return data.decode("euc_jp", errors=_HANDLER)


def _decode_extension(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        for length in (2, 3):
            char = _extensions().get(error.object[error.start : error.start + length])
            if char is not None:
                return char, error.start + length
    raise error


_HANDLER = "shiori.eucjp-ms"
codecs.register_error(_HANDLER, _decode_extension)


@lru_cache(maxsize=1)
def _extensions() -> dict[bytes, str]:
    """Bytes of eucJP-ms that Python's ``euc_jp`` refuses.

    Row 13 holds the characters of cp932's bytes 8740-879C. The IBM characters that JIS X 0212 lacks follow one another
    from 8FF3F3, in cp932's order (the Open Group Japanese Vendors Council's eucJP-ms, as in glibc's ``EUC-JP-MS``).
    """
    table: dict[bytes, str] = {}
    for cell in range(1, 95):
        trail = 0x3F + cell + (cell >= 64)
        char = _or_none(bytes((0x87, trail)))
        if char:
            table[bytes((0xAD, 0xA0 + cell))] = char
    codes = ((row, cell) for row, first in ((0xF3, 0xF3), (0xF4, 0xA1)) for cell in range(first, 0xFF))
    for char, (row, cell) in zip(_ibm_characters(), codes, strict=True):
        table[bytes((0x8F, row, cell))] = char
    return table


def _ibm_characters() -> list[str]:
    codes = [bytes((lead, trail)) for lead in (0xFA, 0xFB, 0xFC) for trail in range(0x40, 0xFD)]
    chars = [char for code in codes if (char := _or_none(code))]
    return [char for char in chars if char not in "￢￤" and (char == "№" or not _in_euc_jp(char))]


def _or_none(code: bytes) -> str | None:
    try:
        return code.decode("cp932")
    except UnicodeDecodeError:
        return None


def _in_euc_jp(char: str) -> bool:
    try:
        char.encode("euc_jp")
    except UnicodeEncodeError:
        return False
    return True
