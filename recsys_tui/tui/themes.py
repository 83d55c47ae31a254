"""The themes: those of the toolkit, and one of high contrast."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES, Theme

_NOT_DIM, _REVERSED = Style(dim=False), Style(reverse=True, bold=True)
_PLAIN = Style(color="default", bgcolor="default")
DEFAULT_THEME = "tokyo-night"
# White on black, and black on the brightest colours: every text has a contrast of 7:1 or more (WCAG 2.2, AAA).
CONTRAST = Theme(
    name="contrast",
    primary="#ffff00",
    secondary="#00ffff",
    warning="#ffd700",
    error="#ff9e9e",
    success="#7dff7d",
    accent="#00ffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#a0a0a0",
    boost="#000000",
    dark=True,
    text_alpha=1.0,
    variables={
        "text-muted": "#e0e0e0",
        "text-disabled": "#bdbdbd",
        "footer-background": "#303030",
        "footer-foreground": "#ffffff",
        "border": "#ffffff",
        "border-blurred": "#bdbdbd",
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#303030",
        "block-cursor-blurred-foreground": "#ffffff",
        "input-selection-background": "#00ffff 40%",
        "scrollbar": "#bdbdbd",
        "scrollbar-background": "#000000",
        "scrollbar-hover": "#ffff00",
        "scrollbar-active": "#ffff00",
    },
)


def theme_names() -> list[str]:
    """All themes, the one the program starts with first, then that of high contrast."""
    others = sorted(name for name in BUILTIN_THEMES if name != DEFAULT_THEME)
    return [DEFAULT_THEME, CONTRAST.name, *others]


class Undimmed(LineFilter):
    """Shows faint text as any other: terminals make it as faint as they like."""

    def apply(self, segments: list[Segment], _background: Color) -> list[Segment]:
        """The segments without the attribute ``dim``."""
        return [
            Segment(text, style + _NOT_DIM if style is not None and style.dim else style, control)
            for text, style, control in segments
        ]


class Uncoloured(LineFilter):
    """No colours at all, not even shades of grey; what is on the ground of a cursor is reversed."""

    def __init__(self, cursor: str) -> None:
        super().__init__()
        self._cursor = Color.parse(cursor).rgb

    def apply(self, segments: list[Segment], _background: Color) -> list[Segment]:
        """The segments with their attributes alone."""
        return [Segment(text, style and self._plain(style), control) for text, style, control in segments]

    def _plain(self, style: Style) -> Style:
        ground = style.bgcolor.triplet if style.bgcolor is not None else None
        plain = style + _PLAIN
        return plain + _REVERSED if ground is not None and tuple(ground) == self._cursor else plain


def filters_of(app: App[int], filters: Sequence[LineFilter]) -> list[LineFilter]:
    """How lines are changed before they are painted.

    Where NO_COLOR asks for no colours there are none, and faint text stays faint. In high contrast nothing is: that
    comes first, as others make faint text another colour.
    """
    if app.no_color:
        return [Uncoloured(app.theme_variables["block-cursor-background"])]
    return [Undimmed(), *filters] if app.theme == CONTRAST.name else list(filters)
