"""All settings in one place: ``rag.toml`` < ``RAG_*`` environment < command line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path
from pydantic import BeforeValidator, Field, InstanceOf, IPvAnyNetwork, PlainSerializer, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rag.address import Address, placed
from rag.errors import SettingsError

Mode = Literal["hybrid", "dense", "lexical"]
Precision = Literal["auto", "float32", "bfloat16", "int8"]
ReaderName = Literal["bundled", "none"]
Role = Literal["reader", "editor", "administrator"]
Origin = Literal["given", "environment", "file", "default"]
EmbedWith = Literal["text", "title", "heading"]

SETTINGS_FILE = "rag.toml"


def _listed(value: object) -> object:
    """What stands between commas, as the environment gives it; anything else as it is."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _placed(value: object) -> object:
    """A folder or the address of a database; anything else as it is."""
    try:
        return placed(value) if isinstance(value, str | Path) else value
    except SettingsError as error:
        raise ValueError(str(error)) from None


def _cache_dir() -> Path:
    """The user's folder for caches.

    Raises:
        SettingsError: if the user has no home, as in containers: a folder called ``~`` would be made where it is run.
    """
    with suppress(RuntimeError):  # platformdirs, of a user that the system does not know
        path = user_cache_path("shiori-rag", appauthor=False)
        if path.is_absolute():
            return path
    raise SettingsError("There is no home folder for the cache.", hint="Name a folder: cache_dir or RAG_CACHE_DIR.")


class Settings(BaseSettings):
    """What a user can choose. Immutable; ``updated`` gives a changed copy.

    Raises:
        SettingsError: from ``Settings.load``, if a value cannot be used.
    """

    model_config = SettingsConfigDict(
        env_prefix="RAG_", toml_file=SETTINGS_FILE, frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    index: Annotated[Path | InstanceOf[Address], BeforeValidator(_placed), PlainSerializer(str)] = Path("index/default")
    """Folder of the index to build or to ask, or the address of a PostgreSQL database
    (``postgresql://user@host/database``, and ``?library=name`` for one of several in it); several such with blanks
    between are shards of one index."""
    cache_dir: Path = Field(default_factory=_cache_dir)
    """Folder for expanded models and cached vectors."""

    model: str = "bundled:multilingual-e5-small"
    """Embedding model: ``bundled:multilingual-e5-small``, a folder, or a name sentence-transformers knows."""
    precision: Precision = "auto"
    """Arithmetic of the model. ``auto``: bfloat16 where the CPU has AMX, else int8 for the bundled model where it has
    VNNI, float32 elsewhere."""

    chunk_tokens: int = Field(default=200, ge=16, le=2000)
    """Target length of a passage, in morphemes as fugashi counts them."""
    overlap_sentences: int = Field(default=1, ge=0, le=5)
    """Sentences that a passage repeats from the one before it."""
    embed_with: EmbedWith = "heading"
    """What the model reads with a passage: nothing (``text``), the ``title``, or both title and ``heading`` path."""

    bm25_k1: float = Field(default=0.4, ge=0, le=10)
    """BM25's term frequency saturation."""
    bm25_b: float = Field(default=0.3, ge=0, le=1)
    """BM25's length normalisation, from none (0) to full (1)."""
    ngram_weight: float = Field(default=0.3, ge=0, le=1)
    """Share of character bigrams in the lexical score; words have the rest."""
    dense_weight: float = Field(default=0.6, ge=0, le=1)
    """Share of the dense score in the hybrid score; the lexical score has the rest."""
    candidates: int = Field(default=200, ge=1, le=10_000)
    """Passages each retriever hands to fusion."""

    synonyms: Path | None = None
    """A file of words that mean the same, in UTF-8 and the format of Solr: lines such as ``有給, 有休, 年休`` or
    ``PC => パソコン``."""

    vector_graph: bool = False
    """Of an index in a database: whether near passages are found through a graph (HNSW), which is made when the index
    is built, rather than by comparing with all. Faster for many passages; a few of the nearest are missed."""

    k: int = Field(default=10, ge=1, le=1000)
    """Hits returned by a search."""
    mode: Mode = "hybrid"
    """Which retrievers search."""
    reader: ReaderName = "bundled"
    """Which reader marks exact answers; ``none``: whole sentences are quoted."""
    rerank: bool = False
    """Whether a search, too, is ranked by the reader; answers always are where there is one."""
    min_confidence: float | None = Field(default=None, ge=0, le=1)
    """An answer less certain than this is withheld; if not set, what fits the reader or its absence."""
    max_question_chars: int = Field(default=2000, ge=1)
    """Longer questions are refused, in characters."""
    log_questions: bool = False
    """Whether questions are written to the log; without, only how long they took and how they ended."""
    max_file_mb: float = Field(default=64.0, gt=0)
    """Larger files are refused, in megabytes (10^6 bytes)."""
    follow_links: bool = False
    """Whether links in the folders given are followed that lead out of them."""
    max_added_files: int = Field(default=10_000, ge=1)
    """Files that can be added to an index through the page."""
    max_added_mb: float = Field(default=4000.0, gt=0)
    """Length of all files added through the page together, in megabytes (10^6 bytes)."""
    watch_roots: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_listed)] = ()
    """Folders of the server, with commas, in which administrators may name folders to be watched. None: any will do
    where only this machine reaches the server and nobody logs in, and elsewhere none."""

    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_listed)] = ()
    """Addresses or networks of proxies before the web server, with commas (``127.0.0.1, 10.0.0.0/8``): what their
    ``X-Forwarded-For`` and ``X-Forwarded-Proto`` say of who asks is believed. Nobody else's is."""
    accounts: Path | None = None
    """File of the accounts that may use the web server, as ``rag user`` writes it. None: everyone who reaches it."""
    oidc_issuer: str = ""
    """Address of an OpenID Connect provider (``https://login.example.com``), whose users may log in. Empty: there is
    none."""
    oidc_client_id: str = ""
    """What the provider calls this server."""
    oidc_client_secret: SecretStr | None = Field(default=None, exclude=True)
    """The secret that the provider has given to this server, as ``RAG_OIDC_CLIENT_SECRET``. Never shown or stored."""
    oidc_client_secret_file: Path | None = None
    """A file that holds the secret and nothing else, instead of ``oidc_client_secret``."""
    oidc_scope: str = "openid profile"
    """What the provider is asked for."""
    oidc_name_claim: str = "sub"
    """The claim that names an account. Another than ``sub`` only if the provider keeps it unique and users cannot
    change it."""
    oidc_role_claim: str = "roles"
    """The claim with the roles or groups of a user; dots lead into objects (``realm_access.roles``)."""
    oidc_roles: dict[str, Role] = {"reader": "reader", "editor": "editor", "administrator": "administrator"}
    """Which role each value of that claim gives; of several, the highest counts."""
    oidc_default_role: Role | Literal["none"] = "none"
    """The role of users without such a value; ``none``: they may not log in."""
    audit_log: Path | None = None
    """File in which the web server notes who added and removed documents, logged in, and asked for what is an
    administrator's: JSON lines. Questions stand in no line of it. None: nothing is noted."""
    audit_log_mb: float = Field(default=10.0, gt=0)
    """Length at which the audit log goes by another name and a new one begins, in megabytes (10^6 bytes)."""
    audit_log_files: int = Field(default=10, ge=1, le=1000)
    """How many older files of the audit log are kept."""
    eval_datasets: Path | None = None
    """Folder of test collections that the page offers for evaluation: each file and folder in it is one."""

    llm_url: str = ""
    """Address of a server that speaks the OpenAI chat API (``http://localhost:11434/v1``). Empty: there is none.
    Nothing is sent to it unless a question is asked with ``--llm`` or the page's switch."""
    llm_model: str = ""
    """The model's name on that server."""
    llm_key: SecretStr | None = Field(default=None, exclude=True)
    """The server's key, best given as ``RAG_LLM_KEY``. Never shown or stored."""
    llm_key_file: Path | None = None
    """A file that holds the key and nothing else, instead of ``llm_key``."""
    llm_temperature: float = Field(default=0.0, ge=0, le=2)
    """Sampling temperature; not sent to a model that refuses it."""
    llm_max_tokens: int = Field(default=700, ge=16, le=100_000)
    """Longest answer, in the model's tokens."""
    llm_context_tokens: int = Field(default=4096, ge=512)
    """What the model reads and writes at most, in its tokens; more lets it see more passages."""
    llm_timeout: float = Field(default=60.0, gt=0, le=3600)
    """Longest silence of the server, in seconds."""
    llm_retries: int = Field(default=2, ge=0, le=10)
    """Further attempts after a failure that may pass, such as a rate limit."""
    llm_prompts: Path | None = None
    """Folder with templates of your own for the prompts: ``system.ja.txt``, ``question.ja.txt``, ``standalone.ja.txt``
    and the same with ``en``. Those not there are the built-in ones."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line over environment over ``rag.toml`` in the current folder."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @classmethod
    def load(cls, **chosen: Any) -> Settings:
        """Settings from all sources; arguments that are ``None`` count as not given.

        Raises:
            SettingsError: naming each value that cannot be used.
        """
        try:
            return cls(**{name: value for name, value in chosen.items() if value is not None})
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise SettingsError(
                f"A setting cannot be used: {problems}.", hint=f"Look at {SETTINGS_FILE}, RAG_* and the options given."
            ) from None
        except ValueError as error:
            raise SettingsError(f"{SETTINGS_FILE} cannot be read: {error}.", path=SETTINGS_FILE) from None

    def updated(self, **changes: Any) -> Settings:
        """A copy with these fields changed, validated like any other; ``None`` leaves a field as it is.

        Raises:
            SettingsError: naming each value that cannot be used.
        """
        return type(self).load(**(dict(self) | {name: v for name, v in changes.items() if v is not None}))


def origins_of(settings: Settings) -> dict[str, Origin]:
    """Where each setting comes from, by its name; ``given``: on the command line, or by a program.

    Raises:
        SettingsError: if the file or the environment cannot be used.
    """
    beneath = Settings.load()
    environment, file = EnvSettingsSource(Settings)(), TomlConfigSettingsSource(Settings)()

    def origin(name: str) -> Origin:
        if getattr(settings, name) != getattr(beneath, name):
            return "given"
        return "environment" if name in environment else "file" if name in file else "default"

    return {name: origin(name) for name in Settings.model_fields}
