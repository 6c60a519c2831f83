"""Changes of a file of accounts, as ``rag user`` makes them: one line each, the others stay as they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from filelock import FileLock

from rag.errors import SettingsError
from rag.files import replacing
from rag.web.gate.accounts import USUAL_ROLE, Account, Password, account_of, parsed, read_lines
from rag.web.principal import Role

LEAST_CHARS = 8
"""Shortest password of a new account, in characters (OWASP ASVS 5.0, 6.2.1)."""


class AccountFile:
    """A file of accounts that only its owner can read.

    Args:
        path: it is made with the first account.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def accounts(self) -> list[Account]:
        """Those of the file, in its order.

        Raises:
            SettingsError: if there is none, or it cannot be used.
        """
        return list(parsed(read_lines(self._path), str(self._path)).values())

    def add(self, user: str, password: str, role: Role = USUAL_ROLE) -> None:
        """A line for one more account.

        Raises:
            PasswordError: if the password is not taken.
            SettingsError: if there is one of this name, or the name cannot be used.
        """
        with self._changing() as lines:
            if _found(lines, user) is not None:
                raise SettingsError(f"{self._path}: {user} is there already.", hint=f"See `rag user password {user}`.")
            lines.append(_new(user, password, role).line)
            self._write(lines)

    def change(self, user: str, password: str | None = None, role: Role | None = None) -> None:
        """Another password or role for an account.

        Raises:
            PasswordError: if the password is not taken.
            SettingsError: if there is none of this name.
        """
        with self._changing() as lines:
            number = self._number(lines, user)
            account = account_of(lines[number].strip(), str(self._path))
            if password is not None:
                account = _new(user, password, account.role)
            lines[number] = replace(account, role=role or account.role).line
            self._write(lines)

    def remove(self, user: str) -> None:
        """Take an account's line out.

        Raises:
            SettingsError: if there is none of this name, or it is the last: without any, a server would not start.
        """
        with self._changing() as lines:
            del lines[self._number(lines, user)]
            if not parsed("\n".join(lines), str(self._path)):
                raise SettingsError(f"{self._path}: {user} is the last account.", hint="Add another before.")
            self._write(lines)

    @contextmanager
    def _changing(self) -> Iterator[list[str]]:
        """The lines of the file, which nobody else changes within the block."""
        lock = FileLock(f"{self._path}.lock")
        try:
            lock.acquire()
        except OSError as error:
            raise _unwritten(self._path, error) from None
        try:
            content = read_lines(self._path) if self._path.exists() else ""
            parsed(content, str(self._path))
            yield content.removeprefix("\ufeff").splitlines()
        finally:
            lock.release()

    def _number(self, lines: list[str], user: str) -> int:
        number = _found(lines, user)
        if number is None:
            raise SettingsError(f"{self._path}: there is no account {user}.", hint="See `rag user list`.")
        return number

    def _write(self, lines: list[str]) -> None:
        try:
            with replacing(self._path) as partial:
                descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                    file.write("".join(f"{line}\n" for line in lines))
        except OSError as error:
            raise _unwritten(self._path, error) from None


class PasswordError(SettingsError):
    """A password that is not taken.

    Attributes:
        reason: ``short``, or ``common`` for one that is among the first to be guessed.
    """

    def __init__(self, reason: Literal["short", "common"]) -> None:
        self.reason: Literal["short", "common"] = reason
        if reason == "short":
            super().__init__("The password is too short.", hint=f"Take {LEAST_CHARS} characters or more.")
        else:
            super().__init__("The password is one of the first that are guessed.", hint="Take several words.")


def _unwritten(path: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"The accounts cannot be written ({error.strerror or error}).", path=path, hint="Those before are untouched."
    )


def _check(user: str, password: str) -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    if len(password) < LEAST_CHARS:
        raise PasswordError("short")
    if password.lower() in FREQUENCY_LISTS["passwords"] or password.lower() == user.lower():
        raise PasswordError("common")


def _new(user: str, password: str, role: Role) -> Account:
    if not user or user != user.strip() or ":" in user or user.startswith("#") or not user.isprintable():
        raise SettingsError(
            f"{user!r} cannot be the name of an account.",
            hint="Take one without a colon, a # in front, or white space around it.",
        )
    _check(user, password)
    return Account(user, role, Password.of(password))


def _found(lines: list[str], user: str) -> int | None:
    return next((n for n, line in enumerate(lines) if line.strip().partition(":")[0] == user), None)
