"""Large catalogues: signals at some items are the dense ones, and pools hold what the experts put first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.models import item_pools
from recsys_tui.models.candidate_lists import blend_samples, candidate_lists, untaken
from recsys_tui.models.cold_items import ColdItems
from recsys_tui.models.encoder.averaged import AveragedAttention
from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention
from recsys_tui.models.experts import Experts
from recsys_tui.models.held_out import HeldOut
from recsys_tui.models.interaction import InteractionModel, sample_pairs
from recsys_tui.models.item_pools import WIDTHS, draw_pools, places_in
from recsys_tui.models.signal_names import INPUT_SIGNALS, SIGNALS
from recsys_tui.models.signals import signal_stack, signals_at, signals_to_rank

SOURCES = (*INPUT_SIGNALS, "encoder")
BLEND = np.linspace(0.2, 1.0, len(SIGNALS)).astype(np.float32)


@pytest.fixture(scope="module")
def encoded(experts: Experts, histories: Histories) -> Experts:
    """All experts, with a sequence encoder of one short epoch, which has not met every item."""
    encoder = SelfAttention.fit(histories, settings=AttentionSettings(width=8, window=6, epochs=1))
    known = np.arange(histories.item_count) % 7 > 0
    return replace(experts, encoder=AveragedAttention((SelfAttention({**encoder.to_arrays(), "known": known}),)))


@pytest.fixture(scope="module")
def linked(histories: Histories) -> Histories:
    """Twenty people, the fourth without a history, whose friends took some things."""
    some = histories.rows(0, 20)
    random = np.random.default_rng(2)
    taken = random.random((20, some.item_count)) < 0.2
    items = np.nonzero(taken)[1].astype(np.int32)
    values = random.random(len(items)).astype(np.float32)
    indptr = np.concatenate([[0], np.cumsum(taken.sum(axis=1))]).astype(np.int64)
    return replace(some, peers={"friends": SparseRows(indptr, items, values)})


@pytest.fixture
def pooled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pools for every catalogue."""
    monkeypatch.setattr(item_pools, "POOLED_ABOVE", 0)
    monkeypatch.setattr(item_pools, "WIDTHS", dict.fromkeys(WIDTHS, 4))


@pytest.mark.parametrize("name", SOURCES)
def test_a_signal_at_some_items_is_that_of_the_whole_catalogue(name: str, encoded: Experts, linked: Histories):
    whole = encoded.score(name, linked)
    items = np.random.default_rng(1).permuted(np.tile(np.arange(linked.item_count), (len(linked), 1)), axis=1)
    source = encoded.partial_signals(linked, [name])[name]
    every = source.at(items.astype(np.int32))
    np.testing.assert_allclose(every, np.take_along_axis(whole, items, axis=1), rtol=1e-5, atol=1e-6)
    for person in (0, 3, 11):
        alone = encoded.partial_signals(linked.rows(person, person + 1), [name])[name]
        np.testing.assert_allclose(alone.at(items[person : person + 1])[0], every[person], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("item", [0, 1, 33])
def test_experts_that_know_a_few_items_say_the_same_of_them(name: str, item: int, encoded: Experts, linked: Histories):
    """The first item is new: it is scored through two others."""
    cold = ColdItems(np.array([0], np.int32), np.array([[3, 40]], np.int32), np.array([[0.75, 0.25]], np.float32))
    whole = replace(encoded, cold=cold)
    items = np.full((len(linked), 1), item, np.int32)
    narrow = whole.of_items(np.array([item], np.int32))
    expected = whole.score(name, linked)[:, [item]]
    np.testing.assert_allclose(narrow.partial_signals(linked, [name])[name].at(items), expected, rtol=1e-5, atol=1e-6)
    # One place a person and several are worked out differently.
    several = narrow.partial_signals(linked, [name])[name].at(np.repeat(items, 3, axis=1))
    np.testing.assert_allclose(several, np.repeat(expected, 3, axis=1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", SOURCES)
def test_the_best_of_a_signal_are_the_allowed_items_it_scores_highest(name: str, encoded: Experts, linked: Histories):
    allowed = np.random.default_rng(3).random((len(linked), linked.item_count)) < 0.7
    rows, items = encoded.partial_signals(linked, [name])[name].best(5, allowed)
    whole = np.array(encoded.score(name, linked))
    among = np.ones(linked.item_count, np.bool_)
    if name == "encoder":
        assert encoded.encoder is not None
        among = encoded.encoder.known & np.isin(np.arange(linked.item_count), encoded.ease.head)
    for person in range(len(linked)):
        found = items[rows == person]
        able = np.flatnonzero(allowed[person] & among & (whole[person] > 0))
        if name in ("popular", "recent"):  # five for everyone, of which some are not allowed
            able = np.intersect1d(able, np.argpartition(-whole[person], 4)[:5])
        assert len(set(found.tolist())) == len(found) == min(5, len(able))
        np.testing.assert_allclose(np.sort(whole[person, found]), np.sort(whole[person, able])[-5:], rtol=1e-4)
    assert len(items) or name == "follows_back"


def test_a_pool_is_the_union_of_what_experts_put_first(encoded: Experts, linked: Histories, pooled: None):
    allowed = untaken(linked)
    allowed[:, ::5] = False
    sources = encoded.partial_signals(linked, SOURCES)
    fame = np.asarray(encoded.popular.strength)
    pools = draw_pools(sources, fame, allowed, least=1)
    wanted = [set() for _ in range(len(linked))]
    for name in item_pools.WIDTHS:
        for row, item in zip(*sources[name].best(4, allowed), strict=True):
            wanted[row].add(int(item))
    for row, pool in enumerate(pools):
        there = pool[pool >= 0]
        assert set(there.tolist()) == wanted[row]
        assert (np.diff(there) > 0).all()
        assert (pool[len(there) :] == -1).all()
    assert 8 < np.mean([len(some) for some in wanted]) < linked.item_count - 8


def test_a_pool_is_filled_by_fame_and_never_with_what_is_not_allowed(encoded: Experts, linked: Histories, pooled: None):
    allowed = np.zeros((len(linked), linked.item_count), np.bool_)
    allowed[0, [3, 40, 41]] = True
    allowed[1] = True
    fame = np.asarray(encoded.popular.strength)
    sources = encoded.partial_signals(linked, SOURCES)
    pools = draw_pools(sources, fame, allowed, least=30)
    assert pools[0].tolist() == [3, 40, 41] + [-1] * (pools.shape[1] - 3)
    assert (pools[1] >= 0).sum() == 30
    bare = draw_pools(sources, fame, allowed, least=1)[1]
    added = sorted(set(pools[1].tolist()) - set(bare.tolist()))
    others = np.setdiff1d(np.arange(linked.item_count), np.concatenate([bare[bare >= 0], added]))
    assert fame[added].min() >= fame[others].max()
    assert (pools[2] == -1).all()


def test_places_in_pools():
    pools = np.array([[2, 5, 9], [1, 7, -1]], np.int32)
    assert places_in(pools, np.array([9, 5])).tolist() == [2, -1]


def test_above_the_bound_signals_are_those_of_the_pool(
    encoded: Experts, interaction: InteractionModel, linked: Histories, pooled: None
):
    allowed = untaken(linked)
    stack = signals_to_rank(encoded, interaction, linked, allowed, least=1)
    assert stack.items is not None
    assert stack.items.shape == stack.values.shape[1:]
    rows, places = np.nonzero(stack.items >= 0)
    codes = stack.items[rows, places]
    assert allowed[rows, codes].all()
    dense = signal_stack(encoded, interaction, linked).values[:, rows, codes]
    known = np.ones(dense.shape, np.bool_)
    assert encoded.encoder is not None
    # What the encoder has not met gets the lowest score of the pool instead of the catalogue's.
    known[SIGNALS.index("encoder")] = encoded.encoder.known[codes]
    np.testing.assert_allclose(stack.values[:, rows, places][known], dense[known], rtol=1e-4, atol=1e-5)
    assert not stack.values[:, stack.items < 0].any()
    z = stack.standardised(("ease", "popular"))
    there = stack.items >= 0
    np.testing.assert_allclose(np.where(there, z, 0).sum(axis=-1), 0, atol=1e-3)
    np.testing.assert_allclose((z**2).sum(axis=-1)[0, :3], there.sum(axis=1)[:3], rtol=1e-3)


def test_below_the_bound_signals_are_those_of_the_catalogue(
    encoded: Experts, interaction: InteractionModel, linked: Histories
):
    stack = signals_to_rank(encoded, interaction, linked, untaken(linked))
    assert stack.items is None
    np.testing.assert_array_equal(stack.values, signal_stack(encoded, interaction, linked).values)


def test_no_item_has_no_signals(encoded: Experts, interaction: InteractionModel, linked: Histories):
    items = np.full((len(linked), 3), -1, np.int32)
    items[0, 0] = 8
    stack = signals_at(encoded, interaction, linked, items)
    np.testing.assert_allclose(
        stack.values[:-1, 0, 0], signal_stack(encoded, interaction, linked).values[:-1, 0, 8], rtol=1e-4, atol=1e-5
    )
    stack.values[:, 0, 0] = 0
    assert not stack.values.any()


def test_held_out_lists_are_drawn_from_pools(
    encoded: Experts, interaction: InteractionModel, held_out: HeldOut, pooled: None, monkeypatch: pytest.MonkeyPatch
):
    """A target that no expert puts first is no candidate, and no sample for the blend."""
    monkeypatch.setattr("recsys_tui.models.signals.LEAST", 1)
    monkeypatch.setattr("recsys_tui.models.signals.signals_to_rank.__defaults__", (1,))
    lists = candidate_lists(encoded, interaction, held_out, "next", BLEND, 40, lambda _share: None)
    allowed = untaken(held_out.lists)
    pools = signals_to_rank(encoded, interaction, held_out.lists, allowed).items
    assert pools is not None
    inside = places_in(pools, held_out.targets[:, 0]) >= 0
    assert 0.3 < inside.mean() < 1
    for row in range(len(pools)):
        drawn = lists.items[row][lists.items[row] >= 0]
        assert set(drawn.tolist()) == set(pools[row][pools[row] >= 0].tolist())
        assert lists.taken[row].any() == inside[row]
    there = lists.items >= 0
    assert not lists.z[~there].any()
    assert 0 < lists.part_ndcg["ease"] < 1
    samples = blend_samples(encoded, interaction, held_out, "next", 10_000, 0)
    assert len(samples) == inside[~held_out.apart].sum()
    assert np.isfinite(samples).all()


def test_pairs_have_the_signals_they_have_below_the_bound(
    experts: Experts, held_out: HeldOut, monkeypatch: pytest.MonkeyPatch
):
    dense = sample_pairs(experts, held_out, 200, 4)
    monkeypatch.setattr(item_pools, "POOLED_ABOVE", 0)
    pairs = sample_pairs(experts, held_out, 200, 4)
    np.testing.assert_array_equal(pairs.taken, dense.taken)
    np.testing.assert_allclose(pairs.signals, dense.signals, rtol=1e-4, atol=1e-5)
