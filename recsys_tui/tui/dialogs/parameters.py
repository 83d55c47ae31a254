"""How a training is set up: the preset's settings, the device, the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from recsys_tui.output.messages import say
from recsys_tui.training.job import PRIVATE, TrainingRequest
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.widgets.line_table import fit

NAME_WIDTH = 46
# What of the sequence encoder and of the factors of ratings is told.
ENCODER = ("width", "blocks", "heads", "window", "dropout", "rate", "epochs", "targets", "negatives")
RATINGS = ("width", "sweeps")


@dataclass(frozen=True)
class ParameterGroup:
    """Settings under one heading, each a name and its value as text."""

    title: str
    rows: tuple[tuple[str, str], ...]
    note: str = ""


def parameters_of(request: TrainingRequest, rated: bool) -> tuple[ParameterGroup, ...]:
    """Everything that a training is set up with; ``rated``: the data holds ratings."""
    from recsys_tui.training.presets import PRESETS

    if request.preset == PRIVATE:
        told = (("preset", request.preset), ("horizon", request.horizon))
        named = tuple((say(f"train.parameter_{name}"), value) for name, value in told)
        return (ParameterGroup(say("train.parameters_group_run"), named, say("private.no_parameters")),)
    preset = PRESETS[request.preset]

    def rows(values: object, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
        told = asdict(values)  # type: ignore[call-overload]  # all of them are dataclasses
        return tuple((say(f"train.parameter_{name}"), _written(told[name])) for name in names)

    encoder = preset.encoder if request.horizon == "next" else None
    groups = [
        ParameterGroup(say("train.parameters_group_run"), rows(request, ("preset", "horizon", "seed", "device"))),
        ParameterGroup(
            say("train.parameters_group_deep"),
            rows(preset, ("epochs", "lists", "candidates", "blend_lists", "pairs", "head")),
        ),
    ]
    if encoder is None:
        groups.append(ParameterGroup(say("train.parameters_group_encoder"), (), say("train.parameters_no_encoder")))
    else:
        averaged = ((say("train.parameter_encoders"), f"{preset.encoders}"),)
        groups.append(ParameterGroup(say("train.parameters_group_encoder"), averaged + rows(encoder, ENCODER)))
    if rated:
        groups.append(ParameterGroup(say("train.parameters_group_ratings"), rows(preset.ratings, RATINGS)))
    return tuple(groups)


def _written(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


class ParametersDialog(Dialog[None]):
    """A scrolling list of settings; Escape or p closes it."""

    CSS_PATH = "parameters.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,p", "dismiss(None)", say("tui.key_close"), id="parameters.close"),
        Binding("j", "scroll(1)", show=False, id="parameters.down"),
        Binding("k", "scroll(-1)", show=False, id="parameters.up"),
    ]

    def __init__(self, preset: str, groups: Sequence[ParameterGroup]) -> None:
        super().__init__()
        self._preset, self._groups = preset, groups

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="parameters") as box:
            box.border_title = say("train.parameters_title", preset=self._preset)
            box.border_subtitle = say("train.parameters_hint")
            yield Static(Text("\n").join(self.lines()), markup=False)

    def on_mount(self) -> None:
        self.query_one("#parameters").focus()

    def lines(self) -> list[Text]:
        """What the dialog shows."""
        lines: list[Text] = []
        for group in self._groups:
            lines += [Text("")] * bool(lines) + [Text(group.title, style="bold")]
            lines += [Text(fit(name, NAME_WIDTH), style="dim").append(value, "not dim") for name, value in group.rows]
            lines += [Text(group.note, style="dim")] * bool(group.note)
        return lines

    def action_scroll(self, steps: int) -> None:
        for box in self.query("#parameters"):
            box.scroll_relative(y=steps, animate=False)
