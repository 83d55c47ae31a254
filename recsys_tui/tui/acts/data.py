"""Opening data: reading it in the background, deciding about its columns, opening other data."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.tui import messages as told
from recsys_tui.tui.base import WorkbenchBase
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.mapping import MappingDialog
from recsys_tui.tui.dialogs.start import start_offers
from recsys_tui.tui.state import WorkbenchState
from recsys_tui.tui.work import SessionWork


class DataActs(WorkbenchBase):
    """What is done with whole datasets."""

    def on_mount(self) -> None:
        self.theme = "tokyo-night"
        self.set_interval(1.0, self._tick)
        self.query_one("#home").focus()
        if self._data is None:
            self.state = WorkbenchState(step="none")
            self.call_after_refresh(self.action_open_other)
        else:
            self.call_after_refresh(self.load, self._data, self._mapping)

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

    def on_load_step(self, event: told.LoadStep) -> None:
        self.state = replace(self.state, step=event.step)
        self.draw()

    def on_data_ready(self, event: told.DataReady) -> None:
        self._users = event.users
        self.state = replace(self.state, name=event.dataset.name, dataset=event.dataset, overview=event.overview)
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
