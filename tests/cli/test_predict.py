"""``recsys predict`` and ``recsys audience``: what they read, print and write."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from recsys_tui.cli.answering import tell_probability
from recsys_tui.cli.entry import main
from recsys_tui.cli.pair_file import read_pairs
from recsys_tui.output.console import Console, OutputOptions
from recsys_tui.output.errors import UserError
from recsys_tui.output.probability import percent
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(trained: Session, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--home", str(trained.home.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def test_pairs_of_a_file_come_back_in_their_order(run: Run, tmp_path: Path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("item,user\n17,42\n20,7\n17,42\n")
    code, out, _ = run("predict", "films", "--pairs", str(pairs), "--json")
    document = json.loads(out)
    jsonschema.validate(document, load_schema("predict_many"))
    assert code == 0
    assert [(entry["user"], entry["item"]) for entry in document["pairs"]] == [("42", "17"), ("7", "20"), ("42", "17")]
    code, out, _ = run("predict", "films", "--pairs", str(pairs), "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [float(row["probability"]) for row in rows] == [entry["probability"] for entry in document["pairs"]]
    code, out, _ = run("predict", "films", "--user", "42", "--item", "17", "--json")
    assert json.loads(out)["probability"] == pytest.approx(document["pairs"][0]["probability"], rel=2e-3)


def test_tables_are_written_whole(run: Run, tmp_path: Path):
    pairs, target = tmp_path / "pairs.txt", tmp_path / "out.parquet"
    pairs.write_text("42\t17\n7\t20\n")
    code, out, err = run("predict", "films", "--pairs", str(pairs), "--output", str(target), "--json")
    assert code == 0
    document = json.loads(out)
    jsonschema.validate(document, load_schema("predict_many"))
    assert (document["rows"], document["output"]) == (2, str(target))
    assert pl.read_parquet(target).columns == ["user", "item", "title", "probability", "expected_rating"]
    assert "2 rows" in err
    code, out, _ = run(
        "audience", "films", "--item", "17", "-k", "7", "--output", str(tmp_path / "people.csv"), "--json"
    )
    document = json.loads(out)
    jsonschema.validate(document, load_schema("audience"))
    written = pl.read_csv(tmp_path / "people.csv", schema_overrides={"user": pl.String})
    assert written["user"].to_list() == [member["user"] for member in document["users"]]
    assert written.columns == ["rank", "user", "score", "probability"]


def test_a_dash_is_standard_output(run: Run, tmp_path: Path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("42,17\n7,20\n")
    for command in (["predict", "films", "--pairs", str(pairs)], ["audience", "films", "--item", "17", "-k", "3"]):
        assert run(*command, "--output", "-")[:2] == run(*command, "--csv")[:2]
        assert run(*command, "--output", "-", "--json")[:2] == run(*command, "--json")[:2]
    assert not Path("-").exists()


def test_a_file_that_is_not_there_is_told_as_that(run: Run, tmp_path: Path):
    for arguments in (
        ["predict", "--pairs"],
        ["recommend", "--user", "42", "--only-items"],
        ["recommend", "--csv", "--for"],
    ):
        code, out, err = run(arguments[0], "films", *arguments[1:], str(tmp_path / "none.txt"))
        assert (code, out) == (2, "")
        assert err.startswith(f"There is no file {tmp_path / 'none.txt'}")


@pytest.mark.parametrize(("horizon", "when"), [("next", "take next"), ("later", "over the coming weeks")])
def test_what_a_probability_means_depends_on_the_horizon(capsys: pytest.CaptureFixture[str], horizon: str, when: str):
    tell_probability(horizon, Console(OutputOptions()))
    assert when in capsys.readouterr().err


def test_one_pair_is_one_row(run: Run, tmp_path: Path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("42,17\n")
    assert "1 row is in" in run("predict", "films", "--pairs", str(pairs), "--output", str(tmp_path / "o.csv"))[2]


def test_a_person_reads_per_cents_and_what_they_mean(run: Run):
    _, out, err = run("predict", "films", "--user", "42", "--item", "17")
    cells = out.splitlines()[1].split("\t")
    assert cells[:2] == ["42", "17"]
    assert cells[3].endswith("%")
    assert 0.5 <= float(cells[4]) <= 5
    assert "50 %" in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["predict", "films"], 2, "which pair"),
        (["predict", "films", "--user", "42"], 2, "which pair"),
        (["predict", "films", "--item", "17"], 2, "which pair"),
        (["predict", "films", "--user", "42", "--new-user", "--item", "17"], 2, "which pair"),
        (["predict", "films", "--pairs", "p.csv", "--item", "17"], 2, "which pair"),
        (["predict", "films", "--user", "42", "--item", "17", "--output", "x.csv"], 2, "--pairs"),
        (["predict", "films", "--pairs", "no-such-file"], 2, "There is no file"),
        (["predict", "-", "--pairs", "-"], 2, "Standard input"),
        (["predict", "films", "--user", "1501", "--item", "17"], 3, "Nearest: 1500"),
        (["predict", "films", "--user", "42", "--item", "1201"], 3, "Nearest: 1200"),
        (["audience", "films"], 2, "--item"),
        (["audience", "films", "--item", "1201"], 3, "Nearest: 1200"),
        (["audience", "films", "--item", "17", "--output", "x.txt"], 2, "must end in"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_a_code(run: Run, arguments: list[str], code: int, said: str):
    found, out, err = run(*arguments)
    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", [["predict", "--user", "1", "--item", "1"], ["audience", "--item", "1"]])
def test_without_a_model_and_without_leave_to_train(command: list[str], home, capsys: pytest.CaptureFixture[str]):
    assert main([command[0], "films", *command[1:], "--no-train", "--home", str(home.root)]) == 4
    assert "recsys train" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("user,item\na,x\n", [("a", "x")]),
        ("\ufeffMovie ID;User ID;why\nx;a;\n\ny;b;z\n", [("a", "x"), ("b", "y")]),
        ("a\tx y\nb\tz\n", [("a", "x y"), ("b", "z")]),
        ('1,"x, y"\r\n2,z\r\n', [("1", "x, y"), ("2", "z")]),
    ],
)
def test_tables_of_pairs(tmp_path: Path, text: str, pairs: list[tuple[str, str]]):
    path = tmp_path / "pairs"
    path.write_text(text, encoding="utf-8")
    assert read_pairs(str(path)) == pairs


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no pairs"),
        (b"user,item\n", "no pairs"),
        (b"user,item\na,x\nb,\n", "Row 3"),
        (b"just one column\n", "Row 1"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_what_holds_no_pairs_is_refused(tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "pairs"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said):
        read_pairs(str(path))


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.5, "50%"), (0.004, "0.4%"), (0.984, "98%"), (0.9934, "99.3%"), (0.9999, ">99.9%"), (0, "<0.1%")],
)
def test_per_cents_are_never_certain(probability: float, shown: str):
    assert percent(probability) == shown


@pytest.mark.parametrize(
    "command",
    [
        ("recommend", "films", "--user", "ID"),
        ("recommend", "films", "--new-user", "--like", "ID"),
        ("explain", "films", "--user", "42", "--item", "ID"),
        ("similar", "films", "--item", "ID"),
        ("audience", "films", "--item", "ID"),
        ("forget", "films", "--user", "ID", "--yes"),
        ("feedback", "add", "films", "--user", "ID", "--item", "17", "--like"),
    ],
)
def test_an_id_that_is_no_text_is_one_that_is_not_there(run: Run, command: tuple[str, ...]):
    """Bytes that are no UTF-8 come in like this."""
    code, out, told = run(*("\udcff\udcfe" if word == "ID" else word for word in command))
    assert (code, out) == (3, "")
    assert "'??'" in told
