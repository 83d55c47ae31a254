"""One contract for every closed-form expert: each inherits the same tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.classics.als import Als
from recsys_tui.models.classics.biased_factors import BiasedFactors
from recsys_tui.models.classics.ranked_factors import RankedFactors, RankedSettings
from recsys_tui.models.contract import AdditiveExpert, Expert, with_prefix, without_prefix
from recsys_tui.models.ease import Ease
from recsys_tui.models.encoder.averaged import AveragedAttention
from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention
from recsys_tui.models.neighbours import Neighbours, Transitions
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.sequence_regression import SequenceRegression
from recsys_tui.store.array_file import read_arrays, write_arrays

HEAD = 30


def one(histories: Histories, person: int) -> Histories:
    """A single person of some, as a batch of their own."""
    return histories.rows(person, person + 1)


class ExpertContract:
    """What every expert keeps. A subclass says how it is fitted, its name, and what it makes of order."""

    fit: ClassVar[Callable[[Histories], Expert]]
    expected_name: ClassVar[str]
    minds_order: ClassVar[bool]
    minds_history: ClassVar[bool] = True

    @pytest.fixture
    def expert(self, histories: Histories) -> Expert:
        return type(self).fit(histories)

    def test_is_an_expert_under_its_name(self, expert: Expert):
        assert isinstance(expert, Expert)
        assert expert.name == self.expected_name

    def test_scores_have_a_row_a_person_and_a_column_an_item_and_are_finite(self, expert: Expert, histories: Histories):
        scores = expert.score(histories)
        assert scores.shape == (len(histories), histories.item_count)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_nobody_gets_no_rows(self, expert: Expert, histories: Histories):
        assert expert.score(histories.rows(0, 0)).shape == (0, histories.item_count)

    def test_an_empty_history_scores_everything_alike_or_by_fame(self, expert: Expert, histories: Histories):
        assert histories.lengths[3] == 0
        empty = Histories.of_one([], histories.item_count)
        expected = np.zeros(histories.item_count) if self.minds_history else expert.score(histories)[0]
        np.testing.assert_array_equal(expert.score(empty)[0], expected)
        np.testing.assert_array_equal(expert.score(histories)[3], expected)

    def test_one_person_alone_scores_as_among_many(self, expert: Expert, histories: Histories):
        together = expert.score(histories)
        for person in (0, 1, 3, 17, len(histories) - 1):
            alone = expert.score(one(histories, person))
            np.testing.assert_allclose(alone[0], together[person], rtol=1e-4, atol=1e-5)

    def test_others_in_the_batch_do_not_matter(self, expert: Expert, histories: Histories):
        few, order = [40, 5, 3, 90], [3, 90, 40, 5]
        before = expert.score(histories.prefixes(few, histories.lengths[few]))
        after = expert.score(histories.prefixes(order, histories.lengths[order]))
        np.testing.assert_allclose(after, before[[2, 3, 0, 1]], rtol=1e-5, atol=1e-6)

    def test_a_file_brings_it_back_memory_mapped(self, expert: Expert, histories: Histories, tmp_path: Path):
        """Rows of what is stored lie together: a table read across its rows would answer hundreds of times slower."""
        assert all(array.flags.c_contiguous for array in expert.to_arrays().values())
        write_arrays(tmp_path / "expert.safetensors", with_prefix("part", expert.to_arrays()))
        arrays = without_prefix("part", read_arrays(tmp_path / "expert.safetensors"))
        assert not any(array.flags.writeable for array in arrays.values())
        again = type(expert).from_arrays(arrays)
        assert again.name == expert.name
        np.testing.assert_array_equal(again.score(histories), expert.score(histories))
        np.testing.assert_array_equal(again.score(one(histories, 7)), expert.score(one(histories, 7)))

    def test_order_matters_to_those_that_follow_it_only(self, expert: Expert, histories: Histories):
        items = histories.items_of(int(np.argmax(histories.lengths)))
        forwards = expert.score(Histories.of_one(items, histories.item_count))
        backwards = expert.score(Histories.of_one(items[::-1], histories.item_count))
        assert np.allclose(forwards, backwards, rtol=1e-3, atol=1e-5) is not self.minds_order

    def test_an_action_more_acts_at_once(self, expert: Expert, histories: Histories):
        """Items outside the head say nothing to the dense experts; most others do."""
        known = histories.items_of(8).tolist()
        before = expert.score(Histories.of_one(known, histories.item_count))
        fresh = [code for code in range(histories.item_count) if code not in known]
        changed = [
            not np.allclose(before, expert.score(Histories.of_one([*known, code], histories.item_count)))
            for code in fresh
        ]
        assert sum(changed) > len(fresh) / 2 if self.minds_history else not any(changed)

    def test_an_item_that_nobody_took_is_scored_and_may_be_in_a_history(self, histories: Histories):
        wider = replace(histories, item_count=histories.item_count + 1)
        expert = type(self).fit(wider)
        everyone = expert.score(wider)
        assert everyone.shape[1] == wider.item_count
        assert np.isfinite(everyone).all()
        alone = expert.score(self.person([histories.item_count], wider))
        assert np.isfinite(alone).all()
        assert alone.dtype == np.float32

    def person(self, items: list[int], others: Histories) -> Histories:
        """Someone with these items, in the catalogue of the others."""
        return Histories.of_one(items, others.item_count)

    @pytest.fixture
    def second(self, histories: Histories) -> Expert:
        return type(self).fit(histories)

    def test_fitting_again_gives_the_same(self, expert: Expert, second: Expert, histories: Histories):
        assert second is not expert
        np.testing.assert_array_equal(second.score(histories), expert.score(histories))


class ClosedFormContract(ExpertContract):
    """What is solved and not learned in steps: it does not know in which order people come."""

    def test_the_order_of_people_does_not_matter(self, expert: Expert, histories: Histories):
        order = np.random.default_rng(6).permutation(len(histories))
        again = type(self).fit(histories.prefixes(order, histories.lengths[order]))
        np.testing.assert_allclose(again.score(histories), expert.score(histories), rtol=2e-3, atol=2e-4)


class AdditiveContract(ClosedFormContract):
    """A score that is a sum over actions, each with a part of its own."""

    def test_parts_of_actions_sum_to_the_score(self, expert: Expert, histories: Histories):
        assert isinstance(expert, AdditiveExpert)
        items = np.arange(histories.item_count, dtype=np.int32)[::-1]
        for person in (0, 3, int(np.argmax(histories.lengths))):
            history = one(histories, person)
            parts = expert.contributions(history, items)
            assert parts.shape == (len(history.items), len(items))
            np.testing.assert_allclose(parts.sum(axis=0), expert.score(history)[0][items], rtol=1e-4, atol=1e-5)

    def test_without_the_oldest_action_its_part_is_missing(self, expert: Expert, histories: Histories):
        """Lags count from the newest action, so that nothing else changes where the oldest goes."""
        assert isinstance(expert, AdditiveExpert)
        items = histories.items_of(int(np.argmax(histories.lengths)))[-3:]
        every = np.arange(histories.item_count, dtype=np.int32)
        history, shorter = (Histories.of_one(some, histories.item_count) for some in (items, items[1:]))
        lost = expert.score(history)[0] - expert.score(shorter)[0]
        np.testing.assert_allclose(expert.contributions(history, every)[0], lost, rtol=1e-4, atol=1e-5)
        assert np.ptp(lost) > 0


class TestSequenceRegression(AdditiveContract):
    """Sequence regression."""

    fit = staticmethod(lambda histories: SequenceRegression.fit(histories, HEAD))
    expected_name, minds_order = "sequence", True


class TestEase(AdditiveContract):
    """EASE."""

    fit = staticmethod(lambda histories: Ease.fit(histories, HEAD, 20.0))
    expected_name, minds_order = "ease", False


class TestNeighbours(AdditiveContract):
    """Neighbours."""

    fit = staticmethod(Neighbours.fit)
    expected_name, minds_order = "neighbours", False


class TestTransitions(AdditiveContract):
    """Transitions."""

    fit = staticmethod(Transitions.fit)
    expected_name, minds_order = "transitions", True


class TestPopularity(ClosedFormContract):
    """Popularity of all time."""

    fit = staticmethod(Popularity.fit)
    expected_name, minds_order, minds_history = "popular", False, False


class TestRecentPopularity(ClosedFormContract):
    """Popularity of late."""

    fit = staticmethod(lambda histories: Popularity.fit(histories, "recent", recent=True))
    expected_name, minds_order, minds_history = "recent", False, False


class TestSelfAttention(ExpertContract):
    """Self-attention."""

    fit = staticmethod(
        lambda histories: SelfAttention.fit(histories, settings=AttentionSettings(width=16, window=10, epochs=2))
    )
    expected_name, minds_order = "sasrec", True


class TestAveragedAttention(ExpertContract):
    """The mean of two self-attention models."""

    fit = staticmethod(
        lambda histories: AveragedAttention.fit(
            histories, settings=AttentionSettings(width=16, window=10, epochs=2), count=2
        )
    )
    expected_name, minds_order = "sasrec", True


class TestAls(ExpertContract):
    """Implicit ALS."""

    fit = staticmethod(Als.fit)
    expected_name, minds_order = "als", False


def check_empty_history(expert: Expert, histories: Histories, expected: np.ndarray) -> None:
    """A person without a history gets the given row, alone and among others."""
    np.testing.assert_allclose(expert.score(Histories.of_one([], histories.item_count))[0], expected, rtol=1e-6)
    np.testing.assert_allclose(expert.score(histories)[3], expected, rtol=1e-6)


class TestRankedFactors(ExpertContract):
    """Factors learned by ranking, which follow the order; an empty history gets the items' biases."""

    fit = staticmethod(
        lambda histories: RankedFactors.fit(histories, settings=RankedSettings(width=16, epochs=20, negatives=20))
    )
    expected_name, minds_order = "ranked", True

    def test_an_empty_history_scores_everything_alike_or_by_fame(self, expert: Expert, histories: Histories):
        check_empty_history(expert, histories, expert.to_arrays()["biases"])


class TestRankedFactorsBlindToOrder(TestRankedFactors):
    """The same where order does not count."""

    fit = staticmethod(
        lambda histories: RankedFactors.fit(
            histories, settings=RankedSettings(width=16, memory=None, epochs=20, negatives=20)
        )
    )
    minds_order = False


class TestBiasedFactors(ExpertContract):
    """Biased factors: only rated actions speak; an empty history gets the items' means."""

    fit = staticmethod(BiasedFactors.fit)
    expected_name, minds_order = "biased", False

    @pytest.fixture
    def histories(self, histories: Histories) -> Histories:
        return replace(histories, ratings=(1 + 2 * histories.weights).round())

    def person(self, items: list[int], others: Histories) -> Histories:
        return replace(super().person(items, others), ratings=np.full(len(items), 4, np.float32))

    def test_an_empty_history_scores_everything_alike_or_by_fame(self, expert: Expert, histories: Histories):
        arrays = expert.to_arrays()
        check_empty_history(expert, histories, arrays["numbers"][0] + arrays["items"][:, 0])

    def test_an_action_more_acts_at_once(self, expert: Expert, histories: Histories):
        known, count = histories.items_of(8).tolist(), histories.item_count
        before = expert.score(replace(Histories.of_one(known, count), ratings=np.full(len(known), 3, np.float32)))
        for code in [code for code in range(count) if code not in known]:
            ratings = np.array([3] * len(known) + [5], np.float32)
            after = expert.score(replace(Histories.of_one([*known, code], count), ratings=ratings))
            assert not np.allclose(before, after)

    def test_order_matters_to_those_that_follow_it_only(self, expert: Expert, histories: Histories):
        person = int(np.argmax(histories.lengths))
        some = histories.rows(person, person + 1)
        turned = replace(some, items=some.items[::-1].copy(), ratings=some.ratings[::-1].copy())
        np.testing.assert_allclose(expert.score(turned), expert.score(some), rtol=1e-3, atol=1e-5)
