"""The keys of the workbench, and which of them the last line shows."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from recsys_tui.output.messages import CATALOGUE, say

MODES = ("home", "train", "clusters", "users", "items", "compare")


def _key(keys: str, action: str, name: str, does: str | None = None) -> Binding:
    """A key of every mode: ``name`` is the id by which the configuration changes it, ``does`` a message id."""
    return Binding(keys, action, "" if does is None else say(does), show=False, id=name)


# In the order in which help lists them. Keys of one view alone stand with that view and come first there.
WORKBENCH_KEYS: list[BindingType] = [
    *(_key(str(place), f"mode('{mode}')", f"mode.{mode}", f"tui.mode_{mode}") for place, mode in enumerate(MODES, 1)),
    _key("u", "pick_user", "user.pick", "tui.key_user"),
    _key("i", "pick_item", "item.pick", "tui.key_item"),
    _key("left_square_bracket", "neighbour(-1)", "user.previous", "tui.key_previous"),
    _key("right_square_bracket", "neighbour(1)", "user.next", "tui.key_next"),
    _key("plus", "opinion('like')", "item.like", "tui.key_like"),
    _key("minus", "opinion('dislike')", "item.dislike", "tui.key_dislike"),
    _key("z", "undo", "edit.undo", "tui.key_undo"),
    _key("Z", "redo", "edit.redo", "tui.key_redo"),
    _key("w", "what_if", "edit.what_if", "tui.key_what_if"),
    _key("F", "list_options", "list.options", "tui.key_list_options"),
    _key("x", "why", "user.why", "tui.key_why"),
    _key("m", "choose_ranker", "user.model", "tui.key_model"),
    _key("slash", "filter", "table.filter", "tui.key_filter"),
    _key("n", "match(1)", "table.next_match", "tui.key_next_match"),
    _key("N", "match(-1)", "table.previous_match", "tui.key_previous_match"),
    _key("s", "sort(1)", "table.sort", "tui.key_sort"),
    _key("S", "sort(-1)", "table.sort_reverse", "tui.key_sort_reverse"),
    _key("f", "maximise", "pane.maximise", "tui.key_maximise"),
    _key("d", "details", "details", "tui.key_details"),
    _key("t", "train", "train.start", "tui.key_train"),
    _key("K", "stop_job", "train.stop", "tui.key_stop"),
    _key("D", "discard_job", "train.discard", "tui.key_discard"),
    _key("p", "parameters", "train.parameters", "tui.key_parameters"),
    _key("L", "log", "train.log", "tui.key_log"),
    _key("b", "blind", "compare.blind", "tui.key_blind"),
    _key("A", "audit", "explain.audit", "audit.key"),
    _key("y", "copy", "take.copy", "tui.key_copy"),
    _key("e", "export", "take.export", "tui.key_export"),
    _key("o", "open_other", "data.open", "tui.key_open"),
    _key("c", "columns", "data.columns", "tui.key_columns"),
    _key("T", "themes", "theme", "tui.key_theme"),
    _key("colon,ctrl+p", "palette", "palette", "tui.key_palette"),
    _key("question_mark", "keys", "help", "tui.key_help"),
    _key("q", "leave", "quit", "tui.key_quit"),
    Binding("ctrl+q", "leave", show=False, priority=True, id="quit.control"),
    Binding("ctrl+c", "interrupt", show=False, priority=True, id="quit.interrupt"),
    Binding("escape", "back", show=False, id="back"),
]
# What the last line shows in each mode, by id: at most seven, the most wanted first.
FOOTER_KEYS: dict[str, tuple[str, ...]] = {
    "home": ("user.pick", "train.start", "data.columns", "details", "data.open", "help", "quit"),
    "train": ("train.start", "train.stop", "train.discard", "train.log", "train.parameters", "help", "quit"),
    "clusters": ("cluster.compare", "cluster.rename", "table.filter", "table.sort", "user.pick", "help", "quit"),
    "users": ("item.like", "item.dislike", "edit.undo", "edit.what_if", "user.why", "user.model", "help"),
    "items": ("item.pick", "item.like", "item.dislike", "table.filter", "take.copy", "help", "quit"),
    "compare": ("compare.run", "compare.blind", "user.pick", "user.next", "take.copy", "help", "quit"),
}


def short_word(name: str, does: str) -> str:
    """What the last line says of the key of an id: a short word where what it does is long."""
    known = f"shell.short_{name.replace('.', '_')}"
    return say(known) if known in CATALOGUE else does
