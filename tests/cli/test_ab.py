"""``recsys ab``: begun, refused, reported, ended, simulated."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import jsonschema
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.evaluate.ab.arms import load_arm
from recsys_tui.evaluate.ab.assignment import arm_of
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.person_list import person_list
from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_log import AbLog

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(trained_copy: Session, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str) -> tuple[int, str, str]:
        code = main(["ab", *arguments, "--home", str(trained_copy.home.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


def checked(text: str, simulated: bool = False) -> dict:
    document = json.loads(text)
    schema = load_schema("ab_simulate") if simulated else load_schema("ab_report")
    jsonschema.validate(document, schema, jsonschema.Draft202012Validator)
    return document


def twenty_each(salt: str) -> dict[str, list[str]]:
    """Twenty people of either arm: a salt is drawn anew for each test, and may deal out fewer than ten who like."""
    arms: dict[str, list[str]] = {"a": [], "b": []}
    for user in map(str, range(1, 401)):
        arms[arm_of(salt, user)].append(user)
    return {arm: people[:20] for arm, people in arms.items()}


def test_a_test_is_begun_reported_and_ended(run: Run, trained_copy: Session):
    code, out, err = run("start", "films", "--a", "deep", "--b", "knn", "--split", "--json")
    document = checked(out)
    assert (code, document["test"], document["running"], document["mode"]) == (0, 1, True, "split")
    assert [arm["model"] for arm in document["arms"]] == ["deep", "neighbours"]
    assert "workbench" in err
    log = AbLog(trained_copy.workspace.folder)
    test = log.tests()[0]
    for arm, people in twenty_each(test.salt).items():
        for place, user in enumerate(people):
            visit = log.visit(test, user, arm, "quick next", at=0)
            log.show(visit, [("17", arm), ("3", arm)], at=0)
            log.note(visit, [("17", "open", arm), ("17", "like", arm)] if place % 4 else [("3", "open", arm)], at=0)
    document = checked(run("report", "--json")[1])
    assert (document["people"], document["open_sessions"]) == (40, 0)
    assert sum(arm["likes"] for arm in document["arms"]) == 30
    assert document["primary"] == "satisfaction"
    assert document["ci95"][0] <= document["delta"] <= document["ci95"][1]
    rows = list(csv.DictReader(io.StringIO(run("report", "films", "--csv")[1])))
    assert [row["outcome"] for row in rows][:1] == ["satisfaction"]
    assert float(rows[0]["delta"]) == document["delta"]
    code, out, err = run("report", "films")
    assert (code, out.splitlines()[0].split("\t")[1:3]) == (0, ["a: deep", "b: neighbours"])
    assert "deep against neighbours, people split" in err
    document = checked(run("stop", "films", "--json")[1])
    assert (document["running"], document["stopped"] is None) == (False, False)
    assert run("report", "films", "--test", "1")[0] == 0
    run("start", "films", "--b", "popular")
    assert checked(run("report", "films", "--json")[1])["test"] == 2
    assert checked(run("report", "films", "--test", "1", "--json")[1])["people"] == 40


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["start", "films", "--b", "nothing"], "nothing cannot be an arm here; these can: deep, sequence"),
        (["start", "films", "--b", "encoder"], "encoder cannot be an arm here"),
        (["start", "films", "--b", "deep"], "the same ranking"),
        (["start", "films", "--split", "--interleave"], "not both"),
        (["stop", "films"], "No A/B test runs"),
        (["report", "films"], "There was no A/B test"),
        (["simulate", "films", "--aa", "--effect", "0.2"], "not both"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run: Run, arguments: list[str], said: str):
    code, out, err = run(*arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert said in err


def test_one_test_runs_and_an_unknown_one_is_told(run: Run):
    run("start", "films", "--b", "ease")
    code, out, err = run("start", "films", "--b", "popular")
    assert (code, out) == (2, "")
    assert "test 1 (deep against ease) runs" in err
    code, _, err = run("report", "films", "--test", "7")
    assert code == 2
    assert "there are 1." in err


def test_a_classic_recommender_is_fitted_once_and_ranks_as_an_arm(run: Run, trained_copy: Session):
    code, _, err = run("start", "films", "--b", "als")
    assert (code, "Fitting als" in err) == (0, True)
    arm = load_arm(trained_copy, "als")
    assert arm.expert is not None
    answer = person_list(trained_copy, "42", 10, "als", ListOptions(), expert=arm.expert).answer
    recommender = trained_copy.recommender()
    assert answer is not None
    assert recommender is not None
    # As its own scores have it, but for what the person has.
    model = recommender.model
    code = recommender.user_code("42")
    history = model.people.histories.rows(code, code + 1)
    scores = arm.expert.score(history)[0]
    scores[history.items] = -1
    expected = [str(model.catalogue.ids[item]) for item in scores.argsort()[::-1][:10].tolist()]
    assert [entry.item for entry in answer.items] == expected
    assert answer.model == "als"
    folders = list((trained_copy.workspace.folder / "ab_arms").iterdir())
    run("stop", "films")
    run("start", "films", "--b", "als")
    assert list((trained_copy.workspace.folder / "ab_arms").iterdir()) == folders


def test_simulated_tests_leave_no_trace(run: Run, trained_copy: Session):
    before = sorted(path.name for path in trained_copy.workspace.folder.iterdir())
    options = ["--b", "popular", "--runs", "2", "--people", "40", "--looks", "3"]
    code, out, _ = run("simulate", "films", *options, "--json")
    document = checked(out, simulated=True)
    assert (code, document["simulation"]["runs"], document["simulation"]["people"]) == (0, 2, 40)
    assert [arm["model"] for arm in document["arms"]] == ["deep", "popular"]
    code, out, _ = run("simulate", "films", "--aa", "--split", *options)
    assert (code, out.splitlines()[0].split("\t")[1:3]) == (0, ["a: deep", "b: deep"])
    assert "of 2 simulated tests" in out
    assert sorted(path.name for path in trained_copy.workspace.folder.iterdir()) == before


def test_a_workspace_with_tests_goes_only_when_that_is_said(run: Run, trained_copy: Session, capsys):
    run("start", "films", "--b", "popular")
    home, key = str(trained_copy.home.root), trained_copy.workspace.key
    assert main(["workspace", "remove", key, "--home", home]) == 2
    assert "holds 1 A/B test that nothing brings back" in capsys.readouterr().err
    assert main(["workspace", "remove", key, "--with-feedback", "--home", home]) == 0
    assert not trained_copy.workspace.folder.exists()
