"""Writes the words of Japanese and English for one another: ``python -m training.glossary JAMDICT_DB --output FILE``.

JAMDICT_DB is JMdict (the Electronic Dictionary Research and Development Group, CC BY-SA 3.0) as the distribution
``jamdict-data`` has it, an SQLite database. What is kept of it are the words that papers are written with, in the ways
they are usually written, each with the first short translations of its first senses.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rag.language.glossary import MOST_OTHERS, SEPARATOR, english_key

_WRITTEN = re.compile(r"[ぁ-ゖァ-ヺー一-鿿々ヶ]{1,9}")
_KANA = re.compile(r"[ぁ-ゖー]+")
_SHORT_KANA = 3
_GLOSS = re.compile(r"[A-Za-z][A-Za-z'-]*(?: [A-Za-z][A-Za-z'-]*){0,2}")
_ASIDE = re.compile(r"\([^)]*\)")
_LEADING = re.compile(r"^(?:(?:to|a|an|the|be|being|one's) )+")
_KANJI = "SELECT ID, idseq, text FROM Kanji ORDER BY ID"
_KANA_FORMS = "SELECT ID, idseq, text FROM Kana ORDER BY ID"
_SENSES, _OF_EACH = 4, (3, 2, 1, 1)
_SPECIAL = ("archaism", "obsolete", "obscure", "vulgar", "slang", "rare", "proverb", "idiomatic", "derogatory", "quote")
_IRREGULAR = ("irregular", "out-dated")
RARE = 50
_UNRANKED = 24
_LATER = 8
"""What a translation is rarer by for each one before it."""
_RANK = re.compile(r"^nf(\d\d)$", re.M)
"""Of a newspaper's words, in steps of 500."""
_USUALLY_KANA = "usually written using kana alone"
_LEFT_OUT = re.compile(r"^(?:particle|auxiliary|pronoun|interjection|conjunction|counter|prefix|suffix|numeric)", re.M)


@dataclass(frozen=True)
class Entry:
    """A word in the ways it is written, its translations, and how rare it is: 0 for the commonest, ``RARE`` at most."""

    written: tuple[str, ...]
    translations: tuple[str, ...]
    rarity: int


def entries(database: sqlite3.Connection) -> Iterator[Entry]:
    """The words of JMdict that are worth keeping."""
    kanji, kana = _written(database, _KANJI), _written(database, _KANA_FORMS)
    common = _marks(database, "SELECT kid, text FROM KJP"), _marks(database, "SELECT kid, text FROM KNP")
    irregular = {
        number for number, marks in _marks(database, "SELECT kid, text FROM KJI").items() if _has(marks, _IRREGULAR)
    }
    senses: dict[int, list[int]] = defaultdict(list)
    for number, entry in database.execute("SELECT ID, idseq FROM Sense ORDER BY ID"):
        senses[entry].append(number)
    glosses: dict[int, list[str]] = defaultdict(list)
    for sense, text in database.execute("SELECT sid, text FROM SenseGloss WHERE lang IN ('eng', '') ORDER BY rowid"):
        glosses[sense].append(text)
    of_sense, parts = _marks(database, "SELECT sid, text FROM misc"), _marks(database, "SELECT sid, text FROM pos")
    for entry, numbers in senses.items():
        usual = [each for each in numbers if not _has(of_sense[each], _SPECIAL) and not _LEFT_OUT.search(parts[each])]
        found = translations([glosses[each] for each in usual])
        in_kana = not kanji[entry] or any(_USUALLY_KANA in of_sense[each] for each in numbers)
        spellings = [(each, common[0]) for each in kanji[entry] if each[0] not in irregular]
        spellings += [(each, common[1]) for each in kana[entry]] if in_kana else []
        rarity = min((_rarity(marks[number]) for (number, _), marks in spellings if number in marks), default=RARE)
        written = tuple(
            unicodedata.normalize("NFKC", text) for (_, text), _ in spellings if _is_kept(text, is_common=rarity < RARE)
        )
        if found and written:
            yield Entry(written, found, rarity)


def _rarity(marks: str) -> int:
    """Of a word that a list has: its rank among those of a newspaper, or one in the middle."""
    return min((int(rank) for rank in _RANK.findall(marks)), default=_UNRANKED)


def translations(senses: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The first short glosses of the first senses, without what is said beside them, each once."""
    found: list[str] = []
    for glosses, most in zip(senses[:_SENSES], _OF_EACH, strict=False):
        short = [_LEADING.sub("", " ".join(_ASIDE.sub(" ", gloss).split())) for gloss in glosses]
        found += [gloss for gloss in short if _GLOSS.fullmatch(gloss)][:most]
    return tuple(dict.fromkeys(found))


def both_ways(found: Sequence[Entry]) -> dict[str, list[str]]:
    """For each word of either language, those of the other, the most usual first."""
    japanese: dict[str, list[tuple[int, str]]] = defaultdict(list)
    english: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for entry in found:
        for place, translation in enumerate(entry.translations):
            key, rarity = english_key(translation), entry.rarity + _LATER * place
            for word in entry.written:
                japanese[word].append((rarity, translation))
                english[key].append((rarity, word))
    english.pop("", None)
    return {word: _most(others) for table in (japanese, english) for word, others in table.items()}


def write(words: Mapping[str, Sequence[str]], path: Path) -> None:
    """One table, in the order of its words."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE glossary (word TEXT PRIMARY KEY, others TEXT NOT NULL) WITHOUT ROWID")
        rows = ((word, SEPARATOR.join(words[word])) for word in sorted(words))
        database.executemany("INSERT INTO glossary VALUES (?, ?)", rows)
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")


def _most(others: Sequence[tuple[int, str]]) -> list[str]:
    return list(dict.fromkeys(word for _, word in sorted(others)))[:MOST_OTHERS]


def _is_kept(text: str, *, is_common: bool) -> bool:
    if not _WRITTEN.fullmatch(text):
        return False
    if _KANA.fullmatch(text):
        return is_common and len(text) >= _SHORT_KANA
    return is_common or len(text) > 1


def _written(database: sqlite3.Connection, query: str) -> Mapping[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for number, entry, text in database.execute(query):
        found[entry].append((number, text))
    return found


def _marks(database: sqlite3.Connection, query: str) -> Mapping[int, str]:
    found: dict[int, str] = defaultdict(str)
    for number, text in database.execute(query):
        found[number] += f"{text}\n"
    return found


def _has(marks: str, wanted: Sequence[str]) -> bool:
    return any(each in marks for each in wanted)


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    with closing(sqlite3.connect(f"file:{arguments.database}?mode=ro", uri=True)) as database:
        found = list(entries(database))
    words = both_ways(found)
    write(words, arguments.output)
    print(f"{len(found)} entries, {len(words)} words, {arguments.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
