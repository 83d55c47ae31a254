"""Numbers as soft buckets: shares that sum to one, near numbers alike, the same after storing and for new items."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.fold_in import fold_in_content_profiles
from recsys_tui.profiles.item_terms import TermKind
from recsys_tui.profiles.number_scales import NumberScales

PRICES = pl.DataFrame({"price": [float(n) for n in range(1, 161)]})


def test_middles_are_quantiles_and_shares_are_linear_between_them():
    scales = NumberScales.fit(PRICES)
    # Of 1 … 160 the quantiles 1/16, 3/16 … are 1 + 159/16, 1 + 3·159/16 …, here to three digits.
    expected = [10.9, 30.8, 50.7, 70.6, 90.4, 110.0, 130.0, 150.0]
    np.testing.assert_allclose(scales.middles[0], expected)
    near = scales.terms_of(pl.DataFrame({"price": [10.9, 15.875, 1.0, 500.0, None]}))
    first, second, last = ((TermKind.NUMBER, f"price ≈ {text}") for text in ("10.9", "30.8", "150"))
    assert near[0] == {first: 1.0}
    # 15.875 is a quarter of the way from 10.9 to 30.8.
    assert near[1] == pytest.approx({first: 0.75, second: 0.25})
    assert near[2] == {first: 1.0}
    assert near[3] == {last: 1.0}
    assert near[4] == {}


def test_few_values_have_a_bucket_each():
    scales = NumberScales.fit(pl.DataFrame({"attribute.players": [1.0, 2.0, 2.0, 4.0, None]}))
    assert scales.middles[0][:3].tolist() == [1, 2, 4]
    assert scales.terms_of(pl.DataFrame({"attribute.players": [2.0]})) == [{(TermKind.NUMBER, "players ≈ 2"): 1.0}]


def test_near_prices_are_alike_and_far_ones_are_not():
    profiles, _ = fit_content_profiles(PRICES, 0)
    cosines = profiles.last(Histories.of_one([79], 160))[0]
    assert cosines[79] == pytest.approx(1)
    assert cosines[79] > cosines[84] > cosines[94] > 0
    assert cosines[130] == cosines[20] == 0


def test_they_survive_storing_and_place_new_items():
    items = pl.DataFrame({"id": ["a", "b", "c", "d"], "price": [1.0, 2.0, 8.0, 9.0]})
    profiles, _ = fit_content_profiles(items, 0)
    stored = ContentProfiles.from_arrays(profiles.to_arrays())
    grown = pl.concat([items, pl.DataFrame({"id": ["e"], "price": [8.5]})])
    folded = fold_in_content_profiles(stored, grown, np.array([0, 1, 2, 3, -1]))
    # 8.5 lies half way between the buckets 8 and 9, which weigh alike.
    cosines = folded.last(Histories.of_one([4], 5))[0]
    np.testing.assert_allclose(cosines, [0, 0, np.sqrt(0.5), np.sqrt(0.5), 1], rtol=1e-6)
