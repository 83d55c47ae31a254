"""The screen as a picture that asks for nothing when it is looked at."""

from __future__ import annotations

import io
import re
from typing import Any

from rich.console import Console
from textual.app import App

# Fonts come from the machine that shows it.
_ASKING = re.compile(r"@font-face\s*\{.*?\}|<!--.*?-->", re.DOTALL)


def self_contained(svg: str) -> str:
    """A picture without what would be fetched from elsewhere."""
    return _ASKING.sub("", svg)


def recorded_screen(app: App[Any]) -> Console:
    """What is on screen now. Only this needs the application's thread; the picture is drawn from it on any."""
    width, height = app.size
    console = Console(
        width=width,
        height=height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
        safe_box=False,
    )
    console.print(app.screen._compositor.render_update(full=True, screen_stack=app._background_screens))
    return console


def picture_of(recorded: Console, title: str) -> str:
    """The picture as SVG."""
    return self_contained(recorded.export_svg(title=title))
