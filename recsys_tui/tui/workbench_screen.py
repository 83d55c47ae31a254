"""The screen of the workbench: rules of style are gone through a view at a time."""

from __future__ import annotations

from textual.screen import Screen
from textual.widgets import ContentSwitcher


class WorkbenchScreen(Screen[None]):
    """Another class of the screen (a new size, a pane that fills it) has every widget go through all rules.

    That takes longer than keys should wait. What is visible goes first, each hidden view in a turn of its own.
    """

    def update_node_styles(self, animate: bool = True) -> None:
        """Have the rules apply anew."""
        update = self.app.stylesheet.update_nodes
        hidden = [view for modes in self.query(ContentSwitcher) for view in modes.children if not view.display]
        apart = [list(view.walk_children(with_self=True)) for view in hidden]
        later = {node for nodes in apart for node in nodes}
        update((node for node in self.walk_children(with_self=True) if node not in later), animate=animate)
        for nodes in apart:
            self.app.call_later(update, nodes)
