"""The web page: ask, read the answer, open the exact place it comes from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

# Before Gradio is imported, which reads them once: nothing is reported to anybody.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
    import gradio as gr

    from rag.address import IndexPlace
    from rag.engine import Engine
    from rag.settings import Settings

__all__ = ["create_app", "serve"]


def create_app(engine: Engine) -> gr.Blocks:
    """The page over an open index, as Gradio Blocks; ``serve`` adds its style and script."""
    from rag.web.current import CurrentIndex
    from rag.web.page import create_page

    return create_page(CurrentIndex(lambda: engine))


def serve(
    settings: Settings | None = None,
    *,
    index: str | IndexPlace | None = None,
    host: str = "127.0.0.1",
    port: int = 7860,
    open_browser: bool = False,
    auth: str | Path | None = None,
    root_path: str = "",
    mcp: bool = False,
) -> None:
    """Serve the page until Ctrl+C or SIGTERM, which end it within three seconds.

    Without an index it tells how to build one, and finds it once it is there.

    Args:
        settings: by default those of ``rag.toml`` and the environment.
        index: folder of the index, or the address of a database; by default the settings'.
        host: the address to listen on; only this machine can reach the default.
        port: the TCP port; 0 takes a free one.
        open_browser: also show the page in the user's browser.
        auth: a file of accounts; by default the one in the settings, or else the lines in ``RAG_AUTH``.
        root_path: where a proxy serves it, as ``https://example.com/shiori`` or ``/shiori``.
        mcp: also serve the API as MCP tools at ``/mcp``.

    Raises:
        RagError: if the port is taken.
        SettingsError: if a setting or the passwords cannot be used, or MCP is not installed.
    """
    from rag.web.ending import own_folder, until_stopped

    with until_stopped(), own_folder():
        from rag.address import placed
        from rag.engine import Engine
        from rag.settings import Settings
        from rag.web import audit
        from rag.web.app import Access, run
        from rag.web.current import CurrentIndex
        from rag.web.gate.accounts import Accounts
        from rag.web.gate.sign_on import SignOn

        settings = settings or Settings.load()
        audit.open_log(settings)
        place = placed(index or settings.index)
        current = CurrentIndex(lambda: Engine.open(place, current.settings), place, settings)
        sign_on = SignOn.configured(settings, root_path)
        accounts = Accounts.configured(Path(auth) if auth else settings.accounts)
        access = Access(
            host,
            Accounts.nobody() if accounts is None and sign_on else accounts,
            root_path,
            mcp,
            settings.max_file_mb,
            tuple(str(network) for network in settings.trusted_proxies),
            sign_on,
        )
        run(current, access, port, open_browser, lambda address: print(f"Shiori: {address}", flush=True))
