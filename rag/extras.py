"""Packages that not everyone needs: which extra brings them, and what is said where one is missing.

They are imported where they are used, never above; what needs them asks `require` first, before any work is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final, Literal

from rag.errors import SettingsError

Extra = Literal["sentence-transformers", "eval", "llm", "mcp", "oidc", "postgres"]

MODULES: Final[Mapping[Extra, tuple[str, ...]]] = {
    "sentence-transformers": ("sentence_transformers", "torch", "transformers"),
    "eval": ("ir_measures", "sklearn", "scipy", "matplotlib", "openTSNE"),
    "llm": ("openai",),
    "mcp": ("mcp", "mcp_types"),
    "oidc": ("authlib",),
    "postgres": ("psycopg",),
}
"""What of each extra is imported."""


class MissingExtraError(SettingsError):
    """Something was asked for whose packages are not installed.

    Attributes:
        extra: the extra that brings them.
    """

    def __init__(self, extra: Extra, feature: str) -> None:
        self.extra = extra
        super().__init__(
            f"{feature} needs packages that are not installed.", hint=f"Install them: {install_command(extra)}"
        )


def install_command(extra: Extra) -> str:
    """What to type; in double quotes, which every shell understands, Windows' too."""
    return f'pip install "shiori-rag[{extra}]"'


def is_installed(extra: Extra) -> bool:
    """Whether all packages of an extra are there. Nothing is imported."""
    return all(_is_there(module) for module in MODULES[extra])


def require(extra: Extra, feature: str) -> None:
    """Go on only where the extra is installed.

    Args:
        extra: as in ``pip install shiori-rag[extra]``.
        feature: what needs it, as a sentence begins: "Evaluation".

    Raises:
        MissingExtraError: if a package of it is missing.
    """
    if not is_installed(extra):
        raise MissingExtraError(extra, feature)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # ValueError: it is in sys.modules as None
        return False
