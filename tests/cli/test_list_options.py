"""The options of `recsys recommend` on the command line: one person, someone new, some, everyone; what goes wrong."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(trained: Session, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str, home: Path | None = None) -> tuple[int, str, str]:
        code = main(["recommend", *arguments, "--home", str(home or trained.home.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_all_options_at_once_for_one_person(run: Run, tmp_path: Path):
    out = run("films", "--user", "42", "-k", "40", "--json")[1]
    plain = [entry["item"] for entry in json.loads(out)["items"]]
    keep_out = tmp_path / "gone.txt"
    keep_out.write_text("\ufeff" + "\r\n".join([*plain[:5], "", "no such film"]), encoding="utf-8")
    code, out, _ = run(
        "films", "--user", "42", "-k", "8", "--json", "--exclude-items", str(keep_out), "--where", "year>=1960",
        "--where", "categories!=Horror", "--pin", "1111", "--pin", plain[20], "--diversity", "0.2",
        "--hide-popular", "1.5",
    )  # fmt: skip
    assert code == 0
    document = json.loads(out)
    jsonschema.validate(document, load_schema("recommend"), jsonschema.Draft202012Validator)
    listed = [entry["item"] for entry in document["items"]]
    assert listed[:2] == ["1111", plain[20]]
    assert [entry["pinned"] for entry in document["items"]] == [True] * 2 + [False] * 6
    assert not set(listed) & set(plain[:5])
    assert all("Horror" not in entry["categories"] for entry in document["items"][2:])
    assert "1 of the 6 items of --exclude-items is not in this data" in document["note"]


def test_for_many_the_options_act_and_what_was_passed_over_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    people = tmp_path / "people.txt"
    people.write_text("42\n7\n")
    pipe(monkeypatch, "3\n17\n586\nnothing\n")
    code, out, err = run("films", "--for", str(people), "--only-items", "-", "--pin", "900", "--csv", "-k", "3",
                         "--repeat", "allow")  # fmt: skip
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["user"], row["rank"]) for row in rows] == [
        ("42", "1"), ("42", "2"), ("42", "3"), ("7", "1"), ("7", "2"), ("7", "3"),
    ]  # fmt: skip
    assert [row["item"] for row in rows if row["rank"] == "1"] == ["900", "900"]
    assert {row["item"] for row in rows if row["rank"] != "1"} <= {"3", "17", "586"}
    assert "1 of the 4 items of --only-items" in err
    code, out, err = run("films", "--all", "--where", "year<1000", "--csv")
    assert (code, out.strip()) == (0, "user,item,rank,score,history")
    assert "--where year<1000 lets in none at all" in err


def test_an_empty_list_says_why_and_is_no_failure(run: Run):
    code, out, _ = run("films", "--new-user", "--like", "17", "--where", "categories=Dramma", "--json")
    assert code == 0
    document = json.loads(out)
    assert document["items"] == []
    assert "--where categories=Dramma lets in none at all. Nearest: Drama." in document["note"]
    code, out, err = run("films", "--new-user", "--like", "17", "--where", "categories=Dramma")
    assert code == 0
    assert document["note"] in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--where", "year"], 2, "is no condition"),
        (["--where", "colour=red"], 2, "They have: title, categories, year."),
        (["--where", "title<M"], 2, "title is text"),
        (["--where", "year>soon"], 2, "'soon'"),
        (["--pin", "no such film"], 3, "no item 'no such film'"),
        (["--diversity", "2"], 2, "0 to 1"),
        (["--diversity", "nan"], 2, "0 to 1"),
        (["--hide-popular", "-1"], 2, "0 to 100"),
        (["--only-items", "no-such-file"], 2, "list of items"),
        (["--only-items", "{empty}"], 2, "names no items"),
        (["--only-items", "{unknown}"], 3, "None of the items of --only-items is in this data; the first is 'f1'"),
        (["--exclude-items", "{unknown}"], 3, "None of the items of --exclude-items"),
        (["--only-items", "-", "--exclude-items", "-"], 2, "one thing only"),
    ],
)
@pytest.mark.parametrize("fresh", [False, True])
def test_what_goes_wrong_is_found_out_before_anything_is_trained(
    run: Run, tmp_path: Path, arguments: list[str], code: int, said: str, fresh: bool
):
    (tmp_path / "empty").write_text("\n \n")
    (tmp_path / "unknown").write_text("f1\nf2\n")
    files = {name: str(tmp_path / name) for name in ("empty", "unknown")}
    asked = [argument.format(**files) for argument in arguments]
    home = tmp_path / "fresh" if fresh else None
    found, out, err = run("films", "--user", "42", *asked, home=home)
    assert (found, out) == (code, "")
    assert said in err
    assert "Training" not in err
    assert "Traceback" not in err


def test_nothing_to_leave_out_is_no_mistake(run: Run, tmp_path: Path):
    (tmp_path / "none.txt").write_text("")
    plain = run("films", "--user", "42", "--json")[1]
    assert run("films", "--user", "42", "--json", "--exclude-items", str(tmp_path / "none.txt"))[1] == plain
