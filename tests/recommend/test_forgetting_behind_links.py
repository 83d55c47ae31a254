"""Parts of the home folder that were moved, as to a larger disk, with links left in their places: who is forgotten is
gone from where they lie."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest

from recsys_tui.output.errors import UserError
from recsys_tui.recommend.forgetting import forget
from recsys_tui.recommend.session import Session
from recsys_tui.recommend.updating import Addition, update
from recsys_tui.store import version_folder
from recsys_tui.store.array_file import write_arrays
from recsys_tui.store.version_folder import digest, remove_version
from tests.nobody import as_nobody
from tests.recommend.people_to_forget import WHO, events, no_training, opened, store_model, tree


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    store_model(session)
    return session


def moved(path: Path, disk: Path) -> Path:
    """Where something lies once it is moved and a link left in its place."""
    disk.mkdir(exist_ok=True)
    place = path.rename(disk / path.name)
    path.symlink_to(place)
    return place


@pytest.mark.parametrize(
    "part", ["data", "models", "data/*", "models/*", "data/*/users.parquet", "models/*/*.safetensors"]
)
def test_who_is_forgotten_is_gone_where_a_part_lies_that_was_moved(session: Session, tmp_path: Path, part: str):
    disk = tmp_path / "disk"
    before = [moved(path, disk) for path in sorted(session.workspace.folder.glob(part))]
    assert before
    assert forget(session, WHO, train=no_training).verified
    assert not any(WHO.encode() in content for content in tree(disk).values())
    assert not any(WHO in pl.read_parquet(table)["id"].to_list() for table in disk.rglob("users.parquet"))
    assert not [link for link in session.workspace.folder.rglob("*") if link.is_symlink() and not link.exists()]


@pytest.mark.parametrize("part", ["data/*", "models/*", "data/*/users.parquet", "models/*/*.safetensors"])
def test_what_a_forgetting_that_died_had_set_aside_is_gone_where_it_lies(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
):
    disk = tmp_path / "disk"
    places = [moved(path, disk) for path in sorted(session.workspace.folder.glob(part))]
    (version,) = session.workspace.folder.glob(part.split("/", maxsplit=1)[0] + "/*")
    with monkeypatch.context() as patched:
        patched.setattr(version_folder, "_moved_files", _stopped)
        with pytest.raises(KeyboardInterrupt):
            remove_version(version)
    assert places
    assert all(place.exists() for place in places)
    assert forget(session, WHO, train=no_training).verified
    assert not [path for path in disk.rglob("*") if path.is_file()]


def _stopped(_folder: Path) -> list[Path]:
    raise KeyboardInterrupt


@pytest.mark.parametrize("part", ["ab_arms", "ab_arms/*", "ab_arms/*/arm.safetensors"])
def test_arms_of_tests_that_were_moved_go_where_they_lie(session: Session, tmp_path: Path, part: str):
    arrays = {"people": np.zeros(3, np.float32)}
    version_folder.write_version(
        session.workspace.folder / "ab_arms", "als", {}, lambda folder: write_arrays(folder / "arm.safetensors", arrays)
    )
    disk = tmp_path / "disk"
    for path in sorted(session.workspace.folder.glob(part)):
        moved(path, disk)
    assert forget(session, WHO, train=no_training).verified
    assert not [path for path in disk.rglob("*") if path.is_file()]


@pytest.mark.parametrize("part", ["workspaces", "workspaces/*", "workspaces/*/models"])
def test_what_was_moved_into_a_folder_of_data_is_looked_at_too(session: Session, tmp_path: Path, part: str):
    (lake := tmp_path / "lake").mkdir()
    events(lake / "events.csv")
    opened(lake, session.home.root)
    (session.workspace.folder / "models" / "notes.json").write_text(json.dumps({"user": WHO}))
    for path in sorted(session.home.root.glob(part)):
        if session.workspace.folder.is_relative_to(path) or path.is_relative_to(session.workspace.folder):
            moved(path, lake / "moved")
    found = forget(session, WHO, train=no_training).scan.found
    assert [one.path.name for one in found] == ["notes.json"]


def test_what_a_link_leads_to_that_is_no_version_or_no_file_of_one_stays(session: Session, tmp_path: Path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    (version,) = session.workspace.folder.glob("models/*")
    (version.with_name("quick-later-7")).symlink_to(mine)
    (table,) = version.glob("*.safetensors")
    table.unlink()
    table.symlink_to(mine / "notes.txt")
    assert forget(session, WHO, train=no_training).verified
    assert (mine / "notes.txt").read_text() == "mine"
    assert not list(session.workspace.folder.glob("models/*"))


def test_a_file_of_the_home_that_lies_elsewhere_is_looked_at(session: Session, tmp_path: Path):
    (session.workspace.folder / "notes.json").write_text(json.dumps({"user": WHO}))
    moved(session.workspace.folder / "notes.json", tmp_path / "disk")
    (found,) = forget(session, WHO, train=no_training).scan.found
    assert found.path.name == "notes.json"


def test_what_lies_beside_the_files_of_a_version_that_was_moved_stays(session: Session, tmp_path: Path):
    """Also what its manifest names by a path, as none that the program wrote does."""
    (version,) = session.workspace.folder.glob("models/*")
    place = moved(version, tmp_path / "disk")
    (place / "mine.txt").write_text("mine")
    (tmp_path / "other.txt").write_text("other")
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["files"]["../../other.txt"] = {"blake2b": digest(tmp_path / "other.txt")}
    (place / "manifest.json").write_text(json.dumps(manifest))
    remove_version(version)
    assert [path.name for path in place.iterdir()] == ["mine.txt"]
    assert (tmp_path / "other.txt").exists()
    assert not list(version.parent.iterdir())


@pytest.mark.parametrize("behind", [False, True])
def test_a_version_of_which_the_manifest_may_not_be_read_goes_unless_files_of_it_were_moved(behind: bool):
    """Of what was moved nobody could tell where it lies once the links are gone."""

    def work() -> int:
        with TemporaryDirectory() as folder:
            version = Path(folder, "model-1")
            version.mkdir()
            (version / "manifest.json").touch(0o000)
            if behind:
                moved(version, Path(folder, "disk"))
            try:
                remove_version(version)
            except UserError:
                return 2
            return len(list(version.parent.iterdir()))

    assert as_nobody(work) == (2 if behind else 0)


def test_what_was_set_aside_and_lies_where_nothing_may_be_removed_keeps_nobody_from_writing():
    """Who forgets later is told."""

    def work() -> int:
        with TemporaryDirectory() as folder:
            version = version_folder.write_version(
                Path(folder, "models"), "quick", {}, lambda place: write_arrays(place / "a.safetensors", {})
            )
            place = moved(version / "a.safetensors", Path(folder, "disk"))
            place.parent.chmod(0o500)
            aside = version_folder.set_aside(version)
            try:
                version_folder.sweep_partial(aside.parent)
                with pytest.raises(PermissionError):
                    version_folder.remove_aside(aside)
                return 0 if (aside / place.name).exists() else 2
            finally:
                place.parent.chmod(0o700)

    assert as_nobody(work) == 0


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("others", [True, False], ids=["with others", "alone"])
def test_added_rows_that_were_moved_lose_them_where_they_lie(tmp_path: Path, kind: str, others: bool):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    rows = pl.DataFrame({"user": [WHO, "person-018"], "item": ["thing-01", "thing-02"], "time": [1_640_000_000] * 2})
    rows = rows if others else rows.head(1)
    added = tmp_path / f"added.{kind}"
    (rows.write_csv if kind == "csv" else rows.write_parquet)(added)
    update(session, Addition(added.read_bytes(), added.name), lambda _sentence: None)
    (kept,) = session.workspace.added_files()
    place = moved(kept, tmp_path / "disk")
    assert forget(session, WHO, train=no_training).verified
    assert not place.exists() or WHO not in pl.read_parquet(place)["user"].to_list()
    assert place.exists() == (others and kind == "parquet")
    left = [pl.read_parquet(path)["user"].to_list() for path in session.workspace.added_files()]
    assert left == ([["person-018"]] if others else [])


@pytest.mark.parametrize("read_there", [False, True], ids=["not read since", "read since"])
def test_they_are_gone_from_where_the_data_lay_before_a_link_was_left_in_its_place(
    session: Session, tmp_path: Path, read_there: bool
):
    moved(session.identity.path, tmp_path / "disk")
    now = Session.open(session.identity.path, home=session.home)
    assert now.workspace.key != session.workspace.key
    if read_there:
        now.load()
    for _ in range(2):
        assert forget(now, WHO, train=no_training).verified
    for table in session.home.root.rglob("users.parquet"):
        assert WHO not in pl.read_parquet(table)["id"].to_list()


@pytest.mark.parametrize("part", ["data", "models", "data/*", "models/*/*.safetensors", "added", "added/*"])
def test_with_a_workspace_goes_what_was_moved_from_it(session: Session, tmp_path: Path, part: str):
    added = session.workspace.keep_added(b"user,item\nperson-018,thing-01\n", ".csv")
    assert added is not None
    session.workspace.count_added(added)
    disk = tmp_path / "disk"
    assert [moved(path, disk) for path in sorted(session.workspace.folder.glob(part))]
    session.home.remove(session.workspace.key)
    assert not list(disk.iterdir())


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("goes", ["first", "later", "with the workspace"])
def test_added_rows_are_known_where_they_lie_when_somebody_was_forgotten_before(tmp_path: Path, kind: str, goes: str):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    if goes == "first":  # before the rows come
        forget(session, WHO, train=no_training)
    rows = pl.DataFrame(
        {"user": [WHO, "person-018", "person-019"], "item": ["thing-01"] * 3, "time": [1_640_000_000] * 3}
    )
    added = tmp_path / f"added.{kind}"
    (rows.write_csv if kind == "csv" else rows.write_parquet)(added)
    update(session, Addition(added.read_bytes(), added.name), lambda _sentence: None)
    if goes != "first":
        forget(session, WHO, train=no_training)
    (kept,) = session.workspace.added_files()
    place = moved(kept, tmp_path / "disk")
    if goes == "with the workspace":
        session.home.remove(session.workspace.key)
        assert not place.exists()
    else:
        again = Session.open(session.identity.path, home=session.home)
        assert forget(again, "person-018", train=no_training).verified
        assert pl.read_parquet(place)["user"].to_list() == ["person-019"]
