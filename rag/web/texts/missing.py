"""What a tab says whose packages are not installed, before the command that installs them."""

from __future__ import annotations

from collections.abc import Mapping

from rag.web.texts.choice import Language

MISSING_TEXTS: Mapping[Language, str] = {
    "ja": "このタブには追加のパッケージが必要です。次のコマンドで導入し、栞を起動し直してください。",
    "en": "This tab needs packages that are not installed. Install them, then start Shiori again:",
}
