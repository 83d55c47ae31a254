"""Optimisers without the compiler: they step as torch's own do, and the compiler is not imported."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch

from recsys_tui.models.optimisers import build_optimiser

SETTINGS = [("AdamW", {"weight_decay": 0.05, "fused": True}), ("AdamW", {"weight_decay": 0.05}), ("Adam", {})]


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_the_steps_are_those_of_torch(name: str, settings: dict[str, Any]):
    ended = []
    for make in (build_optimiser, lambda name, *given, **more: getattr(torch.optim, name)(*given, **more)):
        parameter = torch.nn.Parameter(torch.linspace(-2, 2, 9))
        optimiser = make(name, [parameter], lr=0.1, **settings)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.1, total_steps=20)
        for _ in range(15):
            optimiser.zero_grad()
            (parameter**4 - parameter).sum().backward()
            optimiser.step()
            schedule.step()
        assert not optimiser.state[parameter]["exp_avg"].requires_grad
        ended.append(parameter.detach())
    assert torch.equal(*ended)
    assert not torch.equal(ended[0], torch.linspace(-2, 2, 9))


def test_training_does_not_import_the_compiler():
    program = (
        "import sys\nimport numpy as np\nfrom recsys_tui.data.histories import Histories\n"
        "from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention\n"
        "items = np.tile(np.arange(6, dtype=np.int32), 20)\n"
        "histories = Histories(np.arange(0, 121, 6), items, None, np.ones(120, np.float32), 6)\n"
        "SelfAttention.fit(histories, settings=AttentionSettings(width=8, window=5, epochs=1))\n"
        "print('torch' in sys.modules, 'torch._dynamo' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"
