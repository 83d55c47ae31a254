"""People: attributes beside or within the data, links between them, and what is left out to protect them."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import UserError

EVENTS = "user_id,item_id,rating\n" + "".join(f"u{n % 70},i{n % 9},{n % 5 + 1}\n" for n in range(350))


def folder_of(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "ratings.csv").write_text(EVENTS)
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def found(dataset: Dataset) -> dict[str, int]:
    return {entry.code: entry.count for entry in dataset.findings}


@pytest.mark.parametrize(("described", "told"), [(0, None), (3, 10), (40, 40), (57, 50), (60, 60)])
def test_how_few_are_described_or_not_is_not_told(tmp_path: Path, described: int, told: int | None) -> None:
    (tmp_path / "ratings.csv").write_text("userId,itemId\n" + "".join(f"u{n},i{n % 7}\n" for n in range(60)))
    rows = [f"u{n},{'FM'[n % 2]}\n" for n in range(described)] + ["x1,F\n", "x2,M\n"]
    (tmp_path / "users.csv").write_text("userId,gender\n" + "".join(rows))
    assert found(load_dataset(tmp_path)).get("users_described") == told


def test_attributes_beside_the_data(tmp_path: Path) -> None:
    people = "user_id,gender,age,email\n" + "".join(
        f"u{n},{'FM'[n % 2]},{20 + n},u{n}@example.org\n" for n in range(80)
    )
    dataset = load_dataset(folder_of(tmp_path, users=people))
    assert dataset.users.columns == ["id", "count", "gender", "age"]
    by_id = dict(zip(dataset.users["id"], dataset.users["age"], strict=True))
    assert by_id["u7"] == "27"
    assert found(dataset)["users_described"] == 70
    sentence = next(entry.message for entry in dataset.findings if entry.code == "attributes_left_out")
    assert "email" in sentence
    assert not any("@" in entry.message for entry in dataset.findings)


def test_attributes_within_the_data(tmp_path: Path) -> None:
    rows = "".join(f"c{n % 12},p{n % 7},{'France' if n % 12 < 6 else 'Spain'}\n" for n in range(84))
    (tmp_path / "orders.csv").write_text("customer_id,product_id,country\n" + rows)
    users = load_dataset(tmp_path / "orders.csv").users
    assert dict(zip(users["id"], users["country"], strict=True))["c3"] == "France"
    assert users["country"].to_list().count("Spain") == 6


def test_an_attribute_that_changes_is_none(tmp_path: Path) -> None:
    rows = "".join(f"c{n % 5},p{n % 7},{'ABC'[n % 3]}\n" for n in range(60))
    (tmp_path / "orders.csv").write_text("customer_id,product_id,city\n" + rows)
    assert load_dataset(tmp_path / "orders.csv").users.columns == ["id", "count"]


def test_friends_beside_the_data(tmp_path: Path) -> None:
    friends = "userID,friendID\nu1,u2\nu2,u1\nu3,u4\nu3,u3\nu5,nobody\nu3,u4\n"
    dataset = load_dataset(folder_of(tmp_path, friends=friends))
    ids = dataset.users["id"].to_list()
    assert [(ids[a], ids[b]) for a, b in dataset.links.rows()] == [("u1", "u2"), ("u2", "u1"), ("u3", "u4")]
    assert found(dataset)["links"] == 3
    assert found(dataset)["links_unknown"] == 1


def test_ids_of_films_elsewhere_are_no_friendships(tmp_path: Path) -> None:
    links = "movieId,imdbId,tmdbId\n" + "".join(f"{n},{n + 1},{n + 2}\n" for n in range(1, 60))
    dataset = load_dataset(folder_of(tmp_path, links=links))
    assert dataset.links.height == 0


def test_links_that_the_person_names(tmp_path: Path) -> None:
    data = folder_of(tmp_path) / "ratings.csv"
    (tmp_path / "who").mkdir()
    (tmp_path / "who" / "graph.tsv").write_text("u1\tu2\nu2\tu3\n")
    dataset = load_dataset(data, Mapping(links=tmp_path / "who" / "graph.tsv"))
    assert dataset.links.height == 2


@pytest.mark.parametrize("kind", ["users", "links"])
def test_files_about_somebody_else_are_refused(tmp_path: Path, kind: str) -> None:
    data = folder_of(tmp_path)
    (tmp_path / "others.txt").write_text("a\tb\nx\ty\nz\tw\n")
    with pytest.raises(UserError) as refused:
        load_dataset(data / "ratings.csv", Mapping(**{kind: tmp_path / "others.txt"}))
    assert refused.value.message_id == f"data.{kind}_do_not_match"


def test_tags_by_number_get_their_words(tmp_path: Path) -> None:
    tagged = "user_id,item_id,tagID\nu1,i1,7\nu2,i1,7\nu3,i1,9\nu1,i2,9\n"
    dataset = load_dataset(folder_of(tmp_path, user_tags=tagged, tags="tagID,tagValue\n7,Slow\n9,New wave\n"))
    tags = dict(zip(dataset.items["id"], dataset.items["tags"], strict=True))
    assert list(tags["i1"]) == ["slow", "new wave"]
    assert {path.name for path in dataset.files} == {"ratings.csv", "user_tags.csv", "tags.csv"}


def test_brands_prices_and_nested_categories(tmp_path: Path) -> None:
    items = "item_id,title,category,brand,price\n" + "".join(
        f'i{n},Thing {n},Home > Kitchen,"{("Birch, Ltd.", "Alder, Inc.")[n % 2]}",{n}.50\n' for n in range(9)
    )
    dataset = load_dataset(folder_of(tmp_path, products=items))
    row = dict(zip(dataset.items["id"], dataset.items.iter_rows(named=True), strict=True))["i3"]
    assert row["categories"] == ["Home", "Kitchen"]
    assert row["attribute.brand"] == "Alder, Inc."
    assert row["price"] == 3.5
