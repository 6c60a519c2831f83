"""Who may use the server: names and passwords from a file or the environment, checked in constant time.

``python -m rag.web.gate.accounts NAME`` asks for a password and prints a line for the file that holds only its hash.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from rag.errors import SettingsError
from rag.files import IS_WINDOWS

AUTH_VARIABLE = "RAG_AUTH"
_PREFIX = "scrypt:"
_COST = {"n": 2**14, "r": 8, "p": 1}


class Accounts:
    """Names with salted scrypt hashes of their passwords; no password is kept.

    Args:
        lines: ``user:password``, or ``user:scrypt:SALT:HASH`` in hexadecimal; lines that are empty or begin with #
            are not read.
        origin: where they are from, for messages.

    Raises:
        SettingsError: if a line cannot be used, or there is none.
    """

    def __init__(self, lines: str, origin: str) -> None:
        self._hashes: dict[str, tuple[bytes, bytes]] = {}
        for number, line in enumerate(lines.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                user, _, password = line.strip().partition(":")
                if not user or not password:
                    raise SettingsError(f"{origin}, line {number}: it should be user:password.")
                self._hashes[user] = _parsed(password, f"{origin}, line {number}")
        if not self._hashes:
            raise SettingsError(f"{origin} names no user.", hint="Write lines of user:password.")
        # The same work for names that do not exist, so that time does not tell which do.
        self._nobody = _hashed(secrets.token_hex())
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, str] = {}

    @classmethod
    def from_file(cls, path: Path) -> Accounts:
        """Accounts of a file that only its owner should be able to read.

        Raises:
            SettingsError: if it cannot be read, others can read it, or it names nobody.
        """
        try:
            text = path.read_text(encoding="utf-8")
            others = stat.S_IMODE(path.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH)
        except (OSError, ValueError) as error:
            raise SettingsError(f"The passwords cannot be read ({error}).", path=path) from None
        # Windows has no such bits: it makes them up, and says that everyone can read everything.
        if others and not IS_WINDOWS:
            raise SettingsError("Others can read the passwords.", path=path, hint=f"Close it with `chmod 600 {path}`.")
        return cls(text, str(path))

    @classmethod
    def configured(cls, file: Path | None, environment: Mapping[str, str] = os.environ) -> Accounts | None:
        """Accounts of the file if one is given, else of the variable ``RAG_AUTH``; ``None`` if there is neither."""
        if file is not None:
            return cls.from_file(file)
        lines = environment.get(AUTH_VARIABLE, "")
        return cls(lines, AUTH_VARIABLE) if lines.strip() else None

    def accepts(self, user: str, password: str) -> bool:
        """Whether the password is that user's. Slow on purpose, but for what was accepted before."""
        seen = hmac.digest(self._key, f"{len(user)}:{user}:{password}".encode("utf-8", "surrogatepass"), "sha256")
        if seen in self._known:
            return True
        salt, due = self._hashes.get(user, self._nobody)
        right = hmac.compare_digest(_scrypt(password, salt), due) and user in self._hashes
        if right:
            self._known[seen] = user
        return right


def _parsed(password: str, origin: str) -> tuple[bytes, bytes]:
    if not password.startswith(_PREFIX):
        return _hashed(password)
    try:
        salt, due = (bytes.fromhex(part) for part in password.removeprefix(_PREFIX).split(":"))
    except ValueError:
        raise SettingsError(f"{origin}: the hash should be {_PREFIX}SALT:HASH in hexadecimal.") from None
    return salt, due


def _hashed(password: str) -> tuple[bytes, bytes]:
    salt = secrets.token_bytes(16)
    return salt, _scrypt(password, salt)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **_COST)


def line_for(user: str, password: str) -> str:
    """A line for the file, with a hash in place of the password."""
    salt, due = _hashed(password)
    return f"{user}:{_PREFIX}{salt.hex()}:{due.hex()}"


if __name__ == "__main__":
    import getpass
    import sys

    print(line_for(sys.argv[1], getpass.getpass()))
