"""The public datasets open without an option, with the counts their publishers state."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from recsys_tui.data.dataset import Mapping, TimeKind
from recsys_tui.data.load import load_dataset
from recsys_tui.data.overview import ROLES

pytestmark = pytest.mark.real_data
RealData = Callable[[str], Path]


@pytest.mark.parametrize(
    ("name", "interactions", "users", "items", "catalogue"),
    [
        ("ml-100k", 100_000, 943, 1_682, 1_682),
        ("ml-100k/u.data", 100_000, 943, 1_682, 1_682),
        ("ml-1m", 1_000_209, 6_040, 3_706, 3_883),
        ("ml-latest-small", 100_836, 610, 9_724, 9_742),
        ("ml-latest-small/ratings.csv", 100_836, 610, 9_724, 9_742),
    ],
)
def test_movielens(real_data: RealData, name: str, interactions: int, users: int, items: int, catalogue: int) -> None:
    dataset = load_dataset(real_data(name))
    assert (dataset.interaction_count, dataset.user_count, dataset.item_count) == (interactions, users, items)
    assert dataset.rows_read == interactions
    assert dataset.items.height == catalogue
    assert dataset.time_kind is TimeKind.TIME
    assert dataset.explicit
    interaction_roles = {choice.role for choice in dataset.columns} & set(ROLES)
    assert interaction_roles == {"user", "item", "rating", "time"}
    assert dataset.items["title"].null_count() == 0
    assert not dataset.items["title"].str.contains("\ufffd").any()
    years = dataset.items["year"].drop_nulls()
    assert years.len() > 0.99 * catalogue
    assert years.is_between(1870, 2018).all()
    kinds = dataset.items["categories"].explode().drop_nulls().unique()
    assert kinds.len() in (18, 19)
    assert "(no genres listed)" not in kinds.to_list()


def test_a_file_opened_alone_has_no_titles(real_data: RealData) -> None:
    dataset = load_dataset(real_data("ml-latest-small/ratings.csv"), Mapping(siblings=False))
    assert dataset.items.height == 9_724
    assert dataset.items.columns == ["id", "count"]


def test_links_are_no_friendships(real_data: RealData) -> None:
    dataset = load_dataset(real_data("ml-latest-small"))
    assert sorted(path.name for path in dataset.files) == ["movies.csv", "ratings.csv", "tags.csv"]


def test_a_position_is_an_order(real_data: RealData) -> None:
    dataset = load_dataset(real_data("ml-1m-sequences"))
    assert (dataset.interaction_count, dataset.user_count, dataset.item_count) == (999_611, 6_040, 3_416)
    assert dataset.time_kind is TimeKind.ORDER
    assert "order_only" in {entry.code for entry in dataset.findings}
    first = dataset.interactions.group_by("user", maintain_order=True).first()
    assert (first["time"] == 0).all()


def test_millions_of_clicks(real_data: RealData) -> None:
    dataset = load_dataset(real_data("globo-news/clicks.parquet"))
    assert (dataset.interaction_count, dataset.user_count, dataset.item_count) == (2_988_181, 322_897, 46_033)
    assert dataset.time_kind is TimeKind.TIME
    assert not dataset.explicit
    # October 2017, in milliseconds.
    middle = dataset.interactions["time"].median()
    assert isinstance(middle, float)
    assert 1_506_816_000_000 < middle < 1_509_494_400_000


def test_an_invoice_file_opens_too(real_data: RealData) -> None:
    dataset = load_dataset(real_data("online-retail-ii"))
    findings = {entry.code: entry.count for entry in dataset.findings}
    assert dataset.rows_read == 525_461
    assert dataset.user_count == findings["ids_shortened"] == 4_383
    assert findings["no_user"] == 107_927


def test_inspecting_a_million_ratings_is_small(real_data: RealData) -> None:
    """The peak of memory of the whole process, from a cold home, as the system counts it for this process alone."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of one process is read from /proc, which this system lacks")
    program = (
        "import sys\nfrom pathlib import Path\nfrom recsys_tui.cli.entry import main\n"
        "code = main()\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(status.partition('VmHWM:')[2].split()[0], file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    command = [sys.executable, "-c", program, "inspect", str(real_data("ml-1m")), "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stderr.split()[-1]) * 1024 < 600_000_000
    assert '"interactions": 1000209' in done.stdout


def test_recbole_atomic_files(real_data: RealData) -> None:
    dataset = load_dataset(real_data("recbole-ml-100k"))
    assert (dataset.interaction_count, dataset.user_count, dataset.item_count) == (100_000, 943, 1_682)
    titles = dict(zip(dataset.items["id"], dataset.items["title"], strict=True))
    assert titles["50"] == "Star Wars"
    assert {"age", "gender", "occupation"} <= set(dataset.users.columns)
    assert "zip_code" not in dataset.users.columns


def test_play_counts_with_friends_and_tags(real_data: RealData) -> None:
    dataset = load_dataset(real_data("hetrec2011-lastfm-2k"))
    assert (dataset.interaction_count, dataset.user_count, dataset.item_count) == (92_834, 1_892, 17_632)
    # 25,434 rows of user_friends.dat, each friendship in both directions.
    assert dataset.links.height == 25_434
    assert dataset.items["tags"].drop_nulls().len() > 10_000
    assert dataset.interactions["quantity"].max() == 352_698
    assert "sorted_by_item" in {entry.code for entry in dataset.findings}


def test_invoices_of_a_gift_shop(real_data: RealData) -> None:
    dataset = load_dataset(real_data("online-retail-ii"))
    found = {entry.code: entry.count for entry in dataset.findings}
    assert dataset.rows_read == 525_461
    assert found["no_user"] == 107_927
    assert found["cancellations"] == 10_210  # in tens: 10,206
    assert dataset.user_count == 4_383
    assert dataset.repeats
    titles = dict(zip(dataset.items["id"], dataset.items["title"], strict=True))
    assert titles["POST"] == "POSTAGE"
    assert {"POST", "M", "D"} <= set(dataset.items.filter(~dataset.items["product"])["id"])
    assert "13085" in set(dataset.users["id"])
