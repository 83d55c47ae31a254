"""The keys of the workbench, and how the help lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.binding import ActiveBinding, Binding, BindingType

from recsys_tui.output.messages import say

WORKBENCH_KEYS: list[BindingType] = [
    Binding("1", "mode('home')", say("tui.mode_home"), show=False, id="mode.home"),
    Binding("2", "mode('train')", say("tui.mode_train"), show=False, id="mode.train"),
    Binding("3", "mode('clusters')", say("tui.mode_clusters"), show=False, id="mode.clusters"),
    Binding("4", "mode('users')", say("tui.mode_users"), show=False, id="mode.users"),
    Binding("u", "pick_user", say("tui.key_user"), id="user.pick"),
    Binding("t", "train", say("tui.key_train"), id="train.start"),
    Binding("m", "ranker(1)", say("tui.key_model"), id="user.model"),
    Binding("x", "why", say("tui.key_why"), id="user.why"),
    Binding("left_square_bracket", "neighbour(-1)", say("tui.key_previous"), show=False, id="user.previous"),
    Binding("right_square_bracket", "neighbour(1)", say("tui.key_next"), show=False, id="user.next"),
    Binding("K", "stop_job", say("tui.key_stop"), show=False, id="train.stop"),
    Binding("D", "discard_job", say("tui.key_discard"), show=False, id="train.discard"),
    Binding("o", "open_other", say("tui.key_open"), show=False, id="data.open"),
    Binding("c", "columns", say("tui.key_columns"), show=False, id="data.columns"),
    Binding("question_mark", "keys", say("tui.key_help"), id="help"),
    Binding("q", "leave", say("tui.key_quit"), id="quit"),
    Binding("ctrl+q", "leave", show=False, priority=True, id="quit.control"),
    Binding("ctrl+c", "leave", show=False, id="quit.interrupt"),
    Binding("escape", "back", show=False, id="back"),
]
MOVING = ("move", "ends", "pane")


def help_rows(active: Iterable[ActiveBinding], display: Callable[[Binding], str]) -> list[tuple[str, str]]:
    """The (keys, what they do) of a screen, by what they do; ``display`` names the key of a binding."""
    described = [entry.binding for entry in active if entry.binding.description and entry.binding.id]
    keys = {display(binding): binding.description for binding in described}
    moving = [(say(f"tui.keys_{name}"), say(f"tui.keys_{name}_do")) for name in MOVING]
    return sorted([*keys.items(), *moving], key=lambda row: row[1])
