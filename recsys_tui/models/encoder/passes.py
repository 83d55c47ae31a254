"""Passes over the training windows that move the self-attention network: an epoch of all, a last one of the newest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories
from recsys_tui.models.encoder.next_item_loss import Loss
from recsys_tui.models.encoder.self_attention import AttentionSettings
from recsys_tui.models.encoder.training_windows import (
    WindowBatch,
    Windows,
    batches_by_length,
    cut_windows,
    newest_of_each,
    sample_of,
)
from recsys_tui.models.optimisers import build_optimiser

if TYPE_CHECKING:
    import torch

TARGETS_AT_ONCE = (128, 1_024)
FEWEST_STEPS = 40
WEIGHT_DECAY = 1e-2
LONGEST_STEP = 5.0
WARM_UP = 0.05
FINISH = 0.1
# Where one kernel does the step of all parameters.
FUSED_ON = ("cpu", "cuda")

Report = Callable[[float, dict[str, float]], None]


class Passes:
    """The network with its optimiser, moved by AdamW at a rate that rises briefly and then falls linearly to 0.

    ``report`` gets the share of all epochs done, with ``epoch`` and ``loss``; ``stopped`` is asked after every batch,
    and a pass ends early if it says yes.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        loss: Loss,
        settings: AttentionSettings,
        random: np.random.Generator,
        report: Report,
        stopped: Callable[[], bool],
    ) -> None:
        self.network = network
        self._loss = loss
        self._settings = settings
        self._random = random
        self._report = report
        self._stopped = stopped
        self._device = network.get_parameter("item_vectors").device
        fused = self._device.type in FUSED_ON
        self._optimiser = build_optimiser(
            "AdamW", network.parameters(), lr=settings.rate, weight_decay=WEIGHT_DECAY, fused=fused
        )

    def epoch(self, histories: Histories, number: int) -> float:
        """Every next item once, in the epoch ``number`` (from 0); gives the mean loss.

        Where these alone are more than the settings allow, a sample of the windows.
        """
        epochs = self._settings.epochs

        def rate(part: float) -> float:
            share = (number + part) / epochs
            return self._settings.rate * min(1.0, (share + 1e-3) / WARM_UP) * (1 - share)

        def tell(part: float, loss: float) -> None:
            self._report((number + part) / epochs, {"epoch": number + 1, "loss": loss})

        windows = sample_of(self._cut(histories), self._settings.targets, self._random)
        return self._learn(histories, windows, rate, tell)

    def finish(self, histories: Histories) -> None:
        """The newest stretch of everybody once, at a tenth of the rate."""
        windows = newest_of_each(histories, self._cut(histories))
        self._learn(
            histories, windows, lambda part: FINISH * self._settings.rate * (1 - part), lambda _part, _loss: None
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The parameters as they are now."""
        return {name: tensor.detach().cpu().numpy().copy() for name, tensor in self.network.named_parameters()}

    def go_back_to(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Make earlier parameters those of the network."""
        import torch

        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                parameter.copy_(torch.from_numpy(arrays[name]))

    def _cut(self, histories: Histories) -> Windows:
        width = self._settings.window
        return cut_windows(histories, width, max(1, width // 2), self._random)

    def _learn(
        self,
        histories: Histories,
        windows: Windows,
        rate: Callable[[float], float],
        tell: Callable[[float, float], None],
    ) -> float:
        self.network.train()
        everything, total, count = int(windows.asked.sum()), 0.0, 0
        # Small data are cut into smaller batches, so that there are steps enough to learn from.
        at_once = int(np.clip(everything // FEWEST_STEPS, *TARGETS_AT_ONCE))
        for batch in batches_by_length(histories, windows, at_once, self._random):
            size = int((batch.targets >= 0).sum())
            total += self._step(batch, rate(count / everything)) * size
            count += size
            if self._stopped():
                break
            tell(count / everything, total / count)
        return total / max(1, count)

    def _step(self, batch: WindowBatch, rate: float) -> float:
        import torch

        for group in self._optimiser.param_groups:
            group["lr"] = rate
        inputs = torch.from_numpy(batch.inputs).to(self._device).long()
        targets = torch.from_numpy(batch.targets).to(self._device).long()
        there = targets >= 0
        self._optimiser.zero_grad()
        states = self.network(inputs, targets.shape[1])
        loss = self._loss(states[there], targets[there], self.network.get_parameter("item_vectors"))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LONGEST_STEP)
        self._optimiser.step()
        return float(loss.detach())
