"""Large data: once stored, it is worked with as it is stored, and is the same."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys_tui.recommend import session as sessions
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.workspace import Workspace


def test_what_was_just_read_is_the_stored_one_from_then_on(tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch):
    """With ratings of which one is missing, and with events, which are no plain arrays."""
    lines = ["b,x,3,200,view", "a,y,,100,buy", "a,x,5,300,view"]
    path = tmp_path / "events.csv"
    path.write_text("\n".join(["user,item,rating,timestamp,event", *lines]) + "\n")
    plain = Session.open(path, home=Home(tmp_path / "other")).dataset
    loaded: list[object] = []
    load = Workspace.load_dataset
    monkeypatch.setattr(Workspace, "load_dataset", lambda self, *rest: loaded.append(load(self, *rest)) or loaded[-1])
    monkeypatch.setattr(sessions, "MANY", 3)
    dataset = Session.open(path, home=home).dataset
    assert dataset is loaded[0]
    assert dataset.interactions.equals(plain.interactions)
    assert dataset.interactions.schema == plain.interactions.schema
    assert dataset.interactions["event"].to_list() == ["buy", "view", "view"]
    assert dataset.interactions["rating"].to_list() == [None, 5.0, 3.0]
    assert dataset.interactions.filter(pl.col("user") == 0).height == 2
