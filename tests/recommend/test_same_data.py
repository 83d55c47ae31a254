"""Which of what is stored is of the same data, beside what nobody can look at and notes that are none."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.output.errors import UserError
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.same_data import SameData
from recsys_tui.recommend.session import Session
from recsys_tui.recommend.updating import Addition, update
from recsys_tui.store.home import Home
from recsys_tui.store.tombstones import Tombstones
from recsys_tui.store.version_folder import MANIFEST, sealed
from tests.recommend.people_to_forget import WHO, events, holds, no_training, opened

OTHER = "person-018"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that any account may look into."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_that_nobody_may_look_into_or_a_path_that_leads_nowhere_hinders_nobody(shared: Path):
    closed, data = shared / "closed", shared / "events.csv"
    closed.mkdir()
    data.write_text("user,item\nanna,x\n")
    home = Home(shared / "home")
    home.root.mkdir()
    for path in (closed / "other.csv", shared / ("n" * 300), data):
        Tombstones(home.root).add(path, "bert")
    for path in (home.root / "forgotten.json", home.root / "forget.key"):
        path.chmod(0o644)
    root = os.geteuid() == 0
    closed.chmod(0)
    if root:
        os.seteuid(65534)
    try:
        assert SameData(home, data).paths == {data}
    finally:
        if root:
            os.seteuid(0)
        closed.chmod(0o700)


@pytest.mark.parametrize("look", [5, None, "x", [[1], {}], [None, 2]])
def test_looks_of_files_that_are_none_hinder_nobody(tmp_path: Path, look: object):
    data, other = events(tmp_path / "events.csv"), events(tmp_path / "other.csv", seed=5)
    opened(data, tmp_path / "home")
    (manifest,) = opened(other, tmp_path / "home").workspace.folder.glob(f"data/*/{MANIFEST}")
    manifest.write_text(json.dumps(sealed(json.loads(manifest.read_text()) | {"stamp": {str(other): look}})))
    assert SameData(Home(tmp_path / "home"), data).paths == {data}


def test_a_mark_of_a_path_that_is_none_is_damaged(tmp_path: Path):
    Tombstones(tmp_path).add(tmp_path / "a.csv", "anna")
    marks = tmp_path / "forgotten.json"
    marks.write_text(json.dumps({"format": 1, "sources": [{"path": "\0", "people": []}]}))
    with pytest.raises(UserError):
        SameData(Home(tmp_path), tmp_path / "b.csv")


def test_the_same_rows_added_to_two_data_do_not_make_them_one(tmp_path: Path):
    one, other = (opened(events(tmp_path / f"{n}.csv", seed=n), tmp_path / "home") for n in (1, 2))
    rows = b"user,item,time\nperson-001,thing-90,1700000000\nperson-002,thing-91,1700000000\n"
    for session in (one, other):
        update(session, Addition(rows, "more.csv"), lambda _sentence: None)
    forget(one, WHO, train=no_training)
    assert WHO in people_in(other)
    # As data of their own they are of both, and who is forgotten of them goes from either, from now on too.
    alone = tmp_path / "alone.csv"
    alone.write_bytes(rows)
    forget(opened(alone, tmp_path / "home"), "person-001", train=no_training)
    assert [WHO in people_in(session) for session in (one, other)] == [False, True]
    assert not any("person-001" in people_in(session) for session in (one, other))
    forget(other, "person-002", train=no_training)
    alone.write_bytes(rows + b"person-003,thing-90,1700000001\n")
    assert people_in(opened(alone, tmp_path / "home")) == ["person-003"]
    assert [WHO in people_in(session) for session in (one, other)] == [False, True]


def test_a_folder_does_not_make_one_of_what_lies_in_it(tmp_path: Path):
    folder = tmp_path / "two"
    folder.mkdir()
    read = opened(events(folder / "ratings.csv", seed=1), tmp_path / "home")
    (tmp_path / "far.csv").write_bytes(read.identity.path.read_bytes())
    copy = opened(tmp_path / "far.csv", tmp_path / "home")
    beside = opened(events(folder / "visits.csv", seed=2), tmp_path / "home")
    around = opened(folder, tmp_path / "home")
    assert around.dataset.files == (read.identity.path,)
    forget(beside, WHO, train=no_training)
    opened(folder, tmp_path / "home")
    assert [WHO in people_in(session) for session in (read, copy, beside)] == [True, True, False]
    forget(read, OTHER, train=no_training)
    with beside.identity.path.open("a") as stream:  # and is read anew
        stream.write("person-001,thing-90,1700000000\n")
    assert [OTHER in people_in(session) for session in (read, copy, around, beside)] == [False] * 3 + [True]
    forget(around, "person-019", train=no_training)
    assert not any("person-019" in people_in(session) for session in (read, copy, around, beside))


def test_what_lies_in_a_folder_loses_whom_a_copy_of_the_folder_loses(tmp_path: Path):
    """Stored as it is when it is read anew: who is forgotten of a folder stays out of what lies in it."""
    first, second, far = tmp_path / "first", tmp_path / "second", tmp_path / "far.csv"
    for folder in (first, second):
        folder.mkdir()
        events(folder / "ratings.csv", seed=1)
        events(folder / "visits.csv", seed=2)
    around, beside = opened(first, tmp_path / "home"), opened(first / "visits.csv", tmp_path / "home")
    other = opened(events(far, seed=3), tmp_path / "home")
    done = forget(opened(second, tmp_path / "home"), WHO, train=no_training)
    assert (done.verified, done.other_data) == (True, 1)
    stored = [session.workspace.load_dataset() for session in (around, beside, other)]
    assert [one is not None and WHO in one.users["id"].to_list() for one in stored] == [False, False, True]


def test_a_folder_loses_who_is_forgotten_of_a_copy_of_a_file_in_it(tmp_path: Path):
    folder, copy = tmp_path / "two", tmp_path / "copy.csv"
    folder.mkdir()
    events(folder / "ratings.csv", seed=1)
    inside = opened(events(folder / "visits.csv", seed=2), tmp_path / "home")
    copy.write_bytes(inside.identity.path.read_bytes())
    around = opened(folder, tmp_path / "home")
    beside = opened(folder / "ratings.csv", tmp_path / "home")
    forget(opened(copy, tmp_path / "home"), WHO, train=no_training)
    stored = [session.workspace.load_dataset() for session in (inside, around, beside)]
    assert [one is not None and WHO in one.users["id"].to_list() for one in stored] == [False, False, True]


@pytest.mark.parametrize("more", [b"", b"person-new,thing-90,1700000000\n"])
def test_rows_of_other_data_that_are_added_bring_nobody_back_who_is_forgotten_of_it(tmp_path: Path, more: bytes):
    """And the same id stays in the data that they are added to."""
    one, other = (opened(events(tmp_path / f"{n}.csv", seed=n), tmp_path / "home") for n in (1, 2))
    own = other.dataset.interactions.height
    theirs = one.identity.path.read_bytes()
    gone = theirs.count(WHO.encode())
    forget(one, WHO, train=no_training)
    update(other, Addition(theirs + more, "more.csv"), lambda _sentence: None)
    now = opened(other.identity.path, tmp_path / "home").dataset
    assert now.interactions.height == own + theirs.count(b"person-") - gone + bool(more)
    assert WHO in now.users["id"].to_list()
    forget(other, WHO, train=no_training)
    assert not holds(tmp_path / "home", WHO)


def people_in(session: Session) -> list[str]:
    """Who is in some data when it is opened anew."""
    return opened(session.identity.path, session.home.root).dataset.users["id"].to_list()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is read as ratings, with other data beside these; all of it was read."""
    folder = tmp_path / "two"
    folder.mkdir()
    for seed, name in enumerate(("ratings.csv", "visits.csv")):
        opened(events(folder / name, seed=seed), tmp_path / "home")
    opened(folder, tmp_path / "home")
    return folder


@pytest.mark.parametrize("folder_first", [True, False])
def test_who_is_forgotten_of_a_file_stays_in_what_lies_beside_it_whatever_is_forgotten_of_the_folder(
    folder: Path, tmp_path: Path, folder_first: bool
):
    ratings, visits, whole = (opened(path, tmp_path / "home") for path in (*sorted(folder.iterdir()), folder))
    asked = [(whole, OTHER), (ratings, WHO)]
    for session, who in asked if folder_first else reversed(asked):
        forget(session, who, train=no_training)
    with visits.identity.path.open("a") as stream:  # and is read anew
        stream.write("person-001,thing-90,1700000000\n")
    assert [WHO in people_in(session) for session in (ratings, whole, visits)] == [False, False, True]
    assert not any(OTHER in people_in(session) for session in (ratings, whole, visits))


def test_who_is_forgotten_of_a_folder_stays_out_of_its_files_wherever_these_are_found(folder: Path, tmp_path: Path):
    far, near = tmp_path / "far.csv", opened(events(tmp_path / "near.csv", seed=9), tmp_path / "home")
    far.write_bytes((folder / "visits.csv").read_bytes())
    stored = opened(far, tmp_path / "home")
    assert WHO in people_in(stored)
    forget(opened(folder, tmp_path / "home"), WHO, train=no_training)
    assert WHO not in people_in(stored)
    update(near, Addition(far.read_bytes(), "far.csv"), lambda _sentence: None)
    assert not any(WHO.encode() in path.read_bytes() for path in near.workspace.added_files())
    moved = folder.rename(tmp_path / "moved")
    opened(moved, tmp_path / "home")
    for path in (moved, moved / "visits.csv", moved / "ratings.csv"):
        assert WHO not in people_in(opened(path, tmp_path / "home"))


def test_rows_that_were_added_and_begin_with_the_data_lose_who_is_forgotten_of_it(tmp_path: Path):
    log, other = (opened(events(tmp_path / f"{n}.csv", seed=n), tmp_path / "home") for n in (1, 2))
    grown = log.identity.path.read_bytes() + b"person-001,thing-77,1700000000\n"
    update(other, Addition(grown, "log.csv"), lambda _sentence: None)
    for who in (WHO, OTHER):
        forget(log, who, train=no_training)
        log.identity.path.unlink(missing_ok=True)
        assert who not in people_in(other)
        assert not any(who in pl.read_parquet(path)["user"].to_list() for path in other.workspace.added_files())
