"""The overview's figures, counted by hand; cells that fewer than ten people stand behind are withheld."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histogram_cells import Bar
from recsys_tui.data.load import load_dataset
from recsys_tui.data.overview import Overview, describe, overview_json
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.schema_files import load_schema

JANUARY, FEBRUARY, APRIL = 1_577_836_800, 1_580_515_200, 1_585_699_200  # firsts of the month in 2020, UTC
DAY = 86_400


def opened(folder: Path, rows: list[tuple[object, ...]], header: str = "user,item,rating,timestamp") -> Dataset:
    path = folder / "ratings.csv"
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return load_dataset(path)


def test_counts(tmp_path: Path) -> None:
    rows = [(user, item, 5 - item, JANUARY + user) for user in range(4) for item in range(user + 1)]
    overview = describe(opened(tmp_path, rows))
    assert (overview.rows, overview.users, overview.items, overview.interactions) == (10, 4, 4, 10)
    assert overview.catalogue_items == 4
    assert overview.density == pytest.approx(10 / 16)
    assert overview.first_time == JANUARY * 1_000
    assert overview.last_time == (JANUARY + 3) * 1_000
    # Four people are no crowd: what is a figure of them is kept back.
    assert (overview.median_history, overview.longest_history, overview.top_items_share, overview.tail) == (
        None, None, None, (),
    )  # fmt: skip
    assert (overview.titles, overview.categories) == (0, 0)


def test_density_counts_each_pair_once_however_often_it_occurs(tmp_path: Path) -> None:
    """Of 12 people and 8 items all 96 pairs but one, most of them some twenty times."""
    pairs = [(user, item) for user in range(12) for item in range(8) if (user, item) != (3, 5)]
    rows = [(*pairs[n % len(pairs)], 1 + n % 5, JANUARY + n) for n in range(2_000)]
    dataset = opened(tmp_path, rows)
    overview = describe(dataset)
    assert (overview.users, overview.items, overview.interactions) == (12, 8, 2_000)
    assert overview.density == pytest.approx(95 / 96)
    jsonschema.validate(overview_json(dataset, overview), load_schema("inspect"))


def test_the_share_of_the_top_tenth_of_items(tmp_path: Path) -> None:
    """20 items, of which the two most taken have 10 and 9 of the 10 + 9 + 18 events; each of the others by one."""
    rows = [(user, 100, 4, JANUARY + user) for user in range(10)]
    rows += [(user, 101, 4, JANUARY + user) for user in range(9)]
    few = [*rows, *((0, item, 4, JANUARY + item) for item in range(18))]
    assert describe(opened(tmp_path, few)).top_items_share is None
    rows += [(item, item, 4, JANUARY + item) for item in range(18)]
    overview = describe(opened(tmp_path, rows))
    assert overview.items == 20
    assert overview.top_items_share == pytest.approx(19 / 37)


def test_the_tail_goes_in_steps_of_enough_people(tmp_path: Path) -> None:
    """People each with an item of their own and the one that all have. Of twelve, half the items are of six people; of
    24, a fifth is of five, but half is of twelve or more."""

    def tail_of(people: int) -> tuple[float, ...]:
        rows = [(user, item, 4, JANUARY) for user in range(people) for item in (0, 100 + user)]
        return describe(opened(tmp_path, rows)).tail

    assert tail_of(12) == ()
    # The first 12 of 25 items have 24 + 11 of the 48 events; between the ends of steps the line is straight.
    tail = tail_of(24)
    assert len(tail) == 40
    assert (tail[9], tail[19], tail[39]) == (pytest.approx(35 / 96), pytest.approx(35 / 48), 1)


def test_the_longest_history_is_one_that_ten_people_reach(tmp_path: Path) -> None:
    rows = [(user, item, 4, JANUARY) for user in range(10) for item in range(user + 5)]
    rows += [(99, item, 4, JANUARY) for item in range(500)]
    overview = describe(opened(tmp_path, rows))
    assert (overview.median_history, overview.longest_history) == (10, 6)


def test_ratings_are_counted_by_value_and_gated(tmp_path: Path) -> None:
    rows = [(user, 1, 4, JANUARY + user) for user in range(10)] + [(user, 2, 1.5, JANUARY + user) for user in range(9)]
    # Many events of few people are no crowd either.
    rows += [(1, item, 3, JANUARY + item) for item in range(10, 40)]
    overview = describe(opened(tmp_path, rows))
    # The nine and the one of them are nine together: beside the whole, the ten would tell of them.
    assert overview.ratings == (Bar("4", None, beside=True), Bar("3", None), Bar("1.5", None))
    assert describe(opened(tmp_path, rows), CrowdGate(9)).ratings[2] == Bar("1.5", None, beside=True)
    more = [*rows, *((user, 50, 3.5, JANUARY) for user in range(40, 80)), (90, 60, 3, JANUARY)]
    overview = describe(opened(tmp_path, more))
    # Ten people rated 3 or 1.5, but with the mean, which pages of clusters tell, two levels could be worked out.
    assert overview.ratings == (Bar("4", None, beside=True), Bar("3.5", 40), Bar("3", None), Bar("1.5", None))


def test_many_rating_values_are_counted_in_twelve_ranges(tmp_path: Path) -> None:
    rows = [(user, user, user, JANUARY + user) for user in range(121)]
    bars = describe(opened(tmp_path, rows)).ratings
    assert len(bars) == 12
    assert bars[-1].label == "0-10"
    assert [bar.count for bar in bars] == [11] + [10] * 11  # the last value joins the last range


def test_activity_by_month(tmp_path: Path) -> None:
    rows = [(user, 1, 4, JANUARY + user * DAY) for user in range(12)]
    rows += [(user, 2, 4, FEBRUARY + user * DAY) for user in range(9)]
    rows += [(user, 3, 4, APRIL + user * DAY) for user in range(10)]
    assert describe(opened(tmp_path, rows)).periods == (
        Bar("2020-01", 12),
        Bar("2020-02", None),
        Bar("2020-03", 0),
        Bar("2020-04", None, beside=True),
    )


def test_activity_by_day_in_short_data_and_by_year_in_long(tmp_path: Path) -> None:
    rows = [(user, 1, 4, JANUARY + user) for user in range(10)] + [(user, 2, 4, JANUARY + DAY) for user in range(10)]
    assert describe(opened(tmp_path, rows)).periods == (Bar("2020-01-01", 10), Bar("2020-01-02", 10))
    rows = [(user, 1, 4, JANUARY + user) for user in range(10)]
    rows += [(user, 2, 4, JANUARY - 20 * 365 * DAY) for user in range(10)]
    periods = describe(opened(tmp_path, rows)).periods
    assert (periods[0], periods[-1]) == (Bar("2000", 10), Bar("2020", 10))
    assert len(periods) == 21


@pytest.mark.parametrize("odd", [253_402_300_799, -30_610_224_000, 0])
def test_a_time_far_off_breaks_nothing(tmp_path: Path, odd: int) -> None:
    rows = [(user, 1, 4, JANUARY + user) for user in range(10)] + [(1, 2, 3, odd)]
    overview = describe(opened(tmp_path, rows))
    assert overview.interactions == 11
    assert len(overview.periods) <= 60
    assert {bar.count for bar in overview.periods} <= {0, None}
    assert [bar.beside for bar in overview.periods if bar.count is None].count(True) == 1


def test_the_mix_of_events(tmp_path: Path) -> None:
    rows = [(user, 1, "view") for user in range(11)] + [(user, 2, "buy") for user in range(3)]
    overview = describe(opened(tmp_path, rows, "user,item,event"))
    assert overview.events == (Bar("view", None, beside=True), Bar("buy", None))
    rows = [*rows, *((user, 3, "click") for user in range(10)), *((user, 3, "like") for user in range(20, 30))]
    overview = describe(opened(tmp_path, rows, "user,item,event"))
    assert overview.events == (Bar("view", 11), Bar("click", None, beside=True), Bar("like", 10), Bar("buy", None))
    assert overview.periods == ()
    assert overview.first_time is None


def test_the_document_of_inspect(tmp_path: Path) -> None:
    dataset = opened(tmp_path, [(1, 2, 3, JANUARY), (1, 3, 4, JANUARY), (2, 3, 4, JANUARY), (2, 3, 4, JANUARY)])
    document = overview_json(dataset, describe(dataset))
    assert {"user", "item", "rating", "time", "event", "quantity", "basket", "review"} == set(document["columns"])
    assert document["columns"]["user"]["column"] == "user"
    assert document["columns"]["event"] is None
    figures = {key: document[key] for key in ("rows", "users", "items", "catalogue_items", "interactions")}
    assert figures == {"rows": 4, "users": 2, "items": 2, "catalogue_items": 2, "interactions": 3}
    assert document["density"] == 0.75
    assert [(entry["code"], entry["count"], entry["action"]) for entry in document["findings"]] == [
        ("duplicates", 1, "removed")
    ]


def test_an_overview_survives_being_written_as_json(tmp_path: Path):
    rows = [(f"u{n % 40}", f"i{n % 23}", float(n % 5 + 1), 1_600_000_000 + n * 50_000) for n in range(900)]
    overview = describe(opened(tmp_path, rows))
    assert overview.ratings
    assert overview.periods
    assert overview.tail
    assert Overview.from_json(json.loads(json.dumps(overview.to_json()))) == overview
