"""Where prose comes from: the address of an OpenAI-compatible server, and how it is to be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from rag.errors import SettingsError
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class ChatServer:
    """One server and how it is asked. The key is kept out of ``repr``.

    Attributes:
        url: its base address, ending where ``/chat/completions`` goes on (``http://localhost:11434/v1``).
        model: the model's name there; some servers ignore it.
        key: sent as a bearer token; ``None`` where the server asks for none.
        temperature: of sampling.
        max_tokens: longest answer, in tokens of the model.
        context_tokens: what the model reads and writes at most, in its tokens.
        timeout: longest silence, in seconds.
        retries: further attempts after a failure that may pass.
    """

    url: str
    model: str = ""
    key: SecretStr | None = field(default=None, repr=False)
    temperature: float = 0.0
    max_tokens: int = 700
    context_tokens: int = 4096
    timeout: float = 60.0
    retries: int = 2

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise SettingsError(
                f"llm_url is {self.url!r}, which is no address of a server.",
                hint="Write it like http://localhost:11434/v1.",
            )
        if address.username or address.password:
            raise SettingsError(
                "llm_url holds a user name or password, which would be shown.", hint="Use RAG_LLM_KEY or llm_key_file."
            )

    @property
    def host(self) -> str:
        """Host and port as a user knows them, such as ``localhost:11434``."""
        return urlsplit(self.url).netloc

    @classmethod
    def from_settings(cls, settings: Settings) -> ChatServer | None:
        """The server that is configured; ``None`` if there is none.

        Raises:
            SettingsError: if the address is none, or the key file cannot be read.
        """
        if not settings.llm_url:
            return None
        return cls(
            url=settings.llm_url.rstrip("/"),
            model=settings.llm_model,
            key=settings.llm_key or _key_in(settings.llm_key_file),
            temperature=settings.llm_temperature,
            max_tokens=settings.llm_max_tokens,
            context_tokens=settings.llm_context_tokens,
            timeout=settings.llm_timeout,
            retries=settings.llm_retries,
        )


def _key_in(file: Path | None) -> SecretStr | None:
    if file is None:
        return None
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise SettingsError(f"The key of the LLM cannot be read: {reason}.", path=file) from None
    if not key or not key.isascii() or any(char.isspace() for char in key):
        raise SettingsError("The file must hold the LLM's key and nothing else.", path=file)
    return SecretStr(key)
