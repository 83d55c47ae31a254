"""HTML and SVG made of tags, in which every text and every attribute is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

VOID = ("meta",)


@dataclass(frozen=True)
class Markup:
    """A text that is markup already; only :func:`tag` makes it."""

    text: str


Content = Markup | str


def tag(name: str, /, *contents: Content | Iterable[Content], **attributes: str | float | None) -> Markup:
    """One element. Strings among ``contents`` are text. An attribute's name may end in an underscore (``class_``) and
    has hyphens for underscores within; one that is None is left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{told}>")
    return Markup(f"<{name}{told}>{''.join(_written(content) for content in contents)}</{name}>")


def _written(content: Content | Iterable[Content]) -> str:
    if isinstance(content, Markup):
        return content.text
    if isinstance(content, str):
        return escape(content)
    return "".join(_written(one) for one in content)


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
