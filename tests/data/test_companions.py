"""Folders and siblings: what describes the items is used and told; other interactions never are."""

from __future__ import annotations

import re
import time
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Action, Dataset, Finding, Mapping
from recsys_tui.data.forgotten import Forgotten, mark_of
from recsys_tui.data.id_codes import shown_in
from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import ExitCode, UserError

RATINGS = "userId,movieId,rating,timestamp\n1,10,4.0,1000000000\n1,20,3.5,1000000001\n2,10,5.0,1000000002\n"
MOVIES = (
    "movieId,title,genres\n"
    '10,"Apartment, The (1960)",Comedy|Drama\n'
    "20,Caf\u00e9 &amp; Bar (1999),(no genres listed)\n"
    "30,Never seen (2001),Drama\n"
)


def folder_of(tmp_path: Path, **files: str) -> Path:
    """``ratings_csv`` becomes ``ratings.csv``."""
    for name, text in files.items():
        (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return tmp_path


def found(dataset: Dataset, code: str) -> list[Finding]:
    return [entry for entry in dataset.findings if entry.code == code]


def by_id(dataset: Dataset, column: str) -> dict[str, object]:
    return dict(zip(dataset.items["id"].to_list(), dataset.items[column].to_list(), strict=True))


@pytest.mark.parametrize("name", ["", "ratings.csv"])
def test_titles_beside_the_ratings(tmp_path: Path, name: str) -> None:
    dataset = load_dataset(folder_of(tmp_path, ratings_csv=RATINGS, movies_csv=MOVIES) / name)
    assert dataset.item_count == 2
    assert dataset.items["id"].to_list() == ["10", "20", "30"]
    assert dataset.items["count"].to_list() == [2, 1, 0]
    assert by_id(dataset, "title") == {
        "10": "Apartment, The (1960)",
        "20": "Café & Bar (1999)",
        "30": "Never seen (2001)",
    }
    assert by_id(dataset, "categories") == {"10": ["Comedy", "Drama"], "20": [], "30": ["Drama"]}
    assert by_id(dataset, "year") == {"10": 1960, "20": 1999, "30": 2001}
    assert [(entry.count, entry.action) for entry in found(dataset, "items_described")] == [(2, Action.USED)]
    assert "movies.csv" in found(dataset, "items_described")[0].message
    assert found(dataset, "items_without_interactions")[0].count == 1
    assert found(dataset, "texts_neutralised")[0].count == 1
    assert [path.name for path in dataset.files] == ["ratings.csv", "movies.csv"]


def test_without_siblings_the_file_is_alone(tmp_path: Path) -> None:
    path = folder_of(tmp_path, ratings_csv=RATINGS, movies_csv=MOVIES) / "ratings.csv"
    dataset = load_dataset(path, Mapping(siblings=False))
    assert dataset.items.columns == ["id", "count"]
    assert [entry.name for entry in dataset.files] == ["ratings.csv"]


def test_links_between_databases_are_left_alone(tmp_path: Path) -> None:
    links = "movieId,imdbId,tmdbId\n10,0111,862\n20,0112,863\n"
    dataset = load_dataset(folder_of(tmp_path, ratings_csv=RATINGS, movies_csv=MOVIES, links_csv=links))
    ignored = found(dataset, "files_ignored")
    assert ignored[0].count == 1
    assert "links.csv" in ignored[0].message
    assert "links.csv" not in {path.name for path in dataset.files}


def test_tags_of_people_become_tags_of_items(tmp_path: Path) -> None:
    tags = "userId,movieId,tag,timestamp\n1,10,Funny,1\n2,10,funny,2\n2,10,old,3\n1,99,other,4\n"
    dataset = load_dataset(folder_of(tmp_path, ratings_csv=RATINGS, tags_csv=tags))
    assert by_id(dataset, "tags") == {"10": ["funny", "old"], "20": None}
    assert dataset.interaction_count == 3


def test_train_alone_of_train_valid_test(tmp_path: Path) -> None:
    dataset = load_dataset(
        folder_of(
            tmp_path,
            train_csv="user,item,rating,timestamp\n1,10,4,1000000000\n1,20,3,1000000001\n",
            valid_csv="user,item,rating,timestamp\n1,30,5,1000000002\n",
            test_csv="user,item\n1,40\n",
            items_csv="item,title,genres\n10,A,X\n20,B,Y\n30,C,X\n40,D,Y\n",
        )
    )
    assert dataset.interaction_count == 2
    assert by_id(dataset, "title") == {"10": "A", "20": "B", "30": "C", "40": "D"}
    told = found(dataset, "only_training_opened")[0]
    assert told.count == 2
    assert "test.csv" in told.message
    assert "valid.csv" in told.message
    assert [path.name for path in dataset.files] == ["train.csv", "items.csv"]


def test_a_test_file_is_never_taken_for_items(tmp_path: Path) -> None:
    """Not even where its items are each named once and are all known."""
    folder = folder_of(tmp_path, train_csv=RATINGS, test_csv="user,item,title\n1,10,A\n2,20,B\n")
    dataset = load_dataset(folder / "train.csv")
    assert "title" not in dataset.items.columns
    assert [path.name for path in dataset.files] == ["train.csv"]


def test_users_beside_it_are_no_items(tmp_path: Path) -> None:
    """Ids of users match ids of items, being numbers; their names do not."""
    users = "userId,name,city\n10,Ann,Rome\n20,Bob,Oslo\n"
    dataset = load_dataset(folder_of(tmp_path, ratings_csv=RATINGS, users_csv=users))
    assert "title" not in dataset.items.columns


def test_given_items_are_used_instead_of_siblings(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ratings_csv=RATINGS, movies_csv=MOVIES, other_tsv="item\ttitle\n10\tMine\n")
    dataset = load_dataset(folder, Mapping(items=folder / "other.tsv"))
    assert by_id(dataset, "title") == {"10": "Mine", "20": None}


@pytest.mark.parametrize(
    ("text", "message_id"),
    [("item,title\n77,A\n78,B\n", "data.items_do_not_match"), ("", "data.empty_file"), (None, "data.no_such_path")],
)
def test_given_items_that_describe_nothing(tmp_path: Path, text: str | None, message_id: str) -> None:
    folder = folder_of(tmp_path, ratings_csv=RATINGS)
    given = tmp_path / "mine.csv"
    if text is not None:
        given.write_text(text)
    with pytest.raises(UserError) as refused:
        load_dataset(folder / "ratings.csv", Mapping(items=given))
    assert refused.value.message_id == message_id
    assert refused.value.exit_code is ExitCode.USAGE


def test_titles_within_the_interactions(tmp_path: Path) -> None:
    rows = "user,item,title,genres,rating\n1,10.0,Tea,a|b,4\n1,20.0,,,3\n2,10.0,Tea,a|b,5\n2,20.0,Rice &amp; peas,b,2\n"
    dataset = load_dataset(folder_of(tmp_path, shop_csv=rows))
    assert by_id(dataset, "title") == {"10": "Tea", "20": "Rice & peas"}
    assert by_id(dataset, "categories") == {"10": ["a", "b"], "20": ["b"]}
    assert found(dataset, "items_described")[0].count == 2
    assert [path.name for path in dataset.files] == ["shop.csv"]


def test_what_differs_from_event_to_event_describes_no_item(tmp_path: Path) -> None:
    """A review has a title, too."""
    rows = "user,item,title,rating\n" + "".join(f"{n},{n % 3},Words {n},4\n" for n in range(12))
    assert load_dataset(folder_of(tmp_path, reviews_csv=rows)).items.columns == ["id", "count"]


def test_an_item_file_with_spreadsheet_ids(tmp_path: Path) -> None:
    items = "item,title\n10.0,Tea\n20.0,Rice\n"
    dataset = load_dataset(folder_of(tmp_path, ratings_csv=RATINGS, items_csv=items))
    assert by_id(dataset, "title") == {"10": "Tea", "20": "Rice"}


def test_movielens_100k_layout(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("1\t2\t3\t880000000\n2\t2\t5\t880000001\n3\t1\t4\t880000002\n")
    (tmp_path / "u.genre").write_text("unknown|0\nWar|1\nFarce|2\nNoir|3\nSci-Fi|4\n\n")
    items = "1|Élan (1990)|01-Jan-1990||http://example.org/1|0|1|0|0|1\n"
    items += "2|unknown|||http://example.org/2|1|0|0|0|0\n"
    (tmp_path / "u.item").write_bytes(items.encode("latin-1"))
    dataset = load_dataset(tmp_path)
    assert by_id(dataset, "title") == {"1": "Élan (1990)", "2": "unknown"}
    assert by_id(dataset, "categories") == {"1": ["War", "Sci-Fi"], "2": []}


def test_movielens_1m_layout(tmp_path: Path) -> None:
    (tmp_path / "ratings.dat").write_text("1::2::3::978300760\n2::1::5::978300761\n")
    (tmp_path / "movies.dat").write_bytes("1::Mission: Ré (1990)::War|Farce\n2::Noon (1991)::War\n".encode("latin-1"))
    (tmp_path / "users.dat").write_text("1::F::1::10::48067\n2::M::56::16::70072\n")
    dataset = load_dataset(tmp_path)
    assert by_id(dataset, "title") == {"1": "Mission: Ré (1990)", "2": "Noon (1991)"}
    assert by_id(dataset, "categories") == {"1": ["War", "Farce"], "2": ["War"]}
    assert dataset.items.columns == ["id", "count", "title", "categories", "year"]


def test_several_files_of_interactions_are_a_question(tmp_path: Path) -> None:
    other = RATINGS.replace("rating", "score", 1)
    assert other != RATINGS
    folder = folder_of(tmp_path, may_csv=RATINGS, june_csv=other)
    with pytest.raises(UserError) as refused:
        load_dataset(folder)
    assert refused.value.message_id == "data.several_interactions_in_folder"
    assert "june.csv, may.csv" in str(refused.value)


def test_escape_sequences_in_titles_are_removed(tmp_path: Path) -> None:
    items = "movieId,title\n10,\x1b[31mRed\x1b[0m\u202e\n20,Fine\n"
    dataset = load_dataset(folder_of(tmp_path, ratings_csv=RATINGS, movies_csv=items))
    assert by_id(dataset, "title") == {"10": "Red", "20": "Fine"}


def test_ids_of_files_beside_it_are_neutralised_as_those_of_the_interactions(tmp_path: Path) -> None:
    """Else control characters would come in with people and items without history, and nothing be said of others."""
    item, user = "i\x1b[31m", "u\u202e\u200b"
    rows = "".join(f"{user}{n},{item}{n % 4},{1 + n % 5},A title {n % 4}\n" for n in range(12))
    (tmp_path / "data.csv").write_text("user,item,rating,title\n" + rows)
    described = "".join(f"{item}{n},red\n" for n in range(6))
    (tmp_path / "about.csv").write_text("item,colour\n" + described + "i1,blue\n")
    (tmp_path / "people.csv").write_text("user,gender\n" + "".join(f"{user}{n},{'FM'[n % 2]}\n" for n in range(14)))
    (tmp_path / "links.csv").write_text(f"user,friend\n{user}1,{user}2\n")
    given = {"items": tmp_path / "about.csv", "users": tmp_path / "people.csv", "links": tmp_path / "links.csv"}
    data = load_dataset(tmp_path / "data.csv", Mapping(**given))
    apart = data.items["id"][4]
    assert data.items["id"].to_list() == ["i0", "i1", "i2", "i3", apart, "i4", "i5"]
    assert re.fullmatch("i1~[0-9a-f]{6}", apart)
    assert data.items["attribute.colour"].to_list() == ["red", "red", "red", "red", "blue", "red", "red"]
    assert data.items["title"].to_list()[:4] == [f"A title {n}" for n in range(4)]
    assert data.users["gender"].null_count() == 0
    assert data.silent is not None
    assert data.silent["id"].to_list() == ["u12", "u13"]
    assert data.links.height == 1


@pytest.mark.parametrize("zero", ["\u200b", "\x1b[0m"])
def test_ids_that_are_alike_are_the_same_ones_in_files_beside_it(tmp_path: Path, zero: str) -> None:
    """Which of them stands in a file that knows one of them alone is not told by what it is shown as."""
    rows = "".join(f"{user},i{n}\n" for user in ("ab", f"a{zero}b", "carl") for n in range(5))
    (tmp_path / "data.csv").write_text("user,item\n" + rows)
    (tmp_path / "users.csv").write_text(f"user,city\na{zero}b,Ulm\ncarl,Bonn\n")
    data = load_dataset(tmp_path / "data.csv", Mapping())
    told = dict(zip(data.users["id"], data.users["city"], strict=True))
    raw = dict(zip(data.users["id"], sorted(["ab", f"a{zero}b", "carl"]), strict=True))
    assert {raw[user]: city for user, city in told.items()} == {"ab": None, f"a{zero}b": "Ulm", "carl": "Bonn"}

    gone = next(user for user, written in raw.items() if written == f"a{zero}b")
    key = bytes(32)
    forgotten = Forgotten(key, frozenset([mark_of(key, gone)]))
    left = load_dataset(tmp_path / "data.csv", Mapping(), forgotten=forgotten)
    assert "Ulm" not in str(left.users.rows())
    assert left.silent is None
    assert left.users["city"].drop_nulls().to_list() == ["Bonn"]


def test_alike_ids_of_a_large_file_are_kept_apart_in_no_time(tmp_path: Path) -> None:
    ids = pl.Series([f"i{n}" for n in range(60_000)])
    written = pl.DataFrame({"item": pl.concat([ids, ids + "\u200e"])})
    begun = time.monotonic()
    shown = shown_in(written, {}, ids)
    assert time.monotonic() - begun < 10
    assert shown["item"][: len(ids)].to_list() == ids.to_list()
    assert shown["item"][len(ids) :].str.replace("~[0-9a-f]{6,7}$", "").to_list() == ids.to_list()
    assert shown["item"].n_unique() == 2 * len(ids)


def test_a_title_that_is_alike_to_an_id_stays_a_title(tmp_path: Path) -> None:
    """Ids that are names stand among titles too; what keeps ids apart has no place there."""
    names = ["Muse", "Radiohead", "Björk", "ABBA"]
    rows = "".join(f"u{n},{name}\n" for n in range(4) for name in names)
    items = "".join(f"{name},{name}\u200b,\u200e{name} and others\n" for name in names)
    given = folder_of(tmp_path, ratings_csv="user,item\n" + rows, items_csv="item,title,description\n" + items)
    data = load_dataset(given / "ratings.csv", Mapping())
    assert by_id(data, "title") == {name: name for name in names}
    assert by_id(data, "text") == {name: f"{name} and others" for name in names}
    cleaned = [entry.count for entry in data.findings if entry.code == "texts_neutralised"]
    assert cleaned == [8]


def test_a_title_among_the_interactions_that_is_alike_to_an_id_stays_a_title(tmp_path: Path) -> None:
    rows = "".join(f"u{n},{name},{name}\u200b\n" for n in range(4) for name in ("Muse", "Radiohead", "ABBA"))
    (tmp_path / "log.csv").write_text("user,item,title\n" + rows)
    data = load_dataset(tmp_path / "log.csv", Mapping())
    assert by_id(data, "title") == {name: name for name in ("Muse", "Radiohead", "ABBA")}
