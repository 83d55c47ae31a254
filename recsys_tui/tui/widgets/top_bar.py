"""The one line on top of every screen: dataset, model, device, job, help."""

from __future__ import annotations

import time

from rich.text import Text
from textual.widgets import Static

from recsys_tui.output.messages import say
from recsys_tui.tui.keys import MODES
from recsys_tui.tui.state import WorkbenchState
from recsys_tui.tui.widgets.line_table import fit

NARROW = 100


class TopBar(Static):
    """Redrawn with every state; the clock of a running job moves by itself."""

    DEFAULT_CSS = "TopBar { dock: top; height: 1; background: $panel; color: $foreground; padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._state, self._mode, self._started = WorkbenchState(), "home", 0.0

    def show(self, state: WorkbenchState, mode: str) -> None:
        """Draw a state in a mode."""
        if state.training and not self._state.training:
            self._started = time.monotonic()
        self._state, self._mode = state, mode
        self.draw()

    def draw(self) -> None:
        """Draw again (the clock moved)."""
        state = self._state
        left = Text()
        narrow = self.content_size.width < NARROW
        for number, name in enumerate(MODES, 1):
            here = name == self._mode
            label = f" {number} {say(f'tui.mode_{name}')} " if here or not narrow else f" {number} "
            left.append(label, style="reverse bold" if here else "dim")
        left.append("  ")
        model = say("tui.no_model") if state.model is None else f"{state.model.preset} · {state.model.horizon}"
        right = Text()
        chip = self._chip()
        if chip:
            right.append(chip, style="bold")
            right.append(" │ ")
        right.append(say("tui.bar_right_narrow" if narrow else "tui.bar_right", model=model), style="dim")
        room = max(0, self.content_size.width - left.cell_len - right.cell_len - 1)
        name = fit(state.name, room) if room > 3 else " " * room
        self.update(Text.assemble(left, (name, "bold"), " ", right))

    def _chip(self) -> str:
        job = self._state.job
        if job is None or not job.running:
            return ""
        seconds = int(time.monotonic() - self._started)
        stage = job.current
        name = say(f"models.stage_{stage.name}") if stage is not None else job.preset
        share = f" {stage.fraction:.0%}" if stage is not None else ""
        return f"▶ {name}{share} {seconds // 60}:{seconds % 60:02d}"
