"""For tests that read many workbooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.batch import workbook


@pytest.fixture(scope="module")
def one_process() -> Iterator[None]:
    """Reading ends the process that parsed the workbook; here it would start anew for each example."""
    close, workbook.SANDBOX.close = workbook.SANDBOX.close, lambda: None  # type: ignore[method-assign]
    yield
    workbook.SANDBOX.close = close  # type: ignore[method-assign]
    workbook.SANDBOX.close()
