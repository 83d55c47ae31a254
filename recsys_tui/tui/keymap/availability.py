"""Whether a key can do anything now, and if not, why: the one place that keys, help, palette and last line ask."""

from __future__ import annotations

from collections.abc import Callable, Collection

from recsys_tui.output.messages import say
from recsys_tui.tui.state.workbench import WorkbenchState

ShownKey = Callable[[str], str]
NEEDS_DATA = frozenset(
    ("user.pick", "item.pick", "train.start", "train.parameters", "data.columns", "details", "take.copy", "take.export")
)
NEEDS_MODEL = frozenset(("user.model", "compare.run", "compare.blind", "edit.what_if", "explain.audit"))
NEEDS_PERSON = frozenset(
    ("user.previous", "user.next", "user.model", "user.why", "item.like", "item.dislike", "edit.undo", "edit.redo",
     "edit.what_if", "compare.blind")
)  # fmt: skip
NEEDS_TRAINING = frozenset(("train.stop", "train.discard"))
# What a view has to offer for a key of tables: the name of its method.
NEEDS_TABLE = {
    "table.filter": "open_filter",
    "table.next_match": "open_filter",
    "table.previous_match": "open_filter",
    "table.sort": "sort",
    "table.sort_reverse": "sort",
}
# What of a person's edits has to be there.
UNDONE = {"edit.undo": "done", "edit.redo": "undone"}
CLUSTERS = "cluster."


def why_not(name: str, state: WorkbenchState, mode: str, offers: Collection[str], key: ShownKey) -> str | None:
    """Why the key of an id can do nothing now, in one sentence; None where it can.

    ``offers``: the names of the methods that the view of the mode has. ``key``: the present key of an id, as shown.
    """
    table = NEEDS_TABLE.get(name)
    if table is not None and table not in offers:
        return say("shell.no_list")
    if name in NEEDS_TRAINING:
        compares = name == "train.stop" and state.compared.run is not None
        return None if state.training or compares else say("shell.nothing_trains")
    needs_model = name in NEEDS_MODEL or name.startswith(CLUSTERS)
    if (name in NEEDS_DATA or name in NEEDS_PERSON or needs_model) and state.dataset is None:
        return say("shell.nothing_open", key=key("data.open")) if state.step == "none" else say("shell.still_reading")
    if needs_model and state.model is None:
        return state.why_no_model if state.training else say("shell.no_model", key=key("train.start"))
    if name in NEEDS_PERSON and state.person is None:
        return say("shell.nobody_to_rank", key=key("user.pick"))
    if name in UNDONE and state.person is not None and state.person.heard:
        edits = state.person.trial if state.person.what_if else state.edits.get(state.person.user)
        if edits is None or not getattr(edits, UNDONE[name]):
            return say(
                "live.nothing_to_undo" if UNDONE[name] == "done" else "live.nothing_to_redo", user=state.person.user
            )
    if name == "user.why" and mode != "users":
        return say("shell.only_users", key=key("mode.users"))
    return None
