"""Files named .doc, .xls or .ppt: of Office 97-2003 through LibreOffice, or what else they are by their first bytes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.errors import DocumentError

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TODAY = {".doc": ("word", "docx"), ".xls": ("spreadsheet", "xlsx"), ".ppt": ("slides", "pptx")}
_HEAD = 4096
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
_SECONDS = 120.0
_PROGRAMS = ("soffice", "libreoffice")


def as_today(path: Path, data: bytes) -> tuple[str, bytes]:
    """The format of the file as it can be read, and its bytes in that format.

    Programs write web pages, tables of text and today's formats under the old names, since Excel and Word open them.

    Raises:
        DocumentError: if it is of Office 97-2003 and LibreOffice is not there, or cannot read it.
    """
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    file_format, ending = _TODAY.get(path.suffix.lower(), _TODAY[".doc"])
    if head.startswith(_OLD_OFFICE):
        return file_format, _converted(path, data, ending)
    if head.startswith(b"PK"):
        return file_format, data
    if head.startswith(b"{\\rtf"):
        return "rtf", data
    if re.match(rb"(?:MIME-Version|From|Content-Type|Subject)\s*:", head, re.IGNORECASE):
        return "mhtml", data
    if _PAGE.search(head) or _PAGE.search(head.replace(b"\0", b"")):
        return "html", data
    if b"schemas-microsoft-com:office" in head:
        return file_format, _converted(path, data, ending)
    return ("text" if b"\0" not in head else file_format), data


def _converted(path: Path, data: bytes, ending: str) -> bytes:
    """The file in today's format, made by LibreOffice in a folder and with a profile that are gone afterwards."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    what = f"The file is of Office 97-2003 ({path.suffix.lower()})"
    today = f"save it as .{ending} in Office"
    if program is None:
        raise DocumentError(
            f"{what}, which is read through LibreOffice; that is not installed.",
            code="old-format",
            hint=f"Install LibreOffice (soffice), or {today}.",
        )
    with TemporaryDirectory(prefix="shiori-") as folder:
        source = Path(folder, f"file{path.suffix.lower()}")
        source.write_bytes(data)
        profile = Path(folder, "profile").as_uri()
        command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--nolockcheck"]
        command += ["--convert-to", ending, "--outdir", str(Path(folder, "out")), str(source)]
        if not _finishes(command):
            raise DocumentError(
                f"{what}; LibreOffice takes too long over it.",
                code="too-slow",
                hint=f"Instead, {today}.",
                facts={"limit": _SECONDS},
            )
        made = Path(folder, "out", f"file.{ending}")
        if not made.is_file():
            raise DocumentError(
                f"{what}, and LibreOffice cannot read it: it is damaged or protected by a password.",
                code="encrypted",
                hint=f"Open it in its program, and {today}.",
            )
        return made.read_bytes()


def _finishes(command: list[str]) -> bool:
    """Whether a program ends in time; if not, it is ended, and those that it started."""
    process = subprocess.Popen(  # noqa: S603 - a program found on the path, with names made here
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(_SECONDS)
        return True
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.poll() is None:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
