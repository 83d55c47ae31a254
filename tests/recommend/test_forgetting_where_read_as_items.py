"""People whose ids are mere numbers, in data that was also read with its columns the other way round."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.session import Session
from recsys_tui.store.exports import Exports
from recsys_tui.store.remembered import Memory, Place, Remembered
from tests.recommend.people_to_forget import no_training, opened

SWAPPED = Mapping(user="product", item="customer")


def both_readings(folder: Path, other: Mapping = SWAPPED) -> tuple[Session, Session]:
    data = folder / "events.csv"
    rows = [f"{who},{what}" for who in range(1, 21) for what in range(31, 51) if who * what % 3 != 1]
    data.write_text("\n".join(["customer,product", *rows]) + "\n")
    session = opened(data, folder / "home")
    swapped = Session.open(data, other, session.home)
    swapped.load()
    return session, swapped


def test_they_go_as_an_item_out_of_files_that_were_written_elsewhere(tmp_path: Path):
    session, swapped = both_readings(tmp_path)
    lists, records = tmp_path / "lists.csv", tmp_path / "lists.json"
    lists.write_text("user,item,score\n31,7,0.5\n31,8,0.25\n")
    records.write_text(json.dumps([{"user": "31", "item": "7"}, {"user": "31", "item": "8"}]))
    Exports(swapped.workspace.folder).note([lists, records])
    assert forget(session, "7", train=no_training).verified
    assert lists.read_text() == "user,item,score\n31,8,0.25\n"
    assert json.loads(records.read_text()) == [{"user": "31", "item": "8"}]


def test_they_go_as_an_item_out_of_what_was_on_screen(tmp_path: Path):
    session, swapped = both_readings(tmp_path)
    place = Place("users", "31", options={"pin": ["7", "8"]})
    Memory(session.home).write(Remembered(places=dict.fromkeys((session.workspace.key, swapped.workspace.key), place)))
    assert forget(session, "7", train=no_training).verified
    places = Memory(session.home).read().places
    assert places[swapped.workspace.key].options == {"pin": ["8"]}
    assert places[session.workspace.key].options == {"pin": ["7", "8"]}


@pytest.mark.parametrize(
    "other",
    [SWAPPED, Mapping(user="product"), Mapping(user="2", item="1"), Mapping(user="PRODUCT", item="CUSTOMER")],
)
def test_they_go_as_an_item_out_of_likes_where_the_stored_data_is_damaged(tmp_path: Path, other: Mapping):
    session, swapped = both_readings(tmp_path, other)
    swapped.feedback.add([("31", "7", "like"), ("31", "8", "like")])
    for path in swapped.workspace.folder.glob("data/*/*.safetensors"):
        path.write_bytes(b"")
    assert forget(session, "7", train=no_training).verified
    assert [entry.item for entry in swapped.feedback.entries()] == ["8"]


def test_they_go_as_an_item_once_more_where_all_that_is_stored_is_damaged(tmp_path: Path):
    session, swapped = both_readings(tmp_path)
    forget(session, "7", train=no_training)
    swapped.feedback.add([("31", "7", "like")])
    for path in session.home.root.glob("workspaces/*/data/*/*.safetensors"):
        path.write_bytes(b"")
    assert forget(Session.open(session.identity.path, home=session.home), "7", train=no_training).verified
    assert not swapped.feedback.entries()
