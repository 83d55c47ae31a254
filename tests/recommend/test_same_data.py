"""Which of what is stored is of the same data, beside what nobody can look at and notes that are none."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys_tui.output.errors import UserError
from recsys_tui.recommend.same_data import SameData
from recsys_tui.store.home import Home
from recsys_tui.store.tombstones import Tombstones
from recsys_tui.store.version_folder import MANIFEST, sealed
from tests.recommend.people_to_forget import events, opened


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
