"""What reading must not do: work that nobody needs, or the same work again. Speed itself is measured by benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from typing import Any

import pptx
import pytest
from pptx.shapes.shapetree import LayoutPlaceholders
from pptx.util import Inches

from rag.corpus.formats import slides

_SENTENCES = "<p>受付は平日の九時から十七時までで、土曜日と日曜日と祝日は休みます。</p>" * 8


def modules_after(code: str) -> set[str]:
    """The modules that a new process has loaded behind some code."""
    program = f"{code}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("said", "is_searched_for"), [("最終更新:2025年4月10日", False), ("三号館の開館:2025年4月10日に開く予定", True)]
)
def test_dates_of_all_languages_are_loaded_only_for_a_page_that_does_not_say_its_own(
    said: str, is_searched_for: bool
) -> None:
    page = f"<html><body><article><h1>案内</h1><p>{said}</p>{_SENTENCES}</article></body></html>"
    code = (
        "from rag.corpus.assembly import document_from\n"
        f"document_from('html', 'a.html', {page!r}.encode(), {{'format': 'html'}})"
    )
    loaded = [name for name in modules_after(code) if name.startswith("dateparser.data.date_translation_data.")]
    assert bool(loaded) == is_searched_for


def test_the_process_that_has_files_read_loads_no_rules_for_reading_them() -> None:
    loaded = modules_after("import rag.corpus.reading")
    assert not loaded & {"rag.corpus.assembly", "rag.corpus.structure", "lxml.etree"}


def test_the_worker_loads_what_reads_pages_and_mail_only_when_they_come() -> None:
    loaded = modules_after("import rag.corpus.sandbox.worker")
    assert not loaded & {"rag.corpus.formats.html", "rag.corpus.formats.mail", "email.message", "lxml.etree"}


def test_where_a_placeholder_stands_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text_frame.text = "題"
    slide.placeholders[1].text_frame.text = "本文"
    buffer = BytesIO()
    presentation.save(buffer)
    asked = []
    get = LayoutPlaceholders.get

    def counted(self: Any, *arguments: Any, **named: Any) -> Any:
        asked.append(named)
        return get(self, *arguments, **named)

    monkeypatch.setattr(LayoutPlaceholders, "get", counted)
    assert slides.read(buffer.getvalue()).text == "題\n本文\n"
    assert len(asked) == 1


def test_what_a_layout_writes_is_read_once_for_all_its_slides(monkeypatch: pytest.MonkeyPatch) -> None:
    presentation = pptx.Presentation()
    layout = presentation.slide_layouts[6]
    layout.shapes._spTree.append(_box(presentation, "汐凪設計"))
    for words in ("一", "二", "三"):
        slide = presentation.slides.add_slide(layout)
        slide.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = words
    buffer = BytesIO()
    presentation.save(buffer)
    looked_at = []
    flat = slides._flat

    def counted(shapes: Any, depth: int = 0) -> Any:
        looked_at.append(type(shapes).__name__)
        return flat(shapes, depth)

    monkeypatch.setattr(slides, "_flat", counted)
    assert slides.read(buffer.getvalue()).text.split() == ["汐凪設計", "一", "二", "三"]
    assert looked_at.count("LayoutShapes") == looked_at.count("MasterShapes") == 1


def _box(presentation: Any, words: str) -> Any:
    """A text box that belongs to no slide."""
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    box = slide.shapes.add_textbox(0, Inches(5), Inches(2), Inches(1))
    box.text_frame.text = words
    element = box._element
    element.getparent().remove(element)
    return element
