"""Training the self-attention model: it learns, keeps its best, stops when asked, and is the same for a seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention
from recsys_tui.models.encoder.training import (
    PATIENCE,
    epochs_for,
    fit_self_attention,
    hold_newest_out,
    validation_ndcg,
)
from recsys_tui.output.errors import UserError

RING = 24
SETTINGS = AttentionSettings(width=16, window=6, dropout=0.0, epochs=12, negatives=8)


def ring_walkers(people: int = 150, unused: int = 1) -> Histories:
    """Everybody walks the ring of items forwards from somewhere, 5 to 12 steps; some items are on no way."""
    random = np.random.default_rng(2)
    lengths = random.integers(5, 13, people)
    starts = random.integers(0, RING, people)
    items = np.concatenate([(start + np.arange(n)) % RING for start, n in zip(starts, lengths, strict=True)])
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Histories(indptr, items.astype(np.int32), None, np.ones(len(items), np.float32), RING + unused)


def random_takers() -> Histories:
    """A hundred people with six items each, at random from 40."""
    items = np.random.default_rng(0).integers(0, 40, 600).astype(np.int32)
    return Histories(np.arange(0, 601, 6, dtype=np.int64), items, None, np.ones(600, np.float32), 40)


def fit(histories: Histories, settings: AttentionSettings = SETTINGS, **options):
    """Train quietly, with seed 1 on the CPU unless said otherwise."""
    wanted = {"seed": 1, "device": "cpu", "report": lambda _share, _metrics: None, "stopped": lambda: False}
    return fit_self_attention(histories, settings, **(wanted | options))


@pytest.mark.parametrize("negatives", [8, 5])
def test_it_learns_what_comes_next(negatives: int):
    """With 8 negatives the softmax is over all items, with 5 it is sampled."""
    settings = AttentionSettings(width=16, window=6, dropout=0.0, epochs=20, negatives=negatives)
    model = SelfAttention.fit(ring_walkers(), settings=settings, seed=1)
    right = 0
    for at in range(RING):
        had = [(at - 3 + step) % RING for step in range(4)]
        scores = model.score(Histories.of_one(had, RING + 1))[0]
        scores[had] = -np.inf
        right += int(scores.argmax()) == (at + 1) % RING
    assert right >= 0.8 * RING


def test_an_item_nobody_had_gets_a_finite_score_and_comes_last():
    model = SelfAttention.fit(ring_walkers(), settings=SETTINGS)
    scores = model.score(Histories.of_one([3, 4], RING + 1))[0]
    assert np.isfinite(scores).all()
    assert scores[RING] == scores[:RING].min()


def test_the_epoch_that_ranks_best_is_kept(monkeypatch: pytest.MonkeyPatch):
    """Without the last pass: its figures on held-out items say nothing, as it has learnt them."""
    monkeypatch.setattr("recsys_tui.models.encoder.passes.FINISH", 0.0)
    histories = random_takers()
    arrays, report = fit(histories, AttentionSettings(width=8, window=6, epochs=8))
    assert report.kept_epoch == 1 + int(np.argmax(report.ndcg))
    _, judged, wanted = hold_newest_out(histories, np.random.default_rng(1))
    assert validation_ndcg(SelfAttention(arrays), judged, wanted) == pytest.approx(max(report.ndcg), abs=1e-6)
    assert len(set(report.ndcg)) > 1


def test_loss_falls():
    _, report = fit(ring_walkers())
    assert report.losses[-1] < 0.8 * report.losses[0]


def test_the_last_pass_takes_in_what_was_held_out(monkeypatch: pytest.MonkeyPatch):
    """Everybody's newest item is one that occurs nowhere else, so that only the last pass can teach it."""
    random = np.random.default_rng(0)
    items = np.concatenate([[*random.permutation(20)[:5], 20] for _ in range(600)]).astype(np.int32)
    histories = Histories(np.arange(0, 3601, 6, dtype=np.int64), items, None, np.ones(3600, np.float32), 21)
    settings = AttentionSettings(width=8, window=6, epochs=2)
    person = Histories.of_one([3, 1, 4, 2, 9], 21)
    monkeypatch.setattr("recsys_tui.models.encoder.passes.FINISH", 1.0)
    with_it = SelfAttention(fit(histories, settings)[0]).score(person)[0]
    monkeypatch.setattr("recsys_tui.models.encoder.passes.FINISH", 0.0)
    without = SelfAttention(fit(histories, settings)[0]).score(person)[0]
    assert with_it[20] - with_it[:20].mean() > without[20] - without[:20].mean() + 0.1


def test_training_ends_when_nothing_gets_better():
    """There is nothing to learn, so the last of many epochs is not reached."""
    _, report = fit(random_takers(), AttentionSettings(width=8, window=6, epochs=60))
    assert len(report.losses) == report.kept_epoch + PATIENCE < 60


def test_much_data_gets_fewer_epochs():
    histories = ring_walkers()
    targets = len(histories.items) - len(histories)
    for allowed, epochs in ((12 * targets, 12), (5 * targets + 1, 5), (targets // 2, 1)):
        assert epochs_for(histories, replace(SETTINGS, targets=allowed)) == epochs
    _, report = fit(histories, replace(SETTINGS, targets=2 * targets))
    assert len(report.losses) == 2


def test_the_same_seed_gives_the_same_and_another_another():
    histories = ring_walkers()
    settings = AttentionSettings(width=16, window=6, dropout=0.2, epochs=2)
    first, again, other = (fit(histories, settings, seed=seed)[0] for seed in (4, 4, 5))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["widen"], other["widen"])


def test_stopped_before_the_first_epoch_gives_a_model_all_the_same():
    histories = ring_walkers()
    arrays, report = fit(histories, stopped=lambda: True)
    assert report.losses == ()
    assert np.isfinite(SelfAttention(arrays).score(histories)).all()


def test_stopped_on_the_way_keeps_the_best_so_far():
    shares: list[float] = []

    def note(share: float, metrics: dict[str, float]) -> None:
        if "ndcg@10" in metrics:
            shares.append(share)

    _, report = fit(ring_walkers(), report=note, stopped=lambda: len(shares) >= 2)
    assert len(report.ndcg) == 2
    assert report.kept_epoch in (1, 2)
    assert shares == pytest.approx([1 / SETTINGS.epochs, 2 / SETTINGS.epochs])


def test_the_newest_item_of_each_person_is_held_out():
    indptr = np.array([0, 3, 5, 9], np.int64)
    items = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9], np.int32)
    histories = Histories(indptr, items, None, np.ones(9, np.float32), 10)
    older, judged, wanted = hold_newest_out(histories, np.random.default_rng(0))
    assert older.items.tolist() == [1, 2, 4, 5, 6, 7, 8]  # two actions are too few to give one away
    assert judged.items.tolist() == [1, 2, 6, 7, 8]
    assert wanted.tolist() == [3, 9]


def test_validation_ranks_the_whole_catalogue_without_what_is_had():
    """With unit vectors for items and a state that is the last item's, ranks follow by hand."""

    class Fixed:
        def score(self, histories: Histories) -> np.ndarray:
            return np.tile(np.array([9, 8, 7, 6], np.float32), (len(histories), 1))

    histories = Histories(np.array([0, 1, 2], np.int64), np.array([0, 3], np.int32), None, np.ones(2, np.float32), 4)
    # The first has item 0: item 2 ranks second, 1 / log2(3). The second has item 3: item 0 ranks first, 1.
    ndcg = validation_ndcg(Fixed(), histories, np.array([2, 0]))
    assert ndcg == pytest.approx((1 / np.log2(3) + 1) / 2)


def test_an_unknown_device_is_named():
    with pytest.raises(UserError):
        fit(ring_walkers(), device="abacus")


@pytest.mark.parametrize(
    ("stretches", "items"), [([[0, 1], [1, 0]], 2), ([[0], [1]], 2), ([[0]], 1), ([[], []], 3), ([[0, 1, 2]], 3)]
)
def test_the_smallest_data_train_too(stretches: list[list[int]], items: int):
    indptr = np.concatenate([[0], np.cumsum([len(stretch) for stretch in stretches])]).astype(np.int64)
    codes = np.array([item for stretch in stretches for item in stretch], np.int32)
    histories = Histories(indptr, codes, None, np.ones(len(codes), np.float32), items)
    scores = SelfAttention(fit(histories, AttentionSettings(epochs=2))[0]).score(histories)
    assert scores.shape == (len(stretches), items)
    assert np.isfinite(scores).all()
