"""A picker by itself, on the terminal: ``recsys-tui pick-user`` and ``pick-item``. It paints to standard error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui import messages as told
from recsys_tui.tui.background import WorkerThread
from recsys_tui.tui.dialogs.item_picker import ItemPicker
from recsys_tui.tui.dialogs.picker import Picker
from recsys_tui.tui.dialogs.user_picker import UserPicker
from recsys_tui.tui.outside import hear_outside

USER, ITEM = "user", "item"
Open = Callable[[Callable[[str, float | None], None]], Session]


class PickApp(App[str]):
    """Returns the chosen id, or None. ``code`` and ``parting`` say what went wrong where something did."""

    CSS_PATH = "pick.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "give_up", show=False, priority=True, id="pick.interrupt"),
        Binding("escape", "give_up", show=False, id="pick.close"),
    ]

    def __init__(self, kind: str, open_session: Open, home: Home) -> None:
        super().__init__()
        self._kind, self._open = kind, open_session
        self.code, self.parting = ExitCode.INTERRUPTED, ""
        self._early = ""
        self._tastes: Any = None
        self._index: Any = None
        self._reading = WorkerThread("session", self.post_message, home)
        self._filtering = WorkerThread("filter", self.post_message, home)

    def compose(self) -> ComposeResult:
        yield Static(say("tui.step_finding"), markup=False, id="step")

    def on_key(self, event: events.Key) -> None:
        """What is typed before there is a picker is typed into it."""
        if not isinstance(self.screen, Picker):
            if event.is_printable and event.character is not None:
                self._early += event.character
            elif event.key == "backspace":
                self._early = self._early[:-1]

    def on_mount(self) -> None:
        if not self.is_headless:
            hear_outside(self.action_give_up)
        self._reading.submit(self._read, fatal=True)

    def _read(self) -> None:
        """On a thread: open the data, then make what the picker looks through."""
        from recsys_tui.data.dataset import TimeKind

        session = self._open(lambda step, _share: self._tell_step(step))
        session.load()
        session.recommender()
        if self._kind == USER:
            from recsys_tui.recommend.user_tastes import UserTastes

            users, has_dates = session.users(), session.dataset.time_kind is TimeKind.TIME
            tags = session.dataset.pseudonyms
            self._pick(lambda: UserPicker(users, has_dates, self._filtering, lambda: self._tastes, self._early, tags))
            self._tastes = UserTastes.of(session)
        else:
            from recsys_tui.recommend.item_index import ItemIndex

            tags = session.dataset.pseudonyms if session.dataset.shared_ids else None
            self._pick(lambda: ItemPicker(lambda: self._index, self._filtering, start=self._early, pseudonyms=tags))
            self._index = ItemIndex.of(session)
        self.post_message(told.Answered(lambda _nothing: self._refilter(), None))

    def _tell_step(self, step: str) -> None:
        self.post_message(told.LoadStep(step))

    def _pick(self, picker: Callable[[], Picker]) -> None:
        def show(_nothing: None) -> None:
            self.push_screen(picker(), self._picked)

        self.post_message(told.Answered(show, None))

    def _refilter(self) -> None:
        if isinstance(self.screen, Picker):
            self.screen.refilter()

    def _picked(self, chosen: str | None) -> None:
        self.code = ExitCode.INTERRUPTED if chosen is None else ExitCode.DONE
        self.exit(chosen)

    def action_give_up(self) -> None:
        self.exit(None)

    def on_load_step(self, event: told.LoadStep) -> None:
        self.query_one("#step", Static).update(say(f"tui.step_{event.step}"))

    def on_answered(self, event: told.Answered) -> None:
        event.take(event.value)

    def on_work_failed(self, event: told.WorkFailed) -> None:
        self.code, self.parting = ExitCode(event.exit_code), event.sentence
        self.exit(None)


def pick(kind: str, open_session: Open, home: Home) -> tuple[str | None, ExitCode, str]:
    """Let a person pick a ``user`` or an ``item``: its id, the exit code, and a sentence where something went wrong.

    ``open_session``: opens the data; it is called on a thread, with a function to be told of each step.
    """
    app = PickApp(kind, open_session, home)
    chosen = app.run()
    return chosen, app.code if app.return_code in (0, None) else ExitCode.FAILED, app.parting
