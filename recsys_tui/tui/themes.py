"""The themes: those of the toolkit, and one of high contrast."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor
from textual.theme import BUILTIN_THEMES, Theme

_NOT_DIM = Style(dim=False)
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
    panel="#595959",
    boost="#000000",
    dark=True,
    text_alpha=1.0,
    variables={
        "text-muted": "#e0e0e0",
        "text-disabled": "#bdbdbd",
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


def filters_of(app: App[int], filters: Sequence[LineFilter]) -> list[LineFilter]:
    """How lines are changed before they are painted: no colours at all where NO_COLOR asks for none, rather than
    shades of grey; nothing faint in high contrast."""
    kept = [NoColor() if isinstance(each, Monochrome) else each for each in filters]
    return [*kept, Undimmed()] if app.theme == CONTRAST.name else kept
