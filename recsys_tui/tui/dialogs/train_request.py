"""Choosing what to train: the preset, what it is to foretell, seed, device; or what a private model is to promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.training.job import DEVICES, HORIZONS, LARGEST_SEED, PRESETS, PRIVATE, TrainingRequest
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.sizes import LOW
from recsys_tui.tui.widgets.stage_lines import clock

USUAL_EPSILON = 1.0
MOST_LETTERS = 6  # of a typed ε
CHOICES = (*PRESETS, PRIVATE)


class TrainDialog(Dialog[TrainingRequest | None]):
    """Returns what to train, or None for Escape. ``seconds``: how long each ``preset-horizon`` is expected to take.

    Digits are those of the seed; where the private model is chosen, of its ``epsilon``, to which a point may belong.
    """

    CSS_PATH = "train_request.tcss"
    VERTICAL_BREAKPOINTS = [(0, "low"), (LOW, "high")]  # noqa: RUF012 - declared so by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="train_dialog.close"),
        Binding("j", "down", show=False, id="train_dialog.down"),
        Binding("k", "up", show=False, id="train_dialog.up"),
        Binding("right,l", "horizon(1)", show=False, priority=True, id="train_dialog.next_horizon"),
        Binding("left,h", "horizon(-1)", show=False, priority=True, id="train_dialog.previous_horizon"),
        Binding("d", "device", show=False, id="train_dialog.device"),
        Binding("backspace", "digit('')", show=False, id="train_dialog.delete"),
    ]

    def __init__(
        self,
        seconds: Mapping[str, float],
        preset: str = PRESETS[0],
        seed: int = 0,
        epsilon: float = USUAL_EPSILON,
        device: str = DEVICES[0],
    ) -> None:
        super().__init__()
        self._seconds, self._first = seconds, preset
        self.horizon, self.seed, self.epsilon = HORIZONS[0], seed, f"{epsilon:g}"
        self.device = device

    def compose(self) -> ComposeResult:
        with Vertical(id="train-dialog") as box:
            box.border_title = say("train.choose_title")
            yield OptionList(*self._options(), markup=False)
            yield Static("", markup=False, id="train-dialog-rest")

    def on_mount(self) -> None:
        presets = self.query_one(OptionList)
        presets.highlighted = CHOICES.index(self._first)
        presets.focus()
        self._show()

    def _options(self) -> list[Option]:
        return [Option(self._offer(preset), id=preset) for preset in CHOICES]

    def _offer(self, preset: str) -> Text:
        about, seconds = say(f"tui.about_{preset}"), self._seconds.get(f"{preset}-{self.horizon}")
        if seconds is not None:
            about = say("train.offer", about=about, time=clock(seconds))
        return Text(f"{preset:<9}", no_wrap=True, overflow="ellipsis").append(f" {about}", style="dim")

    def _show(self) -> None:
        if not self.query("#train-dialog-rest"):
            return
        presets = self.query_one(OptionList)
        for preset in CHOICES:
            presets.replace_option_prompt(preset, self._offer(preset))
        shown_key: Callable[[str], str] | None = getattr(self.app, "shown_key", None)
        key = "d" if shown_key is None else shown_key("train_dialog.device") or "d"
        lines = [say("train.horizon_line", horizon=self.horizon, about=say(f"train.about_{self.horizon}"))]
        if self._private:
            lines += [say("private.epsilon_line", epsilon=self.epsilon or "…"), say("private.costs")]
        else:
            lines += [say("train.seed_line", seed=self.seed), say("train.device_line", device=self.device, key=key)]
        told = Text("\n".join(lines), no_wrap=True, overflow="ellipsis")
        self.query_one("#train-dialog-rest", Static).update(told)
        keys = say("train.choose_keys_private") if self._private else say("train.choose_keys", key=key)
        self.query_one("#train-dialog").border_subtitle = keys

    @property
    def _private(self) -> bool:
        """Whether the private model is under the cursor."""
        return self.query_one(OptionList).highlighted == CHOICES.index(PRIVATE)

    @on(OptionList.OptionHighlighted)
    def _looked_at(self) -> None:
        self._show()

    # A key may come before the dialog has its parts.
    def action_down(self) -> None:
        for presets in self.query(OptionList):
            presets.action_cursor_down()

    def action_up(self) -> None:
        for presets in self.query(OptionList):
            presets.action_cursor_up()

    def action_horizon(self, steps: int) -> None:
        self.horizon = HORIZONS[(HORIZONS.index(self.horizon) + steps) % len(HORIZONS)]
        self._show()

    def action_device(self) -> None:
        """Train on the next kind of device; whether there is one shows when training starts."""
        self.device = DEVICES[(DEVICES.index(self.device) + 1) % len(DEVICES)]
        self._show()

    def action_digit(self, digit: str) -> None:
        """Append a digit to the seed or to the ε; an empty one takes the last away."""
        if self.query(OptionList) and self._private:
            self.epsilon = (self.epsilon + digit)[:MOST_LETTERS] if digit else self.epsilon[:-1]
            self._show()
            return
        written = f"{self.seed}{digit}" if digit else f"{self.seed}"[:-1]
        self.seed = min(int(written or "0"), LARGEST_SEED)
        self._show()

    def on_key(self, event: events.Key) -> None:
        # Bindings come later than this: a digit must not overtake the Backspace before it.
        if event.key == "backspace":
            event.stop()
            self.action_digit("")
        elif event.character is not None and event.character in "0123456789":
            event.stop()
            self.action_digit(event.character)
        elif event.character == "." and self.query(OptionList) and self._private and "." not in self.epsilon:
            event.stop()
            self.action_digit(".")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        preset = CHOICES[event.option_index]
        try:
            epsilon = float(self.epsilon or "0") if preset == PRIVATE else None
            device = self.device if epsilon is None else DEVICES[0]
            self.dismiss(TrainingRequest(preset, self.horizon, self.seed, device, epsilon))
        except (UserError, ValueError) as error:
            told = str(error) if isinstance(error, UserError) else say("private.no_epsilon", value=self.epsilon)
            self.notify(told, severity="error", markup=False)
