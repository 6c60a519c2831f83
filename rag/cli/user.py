"""The commands ``rag user``: accounts of the web server, in a file that holds hashes of their passwords."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.console import Terminal, messages, print_json, usage_errors
from rag.cli.opening import settings_of
from rag.cli.options import IndexOption, JsonOption
from rag.errors import SettingsError

if TYPE_CHECKING:
    from rag.settings import Settings
    from rag.web.audit import Action
    from rag.web.gate.account_file import AccountFile
    from rag.web.principal import Role

UserArgument = Annotated[str, typer.Argument(help="Name of the account.", show_default=False)]
AuthOption = Annotated[
    Path | None, typer.Option("--auth", help="File of the accounts [default: accounts in rag.toml or RAG_ACCOUNTS].")
]
RoleOption = Annotated[
    str | None, typer.Option("--role", help="reader asks, editor also adds and removes documents, administrator all.")
]

app = typer.Typer(
    name="user",
    help="Accounts of the web server, in the file that `rag serve --auth` reads; a running server notices at once.",
    no_args_is_help=True,
)


@app.command()
def add(user: UserArgument, role: RoleOption = "reader", auth: AuthOption = None) -> None:
    """Add an account; the password is asked for, or read from standard input where that is no terminal."""
    settings, file = _opened(auth)
    held = _role(role or "reader")
    file.add(user, _password(), held)
    _done(settings, "user-added", user, held)
    messages.print("Added.")


@app.command()
def remove(user: UserArgument, auth: AuthOption = None) -> None:
    """Remove an account; its sessions end."""
    settings, file = _opened(auth)
    file.remove(user)
    _done(settings, "user-removed", user)
    messages.print("Removed.")


@app.command()
def password(user: UserArgument, auth: AuthOption = None) -> None:
    """Give an account another password; its sessions end."""
    settings, file = _opened(auth)
    file.change(user, password=_password())
    _done(settings, "user-changed", user)
    messages.print("Changed.")


@app.command()
def role(
    user: UserArgument,
    new: Annotated[str, typer.Argument(metavar="ROLE", help="reader, editor or administrator.", show_default=False)],
    auth: AuthOption = None,
) -> None:
    """Give an account another role."""
    settings, file = _opened(auth)
    held = _role(new)
    file.change(user, role=held)
    _done(settings, "user-changed", user, held)
    messages.print("Changed.")


@app.command("list")
def list_(auth: AuthOption = None, as_json: JsonOption = False) -> None:
    """List the accounts with their roles."""
    accounts = _opened(auth)[1].accounts()
    if as_json:
        print_json({"accounts": [{"user": each.name, "role": each.role} for each in accounts]})
        return
    terminal = Terminal()
    for each in accounts:
        terminal.print(f"{each.role:13} {each.name}", markup=False, soft_wrap=True)


@app.command()
def allow(
    user: UserArgument,
    library: Annotated[str, typer.Argument(help="Name of the library.", show_default=False)],
    new: Annotated[
        str, typer.Argument(metavar="ROLE", help="reader, editor, administrator, or none.", show_default=False)
    ],
    index: IndexOption = None,
) -> None:
    """Give an account a role of its own in one library; with none it is not there for that account."""
    held = "none" if new == "none" else _role(new)
    _granted(user, library, held, index)
    messages.print("Allowed.")


@app.command()
def disallow(
    user: UserArgument,
    library: Annotated[str, typer.Argument(help="Name of the library.", show_default=False)],
    index: IndexOption = None,
) -> None:
    """Take back what `allow` gave: the account's role counts again, if the library is open to all."""
    _granted(user, library, None, index)
    messages.print("Taken back.")


def _granted(user: str, library: str, held: str | None, index: str | None) -> None:
    from rag.library import Libraries

    settings = settings_of(index=index)
    named = Libraries(settings.index).grant(library, user, held)
    _done(settings, "library-rights", user, held or "", library=named.id)


def _opened(auth: Path | None) -> tuple[Settings, AccountFile]:
    from rag.settings import Settings
    from rag.web.gate.account_file import AccountFile

    settings = Settings.load()
    path = auth or settings.accounts
    if path is None:
        raise SettingsError(
            "There is no file of accounts.", hint="Name it: --auth FILE, or accounts in rag.toml or RAG_ACCOUNTS."
        )
    return settings, AccountFile(path)


def _role(name: str) -> Role:
    from rag.web.principal import ROLES

    with usage_errors():
        found = next((each for each in ROLES if each == name), None)
        if found is None:
            raise SettingsError(f"There is no role {name!r}.", hint=f"Take one of {', '.join(ROLES)}.")
    return found


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise SettingsError("The two are not the same.", hint="Type the same password twice.")
    return first


def _done(settings: Settings, action: Action, user: str, role: str | None = None, **facts: object) -> None:
    from rag.web.audit import record_of_terminal

    record_of_terminal(settings, action, user=user, **({"to": role} if role else {}), **facts)
