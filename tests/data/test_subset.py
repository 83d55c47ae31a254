"""A part of a dataset is what loading only those rows would have given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.histories import histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.data.subset import subset


def rows(count: int = 200) -> list[str]:
    random = np.random.default_rng(8)
    return [
        f"u{random.integers(0, 20):02d},i{random.integers(0, 15):02d},{random.integers(1, 6)},{1_600_000_000 + n}"
        for n in range(count)
    ]


def test_a_subset_is_the_dataset_of_those_rows(tmp_path: Path):
    lines = rows()
    kept = [line for line in lines if not line.startswith(("u03", "u11")) and ",i07," not in line]
    for name, some in (("all", lines), ("some", kept)):
        (tmp_path / f"{name}.csv").write_text("user,item,rating,time\n" + "\n".join(some) + "\n")
    whole = load_dataset(tmp_path / "all.csv", Mapping(siblings=False))
    expected = load_dataset(tmp_path / "some.csv", Mapping(siblings=False))
    users = whole.users["id"].gather(whole.interactions["user"])
    items = whole.items["id"].gather(whole.interactions["item"])
    part = subset(whole, (~users.is_in(["u03", "u11"]) & (items != "i07")).to_numpy())
    assert part.users.equals(expected.users)
    # The item without events stays, behind the others.
    assert part.items["id"].to_list() == [*expected.items["id"], "i07"]
    assert part.items["count"].to_list() == [*expected.items["count"], 0]
    assert part.interactions.drop("row").equals(expected.interactions.drop("row"))
    assert part.item_count == expected.item_count
    mine, theirs = histories_of(part), histories_of(expected)
    np.testing.assert_array_equal(mine.items, theirs.items)
    np.testing.assert_allclose(mine.weights, theirs.weights, rtol=1e-6)


def test_items_may_keep_the_order_of_another_part(tmp_path: Path):
    (tmp_path / "all.csv").write_text("user,item,rating,time\n" + "\n".join(rows()) + "\n")
    whole = load_dataset(tmp_path / "all.csv", Mapping(siblings=False))
    order = whole.items["id"].reverse()
    keep = whole.interactions["user"].to_numpy() < 5
    part = subset(whole, keep, order)
    assert part.items["id"].to_list() == order.to_list()
    before, after = whole.interactions.filter(pl.Series(keep)), part.interactions
    assert part.items["id"].gather(after["item"]).to_list() == whole.items["id"].gather(before["item"]).to_list()


def test_links_between_people_who_stay_stay(tmp_path: Path):
    (tmp_path / "likes.csv").write_text(
        "user,item,time\n" + "\n".join(f"u{n % 4},i{n % 3},{1_600_000_000 + n}" for n in range(24)) + "\n"
    )
    (tmp_path / "friends.csv").write_text("user,friend\nu0,u1\nu1,u2\nu2,u3\nu3,u0\n")
    whole = load_dataset(tmp_path / "likes.csv", Mapping(links=tmp_path / "friends.csv"))
    part = subset(whole, whole.interactions["user"].to_numpy() != 1)
    ids = part.users["id"]
    linked = set(zip(ids.gather(part.links["user"]), ids.gather(part.links["friend"]), strict=True))
    assert linked == {("u2", "u3"), ("u3", "u0")}
