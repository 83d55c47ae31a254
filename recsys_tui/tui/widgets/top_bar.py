"""The one line on top of every screen: dataset, model, device, job, help."""

from __future__ import annotations

import time

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from recsys_tui.output.messages import say
from recsys_tui.tui.keymap.keys import MODES
from recsys_tui.tui.state.workbench import WorkbenchState
from recsys_tui.tui.widgets.line_table import fit

NARROW = 100
BESIDE = Style(bold=False, dim=True)  # what stands beside a bold chip
SHORTEST_NAME = 12  # cells of the name of a dataset that details give way to


class TopBar(Static):
    """Redrawn with every state; the clock of a running job moves by itself."""

    DEFAULT_CSS = """
    TopBar { dock: top; height: 1; background: $footer-background; color: $footer-foreground; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._state, self._mode, self._started = WorkbenchState(), "home", 0.0
        self._line = Text()

    def show(self, state: WorkbenchState, mode: str) -> None:
        """Draw a state in a mode."""
        if state.training and not self._state.training:
            self._started = time.monotonic()
        self._state, self._mode = state, mode
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Draw again (the clock moved)."""
        state, width = self._state, self.content_size.width
        left, chip = _modes(self._mode, width), self._chip()
        right, between = Text(chip, style="bold"), " │ " if chip else ""
        used = left.cell_len + right.cell_len + len(between) + min(cell_len(state.name), SHORTEST_NAME) + 2
        details = next((text for text in _details(state) if used + cell_len(text) <= width), "")
        right.append(details and between + details, style=BESIDE)
        room = max(0, width - left.cell_len - right.cell_len - 1)
        name = fit(state.name, room) if room > 3 else " " * room
        line = Text.assemble(left, (name, "bold"), " ", right)
        if line != self._line:
            self._line = line
            self.update(line, layout=False)

    def _chip(self) -> str:
        job, run = self._state.job, self._state.compared.run
        if job is None or not job.running or (run is not None and self._mode == "compare"):
            if run is None:
                return ""
            from recsys_tui.tui.lines.compare import run_chip

            return run_chip(run)
        seconds = int(time.monotonic() - self._started)
        stage = job.current
        name = say(f"models.stage_{stage.name}") if stage is not None else job.called
        share = f" {stage.fraction:.0%}" if stage is not None else ""
        return f"▶ {name}{share} {seconds // 60}:{seconds % 60:02d}"


def _modes(mode: str, width: int) -> Text:
    """The numbers of the modes; names of all where there is room, else of the present one."""
    line = Text()
    for number, name in enumerate(MODES, 1):
        if name == mode:
            line.append(f" {number} {say(f'tui.mode_{name}')} ", style="reverse bold")
        else:
            line.append(f" {number} {say(f'tui.mode_{name}')} " if width >= NARROW else f" {number}", style="dim")
    return line.append("  ")


def _details(state: WorkbenchState) -> list[str]:
    """What is said of the model and its device, in ever fewer words."""
    model = state.model
    if model is None:
        return _with_tags([say("tui.bar_right", model=say("tui.no_model")), say("tui.no_model")], state)
    whole = f"{model.called} · {model.horizon} · {model.device}"
    return _with_tags(
        [say("tui.bar_right", model=whole), whole, f"{model.called} · {model.device}", model.called], state
    )


def _with_tags(details: list[str], state: WorkbenchState) -> list[str]:
    """That people are shown by pseudonyms comes first, and goes last."""
    if state.dataset is None or state.dataset.pseudonyms is None:
        return details
    chip = say("pseudonyms.chip")
    return [*(f"{chip} · {text}" for text in details), chip]
