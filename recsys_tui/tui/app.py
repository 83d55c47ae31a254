"""The workbench: an application whose handlers alone change the state, and whose views draw it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import ContentSwitcher, Footer, Static

from recsys_tui.data.dataset import Mapping, TimeKind
from recsys_tui.output.console import complain
from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.store.error_log import log_error
from recsys_tui.store.home import Home
from recsys_tui.training.events import FAILED, SAVED
from recsys_tui.training.job import PRESETS, TrainingRequest
from recsys_tui.tui import messages as told
from recsys_tui.tui.background import JobRunner, WorkerThread
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer
from recsys_tui.tui.dialogs.help import HelpDialog
from recsys_tui.tui.dialogs.leave import DISCARDED, KEPT, leave_offers
from recsys_tui.tui.dialogs.mapping import MappingDialog
from recsys_tui.tui.dialogs.start import start_offers
from recsys_tui.tui.dialogs.user_picker import UserPicker
from recsys_tui.tui.keys import WORKBENCH_KEYS, help_rows
from recsys_tui.tui.sizes import size_classes
from recsys_tui.tui.state import JobState, PersonState, WorkbenchState
from recsys_tui.tui.views.clusters import ClustersView
from recsys_tui.tui.views.home import HomeView
from recsys_tui.tui.views.train import TrainView
from recsys_tui.tui.views.users import UsersView
from recsys_tui.tui.widgets.top_bar import TopBar
from recsys_tui.tui.work import SessionWork


class WorkbenchApp(App[int]):
    """One dataset at a time. Returns an exit code; ``parting`` is a sentence to say after the screen closed."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = WORKBENCH_KEYS

    def __init__(
        self,
        data: str | None,
        mapping: Mapping | None = None,
        home: Home | None = None,
        preset: str | None = None,
        no_train: bool = False,
        open_session: Callable[..., Session] | None = None,
    ) -> None:
        super().__init__()
        self.home = home or Home.resolve()
        self.state = WorkbenchState()
        self.mode = "home"
        self.parting: str | None = None
        self._data, self._mapping, self._preset, self._no_train = data, mapping, preset, no_train
        self._open_session = open_session or Session.open
        self._users: Any = None
        self._planned: list[str] = []
        self._worker = WorkerThread("session", self.post_message, self.home)
        self._filtering = WorkerThread("filter", self.post_message, self.home)
        self._jobs = JobRunner(self.post_message)
        self._work: SessionWork | None = None

    # --- composition -------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield TopBar(id="top")
        with ContentSwitcher(initial="home", id="modes"):
            yield HomeView(id="home")
            yield TrainView(id="train")
            yield ClustersView(id="clusters")
            yield UsersView(id="users")
        yield Static(say("tui.too_small"), markup=False, id="small")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.theme = "tokyo-night"
        self.set_interval(1.0, self._tick)
        self.query_one("#home").focus()
        if self._data is None:
            self.state = WorkbenchState(step="none")
            self.call_after_refresh(self.action_open_other)
        else:
            self.call_after_refresh(self.load, self._data, self._mapping)

    def on_resize(self, event: events.Resize) -> None:
        for screen in self.screen_stack[:1]:
            for name, applies in size_classes(event.size).items():
                screen.set_class(applies, name)
        self.call_after_refresh(self.draw)

    def load(self, data: str, mapping: Mapping | None) -> None:
        """Open a dataset in the background; the screen stays usable."""
        self.state = WorkbenchState(name=data.rstrip("/").rpartition("/")[2], step="finding", ranked_by="deep")
        self._users, self._planned = None, []

        def open_session(progress: Callable[[str, float | None], None]) -> Session:
            return self._open_session(data, mapping, self.home, False, progress)

        if self._work is not None:
            self._work.abandoned = True
        # Data of the command line, with columns named there: names that do not fit are an error to end with.
        strict = self._data is not None and mapping is not None and not mapping.is_empty()
        self._work = SessionWork(open_session, self.post_message, strict)
        self._worker.submit(self._work.load, fatal=True)
        self.draw()

    def draw(self) -> None:
        """Show the state on what is visible."""
        if not self.is_running or not self.screen_stack:
            return
        screen = self.screen_stack[0]
        screen.query_one(TopBar).show(self.state, self.mode)
        view = screen.query_one(f"#{self.mode}")
        view.show(self.state)  # type: ignore[attr-defined]

    def on_panel_reshaped(self) -> None:
        self.draw()

    def _tick(self) -> None:
        if self.state.training:
            self.screen_stack[0].query_one(TopBar).draw()

    # --- what the background says ----------------------------------------------------------------------------------

    def on_load_step(self, event: told.LoadStep) -> None:
        self.state = replace(self.state, step=event.step)
        self.draw()

    def on_data_ready(self, event: told.DataReady) -> None:
        self._users = event.users
        self.state = replace(self.state, name=event.dataset.name, dataset=event.dataset, overview=event.overview)
        self.draw()

    def on_model_ready(self, event: told.ModelReady) -> None:
        if event.users is not None:
            self._users = event.users
        self.state = replace(self.state, model=event.model, note=event.note)
        # What is there now stays: without this every full garbage collection would walk it, 100 ms between two keys.
        gc.freeze()
        person = self.state.person
        if person is not None and event.model is not None and self._work is not None:
            work, user, ranked_by = self._work, person.user, self.state.ranked_by
            self._worker.submit(lambda: work.person(user, ranked_by), kind="person")
        self.draw()
        self._train_on()

    def _train_on(self) -> None:
        """Start what is to be trained by itself: quick first, then standard; or the one preset that was asked for."""
        if self._no_train or self._jobs.running or self.state.training:
            return
        if self._work is None or self._work.session is None:
            return
        have = self.state.model.preset if self.state.model is not None else None
        wanted = [self._preset] if self._preset is not None else ["quick", "standard"]
        missing = [preset for preset in wanted if have is None or PRESETS.index(preset) > PRESETS.index(have)]
        todo = [preset for preset in missing if preset not in self._planned]
        if todo:
            self._planned.append(todo[0])
            self._start_training(todo[0])

    def _start_training(self, preset: str) -> None:
        work = self._work
        if work is None or work.session is None:
            return
        session = work.session
        self._worker.submit(lambda: self._jobs.start(session, TrainingRequest(preset)))

    def on_training_started(self, event: told.TrainingStarted) -> None:
        log = self.state.job.log if self.state.job is not None else ()
        self.state = replace(self.state, job=JobState(event.preset, log=log))
        self.draw()

    def on_training_told(self, event: told.TrainingTold) -> None:
        if self.state.job is None:
            return
        self.state = replace(self.state, job=self.state.job.after(event.event))
        if event.event.kind == SAVED and self._work is not None:
            self._worker.submit(self._work.take_model)
        if event.event.kind == FAILED:
            self._planned = list(PRESETS)
            self.notify(event.event.note or "", severity="error", markup=False, timeout=10)
        self.draw()

    def on_training_ended(self) -> None:
        self._train_on()

    def on_history_ready(self, event: told.HistoryReady) -> None:
        person = self.state.person
        if person is not None and person.user == event.user:
            self.state = replace(self.state, person=replace(person, history=event.history))
            self.draw()

    def on_answer_ready(self, event: told.AnswerReady) -> None:
        person = self.state.person
        if person is not None and person.user == event.user:
            self.state = replace(self.state, person=replace(person, answer=event.answer))
            self.draw()

    def on_columns_unclear(self, event: told.ColumnsUnclear) -> None:
        """Nobody but the person can say which column is what; without an answer there is other data to open."""
        self.state = replace(self.state, step="columns")
        gc.freeze()  # as where a model is ready
        self.draw()

        def decided(mapping: Mapping | None) -> None:
            if mapping is not None:
                self._switch(str(event.identity.path), mapping)
                return
            self._data, self.state = None, WorkbenchState(step="none")
            self.draw()
            self.action_open_other()

        self.push_screen(MappingDialog(event.identity, self._filtering, event.error), decided)

    def on_work_failed(self, event: told.WorkFailed) -> None:
        if event.fatal and self._data is not None:
            self.parting = event.sentence
            self.exit(event.exit_code)
        else:
            self.notify(event.sentence, severity="error", markup=False, timeout=10)
            if event.fatal:
                self.state = WorkbenchState(step="none")
                self.draw()
                self.action_open_other()

    # --- keys --------------------------------------------------------------------------------------------------------

    def action_mode(self, mode: str) -> None:
        self.mode = mode
        screen = self.screen_stack[0]
        screen.query_one(ContentSwitcher).current = mode
        targets = {"home": "#home", "train": "#train", "clusters": "#cluster-list", "users": "#recommended"}
        screen.query_one(targets[mode]).focus()
        self.call_after_refresh(self.draw)

    def action_pick_user(self) -> None:
        if self._users is None:
            self.notify(say("tui.still_reading"), markup=False)
            return
        dataset = self.state.dataset
        has_dates = dataset is not None and dataset.time_kind is TimeKind.TIME
        self.push_screen(UserPicker(self._users, has_dates, self._filtering), self.show_person)

    def show_person(self, user: str | None) -> None:
        """Show a person; the list comes when it is ranked."""
        if user is None or self._work is None:
            return
        self.state = replace(self.state, person=PersonState(user))
        work, ranked_by = self._work, self.state.ranked_by
        self._worker.submit(lambda: work.person(user, ranked_by), kind="person")
        self.action_mode("users")

    def action_neighbour(self, step: int) -> None:
        person = self.state.person
        if person is None or self._users is None:
            self.notify(say("tui.press_u"), markup=False)
            return
        ids = self._users["id"]
        place = ids.index_of(person.user)
        if place is not None:
            self.show_person(ids[(place + step) % len(ids)])

    def action_ranker(self, step: int) -> None:
        if self.state.model is None or self.state.person is None or self._work is None:
            self.notify(say("tui.press_u" if self.state.model is not None else "tui.train_first"), markup=False)
            return
        ranked_by = self.state.model.ranker_after(self.state.ranked_by, step)
        self.state = replace(self.state, ranked_by=ranked_by)
        work, user = self._work, self.state.person.user
        self._worker.submit(lambda: work.answer(user, ranked_by), kind="person")
        if self.mode != "users":
            self.action_mode("users")

    def action_why(self) -> None:
        if self.mode != "users" or self.state.person is None:
            self.notify(say("tui.press_u"), markup=False)
            return
        self.screen_stack[0].toggle_class("why")
        self.call_after_refresh(self.draw)

    def action_train(self) -> None:
        if self._work is None or self._work.session is None:
            self.notify(say("tui.still_reading"), markup=False)
        elif self.state.training:
            self.notify(say("tui.training_already"), markup=False)
            self.action_mode("train")
        else:
            offers = [Offer(preset, preset, say(f"tui.about_{preset}")) for preset in PRESETS]
            self.push_screen(ChoiceDialog(say("tui.choose_preset"), offers), self._chosen_preset)

    def _chosen_preset(self, preset: str | None) -> None:
        if preset is not None:
            self._planned.append(preset)
            self._start_training(preset)
            self.action_mode("train")

    def action_stop_job(self) -> None:
        if not self.state.training:
            self.notify(say("tui.nothing_trains"), markup=False)
            return
        self._planned = list(PRESETS)
        self._jobs.stop()
        self.notify(say("tui.stopping"), markup=False)

    def action_discard_job(self) -> None:
        if not self.state.training:
            self.notify(say("tui.nothing_trains"), markup=False)
            return
        self._planned = list(PRESETS)
        self._filtering.submit(self._jobs.discard)

    def action_open_other(self) -> None:
        self.push_screen(
            ChoiceDialog(say("tui.open_title"), start_offers(self.home), say("tui.open_hint")), self._opened
        )

    def _opened(self, data: str | None) -> None:
        if data is not None:
            self._switch(data, None)

    def _switch(self, data: str, mapping: Mapping | None) -> None:
        """Open other data, or the same with other columns."""
        # On the session's thread, before the loading: it waits for the child to be gone.
        self._worker.submit(self._jobs.discard)
        self._data = None
        self.load(data, mapping)
        self.action_mode("home")

    def action_columns(self) -> None:
        """Look at the columns of the open data, and change what they mean."""
        dataset = self.state.dataset
        if self._work is None or self._work.session is None or dataset is None:
            self.notify(say("tui.step_none" if self.state.step == "none" else "tui.still_reading"), markup=False)
            return
        identity = self._work.session.identity

        def decided(mapping: Mapping | None) -> None:
            if mapping is not None:
                self._switch(str(identity.path), mapping)

        self.push_screen(MappingDialog(identity, self._filtering, known=dataset.columns), decided)

    def action_keys(self) -> None:
        self.push_screen(HelpDialog(help_rows(self.screen.active_bindings.values(), self.get_key_display)))

    def action_back(self) -> None:
        self.screen_stack[0].remove_class("why")
        if self.mode != "home":
            self.action_mode("home")

    def action_leave(self) -> None:
        if len(self.screen_stack) > 1:
            self.pop_screen()
        if not self.state.training:
            self.exit(int(ExitCode.DONE))
            return
        self.push_screen(ChoiceDialog(say("tui.quit_title"), leave_offers(), say("tui.quit_hint")), self._leaving)

    def _leaving(self, choice: str | None) -> None:
        if choice == DISCARDED:
            self._jobs.discard()
            self.exit(int(ExitCode.DONE))
        elif choice == KEPT:
            # The child goes on by itself to save what it has, and ends; nobody needs to wait for it.
            self._jobs.stop()
            self.exit(int(ExitCode.DONE))

    # --- endings --------------------------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """An error nobody foresaw: its details go to the log, the person gets one sentence."""
        log = log_error(self.home, error) or say("cli.no_log")
        self.parting = say("cli.unexpected", kind=type(error).__name__, log=log)
        if self.is_headless:
            super()._handle_exception(error)
            return
        self._jobs.discard()
        self.exit(int(ExitCode.FAILED), return_code=int(ExitCode.FAILED))


def run(data: str | None, mapping: Mapping | None, home: Home, preset: str | None, no_train: bool) -> int:
    """Run the workbench on a terminal; returns the exit code after the screen closed."""
    app = WorkbenchApp(data, mapping, home, preset, no_train)
    result = app.run()
    if app.parting:
        complain(app.parting)
    return int(result) if result is not None else int(app.return_code or 0)
