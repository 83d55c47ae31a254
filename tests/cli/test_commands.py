"""Every command on real output: schemas, exit codes, streams, global options anywhere."""

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
from recsys_tui.output.schema_files import load_schema, schema_names
from recsys_tui.recommend.session import Session

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(trained: Session, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in the home where films is trained: (exit code, standard output, standard error)."""

    def go(*arguments: str, home: Path | None = None) -> tuple[int, str, str]:
        code = main([*arguments, "--home", str(home or trained.home.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def check(text: str, name: str) -> dict:
    document = json.loads(text)
    jsonschema.validate(document, load_schema(name), jsonschema.Draft202012Validator)
    return document


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [
        (["inspect", "films"], "inspect"),
        (["recommend", "films", "--user", "42"], "recommend"),
        (["recommend", "films", "--user", "42", "--explain", "-k", "3"], "recommend"),
        (["recommend", "films", "--new-user", "--like", "17"], "recommend"),
        (["recommend", "films", "--user", "42", "--model", "ease"], "recommend"),
        (["predict", "films", "--user", "42", "--item", "17"], "predict"),
        (["predict", "films", "--new-user", "--like", "17", "--item", "586"], "predict"),
        (["audience", "films", "--item", "17", "-k", "5"], "audience"),
        (["similar", "films", "--item", "17", "-k", "3"], "similar"),
        (["similar", "films", "--item", "17", "--by", "content"], "similar"),
        (["explain", "films", "--user", "42", "--item", "17"], "explain"),
        (["clusters", "films"], "clusters"),
        (["clusters", "films", "--cluster", "0"], "clusters"),
        (["train", "films", "--preset", "quick"], "train"),
        (["workspace", "list"], "workspace_list"),
        (["workspace", "path", "films"], "workspace_path"),
        (["datasets", "list"], "datasets_list"),
        (["doctor"], "doctor"),
        (["update", "films"], "update"),
        (["feedback", "list", "films"], "feedback_list"),
        (["feedback", "export", "films"], "feedback_export"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_json_is_one_document_that_keeps_its_schema(run: Run, arguments: list[str], schema: str, first: bool):
    code, out, _ = run(*(["--json", *arguments] if first else [*arguments, "--json"]))
    assert code == 0
    check(out, schema)


def test_every_schema_is_valid_and_used():
    """Every command that prints JSON has one, each of which a test of the commands holds a document against."""
    names = schema_names()
    source = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in names if f'"{name}"),' not in source and f'"{name}")' not in source] == []
    assert len(names) == 32
    for name in names:
        jsonschema.Draft202012Validator.check_schema(load_schema(name))


def test_recommend_says_what_the_contract_promises(run: Run):
    document = check(run("recommend", "films", "--user", "42", "--json", "-k", "4")[1], "recommend")
    assert (document["user"], document["model"], document["preset"], document["horizon"]) == (
        "42",
        "deep",
        "quick",
        "next",
    )
    assert [entry["rank"] for entry in document["items"]] == [1, 2, 3, 4]


def test_inspect_finds_the_columns(run: Run):
    document = check(run("inspect", "films", "--json")[1], "inspect")
    named = {role: choice["column"] for role, choice in document["columns"].items() if choice}
    assert named == {
        "user": "userId",
        "item": "movieId",
        "rating": "rating",
        "time": "timestamp",
    }
    assert (document["users"], document["catalogue_items"]) == (1_500, 1_200)


def test_csv_is_one_table(run: Run):
    code, out, _ = run("recommend", "films", "--user", "42", "--csv", "-k", "3")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["rank"] for row in rows] == ["1", "2", "3"]
    assert set(rows[0]) == {"rank", "item", "title", "score", "probability"}


def test_text_is_tab_separated_where_nobody_looks(run: Run):
    _, out, err = run("recommend", "films", "--user", "42", "-k", "2")
    assert [len(line.split("\t")) for line in out.splitlines()] == [5, 5, 5]
    assert "user 42" in err
    _, out, err = run("recommend", "films", "--user", "42", "-k", "2", "--quiet")
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["recommend", "films", "--user", "1501"], 3, "Nearest: 1500"),
        (["recommend", "films", "--user", "42", "--like", "nothing"], 3, "no item 'nothing'"),
        (["clusters", "films", "--cluster", "99"], 3, "no cluster 99"),
        (["workspace", "remove", "nothing"], 3, "no workspace"),
        (["recommend", "films"], 2, "for whom"),
        (["recommend", "films", "--user", "1", "--all"], 2, "for whom"),
        (["recommend", "films", "--user", "1", "--model", "x"], 2, "no model 'x'"),
        (["recommend", "films", "--all"], 2, "--output"),
        (["recommend", "films", "--all", "--output", "lists.txt"], 2, "must end in"),
        (["recommend", "films", "--all", "--output", "no/such/lists.csv"], 2, "no folder"),
        (["recommend", "films", "--user", "1", "--output", "x.csv"], 2, "--all or --for"),
        (["recommend", "films", "--for", "no-such-file", "--csv"], 2, "There is no file"),
        (["inspect", "no-such-data"], 2, "bundled are: circle, films, shop"),
        (["inspect", "films", "--user-col", "nothing"], 2, "--user-col"),
        (["inspect", "films", "--json", "--csv"], 2, "not both"),
        (["train", "films", "--preset", "huge"], 2, "huge"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_a_code(run: Run, arguments: list[str], code: int, said: str):
    found, out, err = run(*arguments)
    assert found == code
    assert out == ""
    assert said in err
    assert "Traceback" not in err


def test_without_a_model_and_without_leave_to_train(run: Run, tmp_path: Path):
    code, out, err = run("recommend", "films", "--user", "42", "--no-train", home=tmp_path / "fresh")
    assert (code, out) == (4, "")
    assert "recsys train" in err


def test_without_data_the_last_is_meant(run: Run, tmp_path: Path):
    code, _, err = run("recommend", "--user", "1", home=tmp_path / "fresh")
    assert code == 2
    assert "recsys-tui open films" in err
    run("inspect", "films")
    code, out, _ = run("recommend", "--user", "42", "--json")
    assert code == 0
    assert json.loads(out)["user"] == "42"


def test_lists_for_everyone_and_for_some(run: Run, tmp_path: Path):
    target = tmp_path / "lists.parquet"
    code, out, _ = run("recommend", "films", "--all", "-k", "3", "--output", str(target), "--json")
    assert code == 0
    assert check(out, "recommend_many")["rows"] == 4_500
    lists = pl.read_parquet(target)
    assert lists.columns == ["user", "item", "rank", "score", "history"]
    people = tmp_path / "people.txt"
    people.write_text("42\n7\n42\n")
    code, out, _ = run("recommend", "films", "--for", str(people), "-k", "3", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["user"] for row in rows] == ["42"] * 3 + ["7"] * 3
    assert [row["item"] for row in rows[:3]] == lists.filter(pl.col("user") == "42")["item"].to_list()
    assert not list(tmp_path.glob(".*partial"))


def test_the_source_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    source = tmp_path / "data.csv"
    source.write_text("user,item\n" + "".join(f"u{n % 5},i{n % 7}\n" for n in range(30)))
    before = source.read_bytes()
    code = main(["recommend", str(source), "--all", "--output", str(source), "--home", str(tmp_path / "home")])
    assert code == 2
    assert "belongs to the data" in capsys.readouterr().err
    assert source.read_bytes() == before


@pytest.mark.parametrize("target", ["new.csv", "new.parquet", "day=1/new.csv"])
@pytest.mark.parametrize(
    "command",
    [
        "recommend DATA --all",
        "audience DATA --item i1",
        "predict DATA --pairs pairs.txt",
        "similar DATA --all",
        "feedback export DATA",
    ],
)
def test_nothing_is_written_into_a_folder_that_is_the_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, target: str
):
    data, home = tmp_path / "data", ["--home", str(tmp_path / "home")]
    (data / "day=1").mkdir(parents=True)
    (data / "events.csv").write_text("user,item\n" + "".join(f"u{n % 5},i{n % 7}\n" for n in range(30)))
    before = sorted(data.rglob("*"))
    arguments = [str(data) if word == "DATA" else word for word in command.split()]
    assert main([*arguments, "--output", str(data / target), *home]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "is the data itself" in captured.err
    assert sorted(data.rglob("*")) == before
    assert main(["inspect", str(data), *home]) == 0


def test_a_changed_file_is_noticed_and_refresh_trains_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    source, home = tmp_path / "data.csv", str(tmp_path / "home")
    source.write_text("user,item\n" + "".join(f"u{n % 9},i{(n * n) % 11}\n" for n in range(90)))
    arguments = ["recommend", str(source), "--user", "u1", "--json", "--home", home]
    assert main(arguments) == 0
    assert "changed" not in (json.loads(capsys.readouterr().out)["note"] or "")
    source.write_text(source.read_text() + "u1,i99\nu2,i99\n")
    assert main(arguments) == 0
    assert "changed" in json.loads(capsys.readouterr().out)["note"]
    assert main([*arguments, "--refresh"]) == 0
    assert "changed" not in (json.loads(capsys.readouterr().out)["note"] or "")
    assert main(["recommend", str(source), "--new-user", "--like", "i99", "--json", "--home", home]) == 0


def test_workspaces_are_listed_with_what_was_said_about_their_data(run: Run, tmp_path: Path):
    (tmp_path / "data.csv").write_text("who,what\n" + "".join(f"u{n % 7},i{n % 5}\n" for n in range(30)))
    for options in (["--user-col", "who"], ["--user-col", "who", "--item-col", "what", "--no-siblings"]):
        assert run("inspect", str(tmp_path / "data.csv"), *options, home=tmp_path / "home")[0] == 0
    document = check(run("workspace", "list", "--json", home=tmp_path / "home")[1], "workspace_list")
    said = [entry["mapping"] for entry in document["workspaces"]]
    assert sorted(said, key=len) == [{"user": "who"}, {"user": "who", "item": "what", "siblings": False}]
    lines = run("workspace", "list", home=tmp_path / "home")[1].splitlines()
    assert {line.split("\t")[-1] for line in lines} == {"options", "user=who", "user=who, item=what, siblings=False"}


def test_a_path_may_begin_with_the_home_directory(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """After ``--option=`` no shell reads the ``~``."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "who.txt").write_text("42\n")
    (tmp_path / "some.txt").write_text("17\n20\n")
    (tmp_path / "pairs.csv").write_text("42,17\n")
    out = run("recommend", "films", "--for=~/who.txt", "--only-items=~/some.txt", "--output=~/lists.csv")
    assert (out[0], (tmp_path / "lists.csv").exists()) == (0, True)
    assert run("predict", "films", "--pairs=~/pairs.csv")[0] == 0
    for option, message in (("--vectors", "vectors.npy"), ("--text-model", "model"), ("--items", "items.csv")):
        code, _, err = run("inspect", "films", f"{option}=~/{message}", home=tmp_path / "home")
        assert (code, str(tmp_path / message) in err) == (2, True)
    assert run("predict", "films", "--pairs=~nobody-at-all/pairs.csv")[0] == 2


def test_files_that_were_written_from_a_workspace_are_named_when_it_is_removed(run: Run, tmp_path: Path):
    (tmp_path / "data.csv").write_text("user,item\n" + "".join(f"u{n % 20},i{n % 7}\n" for n in range(140)))
    data, here, gone = str(tmp_path / "data.csv"), tmp_path / "lists.csv", tmp_path / "gone.csv"
    home = tmp_path / "home"
    for path in (here, gone):
        assert run("recommend", data, "--all", "--model", "popular", "--csv", "--output", str(path), home=home)[0] == 0
    gone.unlink()
    code, out, _ = run("workspace", "path", data, home=home)
    assert code == 0
    code, _, err = run("workspace", "remove", Path(out.strip()).name, home=home)
    told = " ".join(err.split())
    assert code == 0
    assert f"1 file was written from it and stays, of which recsys forget knows nothing any more: {here}" in told
    assert "gone.csv" not in told


def test_removing_a_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    home = str(tmp_path / "home")
    assert main(["inspect", "films", "--home", home, "--json"]) == 0
    capsys.readouterr()
    assert main(["workspace", "list", "--home", home, "--json"]) == 0
    key = json.loads(capsys.readouterr().out)["workspaces"][0]["key"]
    assert main(["workspace", "remove", key, "--home", home, "--json"]) == 0
    assert check(capsys.readouterr().out, "workspace_remove") == {"removed": key}
    assert main(["workspace", "list", "--home", home, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["workspaces"] == []


def test_the_doctor_sees_a_home_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "file"
    file.write_text("mine")
    for home in (file, file / "below"):
        assert main(["doctor", "--json", "--home", str(home)]) == 1
        problems = json.loads(capsys.readouterr().out)["problems"]
        assert any(str(file) in problem and "cannot be written" in problem for problem in problems)
    assert main(["doctor", "--json", "--home", str(tmp_path / "none yet")]) in (0, 1)
    assert not any("written" in problem for problem in json.loads(capsys.readouterr().out)["problems"])


@pytest.mark.parametrize(
    ("mode", "told"), [(0o700, False), (0o755, False), (0o775, True), (0o777, True), (0o1777, False)]
)
def test_the_doctor_sees_a_home_that_others_may_write_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: int, told: bool
):
    tmp_path.chmod(mode)
    try:
        assert main(["doctor", "--json", "--home", str(tmp_path)]) in (0, 1)
    finally:
        tmp_path.chmod(0o700)
    assert any("chmod go-w" in problem for problem in json.loads(capsys.readouterr().out)["problems"]) is told


def test_what_trains_anew_cannot_do_without_training(run: Run):
    code, out, err = run("recommend", "films", "--user", "42", "--refresh", "--no-train")
    assert (code, out) == (2, "")
    assert "--refresh trains anew" in err
