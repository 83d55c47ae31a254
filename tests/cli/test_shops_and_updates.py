"""A small shop through the commands: events, what was returned, buying again, new rows, standard input."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import polars as pl
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.crowd_gate import SETTING
from recsys_tui.output.probability import percent
from recsys_tui.output.schema_files import load_schema

Run = Callable[..., tuple[int, str, str]]
PEOPLE, WEEKS = 90, 8
HEADER = "customer_id,sku,title,event,quantity,time\n"


def shop_rows() -> list[str]:
    """Everyone buys milk weekly and something of their half of the shop; a tenth of those things comes back."""
    random = np.random.default_rng(3)
    rows = []
    for person in range(PEOPLE):
        for week in range(WEEKS):
            day = f"2024-{1 + (7 * week) // 28:02d}-{1 + (7 * week) % 28:02d}"
            thing = 2 * int(random.integers(0, 20) ** 1.3 % 20) + person % 2
            rows.append(f"c{person},P100,Milk,purchase,1,{day} 09:00:00")
            rows.append(f"c{person},P{101 + thing},Thing {thing},view,1,{day} 09:01:00")
            rows.append(f"c{person},P{101 + thing},Thing {thing},purchase,{1 + week % 3},{day} 09:02:00")
            if random.random() < 0.1:
                rows.append(f"c{person},P{101 + thing},Thing {thing},return,{1 + week % 3},{day} 19:00:00")
    rows.append("c1,POST,Postage,purchase,1,2024-01-30 09:00:00")
    return rows


@pytest.fixture(scope="module")
def trained_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The shop's file, and a home in which it is trained. Copied by every test that changes either."""
    folder = tmp_path_factory.mktemp("shop")
    data = folder / "orders.csv"
    data.write_text(HEADER + "\n".join(shop_rows()) + "\n")
    assert main(["train", str(data), "--preset", "quick", "--quiet", "--json", "--home", str(folder / "home")]) == 0
    return data, folder / "home"


@pytest.fixture
def run(trained_shop: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> Run:
    capsys.readouterr()

    def go(*arguments: str, home: Path | None = None) -> tuple[int, str, str]:
        code = main([*arguments, "--home", str(home or trained_shop[1])])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


@pytest.fixture
def own(
    trained_shop: tuple[Path, Path], tmp_path: Path, run: Run
) -> Iterator[tuple[Path, Callable[..., dict[str, Any]]]]:
    """The shop, put back afterwards, a trained home of this test's own, and how to run a command that must succeed."""
    data, home = trained_shop[0], tmp_path / "home"
    shutil.copy2(data, tmp_path / "before.csv")
    shutil.copytree(trained_shop[1], home)

    def go(command: str, *arguments: str) -> dict[str, Any]:
        code, out, err = run(command, str(data), *arguments, "--json", home=home)
        assert code == 0, err
        document: dict[str, Any] = json.loads(out)
        return document

    yield data, go
    shutil.copy2(tmp_path / "before.csv", data)


def items_of(document: dict[str, Any]) -> list[str]:
    return [entry["item"] for entry in document["items"]]


def returned(data: Path) -> dict[str, set[str]]:
    """What each person returned as often as they bought it, from the file alone."""
    frame = pl.read_csv(data, infer_schema_length=0)
    strength = {"purchase": 5.0, "view": 1.0, "return": -5.0}
    units = (pl.col("quantity").cast(pl.Float64) + 1).log(2)
    frame = frame.filter(pl.col("event") != "view")
    net = frame.with_columns((pl.col("event").replace_strict(strength) * units).alias("net"))
    sums = net.group_by("customer_id", "sku").agg(pl.col("net").sum(), (pl.col("net") < 0).any().alias("back"))
    gone = sums.filter(pl.col("back") & (pl.col("net") <= 1e-6))
    return {name[0]: set(part["sku"]) for name, part in gone.group_by("customer_id")}


def test_lists_show_what_people_buy_again_and_say_how_often(run: Run, trained_shop: tuple[Path, Path]):
    code, out, _ = run("recommend", str(trained_shop[0]), "--user", "c7", "--explain", "--json")
    assert code == 0
    document = json.loads(out)
    jsonschema.validate(document, load_schema("recommend"), jsonschema.Draft202012Validator)
    first = document["items"][0]
    assert first["item"] == "P100"
    assert f"{WEEKS} times" in first["reasons"][0]["text"]
    for entry in document["items"]:
        assert sum(reason["contribution"] for reason in entry["reasons"]) == pytest.approx(entry["score"], abs=1e-4)
        assert entry["chance"] == pytest.approx(np.exp(entry["score"]), rel=1e-3)


@pytest.mark.parametrize("reasons", [(), ("--explain",)])
def test_tables_have_the_chances_of_the_document(run: Run, trained_shop: tuple[Path, Path], reasons: tuple[str, ...]):
    asked = ("recommend", str(trained_shop[0]), "--user", "c7", *reasons)
    items = json.loads(run(*asked, "--json")[1])["items"]
    table = list(csv.DictReader(io.StringIO(run(*asked, "--csv")[1])))
    assert [*table[0]][:6] == ["rank", "item", "title", "score", "probability", "chance"]
    for row, item in zip(table, items, strict=True):
        assert float(row["chance"]) == pytest.approx(item["chance"])
        assert float(row["probability"]) == pytest.approx(item["probability"])
    assert "chance" not in run(*asked, "--repeat", "never", "--csv")[1].splitlines()[0]


def test_what_is_bought_again_is_explained_as_that(run: Run, trained_shop: tuple[Path, Path]):
    asked = ("explain", str(trained_shop[0]), "--user", "c7", "--item", "P100", "--lang", "en")
    document = json.loads(run(*asked, "--json")[1])
    code, _, err = run(*asked)
    assert code == 0
    assert f"taken next time: {percent(document['chance'])}, probability {percent(document['probability'])}" in err
    assert "rank 1," in err
    assert "It was taken before, and what is taken again" in err
    for wrong in ("as if it were", "Sure:", "because of", "parts agree"):
        assert wrong not in err


def test_never_leaves_out_everything_taken_before(run: Run, trained_shop: tuple[Path, Path]):
    data = trained_shop[0]
    taken = set(pl.read_csv(data, infer_schema_length=0).filter(pl.col("customer_id") == "c7")["sku"])
    _, out, _ = run("recommend", str(data), "--user", "c7", "--repeat", "never", "-k", "30", "--json")
    assert not set(items_of(json.loads(out))) & taken


def test_what_was_returned_is_in_nobodys_list(run: Run, trained_shop: tuple[Path, Path], tmp_path: Path):
    data, _ = trained_shop
    back = returned(data)
    assert len(back) > 5
    target = tmp_path / "lists.csv"
    assert run("recommend", str(data), "--all", "-k", "45", "--output", str(target))[0] == 0
    lists = pl.read_csv(target)
    assert lists["user"].n_unique() == PEOPLE
    for name, part in lists.group_by("user"):
        assert not set(part["item"]) & back.get(str(name[0]), set())


def test_postage_is_kept_out_by_choice(run: Run, trained_shop: tuple[Path, Path], tmp_path: Path):
    data = str(trained_shop[0])
    everything = items_of(json.loads(run("recommend", data, "--user", "c7", "-k", "60", "--json")[1]))
    products = items_of(json.loads(run("recommend", data, "--user", "c7", "-k", "60", "--products-only", "--json")[1]))
    assert "POST" in everything
    assert "POST" not in products
    # It acts before candidates are drawn and compared with one another, as naming what is no product does.
    (tmp_path / "no products").write_text("POST\n")
    without = ("--exclude-items", str(tmp_path / "no products"), "--json")
    assert items_of(json.loads(run("recommend", data, "--user", "c7", "-k", "60", *without)[1])) == products
    assert sorted(item for item in everything if item != "POST") == sorted(products)


def test_new_rows_are_folded_in_once(own: tuple[Path, Callable[..., dict[str, Any]]], tmp_path: Path):
    data, go = own
    more = tmp_path / "more.csv"
    rows = ("purchase,P999,newcomer,1", "purchase,P101,newcomer,1", "purchase,P101,c3,1")
    more.write_text("time,event,sku,customer_id,quantity\n" + "".join(f"2024-03-01 10:00:00,{row}\n" for row in rows))
    document = go("update", "--add", str(more))
    jsonschema.validate(document, load_schema("update"), jsonschema.Draft202012Validator)
    assert {name: document[name] for name in ("rows_new", "users_new", "items_new", "rows_gone")} == {
        "rows_new": 3, "users_new": 1, "items_new": 1, "rows_gone": 0,
    }  # fmt: skip
    assert document["models"] == ["quick-next"]
    known = go("recommend", "--user", "newcomer", "--no-train")
    assert len(known["items"]) == 10
    assert "older" not in str(known["note"])
    again = go("update", "--add", str(more))
    assert (again["rows_new"], again["models"]) == (0, [])
    with data.open("a") as stream:
        stream.write("newcomer,P999,,purchase,1,2024-03-01 10:00:00\n")
    grown = go("update")
    assert (grown["rows_new"], grown["users_new"]) == (0, 0)


def test_an_update_that_finds_nothing_new_does_not_sound_like_a_model_is_missing(
    own: tuple[Path, Callable[..., dict[str, Any]]], run: Run
):
    data, _go = own
    code, out, _err = run("update", str(data), home=data.parent / "home")
    assert code == 0
    assert "0 new events" in out
    assert "nothing changed" in out
    assert "no model" not in out


def test_a_model_of_smaller_crowds_is_brought_up(
    own: tuple[Path, Callable[..., dict[str, Any]]], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    data, go = own
    shown = [entry["score"] for entry in go("recommend", "--new-user", "-k", "40")["items"]]
    monkeypatch.setenv(SETTING, "60")
    code, _out, err = run("recommend", str(data), "--user", "c3", "--no-train", home=tmp_path / "home")
    assert (code, "counted for smaller crowds" in err, f"recsys update {data}" in err) == (4, True, True)
    document = go("update")
    assert (document["rows_new"], document["models"]) == (0, ["quick-next"])
    now = [entry["score"] for entry in go("recommend", "--new-user", "-k", "40")["items"]]
    assert min(shown) < min(now) == pytest.approx(np.log1p(60))
    assert go("update")["models"] == []


def test_who_asks_a_model_of_smaller_crowds_waits_for_no_training(
    own: tuple[Path, Callable[..., dict[str, Any]]], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    data, _go = own
    monkeypatch.setenv(SETTING, "60")
    code, _out, err = run("recommend", str(data), "--user", "c3", home=tmp_path / "home")
    assert (code, "it is brought up to them" in err, "Training" in err) == (0, True, False)
    assert run("recommend", str(data), "--user", "c3", "--no-train", home=tmp_path / "home")[0] == 0


def test_a_file_that_grew_is_folded_in(own: tuple[Path, Callable[..., dict[str, Any]]]):
    data, go = own
    assert "changed" not in str(go("recommend", "--user", "c3")["note"])
    with data.open("a") as stream:
        stream.write("c3,P101,Thing 0,purchase,1,2024-03-02 09:00:00\n")
    assert "changed" in str(go("recommend", "--user", "c3")["note"])
    document = go("update")
    assert (document["rows_new"], document["users_new"], document["items_new"]) == (1, 0, 0)
    assert "changed" not in str(go("recommend", "--user", "c3")["note"])


def test_rows_that_were_looked_at_first_are_new_to_the_models_still(own: tuple[Path, Callable[..., dict[str, Any]]]):
    data, go = own
    with data.open("a") as stream:
        stream.write("newcomer,P998,Thing 8,purchase,1,2024-03-02 09:00:00\n")
    assert go("inspect")["users"] == PEOPLE + 1
    document = go("update")
    assert (document["rows_new"], document["users_new"], document["items_new"]) == (1, 1, 1)
    assert go("update")["rows_new"] == 0
    # Nothing but the current tables is kept once no model needs the others.
    assert len(list((data.parent / "home").glob("workspaces/*/data/*"))) == 1


def test_an_update_gives_what_counting_anew_gives(own: tuple[Path, Callable[..., dict[str, Any]]]):
    """After an update popularity ranks as a count over the grown file does."""
    data, go = own
    rows = [f"x{number},P777,Novelty,purchase,1,2024-03-03 09:00:00" for number in range(PEOPLE + 30)]
    with data.open("a") as stream:
        stream.write("\n".join(rows) + "\n")
    assert go("update")["rows_new"] == len(rows)
    popular = go("recommend", "--user", "c3", "--model", "popular", "--repeat", "never", "-k", "1")
    assert items_of(popular) == ["P777"]


def test_rows_that_cannot_be_understood_change_nothing(own: tuple[Path, Callable[..., dict[str, Any]]], run: Run):
    data, go = own
    bad = data.with_name("bad.csv")
    bad.write_text("colour,weight\nred,1.25\nblue,2.5\n")
    code, out, err = run("update", str(data), "--add", str(bad), home=data.parent / "home")
    assert (code, out) == (2, "")
    assert err.strip().endswith(".")
    assert "added" not in err
    assert not list((data.parent / "home").glob("workspaces/*/added/*"))
    assert go("update")["rows_new"] == 0


def test_data_through_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def pipe(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    table = "user;item;rating\n" + "".join(f"u{n % 7};i{n % 5};{n % 5 + 1}\n" for n in range(35))
    pipe(table)
    code, out, _ = run("inspect", "-", "--json", home=tmp_path / "home")
    assert code == 0
    assert json.loads(out)["users"] == 7
    pipe("")
    code, _, err = run("inspect", "-", home=tmp_path / "home")
    assert (code, err.count("\n")) == (2, 1)
    pipe(table)
    code, _, err = run("recommend", "-", "--for", "-", "--csv", home=tmp_path / "home")
    assert code == 2


def test_strengths_are_shown_and_set(run: Run, trained_shop: tuple[Path, Path], tmp_path: Path):
    data = str(trained_shop[0])
    _, out, _ = run("inspect", data, "--event-weight", "view=0.5", "--json", home=tmp_path / "home")
    weights = {entry["label"]: entry["weight"] for entry in json.loads(out)["events"]}
    assert weights == {"purchase": 5.0, "view": 0.5, "return": -5.0}
    code, _, err = run("inspect", data, "--event-weight", "view", home=tmp_path / "home2")
    assert code == 2
    assert "NAME=NUMBER" in err


def test_remembered_options_are_told_and_can_be_dropped(run: Run, tmp_path: Path):
    data = tmp_path / "ratings.csv"
    data.write_text("user,item,rating,score\n" + "".join(f"u{n % 7},i{n % 5},{n % 5 + 1},{n % 3}\n" for n in range(35)))
    home = tmp_path / "home"
    assert run("inspect", str(data), "--rating-col", "score", home=home)[0] == 0
    _, _, err = run("inspect", str(data), home=home)
    assert "rating=score" in err
    assert "--detect" in err
    _, out, err = run("inspect", str(data), "--detect", "--json", home=home)
    assert json.loads(out)["columns"]["rating"]["column"] == "rating"
    assert "--detect" not in run("inspect", str(data), home=home)[2]


def test_added_rows_without_the_times_that_the_data_has(own: tuple[Path, Callable[..., dict[str, Any]]], run: Run):
    data, go = own
    more = data.with_name("more.csv")
    more.write_text("customer_id,sku,event\nnewcomer,P101,purchase\n")
    code, out, err = run("update", str(data), "--add", str(more), home=data.parent / "home")
    assert (code, out) == (2, "")
    assert str(more) in err
    assert go("update")["rows_new"] == 0


def test_a_core_that_leaves_nothing_says_so(run: Run, trained_shop: tuple[Path, Path], tmp_path: Path):
    code, _, err = run("inspect", str(trained_shop[0]), "--k-core", "900", home=tmp_path / "home")
    assert code == 2
    assert "--k-core" in err


def test_what_is_not_trained_is_told_with_the_command_that_trains_it(run: Run, trained_shop: tuple[Path, Path]):
    code, _, err = run("recommend", str(trained_shop[0]), "--user", "c7", "--horizon", "later", "--no-train")
    assert code == 4
    assert "--horizon later" in err


@pytest.mark.parametrize(
    "asked",
    [("--user", "nobody"), ("--user", "c7", "--like", "nothing"), ("--new-user", "--like", "P101", "--dislike", "x")],
)
def test_nobody_waits_for_a_training_in_vain(
    run: Run, trained_shop: tuple[Path, Path], tmp_path: Path, asked: list[str]
):
    code, out, err = run("recommend", str(trained_shop[0]), *asked, home=tmp_path / "home")
    assert (code, out) == (3, "")
    assert "Training" not in err
    assert not list((tmp_path / "home").glob("workspaces/*/models/*"))


def test_a_device_that_is_not_there_is_told_before_anything_is_done(run: Run, tmp_path: Path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    code, _, err = run("train", "films", "--device", "cuda", home=tmp_path / "home")
    assert code == 2
    assert "profiles" not in err


def test_who_has_everything_is_told_so(run: Run, tmp_path: Path):
    data = tmp_path / "few.csv"
    rows = [
        f"u{n},i{item},{n * 10 + item + 1_500_000_000}"
        for n in range(12)
        for item in range(4)
        if (n + item) % 3 or n == 5
    ]
    data.write_text("user,item,time\n" + "\n".join(rows) + "\n")
    code, out, _ = run("recommend", str(data), "--user", "u5", "--repeat", "never", "--json", home=tmp_path / "home")
    assert code == 0
    document = json.loads(out)
    assert document["items"] == []
    assert "no item left" in document["note"]
