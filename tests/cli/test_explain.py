"""``recsys explain`` and ``recsys audit``: what they print, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import jsonschema
import pytest

from recsys_tui.cli.entry import main
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


def first(run: Run, *arguments: str) -> dict:
    code, out, _ = run("recommend", "films", *arguments, "-k", "1", "--json")
    assert code == 0
    return json.loads(out)["items"][0]


def test_the_document_explains_what_is_recommended(run: Run):
    entry = first(run, "--user", "42")
    code, out, err = run("explain", "films", "--user", "42", "--item", entry["item"], "--json")
    document = json.loads(out)
    jsonschema.validate(document, load_schema("explain"), jsonschema.Draft202012Validator)
    assert (code, document["rank"], document["title"]) == (0, 1, entry["title"])
    assert document["score"] == pytest.approx(entry["score"], abs=1e-4)
    assert sum(part["contribution"] for part in document["components"]) == pytest.approx(document["score"], abs=1e-4)
    assert document["methods"]["without"] == "ranked_anew"
    assert err == ""


def test_people_read_it(run: Run):
    entry = first(run, "--user", "42")
    code, out, err = run("explain", "films", "--user", "42", "--item", entry["item"], "--lang", "en")
    assert code == 0
    assert entry["title"] in err
    assert re.search(r"It stands at 1(,| mainly).* because of", err)
    assert "what usually follows your latest items" in out
    code, _, err = run("explain", "films", "--user", "42", "--item", entry["item"], "--lang", "zh")
    assert "它排在第 1 位" in err
    code, out, _ = run("explain", "films", "--user", "42", "--item", entry["item"], "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["what"] for row in rows} == {"component", "history", "content"}


def test_someone_new_is_explained_by_likes(run: Run):
    entry = first(run, "--new-user", "--like", "17", "--like", "3")
    code, out, _ = run(
        "explain", "films", "--new-user", "--like", "17", "--like", "3", "--item", entry["item"], "--json"
    )
    document = json.loads(out)
    assert (code, document["user"], document["rank"]) == (0, None, 1)
    assert {cause["item"] for cause in document["history"]} == {"17", "3"}


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["--user", "42", "--item", "no such"], 3, "no such"),
        (["--user", "nobody", "--item", "17"], 3, "nobody"),
        (["--item", "17"], 2, "--user"),
        (["--user", "42", "--new-user", "--item", "17"], 2, "--user"),
        (["--user", "42", "--item", "17", "--lang", "fr"], 2, "fr"),
        (["--user", "42", "--item", "17", "--model", "magic"], 2, "magic"),
    ],
)
def test_what_it_refuses_is_one_sentence(run: Run, arguments: list[str], code: int, part: str):
    found, out, err = run("explain", "films", *arguments)
    assert (found, out) == (code, "")
    assert part in err
    assert "Traceback" not in err


def test_the_audit_says_whether_causes_are_real(run: Run):
    code, out, _ = run("audit", "films", "--faithfulness", "--people", "4", "--seed", "1", "--json")
    document = json.loads(out)
    assert code == 0
    jsonschema.validate(document, load_schema("audit"), jsonschema.Draft202012Validator)
    found = document["faithfulness"]
    assert found["people"] == 4
    assert found["completeness_error"] < 1e-4
    assert found["areas"]["attribution"]["value"] > found["areas"]["random"]["value"]
    again = json.loads(run("audit", "films", "--faithfulness", "--people", "4", "--seed", "1", "--json")[1])
    assert again == document


def test_an_audit_of_nothing_is_refused(run: Run):
    code, _, err = run("audit", "films")
    assert code == 2
    assert "--faithfulness" in err
