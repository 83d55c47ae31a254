"""What background threads tell the application. They only post these; the application's handlers change the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.message import Message

from recsys_tui.training.events import TrainingEvent

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.overview import Overview
    from recsys_tui.data.preview import Preview
    from recsys_tui.output.errors import UserError
    from recsys_tui.store.identity import Identity
    from recsys_tui.tui.state.workbench import ModelState


class LoadStep(Message):
    """A step of loading began."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step


class FirstRows(Message):
    """The first rows of the data that is being read; ``number`` is that of the loading."""

    def __init__(self, number: int, preview: Preview) -> None:
        super().__init__()
        self.number, self.preview = number, preview


class LinesCounted(Message):
    """How many lines the data has so far, and of which share of its bytes. A newer count replaces one that waits."""

    def __init__(self, number: int, lines: int, share: float) -> None:
        super().__init__()
        self.number, self.lines, self.share = number, lines, share

    def can_replace(self, message: Message) -> bool:
        """Only the newest count matters."""
        return isinstance(message, LinesCounted)


class DataReady(Message):
    """The dataset is read; ``users`` is the frame of the user picker."""

    def __init__(self, dataset: Dataset, overview: Overview, users: Any) -> None:
        super().__init__()
        self.dataset, self.overview, self.users = dataset, overview, users


class ModelReady(Message):
    """A model answers from now on (None: there is none yet)."""

    def __init__(self, model: ModelState | None, users: Any, note: str | None) -> None:
        super().__init__()
        self.model, self.users, self.note = model, users, note


class Answered(Message):
    """A task on the session's thread is done: the handler that takes its value, on the application's own thread."""

    def __init__(self, take: Callable[[Any], None], value: Any) -> None:
        super().__init__()
        self.take, self.value = take, value


class TrainingTold(Message):
    """An event of the training process. A newer progress report replaces one that waits."""

    def __init__(self, event: TrainingEvent, preset: str) -> None:
        super().__init__()
        self.event, self.preset = event, preset

    def can_replace(self, message: Message) -> bool:
        """Progress of the same stage without a figure to keep may be dropped for a newer one."""
        if not isinstance(message, TrainingTold):
            return False
        old = message.event
        return old.kind == self.event.kind == "stage_progress" and old.stage == self.event.stage and not old.metrics


class TrainingStarted(Message):
    """A training process runs; the deep model learns for ``epochs`` at most (0: not known). ``epsilon``: what a private
    one promises. ``device``: where it was asked to learn."""

    def __init__(
        self,
        preset: str,
        horizon: str = "next",
        seed: int = 0,
        epochs: int = 0,
        epsilon: float | None = None,
        device: str = "auto",
    ) -> None:
        super().__init__()
        self.preset, self.horizon, self.seed, self.epochs, self.epsilon = preset, horizon, seed, epochs, epsilon
        self.device = device


class TrainingEnded(Message):
    """The training process is gone; another may start."""


class WorkFailed(Message):
    """Something went wrong in the background: a sentence, an exit code, and whether the application can go on."""

    def __init__(self, sentence: str, exit_code: int, fatal: bool) -> None:
        super().__init__()
        self.sentence, self.exit_code, self.fatal = sentence, exit_code, fatal


class Filtered(Message):
    """The rows of the user picker that match: positions in the frame, for the text that was typed."""

    def __init__(self, generation: int, rows: Any, milliseconds: float) -> None:
        super().__init__()
        self.generation, self.rows, self.milliseconds = generation, rows, milliseconds


class ColumnsUnclear(Message):
    """The data waits for somebody to say which column is what."""

    def __init__(self, identity: Identity, error: UserError) -> None:
        super().__init__()
        self.identity, self.error = identity, error


class PreviewRead(Message):
    """The first rows of the data, and what detection makes of the columns; ``number`` is that of the question."""

    def __init__(self, number: int, preview: Preview) -> None:
        super().__init__()
        self.number, self.preview = number, preview


class PreviewFailed(Message):
    """The data cannot be looked at."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


Post = Callable[[Message], Any]
