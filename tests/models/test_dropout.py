"""Dropout whose masks are NumPy's: what it keeps, on average and alone, and that a seed brings it back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recsys_tui.models.dropout import build_dropout

SHAPE = (400, 500)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_its_share_is_dropped_and_the_rest_scaled_up(share: float):
    torch.manual_seed(0)
    result = build_dropout(share)(torch.ones(SHAPE)).numpy()
    dropped = result == 0
    # The share is kept to 1/256; of n numbers the observed one deviates by √(p(1-p)/n).
    near = 1 / 512 + 4 * np.sqrt(share * (1 - share) / dropped.size)
    assert dropped.mean() == pytest.approx(share, abs=near)
    assert len(np.unique(result[~dropped])) == 1
    assert result[~dropped][0] == pytest.approx(1 / (1 - share), abs=0.01)
    # Neighbours in both directions are dropped independently.
    assert (dropped[:, 1:] & dropped[:, :-1]).mean() == pytest.approx(dropped.mean() ** 2, abs=0.005)
    assert (dropped[1:] & dropped[:-1]).mean() == pytest.approx(dropped.mean() ** 2, abs=0.005)


def test_slopes_pass_where_numbers_were_kept():
    x = torch.full(SHAPE, 2.0, requires_grad=True)
    result = build_dropout(0.3)(x)
    result.sum().backward()
    np.testing.assert_allclose(x.grad.numpy() * 2, result.detach().numpy())


def test_a_seed_gives_the_same_masks_and_each_call_others():
    torch.manual_seed(3)
    one = build_dropout(0.5)
    first, second = one(torch.ones(SHAPE)), one(torch.ones(SHAPE))
    torch.manual_seed(3)
    again = build_dropout(0.5)
    assert torch.equal(again(torch.ones(SHAPE)), first)
    assert torch.equal(again(torch.ones(SHAPE)), second)
    assert not torch.equal(first, second)


def test_nothing_is_dropped_outside_training_or_at_a_share_of_none():
    x = torch.ones(SHAPE)
    assert torch.equal(build_dropout(0.5).eval()(x), x)
    assert torch.equal(build_dropout(0.0)(x), x)


def test_it_works_on_a_device_without_numbers():
    assert build_dropout(0.1)(torch.ones(SHAPE, device="meta")).device.type == "meta"
