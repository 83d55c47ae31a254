"""What `recsys recommend` prints for other programs: escaped titles, untouched ids, the model that really ranked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session


def test_titles_cannot_run_as_formulas_and_ids_stay_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    rows = [(f"@u{n % 9}", f"-{(n * n + n // 9) % 11}") for n in range(90)]
    lines = "".join(f'{user},{item},"=1+{item[1:]}, ""x"""\n' for user, item in rows)
    (tmp_path / "data.csv").write_text("user,item,title\n" + lines)
    arguments = ["recommend", str(tmp_path / "data.csv"), "--user", "@u1", "--repeat", "allow", "-k", "4"]
    assert main([*arguments, "--csv"]) == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(table) == 4
    for row in table:
        assert row["item"].startswith("-")
        assert row["title"] == f'\'=1+{row["item"][1:]}, "x"'
        assert 0 <= float(row["probability"]) <= 1
    assert main([*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [entry["title"] for entry in document["items"]] == [row["title"][1:] for row in table]
    assert [entry["item"] for entry in document["items"]] == [row["item"] for row in table]
    (tmp_path / "pairs.csv").write_text("user,item\n@u1,-1\n")
    pairs = ["--pairs", str(tmp_path / "pairs.csv"), "--output", str(tmp_path / "written.csv")]
    assert main(["predict", str(tmp_path / "data.csv"), *pairs]) == 0
    (row,) = csv.DictReader(io.StringIO((tmp_path / "written.csv").read_text()))
    assert (row["user"], row["item"], row["title"]) == ("@u1", "-1", '\'=1+1, "x"')


def test_reasons_are_columns_that_sum_to_the_score(trained: Session, capsys: pytest.CaptureFixture[str]):
    arguments = ["recommend", "films", "--user", "42", "-k", "3", "--explain", "--home", str(trained.home.root)]
    assert main([*arguments, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert main([*arguments, "--json"]) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    for row, item in zip(rows, items, strict=True):
        parts = {name: float(row[name]) for name in [*row][5:]}
        assert parts == {reason["kind"]: reason["contribution"] for reason in item["reasons"]}
        assert sum(parts.values()) == pytest.approx(float(row["score"]), abs=1e-4)


def test_lists_for_many_name_the_model_that_ranked(
    trained: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    found = trained.recommender()
    assert found is not None
    weaker = Recommender(found.model, dict(found.manifest) | {"served": "ease"}, found.preset, found.horizon)
    monkeypatch.setattr(Session, "recommender", lambda *_: weaker)
    people = tmp_path / "people.txt"
    people.write_text("42\n7\n")
    target = tmp_path / "lists.csv"
    arguments = ["recommend", "films", "--for", str(people), "-k", "3", "--output", str(target), "--json"]
    assert main([*arguments, "--home", str(trained.home.root)]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    jsonschema.validate(document, load_schema("recommend_many"), jsonschema.Draft202012Validator)
    assert (document["model"], document["users"], document["rows"]) == ("ease", 2, 6)
    assert "ease" in captured.err
    listed = [row["item"] for row in csv.DictReader(io.StringIO(target.read_text())) if row["user"] == "42"]
    assert listed == [entry.item for entry in found.recommend("42", k=3, model="ease").items]
