"""What becomes the same data only after somebody was forgotten: they are in what is stored of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_tui.recommend.forgetting import forget
from recsys_tui.store.exports import Exports
from recsys_tui.store.feedback_log import FeedbackLog
from tests.recommend.people_to_forget import WHO, events, holds, no_training, opened, store_model

OTHER = "person-new"


def in_order(data: Path, to: Path, *more: str) -> Path:
    """The rows of a file, and some more, in another order: as no copy of it is known."""
    header, *rows = data.read_text().splitlines(keepends=True)
    to.write_text("".join((header, *sorted([*rows, *more]))))
    return to


@pytest.mark.parametrize("has_other", [True, False])
def test_who_was_forgotten_before_goes_from_what_is_stored_of_a_file_that_took_the_place(
    tmp_path: Path, has_other: bool
):
    """Sorted, the data is no copy that anybody knows, until it lies where the data lay; its old name is gone then."""
    data, by_item = events(tmp_path / "events.csv"), tmp_path / "sorted.csv"
    more = f"{OTHER},thing-01,1600000000\n"
    session = opened(data, tmp_path / "home")
    late = opened(in_order(data, by_item, *[more] * has_other), tmp_path / "home")
    FeedbackLog(late.workspace.folder).add([(WHO, "thing-01", "like")])
    store_model(late)
    assert forget(session, WHO, train=no_training).other_data == 1
    by_item.rename(data)
    with data.open("a") as stream:
        stream.write(more)
    assert WHO not in opened(data, tmp_path / "home").dataset.users["id"].to_list()
    done = forget(opened(data, tmp_path / "home"), OTHER, train=no_training)
    assert (done.verified, done.other_data) == (True, 0)
    stored = late.workspace.load_dataset()
    assert stored is not None
    assert not {WHO, OTHER} & set(stored.users["id"].to_list())
    assert not holds(tmp_path / "home", WHO)


def test_who_was_forgotten_before_goes_from_likes_where_the_data_was_read_without_them_since(tmp_path: Path):
    data, by_item = events(tmp_path / "events.csv"), tmp_path / "sorted.csv"
    session, late = opened(data, tmp_path / "home"), opened(in_order(data, by_item), tmp_path / "home")
    FeedbackLog(late.workspace.folder).add([(WHO, "thing-01", "like"), ("person-002", "thing-01", "like")])
    forget(session, WHO, train=no_training)
    by_item.write_bytes(data.read_bytes())
    assert WHO not in opened(by_item, tmp_path / "home").dataset.users["id"].to_list()
    assert forget(opened(data, tmp_path / "home"), "person-001", train=no_training).verified
    assert not holds(tmp_path / "home", WHO)
    assert [entry.user for entry in FeedbackLog(late.workspace.folder).entries()] == ["person-002"]


def test_who_was_forgotten_before_goes_from_a_model_whose_data_is_damaged(tmp_path: Path):
    data, by_item = events(tmp_path / "events.csv"), tmp_path / "sorted.csv"
    session, late = opened(data, tmp_path / "home"), opened(in_order(data, by_item), tmp_path / "home")
    store_model(late)
    forget(session, WHO, train=no_training)
    by_item.write_bytes(data.read_bytes())
    (stored,) = late.workspace.folder.glob("data/*/users.parquet")
    stored.write_bytes(b"PAR1")
    opened(by_item, tmp_path / "home")
    more = "person-new,thing-01,1600000000\n"
    with data.open("a") as stream:
        stream.write(more)
    assert forget(opened(data, tmp_path / "home"), "person-new", train=no_training).verified
    assert not holds(tmp_path / "home", WHO)


def test_who_was_forgotten_before_goes_from_a_graph_in_which_others_follow_them(tmp_path: Path):
    data, by_name = tmp_path / "graph.csv", tmp_path / "sorted.csv"
    rows = [f"p{n}q,p{(n + step) % 8}q\n" for n in range(8) for step in (1, 3)] + ["p1q,starq\n", "p2q,starq\n"]
    data.write_text("".join(("follower,followee\n", *rows)))
    session, late = opened(data, tmp_path / "home"), opened(in_order(data, by_name), tmp_path / "home")
    assert late.dataset.shared_ids
    forget(session, "starq", train=no_training)
    by_name.rename(data)
    assert forget(opened(data, tmp_path / "home"), "p5q", train=no_training).verified
    stored = late.workspace.load_dataset()
    assert stored is not None
    assert not {"starq", "p5q"} & {*stored.users["id"].to_list(), *stored.items["id"].to_list()}


def test_a_file_elsewhere_that_named_several_of_the_forgotten_is_told_once(tmp_path: Path):
    data, by_item, lists = events(tmp_path / "events.csv"), tmp_path / "sorted.csv", tmp_path / "lists.csv"
    session, late = opened(data, tmp_path / "home"), opened(in_order(data, by_item), tmp_path / "home")
    lists.write_text(f"user,item\n{WHO},thing-01\nperson-001,thing-02\nperson-002,thing-03\n")
    Exports(late.workspace.folder).note((lists,))
    forget(session, WHO, train=no_training)
    by_item.rename(data)
    done = forget(opened(data, tmp_path / "home"), "person-001", train=no_training).to_json()
    assert lists.read_text() == "user,item\nperson-002,thing-03\n"
    assert done["removed"]["exports"] == [str(lists)]
