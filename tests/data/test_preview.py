"""The look at some data before it is opened: rows as harmless text, choices as far as they go, the error if any."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.column_detection import GIVEN_ROLES
from recsys_tui.data.dataset import Mapping
from recsys_tui.data.load import load_dataset
from recsys_tui.data.preview import Preview, preview
from recsys_tui.output.errors import UserError


def columns_of(found: Preview) -> dict[str, str]:
    return {choice.role: choice.column for choice in found.choices}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Customers and visitors: two kinds of people, so that nobody can say which are the users."""
    path = tmp_path / "shop.csv"
    lines = [f"c{n % 7},v{n % 11},p{n % 5},{n % 5 + 1},{1_600_000_000 + n}" for n in range(60)]
    path.write_text("customer_id,visitor_id,product_id,rating,timestamp\n" + "\n".join(lines) + "\n")
    return path


def test_clear_data_has_choices_and_no_problem(tmp_path: Path):
    path = tmp_path / "clear.csv"
    path.write_text("user,item,rating\n" + "".join(f"u{n % 5},i{n % 4},{n % 3}\n" for n in range(30)))
    found = preview(path, rows=3)
    assert found.columns == ("user", "item", "rating")
    assert found.rows == (("u0", "i0", "0"), ("u1", "i1", "1"), ("u2", "i2", "2"))
    assert columns_of(found) == {"user": "user", "item": "item", "rating": "rating"}
    assert found.error is None
    assert found.problem is None
    assert found.unsure == ()
    assert found.path == path.resolve()


def test_two_likely_users_are_a_proposal_a_problem_and_still_the_other_roles(shop: Path):
    with pytest.raises(UserError) as refused:
        load_dataset(shop)
    found = preview(shop)
    assert found.problem == str(refused.value)
    assert found.error is not None
    assert found.error.message_id == "data.ambiguous"
    assert found.unsure == ("user",)
    assert columns_of(found) == {
        "user": "customer_id",
        "item": "product_id",
        "rating": "rating",
        "time": "timestamp",
    }
    proposed = next(choice for choice in found.choices if choice.role == "user")
    assert "visitor_id" in proposed.why
    assert proposed.confidence <= 0.5


def test_under_another_mapping_the_problem_is_gone_and_it_opens(shop: Path):
    found = preview(shop)
    decided = found.under(Mapping(user=found.given("visitor_id")))
    assert decided.problem is None
    assert decided.rows == found.rows
    assert columns_of(decided)["user"] == "visitor_id"
    dataset = load_dataset(shop, decided.mapping)
    assert {choice.role: choice.column for choice in dataset.columns} == columns_of(decided)
    assert dataset.user_count == 11


def test_two_riddles_are_both_proposed(tmp_path: Path):
    path = tmp_path / "two.csv"
    lines = [f"c{n % 7},v{n % 11},m{n % 5},s{n % 13}" for n in range(200)]
    path.write_text("customer_id,visitor_id,movie_id,song_id\n" + "\n".join(lines) + "\n")
    found = preview(path)
    assert set(found.unsure) == {"user", "item"}
    assert columns_of(found) == {"user": "customer_id", "item": "movie_id"}


def test_a_missing_item_leaves_the_other_roles(tmp_path: Path):
    path = tmp_path / "half.csv"
    path.write_text("user_id,rating,price\n" + "".join(f"u{n % 5},{n % 5}.5,{n}.25\n" for n in range(40)))
    found = preview(path)
    assert found.error is not None
    assert found.error.message_id == "data.no_column_for"
    assert found.unsure == ("item",)
    assert columns_of(found)["user"] == "user_id"
    assert columns_of(found)["rating"] == "rating"
    assert "item" not in columns_of(found)
    assert found.columns == ("user_id", "rating", "price")
    assert columns_of(found.under(Mapping(item="price")))["item"] == "price"


@pytest.mark.parametrize(
    ("mapping", "message", "role"),
    [
        (Mapping(user="visitor_id", item="gone"), "data.no_such_column", "item"),
        (Mapping(user="visitor_id", rating="visitor_id"), "data.same_column", "rating"),
    ],
)
def test_a_mapping_that_does_not_fit_is_told_and_left_out(shop: Path, mapping: Mapping, message: str, role: str):
    found = preview(shop, mapping)
    assert found.error is not None
    assert found.error.message_id == message
    assert columns_of(found)["user"] == "visitor_id"
    assert columns_of(found)[role] == {"item": "product_id", "rating": "rating"}[role]


def test_texts_are_harmless_and_short(tmp_path: Path):
    path = tmp_path / "odd.parquet"
    frame = pl.DataFrame(
        {
            "user": ["a", "b", None],
            "item": ["\x1b[31mred", "x\u202ey\nz", "w" * 5_000],
            "tags": [["q", "\x07r"], [], None],
        }
    )
    frame.write_parquet(path)
    found = preview(path)
    assert found.rows[0] == ("a", "red", "q, r")
    assert found.rows[1] == ("b", "xy z", "")
    assert found.rows[2][0] == ""
    assert len(found.rows[2][1]) == 200


def test_columns_without_names_are_given_by_number(tmp_path: Path):
    path = tmp_path / "bare.tsv"
    path.write_text("".join(f"{n % 5}\t{n % 7}\t{n % 5 + 1}\t{880_000_000 + n}\n" for n in range(50)))
    found = preview(path)
    assert len(found.columns) == 4
    assert [found.given(column) for column in found.columns] == ["1", "2", "3", "4"]
    swapped = found.under(Mapping(user=found.given(found.columns[1])))
    assert columns_of(swapped)["user"] == found.columns[1]
    assert load_dataset(path, swapped.mapping).user_count == 7


@pytest.mark.parametrize("name", ["none.csv", "empty.csv", "noise.bin", "one.csv"])
def test_what_cannot_be_read_raises_its_sentence(tmp_path: Path, name: str):
    (tmp_path / "empty.csv").touch()
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "one.csv").write_text("lonely\n" + "word\n" * 20)
    with pytest.raises(UserError) as refused:
        preview(tmp_path / name)
    assert refused.value.exit_code == 2


def test_only_the_first_rows_of_a_long_file_are_read(tmp_path: Path):
    path = tmp_path / "long.csv.gz"
    with gzip.open(path, "wt", compresslevel=1) as out:
        out.write("user,item\n")
        out.writelines(f"u{n % 997},i{n % 1009}\n" for n in range(200_000))
    found = preview(path)
    assert len(found.rows) == 20
    assert found._table.frame.height < 50_000


def test_bundled_and_folder(tmp_path: Path):
    assert preview("films").columns[0] == "userId"
    (tmp_path / "ratings.csv").write_text("user,item\n" + "".join(f"u{n % 5},i{n % 4}\n" for n in range(30)))
    (tmp_path / "items.csv").write_text("item,title\n" + "".join(f"i{n},Title {n}\n" for n in range(4)))
    assert preview(tmp_path).columns == ("user", "item")


def test_the_choices_of_real_data_are_those_that_load_makes(real_data: Callable[[str], Path]):
    path = real_data("ml-100k")
    loaded = {choice.role: choice.column for choice in load_dataset(path).columns if choice.role in GIVEN_ROLES}
    assert columns_of(preview(path)) == loaded
