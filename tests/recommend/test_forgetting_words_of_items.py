"""Forgetting somebody whose id is a word that stands in titles or descriptions of items."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest
from tests.recommend.people_to_forget import WHO, events, train_here


@pytest.mark.parametrize(
    ("who", "said"), [("dora", "title"), ("dora", "text"), ("\u5c0f\u660e", "title")], ids=["title", "text", "cjk"]
)
def test_a_word_of_items_is_no_person(tmp_path: Path, who: str, said: str):
    data, items = events(tmp_path / "events.csv"), tmp_path / "items.csv"
    data.write_text(data.read_text().replace(WHO, who))
    rows = [f"thing-{place:02},{'somebody' if place % 3 else who.title()} sings {place}" for place in range(36)]
    items.write_text("\n".join([f"item,{said}", *rows]) + "\n")
    session = Session.open(data, Mapping(items=items), Home(tmp_path / "home"))
    train_here(session, TrainingRequest("quick", "next", 0, "cpu"))
    done = forget(session, who, train=train_here)
    assert (done.verified, done.retrained) == (True, ("quick-next",))
    assert done.scan.elsewhere
