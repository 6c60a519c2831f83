"""What a browser keeps between visits."""

from __future__ import annotations

import gradio as gr


def own_secret() -> gr.BrowserState:
    """A value that a browser keeps: the secret by which the server knows what is its own.

    Gradio scrambles it with a key that the page holds anyway; a fixed one lets it outlast a restart of the server.
    """
    return gr.BrowserState("", storage_key="shiori-owner", secret="shiori")  # noqa: S106 (hides nothing)
