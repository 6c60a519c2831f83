"""The command that is printed beside figures."""

from __future__ import annotations

import sys

import pytest

from benchmarks.report import publish


def test_no_password_stands_beside_figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(
        sys, "argv", ["x/y.py", "/home/me/dev", "--address", "postgresql://me:geheim@h/db", "--size", "3"]
    )
    monkeypatch.setenv("RAG_INDEX", "postgresql://me:heimlich@h/db")
    monkeypatch.setenv("RAG_LLM_KEY", "k-123")
    publish("y", "text", None)
    said = capsys.readouterr().out
    assert "benchmarks.y dev --address postgresql://me@h/db --size 3" in said
    assert "RAG_INDEX=postgresql://me@h/db" in said
    assert not any(secret in said for secret in ("geheim", "heimlich", "k-123", "/home/me"))
