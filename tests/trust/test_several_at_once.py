"""Several processes that begin with the same new data at the same moment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from tests.trust.killed_acts import PEOPLE, check_home, nothing_left, write_data


def test_all_read_it_and_one_version_is_left(tmp_path: Path, home: Home):
    data = tmp_path / "data.csv"
    write_data(data)
    command = [sys.executable, "-m", "recsys_tui", "inspect", str(data), "--json", "--home", str(home.root)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(3)]
    answers = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert [json.loads(answer)["users"] for answer in answers] == [PEOPLE] * 3
    session = Session.open(data, home=home)
    assert session.dataset.user_count == PEOPLE
    assert len([*(session.workspace.folder / "data").iterdir()]) == 1
    check_home(home)
    nothing_left(home)
