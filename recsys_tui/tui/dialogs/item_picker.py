"""The item picker: a search over the catalogue; items under the cursor can be liked and disliked from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.tui.background import WorkerThread
from recsys_tui.tui.dialogs.picker import Picker
from recsys_tui.tui.filters.items import matching_items
from recsys_tui.tui.filters.tags import with_tags
from recsys_tui.tui.widgets.line_table import Column, LineTable

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.pseudonyms import Pseudonyms
    from recsys_tui.recommend.item_index import ItemIndex
    from recsys_tui.tui.state.workbench import WorkbenchState

LEAST_TITLE = 20
MARKS = {"like": "+", "dislike": "–"}


class ItemPicker(Picker):
    """Returns the id of the chosen item, or None. ``index`` gives what to look through, None until it is made.

    ``verdict``: what the person on screen says of an item; ``judge`` is called where they like or dislike the item
    under the cursor, and None where nobody can: both letters are then typed like any other. ``pseudonyms``: where the
    ids of items are tags of people, what makes them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn", say("items.key_turn"), priority=True, id="picker.turn"),
        Binding("plus", "judge('like')", say("tui.key_like"), id="picker.like"),
        Binding("minus", "judge('dislike')", say("tui.key_dislike"), id="picker.dislike"),
    ]

    def __init__(
        self,
        index: Callable[[], ItemIndex | None],
        worker: WorkerThread,
        verdict: Callable[[str], str | None] = lambda _item: None,
        judge: Callable[[str], None] | None = None,
        start: str = "",
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        about = say("items.item_about") if judge is None else say("items.item_about_with_keys")
        super().__init__(worker, say("items.item_hint"), about, say("items.nothing_matches"), start)
        self._index, self._verdict, self._judge = index, verdict, judge
        self._gate, self._pseudonyms = CrowdGate(), pseudonyms

    def columns(self) -> Sequence[Column]:
        """See :class:`Picker`."""
        return (
            Column("", 1),
            Column(say("tui.title"), least=LEAST_TITLE),
            Column(say("items.categories"), 18, muted=True, spare=2),
            Column(say("tui.took_it"), 7, right=True, spare=1),
            Column(say("items.id"), 8, right=True, muted=True),
        )

    def match(self, text: str) -> pl.Series | None:
        """See :class:`Picker`."""
        index = self._index()
        return None if index is None else matching_items(index, with_tags(text, index.rows["id"], self._pseudonyms))

    def cells(self, places: pl.Series) -> list[tuple[str, ...]]:
        """See :class:`Picker`."""
        index = self._index()
        if index is None:
            return []
        return [
            (
                MARKS.get(self._verdict(row["id"]) or "", ""),
                row["title"] or row["id"],
                row["categories"] or "",
                self._few if row["people"] is None else f"{row['people']:,}",
                row["id"],
            )
            for row in index.rows[places].iter_rows(named=True)
        ]

    @property
    def _few(self) -> str:
        return f"<{self._gate.minimum}"

    def id_at(self, place: int) -> str:
        """See :class:`Picker`."""
        index = self._index()
        return "" if index is None else str(index.rows["id"][place])

    def title_of(self, matches: str, milliseconds: str) -> str:
        """See :class:`Picker`."""
        index = self._index()
        items = f"{0 if index is None else index.rows.height:,}"
        return say("items.picker_title", items=items, matches=matches, milliseconds=milliseconds)

    def item_under_cursor(self) -> str | None:
        """The id of the item under the cursor."""
        return self.id_under_cursor()

    def follow(self, _state: WorkbenchState) -> None:
        """Draw the rows anew: the person said something of an item."""
        for table in self.query(LineTable):  # none yet, or none any more
            if self._rows is not None:
                table.show(len(self._rows), self._fetch)

    def action_turn(self) -> None:
        """Go from the line to the list, where + and - are keys, and back."""
        table, line = self.query_one(LineTable), self.query_one("#picker-text", Input)
        table.can_focus = line.has_focus
        (table if table.can_focus else line).focus()

    def action_judge(self, verdict: str) -> None:
        if self._judge is not None and self.id_under_cursor() is not None:
            self._judge(verdict)
