"""People of whom only attributes are known: counted by hand, silent about the few, shrunk towards everyone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.attribute_popularity import PSEUDO_PEOPLE, AttributePopularity
from recsys_tui.output.crowd_gate import SETTING

PEOPLE, ITEMS = 60, 4


def people() -> tuple[Histories, pl.DataFrame]:
    """Thirty women took items 0 and 1, thirty men items 0 and 2; nobody item 3; ages from 20 up; three are sailors."""
    items = np.array([[0, 1 + person % 2] for person in range(PEOPLE)], np.int32).ravel()
    histories = Histories(np.arange(0, 2 * PEOPLE + 1, 2), items, None, np.ones(len(items), np.float32), ITEMS)
    table = pl.DataFrame(
        {
            "id": [f"u{person}" for person in range(PEOPLE)],
            "gender": ["FM"[person % 2] for person in range(PEOPLE)],
            "age": [str(20 + person // 2) for person in range(PEOPLE)],
            "job": ["sailor" if person < 3 else None for person in range(PEOPLE)],
        }
    )
    return histories, table


def fitted(silent: pl.DataFrame | None = None) -> AttributePopularity:
    found = AttributePopularity.fit(*people(), silent)
    assert found is not None
    return found


def test_strength_is_the_shrunk_share_among_people_with_the_value():
    found = fitted()
    share = (np.array([60, 30, 30, 0]) + 1 / PEOPLE) / (PEOPLE + 1)
    women = np.array([30, 30, 0, 0])
    lift = (women / share + PSEUDO_PEOPLE) / (30 + PSEUDO_PEOPLE)
    strength = found.strength(found.codes({"gender": "F"}))
    np.testing.assert_allclose(strength, np.log1p(PEOPLE * share * lift), rtol=2e-3)
    assert strength.argsort()[::-1].tolist()[:3] == [0, 1, 2]
    other = found.strength(found.codes({"gender": "M"}))
    assert other[2] > other[1]


def test_enough_people_are_as_many_as_the_settings_say(monkeypatch: pytest.MonkeyPatch):
    assert {"F", "M"} == set(fitted().told_values("gender"))
    monkeypatch.setenv(SETTING, "31")
    assert AttributePopularity.fit(*people()) is None


def test_how_few_with_a_value_took_an_item_shows_nowhere():
    """Of 60 people, half of them women, some took an item: 1 to 9 women or men cannot be told from ten."""

    def fit(women: int, men: int) -> AttributePopularity:
        takers = [*range(0, 2 * women, 2), *range(1, 2 * men, 2)]
        items = [[0, 1] if person in takers else [0] for person in range(PEOPLE)]
        indptr = np.concatenate([[0], np.cumsum([len(own) for own in items])])
        flat = np.concatenate([np.array(own, np.int32) for own in items])
        found = AttributePopularity.fit(Histories(indptr, flat, None, np.ones(len(flat), np.float32), 2), people()[1])
        assert found is not None
        return found

    def told(women: int, men: int) -> list[float]:
        found = fit(women, men)
        return [float(found.strength(found.codes({"gender": value}))[1]) for value in "FM"]

    assert told(3, 17) == told(7, 13) == told(10, 10)
    assert told(1, 0) == told(0, 1) == told(5, 4)
    assert told(2, 2) == told(1, 3) == told(4, 5)
    assert told(12, 12) != told(12, 18)


@pytest.mark.parametrize("few", [1, 9])
def test_how_few_with_a_value_lack_an_item_shows_nowhere(few: int):
    gender = ["F"] * 20 + ["M"] * 40
    found = of_values({*range(20 - few), *range(20, 40)}, gender=gender)
    assert found is not None
    assert np.asarray(found.lifts)[:, 1].tolist() == [0, 0]
    told = of_values({*range(10), *range(20, 50)}, gender=gender)
    assert told is not None
    assert np.asarray(told.lifts)[:, 1].all()


def of_values(takers: set[int], **values: list[str | None]) -> AttributePopularity | None:
    """Sixty people who took item 0, some of them item 1 too."""
    items = [[0, 1] if person in takers else [0] for person in range(PEOPLE)]
    indptr = np.concatenate([[0], np.cumsum([len(own) for own in items])])
    flat = np.concatenate([np.array(own, np.int32) for own in items])
    histories = Histories(indptr, flat, None, np.ones(len(flat), np.float32), 2)
    return AttributePopularity.fit(histories, pl.DataFrame({"id": [f"u{who}" for who in range(PEOPLE)], **values}))


def test_a_value_that_all_but_a_few_have_does_not_tell_what_these_took():
    for few in (1, 9):
        assert of_values(set(range(20)), gender=["M"] * few + ["F"] * (PEOPLE - few)) is None
    assert of_values(set(range(20)), gender=["M"] * 10 + ["F"] * (PEOPLE - 10)) is not None


def test_two_values_do_not_tell_what_the_few_took_who_have_one_of_them():
    """Twenty are of a town; that much and a few more, or many more, are of its country."""

    def told(takers: set[int], others: int) -> list[str]:
        country: list[str | None] = ["France" if who < 20 + others else "Italy" for who in range(PEOPLE)]
        found = of_values(takers, country=country, town=["Paris" if who < 20 else "Rome" for who in range(PEOPLE)])
        assert found is not None
        lifts = np.asarray(found.lifts, np.float32)[:, 1]
        names = [str(name).partition("\x1f")[2] for name in found.values.to_list()]
        return [name for name, lift in zip(names, lifts, strict=True) if lift]

    assert told({*range(10), *range(50, 60)}, 0) == ["France", "Italy", "Paris", "Rome"]  # the same people
    assert told({*range(10), *range(50, 60)}, 5) == ["France", "Italy"]  # five have one and not the other
    for few in (1, 9):  # so many of the country who are not of the town took it
        assert "Paris" not in told({*range(10), *range(25, 25 + few), *range(45, 60)}, 20)
        assert "Paris" not in told({*range(10), *range(20, 40 - few), *range(45, 60)}, 20)  # and so many did not
    assert "Paris" in told({*range(10), *range(22, 32), *range(45, 60)}, 20)


@pytest.mark.parametrize("few", [0, 1, 9, 17])
def test_values_of_an_attribute_do_not_leave_the_few_of_another(few: int):
    """Of 18 people of one town a few took an item, or lack it: all who have it less eleven of each of two others."""
    ends = (0, 18, 39)
    takers = {start + number for start, count in zip(ends, (few, 11, 11), strict=True) for number in range(count)}
    town = [f"t{sum(person >= start for start in ends)}" for person in range(PEOPLE)]
    found = of_values(takers, town=town)
    assert found is not None
    lifts = np.asarray(found.lifts)[1:, 1]
    assert (lifts != 0).tolist() == ([True, True] if few == 0 else [False, True])


@pytest.mark.parametrize("first", ["country", "town"])
def test_towns_do_not_leave_the_few_of_their_country_who_live_in_others(first: str):
    """Two towns are a country less three people, of whom there are eleven in all countries."""
    towns = ["Berlin"] * 30 + ["Hamburg"] * 31 + ["Wien"] * 40 + [f"village {number}" for number in range(11)]
    countries = ["DE"] * 61 + ["AT"] * 40 + ["DE"] * 3 + ["AT"] * 8
    second = {"country": "town", "town": "country"}[first]
    table = pl.DataFrame({"id": [f"u{place}" for place in range(len(towns))]}).with_columns(
        pl.Series(name, {"country": countries, "town": towns}[name]) for name in (first, second)
    )
    one = np.ones(len(towns), np.float32)
    histories = Histories(np.arange(len(towns) + 1), np.zeros(len(towns), np.int32), None, one, 1)
    found = AttributePopularity.fit(histories, table)
    assert found is not None
    known = set(found.told_values("town")) | set(found.told_values("country"))
    assert not {"DE", "Berlin", "Hamburg"} <= known
    assert known


def test_towns_do_not_leave_the_few_of_their_country_who_live_in_others_and_took_an_item():
    """Of 20 people of a country in villages three took item 0: neither it nor what lacks it is told of towns there."""
    towns = ["Berlin"] * 30 + ["Hamburg"] * 31 + ["Wien"] * 40 + [f"village {number}" for number in range(40)]
    countries = ["DE"] * 61 + ["AT"] * 40 + ["DE"] * 20 + ["AT"] * 20
    table = pl.DataFrame({"id": [f"u{place}" for place in range(141)], "country": countries, "town": towns})
    took = np.array(
        [0] * 15 + [1] * 15 + [0] * 15 + [1] * 16 + [0] * 20 + [1] * 20 + [0] * 3 + [1] * 17 + [0] * 10 + [1] * 10
    )
    histories = Histories(np.arange(142), took.astype(np.int32), None, np.ones(141, np.float32), 2)
    found = AttributePopularity.fit(histories, table)
    assert found is not None
    assert {"Berlin", "Hamburg", "Wien"} <= set(found.told_values("town"))
    untold = found.strength(found.codes({}))
    for town in ("Berlin", "Hamburg", "Wien"):
        strength = found.strength(found.codes({"town": town}))
        assert strength[0] == pytest.approx(untold[0], rel=1e-2)
    assert found.strength(found.codes({"country": "DE"}))[0] != pytest.approx(untold[0], rel=1e-2)


def test_nothing_known_is_everyones_popularity():
    found = fitted()
    for given in ({}, {"gender": None}, {"gender": "?"}, {"age": "young"}, {"height": "180"}):
        np.testing.assert_allclose(found.strength(found.codes(given)), np.log1p(PEOPLE * found.share), rtol=1e-6)


def test_values_of_fewer_people_than_a_crowd_are_unknown():
    found = fitted()
    assert found.known_fields(found.codes({"job": "sailor", "gender": "F"})) == ["gender"]
    assert not any("sailor" in str(value) for value in found.values.to_list())


def test_numbers_fall_into_groups_of_about_equal_size():
    found = fitted()
    codes = {age: found.codes({"age": str(age)})[1] for age in (20, 21, 30, 49, 90, 3)}
    assert codes[20] == codes[21] == codes[3] >= 0
    assert codes[49] == codes[90] >= 0
    assert len({codes[20], codes[30], codes[49]}) == 3


@pytest.mark.parametrize("people", [12, 19, 20, 25, 47, 61])
def test_groups_of_numbers_end_where_enough_people_lie_on_either_side(people: int):
    """An end is what one person has, as the fifth of twenty-five: so many have it or less, and so many more."""
    incomes = [20_011.0 + 1_373 * person for person in range(people)]
    taken, owners = np.arange(people, dtype=np.int32) % 2, np.arange(people + 1)
    users = pl.DataFrame({
        "id": [f"p{person}" for person in range(people)],
        "income": [f"{income:g}" for income in incomes],
        "shift": ["day" if person % 2 else "night" for person in range(people)],
    })  # fmt: skip
    found = AttributePopularity.fit(Histories(owners, taken, None, np.ones(people, np.float32), 2), users)
    bands = set() if found is None else {found.band("income", f"{income:g}") for income in incomes} - {None}
    ends = {float(word) for band in bands for word in str(band).split() if word[0].isdigit()}
    assert bool(ends) == (people >= 20)
    for end in ends:
        below = sum(income <= end for income in incomes)
        assert min(below, people - below) >= 10
    counts = [sum(income <= end for income in incomes) for end in sorted(ends)]
    assert all(high - low >= 10 for low, high in pairwise(counts))  # nor between two of them


def test_several_attributes_count_less_each():
    found = fitted()
    both = found.codes({"gender": "F", "age": "20"})
    lifts = np.asarray(found.lifts, np.float32)[both[both >= 0]]
    expected = np.log1p(PEOPLE * found.share * np.exp(lifts.sum(axis=0) / np.sqrt(2)))
    np.testing.assert_allclose(found.strength(both), expected, rtol=1e-5)


def test_of_more_values_than_can_be_counted_those_that_most_people_have_are_known(monkeypatch: pytest.MonkeyPatch):
    """Of ten towns of eleven to twenty people as many are known as may be counted for four items, and eight always."""
    towns = [f"town {town:02}" for town in range(10) for _ in range(11 + town)]
    histories = Histories(np.arange(len(towns) + 1), np.arange(len(towns), dtype=np.int32) % 4, None, np.ones(155), 4)
    table = pl.DataFrame({"id": [f"u{person}" for person in range(len(towns))], "town": towns})

    def known(most: int) -> list[str]:
        monkeypatch.setattr("recsys_tui.models.attribute_popularity.MOST_COUNTED", most)
        found = AttributePopularity.fit(histories, table)
        assert found is not None
        return found.told_values("town")

    assert known(40) == [f"town {town:02}" for town in range(10)]
    assert known(36) == [f"town {town:02}" for town in range(1, 10)]
    assert known(1) == [f"town {town:02}" for town in range(2, 10)]


def test_silent_people_are_found_and_stored():
    silent = pl.DataFrame({"id": ["s1", "s2"], "gender": ["M", None]})
    found = AttributePopularity.from_arrays(fitted(silent).to_arrays())
    codes = found.of_silent("s1")
    assert codes is not None
    assert found.known_fields(codes) == ["gender"]
    np.testing.assert_array_equal(codes, found.codes({"gender": "M"}))
    nothing = found.of_silent("s2")
    assert nothing is not None
    assert found.known_fields(nothing) == []
    assert found.of_silent("u1") is None


def test_without_attributes_there_is_nothing_to_fit():
    histories, table = people()
    assert AttributePopularity.fit(histories, table.select("id")) is None
    assert AttributePopularity.fit(histories, table.select("id", "job")) is None
