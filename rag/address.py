"""Where an index is: a folder, or a library in a PostgreSQL database, by its address.

An address is what libpq takes (``postgresql://user@host:5432/database?sslmode=verify-full``), and may name the library
in that database (``?library=personnel``); several with blanks between are shards of one index. The password, best left
to ``PGPASSWORD`` or ``~/.pgpass``, is in nothing that is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from platformdirs import user_data_path

from rag.errors import SettingsError

SCHEMES: Final = ("postgresql", "postgres")
_SCHEME = re.compile(rf"(?:{'|'.join(SCHEMES)}):/")
_LIBRARY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SECRET = ("password", "sslpassword")
_DEFAULT_LIBRARY = "default"


@dataclass(frozen=True, slots=True)
class Address:
    """A library in a database.

    Attributes:
        shown: the address without a password.
        library: name of the library.
        conninfo: what libpq is given, with the password if there is one; nothing where there are shards.
        shards: addresses of the databases that share the library's documents, where it is in several.
    """

    shown: str
    library: str
    conninfo: str = field(repr=False)
    shards: tuple[Address, ...] = ()

    @classmethod
    def parsed(cls, text: str) -> Address:
        """The address that somebody wrote, or several with blanks between: shards of one index.

        Raises:
            SettingsError: if it is none, or one shard is named twice.
        """
        if len(each := text.split()) > 1:
            shards = tuple(map(cls.parsed, each))
            if len({(shard.shown, shard.library) for shard in shards}) < len(shards):
                raise SettingsError("The same shard of the index is named twice.", hint=_EXAMPLE)
            return cls(" ".join(shard.shown for shard in shards), shards[0].library, "", shards)
        try:
            parts = urlsplit(text)
            options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        except ValueError:
            raise SettingsError("The address of the database cannot be read.", hint=_EXAMPLE) from None
        if parts.scheme not in SCHEMES or parts.fragment:
            raise SettingsError("The address of the database cannot be read.", hint=_EXAMPLE)
        library = dict(options).get("library", _DEFAULT_LIBRARY)
        if not _LIBRARY.fullmatch(library):
            raise SettingsError(
                f"{library!r} is no name for a library in a database.",
                hint="Use up to 40 small letters, figures and _, a letter first.",
            )
        given = [(name, value) for name, value in options if name != "library"]
        open_ = [(name, value) for name, value in options if name not in _SECRET]
        user, at, host = parts.netloc.rpartition("@")
        shown = f"{user.partition(':')[0]}{at}{host}"
        return cls(
            urlunsplit(("postgresql", shown, parts.path, urlencode(open_), "")),
            library,
            urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(given, quote_via=quote), "")),
        )

    def __str__(self) -> str:
        return self.shown

    @property
    def parts(self) -> tuple[Address, ...]:
        """The shards; itself, if there are none."""
        return self.shards or (self,)

    @property
    def home(self) -> Path:
        """The folder of what this machine keeps beside the library, such as questions that readers have marked."""
        name = sha256(self.shown.encode()).hexdigest()[:16]
        return user_data_path("shiori-rag", appauthor=False) / "databases" / name

    def without_secrets(self, words: str) -> str:
        """Words of somebody else's, such as an error of the database, without the passwords of this address."""
        for shard in self.shards:
            words = shard.without_secrets(words)
        parts = urlsplit(self.conninfo)
        typed = parts.netloc.rpartition("@")[0].partition(":")[2]
        secrets = [typed, unquote(typed), *(value for name, value in parse_qsl(parts.query) if name in _SECRET)]
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            words = words.replace(secret, "***")
        return words


_EXAMPLE = "Write it as postgresql://user@host/database; several shards with blanks between."

IndexPlace = Path | Address
"""Where an index is."""


def placed(where: str | Path | Address) -> IndexPlace:
    """The folder or the address that is meant.

    Raises:
        SettingsError: if it is an address that cannot be read.
    """
    if isinstance(where, Address):
        return where
    if isinstance(where, str) and _SCHEME.match(where):
        return Address.parsed(where)
    if isinstance(where, Path) and _SCHEME.match(where.as_posix()):
        # Of two slashes a path keeps one.
        return Address.parsed(where.as_posix().replace(":/", "://", 1))
    return Path(where)


def folder_of(place: IndexPlace, what: str, hint: str) -> Path:
    """The folder of an index, for what there is of folders alone.

    Args:
        place: where the index is.
        what: what needs a folder, as a sentence begins.
        hint: what to do where it is in a database.

    Raises:
        SettingsError: if it is in a database.
    """
    if isinstance(place, Address):
        raise SettingsError(f"{what} is there only for an index in a folder.", path=str(place), hint=hint)
    return place
