"""The theme that the program starts with is there before its rules of style are read, which is then done once."""

from __future__ import annotations

from textual.app import App

from recsys_tui.tui.keymap.held_keys import HeldKeysApp


class FirstThemeApp(HeldKeysApp):
    """An application that reads its rules of style anew where another theme is chosen, and not when it starts."""

    def start_with_theme(self, name: str) -> None:
        """Take a theme before the application runs."""
        self.set_reactive(App.theme, name)
        read_with = self.get_css_variables()
        self.stylesheet.set_variables(read_with)

        def unless_read(animate: bool = True) -> None:
            """Textual asks for this at every start, just after the rules were read; later ones are left to it."""
            del self.refresh_css
            if self.get_css_variables() != read_with:
                self.refresh_css(animate)

        self.refresh_css = unless_read  # type: ignore[method-assign]
