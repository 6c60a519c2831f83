"""Who may use the server: names and passwords from a file or the environment, checked in constant time.

``python -m rag.web.gate.accounts NAME`` asks for a password and prints a line for the file that holds only its hash.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from rag.errors import SettingsError
from rag.files import IS_WINDOWS

AUTH_VARIABLE = "RAG_AUTH"
_PREFIX = "scrypt:"
_COST = {"n": 2**14, "r": 8, "p": 1}
_SALT_BYTES, _HASH_BYTES = 16, 64
_OTHER_HASH = re.compile(r"\$(2[abxy]?|[156y]|apr1|argon2\w*|pbkdf2[\w-]*)\$ | \{(S?SHA\d*|S?MD5|CRYPT)\}", re.VERBOSE)
"""How hashes begin that are not read here: taken as they stand, they would be the password."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HINT = "Write user:password, or the line that `python -m rag.web.gate.accounts USER` prints."


class Accounts:
    """Names with salted scrypt hashes of their passwords; no password is kept.

    Args:
        lines: ``user:password``, or ``user:scrypt:SALT:HASH`` in hexadecimal; white space around a line is not part of
            it, and lines that are empty or begin with # are not read.
        origin: where they are from, for messages.

    Raises:
        SettingsError: if a line cannot be used, a user is named twice, or there is nobody.
    """

    def __init__(self, lines: str, origin: str) -> None:
        self._hashes: dict[str, tuple[bytes, bytes]] = {}
        for number, line in enumerate(lines.removeprefix("\ufeff").split("\n"), 1):
            if (line := line.strip()) and not line.startswith("#"):
                user, password = _parted(line, f"{origin}, line {number}")
                if user in self._hashes:
                    raise SettingsError(
                        f"{origin}, line {number}: {user} is named a second time.", hint="Take one of the lines out."
                    )
                self._hashes[user] = _parsed(password, f"{origin}, line {number}")
        if not self._hashes:
            raise SettingsError(f"{origin} names no user.", hint="Write lines of user:password.")
        # The same work for names that do not exist, so that time does not tell which do.
        self._nobody = _hashed(secrets.token_hex())
        self._key = secrets.token_bytes(32)
        self._known: set[bytes] = set()

    @classmethod
    def from_file(cls, path: Path) -> Accounts:
        """Accounts of a file that only its owner should be able to read.

        Raises:
            SettingsError: if it cannot be read, others can read it, or it names nobody.
        """
        try:
            content = path.read_bytes()
            others = stat.S_IMODE(path.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH)
        except OSError as error:
            raise SettingsError(f"The passwords cannot be read ({error}).", path=path) from None
        # Windows has no such bits: it makes them up, and says that everyone can read everything.
        if others and not IS_WINDOWS:
            raise SettingsError("Others can read the passwords.", path=path, hint=f"Close it with `chmod 600 {path}`.")
        try:
            return cls(content.decode("utf-8"), str(path))
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise SettingsError(f"{path}, line {line}: it is not in UTF-8.", hint="Save the file in UTF-8.") from None

    @classmethod
    def configured(cls, file: Path | None, environment: Mapping[str, str] = os.environ) -> Accounts | None:
        """Accounts of the file if one is given, else of the variable ``RAG_AUTH``; ``None`` if there is neither."""
        if file is not None:
            return cls.from_file(file)
        lines = environment.get(AUTH_VARIABLE, "")
        return cls(lines, AUTH_VARIABLE) if lines.strip() else None

    def has_accepted(self, user: str, password: str) -> bool:
        """Whether ``accepts`` has found this password right before. Quick."""
        return self._seen(user, password) in self._known

    def accepts(self, user: str, password: str) -> bool:
        """Whether the password is that user's. Slow on purpose, but for what was accepted before."""
        if self.has_accepted(user, password):
            return True
        salt, due = self._hashes.get(user, self._nobody)
        right = hmac.compare_digest(_scrypt(password, salt), due) and user in self._hashes
        if right:
            self._known.add(self._seen(user, password))
        return right

    def _seen(self, user: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{len(user)}:{user}:{password}".encode("utf-8", "surrogatepass"), "sha256")


def _parted(line: str, origin: str) -> tuple[str, str]:
    """The name and the password, or its hash, of a line.

    Raises:
        SettingsError: if one of them is missing, or was surely not meant so.
    """
    user, _, password = line.partition(":")
    if not user or not password:
        raise SettingsError(f"{origin}: it should be user:password.", hint=_HINT)
    if user != user.rstrip() or password != password.lstrip():
        raise SettingsError(f"{origin}: there is white space beside the colon.", hint="Take it out.")
    if _CONTROL.search(line):
        raise SettingsError(f"{origin}: it holds a control character.", hint=_HINT)
    if _OTHER_HASH.match(password):
        raise SettingsError(f"{origin}: a hash of this kind is not read here.", hint=_HINT)
    return user, password


def _parsed(password: str, origin: str) -> tuple[bytes, bytes]:
    if not password.startswith(_PREFIX):
        return _hashed(password)
    try:
        salt, due = (bytes.fromhex(part) for part in password.removeprefix(_PREFIX).split(":"))
    except ValueError:
        salt, due = b"", b""
    if len(salt) < _SALT_BYTES or len(due) != _HASH_BYTES:
        raise SettingsError(f"{origin}: the hash should be {_PREFIX}SALT:HASH in hexadecimal, whole.", hint=_HINT)
    return salt, due


def _hashed(password: str) -> tuple[bytes, bytes]:
    salt = secrets.token_bytes(_SALT_BYTES)
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

    if len(sys.argv) != 2 or ":" in sys.argv[1]:
        sys.exit("Name one user, without a colon: python -m rag.web.gate.accounts USER")
    print(line_for(sys.argv[1], getpass.getpass()))
