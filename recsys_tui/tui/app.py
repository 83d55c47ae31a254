"""The workbench: an application whose handlers alone change the state, and whose views draw it."""

from __future__ import annotations

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import complain
from recsys_tui.output.errors import ExitCode
from recsys_tui.output.messages import say
from recsys_tui.store.error_log import log_error
from recsys_tui.store.home import Home
from recsys_tui.tui.acts.data import DataActs
from recsys_tui.tui.acts.people import PeopleActs
from recsys_tui.tui.acts.training import TrainingActs
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.help import HelpDialog
from recsys_tui.tui.dialogs.leave import DISCARDED, KEPT, leave_offers
from recsys_tui.tui.keys import help_rows


class WorkbenchApp(DataActs, TrainingActs, PeopleActs):
    """One dataset at a time. Returns an exit code; ``parting`` is a sentence to say after the screen closed."""

    def action_keys(self) -> None:
        self.push_screen(HelpDialog(help_rows(self.screen.active_bindings.values(), self.get_key_display)))

    async def action_back(self) -> None:
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
