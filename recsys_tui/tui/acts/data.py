"""Opening data: reading it in the background, deciding about its columns, opening other data."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.training.job import HORIZONS
from recsys_tui.tui import messages as told
from recsys_tui.tui.base import WorkbenchBase
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer
from recsys_tui.tui.sample_rows import first_rows
from recsys_tui.tui.state.workbench import UNREAD, WorkbenchState
from recsys_tui.tui.work import SessionWork

SAMPLE_ROWS, LOOKED_AT = 60, 2_000
OTHER = "other"


class DataActs(WorkbenchBase):
    """What is done with whole datasets."""

    _loading = 0
    _asked_for: tuple[str, Mapping | None] = ("", None)

    def on_mount(self) -> None:
        self._garbage.begin()
        self.set_interval(1.0, self._tick)
        self.query_one("#home").focus()
        if self._data is None:
            self.state = WorkbenchState(step="none")
            self.call_after_refresh(self.mount_views, self.action_open_other)
        else:
            self.call_after_refresh(self._begin, self._data)

    def on_unmount(self) -> None:
        self._garbage.end()
        if self._work is not None:
            self._work.abandon()
        elif self._ahead is not None:
            self._ahead.stop()

    async def _begin(self, data: str) -> None:
        """Have the data read while the views are put in place."""
        self.load(data, self._mapping)
        await self.mount_views(self.draw)

    def load(self, data: str, mapping: Mapping | None) -> None:
        """Open a dataset in the background; the screen stays usable."""
        self.opened_as = data
        self.state = WorkbenchState(name=data.rstrip("/").rpartition("/")[2], step="finding", ranked_by="deep")
        self._users, self._planned = None, []
        self._loading += 1

        def open_session(progress: Callable[[str, float | None], None]) -> Session:
            return self._open_session(data, mapping, self.home, False, progress)

        if self._work is not None:
            self._work.abandon()
        # Data of the command line, with columns named there: names that do not fit are an error to end with.
        strict = self._data is not None and mapping is not None and not mapping.is_empty()
        self._asked_for = (data, mapping)
        horizon = self.settings.defaults.horizon or HORIZONS[0]
        ahead, self._ahead = self._ahead, None
        self._work = SessionWork(open_session, self.post_message, strict, horizon, self.all_there, ahead)
        self._worker.submit(self._work.load, fatal=True)
        self.draw()

    def on_load_step(self, event: told.LoadStep) -> None:
        self.state = replace(self.state, step=event.step)
        self.draw()
        if event.step == "reading" and self._work is not None and self._work.session is None:
            self._look_at_rows(*self._asked_for)

    def _look_at_rows(self, data: str, mapping: Mapping | None) -> None:
        """Show the first rows of what is being read, and count its lines, while the reading goes on."""
        number, post, home, tagged = self._loading, self.post_message, self.home, self.pseudonyms

        def stale() -> bool:
            return number != self._loading or self.state.overview is not None

        def look() -> None:
            from recsys_tui.data.line_count import count_lines
            from recsys_tui.data.locate import locate

            # Whatever is wrong with the data, the reading itself tells it.
            with suppress(UserError, OSError):
                told_before = mapping if mapping is not None and not mapping.is_empty() else None
                path = locate(data, home.datasets).path
                known = told_before or home.last_mapping(path)
                found = first_rows(path, known, home, tagged, SAMPLE_ROWS, LOOKED_AT)
                post(told.FirstRows(number, found))
                count_lines(found.files, lambda lines, share: post(told.LinesCounted(number, lines, share)), stale)

        self._filtering.submit(look, kind="rows")

    def on_first_rows(self, event: told.FirstRows) -> None:
        if event.number == self._loading and self.state.overview is None:
            self.state = replace(self.state, reading=replace(self.state.reading, preview=event.preview))
            self.draw()

    def on_lines_counted(self, event: told.LinesCounted) -> None:
        if event.number == self._loading and self.state.overview is None:
            reading = replace(self.state.reading, lines=event.lines, share=event.share)
            self.state = replace(self.state, reading=reading)
            self.draw()

    def on_data_ready(self, event: told.DataReady) -> None:
        self._users = event.users
        self.state = replace(
            self.state, name=event.dataset.name, dataset=event.dataset, overview=event.overview, reading=UNREAD
        )
        self.draw()
        if event.dataset.pseudonyms is not None:
            self.notify(say("pseudonyms.said"), markup=False, timeout=8)

    def on_columns_unclear(self, event: told.ColumnsUnclear) -> None:
        """Nobody but the person can say which column is what; without an answer there is other data to open."""
        from recsys_tui.tui.dialogs.mapping import MappingDialog

        self.state = replace(self.state, step="columns")
        self._garbage.settled()
        self.draw()

        def decided(mapping: Mapping | None) -> None:
            if mapping is not None:
                self._switch(str(event.identity.path), mapping)
                return
            self._data, self.state = None, WorkbenchState(step="none")
            self.draw()
            self.action_open_other()

        dialog = MappingDialog(event.identity, self._filtering, self.home, event.error, pseudonyms=self.pseudonyms)
        self.push_screen(dialog, decided)

    def on_work_failed(self, event: told.WorkFailed) -> None:
        if event.fatal and self._data is not None:
            self.parting = event.sentence
            self.exit(event.exit_code)
        elif not event.fatal:
            self.notify(event.sentence, severity="error", markup=False, timeout=10)
        else:
            self.state = WorkbenchState(step="none")
            self.draw()
            self.action_open_other(event.sentence)

    def action_open_other(self, sentence: str = "") -> None:
        """Choose other data; ``sentence``: why what was chosen before cannot be opened."""
        from recsys_tui.tui.dialogs.start import StartDialog

        if not sentence and self.state.training:
            sentence = say("home.start_discards")
        self.push_screen(StartDialog(self.home, self._filtering, sentence), self._opened)

    def _opened(self, data: str | None) -> None:
        if data is not None:
            self._ask_to_switch(data, None)

    def _ask_to_switch(self, data: str, mapping: Mapping | None) -> None:
        """Open other data; where that discards a training, ask before."""
        if not self.state.training:
            self._switch(data, mapping)
            return
        offer = Offer(OTHER, say("train.open_discards"), say("tui.quit_discard_about"))
        dialog = ChoiceDialog(say("train.open_discards_title"), [offer], say("tui.quit_hint"))
        self.push_screen(dialog, lambda choice: None if choice is None else self._switch(data, mapping))

    def _switch(self, data: str, mapping: Mapping | None) -> None:
        """Open other data, or the same with other columns."""
        # On the session's thread, before the loading: it waits for the child to be gone.
        self._worker.submit(self._jobs.discard)
        self._data = None
        self.load(data, mapping)
        self.action_mode("home")

    def action_columns(self) -> None:
        """Look at the columns of the open data, and change what they mean."""
        from recsys_tui.tui.dialogs.mapping import MappingDialog

        dataset = self.state.dataset
        if self._work is None or self._work.session is None or dataset is None:
            self.notify(say("tui.step_none" if self.state.step == "none" else "tui.still_reading"), markup=False)
            return
        identity = self._work.session.identity

        def decided(mapping: Mapping | None) -> None:
            if mapping is not None:
                self._ask_to_switch(str(identity.path), mapping)

        dialog = MappingDialog(identity, self._filtering, self.home, known=dataset.columns, pseudonyms=self.pseudonyms)
        self.push_screen(dialog, decided)

    def action_details(self) -> None:
        """All columns, all findings with how to change them, sample rows."""
        from recsys_tui.tui.dialogs.details import DetailsDialog, details_of

        dataset, overview = self.state.dataset, self.state.overview
        if dataset is None or overview is None:
            self.notify(say("tui.step_none" if self.state.step == "none" else "tui.still_reading"), markup=False)
            return
        details = details_of(dataset, overview, self.state.note)
        self.push_screen(DetailsDialog(details, dataset, self._filtering, self.home, self.pseudonyms))
