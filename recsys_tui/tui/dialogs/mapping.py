"""The mapping dialog: which column is what, over the first rows of the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from recsys_tui.data.dataset import ColumnChoice, Mapping
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.store.identity import Identity
from recsys_tui.tui.background import WorkerThread
from recsys_tui.tui.column_decisions import BAD, ROLES, ColumnDecisions
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.messages import PreviewFailed, PreviewRead
from recsys_tui.tui.sample_rows import first_rows
from recsys_tui.tui.widgets.line_table import Column, LineTable
from recsys_tui.tui.widgets.sample_grid import SampleGrid

if TYPE_CHECKING:
    from recsys_tui.data.preview import Preview
    from recsys_tui.store.home import Home

LOW, SNUG, NARROW, WIDE = 18, 26, 60, 104
NARROWEST, WIDEST = 12, 30
EXAMPLES = 3


class MappingDialog(Dialog[Mapping | None]):
    """Returns the mapping to open the data with, or None for Escape and where nothing was changed in open data.

    The file is read, and detection asked anew after every choice, by ``worker``; answers to an earlier question are
    dropped. ``error``: why the data did not open; ``known``: the columns of data that is open; ``pseudonyms``: what
    could name somebody is shown as a tag.
    """

    CSS_PATH = "mapping.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="mapping.close"),
        Binding("enter", "accept", say("tui.key_map_open"), id="mapping.open"),
        Binding("space", "list", say("tui.key_map_list"), id="mapping.list"),
        Binding("up,k", "move(-1)", show=False, id="mapping.up"),
        Binding("down,j", "move(1)", show=False, id="mapping.down"),
        Binding("left,h", "step(-1)", show=False, id="mapping.previous"),
        Binding("right,l", "step(1)", show=False, id="mapping.next"),
        Binding("backspace,delete", "detect", say("tui.map_detection"), show=False, id="mapping.detect"),
        Binding("pageup", "rows(-5)", show=False, id="mapping.rows_up"),
        Binding("pagedown", "rows(5)", show=False, id="mapping.rows_down"),
    ]

    def __init__(
        self,
        identity: Identity,
        worker: WorkerThread,
        home: Home,
        error: UserError | None = None,
        known: Sequence[ColumnChoice] = (),
        pseudonyms: bool = False,
    ) -> None:
        super().__init__()
        self._identity, self._worker, self._error, self._known = identity, worker, error, tuple(known)
        self.decisions: ColumnDecisions | None = None
        self._first: ColumnDecisions | None = None
        self._asked, self._answered, self._wanted, self._home = 0, 0, False, home
        self._pseudonyms = pseudonyms

    def compose(self) -> ComposeResult:
        with Vertical(id="mapping") as box:
            box.border_title = Text(say("tui.map_title", name=neutral_text(self._identity.path.name)))
            yield Static(self._reason(), markup=False, id="mapping-reason")
            table = LineTable(self._table_columns(), id="mapping-roles")
            table.can_focus = False
            yield table
            yield Static(say("tui.map_reading"), markup=False, id="mapping-verdict")
            yield SampleGrid(id="mapping-rows")

    def _reason(self) -> str:
        if self._error is None:
            return say("tui.map_intro")
        named = {"data.ambiguous": "tui.map_ambiguous", "data.no_column_for": "tui.map_no_column_for"}
        told = named.get(self._error.message_id)
        return str(self._error) if told is None else say(told, **self._error.fields)

    def on_mount(self) -> None:
        identity, home, tagged = self._identity, self._home, self._pseudonyms
        self._ask(lambda: first_rows(identity.path, identity.mapping, home, tagged))

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < LOW, "low")
        self.set_class(event.size.height < SNUG, "snug")
        keys = say("tui.map_keys_wide" if event.size.width >= WIDE else "tui.map_keys")
        self.query_one("#mapping").border_subtitle = keys
        self._draw()

    # --- reading and detecting, on the worker's thread -----------------------------------------------------------

    def _ask(self, look: Callable[[], Preview]) -> None:
        self._asked += 1
        number = self._asked

        def task() -> None:
            try:
                found = look()
            except UserError as error:
                self.post_message(PreviewFailed(str(error)))
            else:
                self.post_message(PreviewRead(number, found))

        self._worker.submit(task, kind="columns")

    def on_preview_read(self, event: PreviewRead) -> None:
        if event.number != self._asked:
            return
        self._answered = event.number
        if self.decisions is None:
            self.decisions = self._first = ColumnDecisions.first(event.preview, self._known)
            self.query_one(LineTable).cursor = self._where_to_look()
        else:
            self.decisions = self.decisions.seen(event.preview)
        self._draw()
        if self._wanted:
            self.action_accept()

    def on_preview_failed(self, event: PreviewFailed) -> None:
        self.query_one("#mapping-verdict", Static).update(f"{BAD} {event.sentence}")

    # --- drawing ---------------------------------------------------------------------------------------------------

    def _table_columns(self) -> tuple[Column, ...]:
        width = self.app.size.width
        roles = max(cell_len(say(f"data.role_{role}")) for role in ROLES) + 2
        names = () if self.decisions is None else self.decisions.preview.columns
        widest = min(WIDEST, max((cell_len(name) for name in names), default=0) + 4)
        column = Column(say("tui.map_column"), 0 if width < NARROW else max(NARROWEST, widest))
        first = (Column(say("tui.map_role"), roles), column)
        sure = Column(say("tui.map_sure"), 4, right=True, muted=True)
        return (*first, sure) if width < NARROW else (*first, sure, Column(say("tui.map_reason"), muted=True))

    def _draw(self) -> None:
        decisions, table = self.decisions, self.query_one(LineTable)
        if decisions is None:
            return
        verdict = decisions.verdict()
        table.columns = self._table_columns()
        rows = []
        for place, role in enumerate(ROLES):
            choice = decisions.choice(role)
            column = say("tui.map_none") if choice is None else choice.column
            row = [
                f"{verdict.mark if role in verdict.roles else ' '} {say(f'data.role_{role}')}",
                f"◂ {column} ▸" if place == table.cursor else f"  {column}",
                "" if choice is None else f"{choice.confidence:.0%}",
                "" if choice is None else choice.why,
            ]
            rows.append(row[: len(table.columns)])
        table.show(len(rows), lambda start, stop: rows[start:stop])
        self.query_one("#mapping-verdict", Static).update(f"{verdict.mark} {verdict.sentence}")
        playing = {choice.column: say(f"data.role_{role}") for role in ROLES if (choice := decisions.choice(role))}
        here = decisions.choice(self._role)
        preview = decisions.preview
        self.query_one(SampleGrid).show(preview.columns, preview.rows, playing, here.column if here else None)

    # --- keys ------------------------------------------------------------------------------------------------------

    @property
    def _role(self) -> str:
        """The role under the cursor."""
        return ROLES[self.query_one(LineTable).cursor]

    def _where_to_look(self) -> int:
        """The first role that needs a decision, else the first of all."""
        roles = self.decisions.verdict().roles if self.decisions is not None else ()
        return ROLES.index(roles[0]) if roles else 0

    def action_move(self, steps: int) -> None:
        self.query_one(LineTable).action_move(steps)

    @on(LineTable.Highlighted)
    def _other_role(self, event: LineTable.Highlighted) -> None:
        event.stop()
        self._draw()

    def action_step(self, steps: int) -> None:
        if self.decisions is not None:
            self._decide(self.decisions.step(self._role, steps))

    def action_detect(self) -> None:
        if self.decisions is not None:
            self._decide(self.decisions.name(self._role, None))

    def action_rows(self, steps: int) -> None:
        self.query_one(SampleGrid).scroll_rows(steps)

    @on(LineTable.Chosen)
    def action_list(self) -> None:
        """All columns of the file in a list, with what they hold."""
        if self.decisions is None:
            return
        role, preview = self._role, self.decisions.preview
        offers = [Offer("", say("tui.map_detection"))]
        for place, column in enumerate(preview.columns):
            values = dict.fromkeys(row[place] for row in preview.rows if row[place])
            offers.append(Offer(str(place), column, " · ".join([*values][:EXAMPLES])))
        title = say("tui.map_choose", role=say(f"data.role_{role}"))
        self.app.push_screen(ChoiceDialog(title, offers), lambda value: self._listed(role, value))

    def _listed(self, role: str, value: str | None) -> None:
        if value is not None and self.decisions is not None:
            column = self.decisions.preview.columns[int(value)] if value else None
            self._decide(self.decisions.name(role, column))

    def _decide(self, decisions: ColumnDecisions) -> None:
        """Show a decision at once; what detection makes of the rest follows."""
        self.decisions, self._wanted = decisions, False
        preview, mapping = decisions.preview, decisions.mapping()
        self._ask(lambda: preview.under(mapping))
        self._draw()

    def action_accept(self) -> None:
        """Open the data like this, once detection has said what it makes of the latest choice."""
        decisions = self.decisions
        self._wanted = decisions is not None and self._answered != self._asked
        if decisions is None or self._wanted:
            return
        verdict = decisions.verdict()
        if verdict.mark == BAD:
            self.notify(verdict.sentence, severity="warning", markup=False)
        elif self._first is not None and decisions.named == self._first.named and self._error is None:
            self.dismiss(None)
        else:
            self.dismiss(decisions.mapping(complete=True))
