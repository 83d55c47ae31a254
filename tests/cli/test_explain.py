"""``recsys explain`` and ``recsys audit``: what they print, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace

import jsonschema
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.data.text_list import TextList
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.recommender import Recommender
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
    assert "what usually follows their latest items" in out
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
    assert found["people"] == 10  # of fewer nothing is told
    assert found["completeness_error"] < 1e-4
    assert found["areas"]["attribution"]["value"] > found["areas"]["random"]["value"]
    again = json.loads(run("audit", "films", "--faithfulness", "--people", "4", "--seed", "1", "--json")[1])
    assert again == document


def test_two_audits_do_not_differ_by_a_few_people(run: Run):
    measured = [json.loads(run("audit", "films", "--faithfulness", "--people", count, "--json")[1]) for count in "29"]
    assert measured[0] == measured[1]


def test_an_audit_of_nothing_is_refused(run: Run):
    code, _, err = run("audit", "films")
    assert code == 2
    assert "--faithfulness" in err


def test_what_the_text_service_says_is_marked(run: Run, monkeypatch: pytest.MonkeyPatch):
    entry = first(run, "--user", "42")
    asked = ("explain", "films", "--user", "42", "--item", entry["item"], "--lang", "en")
    own = json.loads(run(*asked, "--json")[1])
    monkeypatch.setattr("recsys_tui.recommend.explanations.rephrasing.answer_of", lambda *_: "It fits you well.")
    document = json.loads(run(*asked, "--rephrase", "http://127.0.0.1:9", "--json")[1])
    jsonschema.validate(document, load_schema("explain"), jsonschema.Draft202012Validator)
    assert (own["rephrased"], document["rephrased"]) == (False, True)
    assert document["sentences"] == ["It fits you well."]
    _, _, err = run(*asked, "--rephrase", "http://127.0.0.1:9")
    assert "It fits you well.\n(Said by the text service" in err
    assert "Said by" not in run(*asked)[2]


def test_an_item_without_a_title_is_not_named_by_a_service(run: Run, trained: Session, monkeypatch: pytest.MonkeyPatch):
    recommender = trained.recommender()
    assert recommender is not None
    catalogue = recommender.model.catalogue
    seen: list[list[str]] = []
    monkeypatch.setattr(
        "recsys_tui.recommend.explanations.rephrasing.names_what_was_not_given",
        lambda *given: bool(seen.append(list(given[-1]))),
    )
    monkeypatch.setattr("recsys_tui.recommend.explanations.rephrasing.answer_of", lambda *_: "It fits you well.")
    untitled = replace(catalogue, titles=TextList.of([None, *catalogue.titles.to_list()[1:]]))
    bare = Recommender(replace(recommender.model, catalogue=untitled), recommender.manifest, "quick", "next")
    monkeypatch.setattr(Session, "recommender", lambda *_: bare)
    assert run("explain", "films", "--user", "42", "--item", "17", "--rephrase", "http://127.0.0.1:9")[0] == 0
    assert seen[0][:2] == [catalogue.ids[0], catalogue.titles[1]]


def test_an_address_that_is_none_names_the_option(run: Run):
    for url in ("", "http://example.org"):
        code, _, err = run("explain", "films", "--user", "42", "--item", "17", "--rephrase", url)
        assert code == 2
        assert f"--rephrase takes an http address on this machine (127.0.0.1, ::1, localhost), not {url!r}" in err


def test_the_crowd_that_was_set_is_the_crowd_that_is_named(
    run: Run, trained_copy: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    asked = ("explain", "films", "--user", "42", "--item", first(run, "--user", "42")["item"])
    monkeypatch.setenv("RECSYS_SMALLEST_CROWD", "100000")  # so that a model is trained for it
    assert main([*asked, "--home", str(trained_copy.home.root)]) == 0
    err = capsys.readouterr().err
    assert "(<100000 people)" in err
    assert "<10 people" not in err
