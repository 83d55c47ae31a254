"""People whom only a table of people knows are forgotten too, in data and models."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from tests.recommend.people_to_forget import events, no_training, store_model

SILENT = "person-900"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    people = [f"person-{number:03}" for number in range(60)] + [SILENT, "person-901"]
    towns = [f"town-{place % 3}" for place in range(len(people))]
    pl.DataFrame({"user": people, "town": towns}).write_csv(tmp_path / "people.csv")
    mapping = Mapping(users=tmp_path / "people.csv")
    session = Session.open(events(tmp_path / "events.csv"), mapping, Home(tmp_path / "home"))
    session.load()
    store_model(session)
    return session


def test_they_go_with_the_models_that_list_them(session: Session):
    done = forget(session, SILENT, train=no_training)
    assert done.verified
    assert done.removed.models == ["quick-next"]
    assert forget(session, SILENT, train=no_training).verified


def test_neither_a_model_nor_data_with_them_is_stored_afterwards(session: Session):
    info = session.workspace.models()[0]
    stored = session.workspace.load_model(info)
    kept = session.dataset
    forget(Session.open(session.identity.path, session.identity.mapping, session.home), SILENT, train=no_training)
    with pytest.raises(UserError) as said:
        session.workspace.save_model(info.key, stored.manifest, stored.arrays)
    assert said.value.message_id == "forget.forgotten_meanwhile"
    with pytest.raises(UserError) as said:
        session.workspace.save_dataset(kept, "0" * 32, {})
    assert said.value.message_id == "forget.forgotten_meanwhile"
