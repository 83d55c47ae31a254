"""A process of its own reads what is large: what it stores serves who waited, and its end is told or mended."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path

import pytest

from recsys_tui.data.load import load_dataset
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend import reading_ahead
from recsys_tui.recommend.reading_ahead import ReadingAhead
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home

ROWS = "user,item,time\n" + "".join(f"u{n % 50},i{n % 31},{1_600_000_000 + n}\n" for n in range(2_000))


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reading_ahead, "LARGE", len(ROWS))
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def begun(source: Path, home: Home) -> ReadingAhead:
    ahead = ReadingAhead.where_worthwhile(Session.open(source, home=home))
    assert ahead is not None
    return ahead


def test_what_it_read_is_stored(source: Path, home: Home, monkeypatch: pytest.MonkeyPatch):
    steps: list[str] = []
    said = begun(source, home).wait(lambda step, _share: steps.append(step))
    assert steps == ["finding", "reading", "cleaning", "describing"]
    expected = load_dataset(source)
    monkeypatch.setattr("recsys_tui.data.load.load_dataset", None)  # nobody reads the source again
    session = Session.open(source, home=home)
    assert session.dataset.interactions.equals(expected.interactions)
    assert session.dataset.users.equals(expected.users)
    assert said is not None
    monkeypatch.setattr("recsys_tui.data.overview.describe", None)
    session.take_overview(said["overview"], said["crowd"])
    assert session.overview.rows == 2_000
    assert session.overview.ratings == ()
    assert session.overview.periods[0].count == 2_000
    assert ReadingAhead.where_worthwhile(Session.open(source, home=home)) is None


def test_the_overview_made_while_it_is_stored_is_the_one_of_what_is_stored(source: Path, home: Home, tmp_path: Path):
    at_once, after = Session.open(source, home=home), Session.open(source, home=Home(tmp_path / "other"))
    at_once.load(describe=True)
    assert "overview" in at_once.__dict__
    assert "overview" not in after.__dict__
    assert at_once.overview.to_json() == after.overview.to_json()


def test_what_cannot_be_stored_is_told_though_it_is_described(
    source: Path, home: Home, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise UserError("store.disk_full", path=home.root)

    session = Session.open(source, home=home)
    monkeypatch.setattr(session.workspace, "save_dataset", full)
    with pytest.raises(UserError, match="full"):
        session.load(describe=True)
    assert "overview" not in session.__dict__


@pytest.mark.parametrize("differs", ["crowd", "data"])
def test_an_overview_of_something_else_is_not_taken(source: Path, home: Home, differs: str):
    said = begun(source, home).wait(lambda *_: None)
    assert said is not None
    session = Session.open(source, home=home)
    document = said["overview"] | ({"interactions": 7} if differs == "data" else {"items": 7})
    session.take_overview(document, said["crowd"] + (differs == "crowd"))
    assert session.overview.items == 31
    assert session.overview.interactions == session.dataset.interaction_count


def test_a_source_that_changed_is_read_again(source: Path, home: Home):
    begun(source, home).wait(lambda *_: None)
    source.write_text(ROWS + "new,i0,1700000000\n")
    begun(source, home).wait(lambda *_: None)
    assert Session.open(source, home=home).dataset.user_count == 51


def test_what_is_little_is_read_here(source: Path, home: Home):
    source.write_text(ROWS[: len(ROWS) // 2].rpartition("\n")[0])
    assert ReadingAhead.where_worthwhile(Session.open(source, home=home)) is None


@pytest.mark.parametrize("what", ["begin", "tempfile.TemporaryFile"])
def test_without_a_further_process_it_is_read_here(
    source: Path, home: Home, monkeypatch: pytest.MonkeyPatch, what: str
):
    def none_left(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(f"recsys_tui.recommend.reading_ahead.{what}", none_left)
    assert ReadingAhead.where_worthwhile(Session.open(source, home=home)) is None


def test_a_folder_counts_as_its_tables(tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading_ahead, "LARGE", 3 * len(ROWS))
    folder = tmp_path / "days"
    folder.mkdir()
    for day in range(3):
        (folder / f"events{day}.csv").write_text(ROWS)
    begun(folder, home).wait(lambda *_: None)
    assert Session.open(folder, home=home).looks_stored


def test_who_reads_hears_why_it_failed(source: Path, home: Home):
    source.write_bytes(b"\x00\x01\x02" * len(ROWS))
    begun(source, home).wait(lambda *_: None)
    session = Session.open(source, home=home)
    assert not session.looks_stored
    with pytest.raises(UserError) as caught:
        _ = session.dataset
    assert caught.value.exit_code == ExitCode.USAGE


def test_that_the_system_ended_it_is_told(source: Path, home: Home):
    ahead = begun(source, home)
    os.kill(ahead._process.pid, signal.SIGKILL)
    with pytest.raises(UserError) as caught:
        ahead.wait(lambda *_: None)
    assert caught.value.exit_code == ExitCode.FAILED
    assert str(source) in str(caught.value)
    assert "memory" in str(caught.value)


def test_one_that_is_stopped_is_gone_and_no_failure(source: Path, home: Home):
    ahead = begun(source, home)
    ahead.stop()
    assert ahead._process.returncode is not None
    ahead.wait(lambda *_: None)
    assert Session.open(source, home=home).dataset.user_count == 50


def test_it_ends_with_its_parent(source: Path, home: Home, tmp_path: Path):
    """Somebody kills the workbench: the child notices where it has something to tell."""
    written = os.fork()
    if written == 0:
        ahead = begun(source, home)
        (tmp_path / "pid").write_text(str(ahead._process.pid))
        os._exit(0)
    os.waitpid(written, 0)
    pid = int((tmp_path / "pid").read_text())
    end = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert not Session.open(source, home=home).looks_stored
