"""Stored data that is damaged keeps nobody from being forgotten: what is damaged goes, and the source is read anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.output.messages import say
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.session import Session
from tests.recommend.people_to_forget import WHO, events, holds, no_training, opened, store_model


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "folder", "gone"])
@pytest.mark.parametrize("table", ["users.parquet", "items.parquet", "interactions.safetensors"])
def test_the_person_goes_with_what_is_damaged(tmp_path: Path, table: str, damage: str):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    store_model(session)
    path = next((session.workspace.folder / "data").glob(f"*/{table}"))
    whole = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "gone":
        middle = len(whole) // 2
        flipped = whole[:middle] + bytes(255 - byte for byte in whole[middle : middle + 40]) + whole[middle + 40 :]
        path.write_bytes({"cut": whole[:middle], "empty": b"", "flipped": flipped}[damage])
    again = Session.open(session.identity.path, home=session.home)
    done = forget(again, WHO, train=no_training)
    assert (done.verified, done.removed.data_versions, done.removed.interactions) == (True, 1, 0)
    assert WHO not in again.dataset.users["id"].to_list()
    assert holds(session.home.root, WHO) == []


def test_a_model_with_the_files_of_another_one_in_their_place_goes_with_its_data(tmp_path: Path):
    """Its description says that it was made of data that the person stands in, which would be kept for it."""
    other = tmp_path / "other.csv"
    events(other)
    other.write_text(other.read_text().replace("person-", "somebody-"))
    session, theirs = opened(events(tmp_path / "events.csv"), tmp_path / "home"), opened(other, tmp_path / "theirs")
    store_model(session)
    store_model(theirs)
    (here,), (there,) = (one.workspace.folder.glob("models/*/model.safetensors") for one in (session, theirs))
    there.replace(here)
    found = forget(Session.open(session.identity.path, home=session.home), WHO, train=no_training)
    assert (found.verified, found.removed.models, found.retrained) == (True, ["quick-next"], ("quick-next",))
    assert holds(session.home.root, WHO) == []


def test_a_model_of_which_nobody_can_tell_how_it_was_trained_is_told(tmp_path: Path):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    store_model(session)
    (manifest,) = session.workspace.folder.glob("models/*/manifest.json")
    manifest.write_text("{")
    told: list[str] = []
    found = forget(session, WHO, train=no_training, tell=told.append)
    assert (found.removed.models, found.retrained, found.untrained) == (["quick-next"], (), ("quick-next",))
    assert say("forget.not_trained", model="quick-next", problem=say("forget.training_unknown")) in told
