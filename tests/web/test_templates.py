"""HTML comes from templates alone, and what they are given is escaped where it stands."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

import rag.web
from rag.web.html import templates
from rag.web.html.markup import to_html
from rag.web.html.templates import attributes

from .test_markup import HOSTILE, TEXTS, read

MODULES = sorted(Path(rag.web.__file__).parent.rglob("*.py"))


def rendered(template: str, **values: object) -> str:
    return str(templates._environment().from_string(template).render(values))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_are_text_between_tags_and_inside_them(text: str) -> None:
    found = read(rendered('<p title="{{ x }}" {% if x %}data-x="{{ x }}"{% endif %}>{{ x }}</p>{{ x }}', x=text))
    assert found.elements == [("p", {"title": text, "data-x": text})]
    assert found.text == text * 2


@given(TEXTS)
def test_any_value_reads_as_itself(text: str) -> None:
    found = read(rendered('{% macro m(x) %}<i title="{{ x }}">{{ x }}</i>{% endmacro %}{{ m(x) }}', x=text))
    assert found.text == text
    assert re.sub("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", text) == found.elements[0][1]["title"]


@given(st.sampled_from(HOSTILE))
def test_html_that_strays_into_an_attribute_is_text_there(text: str) -> None:
    found = read(rendered('<i title="{{ x }}"></i>', x=to_html(text)))
    assert found.elements == [("i", {"title": str(to_html(text))})]


def test_what_was_made_html_before_stays_html_between_tags() -> None:
    assert rendered("<p>{{ x }}</p>", x=Markup("<b>1</b>")) == "<p><b>1</b></p>"


def test_direction_controls_are_boxed_in_text_and_dropped_in_attributes() -> None:
    assert rendered('<p title="{{ x }}">{{ x }}</p>', x="a\u202eb") == (
        '<p title="ab">a<bdi class="control" data-code="U+202E">\u202e</bdi>b</p>'
    )


def test_lines_of_a_template_are_none_of_the_page() -> None:
    template = '<p\n  class="a"\n  id="b">\n  {{ x }}\n  {% if x %}\n    <i>c</i>\n  {% endif %}\n</p>\n'
    assert rendered(template, x="1\n2") == '<p class="a" id="b">1\n2<i>c</i></p>'


def test_whole_attributes_are_written_for_a_tag() -> None:
    given = attributes({"title": '"><script>', "hidden": True, "lang": False})
    assert rendered("<i {{ x }}></i>", x=given) == '<i title="&quot;&gt;&lt;script&gt;" hidden></i>'


def test_a_value_that_was_forgotten_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        rendered("<p>{{ x.misspelt }}</p>", x={})


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_module_puts_values_into_html_by_hand(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    by_hand = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and re.search(r"</?[a-zA-Z]|/?>$", ast.unparse(node))
    ]
    assert by_hand == []


def test_every_template_can_be_read() -> None:
    for path in Path(rag.web.__file__).parent.rglob("*.html"):
        name = path.relative_to(Path(rag.web.__file__).parent).as_posix()
        assert templates._environment().get_template(name).module
