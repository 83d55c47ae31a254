"""Fixtures that several rooms share: a home folder that nothing leaks out of, real data, a trained session."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test starts keeps its things in the test's own folder."""
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home folder, the one that commands use too."""
    return Home(tmp_path / "home")


@pytest.fixture
def real_data() -> Callable[[str], Path]:
    """``real_data("ml-100k")``: the path of a real dataset; skips where it is not on this machine."""
    folder = Path(os.environ.get("RECSYS_TEST_DATA", ROOT / ".." / "shared" / "data")).resolve()

    def path_of(name: str) -> Path:
        path = folder / name
        if not path.exists():
            pytest.skip(f"the real data {name} is not here; RECSYS_TEST_DATA names the folder that holds it")
        return path

    return path_of


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A session over the bundled films, trained with the preset ``quick`` once for all tests. Do not train it again."""
    session = Session.open("films", home=Home(tmp_path_factory.mktemp("trained")))
    job = session.training_job(TrainingRequest())
    job.start()
    last = list(job.events())[-1]
    assert last.kind == "saved", last.note
    return session
