"""Rounding to half precision against NumPy's own, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.half_precision import to_half


def bits(halves: np.ndarray) -> np.ndarray:
    return halves.view(np.uint16)


def every_half() -> np.ndarray:
    """All finite halves as float32."""
    found = np.arange(2**16, dtype=np.uint16).view(np.float16)
    return found[np.isfinite(found)].astype(np.float32)


def test_every_half_stays_itself():
    values = every_half().reshape(2, -1)
    np.testing.assert_array_equal(bits(to_half(values)), bits(values.astype(np.float16)))


@pytest.mark.parametrize("nudge", [-1, 0, 1])
def test_what_lies_between_two_halves_goes_to_the_nearer_and_a_tie_to_the_even_one(nudge: int):
    ordered = np.sort(np.unique(every_half()))
    between = ((ordered[:-1].astype(np.float64) + ordered[1:]) / 2).astype(np.float32)
    values = np.nextafter(between, np.float32(nudge * np.inf)) if nudge else between
    np.testing.assert_array_equal(bits(to_half(values[:, None])), bits(values[:, None].astype(np.float16)))


@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_all_sizes_and_both_orders_of_memory(order: str):
    random = np.random.default_rng(3)
    values = random.standard_normal((300, 217)) * 10.0 ** random.uniform(-12, 4, (300, 217))
    values = np.array(values.astype(np.float32), order=order)
    values[0, :4] = 0.0, -0.0, np.inf, -np.inf
    found = to_half(values)
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(bits(found), bits(values.astype(np.float16)))


def test_nothing_to_round():
    assert to_half(np.zeros((0, 0), np.float32)).shape == (0, 0)
