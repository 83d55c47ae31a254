"""Team-draft interleaving: by hand, and what holds of any two lists."""

from __future__ import annotations

from itertools import cycle

from hypothesis import given
from hypothesis import strategies as st

from recsys_tui.evaluate.ab.interleaving import team_draft

ranking = st.permutations(list(range(12)))
flips = st.lists(st.booleans(), min_size=1, max_size=12)


def draft(a, b, k, coins):
    return team_draft(a, b, k, cycle(coins))


def test_by_hand():
    # Heads: A picks first. Round 1: A takes w, B its x. Round 2 (tails): B takes y; A the highest that is left: z.
    assert draft("wxzy", "xywz", 4, [True, False]) == [("w", "a"), ("x", "b"), ("y", "b"), ("z", "a")]
    assert draft("wxzy", "xywz", 3, [False, True]) == [("x", "b"), ("w", "a"), ("z", "a")]


def test_a_list_that_ends_ends_the_draft():
    assert draft("w", "wxy", 5, [True]) == [("w", "a"), ("x", None), ("y", None)]
    assert draft("", "xy", 1, [True]) == [("x", None)]
    assert draft("xy", "", 5, [False]) == [("x", None), ("y", None)]
    assert draft("", "", 5, [True]) == []


@given(ranking, ranking, st.integers(0, 12), flips)
def test_every_item_stands_once_and_arms_have_equally_many_places(a, b, k, coins):
    drafted = draft(a, b, k, coins)
    items, arms = [item for item, _ in drafted], [arm for _, arm in drafted]
    assert len(set(items)) == len(items) == k
    for rounds in range(0, k - 1, 2):
        assert set(arms[rounds : rounds + 2]) == {"a", "b"}


@given(ranking, ranking, st.integers(1, 12), flips)
def test_an_arm_picks_the_highest_item_of_its_list_that_is_left(a, b, k, coins):
    drafted = draft(a, b, k, coins)
    for place, (item, arm) in enumerate(drafted):
        taken = {other for other, _ in drafted[:place]}
        own = a if arm == "a" else b
        assert item == next(other for other in own if other not in taken)


@given(ranking, ranking, st.integers(1, 12), flips)
def test_changing_places_changes_the_names_alone(a, b, k, coins):
    turned = draft(b, a, k, [not coin for coin in coins])
    assert [(item, {"a": "b", "b": "a"}[str(arm)]) for item, arm in turned] == draft(a, b, k, coins)


@given(ranking, st.integers(1, 12), flips)
def test_the_same_list_twice_is_that_list(a, k, coins):
    drafted = draft(a, a, k, coins)
    assert [item for item, _ in drafted] == list(a[:k])
    # The coin of a round alone says whom its two items count for.
    firsts = [arm == "a" for _, arm in drafted[::2]]
    expected = cycle(coins)
    assert firsts == [next(expected) for _ in firsts]


def test_a_longer_list_begins_with_the_shorter():
    a, b = "abcdefgh", "hgfedcba"
    assert draft(a, b, 8, [True, False, False])[:5] == draft(a, b, 5, [True, False, False])
