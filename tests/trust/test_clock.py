"""A clock that goes backwards: what was said or stored last still counts, and nothing waits for the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys_tui.evaluate.ab.outcomes import over
from recsys_tui.recommend.session import Session
from recsys_tui.store import version_folder
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.ab_records import VISIT_MILLISECONDS
from recsys_tui.store.feedback_log import FeedbackLog
from recsys_tui.store.home import Home
from recsys_tui.store.stored_versions import ModelKey
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.store.workspace import Workspace

NOW = 1_800_000_000_000  # milliseconds
DAY = 24 * 60 * 60 * 1_000
KEY = ModelKey("quick", "next", 0, "cpu")


def test_what_was_said_last_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    log = FeedbackLog(tmp_path / "workspace")
    for day, (item, verdict) in enumerate([("a", "like"), ("b", "like"), ("a", "dislike"), ("b", None)]):
        monkeypatch.setattr("time.time_ns", lambda day=day: (NOW - day * DAY) * 1_000_000)
        log.add([("7", item, verdict)])
    assert log.of("7") == Verdicts((), ("a",))


def test_the_model_that_was_stored_last_answers_though_its_rival_was_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Killed between storing a model and removing the one before, with a clock that was put back."""
    clock = datetime(2026, 1, 2, tzinfo=UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return clock

    monkeypatch.setattr(version_folder, "datetime", Clock)
    monkeypatch.setattr("recsys_tui.store.workspace.remove_version", lambda _folder: None)
    workspace = Workspace(tmp_path / "workspace")
    for number in range(3):
        workspace.save_model(KEY, {"number": number}, {"number": np.array([number])})
        clock -= timedelta(days=1)
    assert len(workspace.models()) == 3
    found = workspace.find_model("next")
    assert found is not None
    assert found.manifest["number"] == 2


def test_data_that_was_written_again_is_seen_by_any_change_of_its_time(tmp_path: Path, home: Home):
    import os

    path = tmp_path / "data.csv"
    for number, seconds in enumerate((2_000_000_000, 1_000_000_000)):
        path.write_text("user,item\n" + "".join(f"u{n},i{n % 2 + number}\n" for n in range(6)))
        os.utime(path, (seconds, seconds))
        items = Session.open(path, home=home).dataset.items["id"].to_list()
        assert items == [f"i{number}", f"i{number + 1}"]


@pytest.mark.parametrize("back", [VISIT_MILLISECONDS, 400 * DAY])
def test_a_visit_ends_where_the_clock_is_put_back(tmp_path: Path, back: int):
    log = AbLog(tmp_path / "workspace")
    test = log.start("deep", "ease", "interleave", "00" * 16, NOW)
    first = log.visit(test, "7", None, "quick", NOW)
    log.show(first, [("x", "a")], NOW)
    assert log.visit(test, "7", None, "quick", NOW - 60_000) == first
    later = log.visit(test, "7", None, "quick", NOW - back)
    assert (later.number, later.visit) == (first.number + 1, 2)
    log.show(later, [("y", "b")], NOW - back)
    visits, _ = log.record(test)
    assert over(visits, test, NOW - back) == visits[:1]
    assert log.stop(NOW - back).stopped == NOW - back
