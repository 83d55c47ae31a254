"""``recsys clusters``: one cluster in detail, and names that people give."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.saving import keep_names

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def own(trained: Session, tmp_path: Path) -> Session:
    """A copy of the trained home, to rename things in."""
    shutil.copytree(trained.home.root, tmp_path / "home")
    return Session.open("films", home=Home(tmp_path / "home"))


@pytest.fixture
def run(own: Session, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--home", str(own.home.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def clusters(run: Run, *options: str) -> list[dict[str, Any]]:
    code, out, _ = run("clusters", "films", "--json", *options)
    assert code == 0
    document = json.loads(out)
    jsonschema.validate(document, load_schema("clusters"), jsonschema.Draft202012Validator)
    found: list[dict[str, Any]] = document["clusters"]
    return found


def test_one_cluster_in_detail(run: Run, own: Session):
    (found,) = clusters(run, "--cluster", "3")
    details = found["details"]
    assert details["people"] == found["size"] == own.users().filter(cluster=3).height
    assert details["items"][0]["share"] > 0
    assert details["ratings"]["levels"] == [level / 2 for level in range(1, 11)]
    assert sum(share for share in details["ratings"]["shares"] if share is not None) == pytest.approx(1)
    assert len(details["members"]) == 20
    assert {member["user"] for member in details["members"]} <= set(own.users().filter(cluster=3)["id"])
    assert all("details" not in entry for entry in clusters(run))


def test_a_name_is_used_wherever_the_cluster_is_named(run: Run, own: Session):
    before = clusters(run)
    user = str(own.users().filter(cluster=2)["id"][0])
    code, out, err = run("clusters", "films", "--cluster", "2", "--rename", "=Date \x1b[1m nights", "--json")
    assert (code, json.loads(out)["clusters"][0]["name"]) == (0, "=Date nights")
    assert "Cluster 2 is called =Date nights." in err
    after = clusters(run)
    assert [entry["name"] for entry in after if entry["id"] != 2] == [e["name"] for e in before if e["id"] != 2]
    assert after[2]["name"] == "=Date nights"
    assert after[2]["automatic_name"] == before[2]["name"]
    answer = json.loads(run("recommend", "films", "--user", user, "--json")[1])
    assert (answer["cluster"], answer["cluster_name"]) == (2, "=Date nights")
    table = list(csv.DictReader(io.StringIO(run("clusters", "films", "--csv")[1])))
    assert table[2]["name"] == "'=Date nights", "a formula is none in a spreadsheet"
    assert "=Date nights" in run("clusters", "films")[1]


def test_an_empty_name_takes_it_back(run: Run):
    before = clusters(run)
    run("clusters", "films", "--cluster", "0", "--rename", "Cowboys")
    assert clusters(run)[0]["name"] == "Cowboys"
    run("clusters", "films", "--cluster", "0", "--rename", "")
    assert clusters(run) == before


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--rename", "Cowboys"], 2, "--rename needs --cluster"),
        (["--cluster", "99", "--rename", "Cowboys"], 3, "no cluster 99"),
        (["--cluster", "0", "--rename", "x" * 41], 2, "at most 40 characters, not 41"),
        (["--cluster", "0", "--rename", "Taken"], 2, "Cluster 1 is called 'Taken'"),
    ],
)
def test_what_goes_wrong_is_one_sentence(run: Run, options: list[str], code: int, said: str):
    run("clusters", "films", "--cluster", "1", "--rename", "Taken")
    found, out, err = run("clusters", "films", *options)
    assert (found, out) == (code, "")
    assert said in err


def test_names_survive_a_new_model_or_go_with_a_word(own: Session):
    """The next model numbers its clusters anew, and one of them has become another."""
    recommender = own.recommender()
    assert recommender is not None
    own.rename_cluster(recommender, 0, "Cowboys")
    own.rename_cluster(recommender, 1, "Starships")
    assert {entry.id: entry.name for entry in recommender.clusters() if entry.renamed} == {0: "Cowboys", 1: "Starships"}
    model = recommender.model
    profiles = model.experts.profiles
    affinity = profiles.affinity[::-1].copy()
    affinity[-2] = -affinity[-2]  # what was cluster 1 takes now what it did not take
    experts = replace(model.experts, profiles=replace(profiles, affinity=affinity, centres=profiles.centres[::-1]))
    told: list[str] = []
    keep_names(own.workspace, replace(model, experts=experts), told.append)
    assert told == ["No cluster of the new model is like the one that was called 'Starships', so the name was dropped."]
    assert [entry.name for entry in own.cluster_names.read()] == ["Cowboys"]


def test_a_cluster_is_named_as_screens_name_it(run: Run):
    assert clusters(run, "--cluster", "C1") == clusters(run, "--cluster", "1")
    assert clusters(run, "--cluster", "c1")[0]["id"] == 1
    for wrong in ("-1", "C", "one", "1.0"):
        code, out, told = run("clusters", "films", f"--cluster={wrong}")
        assert (code, out) == (2, "")
        assert f"{wrong} is no number of a cluster" in told


def test_it_is_said_that_the_data_is_no_longer_what_the_model_saw(tmp_path: Path, run: Run):
    rows = [f"p{person},i{(person + step) % 9}" for person in range(40) for step in range(4)]
    (tmp_path / "pairs.csv").write_text("user,item\n" + "\n".join(rows) + "\n")
    data = str(tmp_path / "pairs.csv")
    code, _out, err = run("clusters", data)
    assert (code, "changed" in err) == (0, False)
    (tmp_path / "pairs.csv").write_text("user,item\n" + "\n".join([*rows, "p1,i8"]) + "\n")
    code, _out, err = run("clusters", data)
    assert (code, "changed" in err) == (0, True)
