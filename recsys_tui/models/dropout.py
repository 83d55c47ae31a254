"""Dropout with masks that cost little on a CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

LEVELS = 256


def build_dropout(share: float) -> torch.nn.Module:
    """Dropout (Srivastava et al., JMLR 2014) of this ``share`` of the numbers, in training alone.

    On a CPU the masks come from NumPy's SFC64, a byte a number, for torch's own generator takes ten times as long
    there; the share is then rounded to 1/256. Their seed is drawn from torch's generator, here.
    """
    import torch
    from torch import nn
    from torch.nn import functional

    dropped = round(share * LEVELS)
    kept_weigh = np.float32(LEVELS / (LEVELS - dropped))

    class Dropout(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self._random = np.random.Generator(np.random.SFC64(int(torch.randint(2**62, ()))))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if not self.training or not share:
                return x
            if x.device.type != "cpu":
                return functional.dropout(x, share)
            drawn = np.frombuffer(self._random.bytes(x.numel()), np.uint8)
            return x * torch.from_numpy((drawn >= dropped) * kept_weigh).view(x.shape)

    return Dropout()
