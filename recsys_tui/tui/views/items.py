"""Items: one item, what is like it, which groups take it, and when; on a narrow screen one pane at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message

from recsys_tui.output.messages import say
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.tui.lines.items import LIFT_WIDTH, alike_line, fact_lines, liking_row, time_lines
from recsys_tui.tui.panes import LIKERS, SIMILAR, TIMES, mark_pane
from recsys_tui.tui.state.items import WAYS
from recsys_tui.tui.state.workbench import WorkbenchState
from recsys_tui.tui.widgets.filter_line import FilterLine
from recsys_tui.tui.widgets.line_table import Column, LineTable
from recsys_tui.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from recsys_tui.recommend.similar import SimilarItem
    from recsys_tui.tui.taking.table import TakenTable

PANES = (SIMILAR, LIKERS, TIMES)
BY_SCORE, BY_TITLE = "score", "title"
SAID = {"like": "+", "dislike": "–"}


class TimesPane(VerticalScroll, can_focus=True):
    """Scrolls the activity over time."""


class ItemsView(Vertical, can_focus=True):
    """The item on screen. What was typed to filter, how the list is sorted and which pane is in use stay here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "way(1)", say("items.key_way"), show=False, id="item.way"),
        Binding("left,h", "way(-1)", show=False, id="item.way_back"),
        Binding("tab", "pane(1)", show=False, id="item.next_pane"),
        Binding("shift+tab", "pane(-1)", show=False, id="item.previous_pane"),
    ]

    class WayWanted(Message):
        """Similar items are wanted in the next way (1), or the one before (-1)."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.state = WorkbenchState()
        self.pane = SIMILAR
        self._typed, self._order, self._turned = "", BY_SCORE, False
        self._rows: list[SimilarItem] = []
        self._drawn: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield Panel("", id="item")
        with Horizontal(id="item-panes"):
            score = Column(say("tui.score"), 6, right=True)
            yield LineTable((Column("", 1), Column("#", 3, right=True), Column(say("tui.title")), score), id=SIMILAR)
            with Vertical(id="item-right"):
                likers = LineTable(
                    (
                        Column("#", 4),
                        Column(say("tui.name")),
                        Column(say("items.share"), 10, right=True),
                        Column(say("items.lift"), 6, right=True),
                        Column("", LIFT_WIDTH, muted=True),
                    ),
                    id=LIKERS,
                )
                likers.border_title = say("items.who_takes_it")
                yield likers
                with TimesPane(id=TIMES):
                    yield Panel(say("items.over_time"), id="item-times")
        yield FilterLine(id="items-filter")

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
        self._turn_to(PANES[(PANES.index(self.pane) + step) % len(PANES)])
        self.call_after_refresh(self.show, self.state)
        self.query_one(f"#{self.pane}").focus()

    def _subtitles(self) -> None:
        """Under each pane: where Tab leads on a screen that shows one at a time."""
        narrow = self.screen.has_class("narrow")
        names = {SIMILAR: "items.pane_similar", LIKERS: "items.pane_likers", TIMES: "items.pane_times"}
        for place, name in enumerate(PANES):
            after = [say(names[PANES[(place + step) % len(PANES)]]) for step in (1, 2)]
            widget = self.query_one("#item-times" if name == TIMES else f"#{name}")
            widget.border_subtitle = Text(say("items.panes", panes=" · ".join(after)) if narrow else "")

    def action_way(self, step: int) -> None:
        """Ask for what is similar in another way."""
        if self.state.item.item is None:
            self.app.notify(say("items.press_i"), markup=False)
        else:
            self.post_message(self.WayWanted(step))

    def clear_filter(self) -> bool:
        """Show all similar items again; False where all were shown."""
        if not self._typed:
            return False
        self._filter_by("")
        return True

    # --- what is under the cursor ------------------------------------------------------------------------------------

    def item_under_cursor(self) -> str | None:
        """The id of the similar item under the cursor, where that list is in use; else of the item on screen."""
        place = self.query_one(f"#{SIMILAR}", LineTable).cursor
        listed = self.pane == SIMILAR and place < len(self._rows)
        return self._rows[place].item if listed else self.state.item.item

    def item_on_screen(self) -> str | None:
        """The id of the item on screen."""
        return self.state.item.item

    def cluster_under_cursor(self) -> int | None:
        """The number of the cluster that the cursor is on, where the clusters that take the item are in use."""
        page, place = self.state.item.page, self.query_one(f"#{LIKERS}", LineTable).cursor
        known = self.pane == LIKERS and page is not None and place < len(page.clusters)
        return page.clusters[place].cluster if known and page is not None else None

    def table_on_screen(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """The headers and all rows of the table in use."""
        if self.pane == LIKERS:
            page = self.state.item.page
            headers = ("cluster", say("tui.name"), say("items.share"), say("items.lift"))
            return headers, [] if page is None else [liking_row(entry)[:4] for entry in page.clusters]
        headers = ("#", say("items.item"), say("tui.title"), say("tui.score"))
        return headers, [(str(row.rank), row.item, row.title or "", f"{row.score:.3f}") for row in self._rows]

    def table_for_programs(self) -> TakenTable | None:
        """The clusters that take the item, with numbers, while they are in use."""
        from recsys_tui.tui.taking.pane_tables import table_of_takers

        page = self.state.item.page
        return table_of_takers(page) if self.pane == LIKERS and page is not None else None

    def table_of_text(self) -> TakenTable | None:
        """The activity over time, while it is in use."""
        from recsys_tui.tui.taking.pane_tables import table_of_periods

        page = self.state.item.page
        return table_of_periods(page) if self.pane == TIMES and page is not None and page.periods else None

    def name_of_table(self) -> str:
        """What the table to take away is called."""
        item, page = self.state.item, self.state.item.page
        timed = self.pane == TIMES and page is not None and page.periods
        named = "takers" if self.pane == LIKERS else "periods" if timed else "similar"
        return say(f"take.name_{named}", item=item.item, by=item.by)

    # --- filtering and sorting ---------------------------------------------------------------------------------------

    def open_filter(self) -> None:
        """Let a person type what the similar items are to be filtered by."""
        self.screen.minimize()
        if self.pane != SIMILAR:
            self._turn_to(SIMILAR)
        self.query_one(FilterLine).open_for(self.query_one(f"#{SIMILAR}"), self._typed)

    @on(FilterLine.Typed)
    def _typed_filter(self, event: FilterLine.Typed) -> None:
        event.stop()
        self._filter_by(event.text)

    def _filter_by(self, text: str) -> None:
        self._typed = text
        self.show(self.state)

    def sort(self, direction: int) -> None:
        """Sort the similar items by what comes next, or (-1) turn them round."""
        if direction < 0:
            self._turned = not self._turned
        else:
            self._order = BY_TITLE if self._order == BY_SCORE else BY_SCORE
        self.show(self.state)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
        former, self.state = self.state.item, state
        if former.item != state.item.item:
            self._typed, self._drawn = "", ()
        self._similar()
        self._facts()
        self._likers()
        self._times()
        self._subtitles()

    @on(LineTable.Highlighted, f"#{SIMILAR}")
    def _facts(self) -> None:
        panel, item = self.query_one("#item", Panel), self.state.item
        if item.item is None:
            panel.border_title = Text(say("items.no_item"))
            panel.show([Text(say("items.press_i"), style="dim")])
            return
        page = item.page
        title = item.item if page is None or page.title is None else f"{page.title} · {item.item}"
        panel.border_title = Text(title)
        panel.border_subtitle = Text("" if not item.trail else say("items.trail", count=len(item.trail)))
        lines = [Text(say("tui.reading"))] if page is None else fact_lines(page, panel.inner_width)
        if item.similar is not None and item.similar.items and item.similar.note:
            lines.append(Text(item.similar.note, style="dim"))
        place = self.query_one(f"#{SIMILAR}", LineTable).cursor
        alike = alike_line(self._rows[place], panel.inner_width) if place < len(self._rows) else None
        panel.show(lines if alike is None else [*lines, alike])

    def _similar(self) -> None:
        item, table = self.state.item, self.query_one(f"#{SIMILAR}", LineTable)
        ways = Text(say("items.similar") + " ")
        for way in WAYS:
            name = say(f"items.way_{way}")
            ways.append(*((f"[{name}]", "bold") if way == item.by else (f" {name} ", "dim")))
        ways.append("←→", "dim")
        table.border_title = ways
        said = None if self.state.person is None else self.state.person.said
        made_of = (item.similar, item.problem, self._typed, self._order, self._turned, said)
        if self._drawn == made_of:
            return
        fresh = not self._drawn or self._drawn[0] is not item.similar
        self._drawn = made_of
        listed = () if item.similar is None else item.similar.items
        wanted = self._typed.lower()
        rows = [entry for entry in listed if wanted in f"{entry.title or ''} {entry.item}".lower()]
        if self._order == BY_TITLE:
            rows.sort(key=lambda entry: (entry.title or entry.item).lower())
        self._rows = rows[::-1] if self._turned else rows
        table.show(len(self._rows), self._cells, 0 if fresh else None, self._empty())

    def _empty(self) -> str:
        item = self.state.item
        if item.item is None:
            return say("items.press_i")
        if item.problem is not None:
            return item.problem
        if item.similar is None:
            return say("tui.reading")
        return say("items.nothing_matches") if item.similar.items else item.similar.note or ""

    def _cells(self, start: int, stop: int) -> list[tuple[str, ...]]:
        person = self.state.person
        said = Verdicts() if person is None else person.said
        return [
            (SAID.get(said.of(row.item) or "", ""), str(row.rank), row.title or row.item, f"{row.score:.3f}")
            for row in self._rows[start:stop]
        ]

    def _likers(self) -> None:
        table, page = self.query_one(f"#{LIKERS}", LineTable), self.state.item.page
        rows = [] if page is None else [liking_row(entry) for entry in page.clusters]
        empty = self.state.why_no_model if self.state.model is None else ""
        table.show(len(rows), lambda start, stop: rows[start:stop], empty=empty)

    def _times(self) -> None:
        panel, page = self.query_one("#item-times", Panel), self.state.item.page
        height = self.query_one(f"#{TIMES}").size.height - 2
        panel.show([] if page is None else time_lines(page, panel.inner_width, height))
