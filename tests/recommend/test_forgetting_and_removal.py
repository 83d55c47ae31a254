"""Workspaces that are removed while somebody has them open: who is forgotten stays out of what is written then."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recsys_tui.output.errors import UserError
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.session import Session
from recsys_tui.store import home as home_module
from recsys_tui.store.home import Home
from recsys_tui.store.remembered import Memory, Place, Remembered
from recsys_tui.store.version_folder import set_aside
from recsys_tui.tui.taking.saving import save
from tests.recommend.people_to_forget import WHO, events, holds, no_training, opened

OTHER = "person-018"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """As an open workbench has it: somebody was forgotten by another process, and then the workspace removed."""
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    forget(Session.open(session.identity.path, home=session.home), WHO, train=no_training)
    session.home.remove(session.workspace.key)
    return session


def test_nothing_of_who_is_forgotten_is_written_down_where_the_workspace_was_removed(session: Session, tmp_path: Path):
    with pytest.raises(UserError) as said:
        session.feedback.add([(WHO, "thing-01", "like")])
    assert said.value.message_id == "forget.is_forgotten"
    with pytest.raises(UserError) as said:
        save(b"user\n" + WHO.encode(), tmp_path / "list.csv", session, named=[WHO])
    assert said.value.message_id == "forget.named_meanwhile"
    Memory(session.home).write(Remembered().with_place(session.workspace.key, Place("users", WHO)))
    assert not holds(session.home.root, WHO)
    assert not (tmp_path / "list.csv").exists()


def test_what_others_say_counts_there_again(session: Session):
    session.feedback.add([(OTHER, "thing-01", "like")])
    assert opened(session.identity.path, session.home.root).feedback.of(OTHER).liked == ("thing-01",)


@pytest.mark.parametrize("behind", [False, True], ids=["in the home", "behind a link"])
def test_a_removal_that_died_is_finished_by_whoever_forgets_or_removes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind: bool
):
    piped = Home(tmp_path / "home").keep_piped(events(tmp_path / "events.csv").read_bytes())
    disk = tmp_path / "disk"
    for forgets in (True, False):
        session = opened(piped, tmp_path / "home")
        Memory(session.home).write(Remembered().with_place(session.workspace.key, Place("users", WHO)))
        if behind:
            session.workspace.folder.rename(disk)
            session.workspace.folder.symlink_to(disk)
        with monkeypatch.context() as patched:
            patched.setattr(home_module, "set_aside", dies_having_set_aside)
            with pytest.raises(Killed):
                session.home.remove(session.workspace.key)
        other = opened(events(tmp_path / "other.csv"), tmp_path / "home")
        if forgets:
            assert forget(other, WHO, train=no_training).verified
        else:
            session.home.remove(other.workspace.key)
        assert not disk.exists()
        assert not piped.exists()
        assert not list((tmp_path / "home" / "workspaces").glob(".*"))
        assert session.workspace.key not in Memory(session.home).read().places
        assert session.home.keep_piped((tmp_path / "events.csv").read_bytes()) == piped


def test_what_lies_where_a_removal_that_died_had_left_a_link_to_stays(tmp_path: Path):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    folder, disk = session.workspace.folder, tmp_path / "disk"
    for dies in (True, False):
        folder.rename(disk)
        folder.symlink_to(disk)
        if dies:
            set_aside(folder)
            shutil.rmtree(disk)
            session = opened(session.identity.path, session.home.root)
            session.feedback.add([(OTHER, "thing-01", "like")])
    other = opened(events(tmp_path / "other.csv"), tmp_path / "home")
    session.home.remove(other.workspace.key)
    assert session.feedback.of(OTHER).liked == ("thing-01",)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_data_that_lies_where_a_link_leads_for_what_is_piped_in_stays_as_it_is(tmp_path: Path):
    disk, home = tmp_path / "disk", tmp_path / "home"
    (disk / "mine").mkdir(parents=True)
    home.mkdir()
    (home / "piped").symlink_to(disk)
    source = events(disk / "mine" / "events.csv")
    before = source.read_bytes()
    session = opened(source, home)
    assert forget(session, WHO, train=no_training).verified
    assert source.read_bytes() == before
    session.home.remove(session.workspace.key)
    assert source.read_bytes() == before


class Killed(BaseException):
    pass


def dies_having_set_aside(folder: Path) -> None:
    set_aside(folder)
    raise Killed
