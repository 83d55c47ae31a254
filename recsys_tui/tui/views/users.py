"""Users: one person's history, recommendations, and why, side by side."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from recsys_tui.data.dataset import TimeKind
from recsys_tui.output.messages import say
from recsys_tui.recommend.answers import HistoryItem, RecommendedItem
from recsys_tui.tui.state import WorkbenchState
from recsys_tui.tui.widgets.charts import bar
from recsys_tui.tui.widgets.line_table import Column, LineTable, fit
from recsys_tui.tui.widgets.panel import Panel

BAR_WIDTH = 8


class UsersView(Vertical):
    """The person on screen."""

    state = WorkbenchState()

    def compose(self) -> ComposeResult:
        yield Panel("", id="person")
        with Horizontal(id="person-lists"):
            history = LineTable(
                (Column("★", 3, right=True), Column(say("tui.title")), Column(say("tui.when"), 7, muted=True)),
                say("tui.nothing_yet"),
                id="history",
            )
            history.border_title = say("tui.history_title")
            yield history
            recommended = LineTable(
                (
                    Column("#", 3, right=True),
                    Column(say("tui.title")),
                    Column(say("tui.score"), 6, right=True),
                    Column(say("tui.likely"), 5, right=True, muted=True),
                ),
                say("tui.train_first"),
                id="recommended",
            )
            recommended.border_title = say("tui.recommended")
            yield recommended
            with VerticalScroll(id="why-scroll", can_focus=False):
                yield Panel(say("tui.why"), id="why")

    def focus_first(self) -> None:
        """Focus what a person comes here for."""
        self.query_one("#recommended").focus()

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
        before, self.state = self.state, state
        person = state.person
        self._person_line()
        history = self.query_one("#history", LineTable)
        history.border_title = say("tui.history_of", user=person.user) if person else say("tui.history_title")
        if person is None:
            history.show(0, lambda _start, _stop: [], empty=say("tui.press_u"))
        elif (
            before.person is None or before.person.history is not person.history or before.dataset is not state.dataset
        ):
            same = before.person is not None and before.person.user == person.user
            rows = [self._history_row(entry) for entry in person.history]
            history.show(len(rows), lambda start, stop: rows[start:stop], None if same else 0)
        self._show_list(before)
        self._why()

    def _person_line(self) -> None:
        panel = self.query_one("#person", Panel)
        person = self.state.person
        if person is None:
            panel.border_title = say("tui.nobody")
            panel.show([Text(say("tui.press_u"), style="dim")])
            return
        panel.border_title = say("tui.user_title", user=person.user)
        parts = [say("tui.actions", count=f"{len(person.history):,}")]
        ratings = [entry.rating for entry in person.history if entry.rating is not None]
        if ratings:
            parts.append(say("tui.mean_rating", mean=f"{sum(ratings) / len(ratings):.2f}"))
        answer = person.answer
        if answer is not None:
            if answer.cluster is not None:
                parts.insert(0, f"C{answer.cluster} {answer.cluster_name}")
            parts.append(say("tui.model_is", model=answer.model, preset=answer.preset, horizon=answer.horizon))
            parts.append(say("tui.milliseconds", count=f"{answer.milliseconds:.0f}"))
        lines = [Text("  ·  ".join(parts))]
        if answer is not None and answer.note:
            lines.append(Text(answer.note, style="dim"))
        panel.show(lines)

    def _history_row(self, entry: HistoryItem) -> tuple[str, str, str]:
        rating = "" if entry.rating is None else f"{entry.rating:g}"
        when = ""
        dataset = self.state.dataset
        if entry.time is not None and dataset is not None and dataset.time_kind is TimeKind.TIME:
            when = datetime.fromtimestamp(entry.time / 1000, UTC).strftime("%Y-%m")
        elif entry.time is not None:
            when = f"{entry.time:,}"
        return rating, entry.title or entry.item, when

    def _show_list(self, before: WorkbenchState) -> None:
        recommended = self.query_one("#recommended", LineTable)
        person = self.state.person
        answer = person.answer if person is not None else None
        if answer is None:
            waiting = (
                say("tui.ranking") if person is not None and self.state.model is not None else say("tui.train_first")
            )
            recommended.show(0, lambda _start, _stop: [], empty=waiting)
            return
        if before.person is not None and before.person.answer is answer:
            return
        same = before.person is not None and person is not None and before.person.user == person.user
        rows = [self._list_row(entry) for entry in answer.items]
        recommended.border_title = say("tui.recommended_by", model=answer.model, count=len(rows))
        recommended.show(len(rows), lambda start, stop: rows[start:stop], None if same else 0)

    @staticmethod
    def _list_row(entry: RecommendedItem) -> tuple[str, str, str, str]:
        return str(entry.rank), entry.title or entry.item, f"{entry.score:.2f}", f"{entry.probability:.0%}"

    @on(LineTable.Highlighted, "#recommended")
    def _why(self) -> None:
        panel = self.query_one("#why", Panel)
        person = self.state.person
        answer = person.answer if person is not None else None
        place = self.query_one("#recommended", LineTable).cursor
        if answer is None or place >= len(answer.items):
            panel.border_title = say("tui.why")
            panel.show([Text(say("tui.why_empty"), style="dim")])
            return
        entry = answer.items[place]
        panel.border_title = say("tui.why_title", rank=entry.rank, title=entry.title or entry.item)
        width = panel.inner_width
        lines = [Text(", ".join(entry.categories), style="dim")] if entry.categories else []
        if not entry.reasons:
            lines.append(Text(say("tui.why_one_part", model=answer.model)))
        most = max((abs(reason.contribution) for reason in entry.reasons), default=1.0) or 1.0
        for reason in entry.reasons:
            name = fit(say(f"tui.component_{reason.kind}"), 14)
            shown = fit(bar(abs(reason.contribution) / most, BAR_WIDTH), BAR_WIDTH)
            sign = "+" if reason.contribution >= 0 else "−"
            line = Text(f"{name} {sign}{abs(reason.contribution):.2f} ").append(shown, style="bold")
            if width > 44:
                line.append(" " + fit(reason.text, width - line.cell_len - 1).rstrip(), style="dim")
            lines.append(line)
        panel.show(lines)
