"""Users: one person's history, recommendations, and why, side by side; on a narrow screen one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget

from recsys_tui.data.dataset import TimeKind
from recsys_tui.output.messages import say
from recsys_tui.tui.lines.person import person_lines, person_title, stages_line
from recsys_tui.tui.lines.person_rows import NEWEST_FIRST, HistoryRow, ListRow, history_rows, list_rows
from recsys_tui.tui.lines.why import why_lines, why_title
from recsys_tui.tui.panes import HISTORY, RECOMMENDED, WHY, mark_pane
from recsys_tui.tui.state.workbench import WorkbenchState
from recsys_tui.tui.widgets.filter_line import FilterLine
from recsys_tui.tui.widgets.line_table import Column, LineTable
from recsys_tui.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Recommendations
    from recsys_tui.tui.taking.table import TakenTable

SLIM_COLUMNS = 4  # of the list on a narrow screen
PANES = (HISTORY, RECOMMENDED, WHY)
PANE_NAMES = {HISTORY: "live.pane_history", RECOMMENDED: "live.pane_recommended", WHY: "live.pane_why"}


class WhyPane(VerticalScroll, can_focus=True):
    """Scrolls what speaks for an item."""

    ALLOW_MAXIMIZE = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False, id="why.down"),
        Binding("k", "scroll_up", show=False, id="why.up"),
        Binding("ctrl+d", "page_down", show=False, id="why.page_down"),
        Binding("ctrl+u", "page_up", show=False, id="why.page_up"),
        Binding("g", "scroll_home", show=False, id="why.start"),
        Binding("G", "scroll_end", show=False, id="why.end"),
        Binding("enter", "app.keep_what_if", show=False, id="why.keep"),
    ]


class UsersView(Vertical):
    """The person on screen. What was typed to filter, how the history is sorted and which pane is in use stay here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "pane(1)", show=False, id="users.next_pane"),
        Binding("shift+tab", "pane(-1)", show=False, id="users.previous_pane"),
    ]

    class Looking(Message):
        """An item of a list is looked at, where there is room to say why it is there."""

        def __init__(self, answer: Recommendations, item: str) -> None:
            super().__init__()
            self.answer, self.item = answer, item

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.state = WorkbenchState()
        self.order = NEWEST_FIRST
        self.pane = RECOMMENDED
        self._before_why = RECOMMENDED
        self._typed = {HISTORY: "", RECOMMENDED: ""}
        self._history: list[HistoryRow] = []
        self._list: list[ListRow] = []
        self._drawn: dict[str, tuple[object, ...]] = {}
        self._entitled: dict[tuple[str | None, str], str] = {}

    def compose(self) -> ComposeResult:
        yield Panel("", id="person")
        with Horizontal(id="person-lists"):
            yield LineTable((Column(say("tui.title")),), id=HISTORY)
            yield LineTable((Column(say("tui.title")),), id=RECOMMENDED)
            with WhyPane(id=WHY):
                yield Panel("", id="why")
        yield FilterLine(id="users-filter")

    def on_mount(self) -> None:
        self._turn_to(self.pane)

    # --- panes -------------------------------------------------------------------------------------------------------

    def focus_first(self) -> None:
        """Focus the pane that was in use."""
        self.query_one(f"#{self.pane}").focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget.id in PANES and event.widget.id != self.pane:
            self._turn_to(event.widget.id)

    def _turn_to(self, pane: str) -> None:
        self.pane = pane
        mark_pane(self, PANES, pane)
        self._subtitles()

    def action_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        self._go_to(PANES[(PANES.index(self.pane) + step) % len(PANES)])

    def _go_to(self, pane: str) -> None:
        self._turn_to(pane)
        screen, widget = self.screen, self.query_one(f"#{pane}")
        if screen.maximized is not None and screen.maximized.id in PANES:
            screen.maximize(widget, container=False)
        widget.focus()

    def turn_to_why(self) -> None:
        """Go to what speaks for the item; from there, back to where one was."""
        if self.pane != WHY:
            self._before_why = self.pane
        self._go_to(self._before_why if self.pane == WHY else WHY)

    def step_back(self) -> bool:
        """What Escape undoes here first: the filter of the pane, then why. False where there is nothing of it."""
        if self._typed.get(self.pane):
            self._filter_by(self.pane, "")
            return True
        if self.pane == WHY:
            self.turn_to_why()
            return True
        return False

    # --- what is under the cursor ------------------------------------------------------------------------------------

    def item_under_cursor(self) -> str | None:
        """The id of the item in use: of the history, else of the list."""
        place = self._table.cursor
        if self.pane == HISTORY:
            return self._history[place].item if place < len(self._history) else None
        return self._list[place].entry.item if place < len(self._list) else None

    def user_under_cursor(self) -> str | None:
        """The id of the person on screen."""
        return None if self.state.person is None else self.state.person.user

    def table_on_screen(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """The headers and all rows of the table in use. What has no title on screen gets one where it says anything."""
        table = self._table
        rows = self._history_cells() if table.id == HISTORY else self._list_cells()
        untitled = iter(("live.head_said",) if table.id == HISTORY else ("live.head_move", "live.head_stages"))
        headers = [column.title or say(next(untitled)) for column in table.columns]
        said = [bool(column.title) or any(row[place] for row in rows) for place, column in enumerate(table.columns)]
        return tuple(header if kept else "" for header, kept in zip(headers, said, strict=True)), rows

    def table_of_text(self) -> TakenTable | None:
        """What the pane that says why holds, while it is in use."""
        from recsys_tui.tui.taking.pane_tables import table_of_why

        row, why = self._looked_at, self.state.why
        if self.pane != WHY or row is None or self.state.person is None:
            return None
        known = why is not None and why.answer is self.state.person.answer and why.item == row.entry.item
        found = why.explanation if known and why is not None else None
        # What was drafted by two models has its parts in what explains it alone.
        drafted = self.state.person.drafted
        return table_of_why(found.components if drafted and found is not None else row.entry.reasons, found)

    def table_for_programs(self) -> TakenTable | None:
        """The history or the list in use, with ids and all that is known of each row; a filter leaves rows out."""
        from recsys_tui.tui.taking.pane_tables import table_of_history, table_of_shown_list

        if self.state.person is None:
            return None
        if self.pane == HISTORY:
            return table_of_history(self.state.person, self._history, self._has_dates)
        return table_of_shown_list(self.state.person, self._list)

    def name_of_table(self) -> str:
        """What the table to take away is called."""
        if self.pane == WHY and self._looked_at is not None:
            return say("take.name_why", user=self.user_under_cursor(), item=self._looked_at.title)
        pane = HISTORY if self.pane == HISTORY else RECOMMENDED
        return say(f"take.name_{pane}", user=self.user_under_cursor())

    @property
    def _looked_at(self) -> ListRow | None:
        """The place of the list that is looked at."""
        place = self.query_one(f"#{RECOMMENDED}", LineTable).cursor
        return self._list[place] if place < len(self._list) else None

    @property
    def _table(self) -> LineTable:
        return self.query_one(f"#{HISTORY if self.pane == HISTORY else RECOMMENDED}", LineTable)

    # --- filtering and sorting ---------------------------------------------------------------------------------------

    def open_filter(self) -> None:
        """Let a person type what the table in use is to be filtered by."""
        table = self._table
        self.screen.minimize()  # the line to type in is beside the tables
        self.query_one(FilterLine).open_for(table, self._typed[str(table.id)])

    @on(FilterLine.Typed)
    def _typed_filter(self, event: FilterLine.Typed) -> None:
        event.stop()
        self._filter_by(str(event.table.id), event.text)

    def _filter_by(self, pane: str, text: str) -> None:
        self._typed = {**self._typed, pane: text}
        self.show(self.state)

    def sort(self, direction: int) -> None:
        """Sort the history by what comes next, or (-1) turn it round; a ranked list keeps its order."""
        if self.pane == RECOMMENDED and self.query_one(f"#{RECOMMENDED}").has_focus:
            self.app.notify(say("live.ranked_order"), markup=False)
            return
        self.order = self.order.turned() if direction < 0 else self.order.next(self._with_ratings)
        self.show(self.state)
        if not self.query_one(f"#{HISTORY}").region:
            self.app.notify(say("live.pane_history") + " " + self._sorted_by(), markup=False, timeout=2)

    def _sorted_by(self) -> str:
        turned = say("live.turned") if self.order.reverse else ""
        return say("live.sorted_by", by=say(f"live.by_{self.order.by}"), turned=turned)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
        former, self.state = self.state.person, state
        person = state.person
        if person is None or former is None or former.user != person.user:
            self._typed = dict.fromkeys(self._typed, "")
            self._drawn.clear()
        panel = self.query_one("#person", Panel)
        what_if = person is not None and person.what_if
        self._entitle(panel, person_title(state), say("live.what_if_keys") if what_if else "")
        panel.show(person_lines(state, panel.inner_width))
        self.set_class(what_if, "what-if")
        self._show_history()
        self._show_list()
        self._subtitles()
        self._why()

    @property
    def _with_ratings(self) -> bool:
        person = self.state.person
        return person is not None and any(entry.rating is not None for entry in person.history)

    @property
    def _has_dates(self) -> bool:
        return self.state.dataset is not None and self.state.dataset.time_kind is TimeKind.TIME

    @property
    def _slim(self) -> bool:
        return self.screen.has_class("slim")

    def _changed(self, pane: str, *made_of: object) -> bool:
        """Whether a pane is to be drawn from something else than when it was drawn last."""
        known = self._drawn.get(pane)
        self._drawn[pane] = made_of
        return known is None or any(new is not old and new != old for new, old in zip(made_of, known, strict=True))

    def _show_history(self) -> None:
        person, table, typed = self.state.person, self.query_one(f"#{HISTORY}", LineTable), self._typed[HISTORY]
        if person is None:
            self._history = []
            self._entitle(table, say("tui.history_title"))
            table.show(0, lambda _start, _stop: [], empty=say("tui.press_u"))
            return
        fresh = HISTORY not in self._drawn
        touched = self.state.edits.get(person.user)
        made_of = (person.history, person.said, person.kept, person.what_if, person.titles, touched, self.order, typed)
        if not self._changed(HISTORY, *made_of, self._has_dates):
            return
        # At the top it stays at the top, where what is said comes in; else it stays on its item.
        here = self._history[table.cursor].item if not fresh and 0 < table.cursor < len(self._history) else None
        self._history = history_rows(self.state, person, self.order, typed)
        table.columns = self._history_columns()
        title = say("tui.history_of", user=person.user)
        self._entitle(table, self._with_filter(title, typed, len(self._history), len(person.history)))
        place = next((place for place, row in enumerate(self._history) if row.item == here), None)
        moved = 0 if place is None else place - table.cursor
        empty = say("live.nothing_matches" if typed else "tui.nothing_yet")
        table.show(len(self._history), self._history_cells, 0 if fresh else place, empty)
        if moved and table.scroll_offset.y:
            table.scroll_to(y=table.scroll_offset.y + moved, animate=False, force=True)

    def _history_columns(self) -> tuple[Column, ...]:
        mark, title = Column("", 1), Column(say("tui.title"))
        when = Column(say("tui.when"), 7, muted=True)
        return (mark, Column("★", 3, right=True), title, when) if self._with_ratings else (mark, title, when)

    def _history_cells(self, start: int = 0, stop: int | None = None) -> list[tuple[str, ...]]:
        with_ratings, has_dates = self._with_ratings, self._has_dates
        return [row.cells(with_ratings, has_dates) for row in self._history[start:stop]]

    def _show_list(self) -> None:
        person, table, typed = self.state.person, self.query_one(f"#{RECOMMENDED}", LineTable), self._typed[RECOMMENDED]
        answer = person.answer if person is not None else None
        if person is None or answer is None:
            self._list = []
            self._drawn.pop(RECOMMENDED, None)
            self._entitle(table, say("tui.recommended"))
            waits = say("tui.press_u") if person is None else say("tui.ranking")
            why = self.state.why_no_model if self.state.model is None else waits
            table.show(0, lambda _start, _stop: [], empty=why)
            return
        fresh = RECOMMENDED not in self._drawn
        if not self._changed(RECOMMENDED, answer, person.before, typed, self._slim):
            return
        self._list = list_rows(person, typed)
        table.columns = self._list_columns()
        title = say("tui.recommended_by", model=answer.model, count=len(answer.items))
        self._entitle(table, self._with_filter(title, typed, len(self._list), len(answer.items)))
        empty = say("live.nothing_matches") if typed else answer.note or ""
        table.show(len(self._list), self._list_cells, 0 if fresh else None, empty)

    def _list_columns(self) -> tuple[Column, ...]:
        rank, title = Column("#", 2 if len(self._list) < 100 else 4, right=True), Column(say("tui.title"))
        likely, move = Column(say("tui.likely"), 6, right=True, muted=True), Column("", 4)
        if self._slim or (self.state.person is not None and self.state.person.drafted):
            # Scores of two arms do not compare, and would tell which is whose.
            return rank, title, likely, move
        score = max([5, *(len(row.score) for row in self._list)])
        return rank, title, Column(say("tui.score"), score, right=True), likely, move, Column("", 4)

    def _list_cells(self, start: int = 0, stop: int | None = None) -> list[tuple[str, ...]]:
        # As wide as the columns are: the screen may have another size by now, and be drawn for it only then.
        slim = len(self.query_one(f"#{RECOMMENDED}", LineTable).columns) == SLIM_COLUMNS
        return [row.cells(slim) for row in self._list[start:stop]]

    @staticmethod
    def _with_filter(title: str, typed: str, shown: int, of_all: int) -> str:
        if not typed:
            return title
        return " · ".join((title, say("live.filtered", typed=typed, shown=shown, all=of_all)))

    def _subtitles(self) -> None:
        """Under each pane: what its signs mean, and where Tab leads on a screen that shows one pane at a time."""
        narrow = self.screen.has_class("narrow")
        own = {HISTORY: self._sorted_by(), RECOMMENDED: "" if self._slim else stages_line(self.state), WHY: ""}
        for name in PANES:
            after = [PANES[(PANES.index(name) + step) % len(PANES)] for step in (1, 2)]
            tab = say("live.panes", panes=" · ".join(say(PANE_NAMES[one]) for one in after)) if narrow else ""
            widget: Widget = self.query_one("#why" if name == WHY else f"#{name}")
            self._entitle(widget, subtitle=" ─ ".join(part for part in (own[name], tab) if part))

    def _entitle(self, widget: Widget, title: str | None = None, subtitle: str | None = None) -> None:
        """Set what stands in a border, unless it stands there: widgets draw themselves anew for it. Nothing of it is
        parsed as markup."""
        for part, text in (("border_title", title), ("border_subtitle", subtitle)):
            if text is not None and self._entitled.get((widget.id, part)) != text:
                self._entitled[widget.id, part] = text
                setattr(widget, part, Text(text))

    @on(LineTable.Highlighted, f"#{RECOMMENDED}")
    def _why(self) -> None:
        panel, row = self.query_one("#why", Panel), self._looked_at
        self._entitle(panel, why_title(row))
        panel.show(why_lines(self.state, row, panel.inner_width))
        answer = self.state.person.answer if self.state.person is not None else None
        if row is not None and answer is not None and self.query_one(f"#{WHY}").region:
            self.post_message(self.Looking(answer, row.entry.item))
