"""The theme that the program starts with is there before its rules of style are read, which is then done once."""

from __future__ import annotations

from recsys_tui.tui.keymap.held_keys import HeldKeysApp


class FirstThemeApp(HeldKeysApp):
    """An application that reads its rules of style anew where another theme is chosen, and not when it starts."""

    def start_with_theme(self, name: str) -> None:
        """Take a theme while the application loads: before any rules are read."""
        if name == self.theme:
            return

        def read_already(animate: bool = True) -> None:
            """Stands in for what Textual asks for with every theme, this once; later themes are left to it."""
            del self.refresh_css
            if self.get_css_variables() != read_with:
                self.refresh_css(animate)

        self.refresh_css = read_already  # type: ignore[method-assign]
        self.theme = name
        read_with = self.get_css_variables()
        self.stylesheet.set_variables(read_with)
