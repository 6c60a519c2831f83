"""How often a password was tried of late: by each account from each address, by each account, by each address."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from time import monotonic

from rag.web.limits import ACCOUNT_TRIES, ADDRESS_TRIES, KEPT_TRIES, LOGIN_PAUSE, LOGIN_TRIES
from rag.web.principal import network


@dataclass(frozen=True, slots=True)
class Caller:
    """Who tries, from where: digests, since names come from outside and may be of any length."""

    account: bytes
    address: bytes

    @classmethod
    def of(cls, user: str, address: str) -> Caller:
        """The caller who gives this name of a user, known or not, from this address."""
        return cls(_digest(user), _digest(network(address)))


class Attempts:
    """Counts tries before the password is looked at; a right one takes back only its own account's from its address.

    Nobody is locked out of an account by others' guesses at an address from which it was used before.
    """

    def __init__(self) -> None:
        self._tries: deque[tuple[float, Caller]] = deque(maxlen=KEPT_TRIES)
        self._proven: dict[Caller, None] = {}

    def may_try(self, caller: Caller) -> bool:
        """Whether there were few enough tries within ``LOGIN_PAUSE`` that did not turn out right."""
        while self._tries and self._tries[0][0] < monotonic() - LOGIN_PAUSE:
            self._tries.popleft()
        tried = [each for _, each in self._tries]
        by_account = sum(each.account == caller.account for each in tried)
        by_address = sum(each.address == caller.address for each in tried)
        return (
            tried.count(caller) < LOGIN_TRIES
            and by_address < ADDRESS_TRIES
            and (by_account < ACCOUNT_TRIES or caller in self._proven)
        )

    def count(self, caller: Caller) -> None:
        """One more try. The oldest is forgotten where more than ``KEPT_TRIES`` are counted."""
        self._tries.append((monotonic(), caller))

    def was_right(self, caller: Caller) -> None:
        """The password was right."""
        self._tries = deque((each for each in self._tries if each[1] != caller), maxlen=KEPT_TRIES)
        self._proven.pop(caller, None)
        self._proven[caller] = None
        if len(self._proven) > KEPT_TRIES:
            del self._proven[next(iter(self._proven))]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
