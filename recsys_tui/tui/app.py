"""The workbench: an application whose handlers alone change the state, and whose views draw it."""

from __future__ import annotations

from pathlib import Path

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import complain
from recsys_tui.output.errors import ExitCode
from recsys_tui.recommend.reading_ahead import ReadingAhead
from recsys_tui.store.home import Home
from recsys_tui.store.remembered import Memory
from recsys_tui.store.settings import Settings, apply_crowd, problem_told, read_settings
from recsys_tui.store.unforeseen import sentence_of
from recsys_tui.tui.acts.auditing import AuditingActs
from recsys_tui.tui.acts.being_there_again import BeingThereAgain
from recsys_tui.tui.acts.clusters import ClusterActs
from recsys_tui.tui.acts.compare import CompareActs
from recsys_tui.tui.acts.explaining import ExplainingActs
from recsys_tui.tui.acts.items import ItemActs
from recsys_tui.tui.acts.list_options import ListOptionsActs
from recsys_tui.tui.acts.live import LiveActs
from recsys_tui.tui.acts.shell import ShellActs


class WorkbenchApp(
    ItemActs,
    ClusterActs,
    LiveActs,
    ExplainingActs,
    ListOptionsActs,
    CompareActs,
    AuditingActs,
    BeingThereAgain,
    ShellActs,
):
    """One dataset at a time. Returns an exit code; ``parting`` is a sentence to say after the screen closed."""

    async def action_back(self) -> None:
        if self.step_back():
            return
        if self.mode != "home":
            self.action_mode("home")

    def _handle_exception(self, error: Exception) -> None:
        """An error nobody foresaw: the person gets one sentence, and its details go to the log where it is of ours.

        What stumbles while the program ends, as a dialog does that opened last, is no matter for them.
        """
        sentence = sentence_of(error, lambda: self.home)
        if self._exit:
            return
        self.parting = sentence
        if self.is_headless:
            super()._handle_exception(error)
            return
        self._jobs.discard()
        self.exit(int(ExitCode.FAILED), return_code=int(ExitCode.FAILED))


def run(
    data: str | None,
    mapping: Mapping | None,
    home: Home,
    preset: str | None,
    no_train: bool,
    config: Path,
    pseudonyms: bool | None = None,
    ahead: ReadingAhead | None = None,
) -> int:
    """Run the workbench on a terminal; returns the exit code after the screen closed.

    ``config``: the configuration file. What is wrong in it is told and passed over. ``pseudonyms``: whether people are
    shown by tags; None where that file says. ``ahead``: a process that reads the data already.
    """
    settings, problem = Settings(), None
    if config.is_file():
        from recsys_tui.tui.keymap.known_names import known_names

        settings, problems = read_settings(config, known_names())
        apply_crowd(settings)
        problem = problem_told(config, problems[0]) if problems else None
    preset = preset or settings.defaults.preset
    memory = Memory(home)
    tagged = bool(settings.pseudonyms if pseudonyms is None else pseudonyms)
    app = WorkbenchApp(
        data,
        mapping,
        home,
        preset,
        no_train,
        settings=settings,
        memory=memory,
        config_problem=problem,
        pseudonyms=tagged,
        ahead=ahead,
    )
    result = app.run()
    app.remember_now()
    if app.parting:
        complain(app.parting)
    return int(result) if result is not None else int(app.return_code or 0)
