"""Who may use the server, and as what: names, passwords and roles from a file or the environment.

``rag user`` writes the file (``account_file.py``). Passwords are compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import SettingsError
from rag.files import IS_WINDOWS
from rag.web.principal import ROLES, Role, covers

log = logging.getLogger(__name__)

AUTH_VARIABLE = "RAG_AUTH"
USUAL_ROLE: Role = "editor"
"""That of a line without one."""

_PREFIX = "scrypt:"
_COST = {"n": 2**14, "r": 8, "p": 1}
_SALT_BYTES, _HASH_BYTES = 16, 64
_OTHER_HASH = re.compile(
    r"\$(2[abxy]?|[156y]|apr1|argon2\w*|pbkdf2[\w-]*)\$ | \{(S?SHA\d*|S?MD5|CRYPT)\} | (pbkdf2|argon2|bcrypt)[_:$]",
    re.VERBOSE,
)
"""How hashes begin that are not read here: taken as they stand, they would be the password."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HINT = "Write user:password, or have `rag user add USER` write the line."
_LOOK_SECONDS = 1.0
_MOST_ADMITTED = 10_000


@dataclass(frozen=True, slots=True)
class Password:
    """A salted scrypt hash."""

    salt: bytes
    due: bytes

    @classmethod
    def of(cls, password: str) -> Password:
        """The hash of a password, with a salt of its own."""
        salt = secrets.token_bytes(_SALT_BYTES)
        return cls(salt, _scrypt(password, salt))

    def is_right(self, password: str) -> bool:
        """Whether it is the hash of this password. Slow on purpose."""
        return hmac.compare_digest(_scrypt(password, self.salt), self.due)


@dataclass(frozen=True, slots=True)
class Account:
    """One who may use the server."""

    name: str
    role: Role
    password: Password = field(repr=False)

    def may(self, role: Role) -> bool:
        """Whether it may do what this role may."""
        return covers(self.role, role)

    @property
    def line(self) -> str:
        """As it stands in the file."""
        return f"{self.name}:{_PREFIX}{self.password.salt.hex()}:{self.password.due.hex()}:{self.role}"


class Accounts:
    """Accounts by name; no password is kept.

    Args:
        lines: ``user:password``, or ``user:scrypt:SALT:HASH`` in hexadecimal with ``:ROLE`` behind it if wanted; white
            space around a line is not part of it, and lines that are empty or begin with # are not read.
        origin: where they are from, for messages.

    Attributes:
        file: where they stand; ``None`` if they are not from a file.

    Raises:
        SettingsError: if a line cannot be used, a user is named twice, or there is nobody.
    """

    def __init__(self, lines: str, origin: str) -> None:
        self._by_name = parsed(lines, origin)
        if origin and not self._by_name:
            raise SettingsError(f"{origin} names no user.", hint="Add one with `rag user add USER`.")
        # The same work for names that do not exist, so that time does not tell which do.
        self._nobody = Password.of(secrets.token_hex())
        self._key = secrets.token_bytes(32)
        self._known: set[bytes] = set()
        self._admitted: dict[str, Account] = {}
        self.file: Path | None = None
        self._read: tuple[int, int, int] | None = None
        self._looked_at = 0.0

    @classmethod
    def from_file(cls, path: Path) -> Accounts:
        """Accounts of a file that only its owner should be able to read; they change when it does.

        Raises:
            SettingsError: if it cannot be read, others can read it, or it names nobody.
        """
        changed = _changed(path)
        accounts = cls(read_lines(path), str(path))
        accounts.file, accounts._read = path, changed
        return accounts

    @classmethod
    def nobody(cls) -> Accounts:
        """No accounts but those that another server vouches for."""
        return cls("", "")

    @property
    def have_passwords(self) -> bool:
        """Whether anybody can log in by a password."""
        return bool(self._by_name)

    @classmethod
    def configured(cls, file: Path | None, environment: Mapping[str, str] = os.environ) -> Accounts | None:
        """Accounts of the file if one is given, else of the variable ``RAG_AUTH``; ``None`` if there is neither."""
        if file is not None:
            return cls.from_file(file)
        lines = environment.get(AUTH_VARIABLE, "")
        return cls(lines, AUTH_VARIABLE) if lines.strip() else None

    def get(self, user: str) -> Account | None:
        """The account of this name, as the file says now."""
        self._look()
        return self._by_name.get(user) or self._admitted.get(user)

    def admit(self, name: str, role: Role) -> Account:
        """An account that another server vouches for. It has no password, and this role from now on everywhere.

        The name has a colon, which no name in a file has.
        """
        assert ":" in name, name
        known = self._admitted.pop(name, None)
        self._admitted[name] = Account(name, role, known.password if known else Password(secrets.token_bytes(), b""))
        while len(self._admitted) > _MOST_ADMITTED:
            del self._admitted[next(iter(self._admitted))]
        return self._admitted[name]

    def look_again(self) -> None:
        """Read the file again now, if it has changed."""
        self._looked_at = -_LOOK_SECONDS
        self._look()

    def has_accepted(self, user: str, password: str) -> bool:
        """Whether ``accepts`` has found this password right before. Quick."""
        self._look()
        return self._seen(user, password) in self._known

    def accepts(self, user: str, password: str) -> bool:
        """Whether the password is that user's. Slow on purpose, but for what was accepted before."""
        if self.has_accepted(user, password):
            return True
        account = self._by_name.get(user)
        due = account.password if account is not None else self._nobody
        right = due.is_right(password) and account is not None
        if right:
            self._known.add(self._seen(user, password))
        return right

    def _seen(self, user: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{len(user)}:{user}:{password}".encode("utf-8", "surrogatepass"), "sha256")

    def _look(self) -> None:
        """Read the file again if it has changed; one that cannot be used is logged, and the accounts before stay."""
        now = time.monotonic()
        if self.file is None or now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        changed = _changed(self.file)
        if changed == self._read:
            return
        self._read = changed
        try:
            by_name = parsed(read_lines(self.file), str(self.file))
        except SettingsError as error:
            log.error("The accounts have changed and cannot be used; those before stay: %s", error)
            return
        self._known.clear()
        self._by_name = by_name


def parsed(lines: str, origin: str) -> dict[str, Account]:
    """The accounts of these lines, by name.

    Raises:
        SettingsError: naming the line that cannot be used.
    """
    accounts: dict[str, Account] = {}
    for number, line in enumerate(lines.removeprefix("\ufeff").split("\n"), 1):
        if (line := line.strip()) and not line.startswith("#"):
            account = account_of(line, f"{origin}, line {number}")
            if account.name in accounts:
                raise SettingsError(
                    f"{origin}, line {number}: {account.name} is named a second time.",
                    hint="Take one of the lines out.",
                )
            accounts[account.name] = account
    return accounts


def read_lines(path: Path) -> str:
    """What stands in a file of accounts.

    Raises:
        SettingsError: if it cannot be read, or others can read it.
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
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}, line {line}: it is not in UTF-8.", hint="Save the file in UTF-8.") from None


def account_of(line: str, origin: str) -> Account:
    """The account of one line.

    Raises:
        SettingsError: if a part is missing, or was surely not meant so.
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
    if not password.startswith(_PREFIX):
        return Account(user, USUAL_ROLE, Password.of(password))
    return _hashed_account(user, password.removeprefix(_PREFIX), origin)


def _hashed_account(user: str, hashed: str, origin: str) -> Account:
    salt_text, _, rest = hashed.partition(":")
    due_text, colon, role_text = rest.partition(":")
    try:
        password = Password(bytes.fromhex(salt_text), bytes.fromhex(due_text))
    except ValueError:
        password = Password(b"", b"")
    if len(password.salt) < _SALT_BYTES or len(password.due) != _HASH_BYTES:
        raise SettingsError(f"{origin}: the hash should be {_PREFIX}SALT:HASH in hexadecimal, whole.", hint=_HINT)
    role = next((each for each in ROLES if each == role_text), None if colon else USUAL_ROLE)
    if role is None:
        raise SettingsError(f"{origin}: there is no role {role_text!r}.", hint=f"Write one of {', '.join(ROLES)}.")
    return Account(user, role, password)


def _changed(path: Path) -> tuple[int, int, int] | None:
    """What is another when the file is."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **_COST)
