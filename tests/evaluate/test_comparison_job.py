"""A comparison in the background: what it keeps, what it says of pairs and groups of people, and how fast it ends."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.evaluate.comparison import Evaluation, Judged
from recsys_tui.evaluate.comparison_job import FAILED, SAVED, STEP, STOPPED, ComparisonJob, ComparisonRequest
from recsys_tui.evaluate.differences import METRICS, SideBySide
from recsys_tui.evaluate.judge import Figures
from recsys_tui.evaluate.protocols import split
from recsys_tui.evaluate.side_by_side import side_by_side
from recsys_tui.evaluate.significance import paired_differences
from recsys_tui.evaluate.stored_comparison import NAME, load_comparison, model_mark, save_comparison
from recsys_tui.output.crowd_gate import SETTING, CrowdGate
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from tests.trust.killing import descendants


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """90 people, 30 items: the n-th person took 4 + n // 15 items, liking every third item most."""
    random = np.random.default_rng(5)
    rows = []
    for person in range(90):
        own = np.where(np.arange(30) % 3 == person % 3, 8.0, 1.0)
        for step, item in enumerate(random.choice(30, 4 + person // 15, replace=False, p=own / own.sum())):
            rows.append(f"p{person},i{item},{1_600_000_000 + person * 977 + step * 86_400}")
    path = tmp_path_factory.mktemp("events") / "events.csv"
    path.write_text("user,item,time\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def session(events: Path, home: Home) -> Session:
    opened = Session.open(events, home=home)
    opened.load()
    return opened


def job_of(session: Session, *models: str) -> ComparisonJob:
    return ComparisonJob(session.home.root, session.workspace.folder, ComparisonRequest(models, "quick"))


def test_it_keeps_what_recsys_evaluate_prints(
    session: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    job = job_of(session, "popular", "knn")
    job.start()
    told = list(job.events())
    assert told[-1].kind == SAVED
    assert {model for event in told for model, _ in event.running} >= {"popular", "knn"}
    stored = load_comparison(session.workspace)
    assert stored is not None
    capsys.readouterr()
    assert main(["evaluate", str(session.identity.path), "--models", "popular,knn", "--preset", "quick", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    for name in ("protocol", "users", "seed", "test_interactions", "comparisons"):
        assert stored.document[name] == printed[name]
    assert [model["metrics"] for model in stored.document["models"]] == [m["metrics"] for m in printed["models"]]
    assert stored.names == ("popular", "knn")
    assert stored.figure("knn", "ndcg@10") == printed["models"][1]["metrics"]["ndcg@10"]
    assert stored.figure("als", "ndcg@10") is None
    # The same two models, by the same resamples.
    compared = next(entry for entry in printed["comparisons"] if entry["metric"] == "ndcg@10")
    found = stored.side_by_side.of(compared["a"], compared["b"], "ndcg@10")
    assert found is not None
    assert (found.delta, found.low, found.high) == pytest.approx((compared["delta"], *compared["ci95"]))
    turned = stored.side_by_side.of(compared["b"], compared["a"], "ndcg@10")
    assert turned is not None
    assert (turned.delta, turned.low, turned.high) == (-found.delta, -found.high, -found.low)
    version = session.workspace.dataset_version()
    assert version is not None
    assert stored.older_than(version.fingerprint, "") is None
    assert stored.older_than("other", "") == "data"
    assert stored.older_than(version.fingerprint, "quick next 2026") == "model"
    assert (session.workspace.folder / NAME).stat().st_mode & 0o777 == 0o600
    assert not list(session.home.root.glob(".evaluate-*"))
    save_comparison(session.workspace, stored)
    assert load_comparison(session.workspace) == stored
    with monkeypatch.context() as more:
        more.setenv(SETTING, "11")
        assert load_comparison(session.workspace) is None, "its figures are of crowds of ten"
    # What somebody edited counts as nothing, in whatever it does not fit.
    written = json.loads((session.workspace.folder / NAME).read_text())
    for name, value in (("models", ["knn"]), ("users", "many"), ("verdicts", [])):
        edited = written | {"evaluation": written["evaluation"] | {name: value}}
        (session.workspace.folder / NAME).write_text(json.dumps(edited))
        assert load_comparison(session.workspace) is None


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are told apart by /proc")
def test_it_ends_within_half_a_second_and_leaves_nothing(session: Session):
    job = job_of(session, "sasrec", "popular")
    job.start()
    told = job.events()
    assert next(event for event in told if "sasrec" in dict(event.running)).kind == STEP
    assert job._process is not None
    mine = descendants(job._process.pid)
    assert mine
    start = time.monotonic()
    job.stop()
    assert time.monotonic() - start < 0.5 + 0.1  # a tenth for a busy machine to switch processes
    assert not job.running
    assert not [pid for pid in mine if Path(f"/proc/{pid}").exists()]
    assert [event.kind for event in told][-1] == STOPPED
    assert load_comparison(session.workspace) is None
    assert not list(session.home.root.glob(".evaluate-*"))
    job.stop()  # ending what has ended is no error


def test_a_model_that_does_not_fit_is_said_in_a_sentence(session: Session):
    job = job_of(session, "mf", "popular")  # this data has no ratings
    job.start()
    last = list(job.events())[-1]
    assert last.kind == FAILED
    assert "mf" in str(last.note)


def test_what_cannot_be_read_counts_as_nothing(session: Session):
    path = session.workspace.folder / NAME
    for text in ("no json", "[]", '{"format": 1}', '{"format": 99, "evaluation": {}}'):
        path.write_text(text)
        assert load_comparison(session.workspace) is None


def invented(events: Path, home: Home) -> tuple[Evaluation, dict[str, np.ndarray]]:
    """An evaluation in which the models' scores are drawn, so that every figure can be worked out apart."""
    cut = split(Session.open(events, home=home).dataset, "last", 0)
    random = np.random.default_rng(9)
    people = cut.people
    drawn = {name: random.random(people) for name in ("x", "y", "z")}
    models = tuple(
        Judged(name, Figures(dict.fromkeys(METRICS, scores), {}, 0, 0, 0), {}, None, None)
        for name, scores in drawn.items()
    )
    return Evaluation(cut, 3, "next", models, ()), drawn


def test_every_pair_in_every_metric(events: Path, home: Home):
    evaluation, drawn = invented(events, home)
    found = side_by_side(evaluation)
    assert len(found.differences) == 3 * len(METRICS)
    for a, b in (("x", "y"), ("z", "x"), ("y", "z")):
        table = np.column_stack([drawn[a], drawn[b]])
        expected = paired_differences(table, [(0, 1)], seed=3)[0]
        one = found.of(a, b, "mrr@10")
        assert one is not None
        assert (one.delta, one.low, one.high) == pytest.approx((expected.delta, expected.low, expected.high))
        assert one.real == (expected.low > 0 or expected.high < 0)
    assert found.of("x", "nobody", "mrr@10") is None
    assert SideBySide.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_groups_of_people_by_what_they_took_before(events: Path, home: Home):
    evaluation, drawn = invented(events, home)
    # Each person's newest item is held out, so the n-th person had taken 3 + n // 15 items before.
    order = sorted(range(90), key=lambda person: f"p{person}")
    asked = evaluation.split.asked.users["id"].to_list()
    activity = {f"p{person}": 3 + person // 15 for person in order}
    people = [user for user in asked if user in set(evaluation.split.test["user"].to_list())]
    assert len(people) == 90
    had = np.array([activity[user] for user in people])
    segments = {segment.name: segment for segment in side_by_side(evaluation).segments}
    for name, least, most in (("light", 3, 4), ("middle", 5, 6), ("heavy", 7, 8)):
        chosen = (had >= least) & (had <= most)
        segment = segments[name]
        assert (segment.people, segment.least, segment.most) == (30, least, most)
        assert segment.means["x"] == pytest.approx(float(drawn["x"][chosen].mean()))
        expected = paired_differences(np.column_stack([drawn["x"][chosen], drawn["y"][chosen]]), [(0, 1)], seed=3)[0]
        one = next(each for each in segment.differences if (each.a, each.b) == ("x", "y"))
        assert (one.delta, one.low, one.high) == pytest.approx((expected.delta, expected.low, expected.high))


def test_groups_of_too_few_people_are_not_told_about(events: Path, home: Home):
    evaluation, _ = invented(events, home)
    for segment in side_by_side(evaluation, CrowdGate(31)).segments:
        assert segment.people == 0
        assert segment.means == {}
        assert segment.differences == ()


def test_a_mark_tells_one_model_from_the_next(session: Session):
    assert model_mark(session.model_info()) == ""
