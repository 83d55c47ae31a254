"""Themes: chosen with the eye, high contrast that is one, and everything visible without colours."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.filter import ANSIToTruecolor
from textual.theme import BUILTIN_THEMES
from textual.widgets import OptionList

from recsys_tui.recommend.session import Session
from recsys_tui.store.settings import Settings
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.themes import ThemeDialog
from recsys_tui.tui.themes import CONTRAST, DEFAULT_THEME, Undimmed, theme_names
from recsys_tui.tui.widgets.line_table import LineTable
from tests.tui.test_workbench import until, workbench


def luminance(color: Color) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [value / 255 for value in (color.r, color.g, color.b)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: Color, second: Color) -> float:
    brighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_the_measure_of_contrast():
    assert contrast(Color(0, 0, 0), Color(255, 255, 255)) == pytest.approx(21)
    assert contrast(Color(119, 119, 119), Color(255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_colours_of_the_theme_of_high_contrast():
    colors = {
        name: Color.parse(value)
        for name, value in CONTRAST.to_color_system().generate().items()
        if "#" in value and "%" not in value
    }
    on = [("foreground", ground) for ground in ("background", "surface", "block-cursor-blurred-background")]
    on += [("footer-foreground", "footer-background"), ("panel", "surface")]
    on += [(text, "surface") for text in ("text-muted", "text-disabled", "primary", "error", "warning", "success")]
    on += [("block-cursor-foreground", "block-cursor-background")]
    assert {
        pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in on if contrast(*map(colors.get, pair)) < 7
    } == {}


async def test_every_text_on_screen_has_high_contrast(trained: Session):
    low = {}
    async with workbench(trained, settings=Settings(theme="contrast")) as (app, pilot):
        assert app.theme == "contrast"
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        for key in "123456":
            await pilot.press(key)
            await pilot.pause(0.1)
            for segment in painted(app):
                shown = style(segment)
                if shown.color is None or shown.bgcolor is None or not re.search(r"\w", segment.text):
                    continue
                assert not shown.dim, segment
                found = contrast(Color.from_rich_color(shown.color), Color.from_rich_color(shown.bgcolor))
                if found < 7:
                    low[key, segment.text] = found
    assert low == {}


def painted(app: WorkbenchApp) -> list[Segment]:
    """Every segment that is on the screen."""
    return [segment for strip in app.screen._compositor.render_strips() for segment in strip]


def test_faint_text_is_shown_as_any_other():
    segments = [Segment("a", Style(dim=True, bold=True)), Segment("b", Style(italic=True)), Segment("c")]
    shown = Undimmed().apply(segments, Color(0, 0, 0))
    assert [bool(segment.style and segment.style.dim) for segment in shown] == [False] * 3
    assert shown[0].style is not None
    assert shown[0].style.bold


async def test_a_theme_is_tried_under_the_cursor_and_kept_by_enter(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        assert app.theme == DEFAULT_THEME
        await pilot.press("T")
        await until(pilot, lambda: isinstance(app.screen, ThemeDialog))
        assert app.screen.query_one(OptionList).option_count == len(theme_names()) >= 20
        await pilot.press("down")
        await until(pilot, lambda: app.theme == theme_names()[1] == "contrast")
        await pilot.press("down")
        await until(pilot, lambda: app.theme == theme_names()[2])
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ThemeDialog))
        assert app.theme == DEFAULT_THEME
        await pilot.press("T")
        await until(pilot, lambda: isinstance(app.screen, ThemeDialog))
        await pilot.press("down", "enter")
        await until(pilot, lambda: not isinstance(app.screen, ThemeDialog))
        assert app.theme == "contrast"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_without_colours_what_is_in_use_still_shows(
    trained: Session, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
):
    monkeypatch.setenv("NO_COLOR", "1")
    async with workbench(trained, size) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: app.screen.query_one("#cluster-list", LineTable).count)
        await until(pilot, lambda: any(style(segment).reverse and style(segment).bold for segment in painted(app)))
        assert all(plain(segment) for segment in painted(app))
        table = app.screen.query_one("#cluster-list", LineTable)
        cursor = table.render_line(table.cursor + 1)
        assert all(style(segment).reverse for segment in cursor)
        assert not any(style(segment).reverse for segment in table.render_line(table.cursor + 2))
        await pilot.press("t")
        await until(pilot, lambda: len(app.screen_stack) > 1 and app.screen.query(OptionList))
        await pilot.pause(0.1)
        options = app.screen.query_one(OptionList)
        strips = app.screen._compositor.render_strips()
        region = options.content_region
        lines = ["".join(s.text for s in strip if style(s).reverse) for strip in strips[region.y : region.bottom]]
        assert sum(bool(line.strip()) for line in lines) == 1
        assert all(plain(segment) for segment in painted(app))


def style(segment: Segment) -> Any:
    return segment.style or Style()


def plain(segment: Segment) -> bool:
    """No colour but the terminal's own."""
    shown = style(segment)
    return all(color is None or color.is_default for color in (shown.color, shown.bgcolor))


async def test_no_sgr_colours_are_written(trained: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with workbench(trained, (80, 24)) as (app, _pilot):
        written = "".join(style(s).render(s.text, color_system=app.console._color_system) for s in painted(app))
        assert not re.search(r"\x1b\[[0-9;]*[34]8;[25];", written)
        assert isinstance(app, WorkbenchApp)
        assert not isinstance(app.screen, ChoiceDialog)


async def test_rules_of_style_are_read_anew_for_another_theme_alone(trained: Session, monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []
    anew = Stylesheet.reparse

    def reparse(sheet: Stylesheet) -> None:
        read.append(app.theme)
        anew(sheet)

    monkeypatch.setattr(Stylesheet, "reparse", reparse)
    app = WorkbenchApp("films", None, trained.home, no_train=True, settings=Settings(theme="contrast"))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.screen.styles.background == Color.parse(CONTRAST.background or "")
        assert read == []
        assert "refresh_css" not in vars(app)  # later themes are the toolkit's own matter
        app.use_theme("nord")
        await pilot.pause()
        assert read == ["nord"]
        assert app.screen.styles.background == Color.parse(BUILTIN_THEMES["nord"].background or "")


@pytest.mark.parametrize(("theme", "own_colours"), [("ansi-light", False), (DEFAULT_THEME, True)])
async def test_a_theme_of_the_terminals_colours_has_them_from_the_start(
    trained: Session, theme: str, own_colours: bool
):
    async with workbench(trained, settings=Settings(theme=theme)) as (app, _pilot):
        assert [found.enabled for found in app._filters if isinstance(found, ANSIToTruecolor)] == [own_colours]
        assert app.has_class("-light-mode") is not own_colours
