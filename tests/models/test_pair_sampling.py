"""The pairs that the interaction model learns from: each target beside untouched items of some fame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from recsys_tui.data.histories import Histories
from recsys_tui.models.experts import Experts
from recsys_tui.models.held_out import HeldOut, hold_out
from recsys_tui.models.interaction import (
    NEGATIVES,
    fit_interaction_model,
    sample_pairs,
)
from recsys_tui.models.signal_names import INPUT_SIGNALS


class ItemCodes:
    """Stands in for the experts: every signal of a (person, item) pair is the item's code."""

    def input_signals_of(self, histories: Histories, who: np.ndarray, what: np.ndarray) -> np.ndarray:
        assert (who < len(histories)).all()
        return np.broadcast_to(what.astype(np.float32), (len(INPUT_SIGNALS), len(what)))


@pytest.fixture(scope="module")
def few(histories: Histories) -> HeldOut:
    """At most 256 lists, which is one block."""
    return hold_out(histories, "later", has_dates=True, most_lists=60, seed=3)


def test_each_list_gives_up_to_twenty_targets_and_at_most_four_others_for_each(few: HeldOut):
    assert few.targets.shape[1] <= 20
    pairs = sample_pairs(ItemCodes(), few, 10_000, 0)  # type: ignore[arg-type]
    count = (few.targets >= 0).sum()
    assert pairs.taken.sum() == count
    assert sorted(pairs.signals[0][pairs.taken].astype(int)) == sorted(few.targets[few.targets >= 0])
    assert 0.5 * NEGATIVES * count < (~pairs.taken).sum() <= NEGATIVES * count
    for person in np.unique(few.people):
        mine = few.lists.lengths[few.people == person]
        theirs = pairs.people == person
        assert set(pairs.lengths[theirs]) == set(mine)
        np.testing.assert_array_equal(pairs.newest[theirs], pairs.lengths[theirs] == mine.max())
        assert set(pairs.validation[theirs]) == set(few.apart[few.people == person])


def test_where_lists_are_many_each_gives_few_targets_drawn_from_all_of_its(few: HeldOut):
    lists = len(few.lists)
    firsts = {(person, row[0]) for person, row in zip(few.people.tolist(), few.targets.tolist(), strict=True)}
    pairs = sample_pairs(ItemCodes(), few, lists // 2, 0)  # type: ignore[arg-type]
    most = 2 * (lists // 2) // (lists // 2)
    assert pairs.taken.sum() <= most * (lists // 2)
    drawn = list(zip(pairs.people[pairs.taken].tolist(), pairs.signals[0][pairs.taken].astype(int), strict=True))
    assert any(pair not in firsts for pair in drawn)
    next_item = sample_pairs(ItemCodes(), replace(few, targets=few.targets[:, :1]), 10_000, 0)  # type: ignore[arg-type]
    assert next_item.taken.sum() == lists


def test_matched_pairs_are_one_untouched_item_for_each_that_was_taken(few: HeldOut):
    pairs = sample_pairs(ItemCodes(), few, 10_000, 0)  # type: ignore[arg-type]
    assert (pairs.matched & pairs.taken).sum() == (pairs.matched & ~pairs.taken).sum() > 0
    # Who drew four touched items has nothing to be matched with; that is rare.
    assert (pairs.matched & pairs.taken).sum() > 0.95 * pairs.taken.sum()


@pytest.mark.parametrize("horizon", ["next", "later"])
def test_nothing_a_person_took_stands_for_something_untouched(histories: Histories, horizon: str):
    """One list at a time: no negative is in the history or among any of the targets."""
    held_out = hold_out(histories, horizon, has_dates=True, most_lists=60, seed=3)
    found = 0
    for row in range(len(held_out.lists)):
        alone = HeldOut(
            held_out.older,
            held_out.lists.rows(row, row + 1),
            held_out.targets[row : row + 1],
            held_out.people[row : row + 1],
            held_out.validation[row : row + 1],
        )
        pairs = sample_pairs(ItemCodes(), alone, 1, row)  # type: ignore[arg-type]
        negatives = set(pairs.signals[0][~pairs.taken].astype(int).tolist())
        assert not negatives & set(alone.lists.items.tolist())
        assert not negatives & set(alone.targets.ravel().tolist())
        found += len(negatives)
    assert found > len(held_out.lists)


def test_negatives_are_drawn_by_the_root_of_popularity(histories: Histories):
    """Fourfold popularity, twofold draws: regress the log of draws on the log of counts, slope one half."""
    items = 40
    counts = np.arange(1, items + 1) ** 2
    older = Histories(np.array([0, counts.sum()]), np.repeat(np.arange(items), counts).astype(np.int32), None,
                      np.ones(counts.sum(), np.float32), items)  # fmt: skip
    lists = 8_000
    empty = Histories(np.zeros(lists + 1, np.int64), np.zeros(0, np.int32), None, np.zeros(0, np.float32), items)
    targets = np.zeros((lists, 1), np.int64)
    held_out = HeldOut(older, empty, targets, np.zeros(lists, np.int64), np.zeros(lists, np.bool_))
    pairs = sample_pairs(ItemCodes(), held_out, lists, 0)  # type: ignore[arg-type]
    drawn = np.bincount(pairs.signals[0][~pairs.taken].astype(int), minlength=items)
    slope = np.polyfit(np.log(counts[4:]), np.log(drawn[4:]), 1)[0]
    assert slope == pytest.approx(0.5, abs=0.05)
    assert drawn[0] == 0  # everyone's target


def test_the_same_seed_draws_the_same(few: HeldOut):
    first, again, other = (sample_pairs(ItemCodes(), few, 30, seed) for seed in (1, 1, 2))  # type: ignore[arg-type]
    assert 30 <= first.taken.sum() <= 2 * 30
    np.testing.assert_array_equal(first.signals, again.signals)
    assert first.signals.shape != other.signals.shape or not np.array_equal(first.signals, other.signals)


def test_it_tells_taken_from_untouched_on_people_it_never_saw(experts: Experts, held_out: HeldOut):
    """Better than popularity alone; and as scikit-learn measures the model's own on the validation people."""
    assert held_out.folds is not None
    left_out = held_out.people[held_out.folds == 0]
    pairs = sample_pairs(experts, held_out, 10_000, 0)
    pairs = replace(pairs, validation=np.isin(pairs.people, left_out))
    model, measured = fit_interaction_model(pairs)
    logits = model.logits(pairs.signals[:, pairs.validation], pairs.lengths[pairs.validation])
    auc = roc_auc_score(pairs.taken[pairs.validation], logits)
    assert measured["auc"] == pytest.approx(auc, abs=0.1)
    assert measured["auc"] > max(0.65, measured["popularity_auc"])
    assert measured["pairs"] == (pairs.matched & pairs.newest & pairs.taken).sum() // 10 * 10


@pytest.mark.parametrize("few", [1, 3, 9])
def test_figures_do_not_tell_how_few_people_have_nothing_untouched(experts: Experts, held_out: HeldOut, few: int):
    """They are of whole tens of the others: as a share of all their pairs, accuracy would say of how many it is."""
    pairs = sample_pairs(experts, held_out, 10_000, 0)
    counted = pairs.newest & pairs.matched & pairs.taken
    people = np.unique(pairs.people[counted])
    assert len(people) == counted.sum() > 40
    crowds = len(people) // 10 * 10
    kept = np.isin(pairs.people, people[: crowds - few])
    measured = fit_interaction_model(replace(pairs, matched=pairs.matched & kept))[1]
    assert measured["pairs"] == crowds - 10
    for name, of in (
        ("accuracy", 2 * (crowds - 10)),
        ("recall", crowds - 10),
        ("popularity_accuracy", 2 * (crowds - 10)),
    ):
        assert measured[name] * of == pytest.approx(round(measured[name] * of), abs=1e-9), name
