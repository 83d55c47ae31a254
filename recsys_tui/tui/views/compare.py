"""Compare: two models for the person on screen, and their scores over all people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll

from recsys_tui.output.messages import say
from recsys_tui.tui.lines.compare import about_lines, move, pair_of, rank, run_sentence, score_rows, tally_sentence
from recsys_tui.tui.state.compare import PlacedItem, TwoLists
from recsys_tui.tui.state.workbench import WorkbenchState
from recsys_tui.tui.widgets.filter_line import FilterLine
from recsys_tui.tui.widgets.line_table import Column, LineTable, fit
from recsys_tui.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from recsys_tui.tui.taking.table import TakenTable

ORDERS = ("a", "b", "moves")


class CompareView(Vertical):
    """The two lists joined, beside the table of scores."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "app.compare_run", say("compare.key_run"), id="compare.run"),
        Binding("a", "app.compare_side('a')", say("compare.key_a"), id="compare.a"),
        Binding("v", "app.compare_side('b')", say("compare.key_b"), id="compare.b"),
        Binding("X", "app.compare_swap", say("compare.key_swap"), id="compare.swap"),
    ]
    state = WorkbenchState()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._order, self._backwards, self._typed = 0, False, ""
        self._lists: TwoLists | None = None
        self._shown: tuple[PlacedItem, ...] = ()
        self._scores: list[tuple[str, ...]] = []
        self._scored: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield Panel("", id="compare-head")
        with Horizontal(id="compare-panes"):
            yield LineTable(
                (
                    Column("A", 3, right=True),
                    Column("B", 3, right=True),
                    Column(say("tui.title")),
                    Column(say("compare.move"), 6, muted=True),
                ),
                say("tui.press_u"),
                id="compare-lists",
            )
            with Vertical(id="compare-all"):
                yield LineTable(
                    (
                        Column(say("compare.metric"), 12),
                        Column("A", 6, right=True),
                        Column("B", 6, right=True),
                        Column("A−B", 7, right=True),
                        Column(say("compare.interval"), muted=True),
                        Column("", 2),
                    ),
                    say("compare.no_scores"),
                    id="compare-scores",
                )
                with VerticalScroll(id="compare-about-scroll", can_focus=True):
                    yield Panel("", id="compare-about")
        yield FilterLine(id="compare-filter")

    def focus_first(self) -> None:
        """Focus what a person comes here for."""
        self.query_one("#compare-lists").focus()

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
        self.state = state
        self._head()
        self._show_lists()
        self._show_scores()

    def _head(self) -> None:
        compared, person = self.state.compared, self.state.person
        panel = self.query_one("#compare-head", Panel)
        a, b = compared.called(compared.a), compared.called(compared.b)
        title = say("compare.title", a=a, b=b) if compared.a else say("tui.mode_compare")
        panel.border_title = title
        if self.state.model is None:
            panel.show([Text(self.state.why_no_model, style="dim")])
            return
        parts = [say("tui.press_u") if person is None else say("tui.user_title", user=person.user)]
        lists = self._lists_now()
        if lists is not None:
            parts.append(say("compare.in_both", shared=lists.shared, count=max(len(lists.a.items), len(lists.b.items))))
            parts += [
                say("compare.served", model=name, part=answer.model)
                for name, answer in ((compared.a, lists.a), (compared.b, lists.b))
                if answer.model != name
            ]
        if sum(compared.tally()):
            parts.append(tally_sentence(compared))
        line = "  ·  ".join(parts)
        if cell_len(line) > panel.inner_width and compared.a and len(parts) > 1:
            panel.border_title = Text(" · ".join((title, parts[0])))
            line = " · ".join(parts[1:])
        panel.show([Text(fit(line, panel.inner_width))])

    def _lists_now(self) -> TwoLists | None:
        """The lists, if they are of the person and the models on screen."""
        compared, person = self.state.compared, self.state.person
        lists = compared.lists
        if lists is None or person is None or lists.asked[:3] != (person.user, compared.a, compared.b):
            return None
        return lists

    def _show_lists(self) -> None:
        table = self.query_one("#compare-lists", LineTable)
        compared, lists = self.state.compared, self._lists_now()
        a, b = compared.called(compared.a), compared.called(compared.b)
        table.border_title = say("compare.lists", a=a, b=b) if compared.a else ""
        if lists is None:
            self._lists, self._shown = None, ()
            table.show(0, lambda _start, _stop: [], empty=self._why_no_lists())
            return
        if lists is not self._lists:
            same = self._lists is not None and self._lists.user == lists.user
            self._lists = lists
            self._arrange(None if same else 0)

    def _why_no_lists(self) -> str:
        if self.state.model is None:
            return self.state.why_no_model
        if self.state.person is None:
            return say("tui.press_u")
        able = {name for name, _ in self.state.model.rankers()}
        alone = [name for name in (self.state.compared.a, self.state.compared.b) if name not in able]
        return say("compare.cannot_rank", model=alone[0]) if alone else say("tui.ranking")

    def _arrange(self, cursor: int | None = None) -> None:
        """Order and filter the joined lists anew."""
        joined = () if self._lists is None else self._lists.joined()
        wanted = self._typed.casefold()
        rows = [entry for entry in joined if wanted in entry.title.casefold() or wanted in entry.item.casefold()]
        order = ORDERS[self._order]
        if order == "a":
            rows.sort(key=lambda entry: (entry.in_a is None, entry.in_a or entry.in_b or 0))
        elif order == "b":
            rows.sort(key=lambda entry: (entry.in_b is None, entry.in_b or entry.in_a or 0))
        else:
            rows.sort(key=lambda entry: (entry.places_up is not None, -abs(entry.places_up or 0)))
        self._shown = tuple(rows[::-1] if self._backwards else rows)
        cells = self._list_cells()
        table = self.query_one("#compare-lists", LineTable)
        table.border_subtitle = say(f"compare.by_{order}")
        table.show(len(cells), lambda start, stop: cells[start:stop], cursor, empty=say("compare.nothing_matches"))

    def _list_cells(self) -> list[tuple[str, ...]]:
        return [(rank(entry.in_a), rank(entry.in_b), entry.title, move(entry)) for entry in self._shown]

    def _show_scores(self) -> None:
        compared = self.state.compared
        pair = pair_of(compared)
        table = self.query_one("#compare-scores", LineTable)
        running = compared.run is not None
        drawn = (compared.stored, compared.a, compared.b, running)
        if len(self._scored) != len(drawn) or any(
            one is not other for one, other in zip(drawn, self._scored, strict=True)
        ):
            self._scored = drawn
            self._scores = [] if pair is None else score_rows(pair)
            rows = self._scores
            empty = say("compare.being_tried" if running else "compare.no_scores")
            table.show(len(rows), lambda start, stop: rows[start:stop], empty=empty)
        title = say("compare.over_all") if pair is None else say("compare.scores", a=pair.a, b=pair.b)
        table.border_title = Text(title if compared.run is None else run_sentence(compared.run))
        panel = self.query_one("#compare-about", Panel)
        panel.show([Text(sentence, style=style) for sentence, style in about_lines(compared, pair)])

    def open_filter(self) -> None:
        """Let a person filter the joined lists."""
        self.query_one(FilterLine).open_for(self.query_one("#compare-lists"), self._typed)

    @on(FilterLine.Typed)
    def _filter(self, event: FilterLine.Typed) -> None:
        self._typed = event.text
        self._arrange(0)

    def sort(self, direction: int) -> None:
        """The next order of the joined lists, or the same the other way round."""
        if direction > 0:
            self._order, self._backwards = (self._order + 1) % len(ORDERS), False
        else:
            self._backwards = not self._backwards
        self._arrange(0)

    def _on_scores(self) -> bool:
        return self.query_one("#compare-scores").has_focus

    def item_under_cursor(self) -> str | None:
        """The item of the joined lists under the cursor."""
        place = self.query_one("#compare-lists", LineTable).cursor
        return self._shown[place].item if not self._on_scores() and place < len(self._shown) else None

    def user_under_cursor(self) -> str | None:
        """The person whose lists these are."""
        return None if self.state.person is None else self.state.person.user

    def table_on_screen(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        """The scores where they are focused, else the joined lists: headers and rows."""
        if self._on_scores():
            headers = [say("compare.metric"), "A", "B", "A−B", say("compare.interval"), say("compare.mark")]
            return headers, self._scores
        headers = [say("compare.rank_a"), say("compare.rank_b"), say("tui.title"), say("compare.move")]
        return headers, self._list_cells()

    def table_for_programs(self) -> TakenTable | None:
        """The same with ids and numbers, and the names of the models in each row; a filter leaves rows out."""
        from recsys_tui.tui.taking.pane_tables import table_of_joined, table_of_scores

        if self._on_scores():
            pair = pair_of(self.state.compared)
            return None if pair is None else table_of_scores(pair)
        compared = self.state.compared
        return table_of_joined(self._shown, compared.a, compared.b)

    def tells_of_all(self) -> bool:
        """Whether the table to take away is of all people, not of the one on screen."""
        return self._on_scores()

    def name_of_table(self) -> str:
        """What the table to take away is called."""
        compared = self.state.compared
        if self.tells_of_all():
            return say("take.name_scores")
        return say("take.name_lists", user=self.user_under_cursor(), a=compared.a, b=compared.b)
