"""The screen of the workbench: no more is painted, and styled at once, than what changed."""

from __future__ import annotations

from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher


class Modes(ContentSwitcher):
    """One view at a time. What comes and goes is painted; the switcher itself shows nothing."""

    current: reactive[str | None] = reactive[str | None](None, init=False, repaint=False)


class WorkbenchScreen(Screen[None]):
    """Another class of the screen (a new size, a pane that fills it) has every widget go through all rules.

    That takes longer than keys should wait. What is visible goes first, each hidden view in a turn of its own. Where
    the focus goes, the widgets that lose it and have it are painted, not all that the screen holds.
    """

    focused: reactive[Widget | None] = reactive[Widget | None](None, repaint=False)

    def update_node_styles(self, animate: bool = True) -> None:
        """Have the rules apply anew."""
        update = self.app.stylesheet.update_nodes
        hidden = [view for modes in self.query(Modes) for view in modes.children if not view.display]
        apart = [list(view.walk_children(with_self=True)) for view in hidden]
        later = {node for nodes in apart for node in nodes}
        update((node for node in self.walk_children(with_self=True) if node not in later), animate=animate)
        for nodes in apart:
            self.app.call_later(update, nodes)
