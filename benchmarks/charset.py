"""How often the encoding of a text is told right: by Shiori's decoder, and by the libraries that are taken for it.

    pip install -e '.[compared]'
    python -m benchmarks.charset --write docs/results.md

The texts (``texts.jsonl``, and the seed documents) are cut to several lengths and written in the encodings that files
of their language come in. Right is what gives back the text: whatever a detector calls the encoding, the bytes decoded
with it must equal what was written, a byte order mark aside, and characters that Shift_JIS and CP932 call by different
names. With a bad byte, a byte that is none in that encoding stands between two characters, or the last character is cut
in two; all else must come back. A row stands for each library that is installed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from time import perf_counter

from benchmarks.report import edition, parser, publish, table
from benchmarks.texts import Text, piece, read_texts
from rag.corpus.charset.encoding import decode_with_gaps
from rag.errors import DocumentError

LENGTHS = (20, 80, 400, 2000)
_UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le")
_SCRIPTS = {
    "Japanese": (("ja",), ("cp932", "shift_jis", "euc_jp", "iso2022_jp")),
    "Chinese, simplified": (("zh-Hans",), ("gb18030",)),
    "Chinese, traditional": (("zh-Hant",), ("big5",)),
    "Korean": (("ko",), ("euc_kr",)),
    "English": (("en",), ("cp1252",)),
    "German, French, Spanish": (("de", "fr", "es"), ("cp1252",)),
    "Polish, Czech": (("pl", "cs"), ("iso8859_2",)),
    "Russian": (("ru",), ("koi8_r", "cp1251")),
}
_OF_ITSELF = ("utf-8", "utf-8-sig", "utf-16")
"""Encodings that a byte order mark, or the way the bytes follow one another, makes known in any language."""
_SHOWN = {
    **dict.fromkeys(_OF_ITSELF, "UTF-8, with and without BOM; UTF-16 with BOM"),
    "utf-16-le": "UTF-16LE without BOM",
    "cp932": "CP932",
    "shift_jis": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
    "gb18030": "GB18030",
    "big5": "Big5",
    "euc_kr": "EUC-KR",
    "cp1252": "Windows-1252",
    "iso8859_2": "ISO-8859-2",
    "koi8_r": "KOI8-R",
    "cp1251": "Windows-1251",
}
_BAD = {"cp932": b"\x85", **dict.fromkeys(("utf-8", "utf-8-sig", "euc_jp", "gb18030", "big5", "euc_kr"), b"\xff")}
"""A byte that no character begins with or holds; CP932 has one for 0xFF."""
_WIDE = {"utf-8": 3, "cp932": 2, "shift_jis": 2, "euc_jp": 2, "gb18030": 2, "big5": 2, "euc_kr": 2}
"""Bytes of a character of the language, of which the last can be cut off."""
# What Shift_JIS and CP932 call by different names in Unicode.
_TWINS = str.maketrans("～－―∥￠￡￢", "〜−—‖¢£¬")

Detector = Callable[[bytes], str | None]
"""Gives the text, or nothing if it says that it cannot tell."""


@dataclass(frozen=True)
class Case:
    """Bytes, what was written with them, and whether they have a bad byte or a cut character."""

    script: str
    encoding: str
    length: int
    text: str
    data: bytes
    damaged: bool = False

    @property
    def is_japanese(self) -> bool:
        return self.script == "Japanese"


def cases(texts: Sequence[Text], number: int) -> Iterator[Case]:
    """So many pieces for each script, encoding and length, and the same with damage."""
    for script, (languages, legacy) in _SCRIPTS.items():
        for encoding in (*_UNICODE, *legacy):
            draw = Random(f"{script} {encoding}")
            fitting = [text for text in texts if text.language in languages and _encoded(text.words, encoding)]
            for length in LENGTHS:
                for _ in range(number):
                    text = piece(fitting, length, draw)
                    data = text.encode(encoding)
                    yield Case(script, encoding, length, text, data)
                    if encoding in _BAD:
                        yield Case(script, encoding, length, text, _with_bad_byte(text, encoding, draw), damaged=True)
                    if encoding in _WIDE and len(text[-1].encode(encoding)) == _WIDE[encoding]:
                        yield Case(script, encoding, length, text, data[:-1], damaged=True)


def _encoded(words: str, encoding: str) -> bytes | None:
    try:
        return words.encode(encoding)
    except UnicodeEncodeError:
        return None


def _with_bad_byte(text: str, encoding: str, draw: Random) -> bytes:
    """With a byte that is none between two characters, but for the first and last four."""
    place = draw.randrange(4, len(text) - 4)
    begin = text[:place].encode(encoding)
    rest = text[place:].encode("utf-8" if encoding == "utf-8-sig" else encoding)
    return begin + _BAD[encoding] + rest


def shiori(data: bytes) -> str | None:
    """The text as Shiori reads it."""
    try:
        return decode_with_gaps(data)[0]
    except DocumentError:
        return None


def normalizer(data: bytes) -> str | None:
    """The text of charset-normalizer's best guess."""
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return None if best is None else str(best)


def by_chardet(data: bytes) -> str | None:
    """Decoded as chardet says."""
    import chardet

    return _decoded(data, chardet.detect(data)["encoding"])


def by_cchardet(data: bytes) -> str | None:
    """Decoded as uchardet says, through faust-cchardet."""
    import cchardet

    return _decoded(data, cchardet.detect(data)["encoding"])


def as_utf_8(data: bytes) -> str:
    """What those get who do not ask."""
    return data.decode("utf-8", "replace")


def _decoded(data: bytes, encoding: str | None) -> str | None:
    try:
        return data.decode(encoding, "replace") if encoding else None
    except LookupError:
        return None


DETECTORS: tuple[tuple[str, str, Detector], ...] = (
    ("Shiori", "", shiori),
    ("charset-normalizer", "charset-normalizer", normalizer),
    ("chardet", "chardet", by_chardet),
    ("faust-cchardet", "faust-cchardet", by_cchardet),
    ("UTF-8, errors replaced", "", as_utf_8),
)
"""Name, distribution whose version is shown, and function."""


def is_right(case: Case, read: str | None) -> bool:
    """Whether the text is what was written; of a damaged one, all but two characters at the damage."""
    if read is None:
        return False
    written, read = case.text.translate(_TWINS), read.removeprefix("\ufeff").translate(_TWINS)
    if not case.damaged:
        return read == written
    before = _shared(written, read)
    behind = _shared(written[::-1], read[::-1])
    return before + behind >= len(written) - 2 and abs(len(read) - len(written)) <= 2


def _shared(a: str, b: str) -> int:
    return next((n for n, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


@dataclass(frozen=True)
class Outcome:
    """A detector over all cases: for each whether it is right, and whether it said that it cannot tell."""

    name: str
    right: Sequence[bool]
    refused: Sequence[bool]
    seconds: float


def measured(name: str, detect: Detector, tried: Sequence[Case]) -> Outcome:
    """One detector over all cases, after a first that is not counted: libraries load their tables with it."""
    detect(tried[0].data)
    begun = perf_counter()
    read = [detect(case.data) for case in tried]
    seconds = perf_counter() - begun
    right = [is_right(case, text) for case, text in zip(tried, read, strict=True)]
    return Outcome(name, right, [text is None for text in read], seconds)


def _share(flags: Sequence[bool], chosen: Sequence[bool]) -> float:
    found = [flag for flag, is_chosen in zip(flags, chosen, strict=True) if is_chosen]
    return sum(found) / len(found) if found else 0.0


def by_length(outcomes: Sequence[Outcome], tried: Sequence[Case]) -> str:
    """Right for Japanese and for the others by length, with damage, what is nonsense, and how fast."""
    head = ["", *(f"ja, {n:,}" for n in LENGTHS), *(f"others, {n:,}" for n in LENGTHS)]
    head += ["ja, bad byte", "others, bad byte", "ja read wrong", "others read wrong", "texts/s"]
    rows = []
    for each in outcomes:
        row: list[object] = [each.name]
        for ja in (True, False):
            row += [
                f"{_share(each.right, [c.is_japanese == ja and c.length == n and not c.damaged for c in tried]):.3f}"
                for n in LENGTHS
            ]
        row += [f"{_share(each.right, [c.is_japanese == ja and c.damaged for c in tried]):.3f}" for ja in (True, False)]
        wrong = [not right and not refused for right, refused in zip(each.right, each.refused, strict=True)]
        row += [f"{_share(wrong, [c.is_japanese == ja and not c.damaged for c in tried]):.3f}" for ja in (True, False)]
        rows.append([*row, f"{len(tried) / each.seconds:,.0f}"])
    return table(head, rows)


def by_script(outcomes: Sequence[Outcome], tried: Sequence[Case]) -> str:
    """Right of each script in each encoding, whatever the length, without damage; what tells itself, in one row."""
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, case in enumerate(tried):
        if not case.damaged:
            of_itself = case.encoding in _OF_ITSELF
            found["all" if of_itself else case.script, _SHOWN[case.encoding]].append(number)
    rows = [
        [script, encoding, *(f"{sum(each.right[n] for n in numbers) / len(numbers):.3f}" for each in outcomes)]
        for (script, encoding), numbers in found.items()
    ]
    return table(["", "in", *(each.name for each in outcomes)], rows)


def main() -> None:
    """Print the tables, or write them into the document."""
    options = parser(__doc__)
    options.add_argument("--number", type=int, default=40, help="pieces for each script, encoding and length")
    arguments = options.parse_args()
    tried = list(cases(read_texts(), arguments.number))
    outcomes, missing = [], []
    for name, distribution, detect in DETECTORS:
        found = edition(distribution)
        if found is None:
            missing.append(name)
        else:
            outcomes.append(measured(name + found, detect, tried))
    whole = sum(not case.damaged for case in tried)
    told = f"{whole:,} pieces, and {len(tried) - whole:,} with a bad byte or a cut last character."
    if missing:
        told += f" Not installed: {', '.join(missing)}."
    publish("charset", f"{told}\n\n{by_length(outcomes, tried)}\n\n{by_script(outcomes, tried)}", arguments.write)


if __name__ == "__main__":
    main()
