"""HTML from templates, in which every value is escaped for the place it stands in: nobody can forget to.

A template holds macros, which are called like functions. Its own line breaks and indentations are for its readers: they
come to nothing between elements, and to a space inside a tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token
from markupsafe import Markup

from rag.web.html.markup import attribute, to_html

_BREAK = re.compile(r"\s*\n\s*")


class Template:
    """The macros of one template; a name that it has not is an ``AttributeError``."""

    def __init__(self, name: str) -> None:
        """``name`` is its path in ``rag/web``, with ``/`` between folders."""
        self._name = name

    def __getattr__(self, macro: str) -> Callable[..., Markup]:
        return cast(Callable[..., Markup], getattr(_environment().get_template(self._name).module, macro))


def asset(name: str) -> str:
    """A style or a script of ``rag/web/assets``."""
    return files("rag.web").joinpath("assets", name).read_text(encoding="utf-8")


def style_of(*names: str) -> Markup:
    """Styles of ``rag/web/assets`` one behind the other, to stand in a page by themselves."""
    return Markup("".join(map(asset, names)))  # noqa: S704 (our own)


class _Attributes(Markup):
    """Whole attributes, escaped already: the only values that go into a tag as they are."""


class _ByPlace(Extension):
    """Values inside a tag are escaped as attributes; all others as text, by ``finalize``."""

    def filter_stream(self, stream: Iterable[Token]) -> Iterator[Token]:
        inside = False
        for token in stream:
            if token.type == "data":
                inside, tidied = _tidied(str(token.value), inside)
                yield Token(token.lineno, "data", tidied)
            elif inside and token.type == "variable_begin":
                yield from (token, Token(token.lineno, "lparen", "("))
            elif inside and token.type == "variable_end":
                filtered = (("rparen", ")"), ("pipe", "|"), ("name", _in_tag.__name__))
                yield from (Token(token.lineno, kind, value) for kind, value in filtered)
                yield token
            else:
                yield token


def _tidied(text: str, inside: bool) -> tuple[bool, str]:
    """A template's own text without its line breaks, and whether it ends inside a tag."""
    pieces = []
    for piece in re.split("([<>])", text):
        inside = piece == "<" or (inside and piece != ">")
        pieces.append(_BREAK.sub(" " if inside else "", piece))
    return inside, "".join(pieces)


def _in_tag(value: object) -> Markup:
    return value if isinstance(value, _Attributes) else Markup(attribute(str(value)))  # noqa: S704 (escaped)


def _in_text(value: object) -> object:
    return value if hasattr(value, "__html__") else to_html(str(value))


def attributes(values: Mapping[str, object]) -> _Attributes:
    """Attributes by name, for a tag in a template; ``True`` stands for one without a value, ``False`` for none."""
    given = [(name, value) for name, value in values.items() if value is not False]
    written = (name if value is True else f'{name}="{attribute(str(value))}"' for name, value in given)
    return _Attributes(" ".join(written))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("rag.web", ""),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_in_text,
        extensions=[_ByPlace],
        auto_reload=False,
    )
    environment.filters[_in_tag.__name__] = _in_tag
    environment.globals["attributes"] = attributes
    return environment
