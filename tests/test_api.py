"""The Python face: its examples run, importing it stays light, and its errors say what to do."""

from __future__ import annotations

import doctest
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import recsys_tui
from recsys_tui import api
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.session import Session
from recsys_tui.training.events import SAVED, STAGE_FINISHED, STAGES, TrainingEvent
from recsys_tui.training.job import TrainingJob, TrainingRequest

ROWS = "user,item,when\n" + "".join(
    f"u{n % 12},i{(n * 5 + n // 12) % 17},{1_600_000_000 + n * 3600}\n" for n in range(180)
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.csv"
    path.write_text(ROWS)
    return path


@pytest.fixture
def films(trained_copy: Session) -> api.OpenData:
    return recsys_tui.open("films", home=trained_copy.home.root)


EXAMPLES = [test for test in doctest.DocTestFinder().find(api) if test.examples]


def test_every_method_that_answers_has_an_example():
    names = {test.name.removeprefix("recsys_tui.api.") for test in EXAMPLES}
    assert {"recsys_tui.api", "open", "OpenData.train", "OpenData.recommend", "OpenData.history"} <= names


@pytest.mark.parametrize("example", EXAMPLES, ids=[test.name for test in EXAMPLES])
def test_the_examples_in_the_docstrings_run(
    example: doctest.DocTest, films: api.OpenData, monkeypatch: pytest.MonkeyPatch
):
    # The shared model must not be trained again: the example of train is fed the events of a run that was.
    saved = TrainingEvent(SAVED, metrics={"ndcg@10": 0.3, "hr@10": 0.5, "recall@20": 0.4})
    monkeypatch.setattr(TrainingJob, "start", lambda job: None)
    monkeypatch.setattr(TrainingJob, "events", lambda job: iter([saved]))
    said: list[str] = []
    example.globs = {"films": films, "open": recsys_tui.open}
    failed, tried = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(example, out=said.append)
    assert tried > 0
    assert failed == 0, "".join(said)


def test_importing_the_package_imports_nothing_heavy():
    program = (
        "import sys, recsys_tui\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'polars', 'numpy', 'textual', 'typer', 'recsys_tui.api'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_face_is_where_the_package_says():
    for name in recsys_tui._FACE:
        assert getattr(recsys_tui, name) is getattr(api, name)
        assert name in dir(recsys_tui)
        # A room of that name would take the function's place as soon as it is imported.
        assert importlib.util.find_spec(f"recsys_tui.{name}") is None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = recsys_tui.nothing  # type: ignore[attr-defined]


def test_before_training_one_is_told_to_train(small: Path, tmp_path: Path):
    opened = recsys_tui.open(small, home=tmp_path / "h")
    assert (opened.overview.users, opened.overview.items) == (12, 17)
    assert len(opened.history("u1")) == 15
    with pytest.raises(UserError, match="train") as said:
        opened.recommend("u1")
    assert said.value.exit_code == ExitCode.NOT_TRAINED


def test_from_a_file_to_a_list_and_a_new_model_answers_at_once(small: Path, tmp_path: Path):
    opened = recsys_tui.open(str(small), home=tmp_path / "h")
    stages = []
    figures = opened.train("quick", progress=lambda event: event.kind == STAGE_FINISHED and stages.append(event.stage))
    assert stages == list(STAGES)
    assert figures == opened.recommender().validation
    everyone = opened.recommend_all(k=2)
    mine = opened.recommend("u1", k=2)
    assert [entry.item for entry in mine.items] == everyone.filter(pl.col("user") == "u1")["item"].to_list()
    assert api.recommend(small, "u1", k=2, home=tmp_path / "h").items == mine.items
    opened.train("quick", seed=5)
    assert opened.recommender().manifest["model"]["seed"] == 5


def test_ids_may_be_numbers_and_one_alone_is_not_its_letters(films: api.OpenData):
    def listed(**given: object) -> list[str]:
        return [entry.item for entry in films.recommend("42", k=4, **given).items]  # type: ignore[arg-type]

    several: dict[str, list[str]] = {"like": ["300"], "dislike": ["17"], "pin": ["1111"], "only_items": ["20"]}
    for option, ids in several.items():
        assert listed(**{option: ids}) == listed(**{option: ids[0]}) == listed(**{option: int(ids[0])}), option
        assert listed(**{option: ids}) != listed(), option
    assert listed(where="year>=2010") == listed(where=["year>=2010"])
    assert listed(like=None, exclude_items=None, where=None) == listed()
    assert films.recommend(42, k=4).items == films.recommend("42", k=4).items
    assert films.recommend_all(2, users="42").equals(films.recommend_all(2, users=[np.int64(42), 42, "42"]))
    assert films.predict(42, 17, like=20) == films.predict("42", "17", like=["20"])
    assert films.audience(17, k=2) == films.audience("17", k=2)
    assert films.history(42) == films.history("42")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda films: films.recommend(None), "models.no_id"),
        (lambda films: films.recommend(True), "models.no_id"),
        (lambda films: films.recommend("42", like=[1.5]), "models.no_id"),
        (lambda films: films.recommend("42", k=0), "models.no_count"),
        (lambda films: films.recommend("42", k=2.5), "models.no_count"),
        (lambda films: films.recommend_all(k=-1), "models.no_count"),
        (lambda films: films.audience("17", k="3"), "models.no_count"),
        (lambda films: films.recommend("42", only=["17"]), "models.no_such_option"),
        (lambda films: films.recommend("42", diversity="0.5"), "models.diversity_range"),
        (lambda films: films.recommend("42", hide_popular=None), "models.hide_popular_range"),
        (lambda films: films.recommend_for_new(attributes={"height": "1"}), "models.no_such_attribute"),
        (lambda films: films.predict("42", None), "models.no_id"),
        (lambda films: films.recommend("42", horizon="soon"), "models.unknown_horizon"),
        (lambda films: films.train(preset="fast"), "models.unknown_preset"),
        (lambda films: films.train(device="gpu"), "models.unknown_device"),
        (lambda films: films.train(device="meta"), "models.unknown_device"),
        (lambda films: films.train(seed=np.bool_(True)), "models.bad_seed"),
        (lambda films: films.recommend("42", where=5), "models.no_condition"),
        (lambda films: films.recommend("42", where=["year>=1990", None]), "models.no_condition"),
        (lambda films: films.recommend_for_new(attributes=5), "models.no_attributes"),
        (lambda films: films.recommend_for_new(attributes={"age": None}), "models.no_attributes"),
        (lambda films: films.feedback.add([("42", "17", "loved")]), "feedback.no_such_verdict"),
        (lambda films: films.feedback.add([("42", "17", 1)]), "feedback.no_such_verdict"),
        (lambda films: films.feedback.add([("42", "17")]), "feedback.no_row"),
        (lambda films: films.feedback.add(("42", "17", "like")), "feedback.no_row"),
        (lambda films: films.feedback.add([(None, "17", "like")]), "models.no_id"),
        (lambda _: api.open(5), "data.no_path"),
        (lambda _: api.open(None), "data.no_path"),
        (lambda _: api.open(b"films"), "data.no_path"),
        (lambda _: api.open(pl.DataFrame({"user": ["a"]})), "data.no_path"),
        (lambda _: api.open("films", mapping={"user": "who"}), "data.no_mapping"),
        (lambda _: api.open("films", home=5), "data.no_home"),
        (lambda _: Mapping(user=1.5), "data.no_column_name"),
        (lambda films: films.train(seed=-1), "models.bad_seed"),
        (lambda films: films.train(seed="one"), "models.bad_seed"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_done(
    films: api.OpenData, ask: Callable[[api.OpenData], object], message: str
):
    with pytest.raises(UserError) as said:
        ask(films)
    assert (said.value.message_id, said.value.exit_code) == (message, ExitCode.USAGE)
    assert not films.feedback.path.exists()


def test_feedback_of_what_is_not_in_the_data_is_refused(films: api.OpenData):
    for row in (("42", "no-such-item", "like"), ("no-such-user", "17", "dislike")):
        with pytest.raises(UserError) as said:
            films.feedback.add([("42", "17", "like"), row])
        assert said.value.exit_code == ExitCode.NOT_FOUND
    assert not films.feedback.path.exists()


def test_a_seed_and_a_column_may_be_numbers_of_any_kind():
    assert json.dumps(asdict(TrainingRequest(seed=np.int64(1)))["seed"]) == "1"
    assert Mapping(user=1, weights=["buy=5"]) == Mapping(user="1", weights=("buy=5",))


def test_nothing_is_trained_that_could_not_be_kept(films: api.OpenData, monkeypatch: pytest.MonkeyPatch):
    """The dataset is stored already, so that nothing else would have to be written before the model."""
    monkeypatch.setattr("recsys_tui.store.home.os.access", lambda *_: False)
    monkeypatch.setattr(TrainingJob, "start", lambda job: pytest.fail("it may not begin"))
    with pytest.raises(UserError, match="cannot be written to"):
        films.train(preset="quick")


def test_paths_of_a_mapping_may_be_texts(small: Path, tmp_path: Path):
    assert api.Mapping(items=str(tmp_path / "i.csv")) == api.Mapping(items=tmp_path / "i.csv")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="spelling"):
        _ = recsys_tui.open(small, api.Mapping(items=str(tmp_path / "i.csv")), tmp_path / "h").overview  # type: ignore[arg-type]


def test_an_unknown_user_gets_the_nearest(films: api.OpenData):
    with pytest.raises(UserError, match="1500") as said:
        films.recommend("15000")
    assert said.value.exit_code == ExitCode.NOT_FOUND
