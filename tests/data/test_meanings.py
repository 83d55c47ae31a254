"""What the data is about: things that are no products, things taken again, graphs of people, cores, cancellations."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.load import load_dataset


def opened(tmp_path: Path, text: str, mapping: Mapping | None = None) -> Dataset:
    path = tmp_path / "data.csv"
    path.write_text(text)
    return load_dataset(path, mapping)


def found(dataset: Dataset) -> dict[str, int]:
    return {entry.code: entry.count for entry in dataset.findings}


INVOICES = (
    "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID\n"
    + "".join(
        f"{500 + n // 3},{10_000 + n % 25},THING NUMBER {n % 25},2,2010-01-{1 + n // 10:02d} 10:00:00,1.5,"
        f"{100 + n % 7}.0\n"
        for n in range(200)
    )
    + "C900,10003,THING NUMBER 3,-2,2010-01-30 10:00:00,1.5,103.0\n"
    + "901,POST,POSTAGE,1,2010-01-30 10:00:00,18.0,103.0\n"
    + "902,10004,,2,2010-01-31 10:00:00,1.5,\n"
    + "903,10005,thing no. 5,1,2010-01-31 11:00:00,1.5,104.0\n"
)


ODD = [("POST", "POSTAGE")] * 4 + [("D", "DISCOUNT")] * 3 + [("AMAZON", "AMAZON FEE")] * 2 + [("10003", "THING")] * 2


def test_a_shop_as_its_till_wrote_it(tmp_path: Path) -> None:
    dataset = opened(tmp_path, INVOICES)
    assert {choice.role: choice.column for choice in dataset.columns if ":" not in choice.column} == {
        "user": "Customer ID", "item": "StockCode", "time": "InvoiceDate", "quantity": "Quantity", "basket": "Invoice",
    }  # fmt: skip
    codes = found(dataset)
    assert codes["cancellations"] == 10  # in tens
    assert codes["no_user"] == 1
    assert codes["no_products"] == 1
    products = dict(zip(dataset.items["id"], dataset.items["product"], strict=True))
    assert [item for item, product in products.items() if not product] == ["POST"]
    titles = dict(zip(dataset.items["id"], dataset.items["title"], strict=True))
    assert titles["10005"] == "THING NUMBER 5"
    assert dataset.items["price"].drop_nulls().max() == 18.0


def test_items_that_are_no_products_are_named_in_the_order_of_their_ids(tmp_path: Path) -> None:
    """Not of how many rows they have, which would tell of a few."""
    rows = "".join(f"{n},{item},{title},1,2010-01-{n + 1:02},1.5,{n}\n" for n, (item, title) in enumerate(ODD))
    dataset = opened(tmp_path, INVOICES.splitlines()[0] + "\n" + rows)
    assert [entry.message for entry in dataset.findings if entry.code == "no_products"] == [
        "3 items are no products by their ids or titles: AMAZON (AMAZON FEE), D (DISCOUNT), POST (POSTAGE); "
        "recommend --products-only keeps them out of lists."
    ]


def test_taking_again_needs_another_occasion(tmp_path: Path) -> None:
    once = "user,item,time\n" + "".join(f"{n % 5},{n},2024-01-01 10:00:00\n" for n in range(50))
    assert opened(tmp_path, once).repeat_share == 0
    same_day = once + "".join(f"{n % 5},{n},2024-01-01 18:00:00\n" for n in range(50))
    assert opened(tmp_path, same_day).repeat_share == 0
    next_day = once + "".join(f"{n % 5},{n},2024-01-02 10:00:00\n" for n in range(50))
    dataset = opened(tmp_path, next_day)
    assert dataset.repeat_share == pytest.approx(0.5)
    assert dataset.repeats


def test_only_purchases_say_whether_people_buy_again(tmp_path: Path) -> None:
    views = "".join(f"a,x,view,2024-01-{day:02d}\na,y,view,2024-01-{day:02d}\n" for day in range(1, 11))
    dataset = opened(tmp_path, "user,item,event,time\n" + views + "a,x,purchase,2024-01-11\nb,y,purchase,2024-01-12\n")
    assert dataset.repeat_share == 0


def test_a_graph_of_people_by_the_names_of_its_columns(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "follower_id,followee_id\n1,2\n2,3\n3,1\n1,3\n")
    assert dataset.shared_ids
    assert found(dataset)["shared_ids"] == 3


def test_a_graph_of_people_by_the_ids_themselves(tmp_path: Path) -> None:
    assert opened(tmp_path, "user_id,creator_id\nmira,tom\ntom,ada\nada,mira\nmira,ada\n").shared_ids


def test_small_numbers_coincide_in_any_data(tmp_path: Path) -> None:
    assert not opened(tmp_path, "user,movie\n1,2\n2,3\n3,1\n1,3\n").shared_ids


def test_the_core_is_taken_again_and_again(tmp_path: Path) -> None:
    # d has one item; without d, item w has one person; without w, c has one item: only a and b and x and y stay.
    text = "user,item\na,x\na,y\nb,x\nb,y\nc,y\nc,w\nd,w\n"
    dataset = opened(tmp_path, text, Mapping(core=2))
    assert dataset.users["id"].to_list() == ["a", "b"]
    assert dataset.items["id"].to_list() == ["x", "y"]
    assert found(dataset)["core"] == 3
    assert opened(tmp_path, text).user_count == 4


def test_dates_both_ways_are_told_and_can_be_turned(tmp_path: Path) -> None:
    text = "user,item,date\na,x,03/04/2024\nb,y,05/01/2024\n"
    dataset = opened(tmp_path, text)
    assert found(dataset)["dates_unsure_day_first"] == 2
    assert dataset.interactions.sort("row")["time"].to_list() == [1_712_102_400_000, 1_704_412_800_000]
    turned = opened(tmp_path, text, Mapping(dates="month-first"))
    assert turned.interactions.sort("row")["time"].to_list() == [1_709_510_400_000, 1_714_521_600_000]


def test_small_numbers_in_sessions_are_no_postage(tmp_path: Path) -> None:
    rows = "".join(f"u{n % 9},{n % 150},s{n % 30},{10**9 + n}\n" for n in range(300))
    dataset = opened(tmp_path, "user_id,article_id,session_id,timestamp\n" + rows)
    assert "product" not in dataset.items.columns
