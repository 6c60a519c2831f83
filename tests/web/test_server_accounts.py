"""Accounts: a file or a variable with names, hashes of passwords and roles, and what is refused in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.web.gate import accounts as module
from rag.web.gate.account_file import AccountFile
from rag.web.gate.accounts import Account, Accounts, Password

USER, PASSWORD = "hanako", "correct horse 電池"


# Roles ---------------------------------------------------------------------------------------------------------------


def test_a_line_has_a_role_or_the_usual_one() -> None:
    line = Account("taro", "administrator", Password.of("x")).line
    accounts = Accounts(f"{USER}:{PASSWORD}\n{line}\njiro:{line.partition(':')[2].removesuffix(':administrator')}", "t")
    roles = {user: account.role for user in (USER, "taro", "jiro") if (account := accounts.get(user))}
    assert roles == {USER: "editor", "taro": "administrator", "jiro": "editor"}
    with pytest.raises(SettingsError, match="reader, editor, administrator"):
        Accounts(line.replace("administrator", "king"), "test")


def test_each_role_may_do_what_those_before_it_may() -> None:
    reader, editor, administrator = (Account("x", role, Password(b"", b"")) for role in module.ROLES)
    assert [each.may("editor") for each in (reader, editor, administrator)] == [False, True, True]
    assert administrator.may("administrator") and not editor.may("administrator") and reader.may("reader")


def test_a_changed_file_counts_at_once_and_a_bad_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0)
    file = tmp_path / "accounts"
    AccountFile(file).add(USER, PASSWORD)
    accounts = Accounts.from_file(file)
    assert accounts.accepts(USER, PASSWORD)
    AccountFile(file).change(USER, "another password")
    assert not accounts.accepts(USER, PASSWORD) and accounts.accepts(USER, "another password")
    file.write_text("nonsense", encoding="utf-8")
    assert accounts.accepts(USER, "another password") and f"{file}, line 1" in caplog.text


WHOLE = Account("taro", "reader", Password.of("tarotaro")).line
REFUSED = {
    "no colon": "taro",
    "no name": ":tarotaro",
    "no password": "taro:",
    "white space before the colon": "taro :tarotaro",
    "white space behind the colon": "taro: tarotaro",
    "a control character": "taro:taro\x1btaro",
    "a name twice": f"{USER}:another one",
    "a hash of bcrypt": "taro:$2b$12$abcdefghijklmnopqrstuv",
    "a hash of crypt": "taro:$6$salt$abcdef",
    "a hash of htpasswd": "taro:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    "a hash of Werkzeug": "taro:pbkdf2:sha256:600000$salt$abcdef",
    "a hash of Django": "taro:pbkdf2_sha256$600000$salt$abcdef=",
    "a hash that was cut off": WHOLE.removesuffix(":reader")[:-2],
    "a hash without its salt": "taro:scrypt:" + WHOLE.split(":")[3],
    "a role that there is not": WHOLE.replace(":reader", ":king"),
    "an empty role": WHOLE.removesuffix("reader"),
    "a role in capitals": WHOLE.replace(":reader", ":Reader"),
}


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED.keys())
def test_a_line_that_cannot_be_meant_so_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(SettingsError, match="test, line 3") as refused:
        Accounts(f"# who may come in\n{USER}:{PASSWORD}\n{line}", "test")
    assert "tarotaro" not in str(refused.value)


def test_a_file_that_others_can_read_or_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "accounts"
    AccountFile(file).add(USER, PASSWORD)
    if os.name != "nt":
        file.chmod(0o640)
        with pytest.raises(SettingsError, match="chmod 600"):
            Accounts.from_file(file)
        file.chmod(0o600)
    file.write_bytes(file.read_bytes() + "花子:パスワード".encode("cp932"))
    with pytest.raises(SettingsError, match="line 2: it is not in UTF-8"):
        Accounts.from_file(file)


def test_a_name_that_nobody_has_takes_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time would tell otherwise which accounts there are."""
    accounts, hashed = Accounts(f"{USER}:{PASSWORD}", "test"), []
    scrypt = module._scrypt

    def counted(password: str, salt: bytes) -> bytes:
        hashed.append(len(salt))
        return scrypt(password, salt)

    monkeypatch.setattr(module, "_scrypt", counted)
    work = []
    for user in (USER, "nobody", ""):
        hashed.clear()
        assert not accounts.accepts(user, "wrong")
        work.append(list(hashed))
    assert work == [work[0]] * 3 and len(work[0]) == 1
