"""``recsys forget`` as people and scripts use it: what it asks, prints, returns, and never changes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from tests.recommend.people_to_forget import WHO, events, store_model, tree

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = events(tmp_path / "events.csv", people=20)
    Session.open(path, home=Home(tmp_path / "home")).load()
    return path


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: object) -> tuple[int, str, str]:
        code = main([*map(str, arguments), "--home", str(tmp_path / "home")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def check(text: str, name: str) -> dict:
    document = json.loads(text)
    jsonschema.validate(document, load_schema(name), jsonschema.Draft202012Validator)
    return document


def test_the_document_says_what_went_and_how_it_was_verified_but_not_whom(run: Run, data: Path):
    run("feedback", "add", data, "--user", WHO, "--item", "thing-01", "--like")
    lists = data.with_name("likes.csv")
    run("feedback", "export", data, "--output", lists)
    assert WHO in lists.read_text()
    code, out, _ = run("forget", data, "--user", WHO, "--yes", "--json")
    document = check(out, "forget")
    assert (code, document["verified"], document["already_forgotten"]) == (0, True, False)
    assert document["removed"]["interactions"] == sum(WHO in line for line in data.read_text().splitlines())
    assert (document["removed"]["feedback"], document["removed"]["exports"]) == (1, [str(lists)])
    assert not lists.exists() or WHO not in lists.read_text()
    assert document["verification"]["found"] == []
    assert document["verification"]["fields"] > 100
    assert WHO not in out
    code, out, _ = run("forget", data, "--user", WHO, "--yes", "--json")
    assert (code, check(out, "forget")["already_forgotten"]) == (0, True)


@pytest.mark.parametrize("start", ["", "+", "-", "=", "@", "＝"])
def test_what_was_written_for_a_spreadsheet_loses_them_too(run: Run, tmp_path: Path, start: str):
    data, lists = events(tmp_path / "phones.csv", people=20), tmp_path / "likes.csv"
    data.write_text(data.read_text().replace("person-", start + "49"))
    who, other = f"{start}49017", f"{start}49018"
    for user in (who, other):
        run("feedback", "add", data, f"--user={user}", "--item", "thing-01", "--like")
    run("feedback", "export", data, "--output", lists, "--spreadsheet-safe")
    assert {line.partition(",")[0].lstrip("'") for line in lists.read_text().splitlines()} == {"user", who, other}
    assert ("'" in lists.read_text()) is bool(start)
    code, out, _ = run("forget", data, f"--user={who}", "--yes", "--json")
    document = check(out, "forget")
    assert (code, document["verified"], document["removed"]["exports"]) == (0, True, [str(lists)])
    assert {line.partition(",")[0].lstrip("'") for line in lists.read_text().splitlines()} == {"user", other}


def test_sentences_and_csv_say_the_same(run: Run, data: Path):
    code, out, said = run("forget", data, "--user", WHO, "--yes")
    assert code == 0
    assert "Verified: every table, array, document and log" in out
    assert f"The source {data} was not changed" in out
    assert "Taking the person out of events.csv" in said
    code, out, _ = run("forget", data, "--user", "person-003", "--yes", "--csv")
    rows = dict(csv.reader(io.StringIO(out)))
    assert (code, rows["data_versions"], rows["verified"]) == (0, "1", "True")


def test_without_a_terminal_it_has_to_be_told_yes(run: Run, data: Path, tmp_path: Path):
    before = tree(tmp_path / "home")
    code, out, said = run("forget", data, "--user", WHO)
    assert (code, out) == (2, "")
    assert "--yes" in said
    assert tree(tmp_path / "home") == before


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("\n", 2)])
def test_on_a_terminal_it_asks_first(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
):
    store_model(Session.open(data, home=Home(tmp_path / "home")))
    asked: list[str] = []
    monkeypatch.setattr("recsys_tui.cli.forget_command.on_terminal", lambda: True)
    monkeypatch.setattr("recsys_tui.cli.forget_command.train_now", lambda *_: None)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    monkeypatch.setattr("typer.confirm", lambda text, err: asked.append(text) or (err and answer == "y\n"))
    before = tree(tmp_path / "home")
    assert run("forget", data, "--user", WHO)[0] == code
    assert asked == [
        f"Forget {WHO} in events.csv? These models go and are trained anew: quick-next. This cannot be undone."
    ]
    assert (tree(tmp_path / "home") == before) == (code == 2)


def test_somebody_unknown_is_told_with_the_nearest_and_nothing_changes(run: Run, data: Path, tmp_path: Path):
    before = tree(tmp_path / "home")
    code, out, said = run("forget", data, "--user", "person-099", "--yes")
    assert (code, out) == (3, "")
    assert "person-09" in said
    assert "Nearest: person-0" in said
    assert tree(tmp_path / "home") == before
    assert run("forget", data.with_name("none.csv"), "--user", WHO, "--yes")[0] == 2


def test_afterwards_every_command_leaves_them_out(run: Run, data: Path):
    run("forget", data, "--user", WHO, "--yes", "--quiet")
    assert run("feedback", "add", data, "--user", WHO, "--item", "thing-01", "--like")[0] == 3
    code, out, _ = run("inspect", data, "--json")
    document = json.loads(out)
    assert (code, document["users"]) == (0, 19)
    assert [entry["count"] for entry in document["findings"] if entry["code"] == "forgotten"] == [1]
    assert run("update", data)[0] == 0
    _, out, _ = run("inspect", data, "--time-col", "none", "--json")
    assert json.loads(out)["users"] == 19


def test_what_is_stored_of_a_file_that_is_gone_loses_them_too(run: Run, data: Path, tmp_path: Path):
    run("inspect", data, "--time-col", "none")
    data.rename(tmp_path / "kept-elsewhere")
    before = tree(tmp_path / "home")
    for wrong in ((data, "--user", "nobody"), (tmp_path / "never.csv", "--user", WHO)):
        code, _, err = run("forget", *wrong, "--yes")
        assert code in (2, 3)
        assert "Traceback" not in err
    assert tree(tmp_path / "home") == before
    code, out, err = run("forget", data, "--user", WHO, "--yes", "--json")
    assert (code, check(out, "forget")["verified"]) == (0, True)
    assert "is gone" in err
    stored = [pl.read_parquet(path)["id"].to_list() for path in (tmp_path / "home").rglob("users.parquet")]
    assert [len(people) for people in stored] == [19, 19]
    (tmp_path / "kept-elsewhere").rename(data)
    assert json.loads(run("inspect", data, "--json")[1])["users"] == 19


def test_forgotten_while_the_file_is_gone_they_stay_so_where_it_is_found_again(run: Run, data: Path, tmp_path: Path):
    content = data.read_bytes()
    data.unlink()
    assert run("forget", data, "--user", WHO, "--yes")[0] == 0
    for place in (tmp_path / "other.csv", tmp_path / "folder" / "events.csv"):
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
        assert json.loads(run("inspect", place, "--json")[1])["users"] == 19


@pytest.mark.parametrize("then", ["gone", "other"])
def test_who_is_forgotten_next_does_not_bring_the_first_one_back(run: Run, data: Path, tmp_path: Path, then: str):
    """Data that was read in another order since, and that order read again elsewhere."""
    assert run("forget", data, "--user", WHO, "--yes")[0] == 0
    header, *rows = data.read_text().splitlines(keepends=True)
    data.write_text("".join((header, *sorted(rows))))
    (tmp_path / "copy.csv").write_bytes(data.read_bytes())
    assert json.loads(run("inspect", data, "--json")[1])["users"] == 19
    if then == "gone":
        data.unlink()
    else:
        data.write_text("".join((header, *sorted(rows, reverse=True))))
    assert run("forget", data, "--user", "person-003", "--yes")[0] == 0
    assert json.loads(run("inspect", tmp_path / "copy.csv", "--json")[1])["users"] == 18


def test_of_a_file_that_is_gone_the_reading_that_knows_them_is_meant_or_the_one_that_is_asked(run: Run, data: Path):
    run("inspect", data, "--user-col", "item", "--item-col", "user")
    run("inspect", data, "--user-col", "user", "--item-col", "item")
    data.unlink()
    assert run("forget", data, "--user", "thing-03", "--yes")[0] == 0
    assert run("forget", data, "--user-col", "item", "--item-col", "user", "--user", "thing-04", "--yes")[0] == 0
    assert run("forget", data, "--user", "thing-99", "--yes")[0] == 3
    assert run("forget", data, "--user", WHO, "--yes")[0] == 0


def test_parts_of_the_data_and_lists_that_name_them_are_evaluated_without_them(run: Run, data: Path, tmp_path: Path):
    title, *rows = data.read_text().splitlines()
    train, test, mine = (tmp_path / name for name in ("tr.csv", "te.csv", "mine.csv"))
    held = {row.split(",")[0]: row for row in rows}  # everybody's last row
    train.write_text("\n".join([title, *(row for row in rows if row not in held.values())]))
    test.write_text("\n".join([title, *held.values()]))
    mine.write_text("user,item\n" + "".join(f"{who},{row.split(',')[1]}\n" for who, row in held.items()))
    run("forget", data, "--user", WHO, "--yes", "--quiet")
    parts = ("--train", train, "--test", test, "--recs", mine, "--lists", tmp_path / "lists", "--models", "popular")
    code, out, said = run("evaluate", data, *parts, "--json")
    assert code == 0, said
    assert json.loads(out)["users"] == 19
    written = {path.name: path.read_text() for path in (tmp_path / "lists").iterdir()}
    assert {"train.csv", "test.csv", "mine.csv", "popular.csv"} <= set(written)
    assert [name for name, text in written.items() if WHO in text] == []


def test_what_is_still_there_is_named_and_fails(run: Run, data: Path, tmp_path: Path):
    (tmp_path / "home" / "note.json").write_text(json.dumps({"who": WHO}))
    code, out, said = run("forget", data, "--user", WHO, "--yes")
    assert code == 1
    assert f"Still found in {tmp_path / 'home' / 'note.json'}, at who." in out
    assert "still in 1 place" in said


def test_where_a_forgetting_stopped_after_the_mark_the_data_can_be_used(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert run("train", data, "--preset", "quick")[0] == 0
    for user in (WHO, "person-003"):
        assert run("feedback", "add", data, "--user", user, "--item", "thing-01", "--like")[0] == 0

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("recsys_tui.recommend.forgetting_workspace.scrub_log", stop)
        assert run("forget", data, "--user", WHO, "--yes")[0] == 130
    assert list(tmp_path.glob("home/workspaces/*/models/quick-next-1"))  # with somebody in it who is forgotten
    code, out, _ = run("feedback", "list", data, "--json")
    assert (code, [entry["user"] for entry in json.loads(out)["feedback"]]) == (0, ["person-003"])
    code, out, err = run("update", data, "--json")
    assert (code, check(out, "update")["models"]) == (0, [])
    assert "the same recsys forget again goes on with it" in err
    code, _, err = run("recommend", data, "--user", "person-003", "--no-train")
    assert code == 1
    assert "the same recsys forget again goes on with it" in err
    code, out, _ = run("recommend", data, "--user", "person-003", "-k", "2", "--json")
    assert (code, len(check(out, "recommend")["items"])) == (0, 2)
    assert run("recommend", data, "--user", WHO)[0] == 3
    code, out, _ = run("forget", data, "--user", WHO, "--yes", "--json")
    assert (code, check(out, "forget")["verified"]) == (0, True)
