"""How well liked the finds were: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.evaluate.satisfaction import Satisfaction, satisfactions
from recsys_tui.evaluate.taken_pairs import TakenPairs

HALF_STEP = 4.0 + 1e-9  # of means from 1 to 5, times how many people they are of, at most: steps are powers of two


def asked(people: int) -> tuple[np.ndarray, TakenPairs]:
    """Everyone took two items; the first was listed first and got 5 stars, 3 of the last person; the other got 1."""
    worth = np.array([5.0, 1.0] * people)
    worth[-2] = 3.0
    pairs = TakenPairs(people, np.repeat(np.arange(people), 2), np.arange(2 * people), worth, "rating")
    return np.array([[1, 0] * people]), pairs


def satisfaction(ranks: np.ndarray, pairs: TakenPairs) -> Satisfaction | None:
    return satisfactions([ranks], pairs)[0]


def test_the_mean_of_what_was_found_beside_that_of_all():
    ranks, pairs = asked(12)
    found = satisfaction(ranks, pairs)
    assert found is not None
    assert (found.kind, found.people, found.all_people) == ("rating", 12, 12)
    assert found.mean == pytest.approx((11 * 5 + 3) / 12, abs=HALF_STEP / 12)
    assert found.of_all_taken == pytest.approx((11 * (5 + 1) / 2 + (3 + 1) / 2) / 12, abs=HALF_STEP / 12)
    assert found.ci95 is not None
    assert 1 <= found.ci95[0] < found.mean <= found.ci95[1] <= 5


def test_places_beyond_the_tenth_and_items_without_a_rating_do_not_count():
    ranks, pairs = asked(20)
    ranks[0, :8:2] = 11
    assert pairs.worth is not None
    pairs.worth[8:12:2] = np.nan
    found = satisfaction(ranks, pairs)
    assert found is not None
    assert (found.people, found.all_people) == (10, 20)  # of 14: the six others count as ten
    assert found.mean == pytest.approx((13 * 5 + 3) / 14, abs=HALF_STEP / 14)


@pytest.mark.parametrize("more", range(1, 10))
def test_two_comparisons_do_not_tell_of_the_few_in_whom_they_differ(more: int):
    """Each by itself tells a mean and of how many it is, in eighths: as one of 40 can change it by a tenth."""
    (less,), (beyond,) = one_each(80, set(range(40))), one_each(80, set(range(40 + more)))
    assert less is not None
    assert beyond is not None
    for found, people in ((less, 40), (beyond, 40 + more)):
        assert found.mean is not None
        assert found.mean * 8 == round(found.mean * 8)
        assert found.mean == pytest.approx(np.mean(1.0 + np.arange(people) % 5), abs=HALF_STEP / people)


@pytest.mark.parametrize("rated", [1.0, 2.0, 3.0, 4.0, 5.0])
def test_two_protocols_do_not_tell_what_the_one_rated_whom_only_one_of_them_asks_about(rated: float):
    """All of 20 people, as ``last`` has them, and 19 of them, as a cut in time may: less these, it was theirs alone."""
    worth = np.append(1.0 + np.arange(19) % 5, rated)
    sums = []
    for people in (19, 20):
        pairs = TakenPairs(people, np.arange(people), np.arange(people), worth[:people], "rating")
        found = satisfaction(np.zeros((1, people), np.int64), pairs)
        assert found is not None
        assert found.of_all_taken == pytest.approx(np.mean(worth[:people]), abs=HALF_STEP / people)
        sums.append(found.of_all_taken * 4)
    assert sums == [round(each) for each in sums]


@pytest.mark.parametrize("most", [5.0, 9.0, 777.0])
def test_means_do_not_tell_what_the_one_had_who_had_the_most(most: float):
    """As parts of what lies between the least and the most, a mean and the ends of its interval would tell the most."""
    worth = np.append(1.0 + np.arange(29) % 3, most)
    pairs = TakenPairs(30, np.arange(30), np.arange(30), worth, "strength")
    found = satisfaction(np.ones((1, 30), np.int64), pairs)
    assert found is not None
    assert found.ci95 is not None
    step = 2.0 ** np.ceil(np.log2((most - 1) / 30))
    for each in (found.mean, found.of_all_taken, *found.ci95):
        assert each is not None
        assert each / step == round(each / step)
    assert found.mean == pytest.approx(worth.mean(), abs=step / 2)


def test_means_do_not_tell_how_few_have_no_rating():
    """Of 27 of 30 people: as parts of what lies between 1 and 5, a few would say that it is of 27."""
    pairs = TakenPairs(30, np.arange(30), np.arange(30), np.append(1.0 + np.arange(27) % 5, [np.nan] * 3), "rating")
    found = satisfaction(np.zeros((1, 30), np.int64), pairs)
    assert found is not None
    assert (found.all_people, found.of_all_taken) == (20, 3.0)


def test_nothing_is_told_of_nine_people():
    found = satisfaction(*asked(9))
    assert found is not None
    assert (found.mean, found.ci95, found.of_all_taken) == (None, None, None)
    assert found.to_json()["people"] is None


def test_without_ratings_or_strengths_there_is_none():
    assert satisfaction(np.array([[1]]), TakenPairs(1, np.array([0]), np.array([0]))) is None


def one_each(people: int, hit: set[int], *others: set[int]) -> list[Satisfaction | None]:
    """Everyone took one item; each set is of the people for whom a model's list has it."""
    pairs = TakenPairs(people, np.arange(people), np.arange(people), 1.0 + np.arange(people) % 5, "rating")
    lists = [np.array([[int(person in found) for person in range(people)]]) for found in (hit, *others)]
    return list(satisfactions(lists, pairs))


@pytest.mark.parametrize(("missed", "told"), [(0, True), (1, False), (9, False), (10, True), (50, True), (51, False)])
def test_the_few_for_whom_nothing_was_found_cannot_be_worked_out(missed: int, told: bool):
    """What everybody took, less what was found, is what those took who were not hit."""
    (found,) = one_each(60, set(range(60 - missed)))
    assert found is not None
    assert found.of_all_taken == pytest.approx(3.0, abs=HALF_STEP / 60)
    assert ((found.mean is not None), (found.ci95 is not None)) == (told, told)


def test_the_few_in_whom_two_models_differ_cannot_be_worked_out():
    """The second finds for one person more; the third for those for whom the first finds nothing, but for one."""
    first, more, rest = one_each(60, set(range(30)), set(range(31)), set(range(31, 60)))
    apart, same = one_each(60, set(range(30)), set(range(40)))[1], one_each(60, {*range(30)}, {*range(30)})[1]
    assert [found is not None and found.mean is not None for found in (first, more, rest, apart, same)] == [
        True, False, False, True, True,
    ]  # fmt: skip


def test_the_few_of_whose_items_not_all_were_found_cannot_be_worked_out():
    """Of one person only the first of two items is found; of everybody else both are."""
    ranks, pairs = asked(30)
    ranks[:] = 1
    ranks[0, 1] = 0
    found = satisfaction(ranks, pairs)
    assert found is not None
    assert (found.mean, found.people) == (None, 30)


def test_enough_people_are_never_told_as_too_few():
    """Twelve of thirteen: as many as there are but for ten would be three, and ten would say that one to three are not
    among them."""
    pairs = TakenPairs(13, np.arange(13), np.arange(13), np.append(np.ones(12), np.nan), "rating")
    found = satisfaction(np.ones((1, 13), np.int64), pairs)
    assert found is not None
    assert (found.people, found.mean, found.to_json()["people"]) == (13, 1.0, 13)
