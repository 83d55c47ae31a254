"""What people like and dislike: added, listed, exported, and counted in their lists until it is taken back."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from recsys_tui.api import OpenData
from recsys_tui.cli.entry import main
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session
from recsys_tui.store.feedback_log import FeedbackLog
from recsys_tui.store.home import Home
from recsys_tui.store.verdicts import Verdicts

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def own(trained: Session, tmp_path: Path) -> Session:
    """A copy of the trained home, to say things in."""
    shutil.copytree(trained.home.root, tmp_path / "home")
    return Session.open("films", home=Home(tmp_path / "home"))


@pytest.fixture
def run(own: Session, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--home", str(own.home.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def listed(run: Run, *options: str) -> list[str]:
    code, out, _ = run("recommend", "films", "--user", "42", "--json", "-k", "20", *options)
    assert code == 0
    return [entry["item"] for entry in json.loads(out)["items"]]


def test_only_people_of_the_data_said_nothing_yet(run: Run):
    for command in ("list", "export"):
        code, out, told = run("feedback", command, "films", "--user", "nosuch")
        assert (code, out) == (3, "")
        assert told.strip() == "There is no user 'nosuch' in this data."
    code, out, told = run("feedback", "list", "films", "--user", "42")
    assert (code, out) == (0, "")
    assert "User 42" in told


def test_it_is_noted_listed_and_taken_back(run: Run, own: Session):
    code, out, _ = run("feedback", "add", "films", "--user", "42", "--item", "17", "--like", "--json")
    document = json.loads(out)
    jsonschema.validate(document, load_schema("feedback_add"), jsonschema.Draft202012Validator)
    assert (code, document["verdict"], document["before"]) == (0, "like", None)
    assert document["title"] == own.titles(["17"])["17"]
    run("feedback", "add", "films", "--user", "7", "--item", "17", "--dislike")
    entries = json.loads(run("feedback", "list", "films", "--json")[1])["feedback"]
    assert [(entry["user"], entry["item"], entry["verdict"]) for entry in entries] == [
        ("42", "17", "like"), ("7", "17", "dislike"),
    ]  # fmt: skip
    _, out, _ = run("feedback", "list", "--user", "7")  # the data used last
    assert [line.split("\t")[1:4] for line in out.splitlines()[1:]] == [["7", "dislikes", "17"]]
    run("feedback", "add", "films", "--user", "42", "--item", "17", "--clear")
    assert own.feedback.everyone() == {"7": Verdicts((), ("17",))}
    assert "liked or disliked nothing" in run("feedback", "list", "--user", "42")[2]


def test_an_export_holds_every_entry(run: Run, own: Session, tmp_path: Path):
    own.feedback.add([("42", "17", "like"), ("7", "11", "dislike")])
    printed = list(csv.DictReader(io.StringIO(run("feedback", "export", "films")[1])))
    assert [(row["user"], row["item"], row["verdict"]) for row in printed] == [
        ("42", "17", "like"), ("7", "11", "dislike"),
    ]  # fmt: skip
    code, out, _ = run("feedback", "export", "films", "--output", str(tmp_path / "said.parquet"), "--json")
    document = json.loads(out)
    jsonschema.validate(document, load_schema("feedback_export"), jsonschema.Draft202012Validator)
    assert (code, document["rows"], document["feedback"]) == (0, 2, None)
    assert pl.read_parquet(tmp_path / "said.parquet").to_dicts() == printed


def test_lists_count_it_as_the_same_options_would(run: Run, own: Session):
    plain = listed(run)
    liked, disliked = plain[3], plain[0]
    wanted = listed(run, "--like", liked, "--dislike", disliked)
    own.feedback.add([("42", liked, "like"), ("42", disliked, "dislike"), ("42", "no longer there", "like")])
    _, out, err = run("recommend", "films", "--user", "42", "--json", "-k", "20")
    document = json.loads(out)
    assert [entry["item"] for entry in document["items"]] == wanted != plain
    assert document["feedback"] == {"likes": 1, "dislikes": 1}
    assert "--no-feedback" in err
    assert listed(run, "--no-feedback") == plain
    # What is said now counts, whatever was said before.
    assert listed(run, "--dislike", liked) == listed(run, "--no-feedback", "--dislike", disliked, "--dislike", liked)


@pytest.mark.parametrize(("people", "told"), [(9, "<10 people"), (11, "11 people")])
def test_of_how_many_something_counts_is_told_from_ten_on(run: Run, own: Session, people: int, told: str):
    own.feedback.add([(str(user), "17", "like") for user in range(1, people + 1)])
    code, _, err = run("audience", "films", "--item", "17", "-k", "3")
    assert code == 0
    assert f"What {told} liked and disliked before counts" in err


def test_lists_for_many_count_it_in_their_order(run: Run, own: Session, tmp_path: Path):
    plain = listed(run)
    own.feedback.add([("42", plain[0], "like"), ("42", plain[1], "dislike")])
    wanted = listed(run)
    (tmp_path / "people").write_text("7\n42\n9\n")
    for people in (["--for", str(tmp_path / "people")], ["--all"]):
        for options, expected in (([], wanted), (["--no-feedback"], plain)):
            target = tmp_path / "lists.csv"
            code, _, err = run("recommend", "films", *people, "-k", "20", "--output", str(target), *options)
            lists = pl.read_csv(target, schema_overrides={"user": pl.String, "item": pl.String})
            assert code == 0
            assert lists.filter(pl.col("user") == "42")["item"].to_list() == expected
            assert ("<10 people liked" in err) == (not options)
            order = lists["user"].unique(maintain_order=True).to_list()
            assert order == (["7", "42", "9"] if people[0] == "--for" else [str(user) for user in range(1, 1501)])


def test_what_is_foretold_is_what_the_list_says_after_a_like_and_a_dislike(run: Run, own: Session, tmp_path: Path):
    def of_list(*options: str) -> dict[str, float]:
        out = run("recommend", "films", "--user", "42", "--json", "-k", "5", *options)[1]
        return {entry["item"]: entry["probability"] for entry in json.loads(out)["items"]}

    plain = of_list()
    liked, disliked, *_ = plain
    own.feedback.add([("42", liked, "like"), ("42", disliked, "dislike")])
    after = of_list()
    item = next(iter(after))
    assert after[item] != pytest.approx(of_list("--no-feedback").get(item, 0), rel=1e-3)
    for options, expected in (([], after), (["--no-feedback"], plain)):
        for item, probability in expected.items():
            code, out, err = run("predict", "films", "--user", "42", "--item", item, "--json", *options)
            assert (code, json.loads(out)["probability"]) == (0, pytest.approx(probability, rel=1e-5))
            assert ("1 like and 1 dislike" in err) == (not options)
        (tmp_path / "pairs.csv").write_text("".join(f"42,{item}\n7,{item}\n" for item in expected))
        out, err = run("predict", "films", "--pairs", str(tmp_path / "pairs.csv"), "--json", *options)[1:]
        found = [entry["probability"] for entry in json.loads(out)["pairs"]][::2]
        assert found == pytest.approx(list(expected.values()), rel=2e-3)
        assert ("<10 people liked" in err) == (not options)
    # What is said now counts as it does in a list.
    now = ["--no-feedback", "--like", liked, "--dislike", disliked]
    item = next(iter(after))
    out = run("predict", "films", "--user", "42", "--item", item, "--json", *now)[1]
    assert json.loads(out)["probability"] == pytest.approx(after[item], rel=1e-5)


def test_an_audience_counts_it_and_leaves_out_who_said_something_of_the_item(run: Run, own: Session):
    def found(*options: str) -> dict[str, float]:
        code, out, _ = run("audience", "films", "--item", "17", "-k", "2000", "--json", *options)
        assert code == 0
        return {entry["user"]: entry["probability"] for entry in json.loads(out)["users"]}

    plain = found()
    fan, foe, other = list(plain)[:3]
    near = next(item for item in listed(run, "--no-feedback") if item != "17")
    own.feedback.add([(fan, "17", "like"), (foe, "17", "dislike"), (other, near, "dislike")])
    counted = found()
    assert plain.keys() - counted.keys() == {fan, foe}
    out = run("predict", "films", "--user", other, "--item", "17", "--json")[1]
    assert counted[other] == pytest.approx(json.loads(out)["probability"], rel=1e-4)
    assert counted[other] != pytest.approx(plain[other], rel=1e-4)
    assert found("--no-feedback") == plain


def test_in_python_it_counts_in_every_answer(own: Session):
    films = OpenData(own)
    films.feedback.add([("42", "17", "like"), ("42", "20", "dislike")])
    first = films.recommend("42", k=1).items[0]
    assert films.predict("42", first.item).probability == pytest.approx(first.probability, rel=1e-5)
    found = films.explain("42", first.item)
    assert (found.rank, found.score) == (1, pytest.approx(first.score, abs=1e-4))
    said = films.predict("42", first.item, like="17", dislike=["20"], feedback=False)
    assert said == films.predict("42", first.item)
    assert "42" not in {member.user for member in films.audience("17", k=2_000).users}
    films.feedback.add([("42", "17", None), ("42", "20", None)])


def test_a_damaged_log_is_told_and_lists_are_made_without_it(run: Run, own: Session):
    plain = listed(run)
    own.feedback.add([("42", plain[0], "like")])
    FeedbackLog(own.workspace.folder).path.write_bytes(b"no database" * 99)
    code, out, err = run("recommend", "films", "--user", "42", "--json", "-k", "20")
    assert (code, [entry["item"] for entry in json.loads(out)["items"]]) == (0, plain)
    assert "cannot be read" in err
    code, out, err = run("feedback", "list", "films")
    assert (code, out, len(err.splitlines())) == (1, "", 1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--user", "42", "--item", "17"], 2, "--like"),
        (["--user", "42", "--item", "17", "--like", "--clear"], 2, "--like"),
        (["--user", "1501", "--item", "17", "--like"], 3, "Nearest: 1500"),
        (["--user", "42", "--item", "1201", "--like"], 3, "Nearest: 1200"),
    ],
)
def test_what_cannot_be_noted_is_told(run: Run, own: Session, arguments: list[str], code: int, said: str):
    found, out, err = run("feedback", "add", "films", *arguments)
    assert (found, out) == (code, "")
    assert said in err
    assert own.feedback.everyone() == {}


def test_a_workspace_with_feedback_goes_only_when_that_is_said(run: Run, own: Session):
    own.feedback.add([("42", "17", "like")])
    key = own.workspace.key
    code, _, err = run("workspace", "remove", key)
    assert code == 2
    assert "recsys feedback export" in err
    assert own.feedback.of("42").liked == ("17",)
    code, _, _ = run("workspace", "remove", key, "--with-feedback")
    assert code == 0
    assert not own.workspace.folder.exists()


def test_what_was_said_is_listed_beside_a_damaged_model(run: Run, own: Session):
    assert run("feedback", "add", "films", "--user", "42", "--item", "7", "--like")[0] == 0
    _, told, _ = run("feedback", "list", "films", "--json")
    info = own.model_info()
    assert info is not None
    (info.folder / "model.safetensors").write_bytes(b"nothing")
    assert run("recommend", "films", "--user", "42", "--no-train")[0] == 1
    code, out, _ = run("feedback", "list", "films", "--json")
    assert (code, json.loads(out)) == (0, json.loads(told))
