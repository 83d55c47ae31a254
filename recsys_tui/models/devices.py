"""The one place that knows about devices: which there are, and which is meant by ``auto``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys_tui.output.errors import UserError

if TYPE_CHECKING:
    import torch


def choose_device(wanted: str) -> torch.device:
    """The torch device for ``auto``, ``cpu``, ``cuda`` or ``mps``.

    ``auto`` takes CUDA, then Apple's MPS, then the CPU. Raises ``UserError`` if the wanted one is not on this
    machine. ``meta`` is accepted too: it has shapes but no numbers, and lets a test walk the device path of a model.
    """
    import torch

    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
        "meta": True,
    }
    if wanted == "auto":
        wanted = next(name for name in ("cuda", "mps", "cpu") if available[name])
    if wanted not in available:
        raise UserError("models.unknown_device", device=wanted)
    if not available[wanted]:
        raise UserError("models.no_such_device", device=wanted)
    return torch.device(wanted)


def use_one_thread() -> None:
    """One thread for torch: on small CPUs faster than two as soon as anything else runs."""
    import torch

    torch.set_num_threads(1)
