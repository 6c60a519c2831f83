"""The audit log: who added, removed, logged in or asked for what is an administrator's. No question.

It is a file of JSON lines, if the settings name one. When it is full, it goes by the name with ``.1``, that by ``.2``,
and so on; the last is deleted.
"""

from __future__ import annotations

import getpass
import logging
import os
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Literal

from rag.errors import SettingsError
from rag.logs import json_formatter
from rag.settings import Settings
from rag.web.principal import Principal, current_principal

Action = Literal[
    "administration",
    "backed-up",
    "document-added",
    "document-refused",
    "document-removed",
    "document-taken-back",
    "file-deleted",
    "folder-paused",
    "folder-resumed",
    "folder-unwatched",
    "folder-watched",
    "library-added",
    "library-emptied",
    "library-removed",
    "library-renamed",
    "library-rights",
    "log-in",
    "log-in-refused",
    "log-out",
    "refused",
    "restored",
    "session-ended",
    "settings-changed",
    "update-asked",
    "update-stopped",
    "user-added",
    "user-changed",
    "user-removed",
]
_log = logging.getLogger("rag.audit")
_log.propagate = False
_log.setLevel(logging.INFO)


class _OwnFile(RotatingFileHandler):
    """A file that only the server's user can read. ``rag user`` and other programs may begin a new one, too."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write to the file of this name, which may be another by now."""
        if self.stream is not None and not self._is_current(self.stream):
            self.stream.close()
            self.stream = None
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (the library's name)
        """What cannot be noted stands in the other log, and is done all the same."""
        logging.getLogger(__name__).error(
            "The audit log cannot be written (%s): %s", sys.exc_info()[1], self.format(record)
        )

    def _is_current(self, stream: TextIOWrapper) -> bool:
        try:
            return os.path.samestat(Path(self.baseFilename).stat(), os.fstat(stream.fileno()))
        except FileNotFoundError:
            return False


def open_log(settings: Settings) -> None:
    """Keep an audit log from now on, if the settings name its file.

    Raises:
        SettingsError: if it cannot be written.
    """
    close_log()
    if settings.audit_log is None:
        return
    path = Path(settings.audit_log).absolute()
    try:
        handler = _OwnFile(path, maxBytes=int(settings.audit_log_mb * 10**6), backupCount=settings.audit_log_files)
    except OSError as error:
        raise SettingsError(
            f"The audit log cannot be written ({error}).", path=path, hint="Set audit_log to another file."
        ) from None
    handler.setFormatter(json_formatter({"asctime": "time", "message": "action"}))
    _log.addHandler(handler)


def close_log() -> None:
    """Keep no audit log any more."""
    for handler in list(_log.handlers):
        _log.removeHandler(handler)
        handler.close()


def record(action: Action, principal: Principal | None = None, **facts: object) -> None:
    """Note that something was done.

    Args:
        action: what.
        principal: by whom; by default, whose request is being answered.
        facts: to what; never a question or an answer.
    """
    if _log.handlers:
        who = principal or current_principal()
        _log.info(action, extra={"account": who.account, "address": who.address, "role": who.role, **facts})


def record_of_terminal(settings: Settings, action: Action, **facts: object) -> None:
    """Note what was done by a command, and by whom, if the settings name a file for it."""
    open_log(settings)
    record(action, Principal(address="terminal"), by=_user(), **facts)
    close_log()


def _user() -> str:
    """Who runs the command; a number, if the system knows no name for it, as in containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        if sys.platform == "win32":
            raise
        return str(os.getuid())
