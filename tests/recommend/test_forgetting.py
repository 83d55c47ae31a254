"""The right to be forgotten: exact, for good, everywhere, and not half done however it is interrupted."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data.dataset import Mapping
from recsys_tui.data.preview import preview
from recsys_tui.evaluate.ab.arms import FOLDER
from recsys_tui.evaluate.stored_comparison import NAME
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.forgetting_plan import Plan
from recsys_tui.recommend.forgetting_workspace import DERIVED
from recsys_tui.recommend.session import Session
from recsys_tui.recommend.updating import Addition, update
from recsys_tui.store import scrubbing
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.cluster_names import ClusterNames, NamedCluster
from recsys_tui.store.home import Home
from recsys_tui.store.in_use import in_use
from recsys_tui.store.pseudonym_key import pseudonyms_for
from recsys_tui.store.remembered import Memory, Place, Remembered
from recsys_tui.training.job import TrainingRequest
from tests.recommend.people_to_forget import (
    WHO,
    events,
    holds,
    no_training,
    opened,
    same_arrays,
    store_model,
    train_here,
    tree,
    without,
)

OTHER = "person-018"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Data that is stored, with what stands for a model."""
    found = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    store_model(found)
    return found


def people(session: Session) -> list[str]:
    return Session.open(session.identity.path, session.identity.mapping, session.home).dataset.users["id"].to_list()


def quiet(_sentence: str) -> None:
    pass


def test_a_model_is_what_training_without_the_person_makes(tmp_path: Path):
    """Not to 1e-6 in the linear parts only: in every number, since everything is trained anew with the same seed."""
    data = events(tmp_path / "events.csv")
    session = opened(data, tmp_path / "home")
    request = TrainingRequest("quick", seed=3)
    train_here(session, request)
    before = session.recommender()
    assert before is not None
    done = forget(session, WHO, train=train_here)
    assert (done.verified, done.retrained, done.removed.models) == (True, ("quick-next",), ["quick-next"])
    assert done.removed.interactions == sum(WHO in line for line in data.read_text().splitlines())
    (tmp_path / "copy").mkdir()
    alone = opened(without(data, WHO, tmp_path / "copy" / "events.csv"), tmp_path / "another home")
    train_here(alone, request)
    mine, theirs = session.recommender(), alone.recommender()
    assert mine is not None
    assert theirs is not None
    same_arrays(mine.model.to_arrays(), theirs.model.to_arrays(), 1e-6)
    for name in ("ease", "knn", "deep"):
        for user in (OTHER, "person-040"):
            lists = [one.recommend(user, 20, name) for one in (mine, theirs)]
            assert [entry.item for entry in lists[0].items] == [entry.item for entry in lists[1].items]
            assert [e.score for e in lists[0].items] == pytest.approx([e.score for e in lists[1].items], abs=1e-6)
    with_them = before.recommend(OTHER, 20, "ease").items
    assert [e.score for e in with_them] != [e.score for e in mine.recommend(OTHER, 20, "ease").items]  # it does matter


def test_they_are_in_no_table_log_or_note_of_the_home_folder(session: Session):
    folder = session.workspace.folder
    session.feedback.add([(WHO, "thing-01", "like"), (OTHER, "thing-02", "like"), (WHO, "thing-03", None)])
    log = AbLog(folder)
    test = log.start("deep", "ease", "interleave", "00ff")
    for who in (WHO, OTHER):
        visit = log.visit(test, who, None, "model")
        log.show(visit, [("thing-01", "a"), ("thing-02", "b")])
        log.note(visit, [("thing-01", "like", "a")])
    places = {session.workspace.key: Place("users", WHO), "removed": Place("users", WHO)}
    Memory(session.home).write(Remembered(places=places))
    session.home.log_path.write_text(f"KeyError: '{WHO}'\nof {WHO}5\n")
    for name in DERIVED:
        (folder / name).write_text("{}")
    for left in (folder / ".exports.json.ab12.partial", folder / "models" / ".quick.ab12.partial"):
        left.write_text(WHO)  # what writers that died left; the second is swept by whoever writes next
    done = forget(session, WHO, train=no_training)
    assert done.verified
    gone = done.removed
    assert (gone.feedback, gone.ab, gone.remembered, gone.log_lines, gone.leftovers) == (2, 2 + 1 + 1, 2, 1, 1)
    assert (gone.data_versions, gone.derived) == (1, list(DERIVED))
    assert [entry.user for entry in session.feedback.entries()] == [OTHER]
    assert [visit.user for visit in log.record(test)[0]] == [OTHER]
    assert len(log.record(test)[1]) == 1
    assert [place.user for place in Memory(session.home).read().places.values()] == [None, None]
    assert session.home.log_path.read_text() == f"KeyError: '[forgotten]'\nof {WHO}5\n"
    # No byte of the id is left in freed pages either; one that only begins like it stays.
    assert holds(session.home.root, WHO) == ["state/errors.log"]
    for path in session.home.root.rglob("*.parquet"):
        for column in pl.read_parquet(path).select(pl.col(pl.String)).get_columns():
            assert WHO not in column.to_list()


def test_datasets_that_were_downloaded_or_made_are_sources_whoever_is_in_them(session: Session):
    (session.home.datasets / "lake").mkdir(parents=True)
    (session.home.datasets / "lake" / "events.csv").write_text(f"user,item\n{WHO},thing-01\n")
    assert forget(session, WHO, train=no_training).verified
    assert WHO in (session.home.datasets / "lake" / "events.csv").read_text()


def test_what_goes_is_what_other_rooms_call_so():
    assert {FOLDER, NAME} <= set(DERIVED)


def test_the_source_is_not_changed_and_does_not_bring_them_back(session: Session):
    source = session.identity.path
    content, looks = source.read_bytes(), source.stat()
    forget(session, WHO, train=no_training)
    assert source.read_bytes() == content
    assert source.stat().st_mtime_ns == looks.st_mtime_ns
    assert [path.name for path in source.parent.iterdir() if path.is_file()] == ["events.csv"]
    assert WHO not in people(session)
    finding = next(entry for entry in session.dataset.findings if entry.code == "forgotten")
    assert (finding.count, session.dataset.rows_read) == (1, content.count(b"\n") - 1 - content.count(WHO.encode()))
    grown = f"{WHO},thing-01,1700000000\n{OTHER},thing-01,1700000000\n"
    with source.open("a") as stream:
        stream.write(grown)
    again = Session.open(source, home=session.home)
    assert WHO not in again.dataset.users["id"].to_list()
    update(again, Addition(b"user,item,time\n" + grown.replace("17", "16").encode(), "more.csv"), quiet)
    assert WHO not in people(again)
    other_columns = Session.open(source, Mapping(user="user", item="item", time="none"), session.home)
    assert WHO not in other_columns.dataset.users["id"].to_list()
    session.home.remove(session.workspace.key, with_feedback=True)
    assert WHO not in people(session)
    assert WHO in opened(source, source.parent / "another home").dataset.users["id"].to_list()


def test_nor_does_it_under_another_name_where_it_grows(session: Session):
    source = session.identity.path
    forget(session, WHO, train=no_training)
    with source.open("a") as stream:
        stream.write(f"{OTHER},thing-02,1700000000\n")
    assert WHO not in people(session)
    moved = source.rename(
        source.with_name("renamed.csv")
    )  # as it was when it was read last, not when they were forgotten
    assert WHO not in Session.open(moved, home=session.home).dataset.users["id"].to_list()
    with moved.open("a") as stream:
        stream.write(f"{WHO},thing-01,1700000001\n")
    assert WHO not in Session.open(moved, home=session.home).dataset.users["id"].to_list()


def test_other_workspaces_of_the_data_lose_them_too_and_other_data_does_not(session: Session, tmp_path: Path):
    source = session.identity.path
    columns = Session.open(source, Mapping(user="user", item="item", time="none"), session.home)
    columns.load()
    (tmp_path / "elsewhere").mkdir()
    elsewhere = opened(events(tmp_path / "elsewhere" / "other.csv", seed=5), session.home.root)
    copied = tmp_path / "copied.csv"
    copied.write_bytes(source.read_bytes())
    copy = opened(copied, session.home.root)
    assert WHO in people(copy)
    Memory(session.home).write(Remembered(places={elsewhere.workspace.key: Place("users", WHO)}))
    session = Session.open(source, Mapping(), session.home)
    done = forget(session, WHO, train=no_training)
    assert (done.verified, done.other_data, done.removed.data_versions) == (True, 1, 3)
    assert WHO in people(elsewhere)
    assert WHO not in people(opened(copied, session.home.root))
    assert Memory(session.home).read().places[elsewhere.workspace.key].user == WHO
    assert session.home.last_data() is not None


def test_rows_that_were_added_lose_them_and_keep_what_was_added(tmp_path: Path):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    new = f"user,item,time\n{WHO},thing-90,1700000000\nperson-500,thing-90,1700000000\n".encode()
    update(session, Addition(new, "more.csv"), quiet)
    update(session, Addition(f"{WHO},thing-91,1700000001\n".encode(), "only.csv"), quiet)
    done = forget(session, WHO, train=no_training)
    assert (done.verified, done.removed.added_rows_files) == (True, 2)
    assert "person-500" in people(session)
    added = session.workspace.added_files()
    assert [pl.read_parquet(path)["user"].to_list() for path in added] == [["person-500"]]
    found = update(session, Addition(new, "more.csv"), quiet)
    assert (found.rows_new, found.users_new) == (0, 0)


def test_rows_of_somebody_forgotten_that_are_added_later_are_not_even_kept(tmp_path: Path):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    session.load()
    forget(session, WHO, train=no_training)
    new = f"user,item,time\n{WHO},thing-90,1700000000\nperson-500,thing-90,1700000000\n".encode()
    assert update(session, Addition(new, "more.csv"), quiet).users_new == 1
    alone = f"user,item,time\n{WHO},thing-91,1700000001\n".encode()
    assert update(session, Addition(alone, "only.csv"), quiet).rows_new == 0
    added = session.workspace.added_files()
    assert [pl.read_parquet(path)["user"].to_list() for path in added] == [["person-500"]]
    assert list(added[0].parent.iterdir()) == added
    assert update(session, Addition(new, "more.csv"), quiet).rows_new == 0
    assert "person-500" in people(session)
    assert not any(WHO.encode() in path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())


@pytest.mark.parametrize("header", [True, False])
def test_what_came_through_standard_input_loses_them_though_it_is_kept(tmp_path: Path, header: bool):
    content = events(tmp_path / "events.csv").read_bytes()
    content = content if header else content.partition(b"\n")[2]
    home = Home(tmp_path / "home")
    path = home.keep_piped(content)
    session = opened(path, home.root)
    store_model(session)
    before = session.dataset
    done = forget(session, WHO, train=no_training)
    assert done.verified
    assert home.keep_piped(content) == path
    after = opened(path, home.root).dataset
    assert after.users["id"].to_list() == [who for who in before.users["id"].to_list() if who != WHO]
    assert after.interaction_count == before.interaction_count - done.removed.interactions
    assert after.time_kind is before.time_kind
    assert WHO not in pl.read_parquet(path).get_columns()[0].to_list()


def test_rows_that_are_shown_of_the_source_leave_them_out(session: Session):
    forget(session, WHO, train=no_training)
    path, gone = session.identity.path, session.forgotten()
    plain, left = preview(path, rows=1_000), preview(path, rows=1_000, forgotten=gone)
    assert left.rows == tuple(row for row in plain.rows if row[0] != WHO)
    assert len(left.rows) < len(plain.rows)


def test_where_the_source_is_gone_the_stored_data_loses_them(session: Session):
    before = session.dataset.interaction_count
    session.identity.path.unlink()
    done = forget(session, WHO, train=no_training)
    assert done.verified
    left = Session.open(None, home=session.home)
    assert left.dataset.interaction_count == before - done.removed.interactions
    assert WHO not in left.dataset.users["id"].to_list()


def test_the_only_person_takes_the_data_along(tmp_path: Path):
    data = tmp_path / "one.csv"
    data.write_text(f"user,item\n{WHO},a\n{WHO},b\n")
    session = opened(data, tmp_path / "home")
    assert forget(session, WHO).verified
    assert session.workspace.dataset_version() is None


def graph(folder: Path) -> Path:
    """People who follow people; some of them are described, and some are friends."""
    folder.mkdir()
    dice, names = random.Random(8), [f"name{number:02}x" for number in range(30)]
    rows = [f"{who},{whom},follow" for who in names for whom in dice.sample(names, 8) if who != whom]
    (folder / "activity.csv").write_text("\n".join(["user_id,creator_id,action", *rows]) + "\n")
    described = [f"{who},{who.title()} of tea,{whom}" for who, whom in pairwise(names)]
    (folder / "creators.csv").write_text("\n".join(["creator_id,name,teacher", *described]) + "\n")
    friends = [f"{who},{whom}" for who, whom in pairwise(names)]
    (folder / "friends.csv").write_text("\n".join(["user_id,friend_id", *friends]) + "\n")
    return folder


def test_in_a_graph_of_people_they_go_as_an_item_too(tmp_path: Path):
    session = opened(graph(tmp_path / "circle"), tmp_path / "home")
    assert session.dataset.shared_ids
    store_model(session)
    who, events_before, links = "name07x", session.dataset.interaction_count, session.dataset.links.height
    assert who in session.dataset.items["id"].to_list()
    session.feedback.add([("name01x", who, "like"), ("name01x", "name02x", "like")])
    names = ClusterNames(session.workspace.folder)
    names.change(lambda _none: [NamedCluster("tea", {who: 1.0, "name02x": 0.5})])
    key = session.workspace.key
    options = {"pin": [who], "exclude_items": [who, "name03x"]}
    Memory(session.home).write(Remembered(places={key: Place("users", "name01x", options=options)}))
    done = forget(session, who, train=no_training)
    assert done.verified
    rows = (tmp_path / "circle" / "activity.csv").read_text().splitlines()
    assert done.removed.interactions == sum(who in row.split(",") for row in rows)
    assert (done.removed.links, done.removed.feedback, done.removed.cluster_names) == (2, 1, 1)
    after = Session.open(session.identity.path, home=session.home).dataset
    assert after.interaction_count == events_before - done.removed.interactions
    assert who not in after.items["id"].to_list() + after.users["id"].to_list()
    assert after.links.height == links - 2
    assert dict(names.read()[0].signature) == {"name02x": 0.5}
    assert Memory(session.home).read().places[key].options == {"exclude_items": ["name03x"]}
    assert holds(session.workspace.folder, who) == []


def test_somebody_whom_nobody_knows_changes_nothing(session: Session, tmp_path: Path):
    before = tree(session.home.root)
    with pytest.raises(UserError) as told:
        forget(session, "person-999")
    assert told.value.exit_code == 3
    assert tree(session.home.root) == before
    unread = Session.open(session.identity.path, home=Home(tmp_path / "empty"))
    with pytest.raises(UserError) as told:
        forget(unread, "person-999")
    assert told.value.exit_code == 3
    assert not (tmp_path / "empty").exists()


def test_they_can_be_forgotten_before_the_data_was_ever_stored(session: Session, tmp_path: Path):
    unread = Session.open(session.identity.path, home=Home(tmp_path / "empty"))
    assert forget(unread, WHO).verified
    assert WHO not in people(unread)


def test_once_more_says_so_and_looks_again(session: Session):
    assert not forget(session, WHO, train=no_training).already
    (session.workspace.folder / "comparison.json").write_text("{}")
    again = forget(session, WHO, train=no_training)
    assert (again.already, again.verified, again.removed.derived, again.retrained) == (True, True, [], ())
    (session.workspace.folder / "note.json").write_text(f'{{"user": "{WHO}"}}')
    found = forget(session, WHO, train=no_training)
    assert [(one.path.name, one.place) for one in found.scan.found] == [("note.json", "user")]
    assert not found.verified


def test_their_pseudonym_is_looked_for_too_wherever_it_stands(session: Session):
    tag = pseudonyms_for(session.home.root, session.identity.path).of(WHO)
    session.home.log_path.parent.mkdir()
    session.home.log_path.write_text(f"no list for {tag} today\n")
    (session.workspace.folder / "note.json").write_text(f'{{"anything": "{tag}"}}')
    found = forget(session, WHO, train=no_training)
    assert [(one.path.name, one.place) for one in found.scan.found] == [("note.json", "anything")]
    assert session.home.log_path.read_text() == "no list for [forgotten] today\n"
    assert found.removed.log_lines == 1


def test_while_a_training_runs_it_is_refused_and_changes_nothing(session: Session):
    before = tree(session.home.root)
    with in_use(session.workspace.folder), pytest.raises(UserError) as told:
        forget(session, WHO, train=no_training)
    assert (told.value.message_id, told.value.exit_code) == ("forget.in_use", 1)
    assert tree(session.home.root) == before


def test_nobody_writes_them_back_who_had_read_the_data_before(session: Session):
    old, other = session.dataset, Session.open(session.identity.path, home=session.home)
    other.load()
    log = AbLog(session.workspace.folder)
    test = log.start("deep", "ease", "interleave", "00ff")
    visit = log.visit(test, WHO, None, "model")
    forget(session, WHO, train=no_training)
    for write in (lambda: other.adopt(old), lambda: store_model(other)):
        with pytest.raises(UserError) as told:
            write()
        assert (told.value.message_id, told.value.exit_code) == ("forget.forgotten_meanwhile", 1)
    writes = (
        lambda: other.feedback.add([(WHO, "thing-01", "like")]),
        lambda: log.visit(test, WHO, None, "model"),
        lambda: log.show(visit, [("thing-01", "a")]),
        lambda: log.note(visit, [("thing-01", "like", "a")]),
    )
    for write in writes:
        with pytest.raises(UserError) as told:
            write()
        assert told.value.message_id == "forget.is_forgotten"
    Memory(session.home).write(Remembered(places={session.workspace.key: Place("users", WHO)}))
    assert Memory(session.home).read().places[session.workspace.key].user is None
    assert forget(session, WHO, train=no_training).verified


def test_an_interrupted_training_leaves_them_gone_and_the_next_call_trains(session: Session):
    store_model(session, "standard")

    def interrupt(_session: Session, _request: TrainingRequest) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forget(session, WHO, train=interrupt)
    assert session.workspace.models() == []
    assert holds(session.workspace.folder, WHO) == []
    asked: list[TrainingRequest] = []
    done = forget(session, WHO, train=lambda _session, request: asked.append(request))
    assert {request.preset for request in asked} == {"quick", "standard"}
    assert (done.verified, set(done.retrained)) == (True, {"quick-next", "standard-next"})
    assert not Plan(session.workspace.folder).exists()


def test_the_next_call_waits_for_the_training_of_one_that_was_stopped(session: Session):
    def interrupt(_session: Session, _request: TrainingRequest) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forget(session, WHO, train=interrupt)
    ends = threading.Event()

    def train() -> None:
        with in_use(session.workspace.folder):
            begun.set()
            ends.wait(0.5)

    begun = threading.Event()
    training = threading.Thread(target=train)
    training.start()
    assert begun.wait(10)
    try:
        assert forget(session, WHO, train=no_training).verified
    finally:
        ends.set()
        training.join()


DIES = """
import os, pathlib, shutil, sys
left = [int(sys.argv[3])]
def dying(function):
    def step(*arguments, **options):
        left[0] -= 1
        if left[0] < 0:
            os._exit(9)
        return function(*arguments, **options)
    return step
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
session = Session.open(sys.argv[1], home=Home(pathlib.Path(sys.argv[2])))
for name in ("rename", "replace", "unlink", "write_text"):
    setattr(pathlib.Path, name, dying(getattr(pathlib.Path, name)))
shutil.rmtree, os.fsync = dying(shutil.rmtree), dying(os.fsync)
forget(session, sys.argv[4], train=lambda *_: None)
os._exit(left[0] == 0)
"""


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.8, 0.97])
def test_killed_at_any_moment_it_leaves_what_can_be_used_and_goes_on_the_next_time(session: Session, share: float):
    session.feedback.add([(WHO, "thing-01", "like")])
    steps = int(share * 40)
    done = subprocess.run(
        [sys.executable, "-c", DIES, str(session.identity.path), str(session.home.root), str(steps), WHO],
        check=False,
        timeout=60,
    )
    assert done.returncode == 9
    again = Session.open(session.identity.path, home=session.home)
    assert again.dataset.user_count in (59, 60)  # it can be used
    asked: list[TrainingRequest] = []
    found = forget(again, WHO, train=lambda _session, request: asked.append(request))
    assert found.verified
    assert [request.preset for request in asked] == ["quick"]
    assert holds(session.home.root, WHO) == []
    assert WHO not in people(again)


def test_rows_that_went_before_are_written_over_too(session: Session):
    item = session.dataset.items["id"][0]
    session.feedback.add([(WHO, item, "like")])
    (log,) = (path for path in session.workspace.folder.glob("feedback*") if path.stat().st_size)
    database = sqlite3.connect(log)
    database.execute("PRAGMA secure_delete = OFF")
    database.execute("DELETE FROM feedback")
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    database.close()
    assert any(log.name in name for name in holds(session.workspace.folder, WHO))
    forget(session, WHO, train=no_training)
    assert not any(log.name in name for name in holds(session.workspace.folder, WHO))


def test_what_somebody_still_reads_is_not_said_to_be_written_over(session: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scrubbing, "SECONDS_TO_WAIT", 0.1)
    log = AbLog(session.workspace.folder)
    test = log.start("deep", "ease", "split", "salt")
    log.show(log.visit(test, WHO, "a", "m"), [("thing-01", "a")])
    with closing(sqlite3.connect(log.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sessions").fetchall()
        with pytest.raises(UserError) as said:
            forget(session, WHO, train=no_training)
    assert said.value.message_id == "ab.log_busy"
    assert forget(session, WHO, train=no_training).verified
    assert not any(log.path.name in name for name in holds(session.workspace.folder, WHO))


def test_the_home_folder_may_be_moved_when_somebody_is_forgotten(session: Session, tmp_path: Path):
    forget(session, WHO, train=no_training)
    assert opened(session.identity.path, session.home.root).looks_stored
    (tmp_path / "home").rename(tmp_path / "moved")
    moved = Session.open(session.identity.path, home=Home(tmp_path / "moved"))
    assert moved.looks_stored
    assert WHO not in moved.dataset.users["id"].to_list()


@pytest.mark.parametrize("instead", ["nothing", "a folder", "a link"])
def test_they_are_gone_from_data_whose_manifest_somebody_took_away(session: Session, instead: str):
    (manifest,) = session.workspace.folder.glob("data/*/manifest.json")
    kept = manifest.rename(manifest.with_name("kept"))
    if instead == "a folder":
        manifest.mkdir()
    elif instead == "a link":
        manifest.symlink_to("nowhere")
    assert forget(session, WHO, train=no_training).verified
    assert not kept.exists()


SWAPPED = Mapping(user="item", item="user")


def swapped_items(session: Session) -> list[str]:
    return Session.open(session.identity.path, SWAPPED, session.home).dataset.items["id"].to_list()


@pytest.mark.parametrize("before", [True, False])
def test_nor_do_they_come_back_as_an_item_where_columns_are_read_the_other_way_round(session: Session, before: bool):
    if before:
        assert WHO in swapped_items(session)
    done = forget(session, WHO, train=no_training)
    assert done.verified
    assert not done.scan.elsewhere
    assert WHO not in swapped_items(session)
    assert OTHER in swapped_items(session)
    moved = session.identity.path.rename(session.identity.path.with_name("moved.csv"))
    assert WHO not in Session.open(moved, SWAPPED, session.home).dataset.items["id"].to_list()
    shown = preview(moved, SWAPPED, forgotten=Session.open(moved, SWAPPED, session.home).forgotten())
    assert not any(WHO in row for row in shown.rows)


def test_somebody_whose_id_is_a_name_of_the_programs_own_can_be_verified(tmp_path: Path):
    data = events(tmp_path / "events.csv")
    data.write_text(data.read_text().replace(WHO, "user"))
    session = opened(data, tmp_path / "home")
    done = forget(session, "user", train=no_training)
    assert done.verified
    assert done.scan.elsewhere


def test_where_nobody_is_left_that_is_said(tmp_path: Path):
    data = tmp_path / "events.csv"
    data.write_text("user,item\nanna,a\nanna,b\n")
    session = opened(data, tmp_path / "home")
    forget(session, "anna", train=no_training)
    with pytest.raises(UserError, match=r"^Everybody in .*events\.csv is forgotten\.$"):
        opened(data, tmp_path / "home")


@pytest.mark.parametrize("name", ["events.csv", "renamed.csv"])
@pytest.mark.parametrize("at_its_old_place", [False, True])
def test_they_are_gone_from_where_the_data_lay_before(tmp_path: Path, name: str, at_its_old_place: bool):
    old = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    store_model(old)
    before = people(old)
    (tmp_path / "new").mkdir()
    path = old.identity.path.rename(tmp_path / "new" / name)
    new = opened(path, tmp_path / "home")
    other = opened(events(tmp_path / "other.csv", seed=5), tmp_path / "home")
    (tmp_path / "other.csv").unlink()
    done = forget(old if at_its_old_place else new, WHO, train=no_training)
    assert (done.scan.found, done.other_data, done.removed.models) == ([], 1, ["quick-next"])
    left = [one for one in before if one != WHO]
    stored = [one.workspace.load_dataset() for one in (old, new)]
    assert [one.users["id"].to_list() for one in stored if one is not None] == [left, left]
    third = other.workspace.load_dataset()
    assert third is not None
    assert WHO in third.users["id"].to_list()
    events(old.identity.path, seed=6)  # grown there, or another copy
    assert WHO not in people(opened(old.identity.path, tmp_path / "home"))
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy(path, again / "copy.csv")
    assert WHO not in people(opened(again / "copy.csv", tmp_path / "home"))


@pytest.mark.parametrize("in_the_longer", [False, True])
def test_they_are_gone_from_what_is_stored_of_a_copy_that_grew(tmp_path: Path, in_the_longer: bool):
    """By its beginning it is the same data, so that the mark keeps them out of it: what is stored is no other data."""
    first = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    copy = Path(shutil.copy(first.identity.path, tmp_path / "copy.csv"))
    with copy.open("a") as stream:
        stream.write(first.identity.path.read_text().splitlines()[-1] + "\n")
    grown = opened(copy, tmp_path / "home")
    store_model(first)
    store_model(grown)
    done = forget(grown if in_the_longer else first, WHO, train=no_training)
    assert (done.scan.found, done.other_data, len(done.removed.models)) == ([], 0, 2)
    assert not holds(tmp_path / "home", WHO)
    assert WHO not in people(opened(first.identity.path, tmp_path / "home"))
    assert WHO not in people(opened(copy, tmp_path / "home"))


@pytest.mark.parametrize("in_the_longer", [False, True])
@pytest.mark.parametrize("another_there_now", [False, True])
def test_they_are_gone_from_where_the_data_lay_before_it_grew(
    tmp_path: Path, in_the_longer: bool, another_there_now: bool
):
    """What is there now, if anything, looks and begins otherwise: what was read of it then is known."""
    old = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    store_model(old)
    (tmp_path / "new").mkdir()
    path = old.identity.path.rename(tmp_path / "new" / "events.csv")
    with path.open("a") as stream:
        stream.write(path.read_text().splitlines()[-1] + "\n")
    new = opened(path, tmp_path / "home")
    other = opened(events(tmp_path / "other.csv", seed=5), tmp_path / "home")
    if another_there_now:
        events(old.identity.path, seed=6)
    done = forget(new if in_the_longer else old, WHO, train=no_training)
    assert (done.scan.found, done.other_data, done.removed.models) == ([], 1, ["quick-next"])
    for one in (old, new):
        stored = one.workspace.load_dataset()
        assert stored is not None
        assert WHO not in stored.users["id"].to_list()
    third = other.workspace.load_dataset()
    assert third is not None
    assert WHO in third.users["id"].to_list()


def test_they_are_gone_from_a_copy_of_what_the_data_held_when_somebody_was_forgotten_before(tmp_path: Path):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    copy = Path(shutil.copy(session.identity.path, tmp_path / "copy.csv"))
    forget(session, OTHER, train=no_training)
    assert people(opened(copy, tmp_path / "home")) == people(session)
    events(session.identity.path, seed=5)  # it is other data there now
    done = forget(opened(session.identity.path, tmp_path / "home"), WHO, train=no_training)
    assert (done.scan.found, done.other_data) == ([], 0)
    left = people(opened(copy, tmp_path / "home"))
    assert WHO not in left
    assert OTHER not in left


def test_what_was_cleaned_is_looked_through_though_rows_that_were_piped_in_are_alike_no_more(tmp_path: Path):
    home = tmp_path / "home"
    for name in ("one", "two"):
        (home / "piped" / name).mkdir(parents=True)
    first = opened(events(home / "piped" / "one" / "input"), home)
    rows = first.identity.path.read_text()
    copy = home / "piped" / "two" / "input"
    copy.write_text(rows + f"{OTHER}," + rows.splitlines()[-1].split(",", 1)[1] + "\n")
    grown = opened(copy, home)
    done = forget(first, WHO, train=no_training)
    assert (done.scan.found, done.other_data) == ([], 0)
    assert WHO not in people(grown)
    assert not holds(home / "piped", WHO)
