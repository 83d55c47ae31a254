"""The theme that the program starts with is there before its rules of style are read, which is then done once."""

from __future__ import annotations

from textual.app import App

from recsys_tui.tui.keymap.held_keys import HeldKeysApp


class FirstThemeApp(HeldKeysApp):
    """An application that reads its rules of style anew where another theme is chosen, and not when it starts."""

    _read_with: dict[str, str] | None = None

    def start_with_theme(self, name: str) -> None:
        """Take a theme before the application runs."""
        self.set_reactive(App.theme, name)
        self._read_with = self.get_css_variables()
        self.stylesheet.set_variables(self._read_with)

    def refresh_css(self, animate: bool = True) -> None:
        """Apply the theme, unless the rules were read with it just before: Textual asks for that at every start."""
        before, self._read_with = self._read_with, None
        if before is None or before != self.get_css_variables():
            super().refresh_css(animate)
