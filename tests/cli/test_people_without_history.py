"""People who did nothing yet: what they say of themselves, in a user file or on the command line, ranks their list."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Women take w…, men m…, a fifth of them a little of the other; three people of the user file did nothing."""
    folder = tmp_path_factory.mktemp("attributes")
    rows, people = [], ["user_id,gender,age"]
    for person in range(60):
        own, other = ("w", "m") if person % 2 else ("m", "w")
        people.append(f"p{person},{'MF'[person % 2]},{20 + person // 2}")
        rows += [f"p{person},{own}{(person // 2 + step) % 6}" for step in range(4)]
        if person % 10 < 2:
            rows.append(f"p{person},{other}{person % 6}")
    people += ["quiet,F,25", "still,M,44", "blank,,"]
    (folder / "events.csv").write_text("user_id,item_id\n" + "\n".join(rows) + "\n")
    (folder / "users.csv").write_text("\n".join(people) + "\n")
    assert main(["train", str(folder), "--preset", "quick", "--quiet", "--home", str(folder.parent / "home")]) == 0
    return folder


@pytest.fixture
def run(shop: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str) -> tuple[int, str, str]:
        code = main(["recommend", str(shop), *arguments, "--home", str(shop.parent / "home")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def listed(out: str) -> tuple[dict, str]:
    document = json.loads(out)
    jsonschema.validate(document, load_schema("recommend"), jsonschema.Draft202012Validator)
    return document, "".join(entry["item"][0] for entry in document["items"])


@pytest.mark.parametrize(("who", "first"), [(["--user", "quiet"], "w"), (["--user", "still"], "m")])
def test_someone_of_the_user_file_who_did_nothing(run: Run, who: list[str], first: str):
    code, out, _ = run(*who, "-k", "6", "--json")
    document, kinds = listed(out)
    assert code == 0
    assert kinds == 6 * first
    assert (document["user"], document["model"]) == (who[1], "popular")
    assert "gender, age" in document["note"]


def test_they_get_the_same_list_among_others(run: Run, tmp_path: Path):
    (tmp_path / "who.txt").write_text("still\np1\nquiet\n")
    code, out, _ = run("--for", str(tmp_path / "who.txt"), "--csv", "-k", "4")
    rows = [line.split(",")[:2] for line in out.splitlines()[1:]]
    assert code == 0
    assert [user for user, _ in rows] == ["still"] * 4 + ["p1"] * 4 + ["quiet"] * 4
    for place, user in enumerate(("still", "p1", "quiet")):
        alone, _ = listed(run("--user", user, "-k", "4", "--json")[1])
        assert [item for _, item in rows[4 * place : 4 * place + 4]] == [entry["item"] for entry in alone["items"]]


def test_they_are_among_everyone_and_marked(run: Run, shop: Path, tmp_path: Path):
    def everyone() -> dict[str, list[dict[str, str]]]:
        code, out, err = run("--all", "--csv", "-k", "4")
        assert code == 0
        rows = list(csv.DictReader(io.StringIO(out)))
        assert [*dict.fromkeys(row["user"] for row in rows)][-3:] == ["quiet", "still", "blank"]
        return {user: [row for row in rows if row["user"] == user] for user in ("p1", "quiet", "still", "blank")} | {
            "told": [{"err": err}]
        }

    found = everyone()
    for user in ("quiet", "still", "blank"):
        alone, _ = listed(run("--user", user, "-k", "4", "--json")[1])
        assert [row["item"] for row in found[user]] == [entry["item"] for entry in alone["items"]]
        assert {row["history"] for row in found[user]} == {"0"}
    assert {row["history"] for row in found["p1"]} == {"5"}  # four of women's, one of men's
    assert "3 people have no history" in found["told"][0]["err"]
    target = tmp_path / "lists.parquet"
    document = json.loads(run("--all", "--output", str(target), "--json", "-k", "4")[1])
    jsonschema.validate(document, load_schema("recommend_many"))
    assert (document["users"], document["without_history"], document["rows"]) == (63, 3, 252)
    # A like is a history.
    log = Session.open(shop, home=Home(shop.parent / "home")).feedback
    log.add([("quiet", "m1", "like")])
    try:
        liking = everyone()
        alone, _ = listed(run("--user", "quiet", "-k", "4", "--json")[1])
        assert alone["feedback"] == {"likes": 1, "dislikes": 0}
        assert [row["item"] for row in liking["quiet"]] == [entry["item"] for entry in alone["items"]]
        assert {row["history"] for row in liking["quiet"]} == {"1"}
        assert liking["still"] == found["still"]
        assert "2 people have no history" in liking["told"][0]["err"]
    finally:
        log.add([("quiet", "m1", None)])


def test_what_they_would_take_is_foretold_as_in_their_list(
    run: Run, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def foretold(*arguments: str) -> dict:
        assert main(["predict", str(shop), *arguments, "--json", "--home", str(shop.parent / "home")]) == 0
        return json.loads(capsys.readouterr().out)

    new = foretold("--new-user", "--item", "w1")["probability"]
    quiet = foretold("--user", "quiet", "--item", "w1")["probability"]
    assert 0 < new < quiet < 1
    assert foretold("--user", "still", "--item", "w1")["probability"] < new
    assert foretold("--user", "blank", "--item", "w1")["probability"] == new
    shown = {entry["item"]: entry["probability"] for entry in listed(run("--user", "quiet", "--json")[1])[0]["items"]}
    assert quiet == pytest.approx(shown["w1"])
    (tmp_path / "pairs.csv").write_text("quiet,w1\np1,m2\n")
    pairs = foretold("--pairs", str(tmp_path / "pairs.csv"))["pairs"]
    assert [(pair["user"], pair["item"]) for pair in pairs] == [("quiet", "w1"), ("p1", "m2")]
    assert pairs[0]["probability"] == quiet
    assert pairs[1]["probability"] == pytest.approx(foretold("--user", "p1", "--item", "m2")["probability"])


def test_someone_new_by_what_they_say(run: Run):
    assert listed(run("--new-user", "--attribute", "gender=F", "-k", "6", "--json")[1])[1] == "wwwwww"
    assert listed(run("--new-user", "--attribute", "gender=M", "-k", "6", "--json")[1])[1] == "mmmmmm"
    plain, _ = listed(run("--new-user", "--json")[1])
    unknown, _ = listed(run("--new-user", "--attribute", "gender=other", "--json")[1])
    assert [entry["item"] for entry in unknown["items"]] == [entry["item"] for entry in plain["items"]]
    assert listed(run("--user", "blank", "--json")[1])[0]["items"] == plain["items"]


def test_a_value_that_nobody_has_is_told(run: Run):
    lower = listed(run("--new-user", "--attribute", "gender=f", "--json")[1])[0]["note"]
    assert "gender=f" in lower
    assert lower.endswith("Nearest: F.")
    strange = listed(run("--new-user", "--attribute", "gender=other", "--like", "w1", "--json")[1])[0]["note"]
    assert strange.endswith("Nearest: F, M.")
    no_number = listed(run("--new-user", "--attribute", "age=old", "--json")[1])[0]["note"]
    assert no_number.endswith("so it says nothing.")
    known = listed(run("--new-user", "--attribute", "gender=F", "--attribute", "age=25", "--json")[1])[0]["note"]
    assert "says nothing" not in known


def test_a_like_says_more_than_attributes(run: Run):
    liking, _ = listed(run("--new-user", "--attribute", "gender=F", "--like", "m1", "--json")[1])
    without, _ = listed(run("--new-user", "--like", "m1", "--json")[1])
    assert liking["items"] == without["items"]
    assert "gender does not count" in liking["note"]
    assert without["note"] is None
    err = run("--new-user", "--attribute", "gender=F", "--attribute", "age=25", "--like", "m1", "--csv")[2]
    assert "gender, age" in err


def test_a_number_is_told_the_group_that_it_counts_among(run: Run):
    # Sixty people from 20 to 49, two of each age: sixths end at 24.83, 29.67, 34.5, 39.33 and 44.17.
    for age, group in (("-5", "up to 24.8333"), ("25", "above 24.8333 up to 29.6667"), ("99", "above 44.1667")):
        note = listed(run("--new-user", f"--attribute=age={age}", "--json")[1])[0]["note"]
        assert note.endswith(f"age={age} counts as age {group}.")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--new-user", "--attribute", "height=180"], 2, "knows: gender, age"),
        (["--new-user", "--attribute", "gender"], 2, "NAME=VALUE"),
        (["--user", "p1", "--attribute", "gender=F"], 2, "--new-user"),
        (
            ["--new-user", "--attribute", "gender=F", "--attribute", "gender=M"],
            2,
            "gender is given twice, as F and as M",
        ),
        (["--new-user", "--like", "w1", "--dislike", "w1"], 2, "'w1' is both liked and disliked"),
        (["--user", "p1", "--like", "m1", "--like", "w1", "--dislike", "w1"], 2, "'w1' is both liked and disliked"),
        (["--user", "nobody"], 3, "no user 'nobody'"),
        (["--user", "p1", "--model", "friends"], 2, "--links FILE"),
        (["--all", "--csv", "--model", "follows_back"], 2, "--links FILE"),
        (["--user", "p1", "--model", "content"], 2, "--items FILE"),
        (["--new-user", "--like", "w1", "--model", "content_last"], 2, "--items FILE"),
    ],
)
def test_what_goes_wrong_is_one_sentence(run: Run, arguments: list[str], code: int, said: str):
    found, out, err = run(*arguments)
    assert (found, out) == (code, "")
    assert said in err
